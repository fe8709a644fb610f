//! Connections, one address after the other.

use crate::exchange::{Failure, Phase, Wrong};
use crate::target::Connect;
use crate::walk::{State, Step};
use firstfault_model::Layer;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::TcpStream;

/// What connecting came to.
#[derive(Debug)]
pub struct Connected {
    /// The connection that is used.
    pub stream: Option<TcpStream>,
    /// To where.
    pub peer: Option<SocketAddr>,
    /// For people.
    pub step: Step,
    /// Facts.
    pub marks: Vec<(String, String)>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// How long it took.
    pub milliseconds: f64,
}

/// Connects to the first address that answers.
pub async fn connect(addresses: &[SocketAddr], connect: &Connect) -> Connected {
    let began = Instant::now();
    let (mut stream, mut peer, mut failure) = (None, None, None);
    for address in addresses {
        let attempt = tokio::time::timeout(connect.connect_timeout, TcpStream::connect(address)).await;
        let wrong = match attempt {
            Ok(Ok(open)) => {
                let _ = open.set_nodelay(true);
                (stream, peer, failure) = (Some(open), Some(*address), None);
                break;
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Wrong::Refused,
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => Wrong::Reset,
            Ok(Err(_)) => Wrong::Unreachable,
            Err(_) => Wrong::Timeout,
        };
        failure = Some(Failure { phase: Phase::Connect, wrong, words: format!("{address}: {wrong:?}") });
    }
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let says = match (peer, &failure) {
        (Some(peer), _) => format!("connected to {peer}"),
        (None, Some(failure)) => failure.words.clone(),
        (None, None) => "no address to connect to".to_owned(),
    };
    let state = if stream.is_some() { State::Passed } else { State::Failed };
    let step =
        Step { layer: Layer::Network, name: "tcp", state, milliseconds: Some(milliseconds), says, details: Vec::new() };
    let marks = stream.iter().map(|_| ("connected".to_owned(), "true".to_owned())).collect();
    Connected { stream, peer, step, marks, failure, milliseconds }
}
