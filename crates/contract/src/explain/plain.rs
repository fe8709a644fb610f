//! Faults of single fields, one finding each.

use super::convert;
use super::fault::{Fault, What};
use super::names::{Near, nearest};
use super::repair::{Moved, original};
use super::words::{article, one_of, quote, short, subject, type_of, within};
use super::{Told, Words, as_branch, set};
use crate::description::SchemaRef;
use crate::document::escape;
use crate::route::{is_redacted, is_variable};
use crate::schema;
use firstfault_model::contract::{Edit, Finding, Half, Kind};
use serde_json::{Value, json};

/// Explains what repairs of structure have left. `now` is the repaired value that the faults are of.
pub(super) fn explain(told: &Told<'_>, now: &Value, faults: &[Fault], moved: &Moved, findings: &mut Vec<Finding>) {
    let mut faults: Vec<&Fault> = faults.iter().collect();
    // A field that is too much explains less than one that is missing; an outer fault more than an inner one.
    faults.sort_by_key(|f| (matches!(f.what, What::Unknown(_)), f.pointer.matches('/').count()));
    for fault in faults {
        let one = One { told, now, fault, place: original(moved, &fault.pointer) };
        // What a redaction or a variable stands for is not known.
        if !one.value().as_str().is_some_and(|text| is_redacted(text) || is_variable(text)) {
            findings.extend(one.explain());
        }
    }
}

/// One fault and where it stands in the value as it is.
struct One<'a> {
    told: &'a Told<'a>,
    now: &'a Value,
    fault: &'a Fault,
    place: String,
}

impl One<'_> {
    fn explain(&self) -> Option<Finding> {
        match &self.fault.what {
            What::Missing(name) => Some(self.missing(name)),
            What::MissingOneOf(names) => {
                let listed = one_of(names);
                let place = self.field(names.first()?);
                let words = Words {
                    expected: listed.clone(),
                    message: format!("one of the fields {listed} is required and none is there{}", within(&self.place)),
                    fix: format!("add {listed}"),
                    ..Words::default()
                };
                Some(self.finding(Kind::MissingField, &place, words, None))
            }
            What::Unknown(name) => Some(self.unknown(name)),
            What::Type(types) => Some(self.other_type(types)),
            What::Values(values) => Some(self.other_value(values)),
            What::Range(range) => Some(self.out_of_range(range)),
            What::Format(format) => Some(self.broken_format(format)),
            What::Pattern(pattern) => Some(self.broken_pattern(pattern)),
            What::Rule(rule) => {
                let message = format!("{} {rule}{}", self.subject(), as_branch(self.fault));
                let words = Words {
                    expected: "a value that keeps this rule".to_owned(),
                    got: self.got(),
                    message,
                    ..Words::default()
                };
                Some(self.finding(Kind::SchemaRule, &self.place, words, None))
            }
        }
    }

    fn finding(&self, kind: Kind, place: &str, words: Words, edit: Option<Edit>) -> Finding {
        self.told.finding(kind, place, &self.fault.rule, words, edit)
    }

    fn field(&self, name: &str) -> String {
        format!("{}/{}", self.place, escape(name))
    }

    fn subject(&self) -> String {
        subject(&self.place, &self.told.whole())
    }

    fn value(&self) -> &Value {
        self.now.pointer(&self.fault.pointer).unwrap_or(&Value::Null)
    }

    fn got(&self) -> String {
        quote(self.value())
    }

    /// Whether another value keeps the rules that this one breaks.
    fn fits(&self, value: &Value) -> bool {
        self.told.contract.schemas.valid(&self.fault.schema(), self.told.half, value)
    }

    fn format(&self) -> Option<&str> {
        self.told.contract.schemas.get(&self.fault.schema())?.get("format")?.as_str()
    }

    fn missing(&self, name: &str) -> Finding {
        let schemas = &self.told.contract.schemas;
        let pointer = format!("{}/{}", self.fault.pointer, escape(name));
        let described = schema::shapes_of(schemas, self.told.at, &pointer);
        let expected = described.first().and_then(|at| describe(self.told, at)).unwrap_or_else(|| "a value".to_owned());
        let only = described.first().and_then(|at| only_value(self.told, at));
        let name = short(name);
        let message = if self.fault.conditional {
            format!("the field {name} is missing{}, which other fields here make required", within(&self.place))
        } else {
            format!("the required field {name} is missing{}{}", within(&self.place), as_branch(self.fault))
        };
        let fix = match &only {
            Some(value) => format!("add {name}: {}", quote(value)),
            None => format!("add the field {name}, {expected}"),
        };
        let kind = if self.fault.conditional { Kind::SchemaRule } else { Kind::MissingField };
        let place = self.field(&name);
        let edit = only.map(|value| Edit::SetField(place.clone(), value.to_string()));
        self.finding(kind, &place, Words { expected, message, fix, ..Words::default() }, edit)
    }

    fn unknown(&self, name: &str) -> Finding {
        let place = self.field(name);
        let got = self.now.pointer(&format!("{}/{}", self.fault.pointer, escape(name))).map(quote).unwrap_or_default();
        let name = short(name);
        let words = Words {
            expected: "no other fields than the described ones".to_owned(),
            got,
            message: format!(
                "the field {name} is not described{}, and other fields are not allowed{}",
                within(&self.place),
                as_branch(self.fault)
            ),
            fix: format!("remove {name}"),
        };
        self.finding(Kind::UnknownField, &place, words, Some(Edit::RemoveField(place.clone())))
    }

    fn other_type(&self, types: &[String]) -> Finding {
        let (value, subject) = (self.value(), self.subject());
        let described: Vec<String> = types.iter().map(|t| article(t)).collect();
        let expected = one_of(types);
        let has = one_of(&described);
        let is = |name: &str| types.iter().any(|t| t == name);
        if value.is_null() {
            let removable = self.is_optional();
            let fix =
                if removable { format!("leave {subject} out, or give {has}") } else { format!("give {subject} {has}") };
            let words = Words {
                expected,
                got: "null".to_owned(),
                message: format!("{subject} is null, the contract has {has}{}", as_branch(self.fault)),
                fix,
            };
            let edit = removable.then(|| Edit::RemoveField(self.place.clone()));
            return self.finding(Kind::NullValue, &self.place, words, edit);
        }
        if let Some(items) = value.as_array() {
            let of_type = |item: &Value| is(type_of(item)) || (is("number") && item.is_number());
            if items.iter().all(of_type) {
                let words = Words {
                    expected,
                    got: quote(value),
                    message: format!("{subject} is a list, the contract has {has}{}", as_branch(self.fault)),
                    fix: format!("send {has} in place of the list"),
                };
                let edit = match &items[..] {
                    [one] if self.fits(one) => Some(set(&self.place, one)),
                    _ => None,
                };
                return self.finding(Kind::ListForSingleValue, &self.place, words, edit);
            }
        } else if is("array") {
            let listed = json!([value]);
            let fits = self.fits(&listed);
            if fits || self.is_item(value) {
                let words = Words {
                    expected: "array".to_owned(),
                    got: format!("{} {}", type_of(value), quote(value)).trim_end().to_owned(),
                    message: format!("{subject} is a single value, the contract has a list{}", as_branch(self.fault)),
                    fix: "put the value into a list".to_owned(),
                };
                let edit = fits.then(|| set(&self.place, &listed));
                return self.finding(Kind::SingleValueForList, &self.place, words, edit);
            }
        }
        let meant = convert::candidates(value, types, self.format()).into_iter().find(|c| self.fits(c));
        let fix = match &meant {
            Some(meant) => format!("send {} in place of {}", quote(meant), quote(value)),
            None => format!("send {has}"),
        };
        let words = Words {
            expected,
            got: match value {
                Value::Object(_) | Value::Array(_) => type_of(value).to_owned(),
                _ => format!("{} {}", type_of(value), quote(value)),
            },
            message: format!(
                "{subject} is {}, the contract has {has}{}",
                article(type_of(value)),
                as_branch(self.fault)
            ),
            fix,
        };
        let edit = meant.map(|meant| set(&self.place, &meant));
        self.finding(Kind::WrongType, &self.place, words, edit)
    }

    /// Whether the object around does well without this field.
    fn is_optional(&self) -> bool {
        let Some((above, name)) = self.fault.pointer.rsplit_once('/') else { return false };
        let name = name.replace("~1", "/").replace("~0", "~");
        let schemas = &self.told.contract.schemas;
        self.now.pointer(above).is_some_and(Value::is_object)
            && !schema::shapes_of(schemas, self.told.at, above)
                .iter()
                .any(|s| schemas.shape(s).required.contains(&name))
    }

    /// Whether a value is of the type that the items of the described list have.
    fn is_item(&self, value: &Value) -> bool {
        let schemas = &self.told.contract.schemas;
        let shape = schemas.shape(&self.fault.schema());
        let of_type = |at: &SchemaRef| {
            let types = &schemas.shape(at).types;
            types.contains(type_of(value)) || (types.contains("number") && value.is_number())
        };
        shape.items.iter().any(of_type)
    }

    fn other_value(&self, values: &[Value]) -> Finding {
        let (value, subject) = (self.value(), self.subject());
        let shown: Vec<String> = values.iter().map(|v| v.as_str().map_or_else(|| quote(v), short)).collect();
        let listed = one_of(&shown);
        let expected = if values.len() == 1 { listed.clone() } else { format!("one of {listed}") };
        let (kind, meant) = match value {
            Value::Null => (Kind::NullValue, None),
            Value::Array(items) if items.len() == 1 && values.contains(&items[0]) => {
                (Kind::ListForSingleValue, items.first().cloned())
            }
            Value::String(text) => {
                let names = values.iter().filter_map(Value::as_str);
                let near = nearest(text.trim(), names.clone(), Near::Slipped(2)).map(|(name, _)| json!(name));
                let exact = names.clone().find(|n| *n == text.trim()).map(|n| json!(n));
                let inner: Option<Value> = serde_json::from_str(text.trim()).ok();
                let other = inner.filter(|v| !v.is_string() && values.contains(v));
                (Kind::NotInEnum, exact.or(other).or(near))
            }
            other => {
                let text = other.to_string();
                (Kind::NotInEnum, values.iter().find(|v| v.as_str() == Some(&text)).cloned())
            }
        };
        let meant = meant.or_else(|| match values {
            [only] => Some(only.clone()),
            _ => None,
        });
        let words = Words {
            expected: expected.clone(),
            got: quote(value),
            message: format!("{subject} is {}, the contract has {expected}{}", quote(value), as_branch(self.fault)),
            fix: match &meant {
                Some(meant) => format!("send {} in place of {}", quote(meant), quote(value)),
                None => format!("send {expected}"),
            },
        };
        let edit = meant.map(|meant| set(&self.place, &meant));
        self.finding(kind, &self.place, words, edit)
    }

    fn out_of_range(&self, range: &str) -> Finding {
        let value = self.value();
        let counted = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let (has, got) = match value {
            Value::String(text) => ("has", counted(text.chars().count(), "character")),
            Value::Array(items) => ("has", counted(items.len(), "item")),
            Value::Object(object) => ("has", counted(object.len(), "field")),
            other => ("is", quote(other)),
        };
        let words = Words {
            expected: range.to_owned(),
            message: format!("{} {has} {got}, the contract has {range}{}", self.subject(), as_branch(self.fault)),
            fix: format!("send {range}"),
            got,
        };
        self.finding(Kind::OutOfRange, &self.place, words, None)
    }

    fn broken_format(&self, format: &str) -> Finding {
        let value = self.value();
        let meant = value.as_str().map(|text| convert::reformat(text, format)).unwrap_or_default();
        let meant = meant.into_iter().map(Value::String).find(|v| self.fits(v));
        let sample = match format {
            "date-time" => " as 2024-01-31T09:30:00Z",
            "date" => " as 2024-01-31",
            "time" => " as 09:30:00Z",
            "uuid" => " as 123e4567-e89b-12d3-a456-426614174000",
            "email" => " as name@example.com",
            "uri" => " as https://example.com/path",
            _ => "",
        };
        self.broken(&format!("{}{sample}", short(format)), &format!("no {}", short(format)), meant)
    }

    fn broken_pattern(&self, pattern: &str) -> Finding {
        let meant =
            self.value().as_str().map(|text| [text.trim().to_owned(), text.to_uppercase(), text.to_lowercase()]);
        let meant = meant.into_iter().flatten().map(Value::String).find(|v| v != self.value() && self.fits(v));
        let pattern = short(pattern);
        self.broken(&format!("a text that matches {pattern}"), &format!("no text that matches {pattern}"), meant)
    }

    fn broken(&self, expected: &str, no: &str, meant: Option<Value>) -> Finding {
        let got = self.got();
        let words = Words {
            expected: expected.to_owned(),
            message: format!("{} is {no}: {got}{}", self.subject(), as_branch(self.fault)),
            fix: match &meant {
                Some(meant) => format!("send {} in place of {got}", quote(meant)),
                None => {
                    format!("send {}", if expected.starts_with("a ") { expected.to_owned() } else { article(expected) })
                }
            },
            got,
        };
        let edit = meant.map(|meant| set(&self.place, &meant));
        self.finding(Kind::InvalidFormat, &self.place, words, edit)
    }
}

/// What a schema describes, in a few words: "a string", "a date-time", "one of a, b".
pub(super) fn describe(told: &Told<'_>, at: &SchemaRef) -> Option<String> {
    let schemas = &told.contract.schemas;
    let schema = schemas.get(&schemas.follow(at.clone()))?;
    if let Some(Value::Array(values)) = schema.get("enum") {
        let shown: Vec<String> = values.iter().map(|v| v.as_str().map_or_else(|| quote(v), short)).collect();
        return Some(format!("one of {}", one_of(&shown)));
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let format = schema.get("format").and_then(Value::as_str);
    match (&types[..], format) {
        (["string"], Some(format @ ("date-time" | "date" | "time" | "uuid" | "email" | "uri"))) => {
            Some(article(format))
        }
        ([], _) if schema.get("properties").is_some() => Some("an object".to_owned()),
        ([], _) => None,
        _ => Some(one_of(&types.iter().map(|t| article(t)).collect::<Vec<_>>())),
    }
}

/// The only value that a schema allows, or its default.
fn only_value(told: &Told<'_>, at: &SchemaRef) -> Option<Value> {
    let schemas = &told.contract.schemas;
    let schema = schemas.get(&schemas.follow(at.clone()))?;
    if let Some(value) = schema.get("const") {
        return Some(value.clone());
    }
    match schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => Some(only.clone()),
        _ => schema.get("default").filter(|v| schemas.valid(at, Half::Request, v)).cloned(),
    }
}
