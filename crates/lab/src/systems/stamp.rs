//! Ids and lines as systems print them.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, by this machine's clock.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A new id in the form of a version 4 UUID (RFC 9562 section 5.4).
#[must_use]
pub fn uuid() -> String {
    let h = digits();
    format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[12..15], &h[15..18], &h[18..30])
}

/// A new id behind a prefix: `evt_9f86d081884c7d65`.
#[must_use]
pub fn id(prefix: &str) -> String {
    format!("{prefix}_{}", &digits()[..16])
}

/// 64 hexadecimal digits that were never given before.
fn digits() -> String {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    hex(&Sha256::digest(format!("{} {} {count}", std::process::id(), since.as_nanos())))
}

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An object as one line of a log, its members in the order given.
#[must_use]
pub fn line(members: &[(&str, Value)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("{}:{value}", Value::from(*name))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_repeat() {
        let (one, two) = (uuid(), uuid());
        assert_ne!(one, two);
        assert_eq!((one.len(), &one[14..15]), (36, "4"));
        assert!(id("evt").starts_with("evt_"));
    }
}
