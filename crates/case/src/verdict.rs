//! The verdict on a case: all that was observed of its main call, and the answers, judged at once.

use crate::answers::found;
use crate::combine::{Combined, combine, same_target};
use firstfault_diagnose::{Answer, Judge};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Case, Diagnosis, Observations, RankChange, SeenCall};

/// A case is clear once its likeliest cause has at least this probability and the evidence attributes the failure.
pub const CLEAR: f64 = 0.9;
/// A cause that never had this probability is not told of.
const WORTH: f64 = 0.02;
/// Fewer changes than this are worth reading.
const CHANGE_LIMIT: usize = 8;

/// The verdict on a case.
#[derive(Clone, Debug)]
pub struct CaseVerdict {
    /// The verdict on the main call, by all evidence and answers. Its spans say in which piece they are.
    pub diagnosis: Diagnosis,
    /// The piece that the main call stands in.
    pub piece: u32,
    /// When it first failed, by the evidence's own clock.
    pub started: Option<i64>,
    /// What was observed in all calls that tell of it.
    pub observations: Observations,
    /// Pieces and calls that tell of it too.
    pub joined: Vec<(u32, String)>,
    /// Other failures.
    pub others: Vec<Other>,
    /// A call to the same target that did not fail.
    pub worked: Option<Worked>,
}

/// A failure that is not the one that the case is about.
#[derive(Clone, Debug)]
pub struct Other {
    /// The piece that it stands in.
    pub piece: u32,
    /// What it was, in one line.
    pub headline: String,
    /// Its likeliest cause by itself.
    pub cause: String,
    /// How many such calls.
    pub calls: usize,
    signature: String,
}

/// A call to the same target that did not fail.
#[derive(Clone, Debug)]
pub struct Worked {
    /// The piece that it stands in.
    pub piece: u32,
    /// What it was, in one line.
    pub headline: String,
    /// Names of the facts of its request that are otherwise.
    pub differences: Vec<String>,
}

impl CaseVerdict {
    /// Whether it passes the threshold.
    #[must_use]
    pub fn is_clear(&self, threshold: f64) -> bool {
        self.diagnosis.failed && self.diagnosis.attributed && self.diagnosis.probability >= threshold
    }

    /// Causes with their probabilities, likeliest first.
    #[must_use]
    pub fn ranking(&self) -> Vec<(String, f64)> {
        self.diagnosis.hypotheses.iter().map(|h| (h.cause.clone(), h.probability)).collect()
    }
}

/// Judges a case; `None` while no call is in it.
#[must_use]
pub fn judge(case: &Case, knowledge: &Knowledge) -> Option<CaseVerdict> {
    let mut judge = Judge::new(knowledge);
    let answers: Vec<Answer> = found(case, knowledge);
    let passed =
        || case.pieces.iter().flat_map(|p| p.calls.iter().filter(|c| !c.failed).map(move |call| (p.number, call)));
    let Some(Combined { main, joined, others, observations }) = combine(case) else {
        let (piece, call) = passed().next()?;
        return Some(CaseVerdict {
            diagnosis: judge.diagnose(&call.observations),
            piece,
            started: None,
            observations: call.observations.clone(),
            joined: Vec::new(),
            others: Vec::new(),
            worked: None,
        });
    };
    let worked = passed()
        .find(|(_, call)| call.observations.has("path") && same_target(&main.1.observations, &call.observations))
        .map(|(piece, call)| Worked {
            piece,
            headline: call.headline.clone(),
            differences: differences(&main.1.observations, &call.observations),
        });
    Some(CaseVerdict {
        diagnosis: judge.diagnose_with(&observations, &answers),
        piece: main.0,
        started: std::iter::once(&main).chain(&joined).filter_map(|(_, call)| call.started).min(),
        joined: joined.iter().map(|(piece, call)| (*piece, call.headline.clone())).collect(),
        others: alike(&others),
        worked,
        observations,
    })
}

/// Failures of one signature counted together, in order.
fn alike(calls: &[(u32, &SeenCall)]) -> Vec<Other> {
    let mut groups: Vec<Other> = Vec::new();
    for (piece, call) in calls {
        match groups.iter_mut().find(|group| group.signature == call.signature) {
            Some(group) => group.calls += call.repeats,
            None => groups.push(Other {
                piece: *piece,
                headline: call.headline.clone(),
                cause: call.cause.clone(),
                calls: call.repeats,
                signature: call.signature.clone(),
            }),
        }
    }
    groups
}

/// What of the request a call that worked has otherwise: names of facts, never their values.
fn differences(failed: &Observations, worked: &Observations) -> Vec<String> {
    let of_request = |key: &str| {
        key.starts_with("request.") || key.starts_with("credential.") || key.starts_with("jwt.") || key == "scheme"
    };
    let mut out: Vec<String> = Vec::new();
    for (a, b) in [(failed, worked), (worked, failed)] {
        for fact in a.facts.iter().filter(|fact| of_request(&fact.key)) {
            if b.value(&fact.key) != Some(fact.value.as_str()) && !out.iter().any(|known| *known == fact.key) {
                out.push(fact.key.to_string());
            }
        }
    }
    out.truncate(6);
    out
}

/// What changed from one ranking to the next, in whole per cents: the likeliest first, those that are gone last. What
/// was unlikely before and after is not worth a line.
#[must_use]
pub fn changes(before: &[(String, f64)], after: &[(String, f64)]) -> Vec<RankChange> {
    let of = |ranking: &[(String, f64)], cause: &str| ranking.iter().find(|(c, _)| c == cause).map(|(_, p)| *p);
    let moved = after.iter().filter_map(|(cause, now)| {
        let then = of(before, cause);
        let differs = then.is_none_or(|then| (then - now).abs() >= 0.005);
        differs.then(|| RankChange { cause: cause.clone(), before: then, after: Some(*now) })
    });
    let gone = before.iter().filter(|(cause, _)| of(after, cause).is_none()).map(|(cause, then)| RankChange {
        cause: cause.clone(),
        before: Some(*then),
        after: None,
    });
    let worth = |change: &RankChange| change.before.unwrap_or(0.0).max(change.after.unwrap_or(0.0)) >= WORTH;
    moved.chain(gone).filter(worth).take(CHANGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_tell_of_what_is_new_moved_and_gone() {
        let ranking = |list: &[(&str, f64)]| list.iter().map(|(c, p)| ((*c).to_owned(), *p)).collect::<Vec<_>>();
        let change = |cause: &str, before, after| RankChange { cause: cause.to_owned(), before, after };
        assert_eq!(
            changes(
                &ranking(&[("a", 0.41), ("b", 0.3), ("d", 0.1)]),
                &ranking(&[("a", 0.87), ("d", 0.1), ("c", 0.05)])
            ),
            [change("a", Some(0.41), Some(0.87)), change("c", None, Some(0.05)), change("b", Some(0.3), None)]
        );
    }
}
