//! The story of an event as its sender's lines tell it together: one that was made and for which nothing was ever tried,
//! one that left late, and something that ended of which no event was made although others became one.
//!
//! Each line by itself is healthy; only what does not follow is wrong. So this file looks only where the log goes on, and
//! refuses to look where anything failed: there the failure is the story.

use crate::lines::Lines;
use crate::records::json;
use crate::repeated::is_id;
use crate::time;
use firstfault_model::Span;

/// Longer pastes are logs of traffic, in which lines are lost and cut.
const LINE_LIMIT: usize = 200;
/// Milliseconds from which on a delivery is late, and a log has gone on for long enough to miss one.
const LONG: i64 = 60_000;
/// Milliseconds that an event may take to be made of what ended.
const SOON: i64 = 5_000;

/// By these words a program says that it has made an event, or laid it into its queue.
const MADE: &[&str] = &[
    "event generated",
    "event created",
    "event emitted",
    "event published",
    "event enqueued",
    "event queued",
    "event recorded",
    "generated event",
    "created event",
    "emitted event",
    "published event",
    "enqueued event",
    "queued event",
    "webhook enqueued",
    "webhook queued",
    "webhook scheduled",
    "enqueued webhook",
    "queued webhook",
    "scheduled webhook",
];
/// And by these that something came to its end, of which systems make events.
const ENDED: &[&str] = &["ended", "completed", "closed", "finished", "resolved", "placed", "paid", "shipped", "signed"];

/// One line.
struct Told<'l> {
    at: Option<i64>,
    words: String,
    ids: Vec<&'l str>,
    made: bool,
    span: Span,
}

/// What the lines tell together: the name of the fact, its value and its line.
#[must_use]
pub(crate) fn find(lines: &Lines<'_>) -> Option<(&'static str, String, Span)> {
    if lines.len() > LINE_LIMIT {
        return None;
    }
    let told: Vec<Told<'_>> = (0..lines.len()).map(|at| tell(lines, at)).collect();
    if !told.iter().any(|line| line.made) {
        return None;
    }
    undelivered(&told).or_else(|| late(&told)).or_else(|| none_made(&told))
}

fn tell<'l>(lines: &'l Lines<'_>, at: usize) -> Told<'l> {
    let text = lines.text(at).trim();
    let words = said(text).to_ascii_lowercase();
    let made = MADE.iter().any(|phrase| {
        words.find(phrase).is_some_and(|at| !words.get(..at).unwrap_or_default().trim_end().ends_with(" no"))
            && !words.starts_with("no ")
    });
    let stamp = time::leading(text).or_else(|| time::leading(lines.0.get(at).map_or("", |line| line.prefix)));
    Told {
        at: stamp
            .map(|(at, _)| at)
            .or_else(|| member(text, &["timestamp", "time", "ts", "@timestamp"]).and_then(|t| time::parse(&t))),
        words,
        ids: text
            .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
            .filter(|w| is_id(w) && !is_date(w))
            .collect(),
        made,
        span: lines.span(at),
    }
}

/// `2026-03-02T10`, of a time.
fn is_date(word: &str) -> bool {
    word.as_bytes().get(4) == Some(&b'-') && word.bytes().take(4).all(|b| b.is_ascii_digit())
}

/// What a line says in words: of a JSON record its message.
fn said(text: &str) -> String {
    member(text, &["message", "msg", "event", "log"]).unwrap_or_else(|| text.to_owned())
}

fn member(text: &str, names: &[&str]) -> Option<String> {
    if !text.starts_with('{') {
        return None;
    }
    let (node, _) = json::read(text)?;
    names.iter().find_map(|name| node.get(name).and_then(json::Node::scalar)).map(str::to_owned)
}

/// The ids that this line is the first to carry: among them is that of the event that it tells of.
fn new_ids<'l>(told: &[Told<'l>], at: usize) -> Vec<&'l str> {
    let before = told.get(..at).unwrap_or_default();
    let known = |id: &str| before.iter().any(|line| line.ids.contains(&id));
    told.get(at).map(|line| line.ids.iter().copied().filter(|id| !known(id)).collect()).unwrap_or_default()
}

fn shares(line: &Told<'_>, ids: &[&str]) -> bool {
    line.ids.iter().any(|id| ids.contains(id))
}

/// True when the log tells of what came at least so many milliseconds later.
fn goes_on(told: &[Told<'_>], at: usize, by: i64) -> bool {
    let Some(when) = told.get(at).and_then(|line| line.at) else { return false };
    told.iter().skip(at + 1).filter_map(|line| line.at).any(|later| later - when >= by)
}

/// An event of which no later line speaks.
fn undelivered(told: &[Told<'_>]) -> Option<(&'static str, String, Span)> {
    for (at, line) in told.iter().enumerate().filter(|(_, line)| line.made) {
        let ids = new_ids(told, at);
        let later = || told.iter().skip(at + 1);
        let Some(first) = ids.first() else { continue };
        // Where another event was worked on afterwards, deliveries are told of in this log.
        let others = later().any(|other| {
            !other.made && told.iter().enumerate().any(|(i, m)| i != at && m.made && shares(other, &new_ids(told, i)))
        });
        if !later().any(|other| shares(other, &ids)) && others && goes_on(told, at, LONG) {
            return Some(("event.undelivered", (*first).to_owned(), line.span));
        }
    }
    None
}

/// An event of which nothing is heard for a minute or longer, and then it is sent.
fn late(told: &[Told<'_>]) -> Option<(&'static str, String, Span)> {
    for (at, line) in told.iter().enumerate().filter(|(_, line)| line.made) {
        let ids = new_ids(told, at);
        let Some(next) = told.iter().skip(at + 1).find(|other| shares(other, &ids)) else { continue };
        let sends = ["deliver", "sent", "sending", "dispatch"].iter().any(|word| next.words.contains(word));
        if let (Some(made), Some(sent), true) = (line.at, next.at, sends)
            && sent - made >= LONG
        {
            return Some(("event.late", format!("{} s", (sent - made) / 1000), next.span));
        }
    }
    None
}

/// Something ended without an event, while others of its kind that ended have one.
fn none_made(told: &[Told<'_>]) -> Option<(&'static str, String, Span)> {
    let ends = |line: &Told<'_>| !line.made && ENDED.iter().any(|word| line.words.split(' ').any(|w| w == *word));
    let has_event = |at: usize| {
        let ids = new_ids(told, at);
        let ids = if ids.is_empty() { told[at].ids.clone() } else { ids };
        told.iter().any(|line| line.made && shares(line, &ids))
    };
    let kind = |line: &Told<'_>| {
        let plain = |word: &&str| !word.bytes().any(|b| b.is_ascii_digit() || b == b'=');
        line.words.split(' ').filter(plain).collect::<Vec<_>>().join(" ")
    };
    let (with, without): (Vec<usize>, Vec<usize>) =
        (0..told.len()).filter(|&at| ends(&told[at]) && !told[at].ids.is_empty()).partition(|&at| has_event(at));
    let lone = without
        .into_iter()
        .find(|&at| with.iter().any(|&other| kind(&told[other]) == kind(&told[at])) && goes_on(told, at, SOON))?;
    let id = told[lone].ids.first().copied().unwrap_or_default();
    Some(("event.none_made", format!("{} {id}", kind(&told[lone])), told[lone].span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(&'static str, String)> {
        find(&crate::walk::lines(text, 0, 1)).map(|(name, value, _)| (name, value))
    }

    const SENT: &str = "2026-03-02T10:00:00Z INFO chats: chat ended chat_8f21aa01
2026-03-02T10:00:00Z INFO events: event generated evt_77aa1101 for chat_8f21aa01
2026-03-02T10:00:01Z INFO webhooks: delivered evt_77aa1101 status 201
";

    #[test]
    fn what_was_sent_tells_nothing() {
        assert_eq!(found(SENT), None);
    }

    #[test]
    fn an_event_of_which_nothing_more_is_heard_was_not_sent() {
        let lost = "2026-03-02T09:58:00Z INFO events: event generated evt_66bb2202 for chat_7e10bb02\n";
        assert_eq!(found(&format!("{lost}{SENT}")), Some(("event.undelivered", "evt_66bb2202".to_owned())));
        // Where the log ends too soon, or tells of no delivery at all, nothing can be missed in it.
        assert_eq!(found(&format!("{SENT}2026-03-02T10:00:02Z INFO events: event generated evt_66bb2202\n")), None);
        assert_eq!(found(&format!("{lost}2026-03-02T10:05:00Z INFO cron: tick\n")), None);
    }

    #[test]
    fn a_delivery_a_minute_after_its_event_is_late() {
        let late = SENT.replace("10:00:01Z", "10:03:20Z");
        assert_eq!(found(&late), Some(("event.late", "200 s".to_owned())));
    }

    #[test]
    fn an_end_without_an_event_stands_out_beside_others() {
        let silent = "2026-03-02T09:59:30Z INFO chats: chat ended chat_55cc3303\n";
        let (name, value) = found(&format!("{silent}{SENT}")).unwrap();
        assert_eq!(name, "event.none_made");
        assert!(value.ends_with("chat_55cc3303"), "{value}");
        assert_eq!(found(&format!("{SENT}{}", silent.replace("09:59:30", "10:00:01"))), None);
    }

    #[test]
    fn records_in_json_are_read_by_their_message() {
        let json = r#"{"time":"2026-03-02T09:59:30Z","msg":"order paid","order":"ord_55cc3303","channel":"app"}
{"time":"2026-03-02T10:00:00Z","msg":"order paid","order":"ord_8f21aa01","channel":"web"}
{"time":"2026-03-02T10:00:00Z","msg":"event created","order":"ord_8f21aa01","event_id":"evt_77aa1101"}
{"time":"2026-03-02T10:00:01Z","msg":"webhook delivered","event_id":"evt_77aa1101","status":200}"#;
        assert_eq!(found(json), Some(("event.none_made", "order paid ord_55cc3303".to_owned())));
        let none = r#"{"time":"2026-03-02T10:00:00Z","msg":"no event generated for ord_8f21aa01"}"#;
        assert_eq!(found(none), None);
    }
}
