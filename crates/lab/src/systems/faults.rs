//! Faults of connections, and of who speaks what on a port: each real on the wire.

use super::old_tls::end;
use super::{Opened, System, orders};
use crate::server::{Answer, Asked, Reply, Wire, converse, perform};
use crate::world::{Handler, World};
use rustls::ServerConfig;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// For `firstfault lab`: one port, a fault on each path.
pub const SYSTEMS: &[System] = &[System {
    name: "wire",
    port: 8100,
    what: "breaks the wire by path: /reset /cut-by-reset /half-close /drip /cut-chunks /short /garbage /empty /silence",
    start: |world| {
        Box::pin(async move {
            let at = world.serve("wire", 8100, None, |asked| async move { by_path(&asked) }).await?;
            let mut opened = Opened::at(at);
            for (path, shows) in PATHS {
                opened = opened.with(shows, ["--max-time".to_owned(), "5".to_owned(), format!("http://{at}{path}")]);
            }
            Ok(opened)
        })
    },
}];

const PATHS: [(&str, &str); 9] = [
    ("/reset", "a RST in place of an answer"),
    ("/cut-by-reset", "a RST in the middle of the body"),
    ("/half-close", "a FIN in place of an answer, and the server goes on reading"),
    ("/drip", "a byte a second"),
    ("/cut-chunks", "chunks that end early"),
    ("/short", "a Content-Length that is not reached"),
    ("/garbage", "no HTTP at all"),
    ("/empty", "closed without a byte"),
    ("/silence", "never an answer"),
];

fn by_path(asked: &Asked) -> Answer {
    let acts = match asked.path.as_str() {
        "/reset" => vec![Wire::Reset],
        "/cut-by-reset" => cut_by_reset(),
        "/half-close" => vec![Wire::HalfClose],
        "/drip" => drip(),
        "/cut-chunks" => cut_chunks(),
        "/short" => short(),
        "/garbage" => vec![Wire::Send(SSH.to_vec())],
        "/empty" => Vec::new(),
        "/silence" => silence(),
        _ => return orders::answer(asked).into(),
    };
    Answer::Wire(acts)
}

/// The first line of an SSH server.
pub const SSH: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";

/// The orders as they should come, and the head before them.
fn whole() -> (String, Vec<u8>) {
    let asked = Asked { method: "GET".to_owned(), path: "/v1/orders".to_owned(), ..Asked::default() };
    let reply = orders::answer(&asked);
    let mut head = String::from("HTTP/1.1 200 OK\r\nServer: nginx\r\n");
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    (head, reply.body)
}

fn with_length(shown: usize) -> Vec<u8> {
    let (head, body) = whole();
    let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body.get(..shown).unwrap_or(&body)].concat()
}

/// Head and half of the body, then a RST.
#[must_use]
pub fn cut_by_reset() -> Vec<Wire> {
    vec![Wire::Send(with_length(70)), Wire::Wait(Duration::from_millis(50)), Wire::Reset]
}

/// A byte a second.
#[must_use]
pub fn drip() -> Vec<Wire> {
    let bytes = with_length(usize::MAX);
    let start = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
    let (head, body) = bytes.split_at(start);
    let mut acts = vec![Wire::Send(head.to_vec())];
    for byte in body {
        acts.extend([Wire::Send(vec![*byte]), Wire::Wait(Duration::from_secs(1))]);
    }
    acts
}

/// A chunk that is shorter than it says, then a FIN.
#[must_use]
pub fn cut_chunks() -> Vec<Wire> {
    let (head, body) = whole();
    let mut bytes = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body.get(..60).unwrap_or_default());
    vec![Wire::Send(bytes)]
}

/// A Content-Length that counts more than comes, then a FIN.
#[must_use]
pub fn short() -> Vec<Wire> {
    vec![Wire::Send(with_length(90))]
}

/// The same, and the connection stays open.
#[must_use]
pub fn never_whole() -> Vec<Wire> {
    vec![Wire::Send(with_length(90)), Wire::Wait(Duration::from_secs(120))]
}

/// Nothing, for two minutes.
#[must_use]
pub fn silence() -> Vec<Wire> {
    vec![Wire::Wait(Duration::from_secs(120))]
}

/// What the first byte of a conversation says it will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// A TLS record with a handshake message (RFC 8446 section 5.1).
    Tls,
    /// Something else.
    Plain,
    /// Nothing came.
    Nothing,
}

async fn opening(stream: &TcpStream) -> io::Result<Opening> {
    let mut first = [0];
    Ok(match stream.peek(&mut first).await? {
        0 => Opening::Nothing,
        _ if first == [22] => Opening::Tls,
        _ => Opening::Plain,
    })
}

/// nginx's page for an error.
#[must_use]
pub fn nginx(status: u16, title: &str, more: &str) -> Reply {
    let more = if more.is_empty() { String::new() } else { format!("<center>{more}</center>\r\n") };
    let body = format!(
        "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{} {}</h1></center>\r\n{more}<hr>\
         <center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n",
        status,
        if more.is_empty() { title } else { "Bad Request" },
    );
    let mut reply = Reply::empty(status);
    reply.body = body.into_bytes();
    reply.with("Server", "nginx/1.24.0").with("Date", super::http_now()).with("Content-Type", "text/html")
}

/// A TLS port of nginx: plain HTTP gets 400 in plain HTTP.
///
/// # Errors
/// When the port is taken.
pub async fn nginx_tls(
    world: &World,
    system: &'static str,
    port: u16,
    config: Arc<ServerConfig>,
) -> io::Result<SocketAddr> {
    let handler: Handler = Arc::new(|asked| Box::pin(async move { orders::answer(&asked).into() }));
    world
        .raw(system, port, move |stream| {
            let (config, handler) = (config.clone(), handler.clone());
            async move {
                let peer = stream.peer_addr()?;
                match opening(&stream).await? {
                    Opening::Nothing => Ok(()),
                    Opening::Tls => converse(TlsAcceptor::from(config).accept(stream).await?, peer, &handler).await,
                    Opening::Plain => {
                        let told = "The plain HTTP request was sent to HTTPS port";
                        let refusal: Handler = Arc::new(move |_| {
                            Box::pin(async move { nginx(400, told, told).with("Connection", "close").into() })
                        });
                        converse(stream, peer, &refusal).await
                    }
                }
            }
        })
        .await
}

/// A plain port of nginx: a TLS hello gets 400 in plain HTTP, as everything that is no request.
///
/// # Errors
/// When the port is taken.
pub async fn nginx_plain(world: &World, system: &'static str, port: u16) -> io::Result<SocketAddr> {
    let handler: Handler = Arc::new(|asked| Box::pin(async move { orders::answer(&asked).into() }));
    world
        .raw(system, port, move |mut stream| {
            let handler = handler.clone();
            async move {
                let peer = stream.peer_addr()?;
                match opening(&stream).await? {
                    Opening::Nothing => Ok(()),
                    Opening::Plain => converse(stream, peer, &handler).await,
                    Opening::Tls => {
                        let refusal = nginx(400, "Bad Request", "").with("Connection", "close");
                        stream.write_all(&refusal.bytes("GET")).await?;
                        end(stream).await
                    }
                }
            }
        })
        .await
}

/// Accepts, waits for the first byte, and does what it is told in place of an answer to it.
///
/// # Errors
/// When the port is taken.
pub async fn at_first_byte(world: &World, system: &'static str, port: u16, acts: Vec<Wire>) -> io::Result<SocketAddr> {
    world
        .raw(system, port, move |stream| {
            let acts = acts.clone();
            async move {
                opening(&stream).await?;
                perform(stream, acts).await
            }
        })
        .await
}

/// Does what it is told as soon as a connection is made.
///
/// # Errors
/// When the port is taken.
pub async fn at_once(world: &World, system: &'static str, port: u16, acts: Vec<Wire>) -> io::Result<SocketAddr> {
    world.raw(system, port, move |stream| perform(stream, acts.clone())).await
}

/// An appliance that knows HTTP/1.0 alone and says so to everyone else.
#[must_use]
pub fn only_http10() -> Answer {
    let body = "<html><head><title>505 HTTP Version Not Supported</title></head><body><h1>HTTP Version Not \
                Supported</h1></body></html>\n";
    let head = format!(
        "HTTP/1.0 505 HTTP Version Not Supported\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Answer::Wire(vec![Wire::Send([head.as_bytes(), body.as_bytes()].concat())])
}

/// The orders as an old server sends them: HTTP/1.0, the end of the body is that of the connection.
#[must_use]
pub fn http10() -> Answer {
    let asked = Asked { method: "GET".to_owned(), path: "/v1/orders".to_owned(), ..Asked::default() };
    let body = orders::answer(&asked).body;
    let head = format!("HTTP/1.0 200 OK\r\nDate: {}\r\nContent-Type: application/json\r\n\r\n", super::http_now());
    Answer::Wire(vec![Wire::Send([head.into_bytes(), body].concat())])
}
