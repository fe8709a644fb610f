//! Postman collections (schemas v2.0 and v2.1) with their saved responses, and Newman's JSON run reports.
//!
//! Sources: schema.postman.com/collection/json/v2.1.0 and v2.0.0, Newman's JSON reporter. Variables are resolved from
//! the document alone. This reader refuses to know what an answer means.

use crate::{Intake, exceptions};
use base64::Engine as _;
use firstfault_model::{
    Body, Call, Headers, Message, MessageKind, Origin, Problem, Request, Response, Span, Url, Vantage,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// How many calls are kept, how deep folders may lie, how often variables may name variables.
const CALL_LIMIT: usize = 5_000;
const FOLDER_DEPTH: usize = 64;
const VARIABLE_DEPTH: usize = 5;
/// How long a variable's name may be.
const NAME_BYTES: usize = 256;
/// How far into the input the form is looked for.
const SNIFF_BYTES: usize = 8 << 10;

/// True when the input is a Postman collection or a Newman run report.
#[must_use]
pub fn recognises(text: &str) -> bool {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return false;
    }
    let mut end = text.len().min(SNIFF_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let has = |key: &str| head.contains(key);
    has("schema.getpostman.com/json/collection")
        || has("schema.postman.com/") && has("\"item\"")
        || has("\"_postman_id\"")
        || has("\"info\"") && has("\"item\"") && has("\"request\"")
        || has("\"collection\"")
            && has("\"item\"")
            && (text.contains("\"executions\"") || text.contains("\"_postman_variables\""))
        || has("\"executions\"") && has("\"cursor\"")
}

/// Reads it: each saved response with its request is a call, so is each request without one.
#[must_use]
pub fn read(text: &str) -> Intake {
    let mut reading = Reading { text, intake: Intake::default(), counted: (0, 1), dropped: 0 };
    match serde_json::from_str::<Document<'_>>(text) {
        Ok(document) => reading.document(&document),
        Err(fault) => {
            let line = u32::try_from(fault.line()).unwrap_or(u32::MAX);
            let message = format!(
                "expected a Postman collection or a Newman report, got a fault in line {line} column {}: {fault}",
                fault.column()
            );
            reading.intake.problems.push(Problem::new(Span::new(line, 0, 0), message.clone()));
            reading.intake.unreadable = Some(message);
        }
    }
    if reading.dropped > 0 {
        let message = format!("{} further calls beyond the first {CALL_LIMIT} are not judged", reading.dropped);
        reading.intake.problems.push(Problem::new(Span::default(), message));
    }
    reading.intake
}

/// The outside of a collection, a run report, or a collection within `collection`.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    variable: Option<&'a RawValue>,
    #[serde(borrow)]
    auth: Option<&'a RawValue>,
    #[serde(borrow)]
    collection: Option<&'a RawValue>,
    #[serde(borrow)]
    run: Option<&'a RawValue>,
    #[serde(borrow)]
    executions: Option<&'a RawValue>,
}

/// A folder or a request.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    variable: Option<&'a RawValue>,
    #[serde(borrow)]
    auth: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

/// What a request inherits from its folders.
#[derive(Clone, Default)]
struct Scope {
    variables: Vec<(String, String)>,
    auth: Option<Value>,
}

struct Reading<'t> {
    text: &'t str,
    intake: Intake,
    /// Line feeds are counted up to this byte: (byte, line).
    counted: (usize, u32),
    dropped: usize,
}

fn value(raw: Option<&RawValue>) -> Value {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn list(raw: Option<&RawValue>) -> Vec<&RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

impl<'t> Reading<'t> {
    /// The span of a slice of the input. Calls come in order, so line feeds are counted once.
    fn span(&mut self, part: &str) -> Span {
        let Some(start) = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize) else {
            return Span::default();
        };
        let bytes = self.text.as_bytes();
        if start > bytes.len() {
            return Span::default();
        }
        let (byte, line) = self.counted;
        let (from, base) = if start >= byte { (byte, line) } else { (0, 1) };
        let feeds = memchr::memchr_iter(b'\n', &bytes[from..start]).count();
        let line = base.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        self.counted = (start, line);
        Span::new(line, start, start + part.len())
    }

    fn document(&mut self, document: &Document<'t>) {
        let mut scope = Scope::default();
        let inner: Option<Document<'t>> = document.collection.and_then(|raw| serde_json::from_str(raw.get()).ok());
        for outside in [Some(document), inner.as_ref()].into_iter().flatten() {
            scope.enter(outside.variable, outside.auth);
        }
        let run: Option<Document<'t>> = document.run.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let executions = document.executions.or(run.as_ref().and_then(|run| run.executions));
        if executions.is_some() {
            // What was run is the evidence; the collection beside it only says what was meant.
            for execution in list(executions) {
                self.execution(execution, &scope);
            }
            return;
        }
        let items = document.item.or(inner.as_ref().and_then(|inner| inner.item));
        self.items(items, &scope, 0);
        if self.intake.calls.is_empty() {
            self.intake.unreadable =
                Some("expected a Postman collection with items, found no request in it".to_owned());
        }
    }

    fn items(&mut self, items: Option<&'t RawValue>, scope: &Scope, depth: usize) {
        if depth > FOLDER_DEPTH {
            return;
        }
        for raw in list(items) {
            let Ok(item) = serde_json::from_str::<Item<'t>>(raw.get()) else { continue };
            let mut inner = scope.clone();
            inner.enter(item.variable, item.auth);
            if item.item.is_some() {
                self.items(item.item, &inner, depth + 1);
            }
            let Some(request) = item.request else { continue };
            let responses = list(item.response);
            if responses.is_empty() {
                self.call(raw, &value(Some(request)), &Value::Null, &inner);
            }
            for response in responses {
                let saved = value(Some(response));
                let meant = value(Some(request));
                let asked = match saved.get("originalRequest") {
                    Some(original @ (Value::Object(_) | Value::String(_))) => original,
                    _ => &meant,
                };
                self.call(response, asked, &saved, &inner);
            }
        }
    }

    /// One step of a Newman run: the request as sent, the response or the error.
    fn execution(&mut self, raw: &'t RawValue, scope: &Scope) {
        let step = value(Some(raw));
        let asked = step.get("request").or_else(|| step.pointer("/item/request")).cloned().unwrap_or_default();
        let reply = step.get("response").cloned().unwrap_or_default();
        let before = self.intake.calls.len();
        self.call(raw, &asked, &reply, scope);
        let error = step.get("requestError").filter(|e| e.is_object());
        if let (Some(error), Some(call)) = (error, self.intake.calls.get_mut(before)) {
            let words = error.get("message").and_then(Value::as_str).map_or_else(
                || {
                    ["syscall", "code", "address", "port", "hostname"]
                        .iter()
                        .filter_map(|key| text(error.get(*key)?))
                        .collect::<Vec<_>>()
                        .join(" ")
                },
                str::to_owned,
            );
            exceptions::read_words(&words, call.span, call);
            let span = call.span;
            call.messages.push(Message { kind: MessageKind::Exception, text: format!("Error: {words}"), span });
        }
    }

    fn call(&mut self, raw: &'t RawValue, asked: &Value, reply: &Value, scope: &Scope) {
        if self.intake.calls.len() >= CALL_LIMIT {
            self.dropped += 1;
            return;
        }
        let span = self.span(raw.get());
        let mut call = Call::new(Origin::Postman, Vantage::Client);
        call.span = span;
        call.request = Some(request(asked, scope, span));
        call.response = response(reply, span);
        call.timings.total = reply.get("responseTime").and_then(Value::as_f64).filter(|ms| *ms >= 0.0);
        self.intake.calls.push(call);
    }
}

impl Scope {
    fn enter(&mut self, variables: Option<&RawValue>, auth: Option<&RawValue>) {
        for entry in value(variables).as_array().into_iter().flatten() {
            if entry.get("disabled") == Some(&Value::Bool(true)) {
                continue;
            }
            let key = entry.get("key").or_else(|| entry.get("id")).and_then(Value::as_str);
            if let (Some(key), Some(value)) = (key, entry.get("value").and_then(text)) {
                self.variables.push((key.to_owned(), value));
            }
        }
        let auth = value(auth);
        if auth.is_object() {
            self.auth = Some(auth);
        }
    }

    /// `text` with its `{{variables}}`; those that the document does not hold stay.
    fn resolve(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..VARIABLE_DEPTH {
            let next = replace_variables(&text, |name| {
                self.variables
                    .iter()
                    .rev()
                    .find(|(key, value)| key == name && !value.is_empty())
                    .map(|(_, value)| value.clone())
            });
            if next == text || next.len() > firstfault_model::BODY_LIMIT * 2 {
                break;
            }
            text = next;
        }
        text
    }
}

/// Replaces each `{{name}}` that `find` knows.
pub(crate) fn replace_variables(text: &str, find: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let after = &rest[open + 2..];
        // A name is short; looking no further keeps a text full of openings cheap.
        let near = &after.as_bytes()[..after.len().min(NAME_BYTES)];
        let close = memchr::memmem::find(near, b"}}");
        match close.and_then(|close| Some((close, find(after[..close].trim())?))) {
            Some((close, value)) => {
                out.push_str(&rest[..open]);
                out.push_str(&value);
                rest = &after[close + 2..];
            }
            None => {
                out.push_str(&rest[..open + 2]);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A scalar as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn enabled(entry: &Value) -> bool {
    entry.get("disabled") != Some(&Value::Bool(true))
}

fn request(asked: &Value, scope: &Scope, span: Span) -> Request {
    if let Some(url) = asked.as_str() {
        let url = Url::parse(&scope.resolve(url));
        return Request { method: Some("GET".to_owned()), url, span, ..Request::default() };
    }
    let mut headers = fields(asked.get("header"), scope, span);
    let mut url = scope.resolve(&address(asked.get("url").unwrap_or(&Value::Null)));
    authorise(asked, scope, &mut headers, &mut url, span);
    let body = asked.get("body").filter(|body| enabled(body)).and_then(|body| content(body, scope));
    if let Some((_, Some(kind))) = &body
        && headers.first("content-type").is_none()
    {
        headers.push("Content-Type", *kind, span);
    }
    let mut url = Url::parse(&url);
    if url.host.is_none() {
        url.host = headers.first("host").map(str::to_ascii_lowercase);
    }
    Request {
        method: asked
            .get("method")
            .and_then(Value::as_str)
            .map(str::to_ascii_uppercase)
            .or_else(|| Some("GET".to_owned())),
        url,
        headers,
        body: body.map(|(text, _)| Body::bounded(&text, span)),
        span,
        ..Request::default()
    }
}

/// The URL as text: `raw`, or its parts; `:name` in the path from its own variables.
fn address(url: &Value) -> String {
    if let Some(text) = url.as_str() {
        return text.to_owned();
    }
    let joined = |key: &str, by: &str| match url.get(key) {
        Some(Value::Array(parts)) => {
            let parts: Vec<String> =
                parts.iter().filter_map(|part| text(part).or_else(|| part.get("value").and_then(text))).collect();
            Some(parts.join(by))
        }
        Some(other) => text(other),
        None => None,
    };
    let mut out = match url.get("raw").and_then(Value::as_str).filter(|raw| !raw.is_empty()) {
        Some(raw) => raw.to_owned(),
        None => {
            let mut out = joined("protocol", "")
                .map_or_else(String::new, |scheme| format!("{}://", scheme.trim_end_matches("://")));
            out.push_str(&joined("host", ".").unwrap_or_default());
            if let Some(port) = joined("port", "").filter(|port| !port.is_empty()) {
                out.push_str(&format!(":{port}"));
            }
            if let Some(path) = joined("path", "/") {
                out.push_str(&format!("/{}", path.trim_start_matches('/')));
            }
            let pairs = pairs(url.get("query"));
            if !pairs.is_empty() {
                let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
                out.push_str(&format!("?{}", pairs.join("&")));
            }
            out
        }
    };
    for variable in url.get("variable").and_then(Value::as_array).into_iter().flatten().take(64) {
        let key =
            variable.get("key").or_else(|| variable.get("id")).and_then(Value::as_str).filter(|key| !key.is_empty());
        if let (Some(key), Some(value)) = (key, variable.get("value").and_then(text).filter(|v| !v.is_empty())) {
            let segments: Vec<String> = out
                .split('/')
                .map(|segment| {
                    let (name, rest) = segment.split_at(segment.find('?').unwrap_or(segment.len()));
                    if name.strip_prefix(':') == Some(key) { format!("{value}{rest}") } else { segment.to_owned() }
                })
                .collect();
            out = segments.join("/");
        }
    }
    out
}

/// Enabled pairs of `key` and `value`.
fn pairs(entries: Option<&Value>) -> Vec<(String, String)> {
    let entries = entries.and_then(Value::as_array).into_iter().flatten().filter(|entry| enabled(entry));
    entries
        .filter_map(|entry| {
            Some((entry.get("key").and_then(text)?, entry.get("value").and_then(text).unwrap_or_default()))
        })
        .collect()
}

/// Fields as a list, a text of lines, or an object.
fn fields(header: Option<&Value>, scope: &Scope, span: Span) -> Headers {
    let mut headers = Headers::default();
    match header {
        Some(Value::String(lines)) => {
            for (name, value) in lines.lines().filter_map(|line| line.split_once(':')) {
                headers.push(name.trim(), scope.resolve(value.trim()), span);
            }
        }
        Some(Value::Object(map)) => {
            for (name, value) in map {
                headers.push(name.clone(), scope.resolve(&text(value).unwrap_or_default()), span);
            }
        }
        other => {
            for (name, value) in pairs(other).into_iter().take(500) {
                headers.push(scope.resolve(&name), scope.resolve(&value), span);
            }
        }
    }
    headers
}

/// The body's text, and the type that Postman sets for its mode.
fn content(body: &Value, scope: &Scope) -> Option<(String, Option<&'static str>)> {
    let mode = body.get("mode").and_then(Value::as_str).unwrap_or("raw");
    match mode {
        "urlencoded" => {
            let entries = match body.get("urlencoded") {
                Some(Value::String(text)) => {
                    return Some((scope.resolve(text), Some("application/x-www-form-urlencoded")));
                }
                entries => pairs(entries),
            };
            let parts: Vec<String> = entries
                .iter()
                .map(|(k, v)| format!("{}={}", encode(&scope.resolve(k)), encode(&scope.resolve(v))))
                .collect();
            Some((parts.join("&"), Some("application/x-www-form-urlencoded")))
        }
        "graphql" => {
            let graphql = body.get("graphql")?;
            let mut sent = serde_json::Map::new();
            sent.insert(
                "query".to_owned(),
                Value::String(scope.resolve(&graphql.get("query").and_then(text).unwrap_or_default())),
            );
            let variables = graphql.get("variables").and_then(text).map(|v| scope.resolve(&v)).unwrap_or_default();
            if let Ok(variables) = serde_json::from_str::<Value>(&variables) {
                sent.insert("variables".to_owned(), variables);
            }
            Some((Value::Object(sent).to_string(), Some("application/json")))
        }
        // A form with files and a file are not in the document.
        "formdata" | "file" => None,
        _ => {
            let raw = scope.resolve(body.get("raw").and_then(Value::as_str)?);
            let language = body.pointer("/options/raw/language").and_then(Value::as_str);
            let kind = match language {
                Some("json") => Some("application/json"),
                Some("xml") => Some("application/xml"),
                Some("html") => Some("text/html"),
                Some("javascript") => Some("application/javascript"),
                _ => None,
            };
            (!raw.is_empty()).then_some((raw, kind))
        }
    }
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'*') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The auth block of the request, or the nearest above it, as the field or query that Postman makes of it.
fn authorise(asked: &Value, scope: &Scope, headers: &mut Headers, url: &mut String, span: Span) {
    let own = asked.get("auth").filter(|auth| auth.is_object());
    let Some(auth) = own.or(scope.auth.as_ref()) else { return };
    let Some(kind) = auth.get("type").and_then(Value::as_str) else { return };
    let setting = |name: &str| {
        let block = auth.get(kind)?;
        let value = match block {
            // v2.1 has a list, v2.0 an object
            Value::Array(entries) => {
                entries.iter().find(|e| e.get("key").and_then(Value::as_str) == Some(name))?.get("value").and_then(text)
            }
            block => block.get(name).and_then(text),
        };
        value.map(|value| scope.resolve(&value))
    };
    let field = match kind {
        "bearer" => setting("token").map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))),
        "basic" => setting("username").map(|user| {
            let pair = format!("{user}:{}", setting("password").unwrap_or_default());
            ("Authorization".to_owned(), format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
        }),
        "oauth2" => setting("accessToken").map(|token| {
            let prefix = setting("headerPrefix").unwrap_or_else(|| "Bearer".to_owned());
            ("Authorization".to_owned(), format!("{} {token}", prefix.trim()))
        }),
        "apikey" => match (setting("key"), setting("value")) {
            (Some(key), Some(value)) if setting("in").as_deref() == Some("query") => {
                let joint = if url.contains('?') { '&' } else { '?' };
                url.push_str(&format!("{joint}{key}={value}"));
                None
            }
            (Some(key), Some(value)) => Some((key, value)),
            _ => None,
        },
        _ => None,
    };
    if let Some((name, value)) = field
        && headers.field(&name).is_none()
    {
        headers.push(name, value, span);
    }
}

fn response(reply: &Value, span: Span) -> Option<Response> {
    let code = reply.get("code").or_else(|| reply.pointer("/responseCode/code"));
    let code = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.trim().parse().ok()));
    let status = code.and_then(|code| u16::try_from(code).ok()).filter(|code| (1..1000).contains(code));
    let text_body =
        reply.get("body").and_then(Value::as_str).map(str::to_owned).or_else(|| stream(reply.get("stream")?));
    if status.is_none() && text_body.is_none() {
        return None;
    }
    let headers = fields(reply.get("header"), &Scope::default(), span);
    Some(Response {
        status,
        reason: reply.get("status").and_then(Value::as_str).filter(|reason| !reason.is_empty()).map(str::to_owned),
        complete: !headers.0.is_empty(),
        headers,
        body: text_body.map(|body| Body::bounded(&body, span)),
        span,
        ..Response::default()
    })
}

/// Node's buffer as JSON: `{"type":"Buffer","data":[123,…]}`, or Base64 in later versions.
fn stream(stream: &Value) -> Option<String> {
    match stream.get("data")? {
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes
                .iter()
                .take(firstfault_model::BODY_LIMIT + 1)
                .filter_map(|b| u8::try_from(b.as_u64()?).ok())
                .collect();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        Value::String(text) => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    // Written after the schema's own examples.
    const COLLECTION: &str = r#"{
 "info": {"_postman_id": "x", "name": "API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
 "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
 "variable": [{"key": "base", "value": "https://{{host}}/v1"}, {"key": "host", "value": "api.example.com"}, {"key": "token", "value": "t-1"}],
 "item": [
  {"name": "folder", "item": [
   {"name": "create", "request": {"method": "POST", "header": [{"key": "X-Old", "value": "1", "disabled": true}],
     "body": {"mode": "raw", "raw": "{\"a\": \"{{host}}\", \"b\": \"{{none}}\"}", "options": {"raw": {"language": "json"}}},
     "url": {"raw": "{{base}}/orders/:id?x=1", "host": ["{{base}}"], "path": ["orders", ":id"], "variable": [{"key": "id", "value": "7"}]}},
    "response": [
     {"name": "bad", "originalRequest": {"method": "PUT", "header": [], "url": "{{base}}/o", "auth": {"type": "noauth"}}, "status": "Bad Request", "code": 400,
      "header": [{"key": "Content-Type", "value": "application/json"}], "body": "{\"error\":\"no\"}", "responseTime": 12}
    ]}]},
  {"name": "never sent", "request": {"method": "GET", "auth": {"type": "apikey", "apikey": {"key": "k", "value": "v", "in": "query"}}, "url": {"protocol": "https", "host": ["a", "b"], "path": ["c"], "query": [{"key": "q", "value": "1"}]}}},
  {"name": "new", "request": {"method": "POST", "header": "A: b\nC: {{host}}", "body": {"mode": "urlencoded", "urlencoded": [{"key": "a b", "value": "c&d"}]}, "url": "https://h/"}, "response": []}
 ]}"#;

    fn shown(call: &Call) -> String {
        let request = call.request.as_ref().unwrap();
        let mut out = format!("{} {}", request.method.as_deref().unwrap(), request.url);
        for field in &request.headers.0 {
            out.push_str(&format!(" [{}: {}]", field.name, field.value));
        }
        if let Some(body) = &request.body {
            out.push_str(&format!(" « {}", body.text));
        }
        if let Some(response) = &call.response {
            out.push_str(&format!(
                " → {:?} {:?} {}",
                response.status,
                response.reason,
                response.body.as_ref().unwrap().text
            ));
        }
        out
    }

    #[test]
    fn saved_responses_and_requests_become_calls() {
        assert!(recognises(COLLECTION));
        let intake = read(COLLECTION);
        let calls: Vec<String> = intake.calls.iter().map(shown).collect();
        assert_eq!(
            calls,
            [
                "PUT https://api.example.com/v1/o → Some(400) Some(\"Bad Request\") {\"error\":\"no\"}",
                "GET https://a.b/c?q=1&k=v",
                "POST https://h/ [A: b] [C: api.example.com] [Authorization: Bearer t-1] [Content-Type: application/x-www-form-urlencoded] « a%20b=c%26d",
            ]
        );
        assert_eq!((intake.calls[0].span.line, intake.calls[0].timings.total), (11, Some(12.0)));
        let without = COLLECTION.replace("\"originalRequest\"", "\"other\"");
        assert_eq!(
            shown(&read(&without).calls[0]),
            "POST https://api.example.com/v1/orders/7?x=1 [Authorization: Bearer t-1] [Content-Type: application/json] « {\"a\": \"api.example.com\", \"b\": \"{{none}}\"} → Some(400) Some(\"Bad Request\") {\"error\":\"no\"}"
        );
    }

    #[test]
    fn run_reports_tell_what_was_sent() {
        let text = r#"{"collection": {"item": [], "variable": []}, "run": {"executions": [
 {"item": {"name": "a"}, "request": {"method": "GET", "url": {"protocol": "http", "host": ["h"], "port": "80", "path": ["x"], "query": []}, "header": [{"key": "A", "value": "b"}]},
  "response": {"code": 503, "status": "Service Unavailable", "header": [], "responseTime": 3, "stream": {"type": "Buffer", "data": [100, 111, 119, 110]}}},
 {"item": {"name": "b"}, "request": {"method": "GET", "url": "http://127.0.0.1:1/", "header": []}, "requestError": {"errno": -111, "code": "ECONNREFUSED", "syscall": "connect", "address": "127.0.0.1", "port": 1}}
]}}"#;
        assert!(recognises(text));
        let intake = read(text);
        assert_eq!(shown(&intake.calls[0]), "GET http://h:80/x [A: b] → Some(503) Some(\"Service Unavailable\") down");
        assert!(intake.calls[1].messages.iter().any(|m| m.text == "Error: connect ECONNREFUSED 127.0.0.1 1"));
    }

    #[test]
    fn other_json_is_not_taken_and_cut_text_is_a_problem() {
        for text in [
            r#"{"error":{"code":"x"}}"#,
            r#"{"log":{"entries":[]}}"#,
            "[]",
            "",
            r#"{"openapi":"3.0.0","info":{"title":"x"},"paths":{}}"#,
        ] {
            assert!(!recognises(text), "{text}");
        }
        for end in (0..COLLECTION.len()).filter(|i| COLLECTION.is_char_boundary(*i)) {
            let intake = read(&COLLECTION[..end]);
            assert!(intake.unreadable.is_some() && intake.calls.is_empty());
        }
    }
}
