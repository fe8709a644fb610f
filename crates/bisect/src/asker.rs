//! Asks, within the budget, never the same twice, and as often as an intermittent failure needs.
//!
//! A failure that came each time is taken as constant: one answer decides. For one that comes only sometimes each
//! candidate is asked until a sequential probability ratio test (Wald 1945) decides between "fails as often as the
//! whole request" and "hardly ever", with the error rates of the settings.

use crate::oracle::{Answer, Candidate, Oracle, Reply};
use crate::report::Settings;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// "Hardly ever", as a share of the rate of the whole request: what else happens by chance is rarely the same diagnosis.
const BACKGROUND: f64 = 0.01;
/// How often one candidate is asked at most.
const REPEATS: u32 = 80;
/// How often a candidate is asked again when nothing can be said.
const UNSURE: u32 = 2;

/// What was decided on a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It fails in the same way.
    Same,
    /// It does not.
    Differs,
    /// Nothing can be said about it; taken as one that does not.
    Unsure,
    /// The budget is spent.
    Spent,
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    same: u32,
    differs: u32,
    unsure: u32,
    decision: Option<Decision>,
}

pub(crate) struct Asker<'o, O: Oracle> {
    oracle: &'o mut O,
    settings: Settings,
    known: BTreeMap<[u8; 32], Known>,
    /// How often the whole request fails in the same way; `None` when each time.
    rate: Option<f64>,
    pub requests: u32,
    pub saved: u32,
    pub candidates: u32,
    pub unsure: u32,
    /// The last answer that was not the same.
    pub last: Option<Answer>,
}

impl<'o, O: Oracle> Asker<'o, O> {
    pub(crate) fn new(oracle: &'o mut O, settings: Settings) -> Self {
        Self {
            oracle,
            settings,
            known: BTreeMap::new(),
            rate: None,
            requests: 0,
            saved: 0,
            candidates: 0,
            unsure: 0,
            last: None,
        }
    }

    /// The failure comes with this rate. What was decided without knowing it is open again, and what was seen counts.
    pub(crate) fn intermittent(&mut self, rate: f64) {
        self.rate = Some(rate.clamp(0.02, 0.98));
        for known in self.known.values_mut() {
            known.decision = None;
        }
    }

    pub(crate) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// The share of groups that should turn out needless: where "differs" takes many repeats and "same" few, more.
    pub(crate) fn target(&self) -> f64 {
        let Some(rate) = self.rate else { return 0.5 };
        let differs = self.bound() / -(1.0 - rate).ln();
        let same = 1.0 / rate;
        // Between a half and nine tenths, by the ratio of what the two answers cost.
        (differs / (differs + same)).clamp(0.5, 0.9)
    }

    fn bound(&self) -> f64 {
        let error = self.settings.error;
        ((1.0 - error) / error).ln()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.requests >= self.settings.max_requests || self.oracle.is_spent()
    }

    /// One request, whatever is known; `None` when the budget is spent.
    pub(crate) async fn raw(&mut self, candidate: &Candidate) -> Option<Reply> {
        if self.is_spent() {
            return None;
        }
        self.requests += 1;
        let reply = self.oracle.ask(candidate).await;
        let known = self.known.entry(key(candidate)).or_default();
        match &reply.answer {
            Answer::Same => known.same += 1,
            Answer::Other(_) | Answer::Works => known.differs += 1,
            Answer::Unsure(_) => {
                known.unsure += 1;
                self.unsure += 1;
            }
        }
        if reply.answer != Answer::Same {
            self.last = Some(reply.answer.clone());
        }
        Some(reply)
    }

    /// Decides on a candidate.
    pub(crate) async fn decide(&mut self, candidate: &Candidate) -> Decision {
        let key = key(candidate);
        if let Some(decision) = self.known.get(&key).and_then(|known| known.decision) {
            self.saved += 1;
            return decision;
        }
        self.candidates += 1;
        loop {
            let known = self.known.get(&key).copied().unwrap_or_default();
            if let Some(decision) = self.settled(known) {
                self.known.entry(key).or_default().decision = Some(decision);
                return decision;
            }
            if self.raw(candidate).await.is_none() {
                return Decision::Spent;
            }
        }
    }

    fn settled(&self, known: Known) -> Option<Decision> {
        if known.unsure > UNSURE {
            return Some(Decision::Unsure);
        }
        let Some(rate) = self.rate else {
            // One answer decides; the first, where they disagree, would be chance.
            return match (known.same, known.differs) {
                (0, 0) => None,
                (0, _) => Some(Decision::Differs),
                _ => Some(Decision::Same),
            };
        };
        let background = rate * BACKGROUND;
        let ratio = f64::from(known.same) * (rate / background).ln()
            + f64::from(known.differs) * ((1.0 - rate) / (1.0 - background)).ln();
        let bound = self.bound();
        if ratio >= bound {
            Some(Decision::Same)
        } else if ratio <= -bound {
            Some(Decision::Differs)
        } else {
            (known.same + known.differs >= REPEATS).then_some(Decision::Unsure)
        }
    }
}

fn key(candidate: &Candidate) -> [u8; 32] {
    Sha256::digest(candidate.wire()).into()
}
