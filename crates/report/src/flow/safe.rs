//! A flow's report with its secrets replaced, its control characters made visible, and everything bounded.

use crate::safe::one_line;
use crate::trace::safe::{clock, safe, short_timeout};
use firstfault_model::way::{Example, Finding, FlowReport, FlowStep};
use firstfault_redact::Redactor;

/// Characters of a name, an id, a key.
const NAME: usize = 200;
/// Characters of a sentence or message.
const MESSAGE: usize = 1_000;
/// Findings.
const FINDINGS: usize = 500;

/// A flow's report that may be shown.
#[derive(Clone, Debug)]
pub struct SafeFlow(FlowReport);

impl SafeFlow {
    /// Redacts and bounds every string of a report.
    #[must_use]
    pub fn new(mut report: FlowReport, redactor: &mut Redactor) -> Self {
        // Every field is named, so that a new one cannot be forgotten here.
        let FlowReport {
            name,
            title,
            key,
            lines: _,
            matched: _,
            unkeyed: _,
            left_out: _,
            span: _,
            keys: _,
            complete: _,
            broken: _,
            pending: _,
            before: _,
            unknown: _,
            recovered: _,
            steps,
            findings,
            clocks,
            summary,
            notes,
        } = &mut report;
        for text in [name, title, key] {
            safe(text, NAME, redactor);
        }
        for FlowStep { id, title, systems, passed: _, broken: _, pending: _, median: _ } in steps {
            safe(id, NAME, redactor);
            safe(title, NAME, redactor);
            systems.iter_mut().for_each(|system| safe(system, NAME, redactor));
        }
        findings.truncate(FINDINGS);
        findings.iter_mut().for_each(|one| finding(one, redactor));
        clocks.iter_mut().for_each(|one| clock(one, redactor));
        safe(summary, MESSAGE, redactor);
        notes.iter_mut().for_each(|note| safe(note, MESSAGE, redactor));
        Self(report)
    }

    /// The report.
    #[must_use]
    pub fn report(&self) -> &FlowReport {
        &self.0
    }
}

fn finding(finding: &mut Finding, redactor: &mut Redactor) {
    let Finding {
        step,
        number: _,
        fault: _,
        finding: words,
        owner: _,
        layer: _,
        bucket: _,
        cause: _,
        next,
        count: _,
        completed: _,
        seen: _,
        meanwhile: _,
        statuses: _,
        said,
        short_timeout: short,
        examples,
    } = finding;
    safe(step, NAME, redactor);
    safe(words, MESSAGE, redactor);
    safe(next, MESSAGE, redactor);
    said.iter_mut().for_each(|said| safe(said, MESSAGE, redactor));
    short.iter_mut().for_each(|one| short_timeout(one, redactor));
    for Example { key, at: _, ids, source } in examples {
        // Keys and ids that correlate survive as they are; a key may be an address of a person or hold a secret.
        safe(key, NAME, redactor);
        for (name, value) in ids {
            safe(name, NAME, redactor);
            *value = one_line(value, NAME);
        }
        safe(&mut source.0, NAME, redactor);
    }
}
