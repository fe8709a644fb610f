//! AWS load balancers: application and classic ones.
//!
//! Sources: "Access logs for your Application Load Balancer", "Access logs for your Classic Load Balancer".

use super::scan::{self, Cursor};
use super::sink::Sink;
use crate::Attribute;

/// `https 2018-07-02T22:23:00.186641Z app/name/id client target times codes sizes "request" "agent" …`.
pub(super) fn application<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    let mut cursor = Cursor::new(line);
    if !matches!(cursor.word(), Some(b"http" | b"https" | b"h2" | b"grpcs" | b"ws" | b"wss")) {
        return false;
    }
    let Some(time) = cursor.word().filter(|t| scan::has_shape(t, b"dddd-dd-ddadd:dd")) else { return false };
    let Some(balancer) = cursor.word().filter(|b| b.contains(&b'/')) else { return false };
    let Some(head) = Head::read(&mut cursor) else { return false };
    sink.time("time", time);
    sink.text("elb", Attribute::Service, between_slashes(balancer));
    head.tell(sink, Attribute::Host);
    cursor.word();
    cursor.word();
    request(cursor.quoted().unwrap_or_default(), sink);
    sink.text("user_agent", Attribute::ClientVersion, cursor.quoted().unwrap_or_default());
    cursor.word();
    cursor.word();
    let group = cursor.word().unwrap_or_default();
    let name = memchr::memmem::find(group, b"targetgroup/").map_or(group, |at| &group[at..]);
    sink.text("target_group_arn", Attribute::Upstream, between_slashes(name));
    let trace = cursor.quoted().unwrap_or_default();
    sink.text("trace_id", Attribute::TraceId, root(trace));
    sink.other("domain_name", cursor.quoted().unwrap_or_default());
    // certificate, rule priority, creation time
    sink.other("chosen_cert_arn", either(&mut cursor));
    sink.other("matched_rule_priority", either(&mut cursor));
    cursor.word();
    sink.other("actions_executed", cursor.quoted().unwrap_or_default());
    sink.other("redirect_url", cursor.quoted().unwrap_or_default());
    sink.text("error_reason", Attribute::ErrorCode, cursor.quoted().unwrap_or_default());
    true
}

/// `2015-05-13T23:39:43.945958Z name client backend times codes sizes "request" "agent" cipher protocol`.
pub(super) fn classic<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    let mut cursor = Cursor::new(line);
    let Some(time) = cursor.word().filter(|t| scan::has_shape(t, b"dddd-dd-ddadd:dd:dd.dddddda")) else { return false };
    let Some(name) = cursor.word() else { return false };
    let Some(head) = Head::read(&mut cursor) else { return false };
    sink.time("time", time);
    sink.text("elb", Attribute::Service, name);
    head.tell(sink, Attribute::Upstream);
    cursor.word();
    cursor.word();
    request(cursor.quoted().unwrap_or_default(), sink);
    sink.text("user_agent", Attribute::ClientVersion, cursor.quoted().unwrap_or_default());
    true
}

fn request<'a>(text: &'a [u8], sink: &mut impl Sink<'a>) {
    if let Some((method, target)) = scan::request(text) {
        sink.text("method", Attribute::Method, method);
        sink.text("path", Attribute::Route, scan::path(target));
    } else if text.trim_ascii().iter().all(|b| matches!(b, b'-' | b' ')) {
        sink.other("request", text);
    } else {
        sink.text("request", Attribute::Message, text);
    }
}

fn either<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    if cursor.peek() == Some(b'"') { cursor.quoted() } else { cursor.word() }.unwrap_or_default()
}

/// The name in `app/name/id` and `targetgroup/name/id`.
fn between_slashes(text: &[u8]) -> &[u8] {
    text.split(|b| *b == b'/').nth(1).unwrap_or(text)
}

/// The trace in `Self=1-…;Root=1-…`.
fn root(text: &[u8]) -> &[u8] {
    let Some(at) = memchr::memmem::find(text, b"Root=") else { return text };
    let rest = &text[at + 5..];
    &rest[..memchr::memchr(b';', rest).unwrap_or(rest.len())]
}

/// Client, target, the three times in seconds (-1: not reached), status of balancer and target.
struct Head<'a> {
    client: &'a [u8],
    target: &'a [u8],
    times: [&'a [u8]; 3],
    status: &'a [u8],
    target_status: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let client = cursor.word().filter(|c| scan::is_address(c))?;
        let target = cursor.word()?;
        let times = [cursor.word()?, cursor.word()?, cursor.word()?];
        let known = |t: &&[u8]| scan::number(t).is_some() || matches!(*t, b"-1" | b"-");
        let status = cursor.word().filter(|s| scan::status(s).is_some() || scan::is_no_status(s))?;
        times.iter().all(known).then_some(Self { client, target, times, status, target_status: cursor.word()? })
    }

    fn tell(&self, sink: &mut impl Sink<'a>, target: Attribute) {
        sink.text("client", Attribute::ClientIp, scan::without_port(self.client));
        sink.text("target", target, self.target);
        let [request, target, response] = self.times.map(scan::number);
        // where a part was not reached, the parts that were are what is known
        if request.is_some() || target.is_some() || response.is_some() {
            let total = request.unwrap_or(0.0) + target.unwrap_or(0.0) + response.unwrap_or(0.0);
            sink.millis("processing_time", Attribute::Latency, total * 1000.0);
        }
        if let Some(seconds) = target {
            sink.millis("target_processing_time", Attribute::UpstreamLatency, seconds * 1000.0);
        }
        sink.status("elb_status_code", self.status);
        sink.text("target_status_code", Attribute::UpstreamStatus, self.target_status);
    }
}
