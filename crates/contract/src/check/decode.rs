//! Parameters as they are written → JSON values, by style and explode (OpenAPI 3.2, section 4.12.2.3).

use super::types::{Types, best, single};
use crate::description::{Contract, In, Parameter, SchemaRef, Style};
use crate::percent::{decode, decode_form};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep `name[a][b]…` goes.
const DEEP_LIMIT: usize = 8;

/// One `name=value` of a query or a cookie.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    /// Without percent-encoding.
    pub name: Cow<'a, str>,
    /// As sent.
    pub raw: &'a str,
    /// Whether a described parameter is written here.
    pub used: bool,
}

/// The pairs of a query.
pub(super) fn pairs(query: &str) -> Vec<Pair<'_>> {
    let pair = |text| {
        let (name, raw) = str::split_once(text, '=').unwrap_or((text, ""));
        Pair { name: decode_form(name), raw, used: false }
    };
    query.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// The pairs of a `Cookie` field (RFC 6265).
pub(super) fn cookies(field: &str) -> Vec<Pair<'_>> {
    let pair = |text: &'_ str| -> Option<(usize, usize)> { text.find('=').map(|at| (at, text.len())) };
    field
        .split(';')
        .map(str::trim)
        .filter_map(|text| {
            pair(text).map(|(at, _)| Pair { name: Cow::Borrowed(&text[..at]), raw: &text[at + 1..], used: false })
        })
        .collect()
}

/// What a parameter is written as.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// It is not there.
    Absent,
    /// What it may be, the likeliest first; never empty.
    Values(Vec<Value>),
    /// Not in its style: how it should be written, and that value where it is known.
    Otherwise(String, Option<String>),
}

/// How a parameter is read: its types and how texts become values.
pub(super) struct Reading<'a> {
    contract: &'a Contract,
    parameter: &'a Parameter,
    types: Types,
    /// Whether `+` is a space.
    form: bool,
}

impl<'a> Reading<'a> {
    pub fn new(contract: &'a Contract, parameter: &'a Parameter) -> Self {
        let types = parameter.schema.as_ref().map(|at| Types::of(contract, at)).unwrap_or_default();
        let form = matches!(parameter.place, In::Query | In::QueryString);
        Self { contract, parameter, types, form }
    }

    /// The same with `+` as it stands.
    pub fn literally(self) -> Self {
        Self { form: false, ..self }
    }

    fn text<'t>(&self, raw: &'t str) -> Cow<'t, str> {
        match self.parameter.place {
            In::Header => raw.into(),
            _ if self.form => decode_form(raw),
            _ => decode(raw),
        }
    }

    fn is_list(&self) -> bool {
        self.types.has(Types::ARRAY)
    }

    fn is_object(&self) -> bool {
        self.types.has(Types::OBJECT)
    }

    fn has_single(&self) -> bool {
        self.types.any() || self.types.has(Types::SINGLE)
    }

    /// A list of texts.
    fn list(&self, items: &[Cow<'_, str>]) -> Value {
        let at = self.items(self.parameter.schema.as_ref());
        Value::Array(items.iter().map(|text| self.scalar(at.as_ref(), text)).collect())
    }

    fn items(&self, at: Option<&SchemaRef>) -> Option<SchemaRef> {
        at.and_then(|at| self.contract.schemas.shape(at).items.first().cloned())
    }

    fn property(&self, at: Option<&SchemaRef>, name: &str) -> Option<SchemaRef> {
        let shape = self.contract.schemas.shape(at?);
        shape.properties.get(name).and_then(|p| p.at.first().cloned()).or_else(|| shape.additional.clone())
    }

    fn scalar(&self, at: Option<&SchemaRef>, text: &str) -> Value {
        let types = at.map(|at| Types::of(self.contract, at)).unwrap_or_default();
        best(self.contract, at, single(types, text))
    }

    /// An object of names and texts.
    fn object<'t>(&self, members: impl Iterator<Item = (Cow<'t, str>, Cow<'t, str>)>) -> Value {
        let schema = self.parameter.schema.as_ref();
        let member = |(name, text): (Cow<'_, str>, Cow<'_, str>)| {
            let value = self.scalar(self.property(schema, &name).as_ref(), &text);
            (name.into_owned(), value)
        };
        Value::Object(members.map(member).collect::<Map<_, _>>())
    }

    /// The value of a document of its own (`content`).
    fn document(&self, raw: &str) -> Written {
        let text = self.text(raw);
        let json = self.parameter.content.as_ref().is_some_and(|m| m.range.ends_with("json"));
        match serde_json::from_str(&text) {
            Ok(value) => Written::Values(vec![value]),
            Err(_) if json => Written::Otherwise("JSON".to_owned(), None),
            Err(_) => Written::Values(vec![Value::String(text.into_owned())]),
        }
    }

    /// One text with delimiters: `1,2,3`, `a,1,b,2`, or exploded `a=1,b=2`.
    fn delimited(&self, raw: &str, delimiters: &[&str], explode: bool) -> Vec<Value> {
        let pieces = split(raw, delimiters);
        let texts: Vec<Cow<'_, str>> = pieces.iter().map(|p| self.text(p.trim())).collect();
        let mut out = Vec::new();
        if self.is_list() && !(pieces.len() == 1 && raw.is_empty()) {
            out.push(self.list(&texts));
            // Clients that encode every comma mean a list all the same.
            let whole = self.text(raw);
            if texts.len() == 1 && whole.contains(delimiters[0]) {
                let inner: Vec<Cow<'_, str>> = whole.split(delimiters[0]).map(Cow::from).collect();
                out.push(self.list(&inner));
            }
        } else if self.is_list() {
            out.push(Value::Array(Vec::new()));
        }
        if self.is_object() {
            if explode {
                let members = pieces.iter().map(|p| p.trim().split_once('=').unwrap_or((p, "")));
                out.push(self.object(members.map(|(n, v)| (self.text(n), self.text(v)))));
            } else if texts.len().is_multiple_of(2) {
                out.push(self.object(texts.chunks(2).map(|m| (m[0].clone(), m[1].clone()))));
            }
        }
        if self.has_single() || out.is_empty() {
            out.extend(single(self.types, &self.text(raw)));
        }
        out
    }

    /// The value of a path segment.
    pub fn segment(&self, raw: &str) -> Written {
        let name = &self.parameter.name;
        if self.parameter.content.is_some() {
            return self.document(raw);
        }
        let explode = self.parameter.explode;
        match self.parameter.style {
            Style::Label => match raw.strip_prefix('.') {
                Some(raw) => Written::Values(self.delimited(raw, if explode { &["."] } else { &[","] }, explode)),
                None => Written::Otherwise(format!(".{raw}"), Some(format!(".{raw}"))),
            },
            Style::Matrix => {
                let Some(raw) = raw.strip_prefix(';') else {
                    return Written::Otherwise(format!(";{name}={raw}"), Some(format!(";{name}={raw}")));
                };
                if explode && self.is_list() {
                    let own = raw.split(';').filter_map(|p| p.split_once('=')).filter(|(n, _)| self.text(n) == *name);
                    let texts: Vec<Cow<'_, str>> = own.map(|(_, v)| self.text(v)).collect();
                    return Written::Values(vec![self.list(&texts)]);
                }
                if explode && self.is_object() {
                    let members = raw.split(';').map(|p| p.split_once('=').unwrap_or((p, "")));
                    return Written::Values(vec![self.object(members.map(|(n, v)| (self.text(n), self.text(v))))]);
                }
                match raw.split_once('=').filter(|(n, _)| self.text(n) == *name) {
                    Some((_, raw)) => Written::Values(self.delimited(raw, &[","], false)),
                    None => Written::Otherwise(format!(";{name}={raw}"), None),
                }
            }
            _ => Written::Values(self.delimited(raw, &[","], explode)),
        }
    }

    /// The value of header fields, put together as RFC 9110 says.
    pub fn field(&self, value: &str) -> Written {
        if self.parameter.content.is_some() {
            return self.document(value);
        }
        Written::Values(self.delimited(value, &[","], self.parameter.explode))
    }

    /// The value in a query or cookie; the pairs that it is written in are marked.
    pub fn pairs(&self, pairs: &mut [Pair<'_>], others: &dyn Fn(&str) -> bool) -> Written {
        let Parameter { name, style, explode, .. } = self.parameter;
        if *style == Style::DeepObject {
            return self.deep(pairs);
        }
        let own: Vec<usize> = (0..pairs.len()).filter(|i| pairs[*i].name == *name).collect();
        if self.parameter.content.is_none() && self.is_object() && *explode && own.is_empty() {
            return self.exploded(pairs, others);
        }
        for i in &own {
            pairs[*i].used = true;
        }
        let raws: Vec<&str> = own.iter().map(|i| pairs[*i].raw).collect();
        let Some(first) = raws.first() else { return Written::Absent };
        if self.parameter.content.is_some() {
            return self.document(first);
        }
        let delimiters: &[&str] = match style {
            Style::SpaceDelimited => &[" ", "%20", "+"],
            Style::PipeDelimited => &["|", "%7C", "%7c"],
            Style::TabDelimited => &["\t", "%09"],
            _ => &[","],
        };
        if raws.len() > 1 && !self.is_list() && !self.types.any() {
            return Written::Otherwise(format!("{name} once"), None);
        }
        if raws.len() > 1 && !*explode && !self.types.any() {
            let joined = raws.join(delimiters[0]);
            let shown = format!("{name}={joined}");
            return Written::Otherwise(shown, Some(self.text(&joined).into_owned()));
        }
        if *explode && (self.is_list() || raws.len() > 1) {
            let texts: Vec<Cow<'_, str>> = raws.iter().map(|raw| self.text(raw)).collect();
            let mut out = if raws == [""] { vec![Value::Array(Vec::new())] } else { Vec::new() };
            out.push(self.list(&texts));
            if raws.len() == 1 && self.has_single() {
                out.extend(single(self.types, &texts[0]));
            }
            return Written::Values(out);
        }
        if self.is_object() && *explode {
            return Written::Otherwise("each property as a parameter of its own".to_owned(), None);
        }
        if !self.is_list() && !self.is_object() {
            return Written::Values(single(self.types, &self.text(first)));
        }
        Written::Values(self.delimited(first, delimiters, false))
    }

    /// An object whose properties are parameters of their own.
    fn exploded(&self, pairs: &mut [Pair<'_>], others: &dyn Fn(&str) -> bool) -> Written {
        let Some(at) = &self.parameter.schema else { return Written::Absent };
        let shape = self.contract.schemas.shape(at);
        let open = shape.properties.is_empty() || shape.additional.is_some() || shape.patterned;
        let mut members: BTreeMap<String, Vec<Cow<'_, str>>> = BTreeMap::new();
        for pair in pairs {
            if shape.properties.contains_key(pair.name.as_ref()) || (open && !others(&pair.name)) {
                pair.used = true;
                members.entry(pair.name.to_string()).or_default().push(self.text(pair.raw));
            }
        }
        if members.is_empty() {
            return Written::Absent;
        }
        let member = |(name, texts): (String, Vec<Cow<'_, str>>)| {
            let at = self.property(Some(at), &name);
            let value = self.leaf(at.as_ref(), &texts);
            (name, value)
        };
        Written::Values(vec![Value::Object(members.into_iter().map(member).collect())])
    }

    /// One or several texts as the value of a property.
    fn leaf(&self, at: Option<&SchemaRef>, texts: &[Cow<'_, str>]) -> Value {
        let types = at.map(|at| Types::of(self.contract, at)).unwrap_or_default();
        if types.has(Types::ARRAY) || texts.len() > 1 {
            let items = self.items(at);
            return Value::Array(texts.iter().map(|t| self.scalar(items.as_ref(), t)).collect());
        }
        best(self.contract, at, single(types, texts.first().map_or("", |t| t)))
    }

    /// `name[a]=1&name[b][c]=2`.
    fn deep(&self, pairs: &mut [Pair<'_>]) -> Written {
        let name = &self.parameter.name;
        let mut root = Tree::default();
        let mut bare = false;
        for pair in pairs {
            let Some(rest) = pair.name.strip_prefix(name.as_str()) else { continue };
            if rest.is_empty() {
                pair.used = true;
                bare = true;
                root.texts.push(self.text(pair.raw).into_owned());
                continue;
            }
            let Some(path) = rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')) else { continue };
            let mut node = &mut root;
            for step in path.split("][").take(DEEP_LIMIT) {
                node = node.members.entry(step.to_owned()).or_default();
            }
            node.texts.push(self.text(pair.raw).into_owned());
            pair.used = true;
        }
        if root.members.is_empty() && !bare {
            return Written::Absent;
        }
        if bare && root.members.is_empty() && !self.has_single() && !self.is_list() {
            return Written::Otherwise(format!("{name}[property]=value"), None);
        }
        Written::Values(vec![self.grown(self.parameter.schema.as_ref(), &root)])
    }

    fn grown(&self, at: Option<&SchemaRef>, tree: &Tree) -> Value {
        if tree.members.is_empty() {
            let texts: Vec<Cow<'_, str>> = tree.texts.iter().map(Cow::from).collect();
            return self.leaf(at, &texts);
        }
        let types = at.map(|at| Types::of(self.contract, at)).unwrap_or_default();
        let numbered = || tree.members.keys().all(|k| k.is_empty() || k.parse::<u32>().is_ok());
        if numbered() && (types.has(Types::ARRAY) || !types.has(Types::OBJECT)) {
            let items = self.items(at);
            let mut sorted: Vec<(u32, &Tree)> = tree.members.iter().map(|(k, t)| (k.parse().unwrap_or(0), t)).collect();
            sorted.sort_by_key(|(i, _)| *i);
            let grown = sorted.into_iter().flat_map(|(_, tree)| {
                if tree.members.is_empty() {
                    tree.texts.iter().map(|t| self.scalar(items.as_ref(), t)).collect()
                } else {
                    vec![self.grown(items.as_ref(), tree)]
                }
            });
            return Value::Array(grown.collect());
        }
        let member =
            |(name, tree): (&String, &Tree)| (name.clone(), self.grown(self.property(at, name).as_ref(), tree));
        Value::Object(tree.members.iter().map(member).collect())
    }
}

/// What brackets in names make.
#[derive(Debug, Default)]
struct Tree {
    texts: Vec<String>,
    members: BTreeMap<String, Tree>,
}

/// A text at every delimiter, whichever way it is written.
fn split<'t>(raw: &'t str, delimiters: &[&str]) -> Vec<&'t str> {
    let mut out = Vec::new();
    let mut rest = raw;
    while let Some((at, length)) =
        delimiters.iter().filter_map(|d| rest.find(d).map(|at| (at, d.len()))).min_by_key(|(at, _)| *at)
    {
        out.push(&rest[..at]);
        rest = &rest[at + length..];
    }
    out.push(rest);
    out
}
