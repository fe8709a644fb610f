//! What was found against a description, with its secrets replaced, its control characters made visible, and bounded.

use super::Against;
use crate::safe::one_line;
use firstfault_model::contract::{
    BrokenCall, Change, Checked, CheckedInput, Covered, Difference, Finding, Group, Mistake, Spot,
};
use firstfault_redact::{Redactor, is_secret_name};

/// Characters of a name, a pointer, a file.
const NAME: usize = 300;
/// Characters of a sentence.
const MESSAGE: usize = 600;
/// Bytes of one string that the redactor looks at; what lies behind is never shown.
const LOOKED_AT: usize = 16 << 10;
/// Faults of a description; files; changes; recorded calls that break.
const MISTAKES: usize = 1_000;
const INPUTS: usize = 10_000;
const CHANGES: usize = 20_000;
const BROKEN: usize = 500;
/// Findings of one call.
const FINDINGS: usize = 200;

/// What many calls came to, in a form that may be shown.
#[derive(Clone, Debug)]
pub struct SafeChecked(Checked);

impl SafeChecked {
    /// Redacts and bounds every string.
    #[must_use]
    pub fn new(mut checked: Checked, redactor: &mut Redactor) -> Self {
        // Every field is named, so that a new one cannot be forgotten here.
        let Checked { contract, title, mistakes, inputs, calls: _, matched: _, broken: _, groups, coverage } =
            &mut checked;
        name(contract, redactor);
        name(title, redactor);
        mistakes.truncate(MISTAKES);
        mistakes.iter_mut().for_each(|one| mistake(one, redactor));
        inputs.truncate(INPUTS);
        for CheckedInput { name: file, calls: _, problems } in inputs {
            name(file, redactor);
            problems.iter_mut().for_each(|problem| message(problem, redactor));
        }
        for Group { signature: _, finding: one, calls: _, places } in groups {
            finding(one, redactor);
            places.iter_mut().for_each(|(file, _)| name(file, redactor));
        }
        for Covered { operation, id, calls: _, broken: _, parameters, statuses } in coverage {
            name(operation, redactor);
            id.iter_mut().for_each(|id| name(id, redactor));
            parameters.iter_mut().for_each(|(parameter, _)| name(parameter, redactor));
            statuses.iter_mut().for_each(|(status, _)| name(status, redactor));
        }
        Self(checked)
    }

    /// What was found.
    #[must_use]
    pub fn checked(&self) -> &Checked {
        &self.0
    }
}

/// What changed between two descriptions, in a form that may be shown.
#[derive(Clone, Debug)]
pub struct SafeDifference(Difference);

impl SafeDifference {
    /// Redacts and bounds every string.
    #[must_use]
    pub fn new(mut difference: Difference, redactor: &mut Redactor) -> Self {
        let Difference { old, new, mistakes, changes, calls: _, broken_calls } = &mut difference;
        name(old, redactor);
        name(new, redactor);
        mistakes.truncate(MISTAKES);
        mistakes.iter_mut().for_each(|one| mistake(one, redactor));
        changes.truncate(CHANGES);
        for Change { rule, severity: _, half: _, operation, message: words, place, line: _, calls: _ } in changes {
            name(rule, redactor);
            name(operation, redactor);
            message(words, redactor);
            name(place, redactor);
        }
        broken_calls.truncate(BROKEN);
        for BrokenCall { call, place, repeats: _, findings } in broken_calls {
            name(call, redactor);
            name(&mut place.0, redactor);
            findings.truncate(FINDINGS);
            findings.iter_mut().for_each(|one| finding(one, redactor));
        }
        Self(difference)
    }

    /// What changed.
    #[must_use]
    pub fn difference(&self) -> &Difference {
        &self.0
    }
}

/// Redacts what a description says of one call.
pub(crate) fn against(against: &mut Against, redactor: &mut Redactor) {
    let Against { contract, operation, findings, mistakes: _ } = against;
    name(contract, redactor);
    operation.iter_mut().for_each(|operation| name(operation, redactor));
    findings.truncate(FINDINGS);
    findings.iter_mut().for_each(|one| finding(one, redactor));
}

fn finding(finding: &mut Finding, redactor: &mut Redactor) {
    let Finding {
        kind: _,
        half: _,
        severity: _,
        spot,
        operation,
        rule,
        line: _,
        expected,
        got,
        message: words,
        fix,
        // Never shown as it is: a correction is shown as a command, which is redacted as one.
        edit,
    } = finding;
    *edit = None;
    let secret = named(spot).filter(|name| is_secret_name(name)).map(str::to_owned);
    if let Some(secret) = secret {
        *got = redactor.header(&secret, got);
    }
    match spot {
        Spot::Path(text) | Spot::Query(text) | Spot::Header(text) | Spot::Cookie(text) | Spot::Body(text) => {
            name(text, redactor);
        }
        Spot::Target | Spot::Method | Spot::Status => {}
    }
    operation.iter_mut().for_each(|operation| name(operation, redactor));
    name(rule, redactor);
    name(expected, redactor);
    name(got, redactor);
    message(words, redactor);
    message(fix, redactor);
}

/// What the value at a spot is called: a value is judged with its name beside it.
fn named(spot: &Spot) -> Option<&str> {
    match spot {
        Spot::Path(name) | Spot::Query(name) | Spot::Header(name) | Spot::Cookie(name) => Some(name),
        Spot::Body(pointer) => pointer.rsplit('/').find(|step| !step.bytes().all(|b| b.is_ascii_digit())),
        Spot::Target | Spot::Method | Spot::Status => None,
    }
}

fn mistake(mistake: &mut Mistake, redactor: &mut Redactor) {
    let Mistake { file, line: _, pointer, message: words } = mistake;
    name(file, redactor);
    name(pointer, redactor);
    message(words, redactor);
}

fn name(text: &mut String, redactor: &mut Redactor) {
    bounded(text, NAME, redactor);
}

fn message(text: &mut String, redactor: &mut Redactor) {
    bounded(text, MESSAGE, redactor);
}

fn bounded(text: &mut String, limit: usize, redactor: &mut Redactor) {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    *text = one_line(&redactor.text(&text[..end]), limit);
}
