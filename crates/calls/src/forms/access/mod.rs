//! Access logs around a quoted request line: the common and combined formats with all that Apache, nginx, ingress
//! controllers, Kong, Traefik, Tomcat, gunicorn, uvicorn, werkzeug, Django, S3 and others put before and after.
//!
//! Which field stands where is learnt once, from the beginning of the input ([`learn`]); a line is then read by position. Sources:
//! Apache `mod_log_config`, nginx `ngx_http_log_module` and upstream variables, ingress-nginx "Log format", Traefik "Access logs",
//! S3 "Server access log format". It refuses to know formats whose status stands before the request.

mod learn;

pub(super) use learn::learn;

use super::scan::{self, Cursor};
use super::sink::Sink;
use crate::Attribute;

/// The order of fields of one access log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Access {
    slots: Vec<Slot>,
    /// The client's own address stands in a field that proxies add.
    forwarded: bool,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
struct Slot {
    shape: Shape,
    role: Role,
    name: String,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Up to the next space; lists of nginx go on over it.
    Word,
    /// Between double quotes.
    Quoted,
    /// Between square brackets.
    Bracket,
    /// `key=value`, the value bare or quoted; the length of the key and its mark.
    Pair(usize),
    /// `key: "value"`.
    Spaced,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Other,
    Time,
    /// Day and time of day as two words; the second has nothing to say.
    SplitTime,
    Client,
    Forwarded,
    Request,
    Status,
    /// In the unit that one of it has in milliseconds.
    Latency(Unit),
    UpstreamLatency(Unit),
    UpstreamStatus,
    /// `http://10.0.0.1:80`: the host in it.
    UpstreamUrl,
    Level,
    Is(Attribute),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Millis,
    Micros,
    /// The value names it.
    Written,
}

impl Unit {
    fn millis(self, value: &[u8]) -> Option<f64> {
        match self {
            Self::Seconds => scan::number(value).map(|v| v * 1000.0),
            Self::Millis => scan::number(value),
            Self::Micros => scan::number(value).map(|v| v / 1000.0),
            Self::Written => scan::duration(value),
        }
    }
}

/// The next field, whatever it is.
fn field<'a>(cursor: &mut Cursor<'a>) -> Option<(Shape, &'a [u8])> {
    match cursor.peek()? {
        b'"' => cursor.quoted().map(|text| (Shape::Quoted, text)),
        b'[' => match cursor.bracket() {
            Some(text) => Some((Shape::Bracket, text)),
            None => cursor.word().map(|text| (Shape::Word, text)),
        },
        _ => pair(cursor).or_else(|| cursor.list().map(|text| (Shape::Word, text))),
    }
}

/// `rt=0.1`, `us="502, 200"`, Kong's `kong_request_id: "…"`: all of it, and how long the key is.
fn pair<'a>(cursor: &mut Cursor<'a>) -> Option<(Shape, &'a [u8])> {
    let rest = cursor.rest();
    let key = rest.iter().take(40).position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')))?;
    if key == 0 || !rest[0].is_ascii_alphabetic() {
        return None;
    }
    let mut ahead = *cursor;
    if rest[key] == b'=' {
        // the value may be quoted and hold spaces
        let value = &rest[key + 1..];
        let length = if value.starts_with(b"\"") {
            let mut inner = Cursor::new(value);
            inner.quoted()?.len() + 2
        } else {
            let mut inner = Cursor::new(value);
            if value.starts_with(b" ") { 0 } else { inner.list().map_or(0, <[u8]>::len) }
        };
        let whole = rest.get(..(key + 1 + length).min(rest.len()))?;
        ahead.eat(whole);
        *cursor = ahead;
        return Some((Shape::Pair(key + 1), whole));
    }
    if rest[key] == b':' && rest[key + 1..].starts_with(b" \"") {
        ahead.word();
        ahead.quoted()?;
        let length = rest.len() - ahead.rest().len();
        *cursor = ahead;
        return Some((Shape::Spaced, rest[..length].trim_ascii_end()));
    }
    None
}

/// The value in what a field was read as.
fn value(shape: Shape, text: &[u8]) -> &[u8] {
    match shape {
        Shape::Word | Shape::Quoted | Shape::Bracket => text,
        Shape::Pair(key) => unquote(text.get(key..).unwrap_or_default()),
        Shape::Spaced => {
            let from = memchr::memchr(b':', text).map_or(0, |at| at + 1);
            unquote(text[from..].trim_ascii_start())
        }
    }
}

fn unquote(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b",").unwrap_or(text);
    text.strip_prefix(b"\"").map_or(text, |inner| inner.strip_suffix(b"\"").unwrap_or(inner))
}

impl Access {
    /// What the user says that fields are, by their names.
    pub(super) fn map(&mut self, map: &[(String, Attribute)]) {
        for slot in &mut self.slots {
            if let Some((_, attribute)) = map.iter().find(|(name, _)| *name == slot.name)
                && !matches!(slot.role, Role::Request | Role::Status | Role::Time)
            {
                slot.role = match attribute {
                    Attribute::Latency => Role::Latency(Unit::Seconds),
                    Attribute::ClientIp => Role::Forwarded,
                    other => Role::Is(*other),
                };
            }
        }
    }

    /// Tells of one line; false when it is none of this order.
    pub(super) fn visit<'a>(&self, line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
        let mut cursor = Cursor::new(line);
        let mut answered = false;
        let mut remote: Option<(&str, &'a [u8])> = None;
        for slot in &self.slots {
            let read = match slot.shape {
                Shape::Word => match cursor.peek() {
                    // nginx writes `-` for what it does not know, quoted or not
                    Some(b'"') => None,
                    _ => cursor.list(),
                },
                Shape::Quoted => cursor.quoted(),
                Shape::Bracket => cursor.bracket(),
                Shape::Pair(_) | Shape::Spaced => {
                    pair(&mut cursor).filter(|(shape, _)| *shape == slot.shape).map(|(shape, text)| value(shape, text))
                }
            };
            // a line that ends early, or goes on otherwise, has said what counts
            let Some(text) = read else { break };
            if !slot.tell(text, line, &mut remote, self.forwarded, sink) {
                return false;
            }
            answered |= slot.role == Role::Status;
        }
        if let Some((name, address)) = remote {
            sink.text(name, Attribute::ClientIp, address);
        }
        answered
    }
}

impl Slot {
    /// False when the value cannot be what it should be and the line therefore is another.
    fn tell<'s, 'a>(
        &'s self,
        text: &'a [u8],
        line: &'a [u8],
        remote: &mut Option<(&'s str, &'a [u8])>,
        forwarded: bool,
        sink: &mut impl Sink<'a>,
    ) -> bool {
        let name = self.name.as_str();
        match self.role {
            Role::Other => sink.other(name, text),
            Role::Time => {
                if !text.first().is_some_and(u8::is_ascii_digit) {
                    return false;
                }
                sink.time(name, text);
            }
            Role::SplitTime => {
                let from = (text.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
                let Some((at, length)) = line.get(from..).and_then(super::moment::leading) else { return false };
                sink.moment(name, at, line.get(from..from + length).unwrap_or(text));
            }
            Role::Client => {
                let address = client(text);
                if forwarded {
                    *remote = Some((name, address));
                } else {
                    sink.text(name, Attribute::ClientIp, address);
                }
            }
            Role::Forwarded => sink.text(name, Attribute::ClientIp, scan::without_port(scan::first_of(text))),
            Role::Request => match scan::request(text) {
                Some((method, target)) => {
                    sink.text("method", Attribute::Method, method);
                    sink.text("path", Attribute::Route, scan::path(target));
                }
                // a TLS hello sent to a plain port, or nothing at all
                None => sink.text(name, Attribute::Message, text),
            },
            Role::Status => {
                if scan::status(text).is_none() && !scan::is_no_status(text) {
                    return false;
                }
                sink.status(name, text);
            }
            Role::Latency(unit) => millis(sink, name, Attribute::Latency, unit, text),
            Role::UpstreamLatency(unit) => millis(sink, name, Attribute::UpstreamLatency, unit, scan::last_of(text)),
            Role::UpstreamStatus => sink.text(name, Attribute::UpstreamStatus, scan::last_of(text)),
            Role::UpstreamUrl => sink.text(name, Attribute::Host, scan::host_of(text).unwrap_or(text)),
            Role::Level => sink.text(name, Attribute::Level, text.split(|b| *b == b':').next().unwrap_or(text)),
            Role::Is(attribute @ (Attribute::Upstream | Attribute::Host)) => {
                sink.text(name, attribute, scan::last_of(text))
            }
            Role::Is(attribute) => sink.text(name, attribute, text),
        }
        true
    }
}

fn millis<'a>(sink: &mut impl Sink<'a>, name: &str, attribute: Attribute, unit: Unit, text: &'a [u8]) {
    match unit.millis(text) {
        Some(millis) => sink.millis(name, attribute, millis),
        None => sink.other(name, text),
    }
}

/// The address of the client: without port, and without what Python's loggers put in front (`INFO:werkzeug:1.2.3.4`).
fn client(text: &[u8]) -> &[u8] {
    let bare = match text.iter().position(|b| *b == b':') {
        Some(colon) if colon > 2 && text[..colon].iter().all(u8::is_ascii_uppercase) => {
            let rest = &text[colon + 1..];
            rest.iter().position(|b| *b == b':').map_or(rest, |second| &rest[second + 1..])
        }
        _ => text,
    };
    scan::without_port(scan::first_of(bare))
}
