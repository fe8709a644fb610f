//! Connections that cannot be made or do not hold, and answers that are none: each fault is real on the wire.

use crate::World;
use crate::scenario::{Expected, Family, Scenario, Symptom};
use crate::server::{Answer, Asked, Wire};
use crate::systems::authority::{Authority, Fault, call, server};
use crate::systems::{faults, orders};
use firstfault_model::{Bucket, Layer};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;

const PATH: &str = "/v1/orders";
const PATIENT: &[&str] = &["--max-time", "3"];
/// A head without a version.
const BROKEN: &[u8] = b"200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"orders\":[]}";
/// The first frame of an HTTP/2 server and its farewell to who speaks something else: SETTINGS, then GOAWAY with
/// PROTOCOL_ERROR (RFC 9113 sections 6.5 and 6.8).
const SETTINGS: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01";

/// The family.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "network-refused",
        family: Family::Network,
        story: "The service was moved to another machine over the weekend. Its old address answers nothing any \
                more, at once.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_refused"),
        fix: "Start the service, or call the port on which it listens now.",
        start: |world| Box::pin(refused(world)),
    },
    Scenario {
        name: "network-black-hole",
        family: Family::Network,
        story: "A call from a new subnet hangs until the client gives up. From the office it works.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connect_timeout"),
        fix: "Open the firewall or security group between the two: SYN packets are dropped without a word.",
        start: |world| Box::pin(black_hole(world)),
    },
    Scenario {
        name: "network-reset-at-once",
        family: Family::Network,
        story: "The connection is made and is gone again at the same moment. It is the same with every path.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_reset"),
        fix: "Whatever stands before the service resets connections: look at its limits and rules.",
        start: |world| Box::pin(raw(world, 8102, When::AtOnce, reset())),
    },
    Scenario {
        name: "network-reset-after-request",
        family: Family::Network,
        story: "The service takes the request, and the client reads: connection reset by peer. A second service \
                on the same host is fine.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_reset"),
        fix: "The worker dies or is killed while it answers: look at its log at that moment.",
        start: |world| Box::pin(answering(world, 8103, &[], on_orders, || Answer::Wire(vec![Wire::Reset]))),
    },
    Scenario {
        name: "network-reset-in-body",
        family: Family::Network,
        story: "Short answers arrive, the list breaks off in the middle with: connection reset by peer.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.incomplete_response")
            .or(&["network.connection_reset"]),
        fix: "Something on the way resets the connection while data flows: look at the proxy's and the \
                service's limits on answers.",
        start: |world| Box::pin(answering(world, 8104, &[], on_orders, || Answer::Wire(faults::cut_by_reset()))),
    },
    Scenario {
        name: "network-empty-reply",
        family: Family::Network,
        story: "The service takes the request and closes the connection. Not one byte comes back.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_reset"),
        fix: "The service closes before it answers: look at its log for that request.",
        start: |world| Box::pin(answering(world, 8105, &[], on_orders, || Answer::Wire(Vec::new()))),
    },
    Scenario {
        name: "network-half-close",
        family: Family::Network,
        story: "The service closes its side as soon as the request is there, and goes on reading. The client \
                sees an empty reply.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_reset"),
        fix: "The service must answer before it closes its side.",
        start: |world| Box::pin(answering(world, 8106, &[], on_orders, || Answer::Wire(vec![Wire::HalfClose]))),
    },
    Scenario {
        name: "network-silence",
        family: Family::Network,
        story: "The connection is made, the request is sent, and then nothing happens. The client gives up after \
                three seconds.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.read_timeout"),
        fix: "The service accepts and does not answer: look for a worker that hangs.",
        start: |world| Box::pin(answering(world, 8107, PATIENT, on_orders, || Answer::Wire(faults::silence()))),
    },
    Scenario {
        name: "network-drip",
        family: Family::Network,
        story: "The head of the answer is there at once, the body comes a byte at a time. The client gives up \
                after three seconds.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.read_timeout"),
        fix: "The service must send its answer sooner, or the client wait longer.",
        start: |world| Box::pin(answering(world, 8108, PATIENT, on_orders, || Answer::Wire(faults::drip()))),
    },
    Scenario {
        name: "network-cut-chunks",
        family: Family::Network,
        story: "The list is sent in chunks and ends in the middle of one. The client cannot read the JSON.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.incomplete_response"),
        fix: "The service closed before the last chunk: it failed while it wrote the body.",
        start: |world| Box::pin(answering(world, 8109, &[], on_orders, || Answer::Wire(faults::cut_chunks()))),
    },
    Scenario {
        name: "network-short-body",
        family: Family::Network,
        story: "The client complains that the transfer closed with bytes remaining. The status was 200.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.incomplete_response"),
        fix: "Content-Length counts more than the service sends: count bytes, not characters.",
        start: |world| Box::pin(answering(world, 8110, &[], on_orders, || Answer::Wire(faults::short()))),
    },
    Scenario {
        name: "network-body-never-whole",
        family: Family::Network,
        story: "The answer is there but for its end, and the connection stays open. The client gives up after \
                three seconds.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.read_timeout")
            .or(&["network.incomplete_response"]),
        fix: "Content-Length counts more than the service sends, so the client waits for the rest.",
        start: |world| Box::pin(answering(world, 8111, PATIENT, on_orders, || Answer::Wire(faults::never_whole()))),
    },
    Scenario {
        name: "network-ssh-port",
        family: Family::Network,
        story: "A port was taken from a list of open ones. The client reads something that is no HTTP.",
        // Both say the same: the port is not that of the API, so what speaks there is no HTTP.
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_environment")
            .or(&["network.protocol_mismatch"]),
        fix: "An SSH server listens there: find the port of the API.",
        start: |world| {
            Box::pin(raw(world, 8112, When::AtOnce, vec![Wire::Send(faults::SSH.to_vec()), Wire::HalfClose]))
        },
    },
    Scenario {
        name: "network-broken-head",
        family: Family::Network,
        story: "The answer of a home-made server is refused by every client. Its author says that it is 200.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.protocol_mismatch"),
        fix: "The status line must begin with HTTP/1.1 and a space.",
        start: |world| {
            Box::pin(answering(world, 8113, &[], on_orders, || Answer::Wire(vec![Wire::Send(BROKEN.to_vec())])))
        },
    },
    Scenario {
        name: "network-http2-only",
        family: Family::Network,
        story: "A service of another team speaks gRPC. A plain call to it gets bytes that no tool shows.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.protocol_mismatch"),
        fix: "The port speaks HTTP/2 alone: --http2-prior-knowledge, or a gRPC client.",
        start: |world| {
            Box::pin(raw(world, 8114, When::FirstByte, vec![Wire::Send(SETTINGS.to_vec()), Wire::HalfClose]))
        },
    },
    Scenario {
        name: "network-http-1.0-only",
        family: Family::Network,
        story: "An appliance answers every call of a new client with 505. The old script still works.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.protocol_mismatch"),
        fix: "Call it with HTTP/1.0 (curl --http1.0), or renew it.",
        start: |world| Box::pin(appliance(world)),
    },
    Scenario {
        name: "network-http-to-https-port",
        family: Family::Network,
        story: "The address of the API was typed without its s. The answer is a 400 in HTML.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_scheme"),
        fix: "Use https: the port speaks TLS.",
        start: |world| Box::pin(http_to_tls(world)),
    },
    Scenario {
        name: "network-http-to-bare-tls",
        family: Family::Network,
        story: "The client says that the server answers with HTTP/0.9. The same address works in another \
                program.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_scheme"),
        fix: "Use https: the port speaks TLS.",
        start: |world| Box::pin(http_to_bare_tls(world)),
    },
    Scenario {
        name: "network-https-to-http-port",
        family: Family::Network,
        story: "The client complains about a wrong version number in TLS. The address was changed to https last \
                week.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_scheme"),
        fix: "Use http, or switch TLS on at the server.",
        start: |world| Box::pin(https_to_plain(world)),
    },
    Scenario {
        name: "network-one-of-two-resets",
        family: Family::Network,
        story: "The name has two addresses. About every second call ends with: connection reset by peer.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_reset"),
        fix: "One of the two machines resets every connection: take it out of the name until it is mended.",
        start: |world| Box::pin(two(world)),
    },
    Scenario {
        name: "network-healthy",
        family: Family::Network,
        story: "Someone says that the orders service is down. The call is tried again.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(healthy(world)),
    },
    Scenario {
        name: "network-http-1.0-answers",
        family: Family::Network,
        story: "An old appliance answers with HTTP/1.0 and closes after each answer. Someone suspects it.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken: HTTP/1.0 is enough for this call.",
        start: |world| Box::pin(answering(world, 8121, &[], every, faults::http10)),
    },
    Scenario {
        name: "network-one-of-two-refuses",
        family: Family::Network,
        story: "The name has two addresses, and only on one does something listen. The client finds its way.",
        expected: Expected::NOTHING,
        fix: "Nothing fails; the dead address should go out of the name all the same.",
        start: |world| Box::pin(two_refusing(world)),
    },
];

/// A RST that comes after the client has seen its connection made, as over a real distance.
fn reset() -> Vec<Wire> {
    vec![Wire::Wait(Duration::from_millis(50)), Wire::Reset]
}

#[derive(Clone, Copy)]
enum When {
    AtOnce,
    FirstByte,
}

fn plain(at: SocketAddr, options: &[&str]) -> Symptom {
    let options = options.iter().map(|option| (*option).to_owned());
    Symptom::call(options.chain([format!("http://{at}{PATH}")]))
}

async fn raw(world: World, port: u16, when: When, acts: Vec<Wire>) -> io::Result<Symptom> {
    let at = match when {
        When::AtOnce => faults::at_once(&world, "orders", port, acts).await?,
        When::FirstByte => faults::at_first_byte(&world, "orders", port, acts).await?,
    };
    Ok(plain(at, &[]))
}

/// Only the list is broken.
fn on_orders(asked: &Asked) -> bool {
    asked.path == PATH
}

/// Everything is broken.
fn every(_: &Asked) -> bool {
    true
}

async fn answering(
    world: World,
    port: u16,
    options: &[&str],
    broken: fn(&Asked) -> bool,
    answer: fn() -> Answer,
) -> io::Result<Symptom> {
    let at = world.serve("orders", port, None, move |asked| async move {
        if broken(&asked) { answer() } else { orders::answer(&asked).into() }
    });
    Ok(plain(at.await?, options))
}

async fn refused(world: World) -> io::Result<Symptom> {
    Ok(plain(world.refusing("orders", 8100)?, &[]))
}

async fn black_hole(world: World) -> io::Result<Symptom> {
    Ok(plain(world.black_hole("orders", 8101).await?, &["--connect-timeout", "2"]))
}

/// Every new version of HTTP is refused.
async fn appliance(world: World) -> io::Result<Symptom> {
    let at = world.serve("appliance", 8115, None, |asked| async move {
        if asked.old { faults::http10() } else { faults::only_http10() }
    });
    Ok(plain(at.await?, &[]))
}

async fn healthy(world: World) -> io::Result<Symptom> {
    let at = world.serve("orders", 8120, None, |asked| async move { orders::answer(&asked).into() }).await?;
    Ok(plain(at, &[]))
}

const HOST: &str = "orders.lab.test";

/// `http:` to a name that is served on loopback.
fn named(port: u16, addresses: &str) -> Symptom {
    let name = format!("{HOST}:{port}:{addresses}");
    Symptom::call(["--resolve".to_owned(), name, format!("http://{HOST}:{port}{PATH}")])
}

async fn http_to_tls(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let config = server(authority.serves(&[HOST], Fault::None)?)?;
    let at = faults::nginx_tls(&world, "orders", 8116, config).await?;
    Ok(named(at.port(), "127.0.0.1"))
}

async fn http_to_bare_tls(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let config = server(authority.serves(&[HOST], Fault::None)?)?;
    let at = world.serve("orders", 8117, Some(config), |asked| async move { orders::answer(&asked).into() }).await?;
    Ok(named(at.port(), "127.0.0.1"))
}

async fn https_to_plain(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = faults::nginx_plain(&world, "orders", 8118).await?;
    Ok(Symptom::call(call(HOST, at.port(), authority.file(), PATH)))
}

/// The second address of a name with two, 127.0.0.2, first in its list. Linux and Windows have the whole of 127/8 on
/// loopback.
async fn two(world: World) -> io::Result<Symptom> {
    let at = world.serve("orders", 8119, None, |asked| async move { orders::answer(&asked).into() }).await?;
    let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), at.port())).await?;
    world.run(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = crate::server::perform(stream, reset()).await;
            });
        }
    });
    Ok(named(at.port(), "127.0.0.2,127.0.0.1"))
}

async fn two_refusing(world: World) -> io::Result<Symptom> {
    let at = world.serve("orders", 8122, None, |asked| async move { orders::answer(&asked).into() }).await?;
    Ok(named(at.port(), "127.0.0.2,127.0.0.1"))
}
