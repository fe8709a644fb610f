//! Two descriptions → what changed, judged for requests and responses apart: a request that is taken no more breaks a
//! caller, and so does a response that a caller never had to expect.
//!
//! The rules are those of oasdiff by id and severity where it has one of that meaning; docs/contract-diff.md lists all,
//! and says where and why this differs.

mod access;
mod bodies;
mod branches;
mod keywords;
mod operations;
mod parameters;
mod place;
mod properties;
mod report;
mod rules;
mod sameness;
mod schemas;
mod sunset;
mod types;

pub use rules::{Rule, rules};

use crate::description::{Contract, SchemaRef};
use firstfault_model::contract::{Difference, Half, Mistake, Severity};
use place::Place;
use report::{CHANGE_LIMIT, Carrier, Report, Side, Spot};

/// What changed from one description to another. `now` is the time in milliseconds since the Unix epoch where it is
/// known: what is removed after its sunset breaks nobody.
#[must_use]
pub fn diff(old: &Contract, new: &Contract, now: Option<i64>) -> Difference {
    let name = |contract: &Contract| contract.documents.first().map(|d| d.name.clone()).unwrap_or_default();
    let mut difference = Difference { old: name(old), new: name(new), ..Difference::default() };
    difference.mistakes.extend(old.mistakes.iter().chain(&new.mistakes).cloned());
    let equal = old.documents.iter().map(|d| &d.value).eq(new.documents.iter().map(|d| &d.value));
    if equal {
        return difference;
    }
    let mut report = Report::new(old, new, now);
    access::whole(&mut report);
    operations::compare(&mut report);
    whole(&mut report);
    named_schemas(&mut report);
    version(&mut report);
    if report.dropped > 0 {
        let message = format!("expected at most {CHANGE_LIMIT} changes, found {} more", report.dropped);
        difference.mistakes.push(Mistake { file: difference.new.clone(), line: 0, pointer: String::new(), message });
    }
    difference.changes = report.changes;
    difference.changes.sort_by_key(|change| change.severity);
    difference
}

/// Two JSON Schemas alone: their values may be sent or received, so they are judged as both.
fn whole(report: &mut Report<'_>) {
    let (Some(old), Some(new)) = (&report.old.whole, &report.new.whole) else { return };
    for carrier in [Carrier::Body, Carrier::Response] {
        let noun = if carrier == Carrier::Body { "the document, when sent," } else { "the document, when received," };
        let side = Side { carrier, operation: "", noun: noun.to_owned(), text: false, exploded: false };
        schemas::compare(report, &side, old, new);
    }
}

/// Schemas with a name that are gone: they break who generates code from it.
fn named_schemas(report: &mut Report<'_>) {
    for path in ["/components/schemas", "/definitions"] {
        let at = SchemaRef { document: 0, pointer: path.to_owned() };
        let Some(old) = Place::new(report.old, &at) else { continue };
        let new = Place::new(report.new, &at);
        for name in old.value.as_object().into_iter().flat_map(|map| map.keys()) {
            if new.as_ref().is_none_or(|place| place.get(name).is_none()) {
                let message = format!("the schema {name} is gone");
                report.add("api-schema-removed", Half::Response, "", Spot::Old(&at.child(name)), message);
            }
        }
    }
}

/// Whether the version says that callers break.
fn version(report: &mut Report<'_>) {
    if !report.changes.iter().any(|change| change.severity == Severity::Error) {
        return;
    }
    let (Some(old), Some(new)) = (semantic(&report.old.version), semantic(&report.new.version)) else { return };
    let (rule, what) = match new.cmp(&old) {
        std::cmp::Ordering::Equal => {
            ("api-version-not-bumped", "there are breaking changes, and the version is the same")
        }
        std::cmp::Ordering::Less => ("api-version-decreased", "there are breaking changes, and the version went back"),
        std::cmp::Ordering::Greater if new.0 == old.0 => {
            ("api-major-version-not-bumped", "there are breaking changes, and the major version is the same")
        }
        std::cmp::Ordering::Greater => return,
    };
    let at = SchemaRef { document: 0, pointer: "/info/version".to_owned() };
    report.add(rule, Half::Request, "", Spot::New(&at), what.to_owned());
}

/// Major, minor and patch of a semantic version.
fn semantic(text: &str) -> Option<(u64, u64, u64)> {
    let plain = text.trim().trim_start_matches('v').split(['-', '+']).next()?;
    let mut parts = plain.split('.').map(|part| part.parse().ok());
    let version = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(version)
}
