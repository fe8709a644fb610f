//! The call that is to be explained, and how calls are judged here.

use firstfault_diagnose::{Answered, Judge, Worth};
use firstfault_engine::{Clock, Witness};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Call, Diagnosis, Observations, Response};
use firstfault_probe::Target;

/// The call that is to be explained.
#[derive(Clone, Debug)]
pub struct Base {
    /// As it is sent.
    pub target: Target,
    /// How it went, measured or pasted, with the marks of the layers.
    pub call: Call,
    /// What other paths answered meanwhile, for experiments that build on it.
    pub known: Vec<(String, Response)>,
}

impl Base {
    /// A call of which nothing else is known yet.
    #[must_use]
    pub fn new(target: Target, call: Call) -> Self {
        Self { target, call, known: Vec::new() }
    }

    /// The response, when there was one.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        self.call.response.as_ref()
    }

    /// The status, when there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.call.status()
    }
}

/// Judges calls of one investigation.
#[derive(Debug)]
pub struct Judging<'k> {
    judge: Judge<'k>,
    clock: Clock,
    witness: Option<&'k dyn Witness>,
}

impl<'k> Judging<'k> {
    /// By some knowledge, at a time.
    #[must_use]
    pub fn new(knowledge: &'k Knowledge, clock: Clock) -> Self {
        Self { judge: Judge::new(knowledge), clock, witness: None }
    }

    /// With someone else who is heard on each call.
    #[must_use]
    pub fn hearing(self, witness: Option<&'k dyn Witness>) -> Self {
        Self { witness, ..self }
    }

    /// The verdict on a call, and what it was made of.
    #[must_use]
    pub fn verdict(&mut self, call: &Call) -> (Observations, Diagnosis) {
        let observations = firstfault_engine::observed(call, self.clock, self.witness);
        let diagnosis = self.judge.diagnose(&observations);
        (observations, diagnosis)
    }

    /// What the experiments among the facts answered.
    #[must_use]
    pub fn answered(&mut self, observations: &Observations) -> Vec<Answered> {
        self.judge.answered(observations)
    }

    /// Which experiments would tell most about it.
    #[must_use]
    pub fn worth(&mut self, observations: &Observations) -> Vec<Worth> {
        self.judge.worth(observations)
    }
}
