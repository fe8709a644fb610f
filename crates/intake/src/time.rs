//! Timestamps as evidence writes them, to milliseconds since the Unix epoch.
//!
//! This file knows how programs write a moment; it refuses to know clocks and time zone databases:
//! a zone is an offset, a well-known abbreviation, or nothing, and nothing means UTC. A moment whose
//! year is not written has no value unless the caller names the year.

/// Milliseconds since the Unix epoch for `text`, when all of it is one timestamp.
///
/// Forms: RFC 3339 and ISO 8601 (also basic, as AWS signs with), HTTP-date in its three forms
/// (RFC 9110 section 5.6.7), the common log format, nginx, Apache and HAProxy logs,
/// `java.util.logging`, and Unix seconds, milliseconds, microseconds and nanoseconds.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    moment(text, None)
}

/// As [`parse`], for forms without a year too (`Jul 19 10:22:41`), which is then `year`.
#[must_use]
pub fn parse_with_year(text: &str, year: i32) -> Option<i64> {
    moment(text, Some(year))
}

/// A timestamp at the start of `line`, also in brackets, and its length in bytes.
///
/// Bare numbers are not taken here: at the start of a line they may count anything.
#[must_use]
pub fn leading(line: &str) -> Option<(i64, usize)> {
    let stamp = stamp(line)?;
    Some((stamp.at?, stamp.len))
}

/// Something at the start of a line that tells a time, perhaps without saying of which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The moment, when day and year are written.
    pub at: Option<i64>,
    /// Bytes that it takes, with its brackets.
    pub len: usize,
    /// True when a day was written, with or without its year.
    pub dated: bool,
}

/// As [`leading`], for times without a year (syslog, logcat) or without a day (`22:41:07,118`) too.
#[must_use]
pub(crate) fn stamp(line: &str) -> Option<Stamp> {
    match line.strip_prefix('[') {
        None => bare(line, None),
        Some(inner) => {
            let stamp = bare(inner, None)?;
            let rest = &inner[stamp.len..];
            // PHP writes the zone by its IANA name: `[25-Jun-2024 10:58:29 Europe/Berlin]`.
            let zone = rest.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, ' ' | '/' | '_')))?;
            let named = zone == 0 || (zone <= 32 && rest.starts_with(' ') && rest[..zone].contains('/'));
            if !named || rest.as_bytes()[zone] != b']' {
                return None;
            }
            Some(Stamp { len: stamp.len + zone + 2, ..stamp })
        }
    }
}

/// The day number of a civil date since 1970-01-01 (proleptic Gregorian calendar).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn moment(text: &str, year: Option<i32>) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if text.len() > 64 {
        return None;
    }
    if let Some(stamp) = bare(text, year).filter(|stamp| stamp.len == text.len()) {
        return stamp.at;
    }
    let mut cursor = Cursor::new(text);
    if let Some(day) = cursor.date_ymd().filter(|_| cursor.is_done()) {
        return day.at(&Clock::default(), 0, year).flatten();
    }
    unix(text)
}

/// Unix time, its unit told by the number of digits before the point.
fn unix(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let value: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 => {
            let millis: i64 = fraction.bytes().chain(*b"000").take(3).fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
            Some(value * 1000 + millis)
        }
        12 | 13 => Some(value),
        15 | 16 => Some(value / 1000),
        18 | 19 => Some(value / 1_000_000),
        _ => None,
    }
}

/// One of the forms at the start of `text`, without brackets.
fn bare(text: &str, year: Option<i32>) -> Option<Stamp> {
    let first = *text.as_bytes().first()?;
    let forms: &[fn(&mut Cursor<'_>) -> Option<Reading>] = if first.is_ascii_digit() {
        &[iso, iso_basic, day_first, month_day, time_only]
    } else if first.is_ascii_alphabetic() {
        &[weekday_first, month_first]
    } else {
        return None;
    };
    forms.iter().find_map(|form| {
        let mut cursor = Cursor::new(text);
        let reading = form(&mut cursor)?;
        // `12:30:45abc` and `2024-01-01T10:00:00.5x` are not times.
        if cursor.peek().is_ascii_alphanumeric() {
            return None;
        }
        let at = match reading.day {
            Some(day) => day.at(&reading.clock, reading.offset, year)?,
            None => None,
        };
        Some(Stamp { at, len: cursor.at, dated: reading.day.is_some() })
    })
}

struct Reading {
    day: Option<Day>,
    clock: Clock,
    /// Minutes east of UTC.
    offset: i64,
}

#[derive(Clone, Copy)]
struct Day {
    year: Option<i64>,
    month: i64,
    day: i64,
}

impl Day {
    /// The moment, `Some(None)` when only its year is missing, `None` when there is no such day.
    #[expect(clippy::option_option, reason = "no such day and no such year are different answers")]
    fn at(self, clock: &Clock, offset: i64, year: Option<i32>) -> Option<Option<i64>> {
        let year = self.year.or(year.map(i64::from));
        // 2000 is a leap year: without a year, 29 February may be.
        let check = year.unwrap_or(2000);
        let leap = check % 4 == 0 && (check % 100 != 0 || check % 400 == 0);
        let length = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if self.day < 1 || self.day > length {
            return None;
        }
        Some(year.map(|year| {
            let days = days_from_civil(year, self.month, self.day);
            days * 86_400_000 + clock.millis - offset * 60_000
        }))
    }
}

#[derive(Clone, Copy, Default)]
struct Clock {
    /// Since midnight.
    millis: i64,
}

/// `2023-04-11T10:52:44.123456+02:00`, `2023/04/11 10:52:44`, `2023-04-11 10:52:44,123 +0000`.
fn iso(c: &mut Cursor<'_>) -> Option<Reading> {
    let day = c.date_ymd()?;
    if !(c.eat(b"T") || c.eat(b" - ") || c.eat(b"t") || c.eat(b" ") || c.eat(b"_")) {
        return None;
    }
    let clock = c.clock()?;
    Some(Reading { day: Some(day), clock, offset: c.zone() })
}

/// `20250205T161018Z`, and `20180728-20:18:02.981` as Meteor writes it.
fn iso_basic(c: &mut Cursor<'_>) -> Option<Reading> {
    let day = Day { year: Some(c.digits(4, 4)?), month: c.digits(2, 2)?, day: c.digits(2, 2)? };
    if c.eat(b"-") {
        return Some(Reading { day: Some(day), clock: c.clock()?, offset: c.zone() });
    }
    if !c.eat(b"T") {
        return None;
    }
    let (hour, minute, second) = (c.digits(2, 2)?, c.digits(2, 2)?, c.digits(2, 2)?);
    let clock = Clock::of(hour, minute, second, c.fraction())?;
    Some(Reading { day: Some(day), clock, offset: c.zone() })
}

/// `27/Dec/2019:03:12:44 +0000`, `19/Jul/2023:10:22:40.611`, `25-Jun-2024 10:58:29.123`,
/// `06 Nov 1994 08:49:37 GMT`.
fn day_first(c: &mut Cursor<'_>) -> Option<Reading> {
    let day = c.digits(1, 2)?;
    let separator = c.one_of(b"/- ")?;
    let month = c.month()?;
    c.eat(&[separator]).then_some(())?;
    let year = c.year()?;
    c.one_of(b": ")?;
    let clock = c.clock()?;
    Some(Reading { day: Some(Day { year: Some(year), month, day }), clock, offset: c.zone() })
}

/// `10-25 22:41:07.118`, as Android's logcat writes it.
fn month_day(c: &mut Cursor<'_>) -> Option<Reading> {
    let month = c.digits(2, 2)?;
    c.eat(b"-").then_some(())?;
    let day = c.digits(2, 2)?;
    c.eat(b" ").then_some(())?;
    let clock = c.clock()?;
    Some(Reading { day: Some(Day { year: None, month, day }), clock, offset: 0 })
}

/// `22:41:07`, `22:41:07,118`, `12:30PM`. Two numbers alone (`12:30`) are too little to be a time.
fn time_only(c: &mut Cursor<'_>) -> Option<Reading> {
    let clock = c.clock()?;
    let written = &c.bytes[..c.at];
    let colons = written.iter().filter(|b| **b == b':').count();
    let half = written.last().is_some_and(u8::is_ascii_alphabetic);
    (colons == 2 || half).then_some(Reading { day: None, clock, offset: 0 })
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`,
/// `Tue Apr 24 14:35:07.971403 2018`, `Tue Apr 24 14:35:07 UTC 2018`.
fn weekday_first(c: &mut Cursor<'_>) -> Option<Reading> {
    let name = c.letters();
    if !(3..=9).contains(&name.len()) || place(&name[..3], &WEEKDAYS).is_none() {
        return None;
    }
    if c.eat(b", ") {
        return day_first(c);
    }
    c.eat(b" ").then_some(())?;
    let month = c.month()?;
    c.spaces();
    let day = c.digits(1, 2)?;
    c.eat(b" ").then_some(())?;
    let clock = c.clock()?;
    let offset = c.zone();
    c.eat(b" ").then_some(())?;
    let year = c.digits(4, 4)?;
    Some(Reading { day: Some(Day { year: Some(year), month, day }), clock, offset })
}

/// `Jun 25, 2024 10:58:29 AM`, `Jul 19 2023 10:22:41`, and without a year `Jul 19 10:22:41`.
fn month_first(c: &mut Cursor<'_>) -> Option<Reading> {
    let month = c.month()?;
    c.spaces();
    let day = c.digits(1, 2)?;
    let comma = c.eat(b",");
    c.eat(b" ").then_some(())?;
    let mut year = None;
    let mut ahead = *c;
    if let Some(number) = ahead.digits(4, 4) {
        year = Some(number);
        *c = ahead;
        c.eat(b",");
        c.eat(b" ").then_some(())?;
    } else if comma {
        return None;
    }
    let clock = c.clock()?;
    Some(Reading { day: Some(Day { year, month, day }), clock, offset: c.zone() })
}

const WEEKDAYS: [&[u8; 3]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

/// Zone abbreviations in minutes east of UTC: RFC 5322's, and the few others that logs write.
const ZONES: &[(&str, i64)] = &[
    ("Z", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("IST", 330),
    ("JST", 540),
];

/// Where a three-letter name stands in a list of names, in any case.
fn place(name: &[u8], names: &[&[u8; 3]]) -> Option<i64> {
    let found = names.iter().position(|candidate| candidate.eq_ignore_ascii_case(name))?;
    i64::try_from(found).ok()
}

impl Clock {
    fn of(hour: i64, minute: i64, second: i64, millis: i64) -> Option<Self> {
        // 60 is a leap second.
        (hour <= 23 && minute <= 59 && second <= 60)
            .then_some(Self { millis: ((hour * 60 + minute) * 60 + second) * 1000 + millis })
    }
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }

    /// The next byte, zero at the end.
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn eat(&mut self, what: &[u8]) -> bool {
        let found = self.bytes[self.at..].starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn one_of(&mut self, which: &[u8]) -> Option<u8> {
        let byte = self.peek();
        which.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    fn spaces(&mut self) {
        while self.eat(b" ") {}
    }

    /// A number of `least` to `most` digits, as many as there are.
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let run = self.bytes[self.at..].iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        if run < least {
            return None;
        }
        let number = self.bytes[self.at..self.at + run].iter().fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
        self.at += run;
        Some(number)
    }

    fn letters(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let run = rest.iter().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
        self.at += run;
        &rest[..run]
    }

    fn month(&mut self) -> Option<i64> {
        let name = self.letters();
        (name.len() >= 3 && name.len() <= 9).then_some(())?;
        Some(place(&name[..3], &MONTHS)? + 1)
    }

    /// Four digits, or two as RFC 850 writes them.
    fn year(&mut self) -> Option<i64> {
        let from = self.at;
        let number = self.digits(2, 4)?;
        match self.at - from {
            4 => Some(number),
            2 if number < 70 => Some(2000 + number),
            2 => Some(1900 + number),
            _ => None,
        }
    }

    fn date_ymd(&mut self) -> Option<Day> {
        let year = self.digits(4, 4)?;
        let separator = self.one_of(b"-/.")?;
        let month = self.digits(2, 2)?;
        self.eat(&[separator]).then_some(())?;
        Some(Day { year: Some(year), month, day: self.digits(2, 2)? })
    }

    fn clock(&mut self) -> Option<Clock> {
        let mut hour = self.digits(1, 2)?;
        self.eat(b":").then_some(())?;
        let minute = self.digits(2, 2)?;
        let (mut second, mut millis) = (0, 0);
        let mut ahead = *self;
        if ahead.eat(b":")
            && let Some(number) = ahead.digits(2, 2)
        {
            second = number;
            *self = ahead;
            millis = self.fraction();
        }
        let mut ahead = *self;
        ahead.eat(b" ");
        let half = ahead.letters();
        let evening = half.eq_ignore_ascii_case(b"PM");
        if evening || half.eq_ignore_ascii_case(b"AM") {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if evening { 12 } else { 0 };
            *self = ahead;
        }
        Clock::of(hour, minute, second, millis)
    }

    /// Milliseconds of `.123456` or `,123`, zero when there is none.
    fn fraction(&mut self) -> i64 {
        if !matches!(self.peek(), b'.' | b',') {
            return 0;
        }
        let digits = self.bytes[self.at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return 0;
        }
        let first = self.bytes[self.at + 1..=self.at + digits].iter().chain(b"000").take(3);
        let millis = first.fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
        self.at += 1 + digits;
        millis
    }

    /// Minutes east of UTC; nothing is consumed where no zone stands.
    fn zone(&mut self) -> i64 {
        let mut ahead = *self;
        let spaced = ahead.eat(b" ");
        if let Some(sign) = ahead.one_of(b"+-") {
            let Some(hours) = ahead.digits(2, 2) else { return 0 };
            let colon = ahead.eat(b":");
            let minutes = match ahead.digits(2, 2) {
                Some(minutes) => minutes,
                // PostgreSQL writes `+00`; with a space before it, that may be anything.
                None if !spaced && !colon => 0,
                None => return 0,
            };
            if hours > 14 || minutes > 59 || ahead.peek().is_ascii_alphanumeric() {
                return 0;
            }
            *self = ahead;
            let offset = hours * 60 + minutes;
            return if sign == b'-' { -offset } else { offset };
        }
        let name = ahead.letters();
        let zone = ZONES.iter().find(|(known, _)| known.as_bytes() == name || (name == b"z" && *known == "Z"));
        match zone {
            // A lone letter after a space is more likely a word.
            Some(_) if (spaced && name.len() == 1) || ahead.peek().is_ascii_alphanumeric() => 0,
            Some((_, offset)) => {
                *self = ahead;
                *offset
            }
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{leading, parse, parse_with_year, stamp};

    #[test]
    fn every_form_is_read() {
        // The moments come from `date -u -d @N`; the forms from the RFCs and vendors named above.
        for (text, expected) in [
            ("1994-11-06T08:49:37Z", 784_111_777_000),
            ("1994-11-06 08:49:37", 784_111_777_000),
            ("1994-11-06T08:49:37.1234567Z", 784_111_777_123),
            ("1994-11-06T08:49:37,5", 784_111_777_500),
            ("1994-11-06T10:49:37.000+02:00", 784_111_777_000),
            ("1994-11-06T10:49:37+0200", 784_111_777_000),
            ("1994-11-06 08:49:37.123 +00:00", 784_111_777_123),
            ("1994-11-06 08:49:37 UTC", 784_111_777_000),
            ("1994-11-06 08:49:37.123+00", 784_111_777_123),
            ("1994/11/06 08:49:37", 784_111_777_000),
            ("1994-11-06", 784_080_000_000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000),
            ("Sun, 6 Nov 1994 08:49:37 +0000", 784_111_777_000),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000),
            ("Sun Nov  6 08:49:37 1994", 784_111_777_000),
            ("Sun Nov 06 08:49:37.971403 1994", 784_111_777_971),
            ("Sun Nov  6 08:49:37 UTC 1994", 784_111_777_000),
            ("06/Nov/1994:09:49:37 +0100", 784_111_777_000),
            ("[06/Nov/1994:08:49:37.611]", 784_111_777_611),
            ("06-Nov-1994 08:49:37.123", 784_111_777_123),
            ("19941106T084937Z", 784_111_777_000),
            ("Nov 6, 1994 8:49:37 AM", 784_111_777_000),
            ("Nov 6, 1994, 8:49:37 PM", 784_154_977_000),
            ("784111777", 784_111_777_000),
            ("1586183468", 1_586_183_468_000),
            ("1586183468.25", 1_586_183_468_250),
            ("1586183468123", 1_586_183_468_123),
            ("1586183468123456", 1_586_183_468_123),
            ("1586183468123456789", 1_586_183_468_123),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("1969-12-31T23:59:59Z", -1000),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse_with_year("Nov  6 08:49:37", 1994), Some(784_111_777_000));
        assert_eq!(parse_with_year("11-06 08:49:37.118", 1994), Some(784_111_777_118));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "[",
            "[]",
            "2023-02-30T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "Nov  6 08:49:37",
            "1.2.3.4",
            "12345",
            "hello",
            "2023-01-01T",
            "99/Foo/2020:00:00:00",
            "08:49:37",
            "Monday",
            "é2023",
            "1994-11-06x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_leading_timestamp_is_measured() {
        for (line, len) in [
            ("2019-12-27 03:12:44.918 ERROR 1", 23),
            ("[2026-06-26T09:41:12.551203+00:00] paypal.ERROR: x", 34),
            ("[Tue Apr 24 14:35:07.971403 2018] [proxy:error]", 33),
            ("2022-05-20 06:14:09 +0000 [error]: x", 25),
            ("2020/02/26 13:29:12 GET https://x", 19),
            ("[25-Jun-2024 10:58:29 Europe/Berlin] PHP Warning", 36),
            ("2023-01-01 10:00:00 - words", 19),
            ("2023-01-01 10:00:00 -12 words", 19),
            ("2022-09-08T09:44:44.993Z: Unable", 24),
        ] {
            assert_eq!(leading(line).map(|(_, len)| len), Some(len), "{line}");
        }
        assert_eq!(leading("Jul 19 10:22:41 lb2"), None);
        let stamp = stamp("22:41:07,118 words").unwrap();
        assert_eq!((stamp.at, stamp.len, stamp.dated), (None, 12, false));
    }
}
