//! Checks that a person answered: each is evidence, weighed together with what rules found.

use firstfault_knowledge::compiled::{CheckSource, Rule, Target};
use firstfault_knowledge::{Firing, Knowledge};
use firstfault_model::{Observations, Span, Strength};

/// What a person found out by one check of the packs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The check's id.
    pub check: String,
    /// What came out.
    pub found: Found,
}

/// What is kept when none of a check's outcomes came out.
pub const NEITHER: &str = "none";

impl Answer {
    /// The answer that is kept in these words: an outcome of the check, [`NEITHER`], or nothing that could be told. An
    /// outcome that the knowledge has no more says nothing.
    #[must_use]
    pub fn kept(check: &str, outcome: Option<&str>, knowledge: &Knowledge) -> Self {
        let known = knowledge.checks.iter().find(|known| known.id == check);
        let found = match (outcome, known) {
            (Some(NEITHER), _) => Found::Neither,
            (Some(words), Some(known)) => {
                known.answers.iter().position(|answer| *answer == words).map_or(Found::NotKnown, Found::Outcome)
            }
            _ => Found::NotKnown,
        };
        Self { check: check.to_owned(), found }
    }
}

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// One of its outcomes, by number from 0.
    Outcome(usize),
    /// None of its outcomes.
    Neither,
    /// It could not be told: the check is not asked again and says nothing.
    NotKnown,
}

/// Which fact holds the results of an experiment: one fact for each word.
#[must_use]
pub fn experiment_key(run: &str) -> String {
    format!("experiment.{run}")
}

/// The result of an experiment that came to nothing.
pub const UNCLEAR: &str = "unclear";

/// What experiments answered: a check that an experiment answers is answered by the words of its result, wherever these
/// facts come from, so that a recorded probe is judged as the live one was.
#[must_use]
pub fn of_experiments(checks: &[&CheckSource<'static>], observations: &Observations) -> Vec<Answer> {
    let mut out = Vec::new();
    for check in checks.iter().filter(|check| !check.run.is_empty()) {
        let key = experiment_key(check.run);
        let words: Vec<&str> = observations.every(&key).map(|fact| fact.value.as_str()).collect();
        if words.is_empty() {
            continue;
        }
        let outcome = check.seen.iter().position(|seen| seen.iter().any(|word| words.contains(word)));
        let found = match outcome {
            Some(number) => Found::Outcome(number),
            None if words.contains(&UNCLEAR) => Found::NotKnown,
            None => Found::Neither,
        };
        out.push(Answer { check: check.id.to_owned(), found });
    }
    out
}

/// An outcome that confirms at most this many causes says something for each of them by itself.
const FEW: usize = 3;

/// Adds what the answers say to what fired already, in their order. A check that the knowledge does not have says nothing.
pub fn firings(knowledge: &Knowledge, answers: &[Answer], out: &mut Vec<Firing>) {
    let spoken_for = spoken_for(out);
    let suggested: Vec<u16> =
        out.iter().filter(|f| f.rule.prior).flat_map(|f| &f.rule.supports).map(|(cause, _)| *cause).collect();
    for answer in answers {
        let Some(check) = knowledge.checks.iter().find(|check| check.id == answer.check) else { continue };
        let (words, confirmed, strength): (&str, &[u16], Strength) = match answer.found {
            Found::Outcome(number) => match (check.answers.get(number), check.outcomes.get(number)) {
                (Some(words), Some(causes)) => {
                    (words, causes, check.strengths.get(number).copied().unwrap_or(Strength::Strong))
                }
                _ => continue,
            },
            Found::Neither => ("none of these", &[], Strength::Strong),
            Found::NotKnown => continue,
        };
        // What speaks for nothing in particular speaks a little less against everything.
        let against = if confirmed.is_empty() { Strength::Moderate } else { strength.min(Strength::Strong) };
        let mut opposed: Vec<u16> =
            check.outcomes.iter().flatten().copied().filter(|cause| !confirmed.contains(cause)).collect();
        opposed.sort_unstable();
        // Some stand under several outcomes, and are spoken against once.
        opposed.dedup();
        let opposes = opposed.into_iter().map(|cause| (Target::Cause(cause), against)).collect();
        out.push(Firing {
            rule: rule(check.id, check.question, supports(confirmed, strength, (&spoken_for, &suggested)), opposes),
            quote: format!("{words} ({})", check.id),
            span: Span::default(),
            slots: Vec::new(),
            text: None,
            place: None,
            out_of_place: false,
            loose: false,
        });
    }
}

/// The causes that the evidence itself speaks for. A status alone, a hint, or what an earlier answer left open does not
/// pick one of several causes.
fn spoken_for(firings: &[Firing]) -> Vec<u16> {
    firings
        .iter()
        .filter(|firing| !firing.rule.prior && !firing.rule.symptom)
        .flat_map(|firing| &firing.rule.supports)
        .filter(|(_, strength)| *strength >= Strength::Moderate)
        .map(|(cause, _)| *cause)
        .collect()
}

/// How much an outcome says for each cause that it confirms. One cause alone is settled by it. Of several, those that
/// something else speaks for are; the others share what is said where they are few, and nothing where another has evidence
/// of its own. Many that only the status suggests gain a little; what not even that suggests is left open and gains
/// nothing, or every answer that leaves much open would make the ranking flatter.
fn supports(confirmed: &[u16], strength: Strength, (spoken_for, suggested): (&[u16], &[u16])) -> Vec<(u16, Strength)> {
    let known = |cause: &u16| spoken_for.contains(cause);
    let narrowed = confirmed.iter().any(known);
    let any_suggested = confirmed.iter().any(|cause| suggested.contains(cause));
    confirmed
        .iter()
        .filter_map(|cause| {
            if confirmed.len() == 1 || known(cause) {
                Some((*cause, strength))
            } else if narrowed {
                None
            } else if confirmed.len() <= FEW {
                Some((*cause, strength.min(Strength::Moderate)))
            } else if any_suggested && !suggested.contains(cause) {
                None
            } else {
                Some((*cause, Strength::Weak))
            }
        })
        .collect()
}

/// The answer in the form in which everything is weighed; the check's id stands for the rule's, so that an answer counts
/// as a source of its own.
fn rule(
    id: &'static str,
    question: &'static str,
    supports: Vec<(u16, Strength)>,
    opposes: Vec<(Target, Strength)>,
) -> Rule<'static> {
    Rule {
        id,
        pack: "",
        supports,
        opposes,
        conditions: Vec::new(),
        places: 0,
        layer: None,
        passed: Vec::new(),
        retry: None,
        owner: None,
        group: "",
        fails: false,
        healthy: false,
        symptom: false,
        fault: false,
        says: "",
        because: question,
        source: "",
        prior: false,
        particular: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Judge;
    use firstfault_model::{Diagnosis, Observations};

    /// A bare 401 with a bearer token.
    fn refused() -> Observations {
        let mut observations = Observations::default();
        for (key, value) in [("status", "401"), ("method", "GET"), ("credential.scheme", "bearer")] {
            observations.add(key, value, Span::new(1, 0, 1));
        }
        observations
    }

    fn of(diagnosis: &Diagnosis, cause: &str) -> f64 {
        diagnosis.hypotheses.iter().find(|h| h.cause == cause).map_or(0.0, |h| h.probability)
    }

    #[test]
    fn an_answer_moves_the_ranking_and_is_not_asked_again() {
        let knowledge = Knowledge::builtin();
        let mut judge = Judge::new(&knowledge);
        let before = judge.diagnose(&refused());
        let answer = |check: &str, found| Answer { check: check.to_owned(), found };
        let expired = answer("decode-token", Found::Outcome(0));
        let after = judge.diagnose_with(&refused(), std::slice::from_ref(&expired));
        assert_eq!(after.cause, "auth.expired_token");
        assert!(of(&after, "auth.expired_token") > of(&before, "auth.expired_token") + 0.3);
        assert!(of(&after, "auth.wrong_audience") <= of(&before, "auth.wrong_audience"));
        let shown = &after.hypotheses[0].supports[0];
        assert_eq!((shown.fact.as_str(), shown.rule.as_str()), ("exp is in the past (decode-token)", "decode-token"));
        assert!(after.checks.iter().all(|check| check.id != "decode-token"));

        let neither = judge.diagnose_with(&refused(), &[answer("decode-token", Found::Neither)]);
        assert!(of(&neither, "auth.expired_token") < of(&before, "auth.expired_token"));
        let skipped = judge.diagnose_with(&refused(), &[answer("decode-token", Found::NotKnown)]);
        assert_eq!(skipped.hypotheses, before.hypotheses);
        assert!(skipped.checks.iter().all(|check| check.id != "decode-token"));
        let gone = judge.diagnose_with(&refused(), &[answer("no-such-check", Found::Outcome(0))]);
        assert_eq!(gone.hypotheses, before.hypotheses);
    }
}
