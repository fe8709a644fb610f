//! Puts the parts of HTTP exchanges together as they come: start lines, heads, bodies, headings.
//!
//! This file refuses to know how a part looks; it only knows which part belongs to which call.

use super::body::{self, Hints};
use super::sheet::{General, Heading, Side};
use super::start_line::{self, StatusLine};
use super::{Kind, boundary, fields, is_error_code, kind, next_full, status_is_supported};
use crate::lines::Lines;
use firstfault_model::{
    Body, Call, Header, Headers, Message, MessageKind, Origin, Request, Response, Span, Url, Vantage,
};

/// Reads from line `at` on; the line behind what was read, and the calls.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> (usize, Vec<Call>) {
    let in_prose = lines.0.get(at).is_some_and(|line| line.prose);
    let mut reader = Reader { lines, at, end: at, in_prose, calls: Vec::new(), call: new_call(), interim: None };
    while reader.step() {}
    reader.finish_call();
    (reader.end, reader.calls)
}

struct Reader<'l, 'a> {
    lines: &'l Lines<'a>,
    /// The line to read next.
    at: usize,
    /// The line behind the last one that was of use.
    end: usize,
    in_prose: bool,
    calls: Vec<Call>,
    call: Call,
    /// A 1xx response that waits for the final one.
    interim: Option<Response>,
}

fn new_call() -> Call {
    Call::new(Origin::HttpMessage, Vantage::Client)
}

impl<'l> Reader<'l, '_> {
    /// Reads one part; false when nothing more belongs here.
    fn step(&mut self) -> bool {
        let begin = next_full(self.lines, self.at);
        if begin >= self.lines.len() {
            return false;
        }
        let lines: &'l Lines<'_> = self.lines;
        let text = lines.text(begin);
        let first = self.end == self.at && self.calls.is_empty() && self.call == new_call();
        if !first && (lines.0[begin].prose && !self.in_prose || boundary::is_fence(text)) {
            return self.bridge(begin);
        }
        self.at = begin;
        let kind = kind(text);
        match kind {
            Kind::Request(line) => {
                self.begin_request(line.method, line.target, line.version);
                self.head(Side::Request, true);
            }
            Kind::Bare(line, rest) if first || self.is_below_heading(begin) || super::opens(lines, begin) => {
                self.begin_request(line.method, line.target, None);
                let answered = start_line::code_and_reason(rest);
                if let Some((status, reason)) = answered {
                    self.set_status(&StatusLine { version: None, status, reason }, begin);
                }
                self.at += 1;
                self.take_tool_errors();
                self.at -= 1;
                // Behind a line that tells the status already stands what was answered.
                let next = self.lines.text(begin + 1).trim_start();
                let body_follows = answered.is_some() && next.starts_with(['{', '[', '<']);
                self.head(if body_follows { Side::Response } else { Side::Request }, false);
            }
            Kind::Status(line) => self.response(line, true),
            Kind::Tool(line) if first || self.awaits_response() || status_is_supported(lines, begin) => {
                if !first && self.call.response.as_ref().is_some_and(|r| r.status == Some(line.status)) {
                    self.touch(begin);
                    self.at = begin + 1;
                } else {
                    self.response(line, true);
                }
            }
            Kind::Heading(heading)
                if first || super::heading_is_supported(lines, begin, heading) || self.expects(heading) =>
            {
                self.heading(heading)
            }
            Kind::General(key, value) => self.general(key, value),
            Kind::Map(side, map) => {
                let span = lines.0[begin].span_of(map);
                self.touch(begin);
                let headers = fields::map(map, span);
                if side == Side::Response && self.call.response.is_none() {
                    self.status_above(begin);
                }
                self.push_fields(side, headers);
                self.at = begin + 1;
            }
            Kind::Inline(side, body) => self.inline_body(side, body),
            Kind::Reason(reason) if first || self.call.response.is_some() => {
                self.status_above(begin);
                self.response_mut().reason = Some(reason.to_owned());
                self.touch(begin);
                self.at = begin + 1;
            }
            Kind::Noise => self.at = begin + 1,
            Kind::Other if first => self.pseudo_head(),
            Kind::Other | Kind::Blank | Kind::Reason(_) | Kind::Bare(..) | Kind::Tool(_) | Kind::Heading(_) => {
                return self.bridge(begin);
            }
        }
        true
    }

    fn begin_request(&mut self, method: &str, target: &str, version: Option<&str>) {
        let started = self.call.request.as_ref().is_some_and(|r| r.method.is_some());
        if started || self.call.response.is_some() || self.interim.is_some() {
            self.finish_call();
        }
        self.touch(self.at);
        let span = self.line_span(self.at);
        let mut url = Url::parse(target);
        if method == "CONNECT" {
            url = Url::parse(&format!("//{target}"));
        }
        let request = self.call.request.get_or_insert_with(Request::default);
        request.method = Some(method.to_owned());
        request.url = url;
        request.version = version.map(str::to_owned);
        request.span = span;
    }

    fn response(&mut self, line: StatusLine<'l>, strict: bool) {
        let begin = self.at;
        if self.call.response.is_some() {
            self.finish_call();
        }
        let interim = (100..200).contains(&line.status) && line.status != 101;
        if line.version.is_none() && self.call.request.is_none() {
            self.request_above(begin);
        }
        self.set_status(&line, begin);
        self.at += 1;
        if line.version.is_none() {
            self.take_error_code();
        }
        self.at -= 1;
        self.head(Side::Response, strict);
        if interim {
            let words = self.lines.text(begin).trim().to_owned();
            self.message(words, self.line_span(begin));
            self.interim = self.call.response.take();
        }
    }

    fn set_status(&mut self, line: &StatusLine<'_>, at: usize) {
        self.touch(at);
        let span = self.line_span(at);
        let response = self.response_mut();
        response.status = Some(line.status);
        response.reason = line.reason.map(str::to_owned);
        response.version = line.version.map(str::to_owned);
        response.span = span;
    }

    /// Reads the fields below line `at`, then the body.
    fn head(&mut self, side: Side, strict: bool) {
        let head = fields::read_head(self.lines, self.at + 1, |text| {
            !self.interrupts(text, side) && (self.in_prose || !boundary::is_fence(text))
        });
        let (end, complete) = (head.end, head.complete);
        self.push_fields(side, head.fields);
        for at in self.at..end {
            self.touch(at);
        }
        self.at = end;
        if complete && strict {
            match side {
                Side::Request => self.call.request.get_or_insert_with(Request::default).complete = true,
                Side::Response => self.response_mut().complete = true,
            }
        }
        self.body(side);
    }

    /// True when a line cannot belong to a head or body of `side`, because another part begins there.
    fn interrupts(&self, text: &str, side: Side) -> bool {
        match kind(text) {
            Kind::Request(_) | Kind::Status(_) | Kind::General(..) | Kind::Map(..) => true,
            // `Status: 200 OK` is also a field that some servers send.
            Kind::Tool(_) => side == Side::Request || !fields::is_field(text),
            Kind::Heading(heading) => {
                !matches!(heading, Heading::Aside | Heading::Proxy | Heading::Body(Side::Request))
                    || text.trim_start().starts_with(char::is_uppercase)
            }
            _ => side == Side::Request && text.trim_start().starts_with(":status:"),
        }
    }

    /// Reads the body that stands at line `at`, where one can be.
    fn body(&mut self, side: Side) {
        let method = self.call.request.as_ref().and_then(|r| r.method.clone());
        let begin = next_full(self.lines, self.at);
        let text = self.lines.text(begin);
        if begin >= self.lines.len()
            || self.interrupts(text, side) && !matches!(kind(text), Kind::Heading(Heading::Body(s)) if s == side)
        {
            self.known_empty(side);
            return;
        }
        if side == Side::Response {
            let bodiless = self.call.status().is_some_and(|s| (100..200).contains(&s) || s == 304);
            if self.known_empty(side) || bodiless || method.as_deref() == Some("HEAD") {
                return;
            }
        }
        let headers = match side {
            Side::Request => self.call.request.as_ref().map(|r| r.headers.clone()),
            Side::Response => self.call.response.as_ref().map(|r| r.headers.clone()),
        }
        .unwrap_or_default();
        let cut = |line: &str| self.interrupts(line, side).then_some(0);
        let hints = Hints { headers: &headers, in_prose: self.in_prose, runs_on: false, cut: &cut };
        let Some(mut found) = body::read_body(self.lines, self.at, &hints) else {
            self.known_empty(side);
            return;
        };
        let glued = found.rest.as_ref().is_some_and(|(rest, _)| is_prompt_remnant(rest));
        if glued {
            found.rest = None;
        }
        found.keep_rest();
        for at in self.at..found.end {
            self.touch(at);
        }
        self.at = found.end;
        // A request that cannot have a body, and no response below: what stands there is the answer.
        let announced = headers.0.iter().any(|h| {
            start_line::starts_with_ignore_case(&h.name, "content-") || h.name.eq_ignore_ascii_case("transfer-encoding")
        });
        let side = match (side, method.as_deref()) {
            (Side::Request, Some("GET" | "DELETE" | "OPTIONS")) if !announced && !self.response_follows() => {
                Side::Response
            }
            _ => side,
        };
        self.set_body(side, found.body);
        if side == Side::Response {
            self.response_mut().trailers.0.extend(found.trailers.0);
        }
    }

    fn set_body(&mut self, side: Side, body: Body) {
        match side {
            Side::Request => self.call.request.get_or_insert_with(Request::default).body = Some(body),
            Side::Response => {
                let response = self.response_mut();
                if response.span.line == 0 {
                    response.span = body.span;
                }
                response.body = Some(body);
            }
        }
    }

    /// `Content-Length: 0` and 204 say that there is no body: known to be empty.
    fn known_empty(&mut self, side: Side) -> bool {
        if side == Side::Request {
            return false;
        }
        let Some(response) = self.call.response.as_mut() else { return false };
        let empty = body::content_length(&response.headers) == Some(0) || response.status == Some(204);
        if empty && response.body.is_none() {
            response.body = Some(Body::default());
        }
        empty
    }

    fn heading(&mut self, heading: Heading) {
        self.touch(self.at);
        let below = next_full(self.lines, self.at + 1);
        match heading {
            Heading::General => {
                if self.call.response.is_some() || self.call.request.is_some() {
                    self.finish_call();
                }
                self.at += 1;
            }
            Heading::Message(side) => {
                let text = self.lines.text(below).trim();
                let bare = start_line::code_and_reason(text);
                if let (Side::Response, Some((status, reason))) = (side, bare) {
                    self.at = below;
                    self.response(StatusLine { version: None, status, reason }, false);
                } else if side == Side::Response && (body::is_json(text) || body::is_markup(text)) {
                    // Developer tools' "Response" tab is the body.
                    self.at += 1;
                    self.body(side);
                } else {
                    self.at += 1;
                }
            }
            Heading::Headers(side) => {
                let repeated = match side {
                    Side::Request => self.call.request.as_ref().is_some_and(|r| !r.headers.0.is_empty()),
                    Side::Response => self.call.response.as_ref().is_some_and(|r| !r.headers.0.is_empty()),
                };
                if repeated {
                    self.finish_call();
                }
                let mut from = self.at + 1;
                while self.lines.text(from).trim().is_empty() && from < below
                    || super::sheet::is_noise(self.lines.text(from))
                {
                    from += 1;
                }
                if let Some((end, headers)) = self.split_fields(from) {
                    self.push_fields(side, headers);
                    self.at = end;
                } else {
                    self.at = from - 1;
                    self.head_below_heading(side);
                }
            }
            Heading::Body(side) => {
                self.at += 1;
                let before = self.at;
                self.body(side);
                self.at = self.at.max(before);
                // Developer tools repeat the payload's members below it.
                while side == Side::Request && fields::is_field(self.lines.text(self.at)) && self.at > before {
                    self.touch(self.at);
                    self.at += 1;
                }
            }
            Heading::Proxy | Heading::Aside => {
                let head = fields::read_head(self.lines, self.at + 1, |text| !self.interrupts(text, Side::Request));
                if heading == Heading::Proxy {
                    self.proxy(&head.fields);
                }
                for at in self.at..head.end {
                    self.touch(at);
                }
                self.at = head.end.max(self.at + 1);
            }
        }
    }

    /// Fields below a heading: the heading, not an empty line, says what they are, so the head is not known to be whole.
    fn head_below_heading(&mut self, side: Side) {
        let head = fields::read_head(self.lines, self.at + 1, |text| !self.interrupts(text, side));
        self.push_fields(side, head.fields);
        for at in self.at..head.end {
            self.touch(at);
        }
        self.at = head.end.max(self.at + 1);
        let text = self.lines.text(next_full(self.lines, self.at));
        if body::is_json(text) || body::is_markup(text) {
            self.body(side);
        }
    }

    /// Newer developer tools copy names and values on lines of their own: `accept:` above `*/*`.
    fn split_fields(&self, from: usize) -> Option<(usize, Headers)> {
        let name_alone = |at: usize| {
            let text = self.lines.text(at).trim();
            text.strip_suffix(':').filter(|_| fields::field(text).is_some_and(|(_, value)| value.is_empty()))
        };
        name_alone(from)?;
        let value_below = self.lines.text(from + 1).trim();
        if value_below.is_empty() || fields::is_field(value_below) || name_alone(from + 2).is_none() {
            return None;
        }
        let mut headers = Headers::default();
        let mut at = from;
        while let Some(name) = name_alone(at) {
            let value = self.lines.text(at + 1).trim();
            headers.push(name, value, self.line_span(at).to(self.line_span(at + 1)));
            at += 2;
        }
        Some((at.min(self.lines.len()), headers))
    }

    fn general(&mut self, key: General, value: &'l str) {
        let begin = self.at;
        self.touch(begin);
        let mut value = value;
        if value.is_empty() {
            self.at += 1;
            value = self.lines.text(self.at).trim();
            self.touch(self.at);
        }
        let span = self.line_span(self.at);
        match key {
            General::Url => {
                if self.call.request.as_ref().is_some_and(|r| r.url != Url::default()) {
                    self.finish_call();
                    self.touch(begin);
                }
                let request = self.call.request.get_or_insert_with(Request::default);
                request.url = Url::parse(value);
                request.span = request.span.to(span);
            }
            General::Method => {
                let method = value.split_whitespace().next().map(str::to_owned);
                let request = self.call.request.get_or_insert_with(Request::default);
                request.method = method;
                request.span = request.span.to(span);
            }
            General::Status => {
                if let Some((status, reason)) =
                    start_line::code_and_reason(value.trim_start_matches(|c: char| !c.is_ascii_digit()))
                {
                    self.set_status(&StatusLine { version: None, status, reason }, self.at);
                }
            }
            General::Address => self.call.mark(
                "address",
                value.rsplit_once(':').map_or(value, |(host, _)| host).trim_matches(['[', ']']),
                span,
            ),
            General::Other => {}
        }
        self.at += 1;
        // Some tools print the fields right below, without a heading.
        let text = self.lines.text(self.at);
        if key == General::Method && !matches!(kind(text), Kind::General(..) | Kind::Tool(_)) && fields::is_field(text)
        {
            self.at -= 1;
            self.head(Side::Request, true);
        }
    }

    fn inline_body(&mut self, side: Side, text: &'l str) {
        let begin = self.at;
        let mut text = text;
        // Python shows bytes as b'…'
        if let Some(inner) = text
            .strip_prefix("b'")
            .and_then(|t| t.strip_suffix('\''))
            .or_else(|| text.strip_prefix("b\"").and_then(|t| t.strip_suffix('"')))
        {
            text = inner;
        }
        let span = self.lines.0[begin].span_of(text);
        self.touch(begin);
        self.at = begin + 1;
        let mut found = Body::bounded(text, span);
        // An open bracket goes on below.
        let open = text.bytes().filter(|b| matches!(b, b'{' | b'[')).count();
        let closed = text.bytes().filter(|b| matches!(b, b'}' | b']')).count();
        if body::is_json(text) && open > closed {
            let mut depth = open - closed;
            while depth > 0 && self.at < self.lines.len() && !boundary::ends_message(self.lines, self.at, self.in_prose)
            {
                let line = self.lines.text(self.at);
                for byte in line.bytes() {
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                }
                if found.text.len() + line.len() < firstfault_model::BODY_LIMIT {
                    found.text.push('\n');
                    found.text.push_str(line);
                } else {
                    found.truncated = true;
                }
                found.size += line.len() + 1;
                found.span = found.span.to(self.line_span(self.at));
                self.touch(self.at);
                self.at += 1;
            }
        }
        self.set_body(side, found);
    }

    /// A head of pseudo-headers without a start line, as HTTP/2 tools print it.
    fn pseudo_head(&mut self) {
        let side = if self.lines.text(self.at).trim().starts_with(":status") { Side::Response } else { Side::Request };
        let begin = self.at;
        let head = fields::read_head(self.lines, begin, |text| !self.interrupts(text, side));
        self.push_fields(side, head.fields);
        for at in begin..head.end {
            self.touch(at);
        }
        self.at = head.end.max(begin + 1);
        if head.complete {
            match side {
                Side::Request => self.call.request.get_or_insert_with(Request::default).complete = true,
                Side::Response => self.response_mut().complete = true,
            }
            self.body(side);
        }
        // Further down, `:status` opens the answer.
        let below = next_full(self.lines, self.at);
        if side == Side::Request && self.lines.text(below).trim_start().starts_with(":status:") {
            self.at = below;
            self.pseudo_head();
        }
    }

    fn push_fields(&mut self, side: Side, headers: Headers) {
        if side == Side::Request {
            let request = self.call.request.get_or_insert_with(Request::default);
            add_request_fields(request, headers.0);
        } else {
            let response = self.response_mut();
            for header in headers.0 {
                if header.name == ":status" {
                    response.status = header.value.trim().parse().ok();
                    response.span = response.span.to(header.span);
                } else {
                    response.headers.0.push(header);
                }
            }
        }
    }

    /// Postman's console says what went wrong below the request line: `Error: connect ECONNREFUSED …`.
    fn take_tool_errors(&mut self) {
        while let Some(words) = self.lines.text(self.at).trim().strip_prefix("Error: ") {
            let span = self.line_span(self.at);
            if words.contains("tunneling socket")
                && let Some((_, code)) = words.split_once("statusCode=")
            {
                let code = code.bytes().take_while(u8::is_ascii_digit).count().min(code.len());
                let digits = words.split_once("statusCode=").map(|(_, c)| c[..code].to_owned()).unwrap_or_default();
                self.call.mark("http.connect_status", digits, span);
            }
            self.message(words.to_owned(), span);
            self.touch(self.at);
            self.at += 1;
        }
        if let Kind::Heading(Heading::Proxy | Heading::Aside) = kind(self.lines.text(self.at)) {
            let Kind::Heading(heading) = kind(self.lines.text(self.at)) else { return };
            self.heading(heading);
        }
    }

    fn take_error_code(&mut self) {
        while is_error_code(self.lines.text(self.at)) || boundary::is_separator(self.lines.text(self.at)) {
            let text = self.lines.text(self.at).trim();
            if let Some(code) = text.strip_prefix("ERROR CODE: ") {
                let span = self.line_span(self.at);
                self.call.mark("error.code", code, span);
            }
            self.touch(self.at);
            self.at += 1;
        }
    }

    fn proxy(&mut self, fields: &Headers) {
        if let Some(host) = fields.field("host") {
            let port = fields.first("port").map(|port| format!(":{port}")).unwrap_or_default();
            let value = format!("{}{port}", host.value.trim_matches('"'));
            self.call.mark("proxy.host", value, host.span);
        }
    }

    /// What stood above a tool's status: `GET https://…`, also with the URL on a line of its own.
    fn request_above(&mut self, begin: usize) {
        let mut above = begin;
        for _ in 0..2 {
            above = above.wrapping_sub(1);
            if above < begin
                && !boundary::is_separator(self.lines.text(above))
                && !self.lines.text(above).trim().is_empty()
            {
                break;
            }
        }
        if above >= begin {
            return;
        }
        let mut words = last_words(self.lines.text(above));
        let span = self.line_span(above);
        if words.0.is_empty() && above > 0 {
            words.0 = last_words(self.lines.text(above - 1)).1;
        }
        if start_line::is_method(words.0) && words.1.contains("://") {
            let (method, url) = (words.0.to_owned(), Url::parse(words.1));
            self.call.request = Some(Request { method: Some(method), url, span, ..Request::default() });
        }
    }

    /// `ApiException: (404)` on the line above a `Reason:` line.
    fn status_above(&mut self, begin: usize) {
        if self.call.status().is_some() || begin == 0 {
            return;
        }
        let above = self.lines.text(begin - 1).trim();
        let code = above.strip_suffix(')').and_then(|t| t.rsplit_once('(')).map(|(_, code)| code);
        let status = code.and_then(start_line::code_and_reason).map(|(status, _)| status);
        let span = self.line_span(if status.is_some() { begin - 1 } else { begin });
        let response = self.response_mut();
        response.status = status;
        response.span = span;
    }

    fn awaits_response(&self) -> bool {
        self.call.request.is_some() && self.call.response.is_none()
    }

    /// A section that this call still lacks may come without further proof.
    fn expects(&self, heading: Heading) -> bool {
        let begun = self.call.request.is_some() || self.call.response.is_some();
        match heading {
            Heading::Body(Side::Request) => begun && self.call.request.as_ref().is_none_or(|r| r.body.is_none()),
            Heading::Body(Side::Response) => begun && self.call.response.as_ref().is_none_or(|r| r.body.is_none()),
            Heading::Headers(_) | Heading::Aside | Heading::Proxy => begun,
            Heading::Message(Side::Response) => {
                let below = self.lines.text(next_full(self.lines, self.at + 1));
                begun
                    && self.call.response.as_ref().is_some_and(|r| r.body.is_none())
                    && (body::is_json(below) || body::is_markup(below))
            }
            Heading::General | Heading::Message(Side::Request) => false,
        }
    }

    fn is_below_heading(&self, at: usize) -> bool {
        (at.saturating_sub(2)..at)
            .any(|above| matches!(kind(self.lines.text(above)), Kind::Heading(Heading::Message(Side::Request))))
    }

    fn response_follows(&self) -> bool {
        let below = self.skip_to_response(next_full(self.lines, self.at));
        below.is_some()
    }

    /// Goes over what people put between a request and its response; false when none follows.
    fn bridge(&mut self, begin: usize) -> bool {
        if !self.awaits_response() {
            return false;
        }
        match self.skip_to_response(begin) {
            Some(at) if at > begin || matches!(kind(self.lines.text(begin)), Kind::Status(_) | Kind::Tool(_)) => {
                self.at = at;
                self.in_prose = self.lines.0[at].prose;
                true
            }
            _ => false,
        }
    }

    /// The response below fences, separators and a line such as "The server answers:".
    fn skip_to_response(&self, begin: usize) -> Option<usize> {
        let mut words = 0;
        for at in begin..begin + 8 {
            let text = self.lines.text(at).trim();
            match kind(text) {
                Kind::Status(_) => return Some(at),
                Kind::Tool(_) if status_is_supported(self.lines, at) => return Some(at),
                Kind::Request(_) | Kind::Bare(..) => return None,
                Kind::Blank | Kind::Noise | Kind::Heading(Heading::Message(Side::Response)) => {}
                _ if boundary::is_fence(text) || boundary::is_separator(text) => {}
                _ if text.len() <= 100 && words < 2 && says_response(text) => words += 1,
                _ => return None,
            }
        }
        None
    }

    fn response_mut(&mut self) -> &mut Response {
        self.call.response.get_or_insert_with(Response::default)
    }

    fn message(&mut self, text: String, span: Span) {
        self.call.messages.push(Message { kind: MessageKind::Tool, text, span });
    }

    fn line_span(&self, at: usize) -> Span {
        self.lines.0.get(at).map_or_else(Span::default, |line| line.span_of(line.text.trim()))
    }

    /// Notes that line `at` belongs to the call.
    fn touch(&mut self, at: usize) {
        if at < self.lines.len() {
            self.call.span = self.call.span.to(self.lines.span(at));
            self.end = self.end.max(at + 1);
        }
    }

    fn finish_call(&mut self) {
        let mut call = std::mem::replace(&mut self.call, new_call());
        if call.response.is_none() {
            call.response = self.interim.take();
        }
        self.interim = None;
        if let Some(request) = call.request.as_mut()
            && let Some(host) = request.headers.first("host").map(str::to_owned)
        {
            fields::fill_host(&mut request.url, &host);
        }
        if call.request.is_none() && call.response.is_none() {
            return;
        }
        // The answer to CONNECT is the proxy's, not the API's: it becomes a mark of what follows.
        let tunnel = call.response.as_ref().is_some_and(|r| {
            r.status == Some(200)
                && r.reason.as_deref().is_some_and(|reason| reason.eq_ignore_ascii_case("connection established"))
        });
        if tunnel
            && call.request.as_ref().is_none_or(|r| r.method.as_deref() == Some("CONNECT"))
            && self.at < self.lines.len()
        {
            let span = call.response.map(|r| r.span).unwrap_or_default();
            self.call.mark("http.connect_status", "200", span);
            self.call.span = call.span;
            return;
        }
        self.calls.push(call);
    }
}

/// Adds fields to a request; pseudo-headers become its parts (RFC 9113 section 8.3.1).
pub(crate) fn add_request_fields(request: &mut Request, fields: Vec<Header>) {
    for header in fields {
        let value = header.value.trim();
        match header.name.as_str() {
            ":method" => request.method = Some(value.to_owned()),
            ":path" if request.url.path.is_empty() || request.url.path == "/" => {
                let target = Url::parse(value);
                request.url.path = target.path;
                request.url.query = target.query;
            }
            ":path" | ":protocol" | ":status" => {}
            ":authority" => fields::fill_host(&mut request.url, value),
            ":scheme" => request.url.scheme = request.url.scheme.take().or_else(|| Some(value.to_owned())),
            _ => {
                request.headers.0.push(header);
                continue;
            }
        }
        request.span = request.span.to(header.span);
    }
}

/// What a shell leaves behind output without a line end: its prompt, or zsh's `%`.
pub(crate) fn is_prompt_remnant(rest: &str) -> bool {
    let rest = rest.trim();
    rest == "%" || rest == "$" || rest == "#" || boundary::prompt(rest).is_some()
}

/// The last two words of a line.
fn last_words(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (rest, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    (rest.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default(), last)
}

fn says_response(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["respon", "return", "result", "reply", "answer", "receive", "get back", "we get", "i get", "got"]
        .iter()
        .any(|word| lower.contains(word))
}
