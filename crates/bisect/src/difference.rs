//! The smallest difference between a request that works and one that fails.

use crate::asker::{Asker, Decision};
use crate::base;
use crate::delta::Delta;
use crate::groups::{Atom, Groups};
use crate::oracle::{Answer, Candidate, Oracle};
use crate::report::{Confidence, Outcome, Report, Settings};
use crate::shrink::{Spent, blank, repeats};
use std::collections::BTreeSet;

/// Finds the smallest part of what differs that makes `working` fail as `failing` does.
pub async fn difference<O: Oracle>(
    working: &Candidate,
    failing: &Candidate,
    settings: &Settings,
    oracle: &mut O,
) -> Report {
    let mut asker = Asker::new(oracle, settings.clone());
    let base = match base::measure(&mut asker, failing, settings).await {
        Ok(base) => base,
        Err(outcome) => return blank(outcome, failing, &asker),
    };
    let delta = Delta::of(working, failing, &base.names);
    if delta.differences.is_empty() {
        return blank(Outcome::NoDifference("both requests are the same".to_owned()), failing, &asker);
    }
    // The good one has to be good, as sure as everything else.
    asker.strict = true;
    match asker.decide(working).await {
        Decision::Differs => {}
        Decision::Same => {
            let words = "the working request fails in the same way".to_owned();
            return blank(Outcome::NoDifference(words), failing, &asker);
        }
        Decision::Unsure | Decision::Spent => {
            let words = "nothing could be learnt about the working request".to_owned();
            return blank(Outcome::NoDifference(words), failing, &asker);
        }
    }
    let instead = asker.last.clone();
    asker.strict = false;
    let kept = vec![true; delta.differences.len()];
    let mut search = Search { delta: &delta, kept, unproven: BTreeSet::new(), asker };
    let finished = search.run().await.is_ok();
    let mut report = search.report(finished, settings, base.confidence).await;
    if let (Outcome::Minimal, Some(Answer::Other(words))) = (&report.outcome, instead) {
        // It flips from one failure to another, and that is to be said.
        report.notes.push(format!("the working request fails too, in another way: {words}"));
    }
    report
}

struct Search<'a, 'o, O: Oracle> {
    delta: &'a Delta,
    kept: Vec<bool>,
    unproven: BTreeSet<usize>,
    asker: Asker<'o, O>,
}

impl<O: Oracle> Search<'_, '_, O> {
    async fn run(&mut self) -> Result<(), Spent> {
        let atoms = self.delta.differences.iter().enumerate().map(|(id, difference)| Atom { id, p: difference.p });
        let mut groups = Groups::new(atoms, self.asker.target(), None);
        while let Some(set) = groups.next() {
            if self.try_without(&set).await? == Decision::Same {
                groups.needless(&set);
            } else {
                groups.needs(&set);
            }
        }
        self.asker.refine();
        self.asker.strict = true;
        loop {
            let mut changed = false;
            for number in 0..self.kept.len() {
                if !self.kept[number] {
                    continue;
                }
                self.unproven.remove(&number);
                match self.try_without(&[number]).await? {
                    Decision::Same => changed = true,
                    Decision::Unsure => {
                        self.unproven.insert(number);
                    }
                    Decision::Differs | Decision::Spent => {}
                }
            }
            if !changed {
                return Ok(());
            }
        }
    }

    async fn try_without(&mut self, set: &[usize]) -> Result<Decision, Spent> {
        let mut kept = self.kept.clone();
        set.iter().for_each(|number| kept[*number] = false);
        let decision = self.asker.decide(&self.delta.render(&kept)).await;
        match decision {
            Decision::Spent => return Err(Spent),
            Decision::Same => self.kept = kept,
            Decision::Differs | Decision::Unsure => {}
        }
        Ok(decision)
    }

    async fn report(mut self, finished: bool, settings: &Settings, mut confidence: Confidence) -> Report {
        let form = self.delta.render(&self.kept);
        let most = self.asker.rate().map_or(1, |rate| repeats(rate, settings.error));
        let mut outcome = Outcome::Unfinished;
        for _ in 0..most {
            let Some(reply) = self.asker.raw(&form).await else { break };
            confidence.asked += 1;
            if reply.answer == Answer::Same {
                confidence.same += 1;
                outcome = if finished { Outcome::Minimal } else { Outcome::Unfinished };
                break;
            }
            outcome = Outcome::Lost(base::words(&reply.answer));
        }
        let (needed, needless): (Vec<usize>, Vec<usize>) = (0..self.kept.len()).partition(|n| self.kept[*n]);
        let part = |number: usize| self.delta.differences[number].part.clone();
        if self.asker.rate().is_some() {
            let decisions = f64::from(u32::try_from(needed.len() + 2).unwrap_or(u32::MAX));
            confidence.sure = Some((1.0 - decisions * settings.error).max(0.0));
        }
        Report {
            needed: needed.iter().copied().map(part).collect(),
            needless: needless.into_iter().map(part).collect(),
            changes: needed.iter().map(|number| self.delta.change(*number)).collect(),
            unproven: self.unproven.iter().map(|number| part(*number)).collect(),
            confidence,
            ..blank(outcome, &form, &self.asker)
        }
    }
}
