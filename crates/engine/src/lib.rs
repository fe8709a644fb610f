//! Text in, verdicts out: the one way from intake through observation to judgement, for the command line, the
//! tests and whatever serves later. It does no I/O and knows no output format.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod examples;
mod fix;

use firstfault_diagnose::Judge;
pub use firstfault_diagnose::Weights;
use firstfault_intake::Form;
use firstfault_knowledge::Knowledge;
use firstfault_model::{Call, Diagnosis, Message, Observations, Problem, Request};
pub use firstfault_observe::Clock;
use firstfault_observe::observe;

/// How many requests of healthy calls are looked at for one like the failed call.
const WORKING_LIMIT: usize = 50;

/// Someone who knows more of a call than its evidence shows: a description of the API, or how it answered when it worked.
pub trait Witness: std::fmt::Debug {
    /// Adds what it knows to what was observed; judging then reads it like anything else.
    fn observe(&self, call: &Call, observations: &mut Observations);

    /// The request of a call without the faults that it knows of, and what was changed, where that is mechanical.
    fn correct(&self, call: &Call) -> Option<(Request, String)>;
}

/// How to read an input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'w> {
    /// The form that the user says it has; looked for when `None`.
    pub form: Option<Form>,
    /// This machine's clock, in milliseconds since the Unix epoch: the last witness for expiry.
    pub machine_clock: Option<i64>,
    /// What the words of rules weigh; other values than the usual ones are for calibration.
    pub weights: Weights,
    /// Who else is heard on each call.
    pub witness: Option<&'w dyn Witness>,
}

impl Options<'_> {
    /// What is observed of a call, with what the witness knows.
    fn observe(self, call: &Call, clock: Clock) -> Observations {
        let mut observations = observe(call, clock);
        if let Some(witness) = self.witness {
            witness.observe(call, &mut observations);
        }
        observations
    }
}

/// A call and the verdict on it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The verdict.
    pub diagnosis: Diagnosis,
    /// The call.
    pub call: Call,
    /// How often calls like it were seen; more than once only in large inputs.
    pub repeats: usize,
    /// When the last of them began, where that was seen and is not when `call` began.
    pub last: Option<i64>,
}

impl Judged {
    /// When the first and the last call like this began, in milliseconds since the Unix epoch; the last is `None` where
    /// repeats were counted and do not tell it.
    #[must_use]
    pub fn seen(&self) -> Option<(i64, Option<i64>)> {
        let first = self.call.started?;
        let last = if self.repeats > 1 { self.last } else { Some(first) };
        // Lines of a log may be out of order.
        Some((last.map_or(first, |last| first.min(last)), last.map(|last| last.max(first))))
    }
}

/// What one input came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The failing calls in the order of the evidence, or the first call when none failed.
    pub calls: Vec<Judged>,
    /// Which of `calls` failed first on the way.
    pub first: usize,
    /// How many calls the input tells of.
    pub total: usize,
    /// How many of them failed.
    pub failed: usize,
    /// What people wrote around it.
    pub notes: Vec<Message>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
    /// What was tried in vain, when nothing in the input is evidence of a call.
    pub unreadable: Option<String>,
    /// What time it was, where a call does not say.
    pub clock: Clock,
    /// The request of a call that did not fail and asked the same host as the one that failed first.
    pub working: Option<Request>,
}

/// Diagnoses one input.
#[must_use]
pub fn diagnose(text: &str, options: Options<'_>, knowledge: &Knowledge) -> Verdict {
    let intake = firstfault_intake::read(text, options.form);
    let mut verdict =
        Verdict { notes: intake.notes, problems: intake.problems, unreadable: intake.unreadable, ..Verdict::default() };
    let mut judge = Judge::with_weights(knowledge, options.weights);
    let clock = Clock { evidence: intake.clock, machine: options.machine_clock };
    verdict.total = intake.healthy + intake.unjudged;
    verdict.failed = intake.unjudged;
    verdict.clock = clock;
    let mut healthy = None;
    let mut working: Vec<Request> = Vec::new();
    for ((call, repeats), last) in intake.calls.into_iter().zip(intake.repeats).zip(intake.last) {
        verdict.total += repeats;
        let observations = options.observe(&call, clock);
        let mut diagnosis = judge.diagnose(&observations);
        diagnosis.fix = fix::fix(&call, &observations, &diagnosis, options.witness);
        let failed = diagnosis.failed;
        let judged = Judged { diagnosis, call, repeats, last };
        if failed {
            verdict.failed += repeats;
            verdict.calls.push(judged);
        } else {
            working
                .extend(judged.call.request.clone().filter(|r| r.url.host.is_some() && working.len() < WORKING_LIMIT));
            healthy = healthy.or(Some(judged));
        }
    }
    if verdict.calls.is_empty() {
        // A large input of healthy calls keeps none of them; the verdict on nothing is that nothing failed.
        let counted = (verdict.total > 0).then(|| Judged {
            diagnosis: judge.diagnose(&Observations::default()),
            call: Call::default(),
            repeats: verdict.total,
            last: None,
        });
        verdict.calls.extend(healthy.or(counted));
    }
    if intake.only_words && verdict.failed == 0 && verdict.unreadable.is_none() {
        verdict.calls.clear();
        verdict.total = 0;
        verdict.unreadable = Some(firstfault_intake::unreadable(false, &verdict.notes));
    }
    verdict.first = first_on_the_way(&verdict.calls);
    verdict.working = verdict.calls.get(verdict.first).and_then(|judged| alike(&judged.call, working));
    verdict
}

/// The request that is most like that of a failed call: of the same host, and of the same path if there is one.
fn alike(failed: &Call, working: Vec<Request>) -> Option<Request> {
    let request = failed.request.as_ref()?;
    let (mut same, other): (Vec<Request>, Vec<Request>) = working
        .into_iter()
        .filter(|w| w.url.host == request.url.host)
        .partition(|w| w.url.path == request.url.path && w.method == request.method);
    same.extend(other);
    same.into_iter().next()
}

/// A failed call, marked with what a working one had otherwise: one thing changed is the best evidence.
#[must_use]
pub fn contrasted(failed: Call, working: &Call) -> Call {
    firstfault_intake::contrasted(failed, working.clone())
}

/// What is observed of one call; with the clock and the witness of its verdict, what that verdict was made of.
#[must_use]
pub fn observed(call: &Call, clock: Clock, witness: Option<&dyn Witness>) -> Observations {
    Options { witness, ..Options::default() }.observe(call, clock)
}

/// The request of a diagnosed call without its fault, and what was changed, where the evidence names the correction.
#[must_use]
pub fn corrected(
    call: &Call,
    observations: &Observations,
    diagnosis: &Diagnosis,
    witness: Option<&dyn Witness>,
) -> Option<(Request, String)> {
    fix::corrected(call, observations, diagnosis, witness).map(|c| (c.after, c.what))
}

/// The call that failed first: by the evidence's clock where it shows one, else by its place. A call of which
/// nothing is known gives way to one that is understood.
fn first_on_the_way(calls: &[Judged]) -> usize {
    calls.iter().enumerate().min_by_key(|(i, judged)| (!judged.diagnosis.attributed, *i)).map_or(0, |(i, _)| i)
}

/// What is observed in one input, call by call: what rules read, for writing packs.
#[must_use]
pub fn observations(text: &str, options: Options<'_>) -> Vec<(Observations, Call)> {
    let intake = firstfault_intake::read(text, options.form);
    let clock = Clock { evidence: intake.clock, machine: options.machine_clock };
    intake.calls.into_iter().map(|call| (options.observe(&call, clock), call)).collect()
}
