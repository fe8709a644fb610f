//! Small scanners over one line: words, quoted strings, brackets, numbers with units, addresses.
//!
//! Nothing here allocates but the conversions of times, and nothing here knows any log format.

/// A place in one line, moving to the right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

/// One field of a line, by the way it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// Bare, up to the next space.
    Word(&'a str),
    /// Between double quotes.
    Quoted(&'a str),
    /// Between square brackets.
    Bracket(&'a str),
}

impl<'a> Field<'a> {
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Bracket(text) => text,
        }
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.trim_start() }
    }

    /// What has not been read, without leading white space.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Up to the next white space.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.bytes().position(|b| b == b' ' || b == b'\t').unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        self.skip(end);
        Some(word)
    }

    /// The next word without reading it.
    pub(super) fn peek(&self) -> &'a str {
        let mut ahead = *self;
        ahead.word().unwrap_or_default()
    }

    /// A quoted string, when the next field is one. It ends at the first quote that is not escaped
    /// and is not followed by a letter or digit: user agents with bare quotes inside stay whole.
    pub(super) fn quoted(&mut self) -> Option<&'a str> {
        let inner = self.rest.strip_prefix('"')?;
        let bytes = inner.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 2,
                b'"' if !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {
                    let text = &inner[..at];
                    self.rest = inner[at + 1..].trim_start();
                    return Some(text);
                }
                _ => at += 1,
            }
        }
        // cut off: what is left is the value
        self.rest = "";
        Some(inner)
    }

    /// The text between brackets, when the next field is bracketed.
    pub(super) fn bracket(&mut self) -> Option<&'a str> {
        let inner = self.rest.strip_prefix('[')?;
        let (text, rest) = inner.split_once(']')?;
        self.rest = rest.trim_start();
        Some(text)
    }

    /// The next field, however it is written.
    pub(super) fn field(&mut self) -> Option<Field<'a>> {
        match self.rest.as_bytes().first()? {
            b'"' => self.quoted().map(Field::Quoted),
            b'[' => match self.bracket() {
                Some(text) => Some(Field::Bracket(text)),
                None => self.word().map(Field::Word),
            },
            _ => self.word().map(Field::Word),
        }
    }

    /// A value that may be a list as nginx writes it (`a, b` or `a : b`), bare or quoted.
    pub(super) fn list(&mut self) -> Option<&'a str> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let start = self.rest;
        let first = self.word()?;
        let mut last = first;
        loop {
            if last.ends_with(',') {
                match self.word() {
                    Some(word) => last = word,
                    None => break,
                }
            } else if self.rest.starts_with(": ") {
                self.word();
                match self.word() {
                    Some(word) => last = word,
                    None => break,
                }
            } else {
                break;
            }
        }
        let end = offset_in(start, last) + last.len();
        Some(&start[..end])
    }

    /// Reads `mark` when it comes next.
    pub(super) fn eat(&mut self, mark: &str) -> bool {
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest[bytes..].trim_start();
    }
}

/// Where `part`, a slice of `whole`, begins in it.
pub(super) fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len())
}

/// The first bytes of `text`, cut at a character boundary.
pub(super) fn clip(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text between `from` and `to`, exclusive of both.
pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let after = after(text, from)?;
    Some(after.split_once(to)?.0)
}

/// What follows the first `mark`.
pub(super) fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// The value of `key=` in `key=value key="quoted value"` text; the key stands at a word's start.
pub(super) fn pair<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(found) = text[from..].find(key) {
        let start = from + found;
        let end = start + key.len();
        let begins = start == 0 || text.as_bytes()[start - 1] == b' ';
        if begins && text[end..].starts_with('=') {
            let mut cursor = Cursor { rest: &text[end + 1..] };
            if cursor.rest.starts_with('"') {
                return cursor.quoted();
            }
            return cursor.rest.split([' ', '\t']).next();
        }
        from = end;
    }
    None
}

/// The value of `"key":` in JSON that is not parsed: a string without its quotes, or a bare word.
pub(super) fn member<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(found) = text[from..].find(key) {
        let start = from + found;
        let end = start + key.len();
        from = end;
        if start == 0 || text.as_bytes()[start - 1] != b'"' {
            continue;
        }
        let Some(rest) = text[end..].strip_prefix('"') else { continue };
        let Some(value) = rest.trim_start().strip_prefix(':') else { continue };
        let mut cursor = Cursor::new(value);
        if cursor.rest.starts_with('"') {
            return cursor.quoted();
        }
        return value.trim_start().split([',', '}', ']', ' ']).next();
    }
    None
}

/// A status code: three digits from 100 to 999 (squid's, nginx's and vendors' own codes included).
pub(super) fn status(word: &str) -> Option<u16> {
    match word.as_bytes() {
        [a @ b'1'..=b'9', b, c] if b.is_ascii_digit() && c.is_ascii_digit() => {
            Some(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))
        }
        _ => None,
    }
}

/// True for what a log writes where no answer was sent: `0`, `000`, `-1`, `-`.
pub(super) fn is_no_status(word: &str) -> bool {
    matches!(word, "0" | "000" | "-1" | "-")
}

pub(super) fn is_digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// A number with a decimal point: `0.014`.
pub(super) fn is_decimal(word: &str) -> bool {
    word.split_once('.').is_some_and(|(whole, part)| is_digits(whole) && is_digits(part))
}

/// The reading of `[+|-]digits[.digits]`, finite only.
pub(super) fn number(word: &str) -> Option<f64> {
    if word.len() > 24 || !word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')) {
        return None;
    }
    word.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Rounds to microseconds, so that 0.014 s is 14 ms and not 14.000000000000002.
pub(super) fn tidy(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

/// Seconds, as nginx and the load balancers write them, to milliseconds; `-1` and `-` are absences.
pub(super) fn seconds(word: &str) -> Option<f64> {
    number(word).filter(|value| *value >= 0.0).map(|value| tidy(value * 1000.0))
}

/// Seconds to milliseconds in every part of a list such as `0.001, 1.200 : -`. `None` when no
/// part is a number.
pub(super) fn seconds_list(list: &str) -> Option<String> {
    let mut out = String::with_capacity(list.len());
    let mut any = false;
    let mut rest = list;
    while !rest.is_empty() {
        let end = rest.find([',', ':', ' ']).unwrap_or(rest.len());
        let (part, tail) = rest.split_at(end);
        match seconds(part) {
            Some(ms) => {
                any = true;
                out.push_str(&ms.to_string());
            }
            None => out.push_str(part),
        }
        let gap = tail.find(|c| !matches!(c, ',' | ':' | ' ')).unwrap_or(tail.len());
        out.push_str(&tail[..gap]);
        rest = &tail[gap..];
    }
    any.then_some(out)
}

/// A duration with its unit, as Go, Rails and Node write it (`12.3µs`, `1m2.5s`, `7 ms`), in ms.
pub(super) fn duration(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    let mut any = false;
    for _ in 0..6 {
        let digits = rest.bytes().position(|b| !b.is_ascii_digit() && b != b'.').unwrap_or(rest.len());
        if digits == 0 {
            break;
        }
        let value = number(&rest[..digits])?;
        rest = rest[digits..].trim_start();
        let (factor, unit) = [
            ("milliseconds", 1.0),
            ("microseconds", 0.001),
            ("seconds", 1000.0),
            ("ms", 1.0),
            ("µs", 0.001),
            ("μs", 0.001),
            ("us", 0.001),
            ("ns", 0.000_001),
            ("sec", 1000.0),
            ("s", 1000.0),
            ("m", 60_000.0),
            ("h", 3_600_000.0),
        ]
        .iter()
        .find(|(unit, _)| rest.starts_with(unit))
        .map(|(unit, factor)| (*factor, unit.len()))?;
        total += value * factor;
        rest = &rest[unit..];
        any = true;
    }
    (any && rest.is_empty()).then(|| tidy(total))
}

/// An IPv4 or IPv6 address, with or without port.
pub(super) fn is_address(word: &str) -> bool {
    let word = word.trim_end_matches(',');
    let bare = word.strip_prefix('[').map_or(word, |inner| inner.split(']').next().unwrap_or(inner));
    if bare.parse::<core::net::IpAddr>().is_ok() {
        return true;
    }
    word.rsplit_once(':').is_some_and(|(host, port)| is_digits(port) && host.parse::<core::net::IpAddr>().is_ok())
}

/// A host name with a dot, with or without port, and nothing else.
pub(super) fn is_host(word: &str) -> bool {
    let name = word.rsplit_once(':').map_or(word, |(name, port)| if is_digits(port) { name } else { word });
    name.len() < 254
        && (name.contains('.') || name == "localhost")
        && name.bytes().any(|b| b.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// `host:port` of an upstream: an address or name with a port, or a unix socket.
pub(super) fn is_upstream(word: &str) -> bool {
    word.starts_with("unix:")
        || word.rsplit_once(':').is_some_and(|(host, port)| {
            is_digits(port)
                && (is_address(word) || is_host(host) || host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        })
}

/// A UUID, or 32 hexadecimal digits as nginx's `$request_id`.
pub(super) fn is_id(word: &str) -> bool {
    match word.len() {
        36 => word.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        }),
        32 => word.bytes().all(|b| b.is_ascii_hexdigit()),
        _ => false,
    }
}

/// A method token: upper-case letters, with `-` and `_` inside (`M-SEARCH`).
pub(super) fn is_method(word: &str) -> bool {
    (3..=20).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'))
        && word.as_bytes()[0].is_ascii_uppercase()
}

/// One of the methods that lines without quotes are recognised by.
pub(super) fn is_known_method(word: &str) -> bool {
    matches!(
        word,
        "GET"
            | "POST"
            | "PUT"
            | "PATCH"
            | "DELETE"
            | "HEAD"
            | "OPTIONS"
            | "CONNECT"
            | "TRACE"
            | "PROPFIND"
            | "PROPPATCH"
            | "MKCOL"
            | "COPY"
            | "MOVE"
            | "LOCK"
            | "UNLOCK"
            | "REPORT"
            | "PURGE"
            | "SEARCH"
            | "QUERY"
    )
}

/// A request target: a path, `*`, or an absolute URL.
pub(super) fn is_target(word: &str) -> bool {
    word.starts_with('/') || word == "*" || word.starts_with("http://") || word.starts_with("https://")
}

/// `2023-11-27` at the start.
pub(super) fn starts_with_date(text: &str) -> bool {
    starts_with_shape(text.as_bytes(), b"dddd-dd-dd")
}

/// True when the bytes begin with the shape: `d` is a digit, `a` a letter, all else itself.
pub(super) fn starts_with_shape(bytes: &[u8], shape: &[u8]) -> bool {
    bytes.len() >= shape.len()
        && shape.iter().zip(bytes).all(|(want, found)| match want {
            b'd' => found.is_ascii_digit(),
            b'a' => found.is_ascii_alphabetic(),
            _ => want == found,
        })
}

/// A level word in the spelling that `log.level` uses, from any of the usual ones.
pub(super) fn level(word: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("emerg", "emerg"),
        ("alert", "alert"),
        ("crit", "crit"),
        ("critical", "crit"),
        ("fatal", "fatal"),
        ("error", "error"),
        ("err", "error"),
        ("warn", "warn"),
        ("warning", "warn"),
        ("notice", "notice"),
        ("info", "info"),
        ("debug", "debug"),
        ("trace", "trace"),
        ("panic", "fatal"),
        ("dpanic", "fatal"),
    ];
    if word.len() > 8 {
        return None;
    }
    // Apache 2.4 has trace1 to trace8
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| *level)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn times_are_milliseconds() {
        for (text, ms) in [
            ("12.3 ms", Some(12.3)),
            ("7.054µs", Some(0.007)),
            ("1m2.5s", Some(62_500.0)),
            ("30s", Some(30_000.0)),
            ("19 milliseconds", Some(19.0)),
            ("12", None),
            ("", None),
            ("ms", None),
            ("1x", None),
            ("5m", Some(300_000.0)),
        ] {
            assert_eq!(duration(text), ms, "{text}");
        }
        assert_eq!(seconds("0.014"), Some(14.0));
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds_list("0.001, 1.200 : -").as_deref(), Some("1, 1200 : -"));
        assert_eq!(seconds_list("-"), None);
    }

    #[test]
    fn quotes_and_lists_end_where_they_should() {
        let mut cursor = Cursor::new(r#""a \"b\" c" 0.001, 0.002 : 0.3 next"#);
        assert_eq!(cursor.quoted(), Some(r#"a \"b\" c"#));
        assert_eq!(cursor.list(), Some("0.001, 0.002 : 0.3"));
        assert_eq!(cursor.word(), Some("next"));
        assert_eq!(Cursor::new("\"cut").quoted(), Some("cut"));
        assert_eq!(Cursor::new("\"cut\\").quoted(), Some("cut\\"));
        assert_eq!(Cursor::new("a,").list(), Some("a,"));
    }

    #[test]
    fn pairs_and_members_are_found_by_whole_names() {
        assert_eq!(pair("xstatus=1 status=503 desc=\"a b\"", "status"), Some("503"));
        assert_eq!(pair("status=503 desc=\"a b\"", "desc"), Some("a b"));
        assert_eq!(member(r#"{"xstatus": 1, "status": 502, "uri":"/x"}"#, "status"), Some("502"));
        assert_eq!(member(r#"{"status": 502, "uri":"/x"}"#, "uri"), Some("/x"));
    }

    #[test]
    fn shapes_tell_addresses_hosts_and_ids_apart() {
        for word in ["1.2.3.4", "1.2.3.4:80", "::1", "[::1]:8080", "2001:db8::1"] {
            assert!(is_address(word), "{word}");
        }
        assert!(!is_address("api.example.com") && is_host("api.example.com:443") && !is_host("1.2.3.4"));
        assert!(is_upstream("unix:/run/app.sock") && is_upstream("web:8080") && !is_upstream("12ms"));
        assert!(is_id("0123456789abcdef0123456789ABCDEF") && !is_id("0123"));
    }
}
