//! What happens with another body, or with the same one under another name. Only where side effects are allowed: whoever
//! sends decides that.

use super::{Experiment, Trial, usual};
use crate::Base;
use firstfault_model::Span;
use firstfault_probe::Target;
use serde_json::Value;

/// The body declared as what it is.
pub(super) const CONTENT_TYPE: Experiment =
    Experiment { run: "content-type", trials: content_type, until_works: true, read: usual };

/// The same body with short texts and lists of one.
pub(super) const SMALLER_BODY: Experiment =
    Experiment { run: "smaller-body", trials: smaller, until_works: true, read: usual };

/// How long a text of a small body may be, in characters.
const SHORT: usize = 40;
/// How deep a body is made smaller.
const DEPTH: usize = 32;

fn json(target: &Target) -> Option<Value> {
    serde_json::from_slice(target.body.as_deref()?).ok().filter(|value: &Value| value.is_object() || value.is_array())
}

/// True for a body of pairs as forms send them.
fn is_form(target: &Target) -> bool {
    let text = target.body.as_deref().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    !text.is_empty()
        && !text.contains(char::is_whitespace)
        && text.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty()))
}

fn content_type(base: &Base) -> Vec<Trial> {
    let target = &base.target;
    let sent = target.headers.first("content-type").unwrap_or_default().to_ascii_lowercase();
    let fits = if json(target).is_some() {
        "application/json"
    } else if is_form(target) {
        "application/x-www-form-urlencoded"
    } else {
        return Vec::new();
    };
    // `application/problem+json` is JSON too.
    if sent.starts_with(fits) || (fits == "application/json" && sent.contains("+json")) {
        return Vec::new();
    }
    let mut target = target.clone();
    target.headers.0.retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
    target.headers.push("Content-Type", fits, Span::default());
    vec![Trial::new(format!("Content-Type: {fits}"), target, "")]
}

fn smaller(base: &Base) -> Vec<Trial> {
    let Some(mut value) = json(&base.target) else { return Vec::new() };
    shrink(&mut value, 0);
    let body = value.to_string().into_bytes();
    if base.target.body.as_ref().is_none_or(|sent| body.len() + body.len() / 4 >= sent.len()) {
        return Vec::new();
    }
    let words = format!("a body of {} bytes: short texts, lists of one", body.len());
    let mut target = base.target.clone();
    target.body = Some(body);
    vec![Trial::new(words, target, "")]
}

fn shrink(value: &mut Value, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(SHORT) {
                text.truncate(end);
            }
        }
        Value::Array(items) => {
            items.truncate(1);
            items.iter_mut().for_each(|item| shrink(item, depth + 1));
        }
        Value::Object(members) => members.values_mut().for_each(|member| shrink(member, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Call, Url};

    fn base(kind: &str, body: &str) -> Base {
        let mut target = Target {
            method: "POST".to_owned(),
            url: Url::parse("http://h/x"),
            body: Some(body.as_bytes().to_vec()),
            ..Target::default()
        };
        target.headers.push("Content-Type", kind, Span::default());
        Base::new(target, Call::default())
    }

    #[test]
    fn a_body_is_declared_as_what_it_is() {
        let trials = content_type(&base("application/x-www-form-urlencoded", "{\"a\":1}"));
        assert_eq!(trials[0].target.headers.first("content-type"), Some("application/json"));
        let trials = content_type(&base("application/json", "a=1&b=2"));
        assert_eq!(trials[0].target.headers.first("content-type"), Some("application/x-www-form-urlencoded"));
        assert!(content_type(&base("application/problem+json; charset=utf-8", "{}")).is_empty());
        assert!(content_type(&base("text/plain", "words that are neither")).is_empty());
    }

    #[test]
    fn a_large_body_is_made_small_and_a_small_one_left() {
        let long = format!("{{\"a\":\"{}\",\"list\":[1,2,3],\"b\":{{\"c\":[\"x\",\"y\"]}}}}", "é".repeat(500));
        let trials = smaller(&base("application/json", &long));
        let body = String::from_utf8(trials[0].target.body.clone().unwrap()).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            serde_json::json!({"a": "é".repeat(40), "list": [1], "b": {"c": ["x"]}})
        );
        assert!(smaller(&base("application/json", "{\"a\":[1,2]}")).is_empty());
        assert!(smaller(&base("text/plain", &"a".repeat(900))).is_empty());
    }
}
