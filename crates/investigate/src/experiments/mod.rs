//! The experiments: each changes one thing of the request or of the way, and reads what that does.
//!
//! An experiment makes trials from the call that is to be explained; their answers become words, and `run` and `seen` in
//! `knowledge/checks.toml` say what the words mean.

mod body;
mod credential;
mod header;
mod path;
mod time;
mod way;

use crate::Base;
use crate::compare::same_answer;
use firstfault_model::Diagnosis;
use firstfault_probe::{Exchange, Target};

/// One request of an experiment.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was changed, for people; no secret is in it.
    pub changed: String,
    /// What is sent.
    pub target: Target,
    /// The word for it when it works, beside `works`.
    pub word: &'static str,
}

impl Trial {
    fn new(changed: impl Into<String>, target: Target, word: &'static str) -> Self {
        Self { changed: changed.into(), target, word }
    }
}

/// What came of a trial.
#[derive(Clone, Debug)]
pub struct Came {
    /// Which.
    pub trial: Trial,
    /// What was measured.
    pub exchange: Exchange,
    /// The verdict on it.
    pub diagnosis: Diagnosis,
}

impl Came {
    /// Its status, when it was answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.exchange.response.as_ref().and_then(|response| response.status)
    }

    /// True when it was answered and nothing failed.
    #[must_use]
    pub fn works(&self) -> bool {
        self.status().is_some_and(|status| status < 300) && self.exchange.failure.is_none() && !self.diagnosis.failed
    }

    /// True when it was answered as the call was.
    #[must_use]
    pub fn same(&self, base: &Base) -> bool {
        match (&self.exchange.response, base.response()) {
            (Some(here), Some(there)) => same_answer(here, &self.trial.target.url.path, there, &base.target.url.path),
            (None, None) => self.exchange.failure.as_ref().map(|f| (f.phase, f.wrong)).is_some_and(|mine| {
                let theirs = (base.call.attribute("probe.failure.phase"), base.call.attribute("probe.failure.wrong"));
                theirs == (Some(mine.0.word()), Some(mine.1.word()))
            }),
            _ => false,
        }
    }
}

/// One way of changing one thing.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// The name by which checks call it (`run`).
    pub run: &'static str,
    /// Its requests for a call, one after the other; none where it does not apply.
    pub trials: fn(&Base) -> Vec<Trial>,
    /// Ends with the first trial that works.
    pub until_works: bool,
    /// The words for what came.
    pub read: fn(&Base, &[Came]) -> Vec<String>,
}

/// All of them, in the order of travel: also the order of a checklist.
pub const ALL: &[Experiment] = &[
    way::WITHOUT_PROXY,
    way::OTHER_ADDRESS,
    way::OTHER_PROTOCOL,
    way::HTTP1,
    way::PAST_CACHE,
    time::REPEAT,
    header::USER_AGENT,
    path::ALLOWED_METHODS,
    path::NONSENSE_PATH,
    path::SIBLING_PATH,
    path::PARENT_PATH,
    path::SIBLING_THING,
    path::OTHER_ENDPOINT,
    credential::WITHOUT_CREDENTIAL,
    credential::FALSE_CREDENTIAL,
    credential::TRIMMED_CREDENTIAL,
    credential::OTHER_SCHEME,
    header::ACCEPT_ANYTHING,
    header::FEWER_HEADERS,
    path::FEWER_PARAMETERS,
    body::CONTENT_TYPE,
    body::SMALLER_BODY,
    header::PREFLIGHT,
    time::AFTER_THE_WINDOW,
];

/// The usual words: of the trial that works if one does, else of the last.
fn usual(base: &Base, came: &[Came]) -> Vec<String> {
    let Some(told) = came.iter().find(|c| c.works()).or_else(|| came.last()) else { return Vec::new() };
    words_of(base, told)
}

/// The words for one answer: `works` and the trial's own, or `same` or `differs`; the status, its class, and how it
/// broke where it did.
fn words_of(base: &Base, came: &Came) -> Vec<String> {
    let mut words = Vec::new();
    if came.works() {
        words.push("works".to_owned());
        if !came.trial.word.is_empty() {
            words.push(came.trial.word.to_owned());
        }
    } else if came.same(base) {
        words.push("same".to_owned());
    } else {
        words.push("differs".to_owned());
    }
    if let Some(status) = came.status() {
        words.push(status.to_string());
        words.push(format!("{}xx", status / 100));
    } else if let Some(failure) = &came.exchange.failure {
        words.push("no-answer".to_owned());
        words.push(failure.wrong.word().to_owned());
    }
    words
}
