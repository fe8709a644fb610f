//! Checks a body field by field, and says of each what is wrong, with its pointer.

use super::Detail;
use serde_json::Value;

/// What a field may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string of a length.
    Text(usize, usize),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// An address of electronic mail.
    Email,
    /// A moment (RFC 3339).
    Moment,
    /// An id with a prefix.
    Id(&'static str),
    /// A whole number within bounds.
    Integer(i64, i64),
    /// A number from a bound on.
    Number(f64),
    /// `true` or `false`.
    Boolean,
    /// A list of at most so many.
    List(usize, &'static Kind),
    /// An object with these fields.
    Object(&'static [Rule]),
    /// An object with any fields.
    Free,
}

/// One field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be.
    pub kind: Kind,
}

/// Everything that is wrong with a value, in the order of the rules; unknown fields first.
#[must_use]
pub fn check(value: &Value, kind: &Kind, pointer: &str) -> Vec<Detail> {
    let name = match pointer.trim_start_matches('/').replace('/', ".") {
        name if name.is_empty() => "body".to_owned(),
        name => name,
    };
    let detail = |code, message: String| vec![Detail { pointer: pointer.to_owned(), code, message }];
    let wrong_type =
        |expected: &str| detail("INVALID_TYPE", format!("{name} must be {expected}, got {}", type_of(value)));
    let refused = |why: &str| detail("INVALID_VALUE", format!("{name} {why}"));
    match (kind, value) {
        (Kind::Text(least, most), Value::String(text)) => match text.chars().count() {
            length if length < *least => refused(&format!("must have at least {least} characters")),
            length if length > *most => refused(&format!("must have at most {most} characters, got {length}")),
            _ => Vec::new(),
        },
        (Kind::OneOf(options), Value::String(text)) if options.contains(&text.as_str()) => Vec::new(),
        (Kind::OneOf(options), Value::String(_)) => refused(&format!("must be one of: {}", options.join(", "))),
        (Kind::Email, Value::String(text)) if is_email(text) => Vec::new(),
        (Kind::Email, Value::String(_)) => refused("must be a valid email address"),
        (Kind::Moment, Value::String(text)) if is_moment(text) => Vec::new(),
        (Kind::Moment, Value::String(_)) => refused("must be a date-time in RFC 3339 format"),
        (Kind::Id(prefix), Value::String(text)) if text.starts_with(prefix) && text.len() > prefix.len() => Vec::new(),
        (Kind::Id(prefix), Value::String(_)) => refused(&format!("must be an id that starts with '{prefix}'")),
        (Kind::Text(..) | Kind::OneOf(_) | Kind::Email | Kind::Moment | Kind::Id(_), _) => wrong_type("a string"),
        (Kind::Integer(least, most), Value::Number(number)) => match number.as_i64() {
            None => wrong_type("an integer"),
            Some(n) if n < *least || n > *most => refused(&format!("must be between {least} and {most}, got {n}")),
            Some(_) => Vec::new(),
        },
        (Kind::Integer(..), _) => wrong_type("an integer"),
        (Kind::Number(least), Value::Number(number)) if number.as_f64().is_some_and(|n| n >= *least) => Vec::new(),
        (Kind::Number(least), Value::Number(_)) => refused(&format!("must be at least {least}")),
        (Kind::Number(_), _) => wrong_type("a number"),
        (Kind::Boolean, Value::Bool(_)) => Vec::new(),
        (Kind::Boolean, _) => wrong_type("a boolean"),
        (Kind::List(most, _), Value::Array(items)) if items.len() > *most => {
            refused(&format!("must have at most {most} items, got {}", items.len()))
        }
        (Kind::List(_, of), Value::Array(items)) => {
            items.iter().enumerate().flat_map(|(n, item)| check(item, of, &format!("{pointer}/{n}"))).collect()
        }
        (Kind::List(..), _) => wrong_type("an array"),
        (Kind::Object(rules), Value::Object(fields)) => {
            let known = |name: &String| rules.iter().any(|rule| rule.name == name);
            let unknown = fields.keys().filter(|name| !known(name)).map(|name| Detail {
                pointer: format!("{pointer}/{name}"),
                code: "UNKNOWN_FIELD",
                message: format!("{name} is not a known field"),
            });
            let by_rule = rules.iter().flat_map(|rule| {
                let pointer = format!("{pointer}/{}", rule.name);
                match fields.get(rule.name) {
                    None | Some(Value::Null) if rule.required => {
                        let name = pointer.trim_start_matches('/').replace('/', ".");
                        vec![Detail { code: "REQUIRED", message: format!("{name} is required"), pointer }]
                    }
                    None | Some(Value::Null) => Vec::new(),
                    Some(value) => check(value, &rule.kind, &pointer),
                }
            });
            unknown.chain(by_rule).collect()
        }
        (Kind::Free, Value::Object(_)) => Vec::new(),
        (Kind::Object(_) | Kind::Free, _) => wrong_type("an object"),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A name, `@`, and a domain with a dot; no white space.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let plain = !text.contains(char::is_whitespace);
    let parts = text.split_once('@');
    plain && parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'))
}

/// `2026-01-05T10:00:00Z` and its like.
fn is_moment(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let numbers = |text: &str, mark| text.split(mark).map(str::parse::<u32>).collect::<Result<Vec<_>, _>>().ok();
    let date = numbers(date, '-').is_some_and(|d| matches!(d[..], [_, 1..=12, 1..=31]));
    let zone = time.ends_with('Z') || time.len() > 6 && matches!(time.as_bytes()[time.len() - 6], b'+' | b'-');
    date && zone
        && time.get(..8).and_then(|t| numbers(t, ':')).is_some_and(|t| matches!(t[..], [0..=23, 0..=59, 0..=60]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_moment_is_one_of_rfc_3339() {
        assert!(is_moment("2026-01-05T10:00:00Z") && is_moment("2026-01-05T10:00:00.5+01:00"));
        for bad in ["2026-01-05", "2026-13-05T10:00:00Z", "1767607200", "2026-01-05T10:00:00", "05/01/2026T10:00:00Z"] {
            assert!(!is_moment(bad), "{bad}");
        }
    }

    #[test]
    fn each_field_is_named_by_its_pointer() {
        const ITEM: Kind = Kind::Object(&[Rule { name: "id", required: true, kind: Kind::Integer(1, 9) }]);
        const ROOT: Kind = Kind::Object(&[Rule { name: "list", required: true, kind: Kind::List(3, &ITEM) }]);
        let wrong = check(&json!({ "list": [{ "id": 1 }, { "id": "2" }, {}], "extra": 1 }), &ROOT, "");
        let told: Vec<_> = wrong.iter().map(|d| (d.pointer.as_str(), d.code, d.message.as_str())).collect();
        assert_eq!(
            told,
            [
                ("/extra", "UNKNOWN_FIELD", "extra is not a known field"),
                ("/list/1/id", "INVALID_TYPE", "list.1.id must be an integer, got string"),
                ("/list/2/id", "REQUIRED", "list.2.id is required"),
            ]
        );
    }
}
