//! Request files: `.http` and `.rest` of the REST Client and of IntelliJ's HTTP client, and Hurl files.
//!
//! Sources: the REST Client's README, JetBrains' HTTP request specification, Hurl's grammar. Their expectations
//! (`HTTP 200`, `[Asserts]`, test scripts) are no evidence and are left out. A raw message, a transcript or a log is
//! not taken: every section has to begin with a request and something has to be a request file's own.

use crate::Intake;
use crate::http_message::start_line;
use crate::lines::Lines;
use crate::postman::replace_variables;
use base64::Engine as _;
use firstfault_model::{Body, Call, Origin, Request, Span, Url, Vantage};
use std::borrow::Cow;

/// How much of the input is looked at to know the form, and how many requests are kept.
const SNIFF_BYTES: usize = 256 << 10;
const REQUESTS: usize = 5_000;
/// How often variables may name variables.
const VARIABLE_DEPTH: usize = 5;

/// True when the input is a request file.
#[must_use]
pub fn recognises(text: &str) -> bool {
    let mut end = text.len().min(SNIFF_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let whole = end == text.len();
    let mut scan = Scan { expected: Expected::Request, ..Scan::default() };
    let mut lines = text[..end].lines().peekable();
    while let Some(line) = lines.next() {
        // The last line may be cut.
        if !whole && lines.peek().is_none() {
            break;
        }
        if !scan.line(line) {
            return false;
        }
    }
    scan.requests > 0 && scan.marks > 0
}

/// What the form allows at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Expected {
    /// Comments, variables, then a request line.
    #[default]
    Request,
    Fields,
    /// Anything but an answer.
    Body,
}

#[derive(Default)]
struct Scan {
    expected: Expected,
    requests: usize,
    /// Lines that only request files have.
    marks: usize,
    /// True between `> {%` and `%}`.
    in_script: bool,
}

impl Scan {
    /// False when the line has no place in a request file.
    fn line(&mut self, line: &str) -> bool {
        let bare = line.trim();
        if self.in_script {
            self.in_script = !bare.ends_with("%}");
            return true;
        }
        if bare.starts_with("> {%") || bare.starts_with("< {%") {
            self.marks += 1;
            self.in_script = !bare.ends_with("%}");
            return true;
        }
        if is_separator(line) {
            self.marks += 1;
            self.expected = Expected::Request;
            return true;
        }
        if expectation(bare) {
            // Hurl: what is expected of the answer, then the next request.
            self.marks += 1;
            return self.requests > 0;
        }
        if start_line::status_line(bare).is_some() || foreign(line) {
            return false;
        }
        if let Some(request) = request_line(bare).filter(|_| line.len() == line.trim_start().len()) {
            // In a body, such a line is text, unless it is Hurl's next request.
            self.marks += usize::from(bare.contains("{{"));
            self.requests += 1;
            self.expected = Expected::Fields;
            return !request.target.is_empty();
        }
        match self.expected {
            Expected::Request => {
                if bare.is_empty() || is_comment(bare) {
                    self.marks += usize::from(bare.contains("@name ") || bare.contains("@no-"));
                    return true;
                }
                if variable(bare).is_some() {
                    self.marks += 1;
                    return true;
                }
                if is_url(bare) && self.marks > 0 {
                    self.requests += 1;
                    self.expected = Expected::Fields;
                    return true;
                }
                bare.starts_with("import ") || bare.starts_with("run ")
            }
            Expected::Fields => {
                if bare.is_empty() {
                    self.expected = Expected::Body;
                    return true;
                }
                if section(bare).is_some() {
                    self.marks += 1;
                    self.expected = Expected::Body;
                    return true;
                }
                if is_comment(bare) || is_query_line(line) {
                    return true;
                }
                if field(bare).is_some() {
                    self.marks += usize::from(bare.contains("{{"));
                    return true;
                }
                // Hurl's body may follow at once.
                self.expected = Expected::Body;
                bare.starts_with(['{', '[', '<', '`', '"'])
            }
            Expected::Body => {
                self.marks += usize::from(section(bare).is_some());
                true
            }
        }
    }
}

/// Marks of transcripts, which no request file has.
fn foreign(line: &str) -> bool {
    let mark = line.starts_with("> ") || line.starts_with("* ");
    let answer = line.strip_prefix("< ").is_some_and(|rest| start_line::status_line(rest).is_some());
    // what a client says when the sending failed
    let failed = ["Error: ", "error: ", "Could not send request", "Could not get response", "curl: ("];
    answer
        || failed.iter().any(|words| line.starts_with(words))
        || mark && !line.starts_with("> {%") && (line[2..].contains("HTTP/") || line.starts_with("* "))
}

/// Reads it: each request is a call without response.
#[must_use]
pub fn read(text: &str) -> Intake {
    let lines = plain_lines(text);
    let mut reading = Reading { lines: &lines, variables: Vec::new(), intake: Intake::default() };
    reading.run();
    if reading.intake.calls.is_empty() {
        reading.intake.unreadable =
            Some("expected requests as in .http or Hurl files, found no request line".to_owned());
    }
    reading.intake
}

/// Lines as they are: a request file is not wrapped by any shipper.
fn plain_lines(text: &str) -> Lines<'_> {
    let mut lines = Vec::new();
    let mut at = 0;
    for (number, raw) in (1u32..).zip(text.split_inclusive('\n')) {
        let bare = raw.strip_suffix('\n').unwrap_or(raw);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        let span = Span::new(number, at, at + bare.len());
        lines.push(crate::lines::Line { text: Cow::Borrowed(bare), prefix: "", span, prose: false });
        at += raw.len();
    }
    Lines(lines)
}

struct Reading<'l, 't> {
    lines: &'l Lines<'t>,
    variables: Vec<(String, String)>,
    intake: Intake,
}

impl Reading<'_, '_> {
    fn run(&mut self) {
        for line in &self.lines.0 {
            if let Some((name, value)) = variable(line.text.trim()) {
                self.variables.push((name.to_owned(), value.to_owned()));
            }
        }
        let mut at = 0;
        let mut fresh = true;
        while at < self.lines.len() && self.intake.calls.len() < REQUESTS {
            let text = self.lines.text(at);
            let bare = text.trim();
            if is_separator(text) {
                fresh = true;
                at += 1;
            } else if request_line(bare).is_some() || fresh && is_url(bare) && !is_comment(bare) {
                at = self.request(at);
                fresh = false;
            } else {
                at += 1;
            }
        }
    }

    fn resolve(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..VARIABLE_DEPTH {
            let next = replace_variables(&text, |name| {
                self.variables.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone())
            });
            if next == text || next.len() > firstfault_model::BODY_LIMIT * 2 {
                break;
            }
            text = next;
        }
        text
    }

    /// The request whose line stands at `at`; returns the line behind it.
    fn request(&mut self, from: usize) -> usize {
        let lines = self.lines;
        let first = lines.text(from).trim();
        let line = request_line(first).unwrap_or(RequestLine { method: "GET", target: first, version: None });
        let mut target = line.target.to_owned();
        let mut at = from + 1;
        while is_query_line(lines.text(at)) && at < lines.len() {
            target.push_str(lines.text(at).trim());
            at += 1;
        }
        let mut request = Request {
            method: Some(line.method.to_owned()),
            version: line.version.map(str::to_owned),
            span: lines.span(from),
            ..Request::default()
        };
        while at < lines.len() {
            let text = lines.text(at).trim();
            if is_comment(text) && !is_separator(text) {
                at += 1;
                continue;
            }
            let Some((name, value)) = field(text) else { break };
            let value = credential(name, self.resolve(value));
            request.headers.push(self.resolve(name), value, lines.span(at));
            at += 1;
        }
        let mut parts = Parts { query: Vec::new(), form: Vec::new() };
        let (body, end) = self.rest(at, &mut request, &mut parts);
        let mut target = self.resolve(&target);
        for (name, value) in &parts.query {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&format!("{name}={value}"));
        }
        request.url = Url::parse(&target);
        if request.url.host.is_none() {
            request.url.host = request.headers.first("host").map(str::to_ascii_lowercase);
        }
        request.body = body;
        if !parts.form.is_empty() {
            let pairs: Vec<String> = parts.form.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.body = Some(Body::bounded(&pairs.join("&"), request.span));
            if request.headers.field("content-type").is_none() {
                request.headers.push("Content-Type", "application/x-www-form-urlencoded", request.span);
            }
        }
        let mut call = Call::new(Origin::RequestFile, Vantage::Client);
        call.span = lines.span(from).to(lines.span(end.saturating_sub(1)));
        call.request = Some(request);
        self.intake.calls.push(call);
        end
    }

    /// Body, Hurl's sections and expectations, up to the next request.
    fn rest(&self, from: usize, request: &mut Request, parts: &mut Parts) -> (Option<Body>, usize) {
        let lines = self.lines;
        let mut at = from;
        while lines.text(at).trim().is_empty() && at < lines.len() {
            at += 1;
        }
        let begin = at;
        let mut end_of_body = None;
        let mut fenced = false;
        let mut current = None;
        while at < lines.len() {
            let text = lines.text(at);
            let bare = text.trim();
            if bare.starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                let next_request = request_line(bare).is_some() && text.len() == text.trim_start().len();
                if is_separator(text) || next_request {
                    break;
                }
                if let Some(name) = section(bare) {
                    end_of_body.get_or_insert(at);
                    current = Some(name);
                } else if expectation(bare)
                    || bare.starts_with("> {%")
                    || bare.starts_with("<> ")
                    || bare.starts_with(">> ")
                {
                    end_of_body.get_or_insert(at);
                    current = Some("");
                } else if let (Some(name), Some((key, value))) = (current, field(bare)) {
                    self.entry(name, key, value, request, parts);
                }
            }
            at += 1;
        }
        let mut end = end_of_body.unwrap_or(at);
        while end > begin && lines.text(end - 1).trim().is_empty() {
            end -= 1;
        }
        (self.body(begin, end), at)
    }

    fn entry(&self, section: &str, key: &str, value: &str, request: &mut Request, parts: &mut Parts) {
        let (key, value) = (self.resolve(key), self.resolve(value));
        match section {
            "Query" | "QueryStringParams" => parts.query.push((key, value)),
            "Form" | "FormParams" => parts.form.push((key, value)),
            "BasicAuth" => {
                let pair = base64::engine::general_purpose::STANDARD.encode(format!("{key}:{value}"));
                request.headers.push("Authorization", format!("Basic {pair}"), request.span);
            }
            "Cookies" => request.headers.push("Cookie", format!("{key}={value}"), request.span),
            _ => {}
        }
    }

    /// The body of lines `from..to`; what comes from a file is not known.
    fn body(&self, from: usize, to: usize) -> Option<Body> {
        let (mut text, span) = self.lines.join(from, to);
        let first = text.trim_start();
        let from_file = first.starts_with("< ")
            || first.starts_with("<@ ")
            || first.starts_with("file,")
            || first.starts_with("base64,")
            || first.starts_with("hex,");
        if text.trim().is_empty() || from_file {
            return None;
        }
        // Hurl's multi-line strings stand between fences with a language, one-line strings between single ones.
        if let Some(inner) = first.strip_prefix("```") {
            let inner = inner.trim_end().strip_suffix("```").unwrap_or(inner);
            text = inner.split_once('\n').map_or(inner, |(_, lines)| lines).to_owned();
        } else if let Some(inner) = first.strip_prefix('`').and_then(|inner| inner.trim_end().strip_suffix('`')) {
            text = inner.to_owned();
        }
        Some(Body::bounded(&self.resolve(&text), span))
    }
}

/// What Hurl's sections add to a request.
struct Parts {
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

struct RequestLine<'t> {
    method: &'t str,
    target: &'t str,
    version: Option<&'t str>,
}

/// `METHOD target`, with a version or without; the target is a URL, a path or begins with a variable.
fn request_line(text: &str) -> Option<RequestLine<'_>> {
    let (method, rest) = text.split_once([' ', '\t'])?;
    if !start_line::is_method(method) {
        return None;
    }
    let rest = rest.trim();
    let (target, version) = match rest.rsplit_once([' ', '\t']) {
        Some((target, version)) if version.starts_with("HTTP/") => (target.trim_end(), Some(version)),
        _ => (rest, None),
    };
    // A target with a blank outside of a variable is a sentence or a log line.
    let mut in_variable = false;
    let blank = target.char_indices().any(|(i, c)| {
        in_variable = in_variable && !target[i..].starts_with("}}") || target[i..].starts_with("{{");
        c.is_whitespace() && !in_variable
    });
    let begins =
        target.starts_with('/') || target.starts_with("{{") || is_url(target) || target.starts_with("localhost");
    (!blank && begins).then_some(RequestLine { method, target, version })
}

fn is_url(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace)
}

/// `###`, with a name or without. More signs are a heading.
fn is_separator(text: &str) -> bool {
    text.starts_with("###") && !text.starts_with("####")
}

fn is_comment(text: &str) -> bool {
    text.starts_with('#') || text.starts_with("//")
}

/// `@name = value`
fn variable(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.strip_prefix('@')?.split_once('=')?;
    let name = name.trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    plain.then_some((name, value.trim()))
}

/// A header field, its name a token or a variable.
fn field(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(':')?;
    let name = name.trim();
    let plain = !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'(' | b')' | b'/' | b','));
    (plain && !name.starts_with(['[', '`']) && (!name.starts_with('{') || name.starts_with("{{")))
        .then_some((name, value.trim()))
}

/// Further lines of a URL: indented, beginning with `?` or `&`.
fn is_query_line(text: &str) -> bool {
    text.starts_with([' ', '\t']) && text.trim_start().starts_with(['?', '&'])
}

/// Hurl's `HTTP 200`, `HTTP/2 404`, `HTTP *`: a version, a status and nothing else. `HTTP/1.1 200` alone may be an
/// answer, so it counts only with `*` or without a version.
fn expectation(text: &str) -> bool {
    let Some((version, status)) = text.split_once(' ') else { return false };
    let status = status.trim();
    match version {
        "HTTP" => status == "*" || status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()),
        _ => version.starts_with("HTTP/") && status == "*",
    }
}

/// The name of a Hurl section.
fn section(text: &str) -> Option<&str> {
    const SECTIONS: &[&str] = &[
        "Asserts",
        "Captures",
        "Options",
        "Query",
        "QueryStringParams",
        "Form",
        "FormParams",
        "Multipart",
        "MultipartFormData",
        "Cookies",
        "BasicAuth",
    ];
    let name = text.strip_prefix('[')?.strip_suffix(']')?;
    SECTIONS.contains(&name).then_some(name)
}

/// `Basic user password` and `Basic user:password` are encoded when sent.
fn credential(name: &str, value: String) -> String {
    if !name.eq_ignore_ascii_case("authorization") {
        return value;
    }
    let Some(rest) = value.strip_prefix("Basic ").map(str::trim) else { return value };
    let pair = match rest.split_once(char::is_whitespace) {
        Some((user, password)) => format!("{user}:{}", password.trim()),
        None if rest.contains(':') => rest.to_owned(),
        None => return value,
    };
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        read(text)
            .calls
            .iter()
            .map(|call| {
                let request = call.request.as_ref().unwrap();
                let mut out = format!("{} {}", request.method.as_deref().unwrap(), request.url);
                for field in &request.headers.0 {
                    out.push_str(&format!(" [{}: {}]", field.name, field.value));
                }
                if let Some(body) = &request.body {
                    out.push_str(&format!(" « {}", body.text));
                }
                out
            })
            .collect()
    }

    // REST Client and IntelliJ
    const HTTP: &str = "@host = api.example.com\n@base = https://{{host}}/v1\n\n### list\n# @name list\nGET {{base}}/orders\n    ?limit=1\n    &q={{ term }}\nAccept: application/json\nAuthorization: Basic user pass word\n\n### create\n// a remark\nPOST {{base}}/orders HTTP/1.1\nContent-Type: application/json\n\n{\n  \"host\": \"{{host}}\"\n}\n\n> {%\n client.test('x', function() {});\n%}\n\n### from a file\nPUT {{base}}/x\n\n< ./body.json\n\n###\nhttps://plain.example/\n";
    // Hurl
    const HURL: &str = "POST https://h.example/login\nX-A: b\n[Form]\nuser: me\npassword: x\nHTTP 200\n[Captures]\ntoken: jsonpath \"$.token\"\n[Asserts]\nduration < 1000\n\nGET https://h.example/me\n[Query]\na: 1\nHTTP *\n\nPUT https://h.example/doc\n```json\n{\"a\": 1}\n```\nHTTP 204\n";

    #[test]
    fn requests_are_read() {
        assert!(recognises(HTTP) && recognises(HURL));
        assert_eq!(
            shown(HTTP),
            [
                "GET https://api.example.com/v1/orders?limit=1&q={{ term }} [Accept: application/json] [Authorization: Basic dXNlcjpwYXNzIHdvcmQ=]",
                "POST https://api.example.com/v1/orders [Content-Type: application/json] « {\n  \"host\": \"api.example.com\"\n}",
                "PUT https://api.example.com/v1/x",
                "GET https://plain.example/",
            ]
        );
        assert_eq!(
            shown(HURL),
            [
                "POST https://h.example/login [X-A: b] [Content-Type: application/x-www-form-urlencoded] « user=me&password=x",
                "GET https://h.example/me?a=1",
                "PUT https://h.example/doc « {\"a\": 1}\n",
            ]
        );
        assert_eq!(read(HTTP).calls[1].request.as_ref().unwrap().span.line, 14);
    }

    #[test]
    fn other_evidence_is_not_taken() {
        for text in [
            "",
            "GET /v1/me HTTP/1.1\nHost: h\n\n",
            "GET /v1/me HTTP/1.1\nHost: h\n\nHTTP/1.1 401 Unauthorized\nServer: x\n\n",
            "### Request\nGET https://h/x\nAccept: */*\n\n### Response\nHTTP/1.1 500 Internal Server Error\n\nboom\n",
            "### Steps\nI called the API and it failed\n",
            "### Request\nGET https://h/x\n\n### What I get\n{\"error\":\"x\"}\n",
            "> GET /x HTTP/1.1\n> Host: h\n< HTTP/1.1 404 Not Found\n",
            "* Trying 192.0.2.1:443...\n",
            "$ curl -v https://h/\n> GET / HTTP/1.1\n",
            "GET /orders 404 12ms\nGET /x 200 1ms\n",
            "GET https://h/x\n404 Not Found\n",
            "POST https://h/x\nContent-Type: application/json\n\n{\"a\":1}\n",
            "2024-01-01 GET https://h/ 500\n",
            "#### Heading\nGET https://h/{{x}}\nHTTP/1.1 200 OK\n",
        ] {
            assert!(!recognises(text), "{text}");
        }
    }

    #[test]
    fn files_cut_anywhere_are_read() {
        for text in [HTTP, HURL] {
            for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
                let _ = (recognises(&text[..end]), read(&text[..end]));
            }
        }
        let _ = read(&"### \nGET {{".repeat(50_000));
        let _ = recognises(&"{{a ".repeat(200_000));
    }
}
