//! Which operation of the old description is which of the new one; what came, what went, and whether it was announced.

use super::place::Place;
use super::report::{Report, Spot};
use super::sunset::{self, Sunset};
use super::{access, bodies, parameters};
use crate::description::{Contract, Operation, SchemaRef};
use crate::finding::quoted;
use firstfault_model::contract::Half;
use std::collections::{BTreeSet, HashMap};

/// A path without the names of its parameters: `/customers/{}`. Renaming one changes no call.
pub(super) fn anonymous(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// The operations of both descriptions side by side, as indices: those of the new one in its order, each after those
/// before it that are gone.
pub(super) fn pairs(old: &Contract, new: &Contract) -> Vec<(Option<usize>, Option<usize>)> {
    let key = |o: &Operation| (anonymous(&o.path), o.method.clone());
    let mut by_path: HashMap<(&str, &str), usize> = HashMap::new();
    let mut by_key: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, operation) in new.operations.iter().enumerate() {
        by_path.insert((&operation.path, &operation.method), index);
        by_key.entry(key(operation)).or_default().push(index);
    }
    let mut taken = BTreeSet::new();
    let mut partner = vec![None; old.operations.len()];
    for (index, operation) in old.operations.iter().enumerate() {
        if let Some(to) = by_path.get(&(operation.path.as_str(), operation.method.as_str())) {
            taken.insert(*to);
            partner[index] = Some(*to);
        }
    }
    for (index, operation) in
        old.operations.iter().enumerate().filter(|(i, _)| partner[*i].is_none()).collect::<Vec<_>>()
    {
        let to = by_key.get(&key(operation)).and_then(|all| all.iter().find(|to| !taken.contains(*to)));
        partner[index] = to.copied();
        taken.extend(to);
    }
    let mut out: Vec<(Option<usize>, Option<usize>)> =
        partner.into_iter().enumerate().map(|(index, to)| (Some(index), to)).collect();
    out.extend((0..new.operations.len()).filter(|to| !taken.contains(to)).map(|to| (None, Some(to))));
    let place = |side: &(Option<usize>, Option<usize>)| {
        let operation = side.1.map(|i| &new.operations[i]).or_else(|| side.0.map(|i| &old.operations[i]));
        operation.map(|o| o.path.clone())
    };
    out.sort_by_cached_key(place);
    out
}

/// Compares all operations.
pub(super) fn compare(report: &mut Report<'_>) {
    let (old, new) = (report.old, report.new);
    let paths = Place::new(new, &SchemaRef::default()).map(|root| root.members("paths")).unwrap_or_default();
    let kept: BTreeSet<String> = paths.iter().map(|(path, _)| anonymous(path)).collect();
    for pair in pairs(old, new) {
        match (pair.0.map(|i| &old.operations[i]), pair.1.map(|i| &new.operations[i])) {
            (Some(old), Some(new)) => both(report, old, new),
            (Some(old), None) => removed(report, old, kept.contains(&anonymous(&old.path))),
            (None, Some(new)) => {
                let message = "the operation is new".to_owned();
                report.add("endpoint-added", Half::Request, &new.name(), Spot::New(&new.at), message);
            }
            (None, None) => {}
        }
    }
}

fn removed(report: &mut Report<'_>, old: &Operation, path_is_there: bool) {
    let prefix = if path_is_there { "api-removed" } else { "api-path-removed" };
    let what =
        if path_is_there { "the operation is gone; its path is there" } else { "the operation is gone, with its path" };
    let (rule, message) = match (old.deprecated, sunset::read(old.sunset.as_deref(), report.now)) {
        (false, _) => (format!("{prefix}-without-deprecation"), format!("{what}; it was not deprecated")),
        (true, Sunset::None) => (format!("{prefix}-with-deprecation"), format!("{what}; it was deprecated")),
        (true, Sunset::Ahead(date)) => (format!("{prefix}-before-sunset"), format!("{what}; its sunset is {date}")),
        (true, Sunset::Over(date)) => (format!("{prefix}-after-sunset"), format!("{what}; its sunset was {date}")),
        (true, Sunset::Unread(text)) => {
            ("api-path-sunset-parse".to_owned(), format!("{what}; its sunset is {text}, which is no date"))
        }
    };
    report.add(&rule, Half::Request, &old.name(), Spot::Old(&old.at), message);
}

fn both(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    lifecycle(report, old, new);
    identity(report, old, new);
    access::operation(report, old, new);
    parameters::compare(report, old, new);
    bodies::request(report, old, new);
    bodies::responses(report, old, new);
}

fn lifecycle(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    let name = new.name();
    let (before, after) =
        (sunset::read(old.sunset.as_deref(), report.now), sunset::read(new.sunset.as_deref(), report.now));
    let (rule, message) = match (old.deprecated, new.deprecated) {
        (false, true) => match after {
            Sunset::None => ("endpoint-deprecated", "the operation is deprecated now, without a sunset".to_owned()),
            Sunset::Unread(text) => {
                let message = format!("the operation is deprecated now, with the sunset {text}, which is no date");
                ("api-deprecated-sunset-parse", message)
            }
            Sunset::Ahead(date) | Sunset::Over(date) => {
                ("endpoint-deprecated-with-sunset", format!("the operation is deprecated now, until {date}"))
            }
        },
        (true, false) => ("endpoint-reactivated", "the operation is no longer deprecated".to_owned()),
        (true, true) if old.sunset.is_some() && new.sunset.is_none() => {
            ("sunset-deleted", "the operation is still deprecated, and its sunset is gone".to_owned())
        }
        (true, true) => match (before.day(), after.day()) {
            (Some(a), Some(b)) if b < a => {
                ("api-sunset-date-moved-up", format!("the sunset of the operation is {b} now, not {a}"))
            }
            _ => return,
        },
        (false, false) => return,
    };
    report.add(rule, Half::Request, &name, Spot::New(&new.at), message);
}

/// Its name and tags.
fn identity(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    let name = new.name();
    match (&old.id, &new.id) {
        (None, Some(id)) => {
            let message = format!("the operation has the operationId {id} now");
            report.add("api-operation-id-added", Half::Request, &name, Spot::New(&new.at), message);
        }
        (Some(id), other) if other.as_ref() != Some(id) => {
            let now = other.as_ref().map_or_else(|| "it has none now".to_owned(), |o| format!("it is {o} now"));
            let message = format!("the operationId {id} is gone; {now}");
            report.add("api-operation-id-removed", Half::Request, &name, Spot::Old(&old.at), message);
        }
        _ => {}
    }
    let tags = |contract, operation: &Operation| -> BTreeSet<String> {
        let Some(place) = Place::new(contract, &operation.at) else { return BTreeSet::new() };
        place.items("tags").iter().filter_map(|t| t.value.as_str()).map(str::to_owned).collect()
    };
    let (before, after) = (tags(report.old, old), tags(report.new, new));
    for tag in before.difference(&after) {
        let message = format!("the operation has the tag {} no more", quoted(tag));
        report.add("api-tag-removed", Half::Request, &name, Spot::Old(&old.at), message);
    }
    for tag in after.difference(&before) {
        let message = format!("the operation has the tag {} now", quoted(tag));
        report.add("api-tag-added", Half::Request, &name, Spot::New(&new.at), message);
    }
}
