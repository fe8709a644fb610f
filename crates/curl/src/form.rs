//! `-F` and `--form-string`: the multipart body of RFC 7578 as curl writes it, with a boundary that never changes.

use crate::Files;

/// curl draws a boundary for each request; a fixed one of the same form keeps bodies equal.
pub(crate) const BOUNDARY: &str = "------------------------0123456789abcdef";

/// One `-F` (`literal` for `--form-string`).
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub text: String,
    pub literal: bool,
}

/// The body of all fields.
pub(crate) fn body(
    fields: &[Field],
    files: &dyn Files,
    unread: &mut Vec<String>,
    problems: &mut Vec<String>,
) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        let Some((name, content)) = field.text.split_once('=') else {
            problems.push(format!("expected name=content behind -F, got {:?}", field.text));
            continue;
        };
        out.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"", escape(name)).as_bytes(),
        );
        part(content, field.literal, files, unread, &mut out);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    out
}

fn part(content: &str, literal: bool, files: &dyn Files, unread: &mut Vec<String>, out: &mut Vec<u8>) {
    let source = if literal { None } else { content.chars().next().filter(|c| matches!(c, '@' | '<')) };
    let (value, mut rest) =
        if literal { (content.to_owned(), "") } else { quoted(&content[usize::from(source.is_some())..]) };
    let (mut kind, mut file_name, mut fields) = (None, None, Vec::new());
    while let Some(after) = rest.strip_prefix(';') {
        let after = after.trim_start();
        let (key, after) = after.split_once('=').unwrap_or((after, ""));
        let (text, next) = quoted(after);
        match key.trim() {
            "type" => {
                // A type may have parameters of its own.
                let mut text = text;
                rest = next;
                while let Some((parameter, following)) = type_parameter(rest) {
                    text.push(';');
                    text.push_str(parameter);
                    rest = following;
                }
                kind = Some(text);
                continue;
            }
            "filename" => file_name = Some(text),
            "headers" => fields.push(text),
            _ => {}
        }
        rest = next;
    }
    let bytes = match source {
        Some(_) => match files.read(&value) {
            Some(bytes) => bytes,
            None => {
                unread.push(value.clone());
                format!("@{value}").into_bytes()
            }
        },
        None => value.clone().into_bytes(),
    };
    if source == Some('@') {
        let base = value.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        file_name.get_or_insert(base);
    }
    if let Some(name) = &file_name {
        out.extend_from_slice(format!("; filename=\"{}\"", escape(name)).as_bytes());
        if kind.is_none() {
            let of = if source == Some('@') { type_of(&value).or_else(|| type_of(name)) } else { type_of(name) };
            kind = of.or(Some("application/octet-stream")).map(str::to_owned);
        }
    }
    out.extend_from_slice(b"\r\n");
    if let Some(kind) = kind {
        out.extend_from_slice(format!("Content-Type: {kind}\r\n").as_bytes());
    }
    for field in fields {
        out.extend_from_slice(format!("{field}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend(bytes);
}

/// `; charset=utf-8` behind a type is a part of it.
fn type_parameter(rest: &str) -> Option<(&str, &str)> {
    let after = rest.strip_prefix(';')?;
    let end = after.find(';').unwrap_or(after.len());
    let (parameter, following) = after.split_at(end);
    let key = parameter.split('=').next()?.trim();
    (!matches!(key, "type" | "filename" | "headers" | "encoder")).then_some((parameter, following))
}

/// A value up to `;`, or one in quotes.
fn quoted(text: &str) -> (String, &str) {
    if let Some(inner) = text.strip_prefix('"') {
        let mut out = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    let rest = &inner[at + 1..];
                    if rest.is_empty() || rest.starts_with(';') {
                        return (out, rest);
                    }
                    break;
                }
                '\\' => out.extend(chars.next().map(|(_, next)| next)),
                c => out.push(c),
            }
        }
    }
    let end = text.find(';').unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// WHATWG's way to write names, which curl follows since 7.81.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn type_of(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => return None,
    })
}
