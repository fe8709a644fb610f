//! On loopback, with raw sockets: what is on the wire, and what each way to break looks like.

use super::*;
use crate::loopback::Act::{self, HalfClose, Hold, Reset, Send, Until, Wait};
use crate::loopback::{mark, serve, target};
use std::time::Duration;

/// What an exchange with a server of these acts comes to, by its marks.
async fn outcome(acts: Vec<Act>) -> (Exchange, Vec<u8>) {
    let (place, task) = serve(acts).await;
    let mut target = target(place, "GET", "/x");
    target.connect.max_time = Duration::from_millis(1500);
    let exchange = exchange(&target).await;
    (exchange, task.await.unwrap())
}

const END: &[u8] = b"\r\n\r\n";

#[tokio::test]
async fn what_is_shown_is_what_was_sent() {
    let (place, task) = serve(vec![Until(b"hello"), Send(b"HTTP/1.1 204 No Content\r\n\r\n")]).await;
    let mut target = target(place, "POST", "/a%20b?q=ü");
    target.headers.push("X-Mixed", "  keep", Span::default());
    target.headers.push("x-mixed", "twice", Span::default());
    target.body = Some(b"hello".to_vec());
    let exchange = exchange(&target).await;
    let wire = task.await.unwrap();
    let text = format!(
        "POST /a%20b?q=ü HTTP/1.1\r\nHost: {place}\r\nX-Mixed:   keep\r\nx-mixed: twice\r\nContent-Length: 5\r\n\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&exchange.head), text);
    assert_eq!(wire, [exchange.head.as_slice(), b"hello"].concat());
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.response.unwrap().status, Some(204));
    assert_eq!(
        (exchange.request.complete, exchange.request.headers.first("host")),
        (true, Some(place.to_string().as_str()))
    );
    assert_eq!(mark(&exchange.marks, "probe.http"), Some("answered"));
    assert!(exchange.timings.total.unwrap() >= exchange.timings.wait.unwrap());
}

#[tokio::test]
async fn nothing_is_smuggled() {
    for (name, value) in [("X-A", "b\r\nX-C: d"), ("X A", "b"), ("", "b")] {
        let (place, task) = serve(vec![Hold]).await;
        let mut target = target(place, "GET", "/");
        target.headers.push(name, value, Span::default());
        let exchange = exchange(&target).await;
        assert_eq!(exchange.failure.unwrap().wrong, Wrong::Local, "{name}");
        assert!(exchange.head.is_empty());
        assert!(task.await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn answers_are_read_in_every_framing() {
    for (answer, body) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"[..], "good"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\ngo\r\n2\r\nod\r\n0\r\nX-Sum: 7\r\n\r\n",
            "good",
        ),
        (b"HTTP/1.0 200 OK\r\n\r\ngood", "good"),
        (b"HTTP/1.1 200 OK\nContent-Length: 4\n\ngood", "good"),
        (b"\r\nHTTP/1.1 200\r\nContent-Length: 4\r\n\r\ngood", "good"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood", "good"),
        (b"HTTP/2 200\r\ncontent-length: 4\r\n\r\ngood", "good"),
    ] {
        let (exchange, _) = outcome(vec![Until(END), Send(answer), HalfClose]).await;
        assert_eq!(exchange.failure, None, "{}", String::from_utf8_lossy(answer));
        let response = exchange.response.unwrap();
        assert_eq!((response.status, response.body.unwrap().text.as_str()), (Some(200), body));
        assert!(response.complete);
        let chunked = answer.windows(7).any(|w| w == b"chunked");
        assert_eq!(response.trailers.first("x-sum"), chunked.then_some("7"));
        let early = answer.windows(5).any(|w| w == b"Early");
        assert_eq!(mark(&exchange.marks, "probe.http.interim"), early.then_some("103"));
    }
}

#[tokio::test]
async fn each_way_to_break_is_told_apart() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
    let wrong = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\nzz\r\n";
    let cases = [
        ("RST instead of an answer", vec![Until(END), Reset], Phase::Wait, Wrong::Reset, "reset", None),
        ("FIN instead of an answer", vec![Until(END), HalfClose], Phase::Wait, Wrong::Closed, "closed", None),
        ("silence", vec![Until(END), Hold], Phase::Wait, Wrong::Timeout, "timeout", None),
        (
            "half a head",
            vec![Until(END), Send(b"HTTP/1.1 200 OK\r\nConte"), HalfClose],
            Phase::Wait,
            Wrong::Closed,
            "closed",
            None,
        ),
        (
            "RST in the body",
            vec![Until(END), Send(head), Wait(100), Reset],
            Phase::Receive,
            Wrong::Reset,
            "incomplete",
            Some("abc"),
        ),
        (
            "FIN in the body",
            vec![Until(END), Send(head), HalfClose],
            Phase::Receive,
            Wrong::Closed,
            "incomplete",
            Some("abc"),
        ),
        (
            "a body that stalls",
            vec![Until(END), Send(head), Hold],
            Phase::Receive,
            Wrong::Timeout,
            "incomplete",
            Some("abc"),
        ),
        (
            "a chunk cut",
            vec![Until(END), Send(chunk), HalfClose],
            Phase::Receive,
            Wrong::Closed,
            "incomplete",
            Some("ab"),
        ),
        (
            "a chunk of a wrong size",
            vec![Until(END), Send(wrong), Hold],
            Phase::Receive,
            Wrong::Protocol,
            "incomplete",
            Some("ab"),
        ),
    ];
    for (what, acts, phase, wrong, mark_is, body) in cases {
        let (exchange, _) = outcome(acts).await;
        let failure = exchange.failure.unwrap();
        assert_eq!((failure.phase, failure.wrong), (phase, wrong), "{what}: {}", failure.words);
        assert_eq!(mark(&exchange.marks, "probe.http"), Some(mark_is), "{what}");
        assert_eq!(mark(&exchange.marks, "probe.http.phase"), Some(phase.word()), "{what}");
        let gave_up = mark(&exchange.marks, "probe.http.gave_up_after_ms").is_some();
        assert_eq!(gave_up, wrong == Wrong::Timeout, "{what}");
        let shown = exchange.response.map(|r| r.body.unwrap().text);
        assert_eq!(shown.as_deref(), body, "{what}");
    }
}

#[tokio::test]
async fn a_slow_drip_is_still_an_answer() {
    let acts = vec![
        Until(END),
        Send(b"HT"),
        Wait(30),
        Send(b"TP/1.1 20"),
        Wait(30),
        Send(b"0 OK\r\nContent-Le"),
        Wait(30),
        Send(b"ngth: 2\r\n\r"),
        Wait(30),
        Send(b"\no"),
        Wait(30),
        Send(b"k"),
        Hold,
    ];
    let (exchange, _) = outcome(acts).await;
    assert_eq!(exchange.failure, None);
    assert!(exchange.timings.receive.unwrap() > 50.0, "{:?}", exchange.timings);
    assert_eq!(mark(&exchange.marks, "probe.http.got"), Some("40"));
}

#[tokio::test]
async fn what_is_no_http_is_named() {
    for (bytes, kind, alert) in [
        (&b"\x15\x03\x01\x00\x02\x02\x28"[..], "tls_alert", Some("40")),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "ssh", None),
        (b"220 mail.example.com ESMTP\r\n", "smtp_ftp", None),
        (b"<html>oops</html>", "headless", None),
        (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00abc", "http2", None),
        (b"-ERR unknown command\r\n", "redis", None),
        (b"hello there", "text", None),
        (b"\x80\x81\x82\xff", "binary", None),
    ] {
        let (exchange, _) = outcome(vec![Until(END), Send(bytes), Hold]).await;
        assert_eq!(exchange.failure.unwrap().wrong, Wrong::Protocol);
        assert_eq!(mark(&exchange.marks, "probe.http"), Some("garbage"));
        assert_eq!(mark(&exchange.marks, "probe.http.garbage"), Some(kind));
        assert_eq!(mark(&exchange.marks, "tls.alert"), alert);
    }
}

#[tokio::test]
async fn an_answer_that_comes_early_is_read() {
    let answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
    let (place, task) = serve(vec![Until(END), Send(answer), HalfClose]).await;
    let mut large = target(place, "POST", "/");
    large.body = Some(vec![b'x'; 24 << 20]);
    let exchange = exchange(&large).await;
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.response.unwrap().status, Some(413));
    assert_eq!(mark(&exchange.marks, "probe.http.early"), Some("true"));
    assert!(task.await.unwrap().len() < 24 << 20);
}

#[tokio::test]
async fn a_body_waits_for_its_permission() {
    let acts = vec![
        Until(END),
        Send(b"HTTP/1.1 100 Continue\r\n\r\n"),
        Until(b"BODY"),
        Send(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
    ];
    for (acts, status, sent) in [
        (acts, 201, true),
        (vec![Until(END), Send(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"), Hold], 417, false),
    ] {
        let (place, task) = serve(acts).await;
        let mut target = target(place, "POST", "/");
        target.headers.push("Expect", "100-continue", Span::default());
        target.body = Some(b"BODY".to_vec());
        let exchange = exchange(&target).await;
        assert_eq!(exchange.response.as_ref().unwrap().status, Some(status));
        assert_eq!(task.await.unwrap().ends_with(b"BODY"), sent);
        assert_eq!(mark(&exchange.marks, "probe.http.body_sent"), (!sent).then_some("no"));
    }
}

#[tokio::test]
async fn bodies_are_unpacked_where_that_is_known() {
    use flate2::{Compression, write};
    use std::io::Write;
    let mut gzip = write::GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(b"packed").unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(b"packed").unwrap();
    let zlib = zlib.finish().unwrap();
    let mut bare = write::DeflateEncoder::new(Vec::new(), Compression::default());
    bare.write_all(b"packed").unwrap();
    let bare = bare.finish().unwrap();
    for (coding, bytes) in [("gzip", &gzip), ("deflate", &zlib), ("deflate", &bare)] {
        let shown = body::decode(coding, bytes, bytes.len() as u64, true);
        assert_eq!((shown.body.text.as_str(), shown.fault, shown.left), ("packed", None, None), "{coding}");
    }
    let shown = body::decode("gzip", b"plain text", 10, true);
    assert_eq!(shown.fault.as_deref(), Some("gzip"));
    let shown = body::decode("br", b"\x0b\x02", 2, true);
    assert_eq!(
        (shown.left.as_deref(), shown.body.text.as_str()),
        (Some("br"), "[2 bytes, encoded with br, not decoded]")
    );
    // A bomb stays small.
    let mut bomb = write::GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 32 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(body::decode("gzip", &bomb, bomb.len() as u64, true).body.size <= BODY_KEPT);
}

#[tokio::test]
async fn a_document_is_fetched_whole_or_not_at_all() {
    let got = async |answer: &'static [u8], limit: usize| {
        let (place, _task) = serve(vec![Until(END), Send(answer), HalfClose]).await;
        fetch(&target(place, "GET", "/crm.yaml"), limit).await
    };
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
    assert_eq!(got(whole, 4).await, Ok(b"good".to_vec()));
    for (answer, limit, why) in [
        (&whole[..], 3, "at most 0 MiB"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 99, "got 404"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 99, "got 302"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", 99, "3 of 9 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", 99, "got br"),
    ] {
        let refused = got(answer, limit).await.unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}
