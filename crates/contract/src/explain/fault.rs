//! Violations, flattened: of several branches the one that was meant, of several violations at one place the one that
//! explains the others.

use super::branch;
use super::words::{last, parent};
use crate::description::SchemaRef;
use crate::schema::{self, Schemas};
use firstfault_model::contract::Half;
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use serde_json::Value;

/// One thing that is wrong at one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// Where in the value. Of a missing or unknown field, the object that lacks or has it.
    pub pointer: String,
    /// Where the broken keyword stands.
    pub rule: SchemaRef,
    pub what: What,
    /// The branch that was taken as meant: "card".
    pub branch: Option<String>,
    /// Whether the rule holds only because of something else in the value.
    pub conditional: bool,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Missing(String),
    /// One of these names is required.
    MissingOneOf(Vec<String>),
    Unknown(String),
    /// The types that are described.
    Type(Vec<String>),
    /// The values that are described.
    Values(Vec<Value>),
    /// What is described of a number, length or count: "at least 1", "at most 20 characters".
    Range(String),
    Format(String),
    Pattern(String),
    /// Another rule, as a sentence about what is described.
    Rule(String),
}

impl What {
    /// What explains more comes first.
    fn rank(&self) -> usize {
        match self {
            Self::Type(_) => 0,
            Self::Values(_) => 1,
            Self::Format(_) => 2,
            Self::Pattern(_) => 3,
            Self::Range(_) => 4,
            Self::Rule(_) => 5,
            Self::Missing(_) | Self::MissingOneOf(_) | Self::Unknown(_) => 6,
        }
    }
}

impl Fault {
    /// The schema that has the broken keyword.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef { document: self.rule.document, pointer: parent(&self.rule.pointer).to_owned() }
    }
}

/// The faults of a value against a schema.
pub(super) fn faults(schemas: &Schemas, at: &SchemaRef, half: Half, value: &Value) -> Vec<Fault> {
    let errors = schemas.violations(at, half, value);
    let mut flat = Flat { schemas, at, value, found: Vec::new() };
    for error in &errors {
        flat.add(error, None);
    }
    settle(schemas, at, flat.found)
}

pub(super) struct Flat<'a> {
    pub schemas: &'a Schemas,
    pub at: &'a SchemaRef,
    pub value: &'a Value,
    pub found: Vec<Fault>,
}

impl Flat<'_> {
    pub fn add(&mut self, error: &ValidationError<'_>, branch: Option<&str>) {
        let rule = schema::keyword(self.schemas, error).unwrap_or_else(|| self.at.clone());
        let pointer = error.instance_path().as_str().to_owned();
        let path = error.evaluation_path().as_str();
        let conditional = ["/then/", "/else/", "/dependent", "/dependencies/"].iter().any(|k| path.contains(k));
        let whats = match error.kind() {
            Error::AnyOf { context } | Error::OneOfNotValid { context } => {
                return branch::explain(self, &rule, &pointer, context, branch);
            }
            Error::OneOfMultipleValid { context } => {
                let names = branch::names(self.schemas, &rule);
                let valid: Vec<&str> = names
                    .iter()
                    .zip(context)
                    .filter(|(_, errors)| errors.is_empty())
                    .map(|(n, _)| n.as_str())
                    .collect();
                let which = if valid.len() > 1 { format!(": {}", valid.join(" and ")) } else { String::new() };
                vec![What::Rule(format!("fits several of the alternatives of which exactly one may fit{which}"))]
            }
            Error::Required { property } => vec![What::Missing(text(property))],
            Error::AdditionalProperties { unexpected } | Error::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|name| What::Unknown(name.clone())).collect()
            }
            Error::FalseSchema => {
                let (name, above) = (last(&pointer), parent(&pointer).to_owned());
                let what = if pointer.is_empty() || name.parse::<usize>().is_ok() {
                    self.push(pointer, rule, What::Rule("is not allowed here".to_owned()), branch, conditional);
                    return;
                } else {
                    What::Unknown(name)
                };
                self.push(above, rule, what, branch, conditional);
                return;
            }
            Error::Type { kind } => vec![What::Type(match kind {
                TypeKind::Single(one) => vec![one.to_string()],
                TypeKind::Multiple(many) => many.iter().map(|t| t.to_string()).collect(),
            })],
            Error::Constant { expected_value } => vec![What::Values(vec![Value::clone(expected_value)])],
            Error::Enum { options } => vec![What::Values(options.as_array().cloned().unwrap_or_default())],
            Error::Format { format } => vec![What::Format(format.clone())],
            Error::Pattern { pattern } => vec![What::Pattern(pattern.clone())],
            Error::Custom { keyword, message } if keyword == "x-firstfault-integer" => {
                vec![What::Range(message.clone())]
            }
            Error::Custom { message, .. } => vec![What::Missing(message.clone())],
            other => vec![other_rule(other)],
        };
        for what in whats {
            self.push(pointer.clone(), rule.clone(), what, branch, conditional);
        }
    }

    pub fn push(&mut self, pointer: String, rule: SchemaRef, what: What, branch: Option<&str>, conditional: bool) {
        self.found.push(Fault { pointer, rule, what, branch: branch.map(str::to_owned), conditional });
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Ranges and the rules that have no kind of their own.
fn other_rule(error: &Error) -> What {
    let counted = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    match error {
        Error::Minimum { limit } => What::Range(format!("at least {limit}")),
        Error::Maximum { limit } => What::Range(format!("at most {limit}")),
        Error::ExclusiveMinimum { limit } => What::Range(format!("more than {limit}")),
        Error::ExclusiveMaximum { limit } => What::Range(format!("less than {limit}")),
        Error::MultipleOf { multiple_of } => What::Range(format!("a multiple of {multiple_of}")),
        Error::MinLength { limit } => What::Range(format!("at least {}", counted(*limit, "character", "characters"))),
        Error::MaxLength { limit } => What::Range(format!("at most {}", counted(*limit, "character", "characters"))),
        Error::MinItems { limit } => What::Range(format!("at least {}", counted(*limit, "item", "items"))),
        Error::MaxItems { limit } => What::Range(format!("at most {}", counted(*limit, "item", "items"))),
        Error::AdditionalItems { limit } => What::Range(format!("at most {}", counted(*limit as u64, "item", "items"))),
        Error::MinProperties { limit } => What::Range(format!("at least {}", counted(*limit, "field", "fields"))),
        Error::MaxProperties { limit } => What::Range(format!("at most {}", counted(*limit, "field", "fields"))),
        Error::ContentEncoding { content_encoding } => What::Format(content_encoding.clone()),
        Error::FromUtf8 { .. } => What::Format("base64 of UTF-8".to_owned()),
        Error::ContentMediaType { content_media_type } => What::Format(content_media_type.clone()),
        Error::UniqueItems => What::Rule("has the same item twice where items must differ".to_owned()),
        Error::Contains => What::Rule("does not contain the items that it must contain".to_owned()),
        Error::UnevaluatedItems { .. } => What::Rule("has items that are not described".to_owned()),
        Error::PropertyNames { error } => What::Rule(format!("has a field name that is not allowed: {error}")),
        Error::Not { .. } => What::Rule("fits a schema that it must not fit".to_owned()),
        Error::BacktrackLimitExceeded { .. } | Error::RegexEngineFailure { .. } => {
            What::Rule("has a pattern that is too costly to try".to_owned())
        }
        other => What::Rule(format!("breaks the rule {}", other.keyword())),
    }
}

/// One fault for each thing that is wrong: the gravest at each place, no parent beside its child.
fn settle(schemas: &Schemas, at: &SchemaRef, found: Vec<Fault>) -> Vec<Fault> {
    let mut out: Vec<Fault> = Vec::new();
    for fault in &found {
        let same = |other: &Fault| other.pointer == fault.pointer && other.what == fault.what;
        if out.iter().any(same) {
            continue;
        }
        let about_fields = matches!(fault.what, What::Missing(_) | What::MissingOneOf(_) | What::Unknown(_));
        let gravest = found.iter().filter(|f| f.pointer == fault.pointer).map(|f| f.what.rank()).min();
        if !about_fields && gravest.is_some_and(|rank| rank < fault.what.rank()) {
            continue;
        }
        if !about_fields && out.iter().any(|o| o.pointer == fault.pointer && o.what.rank() == fault.what.rank()) {
            continue;
        }
        // A known field counts as not described when the part that describes it failed for another reason.
        if let What::Unknown(name) = &fault.what
            && found.iter().any(|f| !matches!(f.what, What::Unknown(_)) && reaches(f, &fault.pointer))
            && schema::shapes_of(schemas, at, &fault.pointer)
                .iter()
                .any(|s| schemas.shape(s).properties.contains_key(name))
        {
            continue;
        }
        out.push(fault.clone());
    }
    out
}

/// Whether a fault stands at a place or inside of it.
fn reaches(fault: &Fault, pointer: &str) -> bool {
    fault.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
