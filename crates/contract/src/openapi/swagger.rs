//! Parameters, bodies and responses of Swagger 2.0. A parameter is nearly a schema itself, so that its schema stands where
//! it stands; only the fields of a form have to be put together.

use super::parameters::place;
use super::reader::Reader;
use super::servers::media_types as listed;
use crate::description::{Header, In, Media, Parameter, RequestBody, Response, SchemaRef, StatusRange, Style};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where the schema of a form is kept, in the operation.
const FORM: &str = "x-firstfault-form";

/// Media types of an operation or of the whole document; any when neither says.
pub(super) fn media_types(reader: &Reader<'_>, operation: &SchemaRef, name: &str) -> Vec<String> {
    let root = SchemaRef::default();
    listed(reader, operation, name).or_else(|| listed(reader, &root, name)).unwrap_or_else(|| vec!["*/*".to_owned()])
}

/// The parameters of a list that are no part of the body.
pub(super) fn parameters(reader: &mut Reader<'_>, list: &SchemaRef) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = Vec::new();
    for (at, name, word) in named(reader, list) {
        if matches!(word.as_str(), "body" | "formData") {
            continue;
        }
        let Some(place) = place(&word).filter(|p| matches!(p, In::Path | In::Query | In::Header)) else {
            let message = format!("expected a parameter in path, query, header, formData or body, got {word}");
            reader.mistake(&at.child("in"), message);
            continue;
        };
        let (style, explode) = style(reader, &at, place);
        if out.iter().any(|known| known.name == name && known.place == place) {
            reader.mistake(&at, format!("expected each parameter once, got {name} twice"));
            continue;
        }
        out.push(Parameter {
            name,
            place,
            required: reader.flag(&at, "required") || place == In::Path,
            style,
            explode,
            schema: Some(at.clone()),
            at,
            ..Parameter::default()
        });
    }
    out
}

/// The items of a list of parameters with their names and where they stand.
fn named(reader: &mut Reader<'_>, list: &SchemaRef) -> Vec<(SchemaRef, String, String)> {
    let mut out = Vec::new();
    for i in 0..reader.count(list) {
        let Some(at) = reader.follow(list.child(&i.to_string())) else { continue };
        match (reader.string(&at, "name"), reader.string(&at, "in")) {
            (Some(name), Some(word)) => out.push((at, name, word)),
            _ => reader.mistake(&at, "expected a parameter with a name and in, found neither or one".to_owned()),
        }
    }
    out
}

/// How a list is written, by `collectionFormat`.
fn style(reader: &mut Reader<'_>, at: &SchemaRef, place: In) -> (Style, bool) {
    let usual = if matches!(place, In::Path | In::Header) { Style::Simple } else { Style::Form };
    match reader.string(at, "collectionFormat").as_deref() {
        None | Some("csv") => (usual, false),
        Some("ssv") => (Style::SpaceDelimited, false),
        Some("tsv") => (Style::TabDelimited, false),
        Some("pipes") => (Style::PipeDelimited, false),
        Some("multi") => (Style::Form, true),
        Some(other) => {
            let message = format!("expected csv, ssv, tsv, pipes or multi, got {other}");
            reader.mistake(&at.child("collectionFormat"), message);
            (usual, false)
        }
    }
}

/// What an operation takes as a body: its body parameter, or the fields of its form, of the path's, too.
pub(super) fn body(reader: &mut Reader<'_>, operation: &SchemaRef) -> Option<RequestBody> {
    let mut fields: Vec<(SchemaRef, String)> = Vec::new();
    let own = named(reader, &operation.child("parameters"));
    let path = operation.pointer.rsplit_once('/').map_or("", |(path, _)| path).to_owned();
    let path = SchemaRef { document: operation.document, pointer: path };
    let shared = named(reader, &path.child("parameters"));
    for (at, name, word) in own.into_iter().chain(shared) {
        if word == "body" {
            let schema = reader.has(&at, "schema").then(|| at.child("schema"));
            let media = |range| Media { range, schema: schema.clone(), at: at.clone(), ..Media::default() };
            let content = media_types(reader, operation, "consumes").into_iter().map(media).collect();
            return Some(RequestBody { required: reader.flag(&at, "required"), content, at });
        }
        if word == "formData" && !fields.iter().any(|(_, known)| *known == name) {
            fields.push((at, name));
        }
    }
    if fields.is_empty() { None } else { Some(form(reader, operation, &fields)) }
}

/// A form, whose schema is put together from its fields by reference.
fn form(reader: &mut Reader<'_>, operation: &SchemaRef, fields: &[(SchemaRef, String)]) -> RequestBody {
    let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), BTreeMap::new());
    let mut file = false;
    for (at, name) in fields {
        file |= reader.string(at, "type").as_deref() == Some("file");
        if reader.flag(at, "required") {
            required.push(Value::String(name.clone()));
        }
        if reader.has(at, "collectionFormat") {
            let (style, explode) = style(reader, at, In::Query);
            encoding.insert(name.clone(), (Some(style), Some(explode), None));
        }
        properties.insert(name.clone(), json!({ "$ref": reader.uri(at) }));
    }
    let is_required = !required.is_empty();
    let mut schema = json!({ "type": "object", "properties": properties });
    if is_required {
        schema["required"] = Value::Array(required);
    }
    if let Some(Value::Object(operation)) = reader.value_mut(operation) {
        operation.insert(FORM.to_owned(), schema);
    }
    let mut ranges = media_types(reader, operation, "consumes");
    ranges.retain(|range| matches!(range.as_str(), "multipart/form-data" | "application/x-www-form-urlencoded"));
    if file {
        ranges.retain(|range| range == "multipart/form-data");
    }
    if ranges.is_empty() {
        ranges.push("multipart/form-data".to_owned());
        if !file {
            ranges.push("application/x-www-form-urlencoded".to_owned());
        }
    }
    let schema = operation.child(FORM);
    let at = fields.first().map_or_else(|| operation.clone(), |(at, _)| at.clone());
    let media = |range| Media {
        range,
        schema: Some(schema.clone()),
        encoding: encoding.clone(),
        at: at.clone(),
        ..Media::default()
    };
    RequestBody { required: is_required, content: ranges.into_iter().map(media).collect(), at: at.clone() }
}

/// A response, whose schema holds for every media type that the operation produces.
pub(super) fn response(reader: &mut Reader<'_>, status: StatusRange, at: SchemaRef, produces: &[String]) -> Response {
    let fields = at.child("headers");
    let mut headers = Vec::new();
    for name in reader.names(&fields) {
        let at = fields.child(&name);
        headers.push(Header { name, schema: Some(at.clone()), at, ..Header::default() });
    }
    let schema = reader.has(&at, "schema").then(|| at.child("schema"));
    let media =
        |range: &String| Media { range: range.clone(), schema: schema.clone(), at: at.clone(), ..Media::default() };
    let content = if schema.is_some() { produces.iter().map(media).collect() } else { Vec::new() };
    Response { status, headers, content, at }
}
