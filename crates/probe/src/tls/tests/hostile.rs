//! Servers that are too old, speak something else, or nothing, or nonsense.

use super::pki::{leaf, self_signed};
use super::servers::{answer, answers, old_flight, read_record, record, serve};
use super::{HOST, marks, says, shake};
use crate::{Connect, Wrong};
use socket2::SockRef;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn an_old_server_is_asked_what_it_would_take() {
    let certificate = self_signed(&leaf()).chain[0].to_vec();
    let flight = old_flight(0x0301, 0x002f, &certificate);
    // One that takes the hello and picks its own version.
    let shaken = shake(answers(&flight).await, HOST, &Connect::default()).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["version"], "{:?}", shaken.step);
    assert_eq!(marks(&shaken, "probe.tls.server_version"), ["TLS 1.0"]);
    assert_eq!(marks(&shaken, "probe.tls.offered"), ["TLS 1.2, TLS 1.3"]);
    assert!(says(&shaken.step, "the server takes TLS 1.0 at most"));
    assert!(says(&shaken.step, "signed by itself"), "its chain is shown all the same");
    // One that answers the new hello with an alert.
    let flight = Arc::new(flight);
    let refusing = serve(move |stream, number| {
        let alert = Arc::new(record(21, &[2, 70]));
        answer(stream, if number == 0 { alert } else { Arc::clone(&flight) })
    });
    let shaken = shake(refusing.await, HOST, &Connect::default()).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["version"]);
    assert_eq!(marks(&shaken, "probe.tls.server_version"), ["TLS 1.0"]);
    assert_eq!(marks(&shaken, "tls.alert"), ["70"]);
    // One that refuses both.
    let shaken = shake(answers(&record(21, &[2, 70])).await, HOST, &Connect::default()).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["version"]);
    assert_eq!(shaken.failure.unwrap().wrong, Wrong::Alert);
}

#[tokio::test]
async fn no_shared_cipher_and_a_bare_alert() {
    let flight = Arc::new(old_flight(0x0303, 0x000a, &[]));
    let picky = serve(move |stream, number| {
        let alert = Arc::new(record(21, &[2, 40]));
        answer(stream, if number == 0 { alert } else { Arc::clone(&flight) })
    });
    let shaken = shake(picky.await, HOST, &Connect::default()).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["no_shared_cipher"]);
    assert_eq!(marks(&shaken, "probe.tls.server_cipher"), ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"]);
    for (number, mark) in [
        (40, "alert"),
        (80, "alert"),
        (112, "unrecognized_name"),
        (120, "no_shared_alpn"),
        (116, "client_certificate_required"),
    ] {
        let shaken = shake(answers(&record(21, &[2, number])).await, HOST, &Connect::default()).await;
        assert_eq!(marks(&shaken, "probe.tls"), [mark]);
        assert_eq!(marks(&shaken, "tls.alert"), [number.to_string()]);
    }
}

#[tokio::test]
async fn other_protocols_are_named() {
    for (bytes, mark, like) in [
        (&b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..], "plain_http", "http"),
        (b"220 mail.example.test ESMTP\r\n", "other_protocol", "smtp"),
        (b"\x05\x00", "other_protocol", "socks5"),
        (b"\x1b]0;owned\x07", "other_protocol", "unknown"),
    ] {
        let shaken = shake(answers(bytes).await, HOST, &Connect::default()).await;
        assert_eq!(marks(&shaken, "probe.tls"), [mark], "{:?}", shaken.step);
        assert_eq!(marks(&shaken, "probe.tls.looks_like"), [like]);
        assert!(shaken.marks.iter().all(|(_, value)| !value.contains('\x1b')));
    }
    // One that greets before it is asked.
    let ssh = serve(|mut stream, _| async move {
        drop(stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await);
        read_record(&mut stream).await;
    });
    let shaken = shake(ssh.await, HOST, &Connect::default()).await;
    assert_eq!(marks(&shaken, "probe.tls.looks_like"), ["ssh"], "{:?}", shaken.step);
    assert_eq!(marks(&shaken, "probe.tls.first_line"), ["SSH-2.0-OpenSSH_9.6"]);
}

#[tokio::test]
async fn closed_reset_and_silent() {
    let closing = serve(|mut stream, _| async move {
        read_record(&mut stream).await;
    });
    let shaken = shake(closing.await, HOST, &Connect::default()).await;
    assert_eq!((marks(&shaken, "probe.tls"), shaken.failure.as_ref().unwrap().wrong), (vec!["closed"], Wrong::Closed));
    let resetting = serve(|mut stream, _| async move {
        read_record(&mut stream).await;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let shaken = shake(resetting.await, HOST, &Connect::default()).await;
    assert_eq!((marks(&shaken, "probe.tls"), shaken.failure.as_ref().unwrap().wrong), (vec!["reset"], Wrong::Reset));
    let connect = Connect { connect_timeout: Duration::from_millis(200), ..Connect::default() };
    let shaken = shake(answers(b"").await, HOST, &connect).await;
    assert_eq!(
        (marks(&shaken, "probe.tls"), shaken.failure.as_ref().unwrap().wrong),
        (vec!["timeout"], Wrong::Timeout)
    );
    let shaken = shake(answers(b"").await, "not a name", &connect).await;
    assert_eq!(shaken.failure.unwrap().wrong, Wrong::Local);
}

#[tokio::test]
async fn nonsense_of_every_kind_ends_with_a_word() {
    let flight = old_flight(0x0303, 0xc02f, &self_signed(&leaf()).chain[0]);
    let mut state = 7_u32;
    let mut kinds: Vec<Vec<u8>> = vec![
        vec![22, 3, 3, 0xff, 0xff],
        vec![22, 3, 3, 0, 4, 2, 0xff, 0xff, 0xff],
        record(22, &[2, 0, 0, 0]),
        record(21, &[2]),
        record(21, &[0; 300]),
        record(23, &[9; 64]),
        vec![0; 4096],
        vec![0xff; 70_000],
        record(22, &[11, 0, 0, 6, 0, 0, 3, 0, 0, 0]),
    ];
    for _ in 0..40 {
        let mut bytes = flight.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = usize::try_from(state >> 8).unwrap() % bytes.len();
            bytes[at] = u8::try_from(state & 0xff).unwrap();
        }
        kinds.push(bytes);
    }
    let connect = Connect { connect_timeout: Duration::from_millis(150), insecure: true, ..Connect::default() };
    for bytes in kinds {
        let shaken = shake(answers(&bytes).await, HOST, &connect).await;
        assert!(shaken.stream.is_none());
        assert_eq!(marks(&shaken, "probe.tls").len(), 1, "{:?}", shaken.step);
        assert!(!shaken.failure.unwrap().words.is_empty());
    }
}
