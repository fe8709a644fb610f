//! The shape of a body: names, types and lengths, never values.
//!
//! Names may be secrets too (a map by token or address), so every name passes the redactor.

use crate::documents::{Field, Shape};
use crate::xml;
use firstfault_model::Body;
use firstfault_redact::Redactor;
use firstfault_report::one_line;
use serde_json::Value;

/// The most fields that are listed.
const FIELDS: usize = 200;
/// The most levels that are gone down.
const DEPTH: usize = 12;
/// The most characters of a path.
const PATH: usize = 160;

/// The shape of `body`, which `content_type` declares.
#[must_use]
pub fn of(body: &Body, content_type: Option<&str>, redactor: &mut Redactor) -> Shape {
    let declared = content_type.unwrap_or_default().to_ascii_lowercase();
    let text = body.text.trim();
    let mut shape =
        Shape { kind: "text".to_owned(), bytes: body.size, truncated: body.truncated, fields: Vec::new(), more: 0 };
    let mut list = List { shape: &mut shape, redactor };
    if text.is_empty() {
        shape.kind = "empty".to_owned();
    } else if let Some(value) = text.starts_with(['{', '[']).then(|| serde_json::from_str::<Value>(text).ok()).flatten()
    {
        list.json("", &value, 0);
        shape.kind = "json".to_owned();
    } else if text.starts_with(['{', '[']) {
        shape.kind = "broken json".to_owned();
    } else if declared.starts_with("multipart/") {
        list.multipart(&body.text);
        shape.kind = "multipart".to_owned();
    } else if declared.contains("x-www-form-urlencoded") || is_form(text) {
        list.form(text);
        shape.kind = "form".to_owned();
    } else if text.starts_with('<') {
        let html = text.get(..200.min(text.len())).unwrap_or(text).to_ascii_lowercase().contains("<html")
            || declared.contains("html");
        if !html {
            xml::of(text, &mut |path, kind, length| list.add(path, kind, length));
        }
        shape.kind = if html { "html" } else { "xml" }.to_owned();
    }
    shape
}

fn is_form(text: &str) -> bool {
    text.len() < 10_000
        && !text.contains(char::is_whitespace)
        && text.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty()))
}

/// What percent-encoding and `+` stand for: a name is compared as the server reads it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        let ahead = rest.as_slice();
        match (byte, digit(ahead.first()), digit(ahead.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                rest.nth(1);
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a value that is written as text looks like: its type, not what it is.
pub(crate) fn kind_of(value: &str) -> &'static str {
    match value {
        "" => "empty",
        "true" | "false" => "boolean",
        "null" | "undefined" => "null",
        _ if value.len() < 20 && value.strip_prefix('-').unwrap_or(value).bytes().all(|b| b.is_ascii_digit()) => {
            "digits"
        }
        _ => "string",
    }
}

struct List<'a> {
    shape: &'a mut Shape,
    redactor: &'a mut Redactor,
}

impl List<'_> {
    fn add(&mut self, path: &str, kind: &str, length: Option<usize>) {
        if self.shape.fields.len() >= FIELDS {
            self.shape.more += 1;
            return;
        }
        let path = one_line(&self.redactor.text(path), PATH);
        self.shape.fields.push(Field { path, kind: kind.to_owned(), length });
    }

    /// Fields as JSON pointers; of an array, the first element stands for the others.
    fn json(&mut self, path: &str, value: &Value, depth: usize) {
        let shown = if path.is_empty() { "/" } else { path };
        match value {
            Value::Null => self.add(shown, "null", None),
            Value::Bool(_) => self.add(shown, "boolean", None),
            Value::Number(number) => self.add(shown, if number.is_f64() { "number" } else { "integer" }, None),
            Value::String(text) => self.add(shown, "string", Some(text.chars().count())),
            Value::Array(items) => {
                self.add(shown, "array", Some(items.len()));
                if let Some(first) = items.first().filter(|_| depth < DEPTH) {
                    self.json(&format!("{path}/0"), first, depth + 1);
                }
            }
            Value::Object(members) => {
                if depth > 0 || members.is_empty() {
                    self.add(shown, "object", Some(members.len()));
                }
                if depth < DEPTH {
                    for (name, value) in members {
                        let name = name.replace('~', "~0").replace('/', "~1");
                        self.json(&format!("{path}/{name}"), value, depth + 1);
                    }
                }
            }
        }
    }

    fn form(&mut self, text: &str) {
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.add(&decoded(name), kind_of(value), Some(decoded(value).chars().count()));
        }
    }

    /// Names of parts: `Content-Disposition: form-data; name="file"; filename="a.png"` (RFC 7578).
    fn multipart(&mut self, text: &str) {
        for line in text.lines() {
            let Some(rest) =
                line.strip_prefix("Content-Disposition:").or_else(|| line.strip_prefix("content-disposition:"))
            else {
                continue;
            };
            let parameter = |name: &str| {
                rest.split(';')
                    .find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='))
                    .map(|v| v.trim_matches('"'))
            };
            let name = parameter("name").unwrap_or_default();
            self.add(name, if parameter("filename").is_some() { "file" } else { "part" }, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::Span;

    fn shape(text: &str, kind: Option<&str>) -> Shape {
        of(&Body::bounded(text, Span::default()), kind, &mut Redactor::new())
    }

    fn told(shape: &Shape) -> String {
        let one = |f: &Field| match f.length {
            Some(length) => format!("{} {} {length}", f.path, f.kind),
            None => format!("{} {}", f.path, f.kind),
        };
        shape.fields.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_types_and_lengths_stay_and_values_go() {
        let json = shape(r#"{"id":"12345","n":1,"x":1.5,"on":true,"no":null,"list":[{"a":"b"},{}],"a/b":{}}"#, None);
        assert_eq!(json.kind, "json");
        assert_eq!(
            told(&json),
            "/a~1b object 0, /id string 5, /list array 2, /list/0 object 1, /list/0/a string 1, /n integer, /no null, \
             /on boolean, /x number"
        );
        let form = shape("grant_type=refresh_token&scope=a", None);
        assert_eq!((form.kind.as_str(), told(&form).as_str()), ("form", "grant_type string 13, scope string 1"));
        let multipart = shape(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nq\r\n--x--",
            Some("multipart/form-data; boundary=x"),
        );
        assert_eq!(told(&multipart), "file file");
        assert_eq!(shape("{\"a\":", None).kind, "broken json");
        let encoded = shape("filter%5Bname%5D=J%C3%B6rg+B&n=12&on=true&none=", None);
        assert_eq!(told(&encoded), "filter[name] string 6, n digits 2, on boolean 4, none empty 0");
        assert_eq!(shape("<a/>", None).kind, "xml");
        let xml = shape(
            "<?xml version=\"1.0\"?><!-- no --><s:Envelope xmlns:s=\"u\"><s:Body><id kind=\"x\">12345</id><n>7</n><n>8</n><e/>\
             <c><![CDATA[a<b]]></c></s:Body></s:Envelope>",
            None,
        );
        assert_eq!(
            (xml.kind.as_str(), told(&xml).as_str()),
            (
                "xml",
                "/s:Envelope element 1, /s:Envelope/s:Body element 5, /s:Envelope/s:Body/id@kind string 1, \
                 /s:Envelope/s:Body/id digits 5, /s:Envelope/s:Body/n digits 1, /s:Envelope/s:Body/e empty 0, \
                 /s:Envelope/s:Body/c string 3"
            )
        );
        assert_eq!(shape("  ", None).kind, "empty");
        assert_eq!(shape("words of a person", None).kind, "text");
    }

    #[test]
    fn a_wide_body_stays_bounded() {
        let wide: Vec<String> = (0..1000).map(|n| format!("\"k{n}\":1")).collect();
        let shape = shape(&format!("{{{}}}", wide.join(",")), None);
        assert_eq!((shape.fields.len(), shape.more), (FIELDS, 1000 - FIELDS));
    }
}
