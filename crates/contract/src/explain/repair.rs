//! Faults of structure, found by trial: what was renamed, moved, wrapped or unwrapped.

use super::fault::{self, Fault, What};
use super::names::{Near, nearest};
use super::words::{last, one_of, parent, short, subject, within};
use super::{Told, Words, as_branch, set};
use crate::document::escape;
use crate::schema;
use firstfault_model::contract::{Edit, Finding, Kind};
use serde_json::{Map, Value};

/// How many repairs are tried on one value.
const TRIAL_LIMIT: usize = 60;
/// How many objects are searched for a field that stands elsewhere.
const SEARCH_LIMIT: usize = 500;

/// A prefix of pointers in the repaired value, and where that stands in the value as it is.
pub(super) type Moved = Vec<(String, String)>;

/// A value under repair.
pub(super) struct Repairs<'a> {
    told: &'a Told<'a>,
    /// The value with all repairs so far.
    pub now: Value,
    /// What is still wrong with it.
    pub faults: Vec<Fault>,
    pub moved: Moved,
    pub findings: Vec<Finding>,
    trials: usize,
}

/// One repair that helped.
struct Repair {
    value: Value,
    faults: Vec<Fault>,
    /// New prefix and old prefix.
    moved: Vec<(String, String)>,
    findings: Vec<Finding>,
}

/// Where a pointer into a repaired value stands in the value as it is.
pub(super) fn original(moved: &Moved, pointer: &str) -> String {
    let mut pointer = pointer.to_owned();
    for (new, old) in moved.iter().rev() {
        if let Some(rest) = pointer.strip_prefix(new.as_str())
            && (rest.is_empty() || rest.starts_with('/'))
        {
            pointer = format!("{old}{rest}");
        }
    }
    pointer
}

fn step(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", escape(name))
}

/// Takes a field out of an object at a pointer.
fn take(value: &mut Value, pointer: &str, name: &str) -> Option<Value> {
    value.pointer_mut(pointer)?.as_object_mut()?.remove(name)
}

fn put(value: &mut Value, pointer: &str, name: &str, field: Value) -> Option<()> {
    value.pointer_mut(pointer)?.as_object_mut()?.insert(name.to_owned(), field);
    Some(())
}

impl<'a> Repairs<'a> {
    pub fn new(told: &'a Told<'a>, value: &Value, faults: Vec<Fault>) -> Self {
        Self { told, now: value.clone(), faults, moved: Vec::new(), findings: Vec::new(), trials: 0 }
    }

    /// Repairs until nothing helps any more.
    pub fn run(&mut self) {
        while self.trials < TRIAL_LIMIT {
            let repair = self.unwrap().or_else(|| self.wrap()).or_else(|| self.rename()).or_else(|| self.shift());
            let Some(repair) = repair else { return };
            self.now = repair.value;
            self.faults = repair.faults;
            self.findings.extend(repair.findings);
            self.moved.extend(repair.moved);
        }
    }

    /// What would be wrong with another value.
    fn attempt(&mut self, value: &Value) -> Option<Vec<Fault>> {
        self.trials += 1;
        if self.trials > TRIAL_LIMIT {
            return None;
        }
        Some(fault::faults(&self.told.contract.schemas, self.told.at, self.told.half, value))
    }

    fn old(&self, pointer: &str) -> String {
        original(&self.moved, pointer)
    }

    /// Whether a schema of the object at a pointer knows a name.
    fn knows(&self, pointer: &str, name: &str) -> bool {
        let schemas = &self.told.contract.schemas;
        let at = schema::shapes_of(schemas, self.told.at, pointer);
        at.iter().any(|s| {
            let shape = schemas.shape(s);
            shape.properties.contains_key(name)
        })
    }

    /// Names that the object at a pointer has and its schema does not know, or forbids.
    fn unknown(&self, pointer: &str) -> Vec<String> {
        let Some(Value::Object(object)) = self.now.pointer(pointer) else { return Vec::new() };
        let forbidden = |name: &str| {
            self.faults.iter().any(|f| f.pointer == pointer && matches!(&f.what, What::Unknown(n) if n == name))
        };
        object.keys().filter(|name| forbidden(name) || !self.knows(pointer, name)).cloned().collect()
    }

    /// Fields that are missing: object, name and fault.
    fn missing(&self) -> Vec<(String, String, Fault)> {
        let one = |f: &Fault| match &f.what {
            What::Missing(name) => vec![(f.pointer.clone(), name.clone(), f.clone())],
            What::MissingOneOf(names) => names.iter().map(|n| (f.pointer.clone(), n.clone(), f.clone())).collect(),
            _ => Vec::new(),
        };
        self.faults.iter().flat_map(one).collect()
    }

    /// Places whose object lacks fields or is of another type, each once.
    fn objects(&self) -> Vec<(String, Fault)> {
        let mut out: Vec<(String, Fault)> = Vec::new();
        for fault in &self.faults {
            let about = matches!(fault.what, What::Missing(_) | What::MissingOneOf(_) | What::Type(_));
            if about
                && self.now.pointer(&fault.pointer).is_some_and(Value::is_object)
                && !out.iter().any(|(p, _)| *p == fault.pointer)
            {
                out.push((fault.pointer.clone(), fault.clone()));
            }
        }
        out
    }

    /// The whole stands inside of a wrapper: `{"data": {…}}` for `{…}`.
    fn unwrap(&mut self) -> Option<Repair> {
        for (at, fault) in self.objects() {
            let unknown = self.unknown(&at);
            let Some(Value::Object(object)) = self.now.pointer(&at).cloned() else { continue };
            let wanted = |inner: &Value| match &fault.what {
                What::Type(types) => types.iter().any(|t| t == super::type_of(inner)),
                _ => inner.is_object(),
            };
            for name in unknown.iter().filter(|n| object.get(*n).is_some_and(wanted)) {
                let Some(mut inner) = object.get(name).cloned() else { continue };
                let beside = object.len() > unknown.len();
                // What stands beside the wrapper and is known stays.
                if let Value::Object(inner) = &mut inner {
                    if beside && inner.len() == 1 {
                        continue;
                    }
                    for (key, value) in object.iter().filter(|(k, _)| !unknown.contains(k)) {
                        inner.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                } else if object.len() > 1 {
                    continue;
                }
                let mut trial = self.now.clone();
                *trial.pointer_mut(&at)? = inner.clone();
                let faults = self.attempt(&trial)?;
                let still = faults.iter().any(|f| {
                    f.pointer == at && matches!(f.what, What::Missing(_) | What::MissingOneOf(_) | What::Type(_))
                });
                if still || faults.len() >= self.faults.len() {
                    continue;
                }
                let wrapper = step(&at, name);
                let (old, place) = (self.old(&wrapper), self.old(&at));
                let whole = subject(&place, &self.told.whole());
                let words = Words {
                    expected: format!("the fields of {} directly in {whole}", short(name)),
                    got: format!("inside of {}", short(name)),
                    message: format!(
                        "the fields stand inside of {}, the contract has them one level up{}",
                        short(name),
                        within(&place)
                    ),
                    fix: format!("put the content of {} in its place", short(name)),
                };
                let edit = if beside { set(&place, &inner) } else { Edit::MoveField(old.clone(), place.clone()) };
                let finding = self.told.finding(Kind::WrongNesting, &old, &fault.rule, words, Some(edit));
                return Some(Repair {
                    value: trial,
                    faults,
                    moved: vec![(at.clone(), wrapper)],
                    findings: vec![finding],
                });
            }
        }
        None
    }

    /// The wrapper is missing: `{…}` for `{"data": {…}}`.
    fn wrap(&mut self) -> Option<Repair> {
        for (at, name, fault) in self.missing() {
            let unknown = self.unknown(&at);
            let inner = step(&at, &name);
            let schemas = &self.told.contract.schemas;
            let shapes = schema::shapes_of(schemas, self.told.at, &inner);
            let known = |key: &String| shapes.iter().any(|s| schemas.shape(s).properties.contains_key(key));
            let inside: Vec<&String> = unknown.iter().filter(|k| known(k)).collect();
            if inside.is_empty() {
                continue;
            }
            let mut trial = self.now.clone();
            let mut wrapped = Map::new();
            for key in &inside {
                if let Some(field) = take(&mut trial, &at, key) {
                    wrapped.insert((*key).clone(), field);
                }
            }
            put(&mut trial, &at, &name, Value::Object(wrapped))?;
            let faults = self.attempt(&trial)?;
            let still = |f: &Fault| f.pointer == at && f.what == fault.what;
            let worse = |f: &Fault| f.pointer == inner && matches!(f.what, What::Missing(_) | What::Type(_));
            if faults.iter().any(still) || faults.iter().filter(|f| worse(f)).count() > 1 {
                continue;
            }
            if faults.len() > self.faults.len() {
                continue;
            }
            let names: Vec<String> = inside.iter().map(|k| short(k)).collect();
            let listed = one_of(&names).replace(" or ", " and ");
            let are = if names.len() == 1 { "the field" } else { "the fields" };
            let place = self.old(&at);
            let (spot, edit) = match &inside[..] {
                [one] => (
                    self.old(&step(&at, one)),
                    Edit::MoveField(self.old(&step(&at, one)), step(&step(&place, &name), one)),
                ),
                all if self.now.pointer(&at).and_then(Value::as_object).is_some_and(|o| o.len() == all.len()) => {
                    (place.clone(), Edit::MoveField(place.clone(), step(&place, &name)))
                }
                _ => (place.clone(), set(&place, trial.pointer(&at)?)),
            };
            let words = Words {
                expected: format!("{are} {listed} inside of {}", short(&name)),
                got: format!(
                    "{are} {listed}{}",
                    if place.is_empty() { " at the top".to_owned() } else { within(&place) }
                ),
                message: format!(
                    "{are} {listed} {} inside of {}, which is missing{}",
                    if names.len() == 1 { "belongs" } else { "belong" },
                    short(&name),
                    within(&place)
                ),
                fix: format!("put {listed} into an object {}", short(&name)),
            };
            let finding = self.told.finding(Kind::WrongNesting, &spot, &fault.rule, words, Some(edit));
            let moved = inside.iter().map(|key| (step(&inner, key), step(&at, key))).collect();
            return Some(Repair { value: trial, faults, moved, findings: vec![finding] });
        }
        None
    }

    /// A field under a near name: one that is missing, or an optional one where unknown fields are forbidden.
    fn rename(&mut self) -> Option<Repair> {
        let mut pairs: Vec<(String, String, String, Near, Fault)> = Vec::new();
        for (at, name, fault) in self.missing() {
            let unknown = self.unknown(&at);
            if let Some((from, near)) = nearest(&name, unknown.iter().map(String::as_str), Near::Part) {
                pairs.push((at, from.to_owned(), name, near, fault));
            }
        }
        for fault in &self.faults {
            let What::Unknown(from) = &fault.what else { continue };
            let Some(Value::Object(object)) = self.now.pointer(&fault.pointer) else { continue };
            let schemas = &self.told.contract.schemas;
            let shapes: Vec<_> =
                schema::shapes_of(schemas, self.told.at, &fault.pointer).iter().map(|s| schemas.shape(s)).collect();
            let absent = shapes
                .iter()
                .flat_map(|s| s.properties.keys())
                .filter(|k| !object.contains_key(*k))
                .map(String::as_str);
            let mut absent: Vec<&str> = absent.collect();
            absent.sort_unstable();
            absent.dedup();
            if let Some((to, near)) = nearest(from, absent.into_iter(), Near::Slipped(2)) {
                pairs.push((fault.pointer.clone(), from.clone(), to.to_owned(), near, fault.clone()));
            }
        }
        pairs.sort_by_key(|p| p.3);
        for (at, from, to, near, fault) in pairs {
            let mut trial = self.now.clone();
            let Some(field) = take(&mut trial, &at, &from) else { continue };
            put(&mut trial, &at, &to, field)?;
            let faults = self.attempt(&trial)?;
            let gone = !faults.iter().any(|f| f.pointer == at && f.what == fault.what);
            let better =
                faults.len() < self.faults.len() || (near == Near::Written && faults.len() == self.faults.len());
            if !gone || !better {
                continue;
            }
            let (old, place) = (self.old(&step(&at, &from)), self.old(&at));
            let words = Words {
                expected: short(&to),
                got: short(&from),
                message: format!(
                    "the field {} is named {} in the contract{}{}",
                    short(&from),
                    short(&to),
                    within(&place),
                    as_branch(&fault)
                ),
                fix: format!("rename {} to {}", short(&from), short(&to)),
            };
            let edit = Edit::RenameField(old.clone(), to.clone());
            let finding = self.told.finding(Kind::MisnamedField, &old, &fault.rule, words, Some(edit));
            let moved = vec![(step(&at, &to), step(&at, &from))];
            return Some(Repair { value: trial, faults, moved, findings: vec![finding] });
        }
        None
    }

    /// A single field at another depth.
    fn shift(&mut self) -> Option<Repair> {
        for (at, name, fault) in self.missing() {
            let mut places = Vec::new();
            holders(&self.now, &mut String::new(), &name, &mut places, &mut 0);
            let mut places: Vec<String> =
                places.into_iter().filter(|p| *p != at && self.unknown(p).contains(&name)).collect();
            // Items of lists are alike: a field of one of them is none of another object's.
            places.retain(|p| related(p, &at));
            let [from] = &places[..] else { continue };
            if let Some(repair) = self.try_shift(from, &at, &name, &fault) {
                return Some(repair);
            }
        }
        for fault in self.faults.clone() {
            let What::Unknown(name) = &fault.what else { continue };
            let at = &fault.pointer;
            let mut targets: Vec<String> = Vec::new();
            if !at.is_empty() && last(at).parse::<usize>().is_err() {
                targets.push(parent(at).to_owned());
            }
            if let Some(Value::Object(object)) = self.now.pointer(at) {
                targets.extend(object.iter().filter(|(_, v)| v.is_object()).map(|(k, _)| step(at, k)));
            }
            targets.retain(|to| {
                let absent = self.now.pointer(to).is_some_and(|o| o.as_object().is_some_and(|o| !o.contains_key(name)));
                absent && self.knows(to, name)
            });
            let [to] = &targets[..] else { continue };
            if let Some(repair) = self.try_shift(at, to, name, &fault) {
                return Some(repair);
            }
        }
        None
    }

    fn try_shift(&mut self, from: &str, to: &str, name: &str, fault: &Fault) -> Option<Repair> {
        let mut trial = self.now.clone();
        let field = take(&mut trial, from, name)?;
        // A wrapper that held nothing else was made for this field.
        let emptied = trial.pointer(from).and_then(Value::as_object).is_some_and(Map::is_empty);
        if emptied && !from.is_empty() && self.unknown(parent(from)).contains(&last(from)) {
            take(&mut trial, parent(from), &last(from));
        }
        put(&mut trial, to, name, field)?;
        let faults = self.attempt(&trial)?;
        if faults.len() >= self.faults.len() {
            return None;
        }
        let (old_from, old_to) = (self.old(&step(from, name)), step(&self.old(to), name));
        let place = |pointer: &str| if pointer.is_empty() { "the top".to_owned() } else { short(pointer) };
        let (here, there) = (place(&self.old(from)), place(&self.old(to)));
        let words = Words {
            expected: short(&old_to),
            got: short(&old_from),
            message: format!(
                "the field {} stands in {here}, the contract has it in {there}{}",
                short(name),
                as_branch(fault)
            ),
            fix: format!("move {} from {here} to {there}", short(name)),
        };
        let edit = Edit::MoveField(old_from.clone(), old_to);
        let finding = self.told.finding(Kind::WrongNesting, &old_from, &fault.rule, words, Some(edit));
        let moved = vec![(step(to, name), step(from, name))];
        Some(Repair { value: trial, faults, moved, findings: vec![finding] })
    }
}

/// Whether one object is inside of the other, or both are children of one, without another item of a list between.
fn related(a: &str, b: &str) -> bool {
    let (steps_a, steps_b): (Vec<&str>, Vec<&str>) = (a.split('/').collect(), b.split('/').collect());
    let common = steps_a.iter().zip(&steps_b).take_while(|(x, y)| x == y).count();
    let rest = steps_a[common..].iter().chain(&steps_b[common..]);
    rest.clone().all(|s| s.parse::<usize>().is_err()) && rest.count() <= 3
}

/// Objects that have a field.
fn holders(value: &Value, pointer: &mut String, name: &str, found: &mut Vec<String>, seen: &mut usize) {
    *seen += 1;
    if *seen > SEARCH_LIMIT {
        return;
    }
    let length = pointer.len();
    let mut inner = |step: &str, value: &Value, pointer: &mut String, found: &mut Vec<String>| {
        pointer.push('/');
        pointer.push_str(&escape(step));
        holders(value, pointer, name, found, seen);
        pointer.truncate(length);
    };
    match value {
        Value::Object(object) => {
            if object.contains_key(name) {
                found.push(pointer.clone());
            }
            for (key, value) in object {
                inner(key, value, pointer, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                inner(&index.to_string(), value, pointer, found);
            }
        }
        _ => {}
    }
}
