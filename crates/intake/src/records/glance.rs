//! Status and level of a structured record without building anything: for the millions of lines of
//! which only the failed ones are read whole.
//!
//! This file reads one line's bytes once, left to right; it refuses to allocate and to know more names
//! than those two need.

use super::level;
use crate::logs::Glance;

/// Looks at a line of JSON or logfmt, perhaps behind a short prefix; `None` when it is neither.
///
/// Names are taken at any depth, since records are wrapped in many ways; the first status counts.
#[must_use]
pub fn glance(line: &[u8]) -> Option<Glance> {
    let start = line.iter().position(|b| !b.is_ascii_whitespace())?;
    if line[start] == b'{' {
        return Some(json(&line[start..]));
    }
    // A key of logfmt, or a prefix before a record.
    let word = line[start..].iter().take(64).position(|b| matches!(b, b'=' | b' ' | b'"' | b'['))?;
    if word > 0 && line[start + word] == b'=' {
        return Some(logfmt(&line[start..]));
    }
    let window = &line[..line.len().min(256)];
    if let Some(brace) = memchr::memmem::find(window, b"{\"") {
        return Some(json(&line[brace..]));
    }
    let named = memchr::memmem::find(window, b" level=").or_else(|| memchr::memmem::find(window, b" lvl="));
    named.map(|at| logfmt(&line[at + 1..]))
}

/// What a key tells of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Status,
    /// `status` alone, which may also be a level or a word.
    Perhaps,
    Level,
    Error,
}

/// Keys by their last segment, in lower case without `_` and `-`.
const KEYS: &[(&[u8], Key)] = &[
    (b"status", Key::Perhaps),
    (b"statuscode", Key::Status),
    (b"responsecode", Key::Status),
    (b"responsestatus", Key::Status),
    (b"responsestatuscode", Key::Status),
    (b"httpstatus", Key::Status),
    (b"httpstatuscode", Key::Status),
    (b"downstreamstatus", Key::Status),
    (b"edgeresponsestatus", Key::Status),
    (b"level", Key::Level),
    (b"lvl", Key::Level),
    (b"severity", Key::Level),
    (b"severitytext", Key::Level),
    (b"loglevel", Key::Level),
    (b"levelname", Key::Level),
    (b"@l", Key::Level),
    (b"err", Key::Error),
    (b"error", Key::Error),
    (b"errorcode", Key::Error),
    (b"errormessage", Key::Error),
    (b"exception", Key::Error),
];

/// Longest of [`KEYS`], with room for the marks that are left out.
const KEY_LIMIT: usize = 32;

/// The meaning of a key: of all of it, or of what stands behind its last dot.
fn key(name: &[u8]) -> Option<Key> {
    let name = match memchr::memrchr(b'.', name) {
        // `error.type` and the like are decided by their own table entries.
        Some(dot) => &name[dot + 1..],
        None => name,
    };
    if name.is_empty() || name.len() > KEY_LIMIT {
        return None;
    }
    let mut lower = [0_u8; KEY_LIMIT];
    let mut length = 0;
    for byte in name {
        if !matches!(byte, b'_' | b'-' | b' ') {
            lower[length] = byte.to_ascii_lowercase();
            length += 1;
        }
    }
    let lower = &lower[..length];
    // The first letter rules nearly all names out.
    if !matches!(lower.first(), Some(b's' | b'r' | b'h' | b'd' | b'e' | b'l' | b'@')) {
        return None;
    }
    KEYS.iter().find(|(known, _)| *known == lower).map(|(_, key)| *key)
}

impl Glance {
    fn note(&mut self, key: Key, value: &[u8], quoted: bool) {
        match key {
            Key::Status | Key::Perhaps => {
                if let Some(status) = status(value) {
                    if self.status.is_none() {
                        self.status = Some(status);
                    }
                } else if key == Key::Perhaps && quoted {
                    self.error |= is_error(value);
                }
            }
            Key::Level => self.error |= is_error(value),
            Key::Error => {
                let empty = matches!(
                    value,
                    b"" | b"-" | b"null" | b"false" | b"0" | b"<nil>" | b"{}" | b"[]" | b"none" | b"None" | b"nil"
                );
                self.error |= !empty;
            }
        }
    }
}

/// Three digits from 100 to 599, alone or before a space.
fn status(value: &[u8]) -> Option<u16> {
    let [a @ b'1'..=b'5', b, c, rest @ ..] = value else { return None };
    let alone = rest.first().is_none_or(|b| *b == b' ') || rest == b".0";
    (alone && b.is_ascii_digit() && c.is_ascii_digit())
        .then(|| u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))
}

/// True for a level of error or worse, by name or by pino's and Google's numbers.
fn is_error(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let word = match text.parse::<u32>() {
        Ok(number) => level::of_number(number, false),
        Err(_) => level::of(text),
    };
    matches!(word, Some("error" | "fatal"))
}

fn json(line: &[u8]) -> Glance {
    let mut found = Glance::default();
    let mut at = 0;
    while let Some(offset) = line.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let start = at + offset + 1;
        let end = string_end(line, start);
        at = end + 1;
        let mut next = at;
        while line.get(next).is_some_and(u8::is_ascii_whitespace) {
            next += 1;
        }
        if line.get(next) != Some(&b':') {
            continue;
        }
        next += 1;
        while line.get(next).is_some_and(u8::is_ascii_whitespace) {
            next += 1;
        }
        let meaning = key(&line[start..end.min(line.len())]);
        let (value, quoted, after) = match line.get(next) {
            Some(b'"') => {
                let close = string_end(line, next + 1);
                (&line[next + 1..close], true, close + 1)
            }
            Some(b'{' | b'[') => {
                // An object is looked into; that it is there tells of an error already, unless it is empty.
                let empty =
                    line[next + 1..].iter().find(|b| !b.is_ascii_whitespace()).is_none_or(|b| matches!(b, b'}' | b']'));
                if meaning == Some(Key::Error) && !empty {
                    found.error = true;
                }
                at = next + 1;
                continue;
            }
            Some(_) => {
                let length = line[next..]
                    .iter()
                    .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r'))
                    .unwrap_or(line.len() - next);
                (&line[next..next + length], false, next + length)
            }
            None => break,
        };
        if let Some(meaning) = meaning {
            found.note(meaning, value, quoted);
        }
        at = after;
    }
    found
}

/// The place of the closing quote of a string that begins at `start`, or the end of the line.
fn string_end(line: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(offset) = line.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if line[at + offset] == b'"' {
            return at + offset;
        }
        at += offset + 2;
    }
    line.len()
}

fn logfmt(line: &[u8]) -> Glance {
    let mut found = Glance::default();
    let mut at = 0;
    while let Some(offset) = line.get(at..).and_then(|rest| memchr::memchr2(b'=', b'"', rest)) {
        let equals = at + offset;
        if line[equals] == b'"' {
            at = string_end(line, equals + 1) + 1;
            continue;
        }
        let name_at = memchr::memrchr(b' ', &line[at..equals]).map_or(at, |space| at + space + 1);
        let start = equals + 1;
        let (value, quoted) = if line.get(start) == Some(&b'"') {
            let end = string_end(line, start + 1);
            at = end + 1;
            (&line[start + 1..end], true)
        } else {
            let end = memchr::memchr(b' ', &line[start..]).map_or(line.len(), |space| start + space);
            at = end;
            (&line[start..end], false)
        };
        if let Some(meaning) = key(&line[name_at..equals]) {
            found.note(meaning, value.trim_ascii_end(), quoted);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Glance, glance};

    #[test]
    fn status_and_level_are_seen() {
        // Forms of pino, OpenTelemetry, nginx JSON, Envoy JSON, zap, logfmt, Google Cloud, Datadog.
        for (line, status, error) in [
            (
                r#"{"level":50,"req":{"method":"GET"},"res":{"statusCode":502},"err":{"code":"ECONNREFUSED"}}"#,
                502,
                true,
            ),
            (r#"{"level":30,"res":{"statusCode":200},"msg":"status: 500"}"#, 200, false),
            (r#"{"attributes": {"http.response.status_code": 503, "error.type": ""}}"#, 503, false),
            (r#"{"status": "201", "upstream_status": "502", "error": ""}"#, 201, false),
            (r#"{"response_code": 429, "response_flags": "-", "error_code": "RATE_LIMITED"}"#, 429, true),
            (r#"{"level":"error","msg":"x \"quoted\" y"}"#, 0, true),
            (r#"{"httpRequest":{"status":404},"severity":"WARNING"}"#, 404, false),
            (r#"{"status":"error","message":"x"}"#, 0, true),
            ("time=2026-11-03T19:54:10Z lvl=info method=POST status=201 err=\"\" msg=\"a status=500\"", 201, false),
            ("level=error msg=\"x\" status=502\n", 502, true),
            ("2020-02-12T16:29:23Z time=\"x\" level=error msg=y", 0, true),
            ("web-1  | {\"level\":\"fatal\"}", 0, true),
        ] {
            let expected = Glance { status: (status > 0).then_some(status), error };
            assert_eq!(glance(line.as_bytes()), Some(expected), "{line}");
        }
        assert_eq!(glance(b"10.0.0.1 - - [27/Dec/2019:03:12:44 +0000] \"GET / HTTP/1.1\" 200 1"), None);
        assert_eq!(glance(b""), None);
        for cut in 0..80 {
            let line = br#"{"level":50,"res":{"statusCode":502},"err":{"code":"E\\"},"a":"\u00e9"} x=y lvl="\""#;
            let _ = glance(&line[..cut.min(line.len())]);
            let _ = glance(&line[cut.min(line.len())..]);
        }
    }
}
