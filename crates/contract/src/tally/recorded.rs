//! Recorded calls against an old and a new description: which use what changed, and which would break.

use super::{line, signature};
use crate::{Contract, Held, check};
use firstfault_model::Call;
use firstfault_model::contract::{BrokenCall, Difference, Finding, Half, Severity};
use std::collections::HashMap;

/// How many different calls that would break are kept.
const BROKEN: usize = 500;

/// Recorded calls, added up.
#[derive(Debug)]
pub struct Recorded<'c> {
    old: &'c Contract,
    new: &'c Contract,
    calls: usize,
    /// How many calls use an operation, by its name in either description.
    used: HashMap<String, usize>,
    broken: Vec<BrokenCall>,
    /// Index in `broken` by operation and findings.
    known: HashMap<(Option<usize>, Vec<u64>), usize>,
}

impl<'c> Recorded<'c> {
    /// No calls yet.
    #[must_use]
    pub fn new(old: &'c Contract, new: &'c Contract) -> Self {
        Self { old, new, calls: 0, used: HashMap::new(), broken: Vec::new(), known: HashMap::new() }
    }

    /// Adds a call of the input `file`. Only its request counts: what came back came from the API as it was. True when it
    /// would break in a way that no call before it does. `now` as for [`check`].
    pub fn add(&mut self, file: &str, call: &Call, now: Option<i64>) -> bool {
        self.calls += 1;
        let before = check(self.old, call, now);
        let after = check(self.new, call, now);
        let name = |contract: &Contract, held: &Held| {
            held.operation.and_then(|at| contract.operations.get(at)).map(|operation| operation.name())
        };
        let (old, new) = (name(self.old, &before), name(self.new, &after));
        for name in old.iter().chain(new.as_ref().filter(|name| old.as_ref() != Some(*name))) {
            *self.used.entry(name.clone()).or_default() += 1;
        }
        let was_sound = before.belongs && before.operation.is_some() && errors(&before).is_empty();
        let findings = errors(&after);
        if !was_sound || after.belongs && findings.is_empty() {
            return false;
        }
        let key = (before.operation, findings.iter().map(signature).collect());
        if let Some(broken) = self.known.get(&key).and_then(|index| self.broken.get_mut(*index)) {
            broken.repeats += 1;
            return false;
        }
        if self.broken.len() >= BROKEN {
            return false;
        }
        self.known.insert(key, self.broken.len());
        let request = call.request.as_ref();
        let method = request.and_then(|r| r.method.as_deref()).unwrap_or("GET");
        let path = request.map_or("", |r| r.url.path.as_str());
        let line = findings.first().map_or(call.span.line, |finding| line(call, finding));
        self.broken.push(BrokenCall {
            call: format!("{method} {path}"),
            place: (file.to_owned(), line),
            repeats: 1,
            findings,
        });
        true
    }

    /// Adds what was found to the difference of the two descriptions; the most frequent broken calls first.
    pub fn finish(self, difference: &mut Difference) {
        difference.calls = self.calls;
        for change in difference.changes.iter_mut().filter(|change| !change.operation.is_empty()) {
            change.calls = Some(self.used.get(&change.operation).copied().unwrap_or(0));
        }
        difference.broken_calls = self.broken;
        difference.broken_calls.sort_by_key(|call| std::cmp::Reverse(call.repeats));
    }
}

/// What is wrong with the request.
fn errors(held: &Held) -> Vec<Finding> {
    let grave = |finding: &&Finding| finding.half == Half::Request && finding.severity == Severity::Error;
    held.findings.iter().filter(grave).cloned().collect()
}
