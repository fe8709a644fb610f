//! Limits and waits: Retry-After (RFC 9110 section 10.2.3), the RateLimit fields of the IETF draft in
//! both of its forms, the `X-RateLimit-*` family with its many spellings, and vendors' own counters.
//!
//! It refuses to know whether a limit was the reason for anything.

use crate::date::{self, Now};
use crate::fields;
use crate::fingerprint::Lower;
use crate::sink::Sink;
use firstfault_model::{Headers, Span};

/// One limit as far as the headers tell it.
#[derive(Debug, Default)]
struct Limit {
    name: String,
    limit: Option<f64>,
    remaining: Option<f64>,
    used: Option<f64>,
    reset: Option<f64>,
    span: Span,
}

/// Adds a wait in seconds.
pub(crate) fn retry_after(out: &mut Sink, seconds: f64, span: Span) {
    if (0.0..1e9).contains(&seconds) {
        out.fact("retry_after", &plain(seconds), span);
    }
}

/// Reads the limits of a response head.
pub(crate) fn read(out: &mut Sink, headers: &Headers, now: Now) {
    let mut limits: Vec<Limit> = Vec::new();
    for header in &headers.0 {
        let name = Lower::of(&header.name);
        let name = name.as_str();
        let (value, span) = (header.value.trim(), header.span);
        match name {
            "retry-after" | "x-retry-after" | "x-retry-in" => {
                let seconds =
                    date::seconds(value).or_else(|| Some((date::parse(value)? - now.evidence?).max(0) as f64));
                if let Some(seconds) = seconds {
                    retry_after(out, seconds, span);
                }
            }
            "retry-after-ms" | "x-ms-retry-after-ms" => {
                if let Some(ms) = date::seconds(value) {
                    retry_after(out, ms / 1000.0, span);
                }
            }
            "x-shopify-shop-api-call-limit" => slash(&mut limits, "shop", value, span),
            "sforce-limit-info" => {
                for part in value.split([',', ';']).take(4) {
                    if let Some((name, counts)) = part.trim().split_once('=') {
                        slash(&mut limits, name, counts.split('(').next().unwrap_or_default(), span);
                    }
                }
            }
            "ratelimit" | "ratelimit-policy" => structured(&mut limits, value, span),
            _ if name.contains("rate") && name.contains("limit") => family(&mut limits, name, value, now, span),
            "x-quota-limit" | "x-quota-remaining" | "x-quota-reset" | "x-api-quota-remaining" => {
                family(&mut limits, name, value, now, span)
            }
            _ => {}
        }
    }
    if limits.is_empty() {
        return;
    }
    for limit in &mut limits {
        if limit.remaining.is_none() {
            limit.remaining = limit.limit.zip(limit.used).map(|(limit, used)| (limit - used).max(0.0));
        }
    }
    // the one that is used up speaks first
    limits.sort_by_key(|limit| limit.remaining.is_none_or(|remaining| remaining > 0.0));
    for limit in &limits {
        for (key, number) in [
            ("ratelimit.limit", limit.limit),
            ("ratelimit.remaining", limit.remaining),
            ("ratelimit.reset", limit.reset),
        ] {
            if let Some(number) = number {
                out.fact(key, &plain(number), limit.span);
            }
        }
        if !limit.name.is_empty() {
            out.fact("ratelimit.name", &limit.name, limit.span);
        }
    }
    if let Some(limit) = limits.iter().find(|limit| limit.remaining.is_some_and(|remaining| remaining <= 0.0)) {
        out.fact("ratelimit.exhausted", if limit.name.is_empty() { "yes" } else { &limit.name }, limit.span);
    }
}

/// `40/40`: used of allowed.
fn slash(limits: &mut Vec<Limit>, name: &str, value: &str, span: Span) {
    let Some((used, limit)) = value.trim().split_once('/') else { return };
    if let (Some(used), Some(limit)) = (date::seconds(used), date::seconds(limit)) {
        limits.push(Limit { name: name.to_owned(), limit: Some(limit), used: Some(used), span, ..Limit::default() });
    }
}

/// `"default";r=0;t=30`, `"default";q=100;w=60`, and the older `limit=100, remaining=0, reset=30`.
fn structured(limits: &mut Vec<Limit>, value: &str, span: Span) {
    for item in fields::split(value, b',').take(8) {
        let mut parts = fields::split(item, b';');
        let first = parts.next().unwrap_or_default().trim();
        let keyed = first.split_once('=');
        let name = if keyed.is_some() { "" } else { first.trim_matches('"') };
        if name.parse::<f64>().is_ok() {
            continue; // a quota of the first drafts, `100;w=60`
        }
        let at = slot(limits, name, span);
        for (key, number) in keyed.into_iter().chain(parts.filter_map(|part| part.trim().split_once('='))) {
            let number = date::seconds(number.trim_matches('"'));
            match key.trim() {
                "r" | "remaining" => limits[at].remaining = number,
                "t" | "reset" => limits[at].reset = number,
                "q" | "limit" => limits[at].limit = number,
                _ => {}
            }
        }
    }
}

/// `X-RateLimit-Remaining-Minute`, `anthropic-ratelimit-tokens-remaining`, `x-rate-limit-reset`, …
fn family(limits: &mut Vec<Limit>, name: &str, value: &str, now: Now, span: Span) {
    let mut kind = "";
    let mut label: Vec<&str> = Vec::new();
    let mut words = name.split(['-', '_']).peekable();
    while let Some(word) = words.next() {
        match word {
            "x" | "ratelimit" | "anthropic" | "app" | "api" | "quota" | "count" | "http" => {}
            "rate" => {
                if words.peek() == Some(&"limit") {
                    words.next();
                }
            }
            "limit" | "remaining" | "reset" | "used" | "resource" | "name" | "type" | "scope" | "bucket" => kind = word,
            "after" if kind == "reset" => {}
            other => label.push(other),
        }
    }
    let number = date::seconds(value.split([',', ';', ' ', '/']).next().unwrap_or_default());
    if matches!(kind, "resource" | "name" | "scope") {
        // GitHub's `X-RateLimit-Resource: core` names the limit of the other fields
        match limits.iter_mut().find(|limit| limit.name.is_empty()) {
            Some(limit) => value.clone_into(&mut limit.name),
            None => limits.push(Limit { name: value.to_owned(), span, ..Limit::default() }),
        }
        return;
    }
    let label = label.join("-");
    if kind.is_empty() || (number.is_none() && kind != "reset") {
        return;
    }
    let at = match limits.iter().position(|limit| limit.name == label || label.is_empty() && limits.len() == 1) {
        Some(at) => at,
        None => slot(limits, &label, span),
    };
    let limit = &mut limits[at];
    match kind {
        "limit" => limit.limit = number,
        "used" => limit.used = number,
        "remaining" => {
            limit.remaining = number;
            limit.span = span;
        }
        "reset" => limit.reset = reset(value, now),
        _ => {}
    }
}

fn slot(limits: &mut Vec<Limit>, name: &str, span: Span) -> usize {
    if let Some(at) = limits.iter().position(|limit| limit.name == name) {
        return at;
    }
    limits.push(Limit { name: name.to_owned(), span, ..Limit::default() });
    limits.len() - 1
}

/// A reset as seconds from now: seconds, `1m30s`, a date, or an epoch in seconds or milliseconds.
fn reset(value: &str, now: Now) -> Option<f64> {
    let number = match date::seconds(value) {
        Some(number) => number,
        None => date::parse(value)? as f64,
    };
    let moment = if number > 1e11 { number / 1000.0 } else { number };
    if moment < 1e9 {
        return Some(moment);
    }
    now.evidence.map(|now| (moment - now as f64).max(0.0)).or(Some(moment))
}

/// A number without a needless fraction.
fn plain(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{}", number as i64)
    } else {
        format!("{}", (number * 1000.0).round() / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_read() {
        let now = Now { evidence: Some(1_700_000_000), any: Some(1_700_000_000), clock: "response" };
        for (fields, expected) in [
            (&[("Retry-After", "120")][..], &[("retry_after", "120")][..]),
            (&[("Retry-After", "Tue, 14 Nov 2023 22:14:20 GMT")], &[("retry_after", "60")]),
            (
                &[("RateLimit", "\"default\";r=0;t=30"), ("RateLimit-Policy", "\"default\";q=100;w=60")],
                &[
                    ("ratelimit.name", "default"),
                    ("ratelimit.remaining", "0"),
                    ("ratelimit.reset", "30"),
                    ("ratelimit.limit", "100"),
                ],
            ),
            (
                &[("RateLimit-Limit", "10"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "50")],
                &[("ratelimit.limit", "10"), ("ratelimit.remaining", "0"), ("ratelimit.reset", "50")],
            ),
            (
                &[
                    ("X-RateLimit-Limit", "5000"),
                    ("X-RateLimit-Remaining", "0"),
                    ("X-RateLimit-Reset", "1700000060"),
                    ("X-RateLimit-Resource", "core"),
                ],
                &[("ratelimit.remaining", "0"), ("ratelimit.reset", "60"), ("ratelimit.name", "core")],
            ),
            (
                &[
                    ("X-RateLimit-Remaining-Minute", "0"),
                    ("X-RateLimit-Limit-Minute", "5"),
                    ("X-RateLimit-Remaining-Hour", "90"),
                ],
                &[("ratelimit.name", "minute"), ("ratelimit.remaining", "0"), ("ratelimit.limit", "5")],
            ),
            (
                &[
                    ("x-ratelimit-remaining-requests", "59"),
                    ("x-ratelimit-remaining-tokens", "0"),
                    ("x-ratelimit-reset-tokens", "6m0s"),
                ],
                &[("ratelimit.name", "tokens"), ("ratelimit.reset", "360")],
            ),
            (
                &[
                    ("anthropic-ratelimit-requests-remaining", "0"),
                    ("anthropic-ratelimit-requests-reset", "2023-11-14T22:14:20Z"),
                ],
                &[("ratelimit.name", "requests"), ("ratelimit.reset", "60")],
            ),
            (&[("X-Shopify-Shop-Api-Call-Limit", "40/40")], &[("ratelimit.remaining", "0"), ("ratelimit.limit", "40")]),
            (
                &[("Sforce-Limit-Info", "api-usage=15000/15000")],
                &[("ratelimit.name", "api-usage"), ("ratelimit.remaining", "0")],
            ),
            (&[("x-rate-limit-limit", "900"), ("x-rate-limit-remaining", "899")], &[("ratelimit.remaining", "899")]),
        ] {
            let mut headers = Headers::default();
            for (name, value) in fields {
                headers.push(*name, *value, Span::default());
            }
            let mut out = Sink::default();
            read(&mut out, &headers, now);
            for (key, value) in expected {
                assert_eq!(out.value(key), Some(*value), "{fields:?} {key}: {out:?}");
            }
        }
    }
}
