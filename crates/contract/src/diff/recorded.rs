//! Which recorded calls would break.

use super::operations::pairs;
use crate::check::{Held, check};
use crate::description::Contract;
use firstfault_model::Call;
use firstfault_model::contract::{BrokenCall, Difference, Edit, Finding, Half, Kind, Severity, Spot};
use std::collections::HashMap;

/// How many different calls that would break are kept.
const BROKEN: usize = 500;

/// Recorded calls against both descriptions, one after the other, so that any number of them takes no memory.
#[derive(Debug)]
pub struct Recorded<'c> {
    old: &'c Contract,
    new: &'c Contract,
    now: Option<i64>,
    /// What changes call an operation of the old description.
    names: HashMap<usize, String>,
    calls: usize,
    used: HashMap<String, usize>,
    broken: Vec<BrokenCall>,
    /// Index in `broken` of calls that break alike.
    alike: HashMap<String, usize>,
}

impl<'c> Recorded<'c> {
    /// No calls yet. `now` as for [`super::diff`].
    #[must_use]
    pub fn new(old: &'c Contract, new: &'c Contract, now: Option<i64>) -> Self {
        let names = pairs(old, new).into_iter().filter_map(|(before, after)| {
            let before = before?;
            let kept = after.map_or_else(|| old.operations[before].name(), |index| new.operations[index].name());
            Some((before, kept))
        });
        let names = names.collect();
        let (used, alike) = (HashMap::new(), HashMap::new());
        Self { old, new, now, names, calls: 0, used, broken: Vec::new(), alike }
    }

    /// Adds a call and the file that it stands in. True when it agrees with the old description and breaks the new one in
    /// a way that no call before it does. Only requests count: what came back came from the API as it was.
    pub fn add(&mut self, file: &str, call: &Call) -> bool {
        self.calls += 1;
        let before = check(self.old, call, self.now);
        if !before.belongs {
            return false;
        }
        if let Some(name) = before.operation.and_then(|index| self.names.get(&index)) {
            *self.used.entry(name.clone()).or_default() += 1;
        }
        if before.findings.iter().any(breaks) {
            return false;
        }
        let findings = broken(self.new, &check(self.new, call, self.now), call);
        if findings.is_empty() {
            return false;
        }
        let key = alike_by(&before, &findings);
        if let Some(index) = self.alike.get(&key) {
            self.broken[*index].repeats += 1;
            return false;
        }
        if self.broken.len() >= BROKEN {
            return false;
        }
        self.alike.insert(key, self.broken.len());
        let place = (file.to_owned(), call.span.line);
        self.broken.push(BrokenCall { call: name(call), place, repeats: 1, findings });
        true
    }

    /// Puts what was found into the difference of the two descriptions: the calls that would break, the most frequent
    /// first, and how many calls use the operation of each change.
    pub fn finish(self, difference: &mut Difference) {
        difference.calls = self.calls;
        for change in difference.changes.iter_mut().filter(|change| !change.operation.is_empty()) {
            change.calls = Some(self.used.get(&change.operation).copied().unwrap_or(0));
        }
        difference.broken_calls = self.broken;
        difference.broken_calls.sort_by_key(|call| std::cmp::Reverse(call.repeats));
    }
}

fn breaks(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.half == Half::Request
}

/// What breaks of a call: the errors; and where the new description does not know the host at all, that.
fn broken(new: &Contract, held: &Held, call: &Call) -> Vec<Finding> {
    if held.belongs {
        return held.findings.iter().filter(|finding| breaks(finding)).cloned().collect();
    }
    let host = call.request.as_ref().and_then(|r| r.url.host.clone()).unwrap_or_default();
    let name = new.documents.first().map(|d| d.name.as_str()).unwrap_or_default();
    vec![Finding {
        kind: Kind::UnknownHost,
        half: Half::Request,
        severity: Severity::Error,
        spot: Spot::Target,
        operation: None,
        rule: format!("{name}#/servers"),
        line: 0,
        expected: "a call of the new description".to_owned(),
        got: host,
        message: "the call belongs to none of the servers and paths any more".to_owned(),
        fix: String::new(),
        edit: None::<Edit>,
    }]
}

/// `POST /v1/customers`.
fn name(call: &Call) -> String {
    let Some(request) = &call.request else { return String::new() };
    format!("{} {}", request.method.as_deref().unwrap_or("GET"), request.url.path)
}

/// Calls are alike when they use the same operation and break in the same way, whatever the index in a list.
fn alike_by(held: &Held, findings: &[Finding]) -> String {
    let mut key = format!("{:?}", held.operation);
    for finding in findings {
        let spot = finding.spot.to_string();
        let steps = spot.split('/').map(|step| if step.bytes().all(|b| b.is_ascii_digit()) { "0" } else { step });
        key.push_str(&format!(
            "\n{} {} {} {}",
            finding.kind,
            finding.half,
            steps.collect::<Vec<_>>().join("/"),
            finding.rule
        ));
    }
    key
}
