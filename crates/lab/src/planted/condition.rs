//! When a planted fault holds.

use crate::Asked;
use serde_json::Value;

/// One condition. In a pointer `*` stands for any item of a list.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A field of the head has this value.
    Header(&'static str, &'static str),
    /// A field of the head is longer than so many characters.
    LongHeader(&'static str, usize),
    /// A parameter has this value.
    Parameter(&'static str, &'static str),
    /// A parameter is there.
    AnyParameter(&'static str),
    /// A parameter is longer than so many characters.
    LongParameter(&'static str, usize),
    /// The first parameter is greater than the second, by letters.
    ParametersReversed(&'static str, &'static str),
    /// A value of the body is this.
    Is(&'static str, Value),
    /// A value of the body is there, whatever it is.
    There(&'static str),
    /// A text of the body has this in it.
    Contains(&'static str, &'static str),
    /// A text of the body has a character outside the Basic Multilingual Plane.
    WideCharacter(&'static str),
    /// A text of the body is longer than so many characters.
    LongText(&'static str, usize),
    /// A list of the body has more than so many items.
    LongList(&'static str, usize),
    /// The body has more than so many bytes.
    LargeBody(usize),
    /// A number of the body is greater than this.
    Above(&'static str, f64),
    /// A value of the body is a text.
    IsText(&'static str),
    /// Two members of one item have these values.
    InOneItem(&'static str, [(&'static str, Value); 2]),
    /// Two items have the same value.
    Twice(&'static str),
    /// The first text is greater than the second.
    Reversed(&'static str, &'static str),
}

/// The place of the fault with dots, when all conditions hold; empty when it is not in the body.
pub fn all_hold(conditions: &[Condition], request: &Asked, body: &Value) -> Option<String> {
    let mut place = String::new();
    for condition in conditions {
        let at = condition.holds(request, body)?;
        if place.is_empty() {
            place = at.trim_start_matches('/').replace('/', ".");
        }
    }
    Some(place)
}

impl Condition {
    /// Where it holds, when it does.
    fn holds(&self, request: &Asked, body: &Value) -> Option<String> {
        let seen = |yes: bool| yes.then(String::new);
        let found = |pattern: &str, fits: &dyn Fn(&Value) -> bool| {
            values(body, pattern).into_iter().find(|(_, value)| fits(value)).map(|(at, _)| at)
        };
        let text =
            |pattern: &str, fits: &dyn Fn(&str) -> bool| found(pattern, &|value| value.as_str().is_some_and(fits));
        match self {
            Self::Header(name, value) => seen(request.header(name) == Some(value)),
            Self::LongHeader(name, most) => seen(request.header(name).is_some_and(|v| v.chars().count() > *most)),
            Self::Parameter(name, value) => seen(request.parameter(name) == Some(value)),
            Self::AnyParameter(name) => seen(request.parameter(name).is_some()),
            Self::LongParameter(name, most) => seen(request.parameter(name).is_some_and(|v| v.chars().count() > *most)),
            Self::ParametersReversed(from, to) => {
                seen(request.parameter(from).zip(request.parameter(to)).is_some_and(|(from, to)| from > to))
            }
            Self::Is(pattern, wanted) => found(pattern, &|value| value == wanted),
            Self::There(pattern) => found(pattern, &|_| true),
            Self::Contains(pattern, words) => text(pattern, &|value| value.contains(words)),
            Self::WideCharacter(pattern) => text(pattern, &|value| value.chars().any(|c| c > '\u{ffff}')),
            Self::LongText(pattern, most) => text(pattern, &|value| value.chars().count() > *most),
            Self::LongList(pattern, most) => found(pattern, &|value| value.as_array().is_some_and(|a| a.len() > *most)),
            Self::LargeBody(most) => seen(request.body.len() > *most),
            Self::Above(pattern, bound) => found(pattern, &|value| value.as_f64().is_some_and(|n| n > *bound)),
            Self::IsText(pattern) => found(pattern, &Value::is_string),
            Self::InOneItem(pattern, [(one, first), (other, second)]) => {
                found(pattern, &|item| item.get(one) == Some(first) && item.get(other) == Some(second))
            }
            Self::Twice(pattern) => {
                let all = values(body, pattern);
                let again = |n: usize, value: &Value| all.iter().take(n).any(|(_, before)| *before == value);
                all.iter().enumerate().find(|(n, (_, value))| again(*n, value)).map(|(_, (at, _))| at.clone())
            }
            Self::Reversed(from, to) => {
                let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
                text(from).zip(text(to)).filter(|(from, to)| from > to).map(|_| (*from).to_owned())
            }
        }
    }
}

/// The values that a pointer with `*` leads to, with their places.
fn values<'a>(body: &'a Value, pattern: &str) -> Vec<(String, &'a Value)> {
    let mut found = vec![(String::new(), body)];
    for step in pattern.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|(at, value)| -> Vec<_> {
                match (step, value) {
                    ("*", Value::Array(items)) => {
                        items.iter().enumerate().map(|(n, item)| (format!("{at}/{n}"), item)).collect()
                    }
                    _ => value.get(step).map(|value| (format!("{at}/{step}"), value)).into_iter().collect(),
                }
            })
            .collect();
    }
    found
}
