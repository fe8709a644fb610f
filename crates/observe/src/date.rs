//! Points in time as headers, tokens and bodies write them, to seconds since the Unix epoch.
//!
//! It refuses to know any clock: what "now" is, is told by the evidence (see [`Now`]).

use crate::Clock;
use firstfault_model::Call;

/// The moment that the call happened, and which clock says so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Now {
    /// Seconds since the epoch by the evidence: the response's Date, the call's start, or the paste's own times.
    pub(crate) evidence: Option<i64>,
    /// The same, with this machine's clock as the last resort.
    pub(crate) any: Option<i64>,
    /// `response`, `call`, `evidence` or `machine`.
    pub(crate) clock: &'static str,
}

impl Now {
    pub(crate) fn of(call: &Call, clock: Clock) -> Self {
        let date = call.response.as_ref().and_then(|r| r.headers.first("date")).and_then(parse);
        let seconds = |ms: i64| ms.div_euclid(1000);
        let (evidence, name) = match (date, call.started, clock.evidence) {
            (Some(date), _, _) => (Some(date), "response"),
            (None, Some(started), _) => (Some(seconds(started)), "call"),
            (None, None, Some(evidence)) => (Some(seconds(evidence)), "evidence"),
            (None, None, None) => (None, "machine"),
        };
        Self { evidence, any: evidence.or(clock.machine.map(seconds)), clock: name }
    }
}

/// Any of: IMF-fixdate, RFC 850, asctime (RFC 9110 section 5.6.7), RFC 3339, and the compact form of
/// AWS (`20150830T123600Z`).
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.as_bytes().first()? {
        b'0'..=b'9' => iso(text),
        b if b.is_ascii_alphabetic() => http(text),
        _ => None,
    }
}

fn http(text: &str) -> Option<i64> {
    let (mut day, mut month, mut year, mut time, mut offset) = (None, None, None, None, 0);
    for word in text.split([' ', ',', '-']).filter(|w| !w.is_empty()).take(8) {
        if word.contains(':') {
            time = clock_time(word);
        } else if word.len() == 5 && word.starts_with('+') {
            let number: i64 = word[1..].parse().ok()?;
            offset = (number / 100) * 3600 + (number % 100) * 60;
        } else if let Ok(number) = word.parse::<i64>() {
            if day.is_none() {
                day = Some(number);
            } else {
                year = Some(if word.len() == 2 { number + if number < 70 { 2000 } else { 1900 } } else { number });
            }
        } else if month.is_none() {
            month = month_of(word);
        }
    }
    Some(epoch(year?, month?, day?)? + time? - offset)
}

fn month_of(word: &str) -> Option<i64> {
    let name = word.get(..3)?;
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    months.iter().position(|month| month.eq_ignore_ascii_case(name)).map(|at| at as i64 + 1)
}

fn clock_time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds: i64 = match parts.next() {
        Some(seconds) => seconds.get(..2)?.parse().ok()?,
        None => 0,
    };
    ((0..24).contains(&hours) && (0..60).contains(&minutes) && (0..=60).contains(&seconds))
        .then_some(hours * 3600 + minutes * 60 + seconds)
}

fn iso(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    if text.as_bytes().get(8) == Some(&b'T') {
        let time = number(9, 11)? * 3600 + number(11, 13)? * 60 + number(13, 15)?;
        return Some(epoch(number(0, 4)?, number(4, 6)?, number(6, 8)?)? + time);
    }
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let days = epoch(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    if !matches!(bytes.get(10), Some(b'T' | b't' | b' ')) {
        return if text.len() == 10 { Some(days) } else { None };
    }
    let time = clock_time(text.get(11..19)?)?;
    let rest = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()).trim_start();
    let offset = match rest.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => {
            let digits: String = rest[1..].chars().filter(char::is_ascii_digit).take(4).collect();
            let number: i64 = digits.parse().ok()?;
            let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
            (hours * 3600 + minutes * 60) * if *sign == b'+' { 1 } else { -1 }
        }
        _ => 0,
    };
    Some(days + time - offset)
}

/// Days from the civil calendar (proleptic Gregorian), as seconds.
fn epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1900..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400)
}

/// A span of time as seconds: `30`, `1.5`, `34s`, `1m30s`, `6ms`, `2h0m0s`, `PT30S` left aside.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Some(number).filter(|n| n.is_finite());
    }
    let (mut total, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|at| *at > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        total += number
            * match rest[..unit].to_ascii_lowercase().as_str() {
                "ms" | "msec" | "millisecond" | "milliseconds" | "millis" => 0.001,
                "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
                "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
                "h" | "hour" | "hours" => 3600.0,
                "d" | "day" | "days" => 86_400.0,
                _ => return None,
            };
        rest = rest[unit..].trim_start_matches([' ', ',']);
    }
    (total.is_finite() && !text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_rfc_9110_and_others_agree() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "1994-11-06T08:49:37Z",
            "1994-11-06T09:49:37.123+01:00",
            "19941106T084937Z",
        ] {
            assert_eq!(parse(text), Some(784_111_777), "{text}");
        }
        for text in ["", "Sun", "2020-13-01", "12", "Wed, é", "2020-01-01T99:00:00Z", "2020-01-01é"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn spans_of_time() {
        for (text, expected) in [
            ("30", Some(30.0)),
            ("34.5s", Some(34.5)),
            ("1m30s", Some(90.0)),
            ("6ms", Some(0.006)),
            ("s", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
