//! JSON error bodies of every documented shape, read to `error.*`, `validation.*`, waits and ids.
//!
//! It refuses to decide whether the body is an error at all (`response` and `soft` do), and what a
//! code means.

use crate::json::{Members, Node, Value, parse, same};
use crate::roles::{Role, is_code, is_empty_word, role};
use crate::sink::{Sink, Source};
use crate::validation;
use firstfault_model::Span;

/// More error objects than this in one body add nothing.
const ENTRIES: u32 = 48;
/// Error objects are not nested deeper than this.
const DEPTH: u32 = 8;

/// Reads error facts from a JSON body.
pub(crate) struct Reader<'s, 'a> {
    pub(crate) out: &'s mut Sink,
    pub(crate) source: Source<'a>,
    /// A number that repeats it is no code of its own.
    pub(crate) status: Option<u16>,
    /// A word that repeats it is no message of its own.
    pub(crate) reason: Option<&'a str>,
    left: u32,
}

impl<'s, 'a> Reader<'s, 'a> {
    pub(crate) const fn new(
        out: &'s mut Sink,
        source: Source<'a>,
        status: Option<u16>,
        reason: Option<&'a str>,
    ) -> Self {
        Self { out, source, status, reason, left: ENTRIES }
    }

    /// Reads the whole body as an error.
    pub(crate) fn root(&mut self, root: &Node<'_>) {
        let before = self.out.len();
        match &root.value {
            Value::Object(members) => {
                if is_field_map(members, self.status) {
                    self.field_map(members, 0);
                } else {
                    self.entry(members, None, 0);
                }
            }
            Value::Array(items) => {
                for item in items.iter().take(ENTRIES as usize) {
                    self.nested(item, None, 0);
                }
            }
            Value::String(text) => self.string(text, root.at, None, 0),
            _ => {}
        }
        if self.out.len() > before {
            let shape = if root.items().is_empty() { shape_of(root, self.status) } else { "array" };
            self.out.first("error.shape", shape, self.source.span(root.at));
        }
    }

    /// One error object: its own code, words, type and field, then what is nested.
    fn entry(&mut self, members: &Members<'_>, around: Option<&str>, depth: u32) {
        if self.left == 0 || depth > DEPTH {
            return;
        }
        self.left -= 1;
        let mut field: Option<(String, usize)> = around.map(|field| (field.to_owned(), 0));
        let mut codes: Vec<(&str, usize)> = Vec::new();
        let mut words: Vec<(u8, &str, usize)> = Vec::new();
        for (key, node) in members {
            match (role(key), &node.value) {
                (Role::Code, Value::String(text))
                    if is_code(text) && !is_empty_word(text) && !(depth > 0 && same(key, "kind")) =>
                {
                    codes.push((text, node.at));
                }
                (Role::Code, Value::String(text)) if !is_code(text) => words.push((1, text, node.at)),
                (Role::Code, Value::Number(number)) if !same(key, "status") && !same(key, "statuscode") => {
                    codes.push((number, node.at))
                }
                (Role::Words(rank), Value::String(text)) => words.push((rank, text, node.at)),
                (Role::Type, Value::String(text)) if !is_empty_word(text) => self.error_type(text, node.at, &mut codes),
                (Role::Field, _) => {
                    if let Some(name) = field_name(node) {
                        field = Some((name, node.at));
                    }
                }
                (Role::Nest, Value::String(text)) if same(key, "error") => {
                    if is_code(text) {
                        if !is_empty_word(text) && !self.repeats_reason(text) {
                            codes.push((text, node.at));
                        }
                    } else {
                        words.push((if self.repeats_reason(text) { 4 } else { 3 }, text, node.at));
                    }
                }
                (Role::Fields | Role::Nest, Value::String(text)) if speaks(key, depth) => {
                    words.push((3, text, node.at))
                }
                (Role::Wait, _) => self.wait(node, 1.0),
                (Role::WaitMs, _) => self.wait(node, 0.001),
                (Role::Id, Value::String(text)) if depth <= 3 && !text.is_empty() => {
                    let name: String = key.to_ascii_lowercase().replace(['_', ' '], "-");
                    self.out.fact(format!("id.{name}"), text, self.source.span(node.at));
                }
                _ => {}
            }
        }
        words.sort_by_key(|(rank, _, _)| *rank);
        for (code, at) in &codes {
            self.code(code, *at);
        }
        let field_text = field.as_ref().map(|(name, _)| name.as_str());
        if let Some((name, at)) = &field
            && *at != 0
            && depth > 0
        {
            self.out.fact("error.field", name, self.source.span(*at));
        }
        if words.is_empty() {
            for (code, at) in &codes {
                self.complain(field_text, "", Some(code), self.source.span(*at));
            }
        }
        for (_, text, at) in &words {
            self.message(text, *at, depth);
        }
        if let Some((_, text, at)) = words.first() {
            let span = self.source.span(*at);
            let before = self.out.has("validation.missing");
            for (code, _) in codes.iter().take(3) {
                self.complain(field_text, text, Some(code), span);
            }
            if codes.is_empty() {
                self.complain(field_text, text, None, span);
            }
            if !before {
                for (_, text, at) in words.iter().skip(1).take(3) {
                    self.complain(field_text, text, None, self.source.span(*at));
                }
            }
        }
        let field_text = field.map(|(name, _)| name);
        for (key, node) in members {
            if matches!(node.value, Value::Object(_) | Value::Array(_)) {
                self.container(key, node, field_text.as_deref(), depth);
            }
        }
    }

    /// A member that holds more.
    fn container(&mut self, key: &str, node: &Node<'_>, field: Option<&str>, depth: u32) {
        match role(key) {
            Role::Fields => match &node.value {
                Value::Object(members) if !has_words(members) => self.field_map(members, depth + 1),
                _ => self.nested(node, field, depth + 1),
            },
            Role::Nest | Role::Code => self.nested(node, field, depth + 1),
            Role::Words(_) => match &node.value {
                // OData 2 writes `message: {lang, value}`, Nest an array, others a map by field.
                Value::Object(members) => match node.get("value").and_then(Node::text) {
                    Some(text) => self.string(text, node.at, field, depth + 1),
                    None if has_words(members) => self.entry(members, field, depth + 1),
                    None => self.field_map(members, depth + 1),
                },
                _ => self.nested(node, field, depth + 1),
            },
            Role::Other
                if same(key, "embedded")
                    || same(key, "parameters")
                    || same(key, "statusobject")
                    || same(key, "responsestatus") =>
            {
                self.nested(node, field, depth + 1)
            }
            _ => {}
        }
    }

    fn nested(&mut self, node: &Node<'_>, field: Option<&str>, depth: u32) {
        if depth > DEPTH {
            return;
        }
        match &node.value {
            Value::Object(members) => {
                self.entry(members, field, depth);
                self.unwrap_keyed(members, depth);
            }
            Value::Array(items) => {
                for item in items.iter().take(ENTRIES as usize) {
                    self.nested(item, field, depth + 1);
                }
            }
            Value::String(text) => self.string(text, node.at, field, depth),
            _ => {}
        }
    }

    /// Ajv and JSON Schema validators put the name of the field into `params`.
    fn unwrap_keyed(&mut self, members: &Members<'_>, _depth: u32) {
        for (key, node) in members {
            let Some(text) = node.text() else { continue };
            let span = self.source.span(node.at);
            if same(key, "missingproperty") {
                self.out.fact("validation.missing", text, span);
            } else if same(key, "additionalproperty") || same(key, "unevaluatedproperty") {
                self.out.fact("validation.unknown", text, span);
            }
        }
    }

    /// `{field: [words, …]}`, `{field: words}`, `{field: {code, message}}`.
    fn field_map(&mut self, members: &Members<'_>, depth: u32) {
        for (key, node) in members.iter().take(ENTRIES as usize) {
            let own = matches!(key.as_ref(), "non_field_errors" | "__all__" | "base" | "_schema" | "_errors" | "");
            let field = (!own).then(|| clean_field(key)).filter(|f| !f.is_empty());
            if let Some(field) = &field
                && !matches!(node.value, Value::Null | Value::Bool(_) | Value::Number(_))
                && is_field(field)
            {
                self.out.fact("error.field", field, self.source.span(node.at));
            }
            self.nested(node, field.as_deref(), depth + 1);
        }
    }

    /// Words in an array or map; they may hold JSON again.
    fn string(&mut self, text: &str, at: usize, field: Option<&str>, depth: u32) {
        if text.trim().is_empty() {
            return;
        }
        if is_code(text) && text.contains(['_', '-']) {
            self.code(text, at);
        }
        self.message(text, at, depth);
        self.complain(field, text, None, self.source.span(at));
    }

    /// "X is required" under 401 is about who calls, not about a field, unless a field is named.
    fn complain(&mut self, field: Option<&str>, words: &str, code: Option<&str>, span: Span) {
        if field.is_some() || !self.status.is_some_and(is_about_caller) {
            validation::complaint(self.out, field, words, code, span);
        }
    }

    fn message(&mut self, text: &str, at: usize, depth: u32) {
        let text = text.trim();
        if !text.contains(char::is_alphanumeric) {
            return;
        }
        let span = self.source.span(at);
        if let Some(inside) = embedded(text) {
            // Code and words of the inner error say more than its raw text.
            if depth < DEPTH && self.left > 0 {
                let parsed = parse(inside);
                if let Some(root) = parsed.root.as_ref().filter(|r| !r.members().is_empty() || !r.items().is_empty()) {
                    let mut inner = Reader {
                        out: self.out,
                        source: Source::unpacked(inside, span),
                        status: self.status,
                        reason: None,
                        left: self.left - 1,
                    };
                    inner.nested(root, None, depth + 1);
                    self.left = inner.left;
                }
            }
        }
        self.out.fact("error.message", text, span);
    }

    fn code(&mut self, code: &str, at: usize) {
        let code = code.trim();
        let code = code.rsplit_once('#').map_or(code, |(_, name)| name);
        let repeats = self.status.is_some_and(|status| code.parse() == Ok(status));
        let success = matches!(code, "0" | "200" | "201" | "202" | "204");
        if !repeats && !success && code.contains(char::is_alphanumeric) && !is_empty_word(code) {
            self.out.fact("error.code", code, self.source.span(at));
        }
    }

    /// A type is kept; a word of it is also a code, a URI's last segment likewise (RFC 9457 problem types).
    fn error_type<'t>(&mut self, text: &'t str, at: usize, codes: &mut Vec<(&'t str, usize)>) {
        if text.starts_with("type.googleapis.com/") {
            return; // the name of a protobuf message, not of an error
        }
        self.out.fact("error.type", text, self.source.span(at));
        if is_code(text) {
            codes.push((text, at));
        } else if text.contains("://") {
            let generic = [
                "rfc-editor.org",
                "tools.ietf.org",
                "httpstatus",
                "iana.org",
                "httpwg.org",
                "w3.org",
                "developer.mozilla.org",
            ];
            let last = text.trim_end_matches('/').rsplit(['/', '#', ':']).next().unwrap_or_default();
            if !generic.iter().any(|g| text.contains(g)) && is_code(last) && last.len() > 3 {
                codes.push((last, at));
            }
        }
    }

    fn repeats_reason(&self, text: &str) -> bool {
        self.reason.is_some_and(|reason| reason.eq_ignore_ascii_case(text.trim()))
    }

    fn wait(&mut self, node: &Node<'_>, unit: f64) {
        if let Some(seconds) = node.scalar().and_then(crate::date::seconds) {
            crate::limits::retry_after(self.out, seconds * unit, self.source.span(node.at));
        }
    }
}

/// Statuses that speak of the caller rather than of what it sent.
pub(crate) const fn is_about_caller(status: u16) -> bool {
    matches!(status, 401 | 403 | 407 | 429) || status >= 500
}

/// The name of the shape, for people and for rules that need it.
fn shape_of(root: &Node<'_>, status: Option<u16>) -> &'static str {
    let has = |name: &str| root.get(name).is_some();
    let error = root.get("error");
    let inside = |name: &str| error.and_then(|e| e.get(name)).is_some();
    let first = root.get("errors").and_then(|errors| errors.items().first());
    let in_first = |name: &str| first.and_then(|f| f.get(name)).is_some();
    let detail = root.get("detail");
    if has("jsonrpc") {
        "json-rpc"
    } else if has("type") && has("title") && (has("status") || has("detail") || has("errors")) {
        "problem"
    } else if root.members().iter().any(|(key, _)| key == "__type") {
        "aws-json"
    } else if root.get("kind").and_then(Node::text) == Some("Status") {
        "kubernetes"
    } else if inside("rootcause") {
        "elasticsearch"
    } else if inside("errorsubcode") || inside("fbtraceid") {
        "facebook"
    } else if inside("code") && inside("status") || (has("code") && has("message") && has("details")) {
        "google-rpc"
    } else if inside("innererror")
        || error.and_then(|e| e.get("message")).and_then(|m| m.get("lang")).is_some()
        || has("odata.error")
    {
        "odata"
    } else if error.is_some() && (has("errordescription") || has("erroruri")) {
        "oauth"
    } else if has("errors") && (has("data") || in_first("extensions") || (in_first("locations") && in_first("message")))
    {
        "graphql"
    } else if has("ok") && has("errorcode") {
        "telegram"
    } else if has("ok") && error.is_some() {
        "slack"
    } else if has("timestamp") && has("path") && has("status") {
        "spring"
    } else if detail.is_some_and(|d| d.items().first().is_some_and(|i| i.get("loc").is_some())) {
        "fastapi"
    } else if in_first("source") || (in_first("title") && in_first("detail")) {
        "json-api"
    } else if has("embedded") {
        "hal"
    } else if in_first("instancepath") || in_first("datapath") {
        "ajv"
    } else if root.get("issues").is_some() || error.is_some_and(|e| e.get("issues").is_some()) {
        "zod"
    } else if in_first("msg") {
        "express-validator"
    } else if has("statuscode") && has("message") {
        if root.get("validation").is_some() { "joi" } else { "nest" }
    } else if is_field_map(root.members(), status) {
        "field-map"
    } else if root.get("errors").is_some_and(|e| !e.members().is_empty()) {
        if has("message") { "laravel" } else { "errors-map" }
    } else if has("errors") {
        "errors"
    } else if error.is_some_and(|e| !e.members().is_empty()) {
        "error-object"
    } else if error.is_some_and(|e| e.text().is_some()) {
        "error-string"
    } else if detail.is_some() {
        "detail"
    } else if has("fault") {
        "fault"
    } else {
        "flat"
    }
}

/// DRF and others answer with a bare `{field: [words]}`.
fn is_field_map(members: &Members<'_>, status: Option<u16>) -> bool {
    status.is_none_or(|status| matches!(status, 400 | 409 | 422))
        && !members.is_empty()
        && members.len() <= 60
        && members.iter().all(|(key, node)| {
            let envelope = [
                "errors",
                "error",
                "message",
                "messages",
                "detail",
                "details",
                "errormessages",
                "fullmessages",
                "data",
            ];
            !envelope.iter().any(|name| same(key, name))
                && !node.items().is_empty()
                && node.items().iter().all(|item| item.text().is_some())
        })
}

/// Whether an object speaks for itself rather than mapping fields to words.
fn has_words(members: &Members<'_>) -> bool {
    members
        .iter()
        .any(|(key, node)| matches!(role(key), Role::Words(0 | 1) | Role::Code | Role::Nest) && node.scalar().is_some())
        || members.iter().any(|(key, node)| {
            matches!(role(key), Role::Nest | Role::Fields)
                && !matches!(node.value, Value::Array(_))
                && node.scalar().is_none()
        })
        || members.iter().any(|(key, _)| matches!(role(key), Role::Wait | Role::WaitMs))
}

/// A field from a string, a pointer object or a path array.
fn field_name(node: &Node<'_>) -> Option<String> {
    let name = match &node.value {
        // where it stands in the request, not what it is called
        Value::String(text) if matches!(text.as_ref(), "body" | "query" | "headers" | "cookies" | "params") => {
            return None;
        }
        Value::String(text) if !text.contains(' ') && !text.contains("://") && text.len() <= 120 => clean_field(text),
        Value::Array(parts) if parts.len() <= 16 => {
            let mut name = String::new();
            for (index, part) in parts.iter().enumerate() {
                let part = part.scalar()?;
                if index == 0
                    && parts.len() > 1
                    && matches!(part, "body" | "query" | "path" | "header" | "cookie" | "formData")
                {
                    continue;
                }
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(part);
            }
            name
        }
        _ => return None,
    };
    Some(name).filter(|name| name.contains(char::is_alphanumeric))
}

/// Members that hold errors mostly as objects, and whose plain string is words about the error too.
fn speaks(key: &str, depth: u32) -> bool {
    [
        "error",
        "errors",
        "fault",
        "cause",
        "causes",
        "causedby",
        "details",
        "messages",
        "errormessages",
        "errordetails",
        "failures",
        "exceptions",
        "failedreason",
        "debug",
        "validationerrors",
        "fullmessages",
    ]
    .iter()
    .any(|name| same(key, name))
        || depth > 0 && same(key, "data")
}

/// `/data/attributes/title`, `$.Ages[1]`, `#/name` and `body.name` as one spelling with dots.
fn clean_field(text: &str) -> String {
    let text =
        text.trim().trim_start_matches("#/").trim_start_matches("$.").trim_start_matches('/').trim_start_matches('.');
    let text = text.strip_prefix("data/attributes/").unwrap_or(text);
    text.replace('/', ".")
}

fn is_field(name: &str) -> bool {
    name.len() <= 120 && !name.contains(' ')
}

/// The JSON inside a string: the whole of it, or what follows words (`400: {"error":…}`).
pub(crate) fn embedded(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut from = 0;
    for _ in 0..6 {
        let at = from + memchr::memchr2(b'{', b'[', &bytes[from..])?;
        let next = bytes[at + 1..].iter().find(|b| !b.is_ascii_whitespace());
        let opens = match next {
            Some(b'"' | b'\'') => true,
            Some(b'{') => bytes[at] == b'[',
            Some(b'\\') => bytes[at..].iter().take(40).any(|b| *b == b'"'),
            _ => false,
        };
        if opens && bytes.len() - at >= 8 {
            return Some(&text[at..]);
        }
        from = at + 1;
    }
    None
}

/// A text that was escaped once more than JSON needs, without that escape.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
    let inside = start.strip_prefix(['{', '['])?.trim_start_matches(['[', '{', ' ']);
    let inside = inside.strip_prefix("\\n").map_or(inside, str::trim_start);
    if !inside.starts_with("\\\"") {
        return None;
    }
    let mut out = String::with_capacity(start.len());
    let mut characters = start.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n' | 'r' | 't') => out.push(' '),
                Some(other) => out.push(other),
                None => {}
            },
            (character, false) => out.push(character),
        }
    }
    Some(out)
}

/// Reads a span of text that may hold an error as JSON somewhere in it. True when one was read.
pub(crate) fn read_embedded(out: &mut Sink, text: &str, span: Span, status: Option<u16>) -> bool {
    let Some(inside) = embedded(text) else { return false };
    let owned = unescaped(inside);
    let inside = owned.as_deref().unwrap_or(inside);
    let parsed = parse(inside);
    let Some(root) = &parsed.root else { return false };
    let object = root.items().first().unwrap_or(root);
    let mut says = false;
    for (key, _) in object.members() {
        // a structured log line is the reader's business, a chat message is nobody's error
        if ["level", "severity", "loglevel", "logger", "role", "ts"].iter().any(|name| same(key, name)) {
            return false;
        }
        says |= matches!(role(key), Role::Code | Role::Words(_))
            || matches!(role(key), Role::Nest | Role::Fields) && speaks(key, 0);
    }
    if !says {
        return false;
    }
    let before = out.len();
    Reader::new(out, Source::unpacked(inside, span), status, None).root(root);
    out.len() > before
}
