//! The way of one request at a terminal: what failed first, then a waterfall with one line for each hop.

use super::safe::SafeTrace;
use crate::paint::{Ink, columns, cut, paint, wrap};
use crate::text::Style;
use firstfault_model::incident::Hop;
use firstfault_model::said::{duration, moment, some};
use firstfault_model::way::{Clock, Trace};
use std::fmt::Write as _;

/// Hops that are shown unless everything is asked for.
const HOPS: usize = 40;
/// Columns of the bars, at least.
const BAR: usize = 16;

/// The report on one request.
#[must_use]
pub fn text(safe: &SafeTrace, style: Style) -> String {
    let trace = safe.trace();
    let mut out = String::new();
    let (sign, ink) = match (trace.failed, trace.first) {
        (true, _) => ("✗", Ink::Red),
        (false, Some(_)) => ("!", Ink::Yellow),
        (false, None) => ("✓", Ink::Green),
    };
    let head = format!("request {} · {}", trace.id, some(trace.lines, "line"));
    let _ = writeln!(
        out,
        "{} {}",
        paint(sign, ink, style.color),
        paint(&cut(&head, style.width.saturating_sub(2)), Ink::Bold, style.color)
    );
    if let Some(advice) = advice(trace) {
        paragraph(&mut out, &advice, 2, style);
    }
    out.push('\n');
    paragraph(&mut out, &trace.summary, 2, style);
    for short in &trace.short_timeouts {
        let times = if short.count > 1 { format!(" ({} times)", short.count) } else { String::new() };
        paragraph(
            &mut out,
            &format!(
                "time-out too short: {} gives up after {}, {} needs {}{times}",
                short.gateway,
                duration(short.gave_up),
                short.backend,
                duration(short.answered)
            ),
            2,
            style,
        );
    }
    for t in &trace.translations {
        let words =
            format!("translated: {} answered {} for the {} of {}", t.service, t.status, t.upstream_status, t.upstream);
        paragraph(&mut out, &words, 2, style);
    }
    for attempts in &trace.attempts {
        let end = if attempts.last_failed { "the last one failed too" } else { "the last one went well" };
        let words = format!("repeated: {} tells of {} × {}, {end}", attempts.service, attempts.count, attempts.what);
        paragraph(&mut out, &words, 2, style);
    }
    if !trace.hops.is_empty() {
        out.push('\n');
        waterfall(&mut out, trace, style);
    }
    clocks(&mut out, &trace.clocks, style);
    if trace.failed && !trace.checks.is_empty() {
        let _ = writeln!(out, "\n  {}", paint("Next, fastest first", Ink::Bold, style.color));
        let shown = if style.verbose { trace.checks.len() } else { 3 };
        for (number, check) in trace.checks.iter().take(shown).enumerate() {
            let lead = format!("{:>3} {:>4} s  ", number + 1, check.seconds);
            hanging(&mut out, &lead, &check.question, style);
            if let Some(command) = &check.command {
                let _ = writeln!(out, "             {command}");
            }
        }
    }
    for note in &trace.notes {
        paragraph(&mut out, &format!("note: {note}"), 2, style);
    }
    if !matches!(trace.cause.as_str(), "none" | "unknown") {
        let _ = writeln!(out, "\n  more  firstfault explain {}", trace.cause);
    }
    out
}

/// `auth bucket · layer auth · auth.revoked (94%) · the caller's to fix`.
fn advice(trace: &Trace) -> Option<String> {
    trace.first?;
    let mut words = Vec::new();
    words.extend(trace.bucket.map(|bucket| format!("{} bucket", bucket.word().replace('_', " "))));
    words.extend(trace.layer.map(|layer| format!("layer {layer}")));
    if trace.cause != "unknown" && trace.cause != "none" {
        words.push(format!("{} ({:.0}%)", trace.cause, trace.probability * 100.0));
    }
    words.extend(trace.owner.map(|owner| owner_words(owner).to_owned()));
    Some(words.join(" · "))
}

pub(crate) fn owner_words(owner: firstfault_model::Owner) -> &'static str {
    use firstfault_model::Owner;
    match owner {
        Owner::Caller => "the caller's to fix",
        Owner::Provider => "the provider's to fix",
        Owner::Path => "for whoever runs what lies between",
    }
}

/// One line for each hop: sign, system, bar, duration, what and status.
fn waterfall(out: &mut String, trace: &Trace, style: Style) {
    let shown = if style.verbose { trace.hops.len() } else { HOPS };
    let hops: Vec<(usize, &Hop)> = trace.hops.iter().enumerate().take(shown).collect();
    let begin = |hop: &Hop| hop.at.map(|at| at.saturating_sub(hop.skew));
    let end = |hop: &Hop| begin(hop).map(|at| at.saturating_add(whole(hop.duration)));
    let from = trace.hops.iter().filter_map(begin).min();
    let to = trace.hops.iter().filter_map(end).max();
    let name = |hop: &Hop| format!("{}{}", "  ".repeat(hop.depth.min(8) as usize), hop.service);
    let names = hops.iter().map(|(_, hop)| columns(&name(hop))).max().unwrap_or(0).clamp(8, style.width / 4);
    let times = 9;
    let bar = BAR.max(style.width / 4);
    if let Some(from) = from {
        let _ = writeln!(out, "  {}", paint(&format!("from {}", moment(from)), Ink::Dim, style.color));
    }
    for (index, hop) in &hops {
        let first = trace.first == Some(*index);
        let (sign, ink) = match (first, hop.failed) {
            (true, _) => ("▶", Ink::Red),
            (false, true) => ("✗", Ink::Red),
            (false, false) => ("·", Ink::Dim),
        };
        let label = cut(&name(hop), names);
        let label = format!("{label}{}", " ".repeat(names.saturating_sub(columns(&label))));
        let drawn = match (begin(hop), end(hop), from, to) {
            (Some(begin), Some(end), Some(from), Some(to)) => draw(begin - from, end - from, to - from, bar),
            _ => " ".repeat(bar),
        };
        let took = hop.duration.map_or_else(String::new, duration);
        let status = hop.status.map_or_else(String::new, |status| format!(" → {status}"));
        let mut what = format!("{}{status}", hop.what);
        if !hop.message.is_empty() && hop.message != hop.what && hop.failed {
            let _ = write!(what, "  {}", hop.message);
        }
        let used = 2 + 2 + names + 1 + bar + 1 + times + 1;
        let _ = writeln!(
            out,
            "  {} {} {} {took:>times$} {}",
            paint(sign, ink, style.color),
            if first { paint(&label, Ink::Bold, style.color) } else { label },
            if hop.failed { paint(&drawn, Ink::Red, style.color) } else { drawn },
            cut(&what, style.width.saturating_sub(used)),
        );
        if first {
            let place = format!("▲ failed first  {} line {}", hop.source.0, hop.source.1);
            let lead = " ".repeat(4 + names + 1);
            let _ = writeln!(
                out,
                "{lead}{}",
                paint(&cut(&place, style.width - lead.len().min(style.width)), Ink::Red, style.color)
            );
        }
    }
    if trace.hops.len() > shown {
        let _ = writeln!(out, "    and {} lines more (--verbose)", trace.hops.len() - shown);
    }
}

/// A bar from `begin` to `end` of `whole`, at least one column wide.
fn draw(begin: i64, end: i64, whole: i64, width: usize) -> String {
    let whole = u64::try_from(whole).unwrap_or(0).max(1);
    let column = |at: i64| {
        let at = u64::try_from(at).unwrap_or(0).min(whole);
        usize::try_from(u128::from(at) * width as u128 / u128::from(whole)).unwrap_or(0)
    };
    let from = column(begin).min(width.saturating_sub(1));
    let to = column(end).clamp(from + 1, width.max(from + 1));
    let (mark, length) = if begin == end { ("│", 1) } else { ("█", to - from) };
    format!("{}{}{}", " ".repeat(from), mark.repeat(length), " ".repeat(width.saturating_sub(from + length)))
}

fn whole(duration: Option<f64>) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float that is too large becomes the largest number")]
    let ms = duration.unwrap_or(0.0).round() as i64;
    ms.clamp(0, 1 << 40)
}

/// The clocks that are off; those that agree are said in one line.
pub(crate) fn clocks(out: &mut String, clocks: &[Clock], style: Style) {
    if clocks.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", paint("Clocks", Ink::Bold, style.color));
    for clock in clocks {
        let said = match clock.offset {
            0 => "agrees".to_owned(),
            fast @ 1.. => format!("{} fast", of(fast)),
            slow => format!("{} slow", of(slow)),
        };
        hanging(out, &format!("  {} {said}: ", clock.service), &clock.because, style);
    }
}

fn of(offset: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "offsets are far below 2^52 milliseconds")]
    duration(offset.unsigned_abs() as f64)
}

pub(crate) fn paragraph(out: &mut String, words: &str, indent: usize, style: Style) {
    for line in wrap(words, style.width.saturating_sub(indent)) {
        let _ = writeln!(out, "{}{line}", " ".repeat(indent));
    }
}

/// A paragraph whose first line begins with `lead` and whose others stand below what follows it.
pub(crate) fn hanging(out: &mut String, lead: &str, words: &str, style: Style) {
    let indent = columns(lead).min(style.width / 2);
    for (number, line) in wrap(words, style.width.saturating_sub(indent)).iter().enumerate() {
        if number == 0 {
            let _ = writeln!(out, "{lead}{line}");
        } else {
            let _ = writeln!(out, "{}{line}", " ".repeat(indent));
        }
    }
}
