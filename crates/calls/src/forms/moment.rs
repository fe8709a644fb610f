//! The times that machines write, read by position: the common log format and ISO 8601, with the marks that loggers differ in.
//!
//! Everything else is left to the reader of times of `intake`, which knows all of them and is slower.

use firstfault_intake::time;

/// Milliseconds since the Unix epoch for a text that is one time.
pub(super) fn parse(text: &[u8]) -> Option<i64> {
    if let Some((at, length)) = leading(text)
        && length == text.len()
    {
        return Some(at);
    }
    time::parse(std::str::from_utf8(text).ok()?)
}

/// A time at the start of a text and its length, where it is one of the two forms.
pub(super) fn leading(text: &[u8]) -> Option<(i64, usize)> {
    match text.get(2)? {
        b'/' => day_first(text),
        _ => year_first(text),
    }
}

/// As [`leading`], for the forms of some programs alone: `17/06/09 20:10:40` (Spark), `081109 203615` (HDFS), and
/// `20171223-22:15:29:606`. The year stands first in all of them.
pub(super) fn leading_rare(text: &[u8]) -> Option<(i64, usize)> {
    let (date, clock_at) = if super::scan::has_shape(text, b"dd/dd/dd dd:dd:dd") {
        ((2000 + two(text, 0)?, two(text, 3)?, two(text, 6)?), 9)
    } else if super::scan::has_shape(text, b"dddddddd-dd:dd:dd") || super::scan::has_shape(text, b"dddddddd dd:dd:dd") {
        ((two(text, 0)? * 100 + two(text, 2)?, two(text, 4)?, two(text, 6)?), 9)
    } else if super::scan::has_shape(text, b"dddddd dddddd ") {
        let (hour, minute, second) = (two(text, 7)?, two(text, 9)?, two(text, 11)?);
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let day = (2000 + two(text, 0)?, two(text, 2)?, two(text, 4)?);
        return finish(text, day, ((hour * 60 + minute) * 60 + second) * 1000, 13);
    } else {
        return None;
    };
    let (millis, mut end) = clock(text, clock_at)?;
    // milliseconds behind a colon
    let mut more = 0;
    if text.get(end) == Some(&b':') && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
        let digits = text[end + 1..].iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        more = text[end + 1..end + 1 + digits].iter().fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
        end += 1 + digits;
    }
    finish(text, date, millis + more, end)
}

/// `10/Oct/2000:13:55:36 -0700`, `19/Jul/2023:10:22:40.611`, `27/Nov/2023 10:00:00`.
fn day_first(text: &[u8]) -> Option<(i64, usize)> {
    let day = two(text, 0)?;
    let month = month(text.get(3..6)?)?;
    if text.get(6) != Some(&b'/') || !matches!(text.get(11), Some(b':' | b' ')) {
        return None;
    }
    let year = two(text, 7)? * 100 + two(text, 9)?;
    let (clock, at) = clock(text, 12)?;
    finish(text, (year, month, day), clock, at)
}

/// `2023-11-27T10:00:00.123456Z`, `2023-11-27 10:00:00,123`, `2023/04/11 10:52:44`, `2023-11-27\t10:00:00`.
fn year_first(text: &[u8]) -> Option<(i64, usize)> {
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let mark = *text.get(4)?;
    if !matches!(mark, b'-' | b'/') || text.get(7) != Some(&mark) {
        return None;
    }
    if !matches!(text.get(10), Some(b'T' | b't' | b' ' | b'_' | b'\t')) {
        return None;
    }
    let (clock, at) = clock(text, 11)?;
    finish(text, (year, two(text, 5)?, two(text, 8)?), clock, at)
}

/// Hours to milliseconds from `at` on, and where it ends.
fn clock(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let (hour, minute, second) = (two(text, at)?, two(text, at + 3)?, two(text, at + 6)?);
    if text.get(at + 2) != Some(&b':') || text.get(at + 5) != Some(&b':') || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut end = at + 8;
    let mut millis = 0;
    if matches!(text.get(end), Some(b'.' | b',')) && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1;
        let mut scale = 100;
        while let Some(digit) = text.get(end).filter(|b| b.is_ascii_digit()) {
            millis += i64::from(digit - b'0') * scale;
            scale /= 10;
            end += 1;
        }
    }
    Some((((hour * 60 + minute) * 60 + second) * 1000 + millis, end))
}

fn finish(text: &[u8], (year, month, day): (i64, i64, i64), clock: i64, at: usize) -> Option<(i64, usize)> {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = *DAYS.get(usize::try_from(month - 1).ok()?)? + i64::from(leap && month == 2);
    if day < 1 || day > length {
        return None;
    }
    let (offset, end) = zone(text, at);
    if text.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    Some((days(year, month, day) * 86_400_000 + clock - offset * 60_000, end))
}

/// The offset in minutes east of UTC, and where it ends; nothing means UTC.
fn zone(text: &[u8], at: usize) -> (i64, usize) {
    if matches!(text.get(at), Some(b'Z' | b'z')) {
        return (0, at + 1);
    }
    let start = at + usize::from(text.get(at) == Some(&b' '));
    let sign = match text.get(start) {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return (0, at),
    };
    let Some(hours) = two(text, start + 1) else { return (0, at) };
    let colon = usize::from(text.get(start + 3) == Some(&b':'));
    match two(text, start + 3 + colon) {
        Some(minutes) => (sign * (hours * 60 + minutes), start + 5 + colon),
        None if !text.get(start + 3).is_some_and(u8::is_ascii_alphanumeric) && start == at => {
            (sign * hours * 60, start + 3)
        }
        None => (0, at),
    }
}

fn two(text: &[u8], at: usize) -> Option<i64> {
    let [a, b] = *text.get(at..at + 2)? else { return None };
    (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
}

fn month(name: &[u8]) -> Option<i64> {
    Some(match name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// The day number of a civil date since 1970-01-01 (proleptic Gregorian calendar).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_agrees_with_the_general_one() {
        for text in [
            "10/Oct/2000:13:55:36 -0700",
            "19/Jul/2023:10:22:40.611",
            "27/Nov/2023 10:00:00",
            "2016-04-15T20:17:00.310Z",
            "2023-11-27 10:00:00,123",
            "2023/04/11 10:52:44",
            "2023-11-27T10:00:00.123456+02:00",
            "2024-02-29T23:59:59-0330",
            "2023-11-27 10:00:00 +0000",
        ] {
            let quick = leading(text.as_bytes());
            assert_eq!(quick.map(|q| q.1), Some(text.len()), "{text}");
            assert_eq!(quick.map(|q| q.0), time::parse(text), "{text}");
        }
    }

    #[test]
    fn rare_forms_have_the_year_first() {
        for (text, same) in [
            ("17/06/09 20:10:40 INFO x", "2017-06-09T20:10:40Z"),
            ("081109 203615 148 INFO x", "2008-11-09T20:36:15Z"),
            ("20171223-22:15:29:606|x", "2017-12-23T22:15:29.606Z"),
        ] {
            assert_eq!(leading_rare(text.as_bytes()).map(|found| found.0), time::parse(same), "{text}");
        }
        for text in ["17/13/09 20:10:40", "081109 253615 1", "123456 7", ""] {
            assert_eq!(leading_rare(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "10", "2023-02-30T10:00:00Z", "2023-11-27T25:00:00Z", "10/Foo/2000:13:55:36", "2023-11-27T10:00:00x"]
        {
            assert_eq!(leading(text.as_bytes()), None, "{text}");
        }
    }
}
