//! A request taken apart and put together again from some of its parts.

use crate::Asked;
use serde_json::{Map, Value};

/// A part of a request that can be left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field of the head, by its name.
    Header(String),
    /// A parameter of the query, by its name.
    Parameter(String),
    /// A leaf of the JSON body, by its JSON Pointer (RFC 6901) in the whole request: a scalar, or an empty container.
    Field(String),
    /// So much of something and no less: characters of a string, items of a list (whatever they hold).
    AtLeast(Box<Part>, usize),
}

/// All parts, in the order of the request.
#[must_use]
pub fn parts(request: &Asked) -> Vec<Part> {
    let headers = request.headers.iter().map(|(name, _)| Part::Header(name.clone()));
    let parameters = pairs(request).map(|(name, _)| Part::Parameter(name.to_owned()));
    let mut all: Vec<_> = headers.chain(parameters).collect();
    if let Some(body) = request.json() {
        leaves(&body, String::new(), &mut all);
    }
    all
}

fn pairs(request: &Asked) -> impl Iterator<Item = (&str, &str)> {
    request.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn leaves(value: &Value, pointer: String, into: &mut Vec<Part>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| leaves(value, format!("{pointer}/{name}"), into));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, value)| leaves(value, format!("{pointer}/{n}"), into));
        }
        _ => into.push(Part::Field(pointer)),
    }
}

/// The same request with nothing but these parts. Lists close up; containers without a part go, and so does a body
/// without one.
#[must_use]
pub fn keep(request: &Asked, wanted: &[Part]) -> Asked {
    let size = |part: Part| {
        wanted.iter().find_map(|one| match one {
            Part::AtLeast(of, size) if **of == part => Some(*size),
            one if *one == part => Some(usize::MAX),
            _ => None,
        })
    };
    let cut = |text: &str, size: usize| text.chars().take(size).collect::<String>();
    let headers = request
        .headers
        .iter()
        .filter_map(|(name, value)| size(Part::Header(name.clone())).map(|size| (name.clone(), cut(value, size))));
    let query: Vec<_> = pairs(request)
        .filter_map(|(name, value)| {
            size(Part::Parameter(name.to_owned())).map(|size| format!("{name}={}", cut(value, size)))
        })
        .collect();
    let field = |pointer: &str| size(Part::Field(pointer.to_owned()));
    let body = request.json().and_then(|body| reduced(&body, "", &field));
    Asked {
        headers: headers.collect(),
        query: query.join("&"),
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        ..request.clone()
    }
}

fn reduced(value: &Value, pointer: &str, size: &dyn Fn(&str) -> Option<usize>) -> Option<Value> {
    match (value, size(pointer)) {
        (Value::String(text), Some(size)) => Some(text.chars().take(size).collect::<String>().into()),
        (Value::Array(items), Some(size)) => Some(items.iter().take(size).cloned().collect()),
        (_, Some(_)) => Some(value.clone()),
        (Value::Object(fields), None) => {
            let kept = fields.iter().filter_map(|(name, value)| {
                reduced(value, &format!("{pointer}/{name}"), size).map(|value| (name.clone(), value))
            });
            let kept: Map<_, _> = kept.collect();
            (!kept.is_empty()).then(|| kept.into())
        }
        (Value::Array(items), None) => {
            let kept = items.iter().enumerate().filter_map(|(n, v)| reduced(v, &format!("{pointer}/{n}"), size));
            let kept: Vec<_> = kept.collect();
            (!kept.is_empty()).then(|| kept.into())
        }
        (_, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_closes_up() {
        let request = Asked {
            query: "a=1&b=22".to_owned(),
            headers: vec![("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())],
            body: br#"{"list":[{"x":1,"y":[]},{"x":2},"three"],"deep":{"er":null}}"#.to_vec(),
            ..Asked::default()
        };
        let field = |pointer: &str| Part::Field(pointer.to_owned());
        assert_eq!(parts(&request).len(), 9);
        assert_eq!(keep(&request, &parts(&request)).json(), request.json());
        let some = [
            Part::Header("B".to_owned()),
            Part::AtLeast(Part::Parameter("b".to_owned()).into(), 1),
            field("/list/1/x"),
        ];
        let kept = keep(&request, &some);
        assert_eq!((kept.query.as_str(), kept.headers.len()), ("b=2", 1));
        assert_eq!(kept.body, br#"{"list":[{"x":2}]}"#);
        assert_eq!(keep(&request, &[Part::AtLeast(field("/list").into(), 1)]).body, br#"{"list":[{"x":1,"y":[]}]}"#);
        assert!(keep(&request, &[]).body.is_empty());
    }
}
