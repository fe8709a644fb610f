//! Multipart bodies (RFC 7578, RFC 2046) → an object by its schema: files as texts, JSON parts as values.

use super::media_type::{Class, MediaType};
use super::{Malformed, form};
use crate::description::{Contract, Media};
use serde_json::{Map, Value};

/// How many parts are read.
const PART_LIMIT: usize = 1000;

/// One part.
struct Part<'t> {
    name: Option<String>,
    file: bool,
    media: Option<MediaType>,
    body: &'t str,
}

/// A multipart body as an object of its named parts, or as a list when none has a name.
pub(super) fn read(contract: &Contract, media: &Media, given: &MediaType, text: &str) -> Result<Value, Malformed> {
    let malformed = |message: &str, fix: &str| Malformed {
        expected: "parts between boundaries".to_owned(),
        message: message.to_owned(),
        fix: fix.to_owned(),
        meant: None,
    };
    let boundary = match given.parameter("boundary") {
        Some(boundary) => boundary.to_owned(),
        // Without the parameter the body itself shows it, to us but to no server.
        None => {
            return Err(malformed(
                "the content type names no boundary, so that the parts cannot be told apart",
                "let the client set the content type, with the boundary that it uses",
            ));
        }
    };
    let delimiter = format!("--{boundary}");
    let mut pieces = text.split(delimiter.as_str());
    pieces.next();
    let mut parts = Vec::new();
    let mut ended = false;
    for piece in pieces.take(PART_LIMIT) {
        if piece.starts_with("--") {
            ended = true;
            break;
        }
        parts.push(part(piece));
    }
    if parts.is_empty() {
        return Err(malformed(
            "the body has no part that begins with the boundary of the content type",
            "use the boundary of the content type between the parts",
        ));
    }
    if !ended {
        return Err(malformed("the body has no closing boundary", "end the body with the boundary and two hyphens"));
    }
    Ok(object(contract, media, parts))
}

fn part(piece: &str) -> Part<'_> {
    let piece = piece.trim_start_matches(['\r', '\n']);
    let (head, body) = match (piece.find("\r\n\r\n"), piece.find("\n\n")) {
        (Some(at), _) => (&piece[..at], &piece[at + 4..]),
        (None, Some(at)) => (&piece[..at], &piece[at + 2..]),
        (None, None) => (piece, ""),
    };
    let field = |name: &str| {
        let line = head.lines().find(|l| l.split(':').next().is_some_and(|n| n.trim().eq_ignore_ascii_case(name)))?;
        line.split_once(':').map(|(_, value)| value.trim())
    };
    let disposition = field("content-disposition").unwrap_or_default();
    let parameter = |name: &str| {
        disposition.split(';').skip(1).find_map(|p| {
            let (n, value) = p.trim().split_once('=')?;
            n.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Part {
        name: parameter("name"),
        file: parameter("filename").is_some() || parameter("filename*").is_some(),
        media: field("content-type").and_then(MediaType::parse),
        body: body.strip_suffix("\r\n").or_else(|| body.strip_suffix('\n')).unwrap_or(body),
    }
}

fn object(contract: &Contract, media: &Media, parts: Vec<Part<'_>>) -> Value {
    let shape = media.schema.as_ref().map(|at| contract.schemas.shape(at)).unwrap_or_default();
    let mut out: Map<String, Value> = Map::new();
    let mut unnamed = Vec::new();
    for part in parts {
        let Some(name) = &part.name else {
            unnamed.push(Value::String(part.body.to_owned()));
            continue;
        };
        let name = name.strip_suffix("[]").filter(|n| shape.properties.contains_key(*n)).unwrap_or(name).to_owned();
        let property = shape.properties.get(&name).and_then(|p| p.at.first()).or(shape.additional.as_ref());
        let listed = property.map(|at| contract.schemas.shape(at)).filter(|s| s.types.contains("array"));
        let at = match &listed {
            Some(list) => list.items.first().cloned(),
            None => property.cloned(),
        };
        let described =
            media.encoding.get(&name).and_then(|(_, _, c)| MediaType::parse(c.as_deref()?.split(',').next()?));
        let class = part.media.as_ref().or(described.as_ref()).map(MediaType::class);
        let value = match (class, at) {
            (Some(Class::Json), _) => {
                serde_json::from_str(part.body).unwrap_or_else(|_| Value::String(part.body.to_owned()))
            }
            (_, Some(at)) if !part.file => form::typed(contract, &at, part.body),
            _ => Value::String(part.body.to_owned()),
        };
        match (out.get_mut(&name), listed.is_some()) {
            (Some(Value::Array(items)), _) => items.push(value),
            (Some(before), _) => *before = Value::Array(vec![before.take(), value]),
            (None, true) if !value.is_array() => {
                out.insert(name, Value::Array(vec![value]));
            }
            (None, _) => {
                out.insert(name, value);
            }
        }
    }
    if out.is_empty() && !unnamed.is_empty() { Value::Array(unnamed) } else { Value::Object(out) }
}
