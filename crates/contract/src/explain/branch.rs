//! Which branch of `oneOf` or `anyOf` was meant: by the discriminator, else the one that is nearest to the value.

use super::fault::{Fault, Flat, What};
use super::names::{self, Near};
use super::words::{last, parent, type_of};
use crate::description::SchemaRef;
use crate::schema::Schemas;
use jsonschema::ValidationError;
use serde_json::Value;

/// What makes a branch unlikely, in the order of weight.
const OTHER_TYPE: f64 = 1000.0;
const OTHER_VALUE: f64 = 500.0;
const OTHER_TAG: f64 = 50.0;
const MISSING: f64 = 4.0;
const UNKNOWN: f64 = 3.0;
const MISNAMED: f64 = 1.5;
const INSIDE: f64 = 2.0;

/// Explains why no branch fits: within the branch that was meant.
pub(super) fn explain(
    flat: &mut Flat<'_>,
    rule: &SchemaRef,
    pointer: &str,
    context: &[Vec<ValidationError<'static>>],
    within: Option<&str>,
) {
    let Some(value) = flat.value.pointer(pointer) else { return };
    let schemas = flat.schemas;
    let names = names(schemas, rule);
    let chosen = match discriminated(schemas, rule, value, names.len()) {
        Discriminated::Branch(index) => Some(index),
        Discriminated::Absent(property, place) => {
            return flat.push(pointer.to_owned(), place, What::Missing(property), within, false);
        }
        Discriminated::Unknown(property, options, place) => {
            let at = format!("{pointer}/{}", crate::document::escape(&property));
            return flat.push(at, place, What::Values(options), within, false);
        }
        Discriminated::No => None,
    };
    let mut branches: Vec<Vec<Fault>> = context
        .iter()
        .enumerate()
        .map(|(index, errors)| {
            let label = names.get(index).map(String::as_str).or(within);
            let mut sub = Flat { schemas, at: flat.at, value: flat.value, found: Vec::new() };
            for error in errors {
                sub.add(error, label);
            }
            sub.found
        })
        .collect();
    if let Some(faults) = chosen.and_then(|index| branches.get_mut(index))
        && !faults.is_empty()
    {
        let faults = std::mem::take(faults);
        return flat.found.extend(faults);
    }
    if let Some(fault) = common(&branches, rule, pointer, value, within) {
        return flat.found.push(fault);
    }
    let costs = branches.iter().enumerate().map(|(index, faults)| {
        let at = rule.child(&index.to_string());
        (faults.iter().map(|f| cost(f, pointer, value)).sum::<f64>() + strange(schemas, &at, value, faults), index)
    });
    let best = costs.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, index)| index);
    if let Some(faults) = best.and_then(|index| branches.get_mut(index)) {
        let mut faults = std::mem::take(faults);
        // A choice between something and null is no choice of kinds.
        let real = (0..names.len()).filter(|i| !is_null(schemas, &rule.child(&i.to_string()))).count();
        if real < 2 {
            faults.iter_mut().for_each(|f| f.branch = within.map(str::to_owned));
        }
        flat.found.extend(faults);
    }
}

/// A fault that all branches have in common, as one.
fn common(
    branches: &[Vec<Fault>],
    rule: &SchemaRef,
    pointer: &str,
    value: &Value,
    within: Option<&str>,
) -> Option<Fault> {
    let fault = |pointer: &str, what: What| {
        Some(Fault {
            pointer: pointer.to_owned(),
            rule: rule.clone(),
            what,
            branch: within.map(str::to_owned),
            conditional: false,
        })
    };
    // Every branch wants another type.
    let types: Option<Vec<&Vec<String>>> = branches
        .iter()
        .map(|faults| {
            faults.iter().find_map(|f| match &f.what {
                What::Type(types) if f.pointer == pointer => Some(types),
                _ => None,
            })
        })
        .collect();
    if let Some(types) = types.filter(|t| !t.is_empty()) {
        let mut all: Vec<String> = Vec::new();
        for name in types.into_iter().flatten() {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        return fault(pointer, What::Type(all));
    }
    // Of the branches that take this type, every one wants another value: of the whole, or of the same field.
    let open: Vec<&Vec<Fault>> = branches
        .iter()
        .filter(|faults| !faults.iter().any(|f| f.pointer == pointer && matches!(f.what, What::Type(_))))
        .collect();
    let first = open.first()?;
    let valued = |faults: &[Fault], at: &str| {
        faults.iter().find_map(|f| match &f.what {
            What::Values(values) if f.pointer == at => Some(values.clone()),
            _ => None,
        })
    };
    let places = first.iter().filter(|f| {
        matches!(f.what, What::Values(_)) && (f.pointer == pointer || parent(&f.pointer) == pointer) && open.len() > 1
    });
    for place in places.map(|f| &f.pointer) {
        let all: Option<Vec<Vec<Value>>> = open.iter().map(|faults| valued(faults, place)).collect();
        if let Some(all) = all {
            let mut values: Vec<Value> = Vec::new();
            for value in all.into_iter().flatten() {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            return fault(place, What::Values(values));
        }
    }
    // Every branch lacks just one field: one of them is required.
    let lacking: Option<Vec<String>> = branches
        .iter()
        .map(|faults| match &faults[..] {
            [Fault { what: What::Missing(name), pointer: at, .. }] if at == pointer => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut lacking = lacking.filter(|l| l.len() > 1 && value.is_object())?;
    lacking.dedup();
    match &lacking[..] {
        [one] => fault(pointer, What::Missing(one.clone())),
        _ => fault(pointer, What::MissingOneOf(lacking)),
    }
}

/// How much a fault speaks against its branch.
fn cost(fault: &Fault, pointer: &str, value: &Value) -> f64 {
    let depth = fault.pointer.matches('/').count().saturating_sub(pointer.matches('/').count());
    let near = |name: &str| {
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        keys.filter_map(|key| names::near(name, key)).any(|n| n < Near::Short)
    };
    match (&fault.what, depth) {
        (What::Type(_), 0) => OTHER_TYPE,
        (What::Values(_), 0) => OTHER_VALUE,
        (What::Values(values), 1) if values.len() < 4 => OTHER_TAG,
        (What::Missing(name), 0) => {
            if near(name) {
                MISNAMED
            } else {
                MISSING
            }
        }
        (What::Unknown(_), 0) => UNKNOWN,
        (_, depth) => INSIDE / f64::from(u16::try_from(depth).unwrap_or(u16::MAX).max(1)),
    }
}

/// How many fields of a value a branch does not know, beyond those that it forbids.
fn strange(schemas: &Schemas, branch: &SchemaRef, value: &Value, faults: &[Fault]) -> f64 {
    let shape = schemas.shape(branch);
    let forbidden = |name: &str| faults.iter().any(|f| matches!(&f.what, What::Unknown(n) if n == name));
    let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
    let count = keys.filter(|key| !shape.properties.contains_key(*key) && !forbidden(key)).count();
    MISNAMED * f64::from(u16::try_from(count).unwrap_or(u16::MAX))
}

fn is_null(schemas: &Schemas, branch: &SchemaRef) -> bool {
    schemas.get(&schemas.follow(branch.clone())).and_then(|s| s.get("type")).and_then(Value::as_str) == Some("null")
}

/// What branches are called: by reference, title or place.
pub(super) fn names(schemas: &Schemas, rule: &SchemaRef) -> Vec<String> {
    let count = schemas.get(rule).and_then(Value::as_array).map_or(0, Vec::len);
    let name = |index: usize| {
        let at = rule.child(&index.to_string());
        let schema = schemas.get(&at);
        let title = schema.and_then(|s| s.get("title")).and_then(Value::as_str).map(str::to_owned);
        let reference = schemas.reference(&at).map(|to| last(&to.pointer));
        let kind = schema.and_then(|s| s.get("type")).and_then(Value::as_str).map(str::to_owned);
        reference.or(title).or(kind).unwrap_or_else(|| format!("alternative {}", index + 1))
    };
    (0..count).map(name).collect()
}

/// What a discriminator says.
enum Discriminated {
    No,
    Branch(usize),
    /// The property is not there.
    Absent(String, SchemaRef),
    /// Its value names no branch; those that do.
    Unknown(String, Vec<Value>, SchemaRef),
}

fn discriminated(schemas: &Schemas, rule: &SchemaRef, value: &Value, branches: usize) -> Discriminated {
    let at = SchemaRef { document: rule.document, pointer: parent(&rule.pointer).to_owned() };
    let place = at.child("discriminator");
    let (Some(discriminator), Some(object)) = (schemas.get(&place), value.as_object()) else {
        return Discriminated::No;
    };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return Discriminated::No };
    let Some(given) = object.get(property) else { return Discriminated::Absent(property.to_owned(), place) };
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let targets: Vec<Option<SchemaRef>> =
        (0..branches).map(|i| schemas.reference(&rule.child(&i.to_string()))).collect();
    let mapped = |text: &str| {
        let to = mapping?.get(text)?.as_str()?;
        let by_place = schemas.by_reference(&place, to);
        let index = targets.iter().position(|t| t.is_some() && *t == by_place);
        index.or_else(|| targets.iter().position(|t| t.as_ref().is_some_and(|t| last(&t.pointer) == to)))
    };
    let named = |text: &str| targets.iter().position(|t| t.as_ref().is_some_and(|t| last(&t.pointer) == text));
    if let Some(index) = given.as_str().and_then(|text| mapped(text).or_else(|| named(text))) {
        return Discriminated::Branch(index);
    }
    let options: Vec<Value> = match mapping {
        Some(mapping) => mapping.keys().map(|k| Value::String(k.clone())).collect(),
        None => targets.iter().flatten().map(|t| Value::String(last(&t.pointer))).collect(),
    };
    if options.is_empty() || type_of(value) != "object" {
        return Discriminated::No;
    }
    Discriminated::Unknown(property.to_owned(), options, place)
}
