//! The live oracle: sends a candidate within the terms, and judges the answer as every answer is judged.

use firstfault_bisect::{Answer, Candidate, Oracle, Reply, names_in};
use firstfault_investigate::Judging;
use firstfault_model::{Bucket, Call, Diagnosis, Observations};
use firstfault_probe::guard::{Forbidden, Guard};
use firstfault_probe::{Exchange, Target, Walk};
use std::collections::BTreeSet;

/// Facts that name a field.
const NAMING: [&str; 5] =
    ["validation.missing", "validation.unknown", "validation.type", "validation.value", "error.field"];

/// What the failure is, as far as it has to be the same.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The verdict on the call as it was given.
    pub diagnosis: Diagnosis,
    /// The status that came with it.
    pub status: Option<u16>,
    fields: BTreeSet<String>,
}

/// Sends for real.
pub struct Live<'k> {
    guard: Guard,
    original: Target,
    judging: Judging<'k>,
    /// The first failure that came.
    pub failure: Option<Failure>,
    /// The last call that failed in the same way.
    pub last: Option<Call>,
    /// Why nothing more may be sent.
    pub refused: Option<String>,
}

impl<'k> Live<'k> {
    /// `original` says how the server is reached.
    pub fn new(original: Target, guard: Guard, judging: Judging<'k>) -> Self {
        Self { guard, original, judging, failure: None, last: None, refused: None }
    }

    /// Requests that were sent.
    pub fn sent(&self) -> u32 {
        self.guard.sent()
    }

    /// The call, and how the wire failed, when it did.
    async fn send(&mut self, target: &Target) -> Result<(Call, Option<String>), String> {
        if target.connect.follow.is_some() {
            let walk = firstfault_probe::walk::walk(target, &mut self.guard).await;
            let broken = walk.exchanges.last().and_then(|exchange| exchange.failure.as_ref());
            return Ok((walk.call(), broken.map(|failure| failure.words.clone())));
        }
        self.guard.turn(target, &self.original).await.map_err(|refusal| {
            if matches!(refusal.kind, Forbidden::Requests | Forbidden::Time | Forbidden::Wait(_)) {
                self.refused = Some(refusal.why.clone());
            }
            refusal.why
        })?;
        let exchange: Exchange = firstfault_probe::http::exchange(target).await;
        self.guard.heed(target, &exchange);
        let broken = exchange.failure.as_ref().map(|failure| failure.words.clone());
        Ok((Walk { exchanges: vec![exchange], ..Walk::default() }.call(), broken))
    }

    fn judge(&mut self, call: Call, broken: Option<String>) -> Reply {
        let (observations, diagnosis) = self.judging.verdict(&call);
        if !diagnosis.failed {
            // What did not come, or not whole, is no success.
            let missing = broken.or_else(|| call.status().is_none().then(|| "no answer came".to_owned()));
            if let Some(words) = missing {
                return Reply::from(Answer::Unsure(words));
            }
            return Reply::from(Answer::Works);
        }
        let failure = Failure { fields: fields(&observations), status: call.status(), diagnosis };
        let reference = self.failure.get_or_insert_with(|| failure.clone());
        let limited = failure.diagnosis.bucket == Bucket::RateLimit;
        if limited && reference.diagnosis.bucket != Bucket::RateLimit {
            return Reply::from(Answer::Unsure(failure.diagnosis.summary));
        }
        // Without an answer nothing is said about the request, unless that is the failure.
        if call.status().is_none() && reference.status.is_some() {
            return Reply::from(Answer::Unsure(failure.diagnosis.summary));
        }
        if !same(reference, &failure) {
            return Reply::from(Answer::Other(failure.diagnosis.summary));
        }
        self.last = Some(call);
        Reply { answer: Answer::Same, names: names(&observations) }
    }
}

impl Oracle for Live<'_> {
    async fn ask(&mut self, candidate: &Candidate) -> Reply {
        let mut target = self.original.clone();
        target.method = candidate.request.method.clone().unwrap_or_default();
        target.url.clone_from(&candidate.request.url);
        target.headers.clone_from(&candidate.request.headers);
        target.body.clone_from(&candidate.body);
        match self.send(&target).await {
            Ok((call, broken)) => self.judge(call, broken),
            Err(why) => Reply::from(Answer::Unsure(why)),
        }
    }

    fn is_spent(&self) -> bool {
        self.refused.is_some() || self.guard.time_left().is_zero() || self.guard.requests_left() == 0
    }
}

/// The same cause, layer and bucket, and the same fields where the error names some. What is of no known cause has to have
/// the same status and words.
fn same(one: &Failure, other: &Failure) -> bool {
    let (a, b) = (&one.diagnosis, &other.diagnosis);
    let alike = (&a.cause, a.layer, a.bucket) == (&b.cause, b.layer, b.bucket) && one.fields == other.fields;
    if a.attributed { alike } else { alike && one.status == other.status && a.signature == b.signature }
}

/// The fields that the answer complains about. Positions are left out, since items move when others go.
fn fields(observations: &Observations) -> BTreeSet<String> {
    NAMING
        .iter()
        .flat_map(|key| observations.every(key))
        .map(|fact| {
            let parts = fact.value.split(['.', '[', ']', '/']);
            let named: Vec<&str> =
                parts.filter(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit())).collect();
            named.join(".")
        })
        .collect()
}

/// The names in the answer: those of facts first, then what its message quotes.
fn names(observations: &Observations) -> Vec<String> {
    let facts = NAMING.iter().flat_map(|key| observations.every(key)).map(|fact| fact.value.clone());
    let messages = observations.every("error.message").flat_map(|fact| names_in(&fact.value));
    let mut names: Vec<String> = Vec::new();
    for name in facts.chain(messages) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(32);
    names
}
