//! Many calls against one description: what they covered, and their findings with equal ones put together.
//!
//! Memory follows the description and the number of different findings, never the number of calls.

mod coverage;
mod recorded;

use crate::{Contract, Held};
pub use recorded::Recorded;

use coverage::Coverage;
use firstfault_model::Call;
use firstfault_model::contract::{Checked, CheckedInput, Finding, Group, Half, Severity, Spot};
use std::collections::HashMap;

/// How many different findings are kept; further ones still make their calls count as broken.
const GROUPS: usize = 2_000;
/// Places that are kept of each.
const PLACES: usize = 10;
/// What could not be read, kept of each input.
const PROBLEMS: usize = 20;

/// Calls that are held against one description, added up.
#[derive(Debug)]
pub struct Tally<'c> {
    contract: &'c Contract,
    coverage: Coverage,
    checked: Checked,
    /// Index in `checked.groups` by signature.
    known: HashMap<u64, usize>,
    /// Groups that the call that is added belongs to: each counts a call once.
    of_this_call: Vec<usize>,
}

impl<'c> Tally<'c> {
    /// A tally of no calls.
    #[must_use]
    pub fn new(contract: &'c Contract) -> Self {
        let title = [contract.title.as_str(), contract.version.as_str()];
        let title: Vec<&str> = title.into_iter().filter(|text| !text.is_empty()).collect();
        let checked = Checked {
            contract: contract.documents.first().map(|document| document.name.clone()).unwrap_or_default(),
            title: title.join(" "),
            mistakes: contract.mistakes.clone(),
            ..Checked::default()
        };
        Self { contract, coverage: Coverage::new(contract), checked, known: HashMap::new(), of_this_call: Vec::new() }
    }

    /// Adds an input, and what could not be read of it.
    pub fn input(&mut self, name: &str, problems: Vec<String>) {
        let input = self.input_of(name);
        let room = PROBLEMS.saturating_sub(input.problems.len());
        input.problems.extend(problems.into_iter().take(room));
    }

    /// Adds a call of the input `file`, and what it was found to be. True when one of its findings is the first of its
    /// kind, and so is kept.
    pub fn add(&mut self, file: &str, call: &Call, held: &Held) -> bool {
        self.checked.calls += 1;
        self.input_of(file).calls += 1;
        if !held.belongs {
            return false;
        }
        self.checked.matched += 1;
        let broken = held.findings.iter().any(|finding| finding.severity == Severity::Error);
        self.checked.broken += usize::from(broken);
        if let Some(operation) = held.operation {
            self.coverage.add(self.contract, operation, call, broken);
        }
        let mut fresh = false;
        self.of_this_call.clear();
        for finding in &held.findings {
            fresh |= self.finding(file, call, finding);
        }
        fresh
    }

    /// Everything together.
    #[must_use]
    pub fn finish(self) -> Checked {
        let mut checked = self.checked;
        // The order of calls decides between equals.
        checked.groups.sort_by_key(|group| (group.finding.severity, std::cmp::Reverse(group.calls)));
        checked.coverage = self.coverage.finish();
        // Schemas are compiled when a call needs them: what does not compile is known only now.
        checked.mistakes.extend(self.contract.left_out());
        checked
    }

    fn finding(&mut self, file: &str, call: &Call, finding: &Finding) -> bool {
        let signature = signature(finding);
        let (index, fresh) = match self.known.get(&signature) {
            Some(index) => (*index, false),
            None if self.checked.groups.len() >= GROUPS => return false,
            None => {
                let index = self.checked.groups.len();
                self.known.insert(signature, index);
                let signature = format!("{signature:016x}");
                self.checked.groups.push(Group { signature, finding: finding.clone(), calls: 0, places: Vec::new() });
                (index, true)
            }
        };
        if self.of_this_call.contains(&index) {
            return fresh;
        }
        self.of_this_call.push(index);
        if let Some(group) = self.checked.groups.get_mut(index) {
            group.calls += 1;
            if group.places.len() < PLACES {
                group.places.push((file.to_owned(), line(call, finding)));
            }
        }
        fresh
    }

    /// The input of that name; calls come input by input, so it is the last one or new.
    fn input_of(&mut self, name: &str) -> &mut CheckedInput {
        let inputs = &mut self.checked.inputs;
        let index = inputs.iter().rposition(|input| input.name == name).unwrap_or_else(|| {
            inputs.push(CheckedInput { name: name.to_owned(), ..CheckedInput::default() });
            inputs.len() - 1
        });
        &mut inputs[index]
    }
}

/// The line of the half of the call that a finding is about; of a field, that of the field.
fn line(call: &Call, finding: &Finding) -> u32 {
    let (headers, body, half) = match finding.half {
        Half::Request => {
            let request = call.request.as_ref();
            (request.map(|r| &r.headers), request.and_then(|r| r.body.as_ref()), request.map(|r| r.span))
        }
        Half::Response => {
            let response = call.response.as_ref();
            (response.map(|r| &r.headers), response.and_then(|r| r.body.as_ref()), response.map(|r| r.span))
        }
    };
    let exact = match &finding.spot {
        Spot::Header(name) => headers.and_then(|headers| headers.field(name)).map(|field| field.span),
        Spot::Body(_) => body.map(|body| body.span),
        _ => None,
    };
    [exact, half, Some(call.span)].into_iter().flatten().map(|span| span.line).find(|line| *line > 0).unwrap_or(0)
}

/// The identity of "the same finding": kind, half, operation, spot without indices, and rule. Stable between runs and
/// machines. Of a finding without an operation, what was got tells one unknown path from the other.
fn signature(finding: &Finding) -> u64 {
    let spot = match &finding.spot {
        Spot::Body(pointer) => pointer
            .split('/')
            .map(|step| if !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()) { "*" } else { step })
            .collect::<Vec<_>>()
            .join("/"),
        _ => String::new(),
    };
    let place = finding.spot.to_string();
    let place = if spot.is_empty() { place.as_str() } else { spot.as_str() };
    let got = if finding.operation.is_none() { finding.got.as_str() } else { "" };
    let parts = [
        finding.kind.word(),
        finding.half.word(),
        finding.operation.as_deref().unwrap_or_default(),
        place,
        &finding.rule,
        got,
    ];
    // FNV-1a, 64 bits.
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
