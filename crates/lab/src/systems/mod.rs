//! The systems of the lab, each a file or folder: what it answers, what it logs, what it keeps.

pub mod alerts;
pub mod authority;
pub mod chat;
pub mod crm;
pub mod faults;
pub mod forward_proxy;
pub mod gateway;
pub mod name_server;
pub mod oauth;
pub mod old_tls;
pub mod orders;
pub mod outgoing;
pub mod protected;
pub mod signing;
pub mod stamp;

pub(crate) mod fetch;
pub(crate) mod ids;
pub(crate) mod moment;

use crate::World;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

/// A system that `firstfault lab` runs.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// Lower case with dashes.
    pub name: &'static str,
    /// The port that it takes where ports are named.
    pub port: u16,
    /// What it is, in one line.
    pub what: &'static str,
    /// Starts it.
    pub start: fn(World) -> Opening,
}

/// A system that starts.
pub type Opening = Pin<Box<dyn Future<Output = io::Result<Opened>> + Send>>;

/// A system that runs.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Where it listens.
    pub at: SocketAddr,
    /// Calls to try: what each shows, and what stands behind `curl`.
    pub tries: Vec<(&'static str, Vec<String>)>,
}

impl Opened {
    /// Runs there, with nothing to try yet.
    #[must_use]
    pub const fn at(at: SocketAddr) -> Self {
        Self { at, tries: Vec::new() }
    }

    /// The same with a call to try.
    #[must_use]
    pub fn with<S: Into<String>>(mut self, shows: &'static str, curl: impl IntoIterator<Item = S>) -> Self {
        self.tries.push((shows, curl.into_iter().map(Into::into).collect()));
        self
    }
}

/// All of them, in the order in which they start. A file adds what it has.
#[must_use]
pub fn all() -> Vec<System> {
    let files: [&[System]; 10] = [
        alerts::SYSTEMS,
        crm::SYSTEMS,
        chat::SYSTEMS,
        oauth::SYSTEMS,
        protected::SYSTEMS,
        gateway::SYSTEMS,
        faults::SYSTEMS,
        authority::SYSTEMS,
        name_server::SYSTEMS,
        forward_proxy::SYSTEMS,
    ];
    files.concat()
}

/// A moment as HTTP writes it (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
#[must_use]
pub fn http_date(moment: SystemTime) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    // 2025-05-06T09:12:44Z
    let text = firstfault_model::rfc3339(i64::try_from(seconds).unwrap_or(0) * 1000);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let day = usize::try_from(seconds / 86_400 % 7).ok().and_then(|day| DAYS.get(day)).unwrap_or(&"");
    let month = part(5, 7).parse().ok().and_then(|month: usize| MONTHS.get(month.wrapping_sub(1))).unwrap_or(&"");
    format!("{day}, {} {month} {} {} GMT", part(8, 10), part(0, 4), part(11, 19))
}

/// The same for now.
#[must_use]
pub fn http_now() -> String {
    http_date(SystemTime::now())
}

/// Now as RFC 3339 writes it, with milliseconds.
#[must_use]
pub fn now() -> String {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis());
    firstfault_model::rfc3339(i64::try_from(passed).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::http_date;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn dates_are_those_of_the_standard() {
        assert_eq!(http_date(UNIX_EPOCH + Duration::from_secs(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(UNIX_EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
