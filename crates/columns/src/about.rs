//! What a saved table says about itself beside its rows: the samples of its shapes and what it was made from.

use crate::schema::SCHEMA;
use firstfault_calls::{Calls, Input, Kind, Shape};
use serde_json::{Value, json};

/// The key among the file's own pairs.
pub(crate) const KEY: &str = "firstfault.calls";

#[derive(Debug, Default)]
pub(crate) struct About {
    pub(crate) shapes: Vec<Shape>,
    pub(crate) inputs: Vec<Input>,
    /// Column and name of each dimension that is no canonical attribute.
    pub(crate) further: Vec<(String, String)>,
}

impl About {
    /// As text, every word of evidence redacted.
    pub(crate) fn text(calls: &Calls, further: &[(String, String)], safe: &mut dyn FnMut(&str) -> String) -> String {
        let shapes: Vec<Value> = calls.shapes.iter().map(|s| shape(s, safe)).collect();
        let inputs: Vec<Value> = calls.inputs.iter().map(|i| input(i, safe)).collect();
        json!({ "schema": SCHEMA, "shapes": shapes, "inputs": inputs, "further": further }).to_string()
    }

    /// `None` where it is not what [`About::text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        (value["schema"] == SCHEMA).then_some(())?;
        let shapes: Option<Vec<Shape>> = value["shapes"].as_array()?.iter().map(shape_back).collect();
        let inputs: Option<Vec<Input>> = value["inputs"].as_array()?.iter().map(input_back).collect();
        let pair = |v: &Value| Some((v[0].as_str()?.to_owned(), v[1].as_str()?.to_owned()));
        let further: Option<Vec<_>> = value["further"].as_array()?.iter().map(pair).collect();
        Some(Self { shapes: shapes?, inputs: inputs?, further: further? })
    }
}

fn shape(shape: &Shape, safe: &mut dyn FnMut(&str) -> String) -> Value {
    json!({
        "kind": kind(shape.kind),
        "service": safe(&shape.service),
        "status": shape.status,
        "error_code": safe(&shape.error_code),
        "upstream_status": shape.upstream_status,
        "mark": safe(&shape.mark),
        "message": safe(&shape.message),
        "suspect": shape.suspect,
        "counted": shape.counted,
        "input": shape.input,
        "line": shape.line,
        "sample": safe(&shape.sample),
    })
}

fn shape_back(value: &Value) -> Option<Shape> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let number = |name: &str| value[name].as_u64();
    Some(Shape {
        kind: if value["kind"] == kind(Kind::Event) { Kind::Event } else { Kind::Call },
        service: text("service")?,
        status: u16::try_from(number("status")?).ok()?,
        error_code: text("error_code")?,
        upstream_status: u16::try_from(number("upstream_status")?).ok()?,
        mark: text("mark")?,
        message: text("message")?,
        suspect: value["suspect"].as_bool()?,
        counted: value["counted"].as_bool()?,
        input: u32::try_from(number("input")?).ok()?,
        line: number("line")?,
        sample: text("sample")?,
    })
}

fn input(input: &Input, safe: &mut dyn FnMut(&str) -> String) -> Value {
    let examples: Vec<Value> = input.examples.iter().map(|(line, text)| json!([line, safe(text)])).collect();
    let problems: Vec<String> = input.problems.iter().map(|p| safe(p)).collect();
    json!({
        "name": safe(&input.name),
        "form": input.form,
        "lines": input.lines,
        "read": input.read,
        "aside": input.aside,
        "unreadable": input.unreadable,
        "examples": examples,
        "problems": problems,
    })
}

fn input_back(value: &Value) -> Option<Input> {
    let number = |name: &str| value[name].as_u64();
    let example = |v: &Value| Some((v[0].as_u64()?, v[1].as_str()?.to_owned()));
    let examples: Option<Vec<_>> = value["examples"].as_array()?.iter().map(example).collect();
    let problems: Option<Vec<_>> =
        value["problems"].as_array()?.iter().map(|p| p.as_str().map(str::to_owned)).collect();
    Some(Input {
        name: value["name"].as_str()?.to_owned(),
        form: value["form"].as_str()?.to_owned(),
        lines: number("lines")?,
        read: number("read")?,
        aside: number("aside")?,
        unreadable: number("unreadable")?,
        examples: examples?,
        problems: problems?,
    })
}

pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Call => "call",
        Kind::Event => "event",
    }
}
