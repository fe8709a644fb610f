//! Data inside words: JSON, Python `repr`, Ruby `inspect`, JavaScript `util.inspect` and XML that
//! an exception carries, found by balance and brought to JSON. It refuses to know what the data says.
//!
//! One tolerant grammar reads all of them: `{ key: value }` with keys bare or quoted, `:` or `=>` or
//! `=`, class names in front of brackets, and errors with their stack in the place of a value.

use super::text::{clip, is_word, quoted, run};

/// How deep values are followed; deeper ones are kept as text.
const DEPTH: usize = 48;

/// How many bytes of one text are parsed.
const LIMIT: usize = 512 * 1024;

/// The key under which an error's own line (`Error: words`) stands in its object.
pub(super) const ERROR_LINE: &str = "#";

/// A value as a program printed it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// `{…}`, in order.
    Object(Vec<(String, Value)>),
    /// `[…]` or `(…)`.
    Array(Vec<Value>),
    /// A quoted string, without its quotes and escapes.
    Text(String),
    /// Anything else, as written: numbers, `true`, `None`, `[Function]`, `Error: words`.
    Bare(String),
}

impl Value {
    /// The value of a key, where this is an object that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The words of a string or bare value.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) => Some(text),
            _ => None,
        }
    }

    /// The words under a key.
    pub(super) fn word(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::words).filter(|w| !matches!(*w, "" | "undefined" | "null" | "None" | "nil"))
    }

    /// The entries of an object.
    pub(super) fn entries(&self) -> &[(String, Value)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    /// This value as JSON.
    pub(super) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Object(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_string(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Text(text) => write_string(text, out),
            Self::Bare(text) => match text.as_str() {
                "true" | "True" => out.push_str("true"),
                "false" | "False" => out.push_str("false"),
                "null" | "None" | "nil" | "undefined" | "" => out.push_str("null"),
                number if is_number(number) => out.push_str(number),
                words => write_string(words, out),
            },
        }
    }
}

/// A number that JSON accepts as written: an optional sign, no leading zero, digits and one point.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = run(digits, |c| c.is_ascii_digit());
    let fraction = rest.strip_prefix('.');
    !whole.is_empty()
        && (whole.len() == 1 || !whole.starts_with('0'))
        && match fraction {
            Some(f) => !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()),
            None => rest.is_empty(),
        }
}

fn write_string(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A value found in text.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The value.
    pub(super) value: Value,
    /// One past its last byte.
    pub(super) end: usize,
    /// True when the text ended before the value did.
    pub(super) cut: bool,
    /// True when the value is JSON as written.
    pub(super) json: bool,
}

/// Reads the value that `text` begins with: an object, array, string, or an error with its dump.
pub(super) fn parse(text: &str) -> Found {
    let text = clip(text, LIMIT);
    let mut parser = Parser { text, at: 0, cut: false, json: true };
    let value = parser.value(0);
    Found { value, end: parser.at, cut: parser.cut, json: parser.json }
}

/// Undoes backslash escapes (C, JSON, Python, Ruby, JavaScript).
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('b' | 'f' | '0' | 'e') => out.push(' '),
            Some(kind @ ('u' | 'x')) => {
                let wanted = if kind == 'u' { 4 } else { 2 };
                let digits = clip(chars.as_str(), wanted);
                let code = (digits.len() == wanted).then(|| u32::from_str_radix(digits, 16).ok()).flatten();
                match code {
                    Some(code) => {
                        chars = chars.as_str()[wanted..].chars();
                        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    None => out.push(kind),
                }
            }
            Some('\n') => {}
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    cut: bool,
    json: bool,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn value(&mut self, depth: usize) -> Value {
        self.skip_space();
        self.skip_tag();
        match self.peek() {
            None => {
                self.cut = true;
                Value::Bare(String::new())
            }
            Some(b'{') => self.object(depth),
            Some(b'[' | b'(') => self.array(depth),
            Some(b'"' | b'\'' | b'`') => self.string(),
            Some(_) => self.bare(depth),
        }
    }

    /// util.inspect's tags: `Object [AxiosHeaders] {`, `[Object: null prototype] {`.
    fn skip_tag(&mut self) {
        let rest = self.rest();
        let inner = rest.strip_prefix("Object [").or_else(|| rest.strip_prefix('['));
        let Some(inner) = inner else { return };
        let (name, tail) = run(clip(inner, 200), |c| is_word(c) || matches!(c, ' ' | ':'));
        if !name.is_empty() && tail.starts_with("] {") && !name.contains("Error") {
            self.json = false;
            self.at += rest.len() - inner.len() + name.len() + 2;
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        self.at += 1;
        if depth >= DEPTH {
            return self.flat();
        }
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => {
                    self.cut = true;
                    break;
                }
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                // A closing bracket of another kind: ours is missing, the outer one goes on.
                Some(b']' | b')') => {
                    self.json = false;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    if let Some(entry) = self.entry(depth) {
                        entries.push(entry);
                    }
                    if self.at == before {
                        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
                    }
                }
            }
        }
        Value::Object(entries)
    }

    fn entry(&mut self, depth: usize) -> Option<(String, Value)> {
        let start = self.at;
        let key = match self.peek() {
            Some(b'"' | b'\'' | b'`') => match self.string() {
                Value::Text(text) => text,
                _ => return None,
            },
            _ => {
                self.json = false;
                // `:symbol =>`, `key:`, `[cause]:`, `...details` and, in old Node, `Error: words` or `[Error: words]`.
                let rest = self.rest();
                let lead = rest.strip_prefix(':').unwrap_or(rest);
                let lead = lead.strip_prefix('[').unwrap_or(lead);
                let (name, tail) = run(lead, |c| is_word(c) || matches!(c, '$' | '-' | '.'));
                let tail = tail.strip_prefix(']').unwrap_or(tail);
                if name.is_empty() || is_error_name(name) && tail.starts_with(": ") {
                    self.at += usize::from(rest.starts_with('['));
                    return Some(match self.bare(depth) {
                        Value::Object(mut fields) if fields.len() == 1 => fields.pop()?,
                        value => (ERROR_LINE.to_owned(), value),
                    });
                }
                self.at += rest.len() - tail.len();
                name.to_owned()
            }
        };
        self.skip_space();
        let rest = self.rest();
        if rest.starts_with("=>") {
            self.at += 2;
            self.json = false;
        } else if rest.starts_with(':') {
            self.at += 1;
        } else if rest.starts_with('=') {
            self.at += 1;
            self.json = false;
        } else {
            // A value without a key (a set, a dump of something else).
            self.json = false;
            return (self.at > start).then_some((key, Value::Bare(String::new())));
        }
        Some((key, self.value(depth + 1)))
    }

    fn array(&mut self, depth: usize) -> Value {
        let close = if self.peek() == Some(b'(') { b')' } else { b']' };
        self.json &= close == b']';
        self.at += 1;
        if depth >= DEPTH {
            return self.flat();
        }
        let mut items = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => {
                    self.cut = true;
                    break;
                }
                Some(b) if b == close => {
                    self.at += 1;
                    break;
                }
                Some(b'}' | b']' | b')') => {
                    self.json = false;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    items.push(self.value(depth + 1));
                    if self.at == before {
                        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
                    }
                }
            }
        }
        Value::Array(items)
    }

    fn string(&mut self) -> Value {
        let mut text = String::new();
        loop {
            let rest = self.rest();
            self.json &= rest.starts_with('"');
            match quoted(rest) {
                Some((inner, after)) => {
                    text.push_str(&unescape(inner));
                    self.at += rest.len() - after.len();
                }
                None => {
                    text.push_str(&unescape(rest.get(1..).unwrap_or_default()));
                    self.at = self.text.len();
                    self.cut = true;
                    return Value::Text(text);
                }
            }
            // util.inspect breaks long strings: 'one' +\n 'two'
            let next = self.rest().trim_start();
            match next.strip_prefix('+').map(str::trim_start) {
                Some(next) if next.starts_with(['\'', '"', '`']) => {
                    self.json = false;
                    self.at = self.text.len() - next.len();
                }
                _ => return Value::Text(text),
            }
        }
    }

    /// Numbers, words, class names before a bracket, and errors with their stack.
    fn bare(&mut self, depth: usize) -> Value {
        let rest = self.rest();
        // Python's b'…', u'…' and r"…"
        if let Some(tail) = rest.strip_prefix(['b', 'u', 'r', 'f'])
            && tail.starts_with(['\'', '"'])
        {
            self.json = false;
            self.at += 1;
            return self.string();
        }
        // A window, so that many values on one long line do not each look for its end.
        let window = clip(rest, 4096);
        let line = &window[..window.find('\n').unwrap_or(window.len())];
        let (name, _) = run(line, |c| is_word(c) || matches!(c, '.' | '$' | ':'));
        if is_error_name(name.trim_end_matches(':')) && depth < DEPTH {
            return self.error(line, depth);
        }
        let end = line.find([',', '}', ']', ')', '{', '[', '(', '\'', '"']).unwrap_or(line.len());
        let word = line[..end].trim();
        let opener = line[end..].chars().next();
        let classy = !word.is_empty()
            && word.chars().all(|c| is_word(c) || matches!(c, '.' | ':' | ' ' | '<' | '>' | '*' | '$'));
        if matches!(opener, Some('{' | '(' | '[' | '\'')) && (classy || word.is_empty()) && depth < DEPTH {
            self.json = false;
            self.at += end;
            return self.value(depth + 1);
        }
        self.at += end.max(if end == 0 { opener.map_or(0, char::len_utf8) } else { 0 });
        if !(is_number(word) || matches!(word, "true" | "false" | "null")) {
            self.json = false;
        }
        Value::Bare(word.to_owned())
    }

    /// `Error: words` followed by frames, and after the last frame perhaps ` {` with its fields.
    fn error(&mut self, line: &str, depth: usize) -> Value {
        self.json = false;
        let mut head = line.trim_end();
        let mut brace = head.ends_with('{');
        if brace {
            head = head[..head.len() - 1].trim_end();
        } else {
            head = head.trim_end_matches([',', ' ']);
        }
        // `[Error: words]` and `{ [Error: words] code: 'X' }` close on the same line.
        let mut used = line.len();
        if let Some(close) = head.find("] ").or_else(|| head.ends_with(']').then(|| head.len() - 1))
            && !head[..close].contains('[')
        {
            head = &head[..close];
            used = close + 1;
            brace = false;
        }
        let mut entries = vec![(ERROR_LINE.to_owned(), Value::Bare(head.to_owned()))];
        self.at += used;
        while !brace && self.rest().starts_with('\n') {
            let next = self.rest()[1..].split('\n').next().unwrap_or_default();
            let trimmed = next.trim();
            if !trimmed.starts_with("at ") && !trimmed.starts_with("... ") {
                break;
            }
            brace = trimmed.ends_with('{');
            // Old Node closes on the frame's line: `at x (y.js:1:2) code: 'X' }`.
            if let Some(close) = (!brace).then(|| trimmed.find(") ")).flatten()
                && trimmed[close..].contains(':')
            {
                self.at += 1 + (next.len() - next.trim_start().len()) + close + 1;
                break;
            }
            self.at += 1 + next.len();
        }
        if brace {
            // Step back onto the brace that ended the line.
            let upto = &self.text[..self.at];
            self.at = upto.rfind('{').unwrap_or(self.at);
            if self.peek() == Some(b'{')
                && let Value::Object(more) = self.object(depth + 1)
            {
                entries.extend(more);
            }
        }
        Value::Object(entries)
    }

    /// Skips to the end of something nested too deeply, as bare text.
    fn flat(&mut self) -> Value {
        let mut open = 1_usize;
        for (i, b) in self.rest().bytes().enumerate() {
            match b {
                b'{' | b'[' | b'(' => open += 1,
                b'}' | b']' | b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.at += i + 1;
                return Value::Bare(String::new());
            }
        }
        self.at = self.text.len();
        self.cut = true;
        Value::Bare(String::new())
    }
}

/// `Error`, `TypeError`, `x.y.ConnectionError`: a name that stands for an error.
fn is_error_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && (name.ends_with("Error") || name.ends_with("Exception"))
}

/// A body found inside words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    /// JSON or XML text.
    pub(super) text: String,
    /// One past its last byte in the text that was searched.
    pub(super) end: usize,
    /// True when it was cut, here or by whoever printed it.
    pub(super) cut: bool,
}

/// The body that `text` begins with: an object or list with data in it, or markup.
pub(super) fn body(text: &str) -> Option<Body> {
    let text = clip(text, LIMIT);
    if let Some(markup) = markup(text) {
        return Some(markup);
    }
    let (inner, quoted_at) = match text.as_bytes().first()? {
        // A quoted body: Ruby's "…\"…", Python's b'…', Spring's raw "{…}".
        b'"' | b'\'' | b'`' => (&text[1..], true),
        b'b' if matches!(text.as_bytes().get(1), Some(b'"' | b'\'')) => (&text[2..], true),
        _ => (text, false),
    };
    if !looks_like_data(inner) {
        return quoted_at.then(|| markup_in_string(text)).flatten();
    }
    if inner.starts_with("{\\\"") || inner.starts_with("[{\\\"") || inner.starts_with("{\\n") {
        let plain = unescape(inner);
        let found = parse(&plain);
        let body = plain.get(..found.end)?.to_owned();
        // Escapes make the text longer than the value; walk the source by as many unescaped bytes.
        let end = text.len() - inner.len() + escaped_end(inner);
        return Some(Body { text: body, end, cut: found.cut });
    }
    // Guzzle and others cut long bodies and say so; what follows is no part of it.
    if let Some(at) = inner.find("(truncated") {
        let found = parse(&inner[..at]);
        if found.cut {
            let mark = inner[at..].find(')').map_or(inner.len(), |i| at + i + 1);
            return Some(Body {
                text: inner[..at].trim_end().to_owned(),
                end: text.len() - inner.len() + mark,
                cut: true,
            });
        }
    }
    let found = parse(inner);
    if !found.cut && matches!(&found.value, Value::Object(e) if e.is_empty()) && found.end > 2 {
        return None;
    }
    let end = text.len() - inner.len() + found.end;
    let body = if found.json || found.cut { inner[..found.end].to_owned() } else { found.value.to_json() };
    Some(Body { text: body, end, cut: found.cut })
}

/// Where a value with escaped quotes ends: at the bracket that balances the first, strings aside.
fn escaped_end(text: &str) -> usize {
    let (mut open, mut in_string) = (0_usize, false);
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' if bytes.get(i + 1) == Some(&b'"') => {
                in_string = !in_string;
                i += 1;
            }
            b'\\' => {
                // \\\" is an escaped quote inside the string
                let run = bytes[i..].iter().take_while(|b| **b == b'\\').count();
                i += if run >= 2 && bytes.get(i + run) == Some(&b'"') { run } else { 1 };
            }
            b'{' | b'[' if !in_string => open += 1,
            b'}' | b']' if !in_string => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return i + 1;
                }
            }
            _ => {}
        }
        i += 1;
    }
    text.len()
}

/// True when `text` begins like data rather than like words in brackets.
pub(super) fn looks_like_data(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let rest = text[first.len_utf8()..].trim_start();
    match first {
        '{' => {
            rest.starts_with(['"', '\'', '\\', '}']) || rest.starts_with(':') && rest[1..].starts_with(is_word) || {
                let (name, tail) = run(rest, is_word);
                !name.is_empty() && tail.trim_start().starts_with([':', '=']) && !tail.starts_with("://")
            }
        }
        '[' => rest.starts_with('{') && looks_like_data(rest),
        _ => false,
    }
}

fn markup(text: &str) -> Option<Body> {
    let rest = text.strip_prefix('<')?;
    let known = ["?xml", "!doctype", "!DOCTYPE", "html", "HTML"].iter().any(|p| rest.starts_with(p));
    let (name, _) = run(rest, |c| is_word(c) || matches!(c, ':' | '-'));
    if !known && (name.is_empty() || rest.contains("...") && !rest.contains("</")) {
        return None;
    }
    let close = rest.rfind("</").and_then(|i| rest[i..].find('>').map(|j| i + j + 2));
    match close {
        Some(end) => Some(Body { text: text[..end].to_owned(), end, cut: false }),
        None if known => Some(Body { text: text.to_owned(), end: text.len(), cut: true }),
        None => None,
    }
}

/// A quoted string that holds markup or JSON, with its escapes undone.
fn markup_in_string(text: &str) -> Option<Body> {
    let start = usize::from(text.starts_with('b'));
    let (inner, after) = quoted(&text[start..])?;
    let plain = unescape(inner);
    let trimmed = plain.trim();
    (markup(trimmed).is_some() || looks_like_data(trimmed)).then(|| Body {
        text: trimmed.to_owned(),
        end: text.len() - after.len(),
        cut: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::unwrap_used)]
    fn bodies_become_json() {
        let cases = [
            (r#"{"a": 1} rest"#, r#"{"a": 1}"#, false),
            (r"{'error': {'code': 'x', 'ok': True, 'n': None}}", r#"{"error":{"code":"x","ok":true,"n":null}}"#, false),
            (r#"[{"message"=>"it's", :code=>7}])"#, r#"[{"message":"it's","code":7}]"#, false),
            (r#"{\"error\":\"x [y}\",\"n\":1} tail"#, r#"{"error":"x [y}","n":1}"#, false),
            (
                r#""<?xml version=\"1.0\"?>\n<Error><Code>X</Code></Error>" z"#,
                "<?xml version=\"1.0\"?>\n<Error><Code>X</Code></Error>",
                false,
            ),
            (
                r#"{"name":"X","details":[{"a":"Tra (truncated...) more {"b":1}"#,
                r#"{"name":"X","details":[{"a":"Tra"#,
                true,
            ),
            (r#"{ data: { id: 'a' + 'b', list: [Array] } }"#, r#"{"data":{"id":"ab","list":["Array"]}}"#, false),
            (r#"b'{"a": 1}'"#, r#"{"a": 1}"#, false),
        ];
        for (text, json, cut) in cases {
            let found = body(text).unwrap();
            assert_eq!((found.text.as_str(), found.cut), (json, cut), "{text}");
        }
        for text in ["{}x", "[SSL: X] y", "<urllib3.connection object at 0x7f>", "{0}", "", "<"] {
            assert!(body(text).is_none_or(|b| b.text == "{}"), "{text}");
        }
    }

    #[test]
    fn errors_with_dumps_are_values() {
        let text = "TypeError: fetch failed\n    at node:internal/deps/undici:1:2 {\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:80\n      at x (y:1:2) {\n    errno: -111,\n    code: 'ECONNREFUSED'\n  }\n}";
        let value = parse(text).value;
        assert_eq!(value.word("#"), Some("TypeError: fetch failed"));
        let cause = value.get("cause");
        assert_eq!(cause.and_then(|c| c.word("code")), Some("ECONNREFUSED"));
        let old = parse("{ [Error: Parse Error] bytesParsed: 0, code: 'HPE_INVALID_CONSTANT' }").value;
        assert_eq!((old.word("#"), old.word("code")), (Some("Error: Parse Error"), Some("HPE_INVALID_CONSTANT")));
        let inline = parse("{ Error: unable to verify\n    at a (b.js:1:2)\n    at c (d.js:3:4) code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }").value;
        assert_eq!(inline.word("code"), Some("UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
    }

    #[test]
    fn hostile_text_is_bounded() {
        for text in [
            "{".repeat(100_000),
            "[(".repeat(100_000),
            "{a:".repeat(50_000),
            "'\\".repeat(10_000),
            "Error: x {".repeat(9_000),
        ] {
            let _ = parse(&text);
            let _ = body(&text);
        }
    }
}
