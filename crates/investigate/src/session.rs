//! One probe from end to end: walk along the layers, put what was pasted beside it, investigate.

use crate::search::{Budget, Investigation, Sender, Sent, investigate};
use crate::{Base, Judging, Order};
use firstfault_model::{Attribute, Call, Layer};
use firstfault_probe::guard::{Guard, Terms};
use firstfault_probe::{Exchange, Target, Walk, http};
use std::time::{Duration, Instant};

/// What is to be found out, and on which terms.
#[derive(Clone, Debug)]
pub struct Question {
    /// The call.
    pub target: Target,
    /// How it went when it failed, where a person has pasted that.
    pub pasted: Option<Call>,
    /// What may be sent and spent.
    pub terms: Terms,
    /// In which order experiments are tried.
    pub order: Order,
}

/// What was found out.
#[derive(Debug)]
pub struct Session {
    /// The walk along the layers.
    pub walk: Walk,
    /// The investigation, with the verdict.
    pub investigation: Investigation,
    /// Requests that were sent in all.
    pub requests: u32,
    /// How long it took.
    pub took: Duration,
    /// The guard, for a request that confirms the verdict.
    pub live: Live,
}

/// Probes a call.
pub async fn session(question: Question, judging: &mut Judging<'_>) -> Session {
    let began = Instant::now();
    let Question { target, pasted, terms, order } = question;
    let mut guard = Guard::new(terms);
    let walk = firstfault_probe::walk(&target, &mut guard).await;
    let call = beside(&walk, pasted, judging);
    let budget = Budget { time: terms.time, requests: terms.requests };
    // The call itself may take as long as its own limit says; what is spent are the experiments.
    let mut live = Live { guard, original: target.clone(), began: Instant::now() };
    let investigation = investigate(Base::new(target, call), &mut live, judging, order, budget).await;
    let requests = live.guard.sent();
    Session { walk, investigation, requests, took: began.elapsed(), live }
}

/// The call as it went now, with what was pasted of it. A call that could not be sent, or that works now, is the pasted one
/// with what was measured on the way.
fn beside(walk: &Walk, pasted: Option<Call>, judging: &mut Judging<'_>) -> Call {
    let live = walk.call();
    let Some(mut pasted) = pasted else { return live };
    let sent = live.response.is_some() || walk.exchanges.iter().any(|e| e.failure.is_some());
    if sent && judging.verdict(&live).1.failed {
        // What was pasted may be the same call as it works for somebody else.
        return with_words(firstfault_engine::contrasted(live, &pasted), pasted);
    }
    if sent && pasted.status().is_none() {
        // What a program says without a status is often about the answer itself, which is here now: a field that is not
        // in it, a text that is no JSON. Only where no answer came does one that comes now tell of a recovery.
        let told = judging.verdict(&pasted).1;
        if !(told.failed && told.layer == Some(Layer::Network)) {
            let joined = with_words(live.clone(), pasted.clone());
            if !told.failed || judging.verdict(&joined).1.failed {
                return joined;
            }
        }
    }
    // A failure inside a success is seen only by who knows what was expected: the same status is no recovery.
    if sent && pasted.status() != live.status() {
        pasted.mark(&firstfault_diagnose::experiment_key("repeat"), "no-more", pasted.span);
    }
    add_attributes(&mut pasted, live.attributes);
    if pasted.request.is_none() {
        pasted.request = live.request;
    }
    pasted
}

/// The call as it went now, with what programs said of it before.
fn with_words(mut live: Call, pasted: Call) -> Call {
    live.messages.extend(pasted.messages);
    add_attributes(&mut live, pasted.attributes);
    live
}

/// Marks of another view of the same call, as far as this one has none of the name.
fn add_attributes(call: &mut Call, others: Vec<Attribute>) {
    let new = |name: &str| !call.attributes.iter().any(|a| a.name == name);
    let more: Vec<_> = others.into_iter().filter(|a| new(&a.name)).collect();
    call.attributes.extend(more);
}

/// Sends for real, within the guard's terms.
#[derive(Debug)]
pub struct Live {
    guard: Guard,
    original: Target,
    began: Instant,
}

impl Sender for Live {
    async fn send(&mut self, target: &Target) -> Sent {
        if let Err(refusal) = self.guard.turn(target, &self.original).await {
            return Sent::Refused(refusal.why);
        }
        let exchange: Exchange = http::exchange(target).await;
        self.guard.heed(target, &exchange);
        Sent::Came(Box::new(exchange))
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn refuses(&self, target: &Target) -> Option<String> {
        self.guard.permit(target, &self.original).err().map(|refusal| refusal.why)
    }

    fn wait(&self, target: &Target) -> Duration {
        self.guard.wait(target)
    }
}
