//! Values: numbers, statuses, durations, attempts, levels.

use super::Form;

/// A decimal number, also with an exponent, that takes the whole value.
pub(crate) fn number(value: &[u8]) -> Option<f64> {
    let (number, rest) = leading_number(value)?;
    rest.is_empty().then_some(number)
}

const POWERS: [f64; 20] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19];

/// A number at the beginning, and what stands behind it.
#[inline]
fn leading_number(value: &[u8]) -> Option<(f64, &[u8])> {
    /// Digits before the point, and behind it, that a plain number has at most.
    const FEW: usize = 9;
    // Most are some digits, perhaps with a point among them.
    let (mut whole, mut at) = (0_u64, 0);
    while at < FEW
        && let Some(digit @ b'0'..=b'9') = value.get(at)
    {
        whole = whole * 10 + u64::from(digit - b'0');
        at += 1;
    }
    let mut places = 0;
    if at > 0 && value.get(at) == Some(&b'.') {
        at += 1;
        while places < FEW
            && let Some(digit @ b'0'..=b'9') = value.get(at)
        {
            whole = whole * 10 + u64::from(digit - b'0');
            (at, places) = (at + 1, places + 1);
        }
    }
    match value.get(at) {
        Some(b'0'..=b'9' | b'e' | b'E') => any_number(value),
        _ if at == 0 => any_number(value),
        _ => Some((whole as f64 / POWERS[places], &value[at..])),
    }
}

/// As [`leading_number`], with a sign, an exponent, or more digits.
fn any_number(value: &[u8]) -> Option<(f64, &[u8])> {
    let (negative, digits) = match value.first()? {
        b'-' => (true, &value[1..]),
        b'+' => (false, &value[1..]),
        _ => (false, value),
    };
    let (mut whole, mut places, mut point, mut seen, mut at) = (0_u64, 0_usize, false, 0_usize, 0_usize);
    while let Some(byte) = digits.get(at) {
        match byte {
            b'0'..=b'9' => {
                if seen < 18 {
                    whole = whole * 10 + u64::from(byte - b'0');
                    places += usize::from(point);
                } else if !point {
                    return std::str::from_utf8(value).ok()?.parse().ok().map(|n| (n, &value[value.len()..]));
                }
                seen += usize::from(seen > 0 || *byte != b'0');
            }
            b'.' if !point => point = true,
            _ => break,
        }
        at += 1;
    }
    if at == 0 || (at == 1 && point) {
        return None;
    }
    let mut number = whole as f64 / POWERS[places.min(19)];
    let mut rest = &digits[at..];
    if let Some(b'e' | b'E') = rest.first()
        && rest.len() > 1
    {
        let sign = usize::from(matches!(rest.get(1), Some(b'-' | b'+')));
        let length = rest[1 + sign..].iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        if length > 0 {
            let power = rest[1 + sign..1 + sign + length].iter().fold(0_i32, |sum, b| sum * 10 + i32::from(b - b'0'));
            number *= 10_f64.powi(if rest[1] == b'-' { -power } else { power });
            rest = &rest[1 + sign + length..];
        }
    }
    Some((if negative { -number } else { number }, rest))
}

/// A status code: 0, or 100 to 599 (999 too), as a number or as text with its reason behind it.
pub(crate) fn status(value: &[u8]) -> Option<u16> {
    if let [hundreds @ b'0'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = value
        && rest.first().is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'-')
    {
        let code = u16::from(hundreds - b'0') * 100 + u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
        return (code == 0 || (100..=999).contains(&code)).then_some(code);
    }
    (value == b"0").then_some(0)
}

/// The last of several statuses, as gateways list them when they tried again: `502, 200`, `502 : 200`.
pub(crate) fn last_number(value: &[u8]) -> &[u8] {
    match value.iter().rposition(|b| matches!(b, b',' | b':')) {
        None => value,
        Some(at) => value[at + 1..].trim_ascii(),
    }
}

/// Factors to milliseconds of the suffixes that durations carry.
const SUFFIXES: &[(&str, f64)] = &[
    ("ms", 1.0),
    ("s", 1e3),
    ("us", 1e-3),
    ("\u{b5}s", 1e-3),
    ("\u{3bc}s", 1e-3),
    ("ns", 1e-6),
    ("m", 6e4),
    ("h", 3.6e6),
    ("sec", 1e3),
    ("secs", 1e3),
    ("second", 1e3),
    ("seconds", 1e3),
    ("msec", 1.0),
    ("millis", 1.0),
    ("milliseconds", 1.0),
    ("min", 6e4),
];

/// A duration in milliseconds. A unit behind the number counts more than the one that the field has.
pub(crate) fn millis(value: &[u8], form: Form) -> Option<f32> {
    let factor = match form {
        Form::Seconds => 1e3,
        Form::Micros => 1e-3,
        Form::Nanos => 1e-6,
        _ => 1.0,
    };
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"PT").unwrap_or(value);
    let (number, rest) = leading_number(value)?;
    let total = match rest {
        b"" => number * factor,
        b"ms" => number,
        b"s" => number * 1e3,
        _ => written(number, rest, factor)?,
    };
    let total = total as f32;
    (total.is_finite() && total >= 0.0).then_some(total)
}

/// `1m30.5s`, `12 ms`, `00:00:01.5`, `0.012, 0.034` (each try of a gateway; their sum).
fn written(number: f64, rest: &[u8], factor: f64) -> Option<f64> {
    if rest.first() == Some(&b':') {
        let (minutes, rest) = leading_number(&rest[1..])?;
        return match rest {
            b"" => None,
            [b':', rest @ ..] => {
                let (seconds, rest) = leading_number(rest)?;
                rest.is_empty().then_some(((number * 60.0 + minutes) * 60.0 + seconds) * 1e3)
            }
            // nginx separates the servers of an internal redirect by ` : `.
            _ => None,
        };
    }
    let (mut total, mut number, mut rest) = (0.0, number, rest);
    for _ in 0..8 {
        let trimmed = rest.trim_ascii_start();
        if trimmed.is_empty() {
            return Some(total + number * factor);
        }
        if let [b',' | b':', more @ ..] = trimmed {
            total += number * factor;
            let more = more.trim_ascii_start();
            // A server that was never reached has `-`.
            let Some((next, after)) = leading_number(more) else { return Some(total) };
            (number, rest) = (next, after);
            continue;
        }
        let length = trimmed.iter().take_while(|b| b.is_ascii_alphabetic() || !b.is_ascii()).count();
        let word = std::str::from_utf8(&trimmed[..length]).ok()?;
        let (_, unit) = SUFFIXES.iter().find(|(suffix, _)| suffix.eq_ignore_ascii_case(word))?;
        total += number * unit;
        let more = trimmed[length..].trim_ascii_start();
        if more.is_empty() {
            return Some(total);
        }
        let more = more.strip_prefix(b",").map_or(more, <[u8]>::trim_ascii_start);
        (number, rest) = leading_number(more)?;
    }
    None
}

/// Which attempt, from 1.
pub(crate) fn attempt(value: &[u8], form: Form) -> Option<u8> {
    let digits = value.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let count = value[..digits].iter().fold(0_u32, |sum, b| sum * 10 + u32::from(b - b'0'));
    let count = if form == Form::Repeats { count + 1 } else { count.max(1) };
    Some(u8::try_from(count).unwrap_or(u8::MAX))
}

/// Whether a field such as `success` says yes or no.
pub(crate) fn success(value: &[u8]) -> Option<bool> {
    match value.to_ascii_lowercase().as_slice() {
        b"true" | b"1" | b"yes" | b"ok" | b"success" | b"succeeded" => Some(true),
        b"false" | b"0" | b"no" | b"failure" | b"failed" | b"error" | b"ko" => Some(false),
        _ => None,
    }
}

/// Whether a level is that of an error. Words in any case; pino's and bunyan's numbers (50 error, 60 fatal), syslog's (0 to
/// 3), OpenTelemetry's (17 to 24, RFC 5424's never reach them).
pub(crate) fn is_failure_level(value: &[u8]) -> bool {
    match value.first().map_or(0, |b| b | 0x20) {
        b'e' => starts(value, b"err") || starts(value, b"emerg") || value.len() == 1,
        b'f' => starts(value, b"fatal") || starts(value, b"fail") || value.len() == 1,
        b'c' => starts(value, b"crit"),
        b'a' => starts(value, b"alert"),
        b'p' => starts(value, b"panic"),
        b's' => starts(value, b"severe"),
        b'd' => starts(value, b"dpanic"),
        b'0'..=b'9' => {
            number(value).is_some_and(|n| n <= 3.0 || (17.0..25.0).contains(&n) || (50.0..=60.0).contains(&n))
        }
        _ => false,
    }
}

fn starts(value: &[u8], word: &[u8]) -> bool {
    value.len() >= word.len() && value[..word.len()].eq_ignore_ascii_case(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_every_dress() {
        for (text, form, expected) in [
            ("79.7ms", Form::Duration, 79.7),
            ("0.123s", Form::Millis, 123.0),
            ("0.0694", Form::Seconds, 69.4),
            ("155", Form::Millis, 155.0),
            ("1500000", Form::Nanos, 1.5),
            ("250\u{b5}s", Form::Duration, 0.25),
            ("1m30.5s", Form::Duration, 90_500.0),
            ("12 ms", Form::Duration, 12.0),
            ("00:00:01.5", Form::Duration, 1500.0),
            ("PT0.5S", Form::Duration, 500.0),
            ("0.012, 0.034", Form::Seconds, 46.0),
            ("0.012, -", Form::Seconds, 12.0),
            ("1e-2", Form::Seconds, 10.0),
        ] {
            let found = millis(text.as_bytes(), form).unwrap();
            assert!((found - expected).abs() < 0.001, "{text}: {found}");
        }
        for text in ["", "-", "fast", "-1", "12 apples", "1.2.3"] {
            assert_eq!(millis(text.as_bytes(), Form::Millis), None, "{text}");
        }
    }

    #[test]
    fn plain_numbers_are_read_as_all_others_are() {
        for text in
            ["7", "7.", "13.812", "007.50", "123456789.123456789", "1.2.3", "5 ms", "5.e2", "12e3", "", ".5", "."]
        {
            assert_eq!(leading_number(text.as_bytes()), any_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn statuses_attempts_and_levels() {
        assert_eq!(status(b"200"), Some(200));
        assert_eq!(status(b"502 Bad Gateway"), Some(502));
        assert_eq!(status(b"0"), Some(0));
        assert_eq!(status(b"2000"), None);
        assert_eq!(status(b"ok"), None);
        assert_eq!(last_number(b"502, 200"), b"200");
        assert_eq!(attempt(b"0", Form::Repeats), Some(1));
        assert_eq!(attempt(b"2", Form::Plain), Some(2));
        assert_eq!(attempt(b"x", Form::Plain), None);
        for level in ["error", "ERROR", "E", "fatal", "CRITICAL", "50", "3", "17"] {
            assert!(is_failure_level(level.as_bytes()), "{level}");
        }
        for level in ["info", "warn", "WARNING", "debug", "30", "9", "6", ""] {
            assert!(!is_failure_level(level.as_bytes()), "{level}");
        }
    }
}
