//! Log records in JSON: one to a line, behind a text prefix, printed over several lines, several in
//! one document, and records inside the strings of other records.
//!
//! The hard part is to tell a record from the body of an API's answer, which also is JSON with a
//! `message`; see [`Signals::record`]. This file refuses to know field names; `fields` has them.

use super::fields::{self, Dialect, Field};
use super::fill::{Filler, meaning};
use super::json::{self, Node, Value};
use super::place::Place;
use super::{applog, level, words};
use crate::{Taken, lines::Lines, time};
use firstfault_model::{Call, Span};

/// No more records are taken out of one document.
const RECORD_LIMIT: usize = 10_000;

/// A record that is printed over more lines than that is none.
const ROW_LIMIT: usize = 400;

/// Strings that hold records that hold strings: docker in fluentd in a collector.
const NESTING_LIMIT: u8 = 3;

/// Takes the record or records that begin at `lines[at]`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at);
    let indent = text.len() - text.trim_start().len();
    match text.as_bytes().get(indent)? {
        b'{' | b'[' => {
            if let Some((node, true)) = json::read(&text[indent..]) {
                return taken(&node, &text[indent..], &Place::line(lines, at, indent), 1);
            }
            printed(lines, at).or_else(|| {
                // A line that was cut still tells what stands before the cut.
                let (node, _) = json::read(&text[indent..]).filter(|_| text.len() > 64)?;
                taken(&node, &text[indent..], &Place::line(lines, at, indent), 1)
            })
        }
        _ => prefixed(lines, at),
    }
}

/// A record behind words: `2024-… stdout {"level":"error",…}`. It must run to the end of the line.
fn prefixed(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at);
    let window = &text.as_bytes()[..text.len().min(512)];
    let start = memchr::memmem::find(window, b"{\"")?;
    if !text.trim_end().ends_with('}') {
        return None;
    }
    let (node, whole) = json::read(&text[start..])?;
    let place = Place::line(lines, at, start);
    let signals = Signals::of(&node);
    // Words with data behind them are common; only a record of its own, level and all, counts here.
    if !whole
        || !text[start + node.end..].trim().is_empty()
        || !signals.record()
        || !(signals.level || signals.dialect.is_some())
    {
        return None;
    }
    let mut call = fill(&node, &[], &text[start..], &place, signals.dialect());
    call.started = call.started.or_else(|| time::leading(text).map(|(at, _)| at));
    call.span = lines.span(at);
    Some(Taken { lines: 1, calls: vec![call], problems: Vec::new() })
}

/// A record printed over several lines, its braces in the usual places.
fn printed(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.text(at).trim();
    let second = lines.text(at + 1).trim_start();
    if !(first.ends_with(['{', '[', ',']) && second.starts_with(['"', '{', '}'])) {
        return None;
    }
    let (mut depth, mut end) = (0_usize, at);
    loop {
        if end >= lines.len() || end - at > ROW_LIMIT {
            return None;
        }
        depth = depth_after(lines.text(end), depth)?;
        end += 1;
        if depth == 0 {
            break;
        }
    }
    let (text, _) = lines.join(at, end);
    let (node, true) = json::read(&text)? else { return None };
    taken(&node, &text, &Place::joined(lines, at, end), end - at)
}

/// The depth of brackets after a line; `None` when a string does not end on it, or where it is too deep.
pub(super) fn depth_after(line: &str, mut depth: usize) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for byte in line.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    (!quoted && depth <= 64).then_some(depth)
}

fn taken(node: &Node<'_>, text: &str, place: &Place<'_, '_>, lines: usize) -> Option<Taken> {
    let mut found = Vec::new();
    collect(node, &mut Vec::new(), &mut found, 0);
    if found.is_empty() {
        return None;
    }
    let single = found.len() == 1;
    let calls = found
        .into_iter()
        .map(|(node, around, dialect)| {
            let mut call = fill(node, &around, text, place, dialect);
            call.span = if single { place.whole() } else { place.span(node.start, node.end) };
            call
        })
        .collect();
    Some(Taken { lines, calls, problems: Vec::new() })
}

/// A record, the objects around it that describe all records of a batch, and its dialect.
type Found<'n, 'a> = (&'n Node<'a>, Vec<&'n Node<'a>>, Option<Dialect>);

/// Finds the records in a document: the document itself, the elements of an array, or the batches of
/// OTLP (`resourceSpans`), CloudTrail (`Records`), Azure (`records`), Kubernetes (`items`).
fn collect<'n, 'a>(node: &'n Node<'a>, around: &mut Vec<&'n Node<'a>>, found: &mut Vec<Found<'n, 'a>>, depth: u8) {
    const BATCHES: [&str; 7] = [
        "resourceSpans",
        "resourceLogs",
        "scopeSpans",
        "scopeLogs",
        "instrumentationLibrarySpans",
        "instrumentationLibraryLogs",
        "batches",
    ];
    const RECORDS: [&str; 8] = ["spans", "logRecords", "Records", "records", "items", "logs", "logEvents", "entries"];
    if depth > 8 || found.len() >= RECORD_LIMIT {
        return;
    }
    if let Value::List(elements) = &node.value {
        // A list of other things is an answer's body, so the first element decides.
        let batch = depth > 0 || elements.first().is_some_and(|first| Signals::of(first).record());
        for element in elements.iter().filter(|_| batch).take(RECORD_LIMIT) {
            collect(element, around, found, depth + 1);
        }
        return;
    }
    for (name, member) in node.members() {
        let batch = BATCHES.contains(&name.as_ref());
        let known = around.len();
        if batch || (RECORDS.contains(&name.as_ref()) && depth > 0 && !around.is_empty()) {
            for element in member.elements() {
                around.extend(element.get("resource"));
                if batch {
                    collect(element, around, found, depth + 1);
                } else if found.len() < RECORD_LIMIT {
                    found.push((element, around.clone(), Signals::of(element).dialect()));
                }
                around.truncate(known);
            }
            if !batch || depth == 0 {
                return;
            }
        } else if RECORDS.contains(&name.as_ref())
            && member.elements().first().is_some_and(|first| Signals::of(first).record())
        {
            for element in member.elements() {
                collect(element, around, found, depth + 1);
            }
            return;
        }
    }
    let signals = Signals::of(node);
    if signals.record() {
        found.push((node, around.clone(), signals.dialect()));
    }
}

/// What the names in an object tell about its being a log record.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was seen")]
pub(super) struct Signals {
    pub time: bool,
    pub stamped: bool,
    pub level: bool,
    pub words: bool,
    pub short_words: bool,
    pub method: bool,
    pub status: bool,
    pub target: bool,
    /// The target is a whole URL: bodies name the path that they answer, logs the address that was called.
    pub absolute: bool,
    pub logger: bool,
    pub error: bool,
    /// `"status":"error"`, as Datadog's records and many answers say.
    pub status_word: bool,
    pub service: bool,
    /// An entry of an HTTP archive, which has a reader of its own.
    pub archive: bool,
    pub dialect: Option<usize>,
}

impl Signals {
    /// Looks at the members of an object and of the objects in it, two levels down.
    fn of(node: &Node<'_>) -> Self {
        let mut signals = Self::default();
        signals.look(node, &mut String::new(), 0);
        signals
    }

    fn look(&mut self, node: &Node<'_>, path: &mut String, depth: u8) {
        for (name, member) in node.members() {
            let length = path.len();
            if length > 0 {
                path.push('.');
            }
            fields::normal(name, path);
            match &member.value {
                Value::Map(_) if depth < 2 && fields::header_object(path).is_none() => {
                    self.look(member, path, depth + 1)
                }
                Value::List(elements) if depth < 2 => {
                    for element in elements.iter().take(64) {
                        if let (Some(key), Some(_)) = (element.get("key").and_then(Node::text), element.get("value")) {
                            let mut key_path = String::new();
                            fields::normal(key, &mut key_path);
                            self.note(&key_path, "");
                        }
                    }
                }
                _ => self.note(path, member.scalar().unwrap_or("")),
            }
            path.truncate(length);
        }
    }

    /// Notes one field, by its name in normal form and its value.
    pub fn note(&mut self, path: &str, value: &str) {
        if let Some(place) = fields::dialect_told_by(path) {
            self.dialect = Some(self.dialect.map_or(place, |known| known.min(place)));
        }
        self.stamped |= matches!(path, "@timestamp" | "@t" | "asctime" | "levelname");
        self.short_words |= path == "msg";
        self.archive |= path == "starteddatetime";
        self.words |= path == "log" && !value.is_empty();
        match fields::meaning(path, None) {
            Some(Field::Time | Field::Start) => self.time = true,
            Some(Field::Level) => {
                self.level |= level::of(value).is_some() || value.len() == 1 || value.parse::<u32>().is_ok()
            }
            Some(Field::Words | Field::Template | Field::WordsOrBody) => self.words = true,
            Some(Field::Method) => self.method = true,
            Some(Field::Status) if level::of(value).is_some() => self.status_word = true,
            // An API that says `"status":"error"` tells no HTTP status.
            Some(Field::Status) => self.status |= value.starts_with(|c: char| c.is_ascii_digit()),
            Some(Field::Url | Field::Path | Field::RequestLine) => {
                self.target = true;
                self.absolute |= value.starts_with("http://") || value.starts_with("https://");
            }
            Some(Field::Logger) => self.logger |= path.contains("logger") || path == "sourcecontext",
            Some(Field::Mark(["service"])) => self.service = true,
            Some(Field::Said(_) | Field::Code | Field::Stack | Field::Type) => self.error = true,
            _ => {}
        }
    }

    /// True when this is a log record rather than the body of an answer. Bodies have a status, a
    /// message, a path and even a time (Spring's have all four); they have no level, and no method.
    pub fn record(&self) -> bool {
        let speaks = self.words || self.error;
        let exchange = self.method && (self.status || self.time) && (self.target || self.time);
        if self.archive {
            return false;
        }
        (self.dialect.is_some_and(|place| self.sure(place)))
            || (self.level && (self.time || self.logger || speaks))
            || (self.status_word && self.service && self.time && speaks)
            || (self.stamped && (speaks || self.status || self.method))
            || (self.logger && self.words)
            || (self.short_words && self.time)
            || (exchange && (self.status || speaks))
            || (self.target && self.status && self.time && (self.absolute || !speaks))
    }

    /// A dialect's mark counts with something that happened, and a webhook's with its outcome.
    fn sure(&self, place: usize) -> bool {
        let speaks = self.words || self.error;
        match fields::dialect(place).map_or("", |dialect| dialect.name) {
            "webhook" => self.status,
            "container" => self.words && self.time,
            "caddy" => self.level,
            _ => self.status || self.method || speaks || self.time,
        }
    }

    pub fn dialect(&self) -> Option<Dialect> {
        fields::dialect(self.dialect?)
    }
}

/// Fills a call from a record and from what is said around it.
fn fill(node: &Node<'_>, around: &[&Node<'_>], text: &str, place: &Place<'_, '_>, dialect: Option<Dialect>) -> Call {
    let mut filler = Filler::new(dialect, place.whole());
    let mut walk = Walk { filler: &mut filler, text, place: &|start, end| place.span(start, end), nesting: 0 };
    walk.members(node, &mut String::new());
    for node in around {
        walk.members(node, &mut String::new());
    }
    filler.finish()
}

/// A walk over one record's fields.
struct Walk<'w> {
    filler: &'w mut Filler,
    /// The text that the nodes' places are in.
    text: &'w str,
    place: &'w dyn Fn(usize, usize) -> Span,
    nesting: u8,
}

impl Walk<'_> {
    fn members(&mut self, node: &Node<'_>, path: &mut String) {
        for (name, member) in node.members() {
            self.member(name, member, path);
        }
    }

    fn member(&mut self, name: &str, member: &Node<'_>, path: &mut String) {
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        fields::normal(name, path);
        match &member.value {
            Value::Map(_) => match any_value(member) {
                Some(inner) => {
                    path.truncate(length);
                    self.member_at(name, inner, path, length);
                }
                None => self.map(member, path),
            },
            Value::List(elements) => self.list(member, elements, path, length),
            _ => self.scalar(name, member, path),
        }
        path.truncate(length);
    }

    /// As [`Walk::member`], for the value inside an OTLP `AnyValue`.
    fn member_at(&mut self, name: &str, inner: &Node<'_>, path: &mut String, length: usize) {
        if path.len() < 4096 {
            self.member(name, inner, path);
        }
        path.truncate(length);
    }

    fn span(&self, node: &Node<'_>) -> Span {
        (self.place)(node.start, node.end)
    }

    fn raw(&self, node: &Node<'_>) -> &str {
        self.text.get(node.start..node.end).unwrap_or("")
    }

    fn map(&mut self, node: &Node<'_>, path: &mut String) {
        if let Some(request) = fields::header_object(path) {
            for (name, value) in node.members() {
                // Caddy and Go write each field's values as a list.
                let span = self.span(value);
                for value in value.scalar().into_iter().chain(value.elements().iter().filter_map(Node::scalar)) {
                    self.filler.header(request, name, value, span);
                }
            }
            return;
        }
        let span = self.span(node);
        let known = meaning(self.filler, path);
        if known == Some(Field::RequestBody) {
            let raw = self.raw(node).to_owned();
            self.filler.take(Field::RequestBody, path, &raw, span);
            return;
        }
        let raw = self.raw(node);
        let response = known == Some(Field::WordsOrBody)
            || matches!(path.as_str(), "response" | "res" | "resp" | "error.response");
        // An object that describes the response has its status beside its fields or its body.
        let has = |name: &str| node.get(name).is_some();
        let described = has("statusCode")
            || has("status_code")
            || has("headers")
            || (has("status") && (has("data") || has("body") || has("url")));
        if response && !described && words::is_answer(raw) {
            let raw = raw.to_owned();
            self.filler.body(&raw, span);
            self.filler.say(raw, span);
            return;
        }
        self.members(node, path);
        // What is inside may be named in a way that nobody knows, and still hold the decisive phrase.
        let standard =
            matches!(known, Some(Field::Said(_))) && node.get("message").is_some() && node.members().len() < 8;
        if fields::speaks(path) && !described && !standard && raw_is_small(self.raw(node)) {
            let raw = self.raw(node).to_owned();
            self.filler.say(raw, span);
        }
    }

    fn list(&mut self, node: &Node<'_>, elements: &[Node<'_>], path: &mut String, parent: usize) {
        let span = self.span(node);
        let pair = |element: &Node<'_>, name: &str| element.get(name).and_then(Node::text).map(str::to_owned);
        if let Some(request) = fields::header_object(path) {
            for element in elements {
                if let (Some(name), Some(value)) =
                    (pair(element, "name").or_else(|| pair(element, "key")), pair(element, "value"))
                {
                    self.filler.header(request, &name, &value, span);
                }
            }
            return;
        }
        // OTLP and Jaeger write attributes as a list of pairs.
        if elements.first().is_some_and(|first| first.get("key").is_some() && first.get("value").is_some()) {
            path.truncate(parent);
            for element in elements {
                if let (Some(key), Some(value)) = (pair(element, "key"), element.get("value")) {
                    self.member(&key, value, path);
                }
            }
            return;
        }
        // Events of a span: an exception is one.
        if matches!(path.as_str(), "events" | "logs") {
            for element in elements.iter().take(64) {
                let mut path = String::from("event");
                for (name, member) in
                    element.members().iter().filter(|(name, _)| matches!(name.as_ref(), "attributes" | "fields"))
                {
                    self.member(name, member, &mut path);
                }
            }
            return;
        }
        let scalars: Vec<&str> = elements.iter().filter_map(Node::scalar).take(2000).collect();
        match meaning(self.filler, path) {
            Some(field @ Field::Stack) => self.filler.take(field, path, &scalars.join("\n"), span),
            Some(field) if !scalars.is_empty() => self.filler.take(field, path, &scalars.join(", "), span),
            _ if fields::speaks(path) && raw_is_small(self.raw(node)) && !elements.is_empty() => {
                let raw = self.raw(node).to_owned();
                self.filler.say(raw, span);
                if let Some(first) = elements.first() {
                    self.members(first, &mut String::from("error"));
                }
            }
            _ => {}
        }
    }

    fn scalar(&mut self, name: &str, node: &Node<'_>, path: &str) {
        let Some(value) = node.scalar() else { return };
        let span = self.span(node);
        let known = meaning(self.filler, path);
        let words = matches!(known, Some(Field::Words | Field::WordsOrBody | Field::Said(_)))
            || (known.is_none() && fields::speaks(path));
        if words && self.nested(known, value, span) {
            return;
        }
        match known {
            Some(field) => self.filler.take(field, path, value, span),
            None => self.unknown(name, path, node, value, span),
        }
    }

    /// A record or a body inside a string; true when nothing is left to be said.
    fn nested(&mut self, known: Option<Field>, value: &str, span: Span) -> bool {
        if !value.starts_with(['{', '[']) || !value.ends_with(['}', ']']) || self.nesting >= NESTING_LIMIT {
            return self.wrapped(known, value, span);
        }
        let Some((node, true)) = json::read(value) else { return false };
        let record = Signals::of(&node).record();
        if !record && words::is_answer(value) {
            // The words of a record that is an answer's body; they still are words, too.
            self.filler.body(value, span);
            self.filler.say(value.to_owned(), span);
            return true;
        }
        if !record && known != Some(Field::Words) {
            return false;
        }
        let mut walk = Walk { filler: self.filler, text: value, place: &|_, _| span, nesting: self.nesting + 1 };
        walk.members(&node, &mut String::new());
        record
    }

    /// A line of an application inside a container runtime's wrapper.
    fn wrapped(&mut self, known: Option<Field>, value: &str, span: Span) -> bool {
        let container = self.filler.dialect().is_some_and(|dialect| dialect.name == "container");
        if !container || known != Some(Field::Words) {
            return false;
        }
        let Some(head) = applog::head(value) else { return false };
        if let Some(level) = head.level {
            self.filler.take(Field::Level, "", level, span);
        }
        if let Some(logger) = head.logger {
            self.filler.take(Field::Logger, "", logger, span);
        }
        self.filler.take(Field::Words, "", head.words, span);
        true
    }

    fn unknown(&mut self, name: &str, path: &str, node: &Node<'_>, value: &str, span: Span) {
        // nginx names a header field's variable `$http_NAME`, and the answer's `$upstream_http_NAME`.
        if self.filler.dialect().is_some_and(|dialect| dialect.name == "nginx") {
            let lower = name.to_ascii_lowercase();
            let header = |prefix: &str| lower.strip_prefix(prefix).map(|name| name.replace('_', "-"));
            if let Some(header) = header("http_") {
                return self.filler.header(true, &header, value, span);
            }
            if let Some(header) = header("upstream_http_").or_else(|| header("sent_http_")) {
                return self.filler.header(false, &header, value, span);
            }
        }
        let wordy = node.text().is_some() && value.bytes().any(|b| b.is_ascii_alphabetic());
        if fields::speaks(path) && wordy && !matches!(value, "true" | "false" | "null") {
            self.filler.say(value.to_owned(), span);
        }
    }
}

/// The value inside an OTLP `AnyValue`: an object of one member with one of these names.
fn any_value<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    match node.members() {
        [(name, inner)] => {
            let names =
                ["stringValue", "intValue", "boolValue", "doubleValue", "string_value", "int_value", "Str", "Int"];
            names.contains(&name.as_ref()).then_some(inner)
        }
        _ => None,
    }
}

/// Whole documents are not words.
fn raw_is_small(raw: &str) -> bool {
    raw.len() > 2 && raw.len() <= 16 * 1024
}
