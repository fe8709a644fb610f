//! How long the call took, and the usual limit that it resembles: a call that ends at 30.0 s ended
//! because somebody's clock ran out.
//!
//! It refuses to say whose.

use crate::sink::{Sink, cut};
use firstfault_model::{Call, MessageKind, Span};

/// Usual limits of clients, gateways and platforms, in seconds.
const LIMITS: &[u32] = &[5, 10, 15, 20, 25, 29, 30, 50, 55, 60, 90, 100, 120, 180, 240, 300, 350, 600, 900];

pub(crate) fn read(call: &Call, out: &mut Sink) {
    let stated = out.value("duration.ms").and_then(|ms| ms.parse::<f64>().ok());
    let Some((ms, span)) = stated.map(|ms| (ms, call.span)).or_else(|| measured(call, out)) else { return };
    if !ms.is_finite() || !(0.0..=1e9).contains(&ms) {
        return;
    }
    if stated.is_none() {
        out.fact("duration.ms", &format!("{}", ms.round() as i64), span);
    }
    let resembles = LIMITS.iter().rev().find(|limit| {
        let limit = f64::from(**limit) * 1000.0;
        // clocks round: 29.998 s is the limit of 30 s too
        ms >= limit - 10.0 && ms <= limit + (limit * 0.025).max(250.0)
    });
    if let Some(limit) = resembles {
        out.fact("duration.like", &format!("{limit}s"), span);
    }
}

fn measured(call: &Call, out: &Sink) -> Option<(f64, Span)> {
    let timings = &call.timings;
    if let Some(total) = timings.total {
        return Some((total, call.span));
    }
    if timings.wait.is_some() {
        let parts = [timings.dns, timings.connect, timings.tls, timings.send, timings.wait, timings.receive];
        return Some((parts.iter().flatten().sum(), call.span));
    }
    for key in ["haproxy.timer.total", "duration", "upstream.response_time"] {
        let Some(text) = out.value(key) else { continue };
        let number = crate::date::seconds(text)?;
        // HAProxy counts milliseconds, nginx seconds
        let ms = if key.starts_with("haproxy") { number } else { number * 1000.0 };
        return (ms > 0.0).then_some((ms, call.span));
    }
    call.messages
        .iter()
        .filter(|m| m.kind != MessageKind::Note)
        .take(20)
        .find_map(|message| Some((spoken(&message.text)?, message.span)))
}

/// `timed out after 30001 milliseconds`, `timeout of 10000ms exceeded`, `(read timeout=10)`.
fn spoken(text: &str) -> Option<f64> {
    let text = cut(text, 2000);
    let lower = text.to_ascii_lowercase();
    if !lower.contains("time") && !lower.contains("deadline") {
        return None;
    }
    for mark in [
        "timed out after ",
        "timeout after ",
        "timeout of ",
        "timeout=",
        "timed out (",
        "exceeded timeout of ",
        "deadline exceeded after ",
        "task timed out after ",
    ] {
        let Some(at) = lower.find(mark) else { continue };
        let rest = &lower[at + mark.len()..];
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..digits].trim_end_matches('.').parse::<f64>() else { continue };
        let unit = rest[digits..].trim_start();
        return Some(if unit.starts_with("ms") || unit.starts_with("milli") {
            number
        } else if unit.starts_with('s') || mark.ends_with('=') {
            number * 1000.0
        } else if unit.starts_with("min") {
            number * 60_000.0
        } else {
            continue;
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Message, Timings};

    #[test]
    fn durations_resemble_limits() {
        for (ms, expected) in [
            (30_001.0, "30s"),
            (29_998.0, "30s"),
            (29_030.0, "29s"),
            (60_900.0, "60s"),
            (5_240.0, "5s"),
            (5_300.0, ""),
            (31_000.0, ""),
            (120.0, ""),
            (350_005.0, "350s"),
        ] {
            let call = Call { timings: Timings { total: Some(ms), ..Timings::default() }, ..Call::default() };
            let mut out = Sink::default();
            read(&call, &mut out);
            assert_eq!(out.value("duration.like").unwrap_or_default(), expected, "{ms}");
        }
        for (text, ms) in [
            ("Operation timed out after 30001 milliseconds with 0 bytes received", "30001"),
            ("timeout of 10000ms exceeded", "10000"),
            ("Read timed out. (read timeout=10)", "10000"),
            ("Task timed out after 3.00 seconds", "3000"),
        ] {
            let message = Message { kind: MessageKind::Exception, text: text.to_owned(), span: Span::default() };
            let mut out = Sink::default();
            read(&Call { messages: vec![message], ..Call::default() }, &mut out);
            assert_eq!(out.value("duration.ms"), Some(ms), "{text}");
        }
    }
}
