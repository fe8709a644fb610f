//! The same event twice: two lines of a log that differ only in their time and carry the same id.
//!
//! A redelivered webhook that is processed again leaves such a pair, and each call by itself looks healthy. This file
//! refuses to look where anything failed: there a repeat is a retry.

use crate::lines::Lines;
use crate::time;
use firstfault_model::Span;
use std::collections::BTreeMap;

/// Longer pastes are logs of traffic, in which equal lines are common.
const LINE_LIMIT: usize = 200;
/// Milliseconds that lie between the two at least: what comes in one burst is one delivery told twice.
const APART: i64 = 1_000;

/// The line that is there again, when the lines tell of events that are delivered.
#[must_use]
pub(crate) fn find(lines: &Lines<'_>) -> Option<(String, Span)> {
    if lines.len() > LINE_LIMIT {
        return None;
    }
    let tells = |text: &str| {
        let lower = text.to_ascii_lowercase();
        ["webhook", "/hook", "evt_", "event_id", "eventid", "delivery_id", "redeliver"]
            .iter()
            .any(|w| lower.contains(w))
    };
    if !(0..lines.len()).any(|at| tells(lines.text(at))) {
        return None;
    }
    let mut seen: BTreeMap<&str, i64> = BTreeMap::new();
    for at in 0..lines.len() {
        let text = lines.text(at).trim();
        // The shipper's prefix is off already; what the program itself put before its words may be a time too.
        let stamp = time::leading(text).or_else(|| time::leading(lines.0[at].prefix));
        let Some((when, _)) = stamp else { continue };
        let words = time::leading(text).map_or(text, |(_, len)| text.get(len..).unwrap_or_default()).trim();
        if failed(words) || !words.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).any(is_id) {
            continue;
        }
        match seen.get(words) {
            Some(first) if (when - first).abs() >= APART => return Some((words.to_owned(), lines.span(at))),
            Some(_) => {}
            None => {
                seen.insert(words, when);
            }
        }
    }
    None
}

fn failed(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    ["error", "fail", "timeout", "timed out", "retry", "refused", "denied", " 4", " 5", "health"]
        .iter()
        .any(|word| lower.contains(word) && (word.len() > 2 || has_status(&lower)))
}

/// A three-digit number from 400 on, by itself.
fn has_status(lower: &str) -> bool {
    lower
        .split(' ')
        .any(|word| word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit()))
}

/// Letters and digits together, long enough to be nobody else's.
fn is_id(word: &str) -> bool {
    word.len() >= 8
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
        && !word.starts_with("0x")
}
