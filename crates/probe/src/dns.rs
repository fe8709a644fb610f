//! Names → addresses, as a program of this machine sees them.

use crate::exchange::{Failure, Phase, Wrong};
use crate::target::{Connect, Family};
use crate::walk::{State, Step, Untested};
use firstfault_model::Layer;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

/// What a look-up found.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// What a program of this machine would use, in its order.
    pub addresses: Vec<IpAddr>,
    /// For people.
    pub step: Step,
    /// Facts.
    pub marks: Vec<(String, String)>,
    /// Why there is no address.
    pub failure: Option<Failure>,
    /// How long it took.
    pub milliseconds: f64,
    /// What could not be asked.
    pub untested: Vec<Untested>,
}

/// Looks up a name by the system's resolver.
pub async fn look_up(host: &str, connect: &Connect) -> Lookup {
    let began = Instant::now();
    let found = tokio::net::lookup_host((host, 0)).await;
    let mut addresses: Vec<IpAddr> = found.map(|all| all.map(|a: SocketAddr| a.ip()).collect()).unwrap_or_default();
    addresses.retain(|address| match connect.family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    });
    addresses.dedup();
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let failure = addresses.is_empty().then(|| Failure {
        phase: Phase::Dns,
        wrong: Wrong::NotFound,
        words: format!("{host} has no address"),
    });
    let says = match addresses.first() {
        Some(first) => format!("{host} is {first}"),
        None => format!("{host} has no address"),
    };
    let state = if failure.is_some() { State::Failed } else { State::Passed };
    let step =
        Step { layer: Layer::Network, name: "dns", state, milliseconds: Some(milliseconds), says, details: Vec::new() };
    Lookup { addresses, step, marks: Vec::new(), failure, milliseconds, untested: Vec::new() }
}
