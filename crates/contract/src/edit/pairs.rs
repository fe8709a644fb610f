//! Changes of `a=1&b=2`: queries and forms.

use crate::body::{Field, fields};
use crate::percent::encode;
use firstfault_model::contract::Edit;
use serde_json::Value;

fn write(pairs: &[String]) -> String {
    pairs.join("&")
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encode(name), encode(value))
}

/// Every field as it is written.
fn written(text: &str) -> Vec<(Field, String)> {
    fields(text).into_iter().map(|f| (text[f.span.0..f.span.1].to_owned(), f)).map(|(t, f)| (f, t)).collect()
}

/// Gives a field another name; `None` when it is not there.
pub(super) fn rename(text: &str, from: &str, to: &str) -> Option<String> {
    let all = written(text);
    all.iter().any(|(f, _)| f.name == from).then(|| {
        let one = |(field, raw): &(Field, String)| match raw.split_once('=') {
            Some((_, value)) if field.name == from => format!("{}={value}", encode(to)),
            None if field.name == from => encode(to),
            _ => raw.clone(),
        };
        write(&all.iter().map(one).collect::<Vec<_>>())
    })
}

/// Sets a field to values, in its place or at the end.
pub(super) fn set(text: &str, name: &str, values: &[String]) -> Option<String> {
    let all = written(text);
    let new: Vec<String> = values.iter().map(|v| pair(name, v)).collect();
    let first = all.iter().position(|(f, _)| f.name == name).unwrap_or(all.len());
    let before = all[..first].iter();
    let after = all[first..].iter().filter(|(f, _)| f.name != name);
    let raw = |(_, raw): &(Field, String)| raw.clone();
    let pairs: Vec<String> = before.map(raw).chain(new).chain(after.map(raw)).collect();
    Some(write(&pairs))
}

/// Leaves a field out; `None` when it is not there.
pub(super) fn remove(text: &str, name: &str) -> Option<String> {
    let all = written(text);
    let kept: Vec<String> = all.iter().filter(|(f, _)| f.name != name).map(|(_, raw)| raw.clone()).collect();
    (kept.len() < all.len()).then(|| write(&kept))
}

/// Applies an edit of a JSON value to the form that it was read from; `None` when the form has no such field.
pub(super) fn field(text: &str, edit: &Edit) -> Option<String> {
    match edit {
        Edit::RenameField(at, to) => {
            let from = name(text, at)?;
            let to = match from.rsplit_once('[') {
                Some((base, _)) => format!("{base}[{to}]"),
                None => to.clone(),
            };
            rename(text, &from, &to)
        }
        Edit::SetField(at, value) => {
            let name = name(text, at).or_else(|| Some(bracketed(at)))?;
            let values: Vec<String> = match serde_json::from_str(value).ok()? {
                Value::Array(items) => items.iter().map(plain).collect::<Option<_>>()?,
                value => vec![plain(&value)?],
            };
            set(text, &name, &values)
        }
        Edit::RemoveField(at) => remove(text, &name(text, at)?),
        _ => None,
    }
}

/// The name under which a form has the field at a pointer.
fn name(text: &str, at: &str) -> Option<String> {
    let wanted = bracketed(at);
    let plain = at.trim_start_matches('/').replace("~1", "/").replace("~0", "~");
    let names: Vec<String> = fields(text).into_iter().map(|f| f.name).collect();
    names.iter().find(|n| **n == wanted || **n == plain || **n == format!("{wanted}[]")).cloned()
}

/// `/card/number` → `card[number]`.
fn bracketed(at: &str) -> String {
    let mut steps = at.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~"));
    let base = steps.next().unwrap_or_default();
    steps.fold(base, |name, step| format!("{name}[{step}]"))
}

/// A single value as a form has it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
