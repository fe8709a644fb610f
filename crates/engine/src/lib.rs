//! Text in, verdicts out: the one way from intake through observation to judgement, for the command line, the
//! tests and whatever serves later. It does no I/O and knows no output format.

pub mod examples;

use firstfault_diagnose::Judge;
use firstfault_intake::Form;
use firstfault_knowledge::Knowledge;
use firstfault_model::{Call, Diagnosis, Message, Problem};
use firstfault_observe::{Clock, observe};

/// How to read an input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The form that the user says it has; looked for when `None`.
    pub form: Option<Form>,
    /// This machine's clock, in milliseconds since the Unix epoch: the last witness for expiry.
    pub machine_clock: Option<i64>,
}

/// What one input came to.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Verdicts on the calls that are shown, in the order of the evidence: the failing ones, or the first call
    /// when none failed.
    pub diagnoses: Vec<(Diagnosis, Call)>,
    /// Which of `diagnoses` failed first on the way.
    pub first: usize,
    /// How many calls the input tells of.
    pub calls: usize,
    /// How many of them failed.
    pub failed: usize,
    /// What people wrote around it.
    pub notes: Vec<Message>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
    /// What was tried in vain, when nothing in the input is evidence of a call.
    pub unreadable: Option<String>,
}

/// Diagnoses one input.
#[must_use]
pub fn diagnose(text: &str, options: Options, knowledge: &Knowledge) -> Verdict {
    let intake = firstfault_intake::read(text, options.form);
    let mut verdict = Verdict { notes: intake.notes, problems: intake.problems, unreadable: intake.unreadable, ..Verdict::default() };
    let mut judge = Judge::new(knowledge);
    let clock = Clock { evidence: intake.clock, machine: options.machine_clock };
    verdict.calls = intake.healthy;
    let mut healthy = None;
    for call in intake.calls {
        verdict.calls += 1;
        let diagnosis = judge.diagnose(&observe(&call, clock));
        if diagnosis.failed {
            verdict.failed += 1;
            verdict.diagnoses.push((diagnosis, call));
        } else if healthy.is_none() {
            healthy = Some((diagnosis, call));
        }
    }
    if verdict.diagnoses.is_empty() {
        verdict.diagnoses.extend(healthy);
    }
    verdict.first = first_on_the_way(&verdict.diagnoses);
    verdict
}

/// The call that failed first: by the evidence's clock where it shows one, else by its place. A call of which
/// nothing is known gives way to one that is understood.
fn first_on_the_way(diagnoses: &[(Diagnosis, Call)]) -> usize {
    diagnoses
        .iter()
        .enumerate()
        .min_by_key(|(i, (diagnosis, _))| (!diagnosis.attributed, *i))
        .map_or(0, |(i, _)| i)
}
