//! The eleven steps of a careful engineer, from confirming what should happen to escalating with evidence: where each
//! stands is read from what the case holds, and a mark by hand counts more.

use crate::CaseVerdict;
use crate::answers::found;
use crate::verdict::Worked;
use firstfault_diagnose::Found;
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Case, Layer, LayerState, Owner, Reproducible, StepState};

/// The steps in order, in words.
pub const STEPS: [&str; 11] = [
    "Confirm the expected behaviour",
    "Capture the failing call",
    "Find out whether it is reproducible",
    "Find out who and what is affected",
    "Isolate the boundary that failed first",
    "Read the error and the ids",
    "Check the credentials",
    "Check the limits",
    "Check the network and what lies behind",
    "Compare with a call that works, or try the fix",
    "Escalate with evidence",
];

/// Where one step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// 1 to 11.
    pub number: u8,
    /// What to do.
    pub title: &'static str,
    /// Where it stands.
    pub state: StepState,
    /// True when somebody marked it by hand.
    pub by_hand: bool,
    /// Why it stands there, or what would do it.
    pub because: String,
}

/// All steps of a case.
#[must_use]
pub fn steps(case: &Case, verdict: Option<&CaseVerdict>, knowledge: &Knowledge) -> Vec<Step> {
    let scene = Scene { case, verdict, knowledge };
    (1..)
        .zip(STEPS)
        .map(|(number, title)| {
            if let Some(mark) = case.marks.iter().find(|mark| mark.step == number) {
                let because = mark.note.clone().unwrap_or_else(|| "marked by hand".to_owned());
                return Step { number, title, state: mark.state, by_hand: true, because };
            }
            let (state, because) = scene.step(number);
            Step { number, title, state, by_hand: false, because }
        })
        .collect()
}

struct Scene<'s> {
    case: &'s Case,
    verdict: Option<&'s CaseVerdict>,
    knowledge: &'s Knowledge,
}

type Standing = (StepState, String);

fn done(because: impl Into<String>) -> Standing {
    (StepState::Done, because.into())
}

fn open(because: impl Into<String>) -> Standing {
    (StepState::Open, because.into())
}

fn not_needed(because: impl Into<String>) -> Standing {
    (StepState::NotNeeded, because.into())
}

const NO_CALL: &str = "there is no failing call yet: firstfault case add FILE";

impl Scene<'_> {
    fn step(&self, number: u8) -> Standing {
        match number {
            1 => self.expected(),
            2 => self.captured(),
            3 => match self.case.questions.reproducible {
                None | Some(Reproducible::Unknown) => open("firstfault case set --reproducible yes|no|sometimes"),
                Some(answer) => done(format!("answered: {answer}")),
            },
            4 => match &self.case.questions.affected {
                None => open("firstfault case set --affected WHO"),
                Some(_) => done("answered"),
            },
            5 => self.boundary(),
            6 => self.error(),
            7 => self.credentials(),
            8 => self.limits(),
            9 => self.way(),
            10 => self.compared(),
            _ => self.escalated(),
        }
    }

    /// The verdict, when something failed.
    fn failure(&self) -> Option<&CaseVerdict> {
        self.verdict.filter(|verdict| verdict.diagnosis.failed)
    }

    /// The layer that failed first, once the evidence attributes the failure.
    fn layer(&self) -> Option<Layer> {
        self.failure().filter(|v| v.diagnosis.attributed).and_then(|v| v.diagnosis.layer)
    }

    /// A check that somebody answered and that decides a cause for which `wanted` holds.
    fn answered(&self, wanted: impl Fn(Bucket, Layer) -> bool) -> Option<String> {
        let answers = found(self.case, self.knowledge);
        let told = answers.into_iter().filter(|answer| answer.found != Found::NotKnown);
        told.map(|answer| answer.check).find(|id| {
            let check = self.knowledge.checks.iter().find(|check| check.id == *id);
            let causes = check.into_iter().flat_map(|check| check.outcomes.iter().flatten());
            causes.filter_map(|c| self.knowledge.causes.get(usize::from(*c))).any(|c| wanted(c.bucket, c.layer))
        })
    }

    fn passed(&self, layer: Layer) -> Option<&str> {
        let layers = self.failure().into_iter().flat_map(|v| &v.diagnosis.layers);
        layers.filter(|l| l.layer == layer && l.state == LayerState::Passed).map(|l| l.because.as_str()).next()
    }

    fn expected(&self) -> Standing {
        let questions = &self.case.questions;
        match (&questions.expected, &questions.actual) {
            (Some(_), Some(_)) => done("what should happen and what happens are written down"),
            (None, Some(_)) => open("what should happen? firstfault case set --expected TEXT"),
            (Some(_), None) => open("what happens instead? firstfault case set --actual TEXT"),
            (None, None) => open("firstfault case set --expected TEXT --actual TEXT"),
        }
    }

    fn captured(&self) -> Standing {
        match (self.failure(), self.verdict) {
            (Some(verdict), _) => done(format!("piece {}", verdict.piece)),
            (None, Some(_)) => open("only calls that worked are here: add one that failed"),
            (None, None) => open("firstfault case add FILE, such as the output of curl -v"),
        }
    }

    fn boundary(&self) -> Standing {
        let Some(verdict) = self.failure() else { return open(NO_CALL) };
        match (self.layer(), self.case.questions.direction) {
            (None, _) => {
                open(
                    verdict.diagnosis.missing.clone().unwrap_or_else(|| {
                        "the evidence does not single out a layer yet: firstfault case next".to_owned()
                    }),
                )
            }
            (Some(layer), None) => open(format!(
                "{layer} failed first; which way does the call go? firstfault case set --direction \
                 inbound|outbound|webhook|callback"
            )),
            (Some(layer), Some(direction)) => done(format!("{layer} failed first, {direction}")),
        }
    }

    fn error(&self) -> Standing {
        let Some(verdict) = self.failure() else { return open(NO_CALL) };
        let facts = &verdict.observations.facts;
        let says = facts.iter().any(|f| {
            f.key.starts_with("error.") || f.key.starts_with("validation.") || f.key.starts_with("exception.")
        });
        let ids = facts.iter().any(|f| f.key.starts_with("id."));
        let answered = facts.iter().any(|f| f.key == "status" && f.value != "0");
        match (says, ids, answered) {
            (true, true, _) => done("the error and an id are in the evidence"),
            (true, false, true) => done("the error is in the evidence; it carries no id to ask the provider with"),
            (true, false, false) => done("the error is in the evidence; no answer came that could carry an id"),
            (false, true, _) => open("there is an id, but no error text: add the body of the answer (curl -i)"),
            (false, false, true) => open("add the head and the body of the answer (curl -i)"),
            (false, false, false) => not_needed("no answer came: there is no body to read"),
        }
    }

    fn credentials(&self) -> Standing {
        if let Some(check) = self.answered(|bucket, _| bucket == Bucket::Auth) {
            return done(format!("answered: {check}"));
        }
        let Some(verdict) = self.failure() else { return open(NO_CALL) };
        match self.layer() {
            Some(Layer::Auth) => done(format!("it failed there: {}", verdict.diagnosis.cause)),
            Some(layer) if layer < Layer::Auth => not_needed(format!("the call failed before, at the {layer} layer")),
            _ => match self.passed(Layer::Auth) {
                Some(because) => done(because),
                None => open("nothing shows yet that the credentials were accepted"),
            },
        }
    }

    fn limits(&self) -> Standing {
        if let Some(check) = self.answered(|bucket, _| bucket == Bucket::RateLimit) {
            return done(format!("answered: {check}"));
        }
        let Some(verdict) = self.failure() else { return open(NO_CALL) };
        if verdict.diagnosis.bucket == Bucket::RateLimit && verdict.diagnosis.attributed {
            return done(format!("it is one: {}", verdict.diagnosis.cause));
        }
        if let Some(left) = verdict.observations.value("ratelimit.remaining") {
            return done(format!("the answer says how much is left: {left}"));
        }
        match self.layer() {
            Some(layer @ (Layer::Client | Layer::Network)) if !verdict.observations.has("status") => {
                not_needed(format!("the call failed before, at the {layer} layer"))
            }
            _ if verdict.is_clear(crate::CLEAR) => not_needed("the cause is clear, and it is no limit"),
            _ => open("no rate-limit header was seen: firstfault case answer read-limit-headers OUTCOME"),
        }
    }

    fn way(&self) -> Standing {
        let on_the_way = |bucket, layer| {
            matches!(bucket, Bucket::Upstream | Bucket::Server) || matches!(layer, Layer::Network | Layer::Dependency)
        };
        if let Some(check) = self.answered(on_the_way) {
            return done(format!("answered: {check}"));
        }
        let Some(verdict) = self.failure() else { return open(NO_CALL) };
        match self.layer() {
            Some(layer @ (Layer::Network | Layer::Gateway | Layer::Dependency)) => {
                done(format!("it failed there, at the {layer} layer: {}", verdict.diagnosis.cause))
            }
            Some(layer @ (Layer::Client | Layer::Auth)) if self.passed(Layer::Network).is_some() => {
                not_needed(format!("the call was refused at the {layer} layer: nothing behind it was asked"))
            }
            _ if verdict.is_clear(crate::CLEAR) => done(format!("the cause is clear: {}", verdict.diagnosis.cause)),
            _ => open("what does the log of the service or gateway say? firstfault case add FILE"),
        }
    }

    fn compared(&self) -> Standing {
        if let Some(Worked { piece, differences, .. }) = self.verdict.and_then(|verdict| verdict.worked.as_ref()) {
            let differs = if differences.is_empty() {
                "nothing in the request differs".to_owned()
            } else {
                format!("it differs in {}", differences.join(", "))
            };
            return done(format!("piece {piece} worked; {differs}"));
        }
        if self.case.clock.resolved.is_some() {
            return done("the case was resolved");
        }
        open("add a call to the same target that works, or the call after the fix")
    }

    fn escalated(&self) -> Standing {
        let Some(verdict) = self.failure().filter(|v| v.diagnosis.attributed) else {
            return open("once the boundary is isolated");
        };
        match verdict.diagnosis.owner {
            Owner::Caller => not_needed("the caller can fix it"),
            Owner::Provider => open("to whoever runs the API, with the evidence: firstfault case pack -o case.zip"),
            Owner::Path => {
                open("to whoever runs what lies between, with the evidence: firstfault case pack -o case.zip")
            }
        }
    }
}
