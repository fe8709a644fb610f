//! All cases in a list, and what their clocks say together.

use crate::clock::{parts, span, stats};
use crate::{Spread, moment};
use firstfault_model::{Case, CaseClock};
use firstfault_redact::Redactor;
use firstfault_report::paint::{cut, wrap};
use firstfault_report::{Style, one_line};
use std::fmt::Write as _;

/// With fewer cases than this a mean or a median says little.
const ENOUGH: usize = 5;

/// A title as it may be shown.
pub fn title(case: &Case) -> String {
    one_line(&Redactor::new().text(&case.title), 200)
}

/// Two lines for each case.
#[must_use]
pub fn list_text(cases: &[(Case, usize)], at_hand: Option<u32>, style: Style) -> String {
    let mut out = String::new();
    for (case, pieces) in cases {
        let mark = if at_hand == Some(case.number) { "→" } else { " " };
        let state = match (parts(&case.clock)[2], case.clock.resolved) {
            (Some(took), _) => format!("closed after {}", span(took)),
            (None, Some(_)) => "closed".to_owned(),
            (None, None) => format!("open since {}", day(case.clock.opened)),
        };
        let cause = match (&case.cause, case.ranking.first()) {
            (Some(cause), _) => cause.clone(),
            (None, Some((cause, probability))) => format!("{cause} {:.0}%", probability * 100.0),
            (None, None) => "no verdict".to_owned(),
        };
        let evidence = if *pieces == 1 { "1 piece".to_owned() } else { format!("{pieces} pieces") };
        let head = format!("{mark} {}  {}", case.id, title(case));
        let _ = writeln!(out, "{}", cut(&head, style.width));
        let _ = writeln!(out, "{}", cut(&format!("    {state} · {evidence} · {cause}"), style.width));
    }
    if cases.is_empty() {
        out.push_str("no case yet: firstfault case open TITLE\n");
    }
    out
}

fn day(milliseconds: i64) -> String {
    moment(milliseconds).get(..10).unwrap_or_default().to_owned()
}

/// MTTD, MTTC and MTTR with what they mean and rest on.
#[must_use]
pub fn stats_text(clocks: &[CaseClock], style: Style) -> String {
    let stats = stats(clocks);
    let mut out = String::new();
    let cases = if stats.cases == 1 { "1 case".to_owned() } else { format!("{} cases", stats.cases) };
    let _ = writeln!(out, "{cases}, {} open\n", stats.open);
    for (name, meaning, spread) in [
        ("MTTD", "start to detection", stats.to_detect),
        ("MTTC", "detection to clear cause", stats.to_clear),
        ("MTTR", "detection to resolution", stats.to_resolve),
    ] {
        let value = match spread {
            None => "no case shows it".to_owned(),
            Some(Spread { cases, mean, median }) => {
                let of = if cases == 1 { "1 case".to_owned() } else { format!("{cases} cases") };
                format!("median {}, mean {} ({of})", span(median), span(mean))
            }
        };
        let _ = writeln!(out, "{}", cut(&format!("{name}  {meaning:<25} {value}"), style.width));
    }
    let few = |spread: Option<Spread>| spread.is_none_or(|spread| spread.cases < ENOUGH);
    let mut notes = Vec::new();
    if stats.cases > 0 && [stats.to_detect, stats.to_clear, stats.to_resolve].into_iter().any(few) {
        notes.push(format!("Fewer than {ENOUGH} cases are too few to rely on."));
    }
    if stats.to_detect.is_none() && stats.cases > 0 {
        notes.push(
            "A failure's start is known where the evidence carries a time that lies before its detection.".to_owned(),
        );
    }
    if !notes.is_empty() {
        out.push('\n');
        for line in wrap(&notes.join(" "), style.width) {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}
