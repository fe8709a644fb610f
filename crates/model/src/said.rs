//! Numbers and times in words, the same in every answer and every format.

use crate::rfc3339;

/// `2026-11-20T10:21:07.000Z`: RFC 3339 with milliseconds, in UTC; empty outside the years 1 to 9999.
#[must_use]
pub fn moment(ms: i64) -> String {
    let text = rfc3339(ms);
    match text.strip_suffix('Z') {
        Some(bare) if !bare.contains('.') => format!("{bare}.000Z"),
        _ => text,
    }
}

/// `2026-11-20 10:21:07`, in UTC; `unknown` outside the years 1 to 9999.
#[must_use]
pub fn date(ms: i64) -> String {
    let text = rfc3339(ms);
    text.get(..19).map_or_else(|| "unknown".to_owned(), |text| text.replace('T', " "))
}

/// `10:21:07`, in UTC.
#[must_use]
pub fn clock(ms: i64) -> String {
    rfc3339(ms).get(11..19).unwrap_or("unknown").to_owned()
}

/// `1,234,567`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 user`, `311 users`.
#[must_use]
pub fn some(n: u64, word: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {word}{plural}", count(n))
}

/// A share as `97%`, `0.40%`; never `0%` or `100%` when it is not quite that.
#[must_use]
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        "unknown".to_owned()
    } else if percent <= 0.0 {
        "0%".to_owned()
    } else if percent < 0.01 {
        "<0.01%".to_owned()
    } else if percent < 1.0 {
        format!("{percent:.2}%")
    } else if percent < 10.0 {
        format!("{percent:.1}%")
    } else if percent > 99.0 && percent < 100.0 {
        format!("{:.1}%", percent.min(99.9))
    } else {
        format!("{percent:.0}%")
    }
}

/// A duration in milliseconds as `450 ms`, `3.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
#[must_use]
pub fn duration(ms: f64) -> String {
    if !ms.is_finite() || ms < 0.0 {
        return "unknown".to_owned();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "finite and not negative")]
    let seconds = (ms / 1000.0).round() as u64;
    let two = |large: u64, unit: &str, small: u64, sub: &str| {
        if small == 0 { format!("{} {unit}", count(large)) } else { format!("{} {unit} {small} {sub}", count(large)) }
    };
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if ms < 9_950.0 {
        format!("{:.1} s", ms / 1000.0)
    } else if seconds < 60 {
        format!("{seconds} s")
    } else if seconds < 3_600 {
        two(seconds / 60, "min", seconds % 60, "s")
    } else if seconds < 86_400 {
        two(seconds / 3_600, "h", seconds % 3_600 / 60, "min")
    } else {
        two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
    }
}

/// The time between two moments.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a log fit")]
pub fn between(from: i64, to: i64) -> String {
    duration(to.saturating_sub(from).max(0) as f64)
}

/// `tenant acme, route /v1/tickets`; `everywhere` for none.
#[must_use]
pub fn attributes(attributes: &[(String, String)]) -> String {
    if attributes.is_empty() {
        return "everywhere".to_owned();
    }
    attributes.iter().map(|(name, value)| format!("{} {value}", name.replace('_', " "))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(some(1, "user"), "1 user");
        let shares: Vec<String> = [0.0, 0.000_01, 0.004, 0.05, 0.97, 0.9999, 1.0].iter().map(|s| share(*s)).collect();
        assert_eq!(shares, ["0%", "<0.01%", "0.40%", "5.0%", "97%", "99.9%", "100%"]);
        let spans: Vec<String> =
            [4.2, 450.0, 3_200.0, 200_000.0, 7_500_000.0, 360_000_000.0].iter().map(|ms| duration(*ms)).collect();
        assert_eq!(spans, ["4.2 ms", "450 ms", "3.2 s", "3 min 20 s", "2 h 5 min", "4 d 4 h"]);
        assert_eq!(duration(f64::NAN), "unknown");
        assert_eq!(moment(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(moment(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(clock(i64::MIN), "unknown");
    }
}
