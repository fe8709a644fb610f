//! A server on loopback for tests: a program of bytes, waits and ends for its one connection.

use crate::Target;
use firstfault_model::Url;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One act of a server on its first connection.
pub(crate) enum Act {
    /// Reads until these bytes came.
    Until(&'static [u8]),
    /// Writes.
    Send(&'static [u8]),
    /// Waits so many milliseconds.
    Wait(u64),
    /// Ends with a RST.
    Reset,
    /// Ends with a FIN, and reads on until the other side ends.
    HalfClose,
    /// Keeps the connection until the other side ends it.
    Hold,
}

/// A server for one connection; gives what it read.
pub(crate) async fn serve(acts: Vec<Act>) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        perform(&mut stream, acts).await
    });
    (place, task)
}

async fn perform(stream: &mut TcpStream, acts: Vec<Act>) -> Vec<u8> {
    let mut got = Vec::new();
    let mut part = [0; 4096];
    for act in acts {
        match act {
            Act::Until(end) => {
                while !got.windows(end.len()).any(|w| w == end) {
                    match stream.read(&mut part).await {
                        Ok(count) if count > 0 => got.extend_from_slice(&part[..count]),
                        _ => break,
                    }
                }
            }
            Act::Send(bytes) => stream.write_all(bytes).await.unwrap(),
            Act::Wait(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Act::Reset => stream.set_zero_linger().unwrap(),
            Act::HalfClose | Act::Hold => {
                if matches!(act, Act::HalfClose) {
                    stream.shutdown().await.unwrap();
                }
                while let Ok(count @ 1..) = stream.read(&mut part).await {
                    got.extend_from_slice(&part[..count]);
                }
            }
        }
    }
    got
}

pub(crate) fn target(place: SocketAddr, method: &str, path: &str) -> Target {
    let mut target =
        Target { method: method.to_owned(), url: Url::parse(&format!("http://{place}{path}")), ..Target::default() };
    target.connect.max_time = Duration::from_secs(20);
    target
}

pub(crate) fn mark<'e>(marks: &'e [(String, String)], name: &str) -> Option<&'e str> {
    marks.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}
