//! Asks, within the budget, never the same twice, and as often as an intermittent failure needs.
//!
//! A failure that came each time is taken as constant: one answer decides. For one that comes only sometimes each
//! candidate is asked until a sequential probability ratio test (Wald 1945) decides between "fails as often as the
//! whole request" and "hardly ever", with the error rates of the settings.

use crate::oracle::{Answer, Candidate, Oracle, Reply};
use crate::report::Settings;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// "Hardly ever", as a share of the rate of the whole request: what else happens by chance is rarely the same diagnosis.
const BACKGROUND: f64 = 0.002;
/// How often "differs" may be wrong on the way, where a wrong one only keeps a part that is tried again at the end.
const LENIENT: f64 = 0.15;
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
    /// It failed in a way in which the whole request never did.
    other: bool,
}

pub(crate) struct Asker<'o, O: Oracle> {
    oracle: &'o mut O,
    settings: Settings,
    known: BTreeMap<[u8; 32], Known>,
    /// How often the whole request fails in the same way; `None` when each time.
    rate: Option<f64>,
    /// What else the whole request does, where its failure is intermittent.
    usual: BTreeSet<String>,
    /// False on the way, where parts are only sorted out; true where a decision is the result.
    pub strict: bool,
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
            usual: BTreeSet::new(),
            strict: false,
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
    }

    /// Learns the rate better from the candidates that failed in the same way.
    pub(crate) fn refine(&mut self) {
        if self.rate.is_some() {
            let seen = self.known.values().filter(|known| known.same > 0);
            let (same, asked) = seen.fold((0, 0), |(s, a), known| (s + known.same, a + known.same + known.differs));
            self.intermittent(crate::base::rate(same, asked));
        }
    }

    /// The whole request may do this too.
    pub(crate) fn usual(&mut self, answer: &Answer) {
        if let Answer::Other(words) = answer {
            self.usual.insert(words.clone());
        }
    }

    pub(crate) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// The share of groups that should turn out needless: where "differs" takes many repeats and "same" few, more.
    pub(crate) fn target(&self) -> f64 {
        let Some(rate) = self.rate else { return 0.5 };
        let differs = (1.0 / LENIENT).ln() / -(1.0 - rate).ln();
        let same = 1.0 / rate;
        // Between a half and nine tenths, by the ratio of what the two answers cost.
        (differs / (differs + same)).clamp(0.5, 0.9)
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.requests >= self.settings.max_requests || self.oracle.is_spent()
    }

    /// Requests that are kept back, so that the final form can be sent once more.
    fn reserve(&self) -> u32 {
        let needed = self.rate.map_or(1, |rate| crate::shrink::repeats(rate, self.settings.error));
        needed.min(self.settings.max_requests / 4)
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
            Answer::Works => known.differs += 1,
            Answer::Other(words) => {
                known.differs += 1;
                known.other |= !self.usual.contains(words);
            }
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
        let mut sent = false;
        loop {
            let known = self.known.get(&key).copied().unwrap_or_default();
            if let Some(decision) = self.settled(known) {
                self.saved += u32::from(!sent);
                self.candidates += u32::from(sent);
                return decision;
            }
            if self.requests.saturating_add(self.reserve()) >= self.settings.max_requests
                || self.raw(candidate).await.is_none()
            {
                return Decision::Spent;
            }
            sent = true;
        }
    }

    fn settled(&self, known: Known) -> Option<Decision> {
        if known.unsure > UNSURE {
            return Some(Decision::Unsure);
        }
        let Some(rate) = self.rate else {
            // One answer decides; where they disagree, it can fail in the same way.
            return match (known.same, known.differs) {
                (0, 0) => None,
                (0, _) => Some(Decision::Differs),
                _ => Some(Decision::Same),
            };
        };
        if known.other && known.same == 0 {
            return Some(Decision::Differs);
        }
        let background = rate * BACKGROUND;
        let ratio = f64::from(known.same) * (rate / background).ln()
            + f64::from(known.differs) * ((1.0 - rate) / (1.0 - background)).ln();
        let error = self.settings.error;
        let missed = if self.strict { error } else { error.max(LENIENT) };
        if ratio >= ((1.0 - missed) / error).ln() {
            Some(Decision::Same)
        } else if ratio <= (missed / (1.0 - error)).ln() {
            Some(Decision::Differs)
        } else {
            (known.same + known.differs >= REPEATS).then_some(Decision::Unsure)
        }
    }
}

fn key(candidate: &Candidate) -> [u8; 32] {
    Sha256::digest(candidate.wire()).into()
}
