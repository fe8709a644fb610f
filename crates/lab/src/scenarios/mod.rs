//! Every scenario, a file for each family.

mod alerts;
mod dns;
mod gateway;
mod network;
mod oauth;
mod proxy;
mod tls;

use crate::Scenario;
use crate::systems::fetch::{self, Way};
use std::io;
use std::time::Duration;

/// All of them, in the order in which they are listed.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let families: [Vec<Scenario>; 7] = [
        alerts::SCENARIOS.to_vec(),
        oauth::all(),
        gateway::all(),
        network::SCENARIOS.to_vec(),
        tls::SCENARIOS.to_vec(),
        dns::SCENARIOS.to_vec(),
        proxy::SCENARIOS.to_vec(),
    ];
    families.concat()
}

/// The one of that name.
#[must_use]
pub fn find(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}

/// One call that somebody made before, as `curl -v` prints it, with its header fields.
///
/// # Errors
/// When no answer came.
async fn sent(place: &str, method: &str, target: &str, fields: &[&str]) -> io::Result<String> {
    let address = place.parse().map_err(|_| io::Error::other(format!("expected an address, found: {place}")))?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n");
    for field in fields {
        head.push_str(field);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let way = Way::plain(address, Duration::from_secs(60));
    let reply = fetch::ask(&way, head.as_bytes(), method == "HEAD").await;
    let reply = reply.map_err(|fault| io::Error::other(format!("expected an answer, found: {fault:?}")))?;
    let mut text = String::new();
    for line in head.trim_end().lines() {
        text.push_str(&format!("> {line}\n"));
    }
    text.push_str(&format!(">\n< HTTP/1.1 {} {}\n", reply.status, reply.reason));
    for (name, value) in &reply.headers {
        text.push_str(&format!("< {name}: {value}\n"));
    }
    text.push_str(&format!("<\n{}\n", String::from_utf8_lossy(&reply.body)));
    Ok(text)
}

#[cfg(test)]
mod tests;
