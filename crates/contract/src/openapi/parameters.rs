//! Parameters and headers of OpenAPI 3, and how they are written.

use super::content;
use super::reader::Reader;
use super::servers::braced;
use crate::description::{Header, In, Parameter, SchemaRef, Style};
use serde_json::Value;

/// Header fields that are described elsewhere and no parameters (OpenAPI 3.0, 4.7.12.2).
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// The word for where a parameter stands.
pub(super) fn place(word: &str) -> Option<In> {
    Some(match word {
        "path" => In::Path,
        "query" => In::Query,
        "querystring" => In::QueryString,
        "header" => In::Header,
        "cookie" => In::Cookie,
        _ => return None,
    })
}

/// The style below a place; an unknown one is a mistake.
pub(super) fn style(reader: &mut Reader<'_>, at: &SchemaRef) -> Option<Style> {
    let word = reader.string(at, "style")?;
    Some(match word.as_str() {
        "form" => Style::Form,
        "simple" => Style::Simple,
        "label" => Style::Label,
        "matrix" => Style::Matrix,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        other => {
            reader.mistake(&at.child("style"), format!("expected a style as form or simple, got {other}"));
            return None;
        }
    })
}

/// The parameters of a list.
pub(super) fn read(reader: &mut Reader<'_>, list: &SchemaRef) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = Vec::new();
    for i in 0..reader.count(list) {
        let Some(at) = reader.follow(list.child(&i.to_string())) else { continue };
        let Some(parameter) = parameter(reader, at) else { continue };
        if out.iter().any(|known| same(known, &parameter)) {
            let message = format!("expected each parameter once, got {} twice", parameter.name);
            reader.mistake(&parameter.at, message);
        } else if parameter.place != In::Header
            || !NO_PARAMETERS.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
        {
            out.push(parameter);
        }
    }
    out
}

fn parameter(reader: &mut Reader<'_>, at: SchemaRef) -> Option<Parameter> {
    let (name, word) = (reader.string(&at, "name"), reader.string(&at, "in"));
    let (Some(name), Some(place)) = (name, word.as_deref().and_then(place)) else {
        reader.mistake(&at, "expected a parameter with a name and in: path, query, header or cookie".to_owned());
        return None;
    };
    let usual = if matches!(place, In::Path | In::Header) { Style::Simple } else { Style::Form };
    let style = style(reader, &at).unwrap_or(usual);
    let explode = reader.value(&at).and_then(|v| v.get("explode")).and_then(Value::as_bool);
    let content = content::read(reader, &at.child("content")).into_iter().next();
    let schema = reader.has(&at, "schema").then(|| at.child("schema"));
    if schema.is_none() && content.is_none() {
        reader.mistake(&at, format!("expected a schema or content of the parameter {name}, found none"));
    }
    Some(Parameter {
        name,
        place,
        required: reader.flag(&at, "required") || place == In::Path,
        deprecated: reader.flag(&at, "deprecated"),
        style,
        explode: explode.unwrap_or(matches!(style, Style::Form | Style::Cookie)),
        schema,
        content,
        at,
    })
}

/// Whether two parameters are one: the same name at the same place.
fn same(a: &Parameter, b: &Parameter) -> bool {
    a.place == b.place && if a.place == In::Header { a.name.eq_ignore_ascii_case(&b.name) } else { a.name == b.name }
}

/// The parameters of a path and those of its operation, which take precedence.
pub(super) fn together(shared: &[Parameter], own: Vec<Parameter>) -> Vec<Parameter> {
    let mut all: Vec<Parameter> = shared.iter().filter(|p| !own.iter().any(|o| same(o, p))).cloned().collect();
    all.extend(own);
    all
}

/// Makes parameters and the template of the path agree: what is only in one of them is a mistake.
pub(super) fn agree(reader: &mut Reader<'_>, path: &str, at: &SchemaRef, parameters: &mut Vec<Parameter>) {
    parameters.retain(|parameter| {
        let fits = parameter.place != In::Path || braced(path).any(|name| name == parameter.name);
        if !fits {
            reader.mistake(
                &parameter.at,
                format!("expected {{{}}} in the path {path}, found it nowhere", parameter.name),
            );
        }
        fits
    });
    for name in braced(path) {
        if parameters.iter().any(|p| p.place == In::Path && p.name == name) {
            continue;
        }
        reader.mistake(at, format!("expected a parameter for {{{name}}} of the path {path}, found none"));
        parameters.push(Parameter {
            name: name.to_owned(),
            place: In::Path,
            required: true,
            style: Style::Simple,
            at: at.clone(),
            ..Parameter::default()
        });
    }
}

/// The response headers below a place.
pub(super) fn headers(reader: &mut Reader<'_>, fields: &SchemaRef) -> Vec<Header> {
    let mut out = Vec::new();
    for name in reader.names(fields) {
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let Some(at) = reader.follow(fields.child(&name)) else { continue };
        out.push(Header {
            name,
            required: reader.flag(&at, "required"),
            explode: reader.flag(&at, "explode"),
            schema: reader.has(&at, "schema").then(|| at.child("schema")),
            at,
        });
    }
    out
}
