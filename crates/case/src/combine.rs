//! Which calls of a case tell of the same failure, and what was observed in them as one.
//!
//! The main call is the one that failed first: by the evidence's clock where two calls show one, else by the order in
//! which the evidence was added. A call that nothing explains gives way to one that is understood. Another failing call
//! joins it when
//!
//! - both carry the same correlation id, or
//! - it names the same target (method, host and route, as far as both name them) and, seen from the same side, has the
//!   same status: two statuses on one side are two failures, and on two sides they are one (a gateway says 502 where the
//!   service says 500), or
//! - one of them names no target and the other is what its piece of evidence is about: somebody put both into one case.
//!   Nothing but that links them, so they stay two failures where each has a clear cause of its own and not the same.
//!
//! Another piece's view of the call adds everything that it saw; a repeat seen from the same side adds only facts of
//! which the call had none. Passages that differ in nothing but numbers and ids count once. What the main call says of
//! itself (its status, its target) stays as it is.

use crate::CLEAR;
use firstfault_diagnose::route;
use firstfault_model::{Case, Fact, Observations, Place, SeenCall};
use std::collections::HashSet;

/// The failing calls of a case, sorted by what they have to do with the one that failed first.
#[derive(Clone, Debug)]
pub struct Combined<'c> {
    /// The one that failed first, with the number of its piece.
    pub main: (u32, &'c SeenCall),
    /// Those that tell of the same failure.
    pub joined: Vec<(u32, &'c SeenCall)>,
    /// Other failures.
    pub others: Vec<(u32, &'c SeenCall)>,
    /// What was observed in the main call and those that joined it.
    pub observations: Observations,
}

/// The most passages that are judged at once; a case that tells more tells it again.
const TEXTS: usize = 2000;

/// Facts that say what a call is: another view of it does not change them.
const OF_THE_CALL: &[&str] = &[
    "status",
    "reason",
    "method",
    "scheme",
    "host",
    "port",
    "path",
    "vantage",
    "request.kind",
    "response.kind",
    "credential.scheme",
    "duration.ms",
    "duration.like",
];

/// Sorts the failing calls of a case and joins what was observed; `None` when none failed.
#[must_use]
pub fn combine(case: &Case) -> Option<Combined<'_>> {
    let main = main_call(case)?;
    let mut joined = Vec::new();
    let mut others = Vec::new();
    for piece in &case.pieces {
        for (at, call) in piece.calls.iter().enumerate().filter(|(_, call)| call.failed) {
            if std::ptr::eq(call, main.1) {
                continue;
            }
            let about = at == 0 && piece.number != main.0;
            if same_failure(main.1, call, about) {
                joined.push((piece.number, call));
            } else {
                others.push((piece.number, call));
            }
        }
    }
    let mut observations = placed(&main.1.observations, main.0);
    let mut shapes: HashSet<(Place, String)> = observations.texts.iter().map(|t| (t.place, shape(&t.text))).collect();
    for (piece, call) in &joined {
        let repeat = call.observations.value("vantage") == main.1.observations.value("vantage");
        let more = placed(&call.observations, *piece);
        add_facts(&mut observations, &more.facts, repeat);
        let new = more.texts.into_iter().filter(|text| shapes.insert((text.place, shape(&text.text))));
        observations.texts.extend(new.take(TEXTS.saturating_sub(observations.texts.len())));
    }
    Some(Combined { main, joined, others, observations })
}

fn main_call(case: &Case) -> Option<(u32, &SeenCall)> {
    let firsts = case.pieces.iter().filter_map(|p| p.calls.first().filter(|c| c.failed).map(|c| (p.number, c)));
    let mut best: Option<(u32, &SeenCall)> = None;
    for next in firsts {
        let earlier = best.is_none_or(|(_, best)| match (best.attributed, next.1.attributed) {
            (false, true) => true,
            (true, false) => false,
            _ => matches!((best.started, next.1.started), (Some(best), Some(next)) if next < best),
        });
        if earlier {
            best = Some(next);
        }
    }
    best
}

/// Whether two failing calls tell of one failure; `about` when the second is what its piece of evidence is about.
fn same_failure(main: &SeenCall, other: &SeenCall, about: bool) -> bool {
    let (a, b) = (&main.observations, &other.observations);
    let shares_id = a
        .facts
        .iter()
        .filter(|fact| fact.key.starts_with("id.") && fact.value.len() >= 6)
        .any(|fact| b.facts.iter().any(|other| other.key.starts_with("id.") && other.value == fact.value));
    if shares_id {
        return true;
    }
    if !same_target(a, b) {
        return false;
    }
    let same_side = a.value("vantage") == b.value("vantage");
    if same_side && differ(a.value("status"), b.value("status")) {
        return false;
    }
    let names_target = b.has("host") || b.has("path");
    names_target && (a.has("host") || a.has("path")) || about && !contradict(main, other)
}

/// True for two calls that each have a clear cause by themselves, and not the same.
fn contradict(a: &SeenCall, b: &SeenCall) -> bool {
    let clear = |call: &SeenCall| call.attributed && call.probability >= CLEAR;
    clear(a) && clear(b) && a.cause != b.cause
}

/// True when nothing that both say of the target differs.
#[must_use]
pub fn same_target(a: &Observations, b: &Observations) -> bool {
    let lower = |o: &Observations, key: &str| o.value(key).map(str::to_ascii_lowercase);
    let path = |o: &Observations| o.value("path").map(|path| route(path.trim_end_matches('/')));
    !differ(lower(a, "host"), lower(b, "host"))
        && !differ(lower(a, "method"), lower(b, "method"))
        && !differ(path(a), path(b))
}

fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

/// Observations that know which piece they stand in.
fn placed(observations: &Observations, piece: u32) -> Observations {
    let mut out = observations.clone();
    let spans = out.facts.iter_mut().map(|f| &mut f.span).chain(out.texts.iter_mut().map(|t| &mut t.span));
    spans.for_each(|span| span.piece = u16::try_from(piece).unwrap_or(u16::MAX));
    out
}

fn add_facts(all: &mut Observations, more: &[Fact], repeat: bool) {
    let before = all.facts.len();
    for fact in more {
        let mut same_key = all.facts[..before].iter().filter(|known| known.key == fact.key).peekable();
        let own = repeat || OF_THE_CALL.contains(&fact.key.as_ref());
        // What one side did not see another may have seen: an absence gives way to the thing itself.
        let seen = fact.key.strip_prefix("absent.").is_some_and(|key| all.has(key));
        if seen || own && same_key.peek().is_some() || same_key.any(|known| known.value == fact.value) {
            continue;
        }
        all.facts.push(fact.clone());
    }
}

/// A passage without what varies from one call to the next: words that hold a digit.
fn shape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push_str(if word.bytes().any(|b| b.is_ascii_digit()) { "#" } else { word });
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Piece, Span};

    fn call(facts: &[(&'static str, &str)]) -> SeenCall {
        let mut observations = Observations::default();
        for (key, value) in facts {
            observations.add(*key, *value, Span::new(3, 0, 1));
        }
        SeenCall { failed: true, attributed: true, observations, ..SeenCall::default() }
    }

    fn case(calls: Vec<SeenCall>) -> Case {
        let piece = |(at, call)| Piece { number: at, calls: vec![call], ..Piece::default() };
        Case { pieces: (1..).zip(calls).map(piece).collect(), ..Case::default() }
    }

    const MAIN: &[(&str, &str)] =
        &[("host", "a.example"), ("path", "/v1/orders/17"), ("status", "502"), ("vantage", "client")];

    #[test]
    fn what_tells_of_the_same_failure_joins() {
        for (facts, joins) in [
            (&[("host", "A.example"), ("path", "/v1/orders/18/"), ("status", "502"), ("vantage", "client")][..], true),
            (&[("path", "/v1/orders/9"), ("status", "500"), ("vantage", "server")], true),
            (&[("path", "/v1/orders/9"), ("status", "500"), ("vantage", "client")], false),
            (&[("host", "b.example"), ("path", "/v1/orders/17")], false),
            (&[("path", "/v1/users/9"), ("status", "502")], false),
            (&[("exception.type", "java.net.ConnectException"), ("vantage", "program")], true),
        ] {
            let case = case(vec![call(MAIN), call(facts)]);
            let combined = combine(&case).unwrap();
            assert_eq!(combined.joined.len(), usize::from(joins), "{facts:?}");
            assert_eq!(combined.others.len(), usize::from(!joins), "{facts:?}");
        }
    }

    #[test]
    fn a_shared_id_joins_whatever_else_differs() {
        let with = |host: &'static str| {
            let mut call = call(&[("host", host), ("vantage", "client")]);
            call.observations.add("id.x-request-id", "7b0c7c2e", Span::default());
            call
        };
        let case = case(vec![with("a.example"), with("b.example")]);
        assert_eq!(combine(&case).unwrap().joined.len(), 1);
    }

    #[test]
    fn two_clear_causes_that_nothing_links_are_two_failures() {
        let clear = |cause: &str, facts| SeenCall { cause: cause.to_owned(), probability: 0.95, ..call(facts) };
        let bare = &[("vantage", "program")][..];
        for (main, other, joins) in [
            (clear("a.b", MAIN), clear("c.d", bare), false),
            (clear("a.b", bare), clear("c.d", MAIN), false),
            (clear("a.b", MAIN), clear("a.b", bare), true),
            (call(MAIN), clear("c.d", bare), true),
        ] {
            let case = case(vec![main, other]);
            assert_eq!(combine(&case).unwrap().joined.len(), usize::from(joins));
        }
    }

    #[test]
    fn the_call_that_failed_first_is_the_main_one() {
        let at = |started, attributed| SeenCall { started, attributed, ..call(MAIN) };
        for (calls, main) in [
            (vec![at(Some(20), true), at(Some(10), true)], 2),
            (vec![at(Some(20), true), at(None, true)], 1),
            (vec![at(None, false), at(None, true)], 2),
            (vec![at(Some(20), true), at(Some(10), false)], 1),
        ] {
            assert_eq!(combine(&case(calls)).unwrap().main.0, main);
        }
    }

    #[test]
    fn a_repeat_adds_only_what_is_new_and_lines_keep_their_piece() {
        let mut first = call(MAIN);
        first.observations.add("error.code", "a", Span::new(3, 0, 1));
        let mut again = call(MAIN);
        again.observations.add("error.code", "b", Span::new(4, 0, 1));
        again.observations.add("errno", "ECONNRESET", Span::new(5, 0, 1));
        let case = case(vec![first, again]);
        let combined = combine(&case).unwrap();
        let all = &combined.observations;
        assert_eq!(all.every("error.code").map(|f| f.value.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(all.fact("errno").map(|fact| (fact.span.piece, fact.span.line)), Some((2, 5)));
        assert_eq!(all.fact("status").map(|fact| (fact.span.piece, fact.span.line)), Some((1, 3)));
    }

    #[test]
    fn passages_that_differ_in_numbers_count_once() {
        assert_eq!(shape("request 81fa took 30001 ms"), shape("request 77bc took 29998 ms"));
        assert_ne!(shape("took 3 ms"), shape("failed 3 times"));
    }
}
