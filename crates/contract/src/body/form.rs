//! Forms: `a=1&b=2` → an object by its schema and encoding.

use crate::description::{Contract, Media, SchemaRef, Style};
use crate::explain::{Near, nearest, type_of};
use crate::percent::decode_form;
use firstfault_model::contract::Half;
use serde_json::{Map, Value};

/// How many fields of a form are read.
const FIELD_LIMIT: usize = 2000;
/// How deep names in brackets go.
const BRACKET_LIMIT: usize = 16;

/// One field as it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Decoded.
    pub name: String,
    /// Decoded.
    pub value: String,
    /// As written, for delimiters that are not encoded.
    pub raw: String,
    /// Bytes of name and value in the text, with the sign between.
    pub span: (usize, usize),
}

/// The fields of a form in order.
pub(crate) fn fields(text: &str) -> Vec<Field> {
    let mut out = Vec::new();
    let mut start = 0;
    for part in text.split('&').take(FIELD_LIMIT) {
        let end = start + part.len();
        if !part.trim().is_empty() {
            let (name, raw) = part.split_once('=').unwrap_or((part, ""));
            out.push(Field {
                name: decode_form(name.trim()).into_owned(),
                value: decode_form(raw.trim_end_matches(['\r', '\n'])).into_owned(),
                raw: raw.to_owned(),
                span: (start, end),
            });
        }
        start = end + 1;
    }
    out
}

/// Whether a text looks like a form: names that a form has, each with a value.
pub(super) fn is_form(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "_-.[]%+*".contains(c);
    let text = text.trim();
    !text.is_empty()
        && text.split('&').all(|part| {
            part.split_once('=')
                .is_some_and(|(n, v)| !n.is_empty() && n.chars().all(name) && !v.contains(['{', '"', '\n', ' ', '<']))
        })
}

/// A form as an object.
pub(super) fn read(contract: &Contract, media: &Media, text: &str) -> Value {
    let fields = fields(text);
    let mut root = Tree::default();
    let shape = media.schema.as_ref().map(|at| contract.schemas.shape(at));
    let knows = |name: &str| shape.as_ref().is_some_and(|s| s.properties.contains_key(name));
    for field in &fields {
        // A name with brackets that is described as it stands is no path.
        let steps = if knows(&field.name) { vec![field.name.as_str()] } else { steps(&field.name) };
        let delimiter = media.encoding.get(steps[0]).and_then(|(style, explode, _)| delimiter(*style, *explode));
        let texts: Vec<String> = match delimiter {
            Some(delimiter) => field.raw.split(delimiter).map(|t| decode_form(t).into_owned()).collect(),
            None => vec![field.value.clone()],
        };
        root.add(&steps, texts, delimiter.is_some());
    }
    root.grow(contract, media.schema.as_ref())
}

/// What stands between the items of a list that is one field.
fn delimiter(style: Option<Style>, explode: Option<bool>) -> Option<&'static str> {
    match (style, explode) {
        (Some(Style::SpaceDelimited), _) => Some("%20"),
        (Some(Style::PipeDelimited), _) => Some("|"),
        (Some(Style::TabDelimited), _) => Some("%09"),
        (None | Some(Style::Form), Some(false)) => Some(","),
        _ => None,
    }
}

/// `card[number]` → `card`, `number`; `tags[]` → `tags`, and nothing for "the next".
fn steps(name: &str) -> Vec<&str> {
    let Some((base, rest)) = name.split_once('[').filter(|(base, rest)| !base.is_empty() && rest.ends_with(']')) else {
        return vec![name];
    };
    std::iter::once(base).chain(rest[..rest.len() - 1].split("][").take(BRACKET_LIMIT)).collect()
}

/// What names in brackets make.
#[derive(Debug, Default)]
struct Tree {
    texts: Vec<String>,
    listed: bool,
    members: Vec<(String, Tree)>,
}

impl Tree {
    fn add(&mut self, steps: &[&str], texts: Vec<String>, listed: bool) {
        match steps {
            [] => {
                self.texts.extend(texts);
                self.listed |= listed;
            }
            [""] => {
                self.texts.extend(texts);
                self.listed = true;
            }
            [step, rest @ ..] => {
                let index = self.members.iter().position(|(name, _)| name == step).unwrap_or_else(|| {
                    self.members.push(((*step).to_owned(), Self::default()));
                    self.members.len() - 1
                });
                self.members[index].1.add(rest, texts, listed);
            }
        }
    }

    fn grow(self, contract: &Contract, at: Option<&SchemaRef>) -> Value {
        let shape = at.map(|at| contract.schemas.shape(at)).unwrap_or_default();
        let wants = |name: &str| shape.types.contains(name);
        if !self.members.is_empty() {
            let numbered = self.members.iter().all(|(name, _)| name.is_empty() || name.parse::<usize>().is_ok());
            if numbered && !wants("object") && shape.properties.is_empty() && at.is_some() {
                let item = shape.items.first();
                return Value::Array(self.members.into_iter().map(|(_, tree)| tree.grow(contract, item)).collect());
            }
            let member = |(name, tree): (String, Self)| {
                // A misspelt field has the type of the one that was meant.
                let meant = || nearest(&name, shape.properties.keys().map(String::as_str), Near::Short);
                let property = shape.properties.get(&name).or_else(|| shape.properties.get(meant()?.0));
                let property = property.and_then(|p| p.at.first()).or(shape.additional.as_ref());
                let value = tree.grow(contract, property);
                (name, value)
            };
            return Value::Object(self.members.into_iter().map(member).collect::<Map<_, _>>());
        }
        if self.listed || self.texts.len() > 1 || (wants("array") && shape.types.len() == 1) {
            // One field that is JSON as a whole is a list written by another hand.
            if let [only] = &self.texts[..]
                && !self.listed
                && let Ok(list @ Value::Array(_)) = serde_json::from_str(only)
            {
                return list;
            }
            let item = shape.items.first();
            let texts = self.texts.iter();
            return Value::Array(
                texts.map(|t| item.map_or_else(|| Value::String(t.clone()), |at| typed(contract, at, t))).collect(),
            );
        }
        let text = self.texts.first().map_or("", String::as_str);
        at.map_or_else(|| Value::String(text.to_owned()), |at| typed(contract, at, text))
    }
}

/// A text as the value that a schema takes: a number, a flag, JSON inside, else the text itself.
pub(super) fn typed(contract: &Contract, at: &SchemaRef, text: &str) -> Value {
    let string = Value::String(text.to_owned());
    let schemas = &contract.schemas;
    if schemas.valid(at, Half::Request, &string) {
        return string;
    }
    let json: Option<Value> = serde_json::from_str(text).ok();
    let types = &schemas.shape(at).types;
    let of_type = |value: &Value| {
        let name = type_of(value);
        types.contains(name) || (name == "integer" && types.contains("number"))
    };
    match json {
        Some(value) if schemas.valid(at, Half::Request, &value) || of_type(&value) => value,
        _ if text.is_empty() && types.contains("null") => Value::Null,
        _ => string,
    }
}
