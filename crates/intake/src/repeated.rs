//! The same event twice: two lines of a log that differ only in their time and carry the same id, or two that say the same
//! was done for one event, whatever else each counts or names.
//!
//! A redelivered webhook that is processed again leaves such a pair, and each call by itself looks healthy. This file
//! refuses to look where anything failed: there a repeat is a retry.

use crate::lines::Lines;
use crate::records::json;
use crate::time;
use firstfault_model::Span;
use std::collections::BTreeMap;

/// The fact.
const REPEATED: &str = "event.repeated";
/// Longer pastes are logs of traffic, in which equal lines are common.
const LINE_LIMIT: usize = 200;
/// Milliseconds that lie between the two at least: what comes in one burst is one delivery told twice.
const APART: i64 = 1_000;

/// The line that is there again, when the lines tell of events that are delivered.
#[must_use]
pub(crate) fn find(lines: &Lines<'_>) -> Option<(&'static str, String, Span)> {
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
            Some(first) if (when - first).abs() >= APART => {
                return Some((REPEATED, words.to_owned(), lines.span(at)));
            }
            Some(_) => {}
            None => {
                seen.insert(words, when);
            }
        }
    }
    handled_twice(lines)
}

/// Two records in JSON that say of the same event that the same was done, each with ids of its own beside it.
fn handled_twice(lines: &Lines<'_>) -> Option<(&'static str, String, Span)> {
    let mut seen: BTreeMap<(String, String), i64> = BTreeMap::new();
    for at in 0..lines.len() {
        let text = lines.text(at).trim();
        if !text.starts_with('{') {
            continue;
        }
        let Some((record, _)) = json::read(text) else { continue };
        let member = |names: &[&str]| names.iter().find_map(|name| record.get(name).and_then(json::Node::scalar));
        let event = member(&["webhook_id", "event_id", "eventId", "webhookId", "message_id", "messageId"]);
        let (Some(event), Some(said)) = (event, member(&["message", "msg"])) else { continue };
        let when = member(&["timestamp", "time", "ts", "@timestamp"]).and_then(time::parse);
        let (Some(when), true) = (when, is_done(said) && !failed(said)) else { continue };
        let key = (event.to_owned(), said.to_owned());
        match seen.get(&key) {
            Some(first) if (when - first).abs() >= APART => {
                return Some((REPEATED, format!("{said} {event}"), lines.span(at)));
            }
            Some(_) => {}
            None => {
                seen.insert(key, when);
            }
        }
    }
    None
}

/// True for words that tell of an effect, not of an attempt or of a step on the way.
fn is_done(said: &str) -> bool {
    const DONE: [&str; 12] = [
        "created",
        "processed",
        "handled",
        "stored",
        "inserted",
        "charged",
        "credited",
        "shipped",
        "booked",
        "refunded",
        "applied",
        "saved",
    ];
    let lower = said.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| DONE.contains(&word)) && !lower.contains("already")
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
pub(crate) fn is_id(word: &str) -> bool {
    word.len() >= 8
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
        && !word.starts_with("0x")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        find(&crate::walk::lines(text, 0, 1)).map(|(_, value, _)| value)
    }

    #[test]
    fn the_same_effect_of_one_event_twice_is_a_repeat_whatever_else_is_counted() {
        let line = |time: &str, event: &str, ticket: &str, said: &str| {
            format!(
                "{{\"time\":\"2026-03-02T{time}Z\",\"msg\":\"{said}\",\"event_id\":\"{event}\",\"ticket\":\"{ticket}\"}}\n"
            )
        };
        let first = line("10:00:00", "evt_77aa1101", "tic_1", "ticket created");
        let again = line("10:00:20", "evt_77aa1101", "tic_2", "ticket created");
        assert_eq!(found(&format!("{first}{again}")).as_deref(), Some("ticket created evt_77aa1101"));
        let other = line("10:00:20", "evt_88bb2202", "tic_2", "ticket created");
        assert_eq!(found(&format!("{first}{other}")), None);
        let known = line("10:00:20", "evt_77aa1101", "tic_1", "event was already handled");
        assert_eq!(found(&format!("{first}{known}{known}")), None);
    }
}
