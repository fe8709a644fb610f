//! HTTP/2 against a server of the same crate, and against what is none.

use super::*;
use crate::loopback::{Act, mark, serve};
use bytes::Bytes;
use firstfault_model::Url;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

fn target(place: SocketAddr, method: &str) -> Target {
    let mut target =
        Target { method: method.to_owned(), url: Url::parse(&format!("http://{place}/p?q=1")), ..Target::default() };
    target.connect.http = Versions::Http2;
    target.connect.max_time = Duration::from_secs(10);
    target.headers.push("X-Own", "1", Span::default());
    target.headers.push("Connection", "keep-alive", Span::default());
    target
}

/// What the server does with the one request.
#[derive(Clone, Copy)]
enum Does {
    Answers,
    Resets(::h2::Reason),
    GoesAway(::h2::Reason),
    BreaksOff,
}

async fn server(does: Does) -> (SocketAddr, tokio::task::JoinHandle<(http::Request<()>, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = ::h2::server::handshake(stream).await.unwrap();
        let (request, mut respond) = connection.accept().await.unwrap().unwrap();
        let (parts, mut incoming) = request.into_parts();
        let mut body = Vec::new();
        let work = async {
            if matches!(does, Does::Answers) {
                while let Some(part) = incoming.data().await {
                    let part = part.unwrap();
                    incoming.flow_control().release_capacity(part.len()).unwrap();
                    body.extend_from_slice(&part);
                }
            }
            match does {
                Does::Answers | Does::BreaksOff => {
                    let head = http::Response::builder().status(200).header("x-id", "7").body(()).unwrap();
                    let mut stream = respond.send_response(head, false).unwrap();
                    stream.send_data(Bytes::from_static(b"hello"), false).unwrap();
                    if matches!(does, Does::BreaksOff) {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        stream.send_reset(::h2::Reason::INTERNAL_ERROR);
                    } else {
                        let mut trailers = http::HeaderMap::new();
                        trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
                        stream.send_trailers(trailers).unwrap();
                    }
                }
                Does::Resets(reason) => respond.send_reset(reason),
                Does::GoesAway(_) => {}
            }
        };
        tokio::select! {
            () = work => {}
            _ = std::future::poll_fn(|cx| connection.poll_closed(cx)) => {}
        }
        if let Does::GoesAway(reason) = does {
            connection.abrupt_shutdown(reason);
        }
        let _ =
            tokio::time::timeout(Duration::from_secs(2), std::future::poll_fn(|cx| connection.poll_closed(cx))).await;
        (http::Request::from_parts(parts, ()), body)
    });
    (place, task)
}

#[tokio::test]
async fn a_request_goes_in_frames() {
    let (place, task) = server(Does::Answers).await;
    let mut asked = target(place, "POST");
    asked.body = Some(vec![b'x'; 200_000]);
    let exchange = exchange(&asked).await;
    assert_eq!(exchange.failure, None);
    let response = exchange.response.unwrap();
    assert_eq!((response.status, response.version.as_deref()), (Some(200), Some("HTTP/2")));
    assert_eq!((response.headers.first("x-id"), response.trailers.first("grpc-status")), (Some("7"), Some("0")));
    assert_eq!(response.body.unwrap().text, "hello");
    assert_eq!(mark(&exchange.marks, "probe.http.version"), Some("HTTP/2"));
    let head = String::from_utf8(exchange.head).unwrap();
    let expected = format!(
        ":method: POST\r\n:scheme: http\r\n:authority: {place}\r\n:path: /p?q=1\r\nx-own: 1\r\ncontent-length: 200000\r\n\r\n"
    );
    assert_eq!(head, expected);
    let (request, body) = task.await.unwrap();
    assert_eq!(body.len(), 200_000);
    assert_eq!(request.headers().len(), 2);
    assert_eq!(request.uri().to_string(), format!("http://{place}/p?q=1"));
}

#[tokio::test]
async fn errors_of_frames_have_their_names() {
    for (does, frame, code, phase) in [
        (Does::Resets(::h2::Reason::REFUSED_STREAM), "RST_STREAM", "REFUSED_STREAM", Phase::Wait),
        (Does::Resets(::h2::Reason::HTTP_1_1_REQUIRED), "RST_STREAM", "HTTP_1_1_REQUIRED", Phase::Wait),
        (Does::GoesAway(::h2::Reason::ENHANCE_YOUR_CALM), "GOAWAY", "ENHANCE_YOUR_CALM", Phase::Wait),
        (Does::GoesAway(::h2::Reason::NO_ERROR), "GOAWAY", "NO_ERROR", Phase::Wait),
        (Does::BreaksOff, "RST_STREAM", "INTERNAL_ERROR", Phase::Receive),
    ] {
        let (place, _task) = server(does).await;
        let exchange = exchange(&target(place, "GET")).await;
        let failure = exchange.failure.unwrap();
        assert_eq!((failure.phase, failure.wrong), (phase, Wrong::Protocol), "{}", failure.words);
        assert_eq!(mark(&exchange.marks, "probe.http"), Some("h2_error"));
        assert_eq!(mark(&exchange.marks, "probe.http.h2"), Some(frame));
        assert_eq!(mark(&exchange.marks, "probe.http.h2.code"), Some(code));
        assert_eq!(exchange.response.is_some(), phase == Phase::Receive);
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_http2_is_named() {
    let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for (acts, outcome, garbage, wrong) in [
        (vec![Act::Until(b"SM\r\n\r\n"), Act::Send(answer), Act::HalfClose], "garbage", Some("http1"), Wrong::Protocol),
        (vec![Act::Until(b"SM\r\n\r\n"), Act::HalfClose], "closed", None, Wrong::Closed),
        (vec![Act::Until(b"SM\r\n\r\n"), Act::Reset], "reset", None, Wrong::Reset),
    ] {
        let (place, _task) = serve(acts).await;
        let exchange = exchange(&target(place, "GET")).await;
        assert_eq!(exchange.failure.as_ref().unwrap().wrong, wrong, "{:?}", exchange.failure);
        assert_eq!(mark(&exchange.marks, "probe.http"), Some(outcome));
        assert_eq!(mark(&exchange.marks, "probe.http.garbage"), garbage);
    }
}
