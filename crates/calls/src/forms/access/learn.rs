//! Which field of an access log is what: told by the shapes of the values that the beginning of the input has at each place.

use super::{Access, Role, Shape, Slot, Unit, client, field, value};
use crate::Attribute;
use crate::forms::scan::{self, Cursor};
use crate::forms::{level, moment};

/// Fields of one line that are looked at; ingress controllers and S3 have about thirty.
const FIELDS: usize = 48;
/// Fields before the request: prefixes of loggers, vhost, client, ident, user, time.
const BEFORE: usize = 16;

/// One sampled line: its fields, and which one is the request.
struct Sampled<'a> {
    fields: Vec<(Shape, &'a [u8])>,
    request: usize,
}

/// Learns the order of fields from sampled lines: that of most lines. Also says how many lines have it.
pub(in crate::forms) fn learn(lines: &[&[u8]]) -> Option<(Access, usize)> {
    let sampled: Vec<Sampled<'_>> = lines.iter().filter_map(|line| sample(line)).collect();
    let head = |s: &Sampled<'_>| s.fields[..=s.request].iter().map(|(shape, _)| *shape).collect::<Vec<_>>();
    let mut heads: Vec<(Vec<Shape>, usize)> = Vec::new();
    for one in &sampled {
        let shapes = head(one);
        match heads.iter().position(|(known, _)| *known == shapes) {
            Some(at) => heads[at].1 += 1,
            None if heads.len() < 64 => heads.push((shapes, 1)),
            None => {}
        }
    }
    // the first of those that are equally frequent
    let (shapes, count) = heads.into_iter().rev().max_by_key(|(_, count)| *count)?;
    let alike: Vec<Sampled<'_>> = sampled.into_iter().filter(|s| head(s) == shapes).collect();
    let mut learner = Learner { sampled: &alike, request: shapes.len() - 1, slots: Vec::new() };
    if !learner.storage_service(&shapes) {
        learner.before(&shapes);
        learner.after();
    }
    let mut access = Access { forwarded: learner.has(Role::Forwarded), slots: learner.slots };
    // what stands behind the last field of any use need not be read
    while access.slots.last().is_some_and(|s| s.role == Role::Other && s.shape != Shape::Word) {
        access.slots.pop();
    }
    Some((access, count))
}

fn sample(line: &[u8]) -> Option<Sampled<'_>> {
    let mut cursor = Cursor::new(line);
    let mut fields = Vec::new();
    let mut request = None;
    let mut timed = false;
    while fields.len() < FIELDS {
        let Some((shape, text)) = field(&mut cursor) else { break };
        if request.is_none() {
            if fields.len() >= BEFORE {
                return None;
            }
            timed |= shape == Shape::Bracket && is_time(text);
            let next = cursor.rest().split(|b| *b == b' ').next().unwrap_or_default();
            let answered = scan::status(next).is_some() || timed && scan::is_no_status(next);
            if shape == Shape::Quoted && answered && (timed || scan::request(text).is_some()) {
                request = Some(fields.len());
            }
        }
        fields.push((shape, text));
    }
    Some(Sampled { fields, request: request? })
}

fn is_time(text: &[u8]) -> bool {
    text.len() > 16 && text[0].is_ascii_digit() && moment::leading(text).is_some()
}

struct Learner<'s, 'a> {
    sampled: &'s [Sampled<'a>],
    request: usize,
    slots: Vec<Slot>,
}

impl Learner<'_, '_> {
    fn has(&self, role: Role) -> bool {
        self.slots.iter().any(|slot| slot.role == role)
    }

    fn add(&mut self, shape: Shape, role: Role, name: &str) {
        self.slots.push(Slot { shape, role, name: name.to_owned() });
    }

    /// The values at a place that are there, of lines that write it so.
    fn values(&self, at: usize, shape: Shape) -> Vec<&[u8]> {
        let there = self.sampled.iter().filter_map(|s| s.fields.get(at)).filter(|(known, _)| *known == shape);
        there.map(|(_, text)| value(shape, text)).filter(|v| !scan::is_absent(v)).collect()
    }

    /// How most lines write a place; `None` where most have ended.
    fn shape(&self, at: usize) -> Option<Shape> {
        let mut counts: Vec<(Shape, usize)> = Vec::new();
        for (shape, _) in self.sampled.iter().filter_map(|s| s.fields.get(at)) {
            match counts.iter_mut().find(|(known, _)| known == shape) {
                Some((_, count)) => *count += 1,
                None => counts.push((*shape, 1)),
            }
        }
        let total: usize = counts.iter().map(|(_, count)| count).sum();
        let (shape, _) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
        (total * 2 >= self.sampled.len()).then_some(shape)
    }

    /// S3 writes owner, bucket, time, address, requester, id, operation and key before the request.
    fn storage_service(&mut self, shapes: &[Shape]) -> bool {
        let owners = self.values(0, Shape::Word);
        if shapes.len() != 9 || owners.is_empty() || !owners.iter().all(|v| v.len() == 64 && scan::is_id(v)) {
            return false;
        }
        let is = Role::Is;
        for (shape, role, name) in [
            (Shape::Word, Role::Other, "bucket_owner"),
            (Shape::Word, is(Attribute::Service), "bucket"),
            (Shape::Bracket, Role::Time, "time"),
            (Shape::Word, Role::Client, "remote_ip"),
            (Shape::Word, is(Attribute::User), "requester"),
            (Shape::Word, is(Attribute::RequestId), "request_id"),
            (Shape::Word, Role::Other, "operation"),
            (Shape::Word, Role::Other, "key"),
            (Shape::Quoted, Role::Request, "request_uri"),
            (Shape::Word, Role::Status, "http_status"),
            (Shape::Word, is(Attribute::ErrorCode), "error_code"),
            (Shape::Word, Role::Other, "bytes_sent"),
            (Shape::Word, Role::Other, "object_size"),
            (Shape::Word, Role::Latency(Unit::Millis), "total_time"),
            (Shape::Word, Role::Other, "turn_around_time"),
            (Shape::Quoted, Role::Other, "referer"),
            (Shape::Quoted, is(Attribute::ClientVersion), "user_agent"),
        ] {
            self.add(shape, role, name);
        }
        true
    }

    fn before(&mut self, shapes: &[Shape]) {
        let most = |values: &[&[u8]], test: &dyn Fn(&[u8]) -> bool| {
            !values.is_empty() && values.iter().filter(|v| test(v)).count() * 10 >= values.len() * 6
        };
        let time = (0..self.request)
            .find(|at| shapes[*at] == Shape::Bracket && most(&self.values(*at, Shape::Bracket), &is_time));
        let words: Vec<usize> = (0..time.unwrap_or(self.request)).filter(|at| shapes[*at] == Shape::Word).collect();
        let address = |at: &usize| most(&self.values(*at, Shape::Word), &|v| scan::is_address(client(v)));
        let mut client_at = (0..self.request).filter(|at| shapes[*at] == Shape::Word).find(address);
        // the common format has host, ident, user before the time; the host may be a name
        if client_at.is_none() && time.is_some() && words.len() >= 3 {
            client_at = Some(words[words.len() - 3]);
        }
        let user_at = time.and(words.last().copied()).filter(|at| words.len() >= 3 && Some(*at) != client_at);
        for (at, shape) in shapes.iter().copied().enumerate() {
            let values = self.values(at, shape);
            let (role, name) = if at == self.request {
                (Role::Request, "request".to_owned())
            } else if Some(at) == time {
                (Role::Time, "time_local".to_owned())
            } else if Some(at) == client_at {
                (Role::Client, "remote_addr".to_owned())
            } else if Some(at) == user_at {
                (Role::Is(Attribute::User), "remote_user".to_owned())
            } else if let Shape::Pair(_) | Shape::Spaced = shape {
                self.paired(at, shape)
            } else if time.is_none() && shape == Shape::Word && most(&values, &|v| moment::leading(v).is_some()) {
                (Role::Time, "time".to_owned())
            } else if time.is_none()
                && shape == Shape::Word
                && most(&values, &|v| {
                    v.len() == 10 && (scan::has_shape(v, b"dddd-dd-dd") || scan::has_shape(v, b"dddd/dd/dd"))
                })
            {
                (Role::SplitTime, "time".to_owned())
            } else if most(&values, &|v| level::of(v.split(|b| *b == b':').next().unwrap_or(v)).is_some()) {
                (Role::Level, "level".to_owned())
            } else if most(&values, &scan::is_host) {
                (Role::Is(Attribute::Service), "host".to_owned())
            } else if most(&values, &scan::is_decimal) && !self.has(Role::Latency(Unit::Seconds)) {
                (Role::Latency(Unit::Seconds), "request_time".to_owned())
            } else if most(&values, &scan::is_id) {
                (Role::Is(Attribute::RequestId), "request_id".to_owned())
            } else {
                (Role::Other, format!("field {}", at + 1))
            };
            self.add(shape, role, &name);
        }
    }

    fn after(&mut self) {
        self.add(Shape::Word, Role::Status, "status");
        let mut integers = Vec::new();
        let mut quoted = 0;
        let mut agent = false;
        for at in self.request + 2..FIELDS {
            let Some(shape) = self.shape(at) else { break };
            let values = self.values(at, shape);
            let all = |test: &dyn Fn(&[u8]) -> bool| {
                !values.is_empty() && values.iter().filter(|v| test(v)).count() * 10 >= values.len() * 9
            };
            quoted += usize::from(shape == Shape::Quoted);
            let (role, name) = if let Shape::Pair(_) | Shape::Spaced = shape {
                self.paired(at, shape)
            } else if at == self.request + 2 && shape == Shape::Word && all(&scan::is_digits) {
                (Role::Other, "body_bytes_sent".to_owned())
            } else if at == self.request + 2 && shape == Shape::Word && all(&|v| v[0].is_ascii_uppercase()) {
                // uvicorn's reason phrase has any number of words
                break;
            } else if shape == Shape::Quoted && !agent && quoted <= 2 && !all(&|v| scan::is_decimal(scan::first_of(v)))
            {
                let urls =
                    values.iter().filter(|v| memchr::memmem::find(&v[..v.len().min(16)], b"://").is_some()).count();
                if quoted == 1 && urls * 2 >= values.len() {
                    (Role::Other, "http_referer".to_owned())
                } else {
                    agent = true;
                    (Role::Is(Attribute::ClientVersion), "http_user_agent".to_owned())
                }
            } else if shape == Shape::Word
                && all(&scan::is_digits)
                && !(self.upstream() && all(&|v| scan::status(v).is_some()))
            {
                integers.push((self.slots.len(), agent || quoted > 0));
                (Role::Other, format!("field {}", at + 1))
            } else {
                self.loose(shape, &values, at)
            };
            // lengths may look like statuses: the last of such fields is the one
            if role == Role::UpstreamStatus
                && let Some(before) = self.slots.iter_mut().find(|slot| slot.role == role)
            {
                before.role = Role::Other;
            }
            self.add(shape, role, &name);
        }
        if let [(at, combined)] = integers[..]
            && !self.slots.iter().any(|slot| matches!(slot.role, Role::Latency(_)))
        {
            // fields and slots are counted alike
            let mut values: Vec<f64> = self.values(at, Shape::Word).iter().filter_map(|v| scan::number(v)).collect();
            self.slots[at].role = Role::Latency(unit_of(&mut values, combined));
            self.slots[at].name = "duration".to_owned();
        }
        // a pool's or service's name says more than the address of one machine of it
        let named =
            self.slots.iter().any(|s| s.role == Role::Is(Attribute::Upstream) && s.name == "proxy_upstream_name");
        for slot in &mut self.slots {
            if named && slot.role == Role::Is(Attribute::Upstream) && slot.name == "upstream_addr" {
                slot.role = Role::Is(Attribute::Host);
            }
        }
    }

    fn upstream(&self) -> bool {
        self.slots.iter().any(|slot| slot.name.starts_with("upstream"))
    }

    /// What a value without a name is, by its shape.
    fn loose(&self, shape: Shape, values: &[&[u8]], at: usize) -> (Role, String) {
        let all = |test: &dyn Fn(&[u8]) -> bool| {
            !values.is_empty() && values.iter().filter(|v| test(v)).count() * 10 >= values.len() * 9
        };
        let is = |attribute, name: &str| (Role::Is(attribute), name.to_owned());
        let other = (Role::Other, format!("field {}", at + 1));
        let list = |v: &[u8]| v.iter().all(|b| b.is_ascii_digit() || b" .,:-".contains(b));
        if all(&|v| scan::is_decimal(scan::last_of(v)) && list(v)) {
            if values.iter().any(|v| scan::number(scan::last_of(v)).is_some_and(|n| n > 1e8)) {
                return other;
            }
            return if self.slots.iter().any(|s| matches!(s.role, Role::Latency(_))) {
                if self.slots.iter().any(|s| matches!(s.role, Role::UpstreamLatency(_))) {
                    other
                } else {
                    (Role::UpstreamLatency(Unit::Seconds), "upstream_response_time".to_owned())
                }
            } else {
                (Role::Latency(Unit::Seconds), "request_time".to_owned())
            };
        }
        let address = |v: &[u8]| scan::is_address(scan::last_of(v)) || v.starts_with(b"unix:");
        if all(&address) {
            let ported = all(&|v| scan::without_port(scan::last_of(v)).len() < scan::last_of(v).len());
            return if shape == Shape::Quoted && !ported && !self.has(Role::Forwarded) {
                (Role::Forwarded, "http_x_forwarded_for".to_owned())
            } else if self.has(Role::Is(Attribute::Upstream)) && self.slots.iter().any(|s| s.name == "upstream_addr") {
                other
            } else {
                is(Attribute::Upstream, "upstream_addr")
            };
        }
        let statuses = |v: &[u8]| {
            v.split(|b| matches!(b, b' ' | b',' | b':')).filter(|p| !p.is_empty()).all(|p| scan::status(p).is_some())
        };
        if all(&statuses) && self.upstream() {
            return (Role::UpstreamStatus, "upstream_status".to_owned());
        }
        if all(&scan::is_id) {
            return match (self.has(Role::Is(Attribute::RequestId)), self.has(Role::Is(Attribute::TraceId))) {
                (false, _) => is(Attribute::RequestId, "request_id"),
                (true, false) => is(Attribute::TraceId, "trace_id"),
                (true, true) => other,
            };
        }
        if all(&|v| v.starts_with(b"http://") || v.starts_with(b"https://")) {
            return (Role::UpstreamUrl, "upstream_url".to_owned());
        }
        if all(&|v| scan::duration(v).is_some()) && !self.slots.iter().any(|s| matches!(s.role, Role::Latency(_))) {
            return (Role::Latency(Unit::Written), "duration".to_owned());
        }
        let name = |v: &[u8]| {
            v.len() > 2 && v.len() < 128 && v.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.@/".contains(b))
        };
        let provider = |v: &[u8]| name(v) && v.iter().filter(|b| **b == b'@').count() == 1;
        let unnamed = !self.slots.iter().any(|s| s.name == "proxy_upstream_name");
        if unnamed && (shape == Shape::Bracket && all(&name) || shape == Shape::Quoted && all(&provider)) {
            return is(Attribute::Upstream, "proxy_upstream_name");
        }
        if all(&scan::is_host) && !self.has(Role::Is(Attribute::Service)) {
            return is(Attribute::Service, "host");
        }
        let squid = |v: &[u8]| [&b"TCP_"[..], b"NONE", b"UDP_"].iter().any(|m| v.starts_with(m)) && v.contains(&b':');
        if all(&squid) {
            return is(Attribute::Mark, "result");
        }
        other
    }

    /// What a value is whose key is written beside it.
    fn paired(&self, at: usize, shape: Shape) -> (Role, String) {
        let text = self.sampled.iter().filter_map(|s| s.fields.get(at)).find(|(known, _)| *known == shape);
        let text = text.map_or(&b""[..], |(_, text)| text);
        let key = text.iter().position(|b| matches!(b, b'=' | b':')).map_or(text, |end| &text[..end]);
        let key = String::from_utf8_lossy(key).into_owned();
        let values = self.values(at, shape);
        let role = named(&key, &values);
        (role, key)
    }
}

/// What the keys mean that nginx's documented example formats use; else what the name says anywhere.
fn named(key: &str, values: &[&[u8]]) -> Role {
    let all = |test: &dyn Fn(&[u8]) -> bool| !values.is_empty() && values.iter().all(|v| test(v));
    let unit = || {
        if all(&|v| scan::duration(v).is_some()) { Unit::Written } else { Unit::Seconds }
    };
    match key {
        "rt" | "request_time" | "req_time" | "time" | "duration" => Role::Latency(unit()),
        "urt" | "ut" | "upstream_response_time" | "upstream_time" => Role::UpstreamLatency(unit()),
        "us" | "upstream_status" => Role::UpstreamStatus,
        "ua" | "upstream_addr" | "upstream"
            if all(&|v| scan::is_address(scan::last_of(v)) || v.starts_with(b"unix:")) =>
        {
            Role::Is(Attribute::Upstream)
        }
        "ua" | "user_agent" | "http_user_agent" => Role::Is(Attribute::ClientVersion),
        "host" | "http_host" | "sn" | "server_name" | "vhost" => Role::Is(Attribute::Service),
        "rid" | "req_id" | "reqid" | "kong_request_id" | "x_request_id" => Role::Is(Attribute::RequestId),
        "xff" | "x_forwarded_for" | "http_x_forwarded_for" => Role::Forwarded,
        _ => super::super::attribute_of(key).map_or(Role::Other, |attribute| match attribute {
            Attribute::Latency => Role::Latency(unit()),
            Attribute::UpstreamLatency => Role::UpstreamLatency(unit()),
            Attribute::UpstreamStatus => Role::UpstreamStatus,
            Attribute::ClientIp => Role::Forwarded,
            Attribute::Time | Attribute::Status | Attribute::Route | Attribute::Attempt => Role::Other,
            other => Role::Is(other),
        }),
    }
}

/// The unit of a bare whole number behind the line. Apache's `%T` is seconds, nearly all of which are 0; its `%D` is microseconds,
/// of which no server needs fewer than a hundred; Tomcat's `%D` is milliseconds and stands after the common format, where twenty
/// thousand in the middle would be twenty seconds.
fn unit_of(values: &mut [f64], combined: bool) -> Unit {
    values.sort_by(f64::total_cmp);
    let middle = values.get(values.len() / 2).copied().unwrap_or(0.0);
    let largest = values.last().copied().unwrap_or(0.0);
    if middle < 1.0 && largest <= 120.0 {
        Unit::Seconds
    } else if combined && middle >= 100.0 || middle >= 20_000.0 {
        Unit::Micros
    } else {
        Unit::Millis
    }
}
