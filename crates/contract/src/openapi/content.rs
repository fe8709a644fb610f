//! Bodies of OpenAPI 3 by media type, and the statuses of responses.

use super::parameters::{headers, style};
use super::reader::Reader;
use super::servers::media_type;
use crate::description::{Media, RequestBody, Response, SchemaRef, StatusRange};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an operation takes.
pub(super) fn body(reader: &mut Reader<'_>, at: SchemaRef) -> Option<RequestBody> {
    reader.value(&at)?;
    let at = reader.follow(at)?;
    Some(RequestBody { required: reader.flag(&at, "required"), content: read(reader, &at.child("content")), at })
}

/// The media types below a place.
pub(super) fn read(reader: &mut Reader<'_>, all: &SchemaRef) -> Vec<Media> {
    let mut out = Vec::new();
    for written in reader.names(all) {
        let place = all.child(&written);
        let range = media_type(&written);
        if written.starts_with("x-") && !written.contains('/') {
            continue;
        }
        if !range.contains('/') {
            reader.mistake(&place, format!("expected a media type as application/json, got {written}"));
        }
        let Some(at) = reader.follow(place) else { continue };
        let fields = at.child("encoding");
        let mut encoding = BTreeMap::new();
        for name in reader.names(&fields) {
            let field = fields.child(&name);
            let style = style(reader, &field);
            let explode = reader.value(&field).and_then(|v| v.get("explode")).and_then(Value::as_bool);
            encoding.insert(name, (style, explode, reader.string(&field, "contentType")));
        }
        let schema = reader.has(&at, "schema").then(|| at.child("schema"));
        let item_schema = reader.has(&at, "itemSchema").then(|| at.child("itemSchema"));
        out.push(Media { range, schema, item_schema, encoding, at });
    }
    out
}

/// The responses of an operation with what makes the rest of one that stands at a place.
pub(super) fn responses(
    reader: &mut Reader<'_>,
    all: &SchemaRef,
    mut one: impl FnMut(&mut Reader<'_>, StatusRange, SchemaRef) -> Response,
) -> Vec<Response> {
    let mut out = Vec::new();
    for name in reader.names(all) {
        if name.starts_with("x-") {
            continue;
        }
        let Some(status) = status(&name) else {
            reader.mistake(&all.child(&name), format!("expected a status as 404, 4XX or default, got {name}"));
            continue;
        };
        if let Some(at) = reader.follow(all.child(&name)) {
            out.push(one(reader, status, at));
        }
    }
    out
}

/// A response of OpenAPI 3.
pub(super) fn response(reader: &mut Reader<'_>, status: StatusRange, at: SchemaRef) -> Response {
    let headers = headers(reader, &at.child("headers"));
    Response { status, headers, content: read(reader, &at.child("content")), at }
}

/// `404`, `4XX` or `default`.
fn status(name: &str) -> Option<StatusRange> {
    if name.eq_ignore_ascii_case("default") {
        return Some(StatusRange::Default);
    }
    if let [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] = name.as_bytes() {
        return Some(StatusRange::Class(u16::from(class - b'0')));
    }
    name.parse().ok().filter(|code| (100..1000).contains(code)).map(StatusRange::Code)
}
