//! How a call ended, as far as its line tells.

use crate::Attribute;
use crate::recognise::{self, Form, is_failure_level, is_harmless, slot};

/// What a line says of how its call ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ending<'a> {
    pub error_code: &'a [u8],
    pub message: &'a [u8],
    pub error: &'a [u8],
    pub mark: &'a [u8],
    pub failing_level: bool,
    pub failed: bool,
}

/// What the fields say of how the call ended; what means success is left out.
pub(super) fn ending_of<'a>(get: &impl Fn(u8) -> Option<(&'a [u8], Form)>) -> Ending<'a> {
    let value = |slot| get(slot).map_or(b"".as_slice(), |(v, _)| v);
    let telling = |slot| Some(value(slot)).filter(|v| !is_harmless(v)).unwrap_or_default();
    let mut ending = Ending {
        error_code: telling(slot::of(Attribute::ErrorCode)),
        message: value(slot::of(Attribute::Message)),
        error: telling(slot::ERROR),
        mark: value(slot::of(Attribute::Mark)),
        failing_level: get(slot::of(Attribute::Level)).is_some_and(|(v, _)| is_failure_level(v)),
        failed: get(slot::SUCCESS).is_some_and(|(v, _)| recognise::success(v) == Some(false)),
    };
    if is_harmless_mark(ending.mark) {
        ending.mark = b"";
    }
    // One word in a field `error` is a code; `true` only says that there is one.
    if ending.error.eq_ignore_ascii_case(b"true") {
        ending.failed = true;
        ending.error = b"";
    } else if !ending.error.is_empty() && !ending.error.iter().any(u8::is_ascii_whitespace) && ending.error.len() <= 64
    {
        if ending.error_code.is_empty() {
            ending.error_code = ending.error;
        }
        ending.error = b"";
    }
    let grpc = value(slot::GRPC);
    if !is_harmless(grpc) {
        ending.failed = true;
        if ending.error_code.is_empty() {
            ending.error_code = grpc;
        }
    }
    ending
}

/// Marks of gateways that nothing went wrong: Envoy's `via_upstream`, HAProxy's `--`, results of caches.
fn is_harmless_mark(mark: &[u8]) -> bool {
    const HARMLESS: [&[u8]; 9] = [
        b"via_upstream",
        b"direct_response",
        b"Hit",
        b"Miss",
        b"RefreshHit",
        b"OriginShieldHit",
        b"Redirect",
        b"NORMAL",
        b"SUCCESS",
    ];
    mark.starts_with(b"--") || is_harmless(mark) || HARMLESS.contains(&mark)
}

impl Ending<'_> {
    /// Whether anything but the words of a message tells of a failure.
    pub const fn is_telling(&self) -> bool {
        self.failed
            || self.failing_level
            || !self.error_code.is_empty()
            || !self.error.is_empty()
            || !self.mark.is_empty()
    }

    /// The words that tell what failed, at most 2 KiB of them.
    pub fn write_words(&self, out: &mut Vec<u8>) {
        out.clear();
        let both = !self.message.is_empty() && !self.error.is_empty() && self.message != self.error;
        if both {
            out.extend_from_slice(&self.message[..self.message.len().min(WORDS / 2)]);
            out.extend_from_slice(b": ");
        }
        out.extend_from_slice(if self.error.is_empty() { self.message } else { self.error });
        out.truncate(WORDS);
    }
}

/// Bytes of the words that tell what failed.
const WORDS: usize = 2048;
