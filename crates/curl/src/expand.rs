//! `--variable` and `--expand-…` (curl 8.3): names with values, and `{{name:function}}` in what is expanded.
//!
//! Environment variables are not known here: what uses them stays as written.

use crate::Files;
use crate::encode;

/// Variables by name; `None` for one whose value is not known.
#[derive(Debug, Default)]
pub(crate) struct Variables(Vec<(String, Option<Vec<u8>>)>);

impl Variables {
    /// `name=value`, `name@file`, `%NAME`, `%NAME=default`, with `[start-end]` behind the name.
    pub(crate) fn set(&mut self, text: &str, files: &dyn Files) {
        let (environment, text) = match text.strip_prefix('%') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let stop = text.find(['=', '@', '[']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(stop);
        let mut range = None;
        if let Some(inner) = rest.strip_prefix('[')
            && let Some((bounds, after)) = inner.split_once(']')
        {
            let (from, to) = bounds.split_once('-').unwrap_or((bounds, ""));
            range = Some((from.parse::<usize>().unwrap_or(0), to.parse::<usize>().ok()));
            rest = after;
        }
        let mut value = match rest.chars().next() {
            Some('=') if !environment => Some(rest.as_bytes()[1..].to_vec()),
            Some('@') if !environment => files.read(&rest[1..]),
            _ => None,
        };
        if let (Some(bytes), Some((from, to))) = (value.as_mut(), range) {
            let to = to.map_or(bytes.len(), |to| to.saturating_add(1)).min(bytes.len());
            *bytes = bytes.get(from..to).unwrap_or_default().to_vec();
        }
        self.0.push((name.to_owned(), value));
    }

    /// `text` with its variables; those that are not known are named in `unknown` and stay.
    pub(crate) fn expand(&self, text: &str, unknown: &mut Vec<String>) -> String {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let before = &rest[..open];
            let after = &rest[open + 2..];
            if let Some(before) = before.strip_suffix('\\') {
                out.extend_from_slice(before.as_bytes());
                out.extend_from_slice(b"{{");
                rest = after;
                continue;
            }
            out.extend_from_slice(before.as_bytes());
            let Some(close) = after.find("}}") else {
                rest = &rest[open..];
                break;
            };
            let written = &rest[open..open + 2 + close + 2];
            let mut parts = after[..close].split(':');
            let name = parts.next().unwrap_or_default().trim();
            match self.0.iter().rev().find(|(n, _)| n == name) {
                Some((_, Some(value))) => match parts.try_fold(value.clone(), |value, function| apply(function, value))
                {
                    Some(value) => out.extend(value),
                    None => {
                        unknown.push(name.to_owned());
                        out.extend_from_slice(written.as_bytes());
                    }
                },
                _ => {
                    unknown.push(name.to_owned());
                    out.extend_from_slice(written.as_bytes());
                }
            }
            rest = &after[close + 2..];
        }
        out.extend_from_slice(rest.as_bytes());
        String::from_utf8_lossy(&out).into_owned()
    }
}

fn apply(function: &str, value: Vec<u8>) -> Option<Vec<u8>> {
    Some(match function {
        "trim" => value.trim_ascii().to_vec(),
        "url" => encode::escape(&value).into_bytes(),
        "b64" => encode::base64(&value).into_bytes(),
        "64dec" => base64::Engine::decode(&base64::engine::general_purpose::STANDARD, value).ok()?,
        "json" => {
            let text = String::from_utf8_lossy(&value);
            let mut out = String::new();
            for c in text.chars() {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                    c => out.push(c),
                }
            }
            out.into_bytes()
        }
        _ => return None,
    })
}
