//! Facts and knowledge in, verdict out.
//!
//! Everything here reasons over [`Observations`] alone: the same observations give the same verdict, byte for
//! byte, whatever made them. This crate refuses to know where a fact came from and does no I/O.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod answers;
mod checks;
mod layers;
mod outcome;
mod score;
mod sentence;
mod signature;

use firstfault_knowledge::{Firing, Knowledge, Matcher};
use firstfault_model::{Bucket, Diagnosis, Explain, Layer, Observations, Owner, Retry};

pub use answers::{Answer, Found, NEITHER, UNCLEAR, experiment_key};
pub use checks::Worth;
pub use firstfault_model::route;
pub use outcome::Outcome;
pub use score::Weights;
pub use signature::template;

/// A ranking whose first place has less than this is called flat: the evidence does not attribute the failure.
pub const ATTRIBUTION_FLOOR: f64 = 0.40;
/// The most hypotheses that a verdict carries.
const HYPOTHESIS_LIMIT: usize = 8;
/// Hypotheses below this are not worth a reader's time.
const HYPOTHESIS_FLOOR: f64 = 0.005;

/// A question that an experiment answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The experiment, by the name that checks call it.
    pub run: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer in the words of the check; `None` when its result is none of them.
    pub answer: Option<&'static str>,
}

/// Judges calls against some knowledge; keeps its buffers between calls.
#[derive(Debug)]
pub struct Judge<'k> {
    knowledge: &'k Knowledge,
    matcher: Matcher<'k>,
    weights: Weights,
}

impl<'k> Judge<'k> {
    /// A judge over some knowledge.
    #[must_use]
    pub fn new(knowledge: &'k Knowledge) -> Self {
        Self::with_weights(knowledge, Weights::default())
    }

    /// A judge with other weights than the usual ones: for calibration.
    #[must_use]
    pub fn with_weights(knowledge: &'k Knowledge, weights: Weights) -> Self {
        Self { knowledge, matcher: Matcher::new(knowledge), weights }
    }

    /// The rules that fire, for tests of packs and for `--verbose`.
    #[must_use]
    pub fn firings(&mut self, observations: &Observations) -> Vec<Firing> {
        self.matcher.firings(observations)
    }

    /// The verdict on one call.
    #[must_use]
    pub fn diagnose(&mut self, observations: &Observations) -> Diagnosis {
        self.diagnose_with(observations, &[])
    }

    /// The experiments that would tell the present hypotheses apart, best first, each with the bits that it is expected
    /// to bring; those whose results are among the facts are left out.
    #[must_use]
    pub fn worth(&mut self, observations: &Observations) -> Vec<Worth> {
        let mut firings = self.matcher.firings(observations);
        let checks = self.matcher.applicable_checks(observations);
        let known = answers::of_experiments(&checks, observations);
        answers::firings(self.knowledge, &known, &mut firings);
        let ranking = score::rank(self.knowledge, observations, &firings, &self.weights);
        checks::worth(&checks, &ranking, &known)
    }

    /// What the experiments among the facts answered, in the order of the checks.
    #[must_use]
    pub fn answered(&mut self, observations: &Observations) -> Vec<Answered> {
        let checks = self.matcher.applicable_checks(observations);
        answers::of_experiments(&checks, observations)
            .into_iter()
            .filter_map(|answer| {
                let check = checks.iter().find(|check| check.id == answer.check)?;
                let words = match answer.found {
                    Found::Outcome(number) => check.answers.get(number).copied(),
                    Found::Neither | Found::NotKnown => None,
                };
                Some(Answered { run: check.run, question: check.question, answer: words })
            })
            .collect()
    }

    /// The verdict on one call of which a person found out more: each answered check is evidence like a rule that
    /// fired, and is not asked again.
    #[must_use]
    pub fn diagnose_with(&mut self, observations: &Observations, answers: &[Answer]) -> Diagnosis {
        let mut firings = self.matcher.firings(observations);
        let mut known = answers::of_experiments(&self.matcher.applicable_checks(observations), observations);
        known.extend_from_slice(answers);
        let answers = known.as_slice();
        answers::firings(self.knowledge, answers, &mut firings);
        let outcome = outcome::outcome(observations, &firings);
        let headline = sentence::headline(observations);
        let ids = observations
            .facts
            .iter()
            .filter_map(|f| Some((f.key.strip_prefix("id.")?.to_owned(), f.value.clone())))
            .collect();
        if outcome == Outcome::Passed {
            return Diagnosis {
                failed: false,
                soft_failure: false,
                bucket: Bucket::None,
                layer: None,
                cause: "none".to_owned(),
                probability: outcome::confidence_in_passing(observations),
                // Of a call that was never sent it is not known whether it fails.
                attributed: !outcome::withheld(observations),
                retry: Retry::Never,
                retry_after: None,
                safe_to_repeat: safe_to_repeat(observations, None),
                owner: Owner::Caller,
                summary: sentence::nothing_failed(observations),
                headline,
                layers: layers::passed(observations),
                hypotheses: Vec::new(),
                checks: Vec::new(),
                fix: None,
                explain: Explain::default(),
                signature: signature::signature(observations, "none", None),
                ids,
                missing: sentence::would_tell(observations),
            };
        }
        let ranking = score::rank(self.knowledge, observations, &firings, &self.weights);
        let first = ranking.first();
        let cause = first.and_then(|r| self.knowledge.causes.get(usize::from(r.cause)));
        let carrying = |pick: fn(&Firing) -> bool| {
            first.and_then(|r| r.supports.iter().map(|s| &firings[s.firing]).find(|f| pick(f)))
        };
        let layer = first
            .and_then(|r| first_layer(r, &firings))
            .or_else(|| cause.map(|c| c.layer))
            .unwrap_or_else(|| outcome::guess_layer(observations));
        let bucket = cause.map_or_else(|| outcome::guess_bucket(observations), |c| c.bucket);
        let retry = carrying(|f| f.rule.retry.is_some())
            .and_then(|f| f.rule.retry)
            .or_else(|| cause.map(|c| c.retry))
            .unwrap_or(Retry::Never);
        let owner = carrying(|f| f.rule.owner.is_some())
            .and_then(|f| f.rule.owner)
            .or_else(|| cause.map(|c| c.owner))
            .unwrap_or(Owner::Caller);
        let probability = first.map_or(0.0, |r| round(r.probability));
        let attributed = first.is_some_and(|r| r.probability >= ATTRIBUTION_FLOOR);
        let cause_id = cause.map_or("unknown", |c| c.id);
        let besides = score::besides(self.knowledge, &ranking, &firings);
        let hypotheses = ranking
            .iter()
            .enumerate()
            .filter(|(place, r)| {
                let likely = *place < HYPOTHESIS_LIMIT && r.probability >= HYPOTHESIS_FLOOR;
                likely || besides.iter().any(|fault| fault.cause == r.cause)
            })
            .map(|(_, r)| r)
            .filter_map(|r| score::hypothesis(self.knowledge, r, &firings))
            .collect();
        let slots = sentence::slots(observations, first, &firings);
        Diagnosis {
            failed: true,
            soft_failure: observations.has("soft_failure") && outcome::is_success(observations),
            bucket,
            layer: Some(layer),
            cause: cause_id.to_owned(),
            probability,
            attributed,
            retry,
            retry_after: observations.value("retry_after").and_then(|v| v.parse().ok()),
            safe_to_repeat: safe_to_repeat(observations, Some(layer)),
            owner,
            summary: sentence::summary(observations, cause, (first, &besides), &firings, &slots, attributed),
            headline,
            layers: layers::verdicts(observations, layer, &firings, cause),
            hypotheses,
            checks: checks::next(self.knowledge, &self.matcher, observations, (&ranking, answers), &slots),
            fix: None,
            explain: sentence::explain(cause, &slots),
            signature: signature::signature(observations, cause_id, Some(layer)),
            ids,
            missing: (!attributed).then(|| sentence::missing(observations, cause)),
        }
    }
}

/// The layer that the strongest evidence names; of several that are as strong, the first on the way.
fn first_layer(ranked: &score::Ranked, firings: &[Firing]) -> Option<Layer> {
    let layers = || ranked.supports.iter().filter_map(|s| Some((s.weight, firings.get(s.firing)?.rule.layer?)));
    let (strongest, _) = layers().next()?;
    layers().filter(|(weight, _)| *weight >= strongest).map(|(_, layer)| layer).min()
}

/// Whether the same request may be sent again without doing harm: an idempotent method (RFC 9110 section
/// 9.2.2), an idempotency key, or a failure before anything could be done.
fn safe_to_repeat(observations: &Observations, layer: Option<Layer>) -> Option<bool> {
    let keyed = observations.facts.iter().any(|f| {
        f.key.strip_prefix("request.header.").is_some_and(|n| n.contains("idempotency-key") || n == "x-request-once")
    });
    let before_any_effect = layer.is_some_and(|l| l == Layer::Network || l == Layer::Client || l == Layer::Auth)
        && (!observations.has("status") || observations.value("status").is_some_and(|s| s.starts_with('4')));
    let method = observations.value("method")?.to_ascii_uppercase();
    let idempotent = matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE" | "CONNECT");
    Some(idempotent || keyed || (before_any_effect && observations.value("errno") != Some("ECONNRESET")))
}

/// Two decimals are all that the weights can carry, and no evidence that was pasted makes certain.
fn round(probability: f64) -> f64 {
    ((probability * 100.0).round() / 100.0).min(0.99)
}
