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
    let call = beside(&target, &walk, pasted, judging);
    let budget = Budget { time: terms.time, requests: terms.requests };
    // The call itself may take as long as its own limit says; what is spent are the experiments.
    let mut live = Live { guard, original: target.clone(), began: Instant::now() };
    let investigation = investigate(Base::new(target, call), &mut live, judging, order, budget).await;
    let requests = live.guard.sent();
    Session { walk, investigation, requests, took: began.elapsed(), live }
}

/// The call as it went now, with what was pasted of it. A call that could not be sent, or that works now, is the pasted one
/// with what was measured on the way.
fn beside(target: &Target, walk: &Walk, pasted: Option<Call>, judging: &mut Judging<'_>) -> Call {
    let live = walk.call();
    let Some(mut pasted) = pasted else { return live };
    let sent = live.response.is_some() || walk.exchanges.iter().any(|e| e.failure.is_some());
    if sent && judging.verdict(&live).1.failed {
        // A log names the target and leaves the credential out: what refuses the call without it says nothing of the one
        // in the log.
        let refused = target.in_part && matches!(live.status(), Some(401 | 403));
        if refused && pasted.status().is_some_and(|status| live.status() != Some(status)) {
            return with_measures(pasted, live);
        }
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
    with_measures(pasted, live)
}

/// The call as it was pasted, with what was measured on the way.
fn with_measures(mut pasted: Call, live: Call) -> Call {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use firstfault_engine::{Clock, Options};
    use firstfault_knowledge::Knowledge;
    use firstfault_model::{Body, Request, Response, Span, Url};
    use firstfault_probe::exchange::{Failure, Phase, Wrong};

    const REPEAT: &str = "experiment.repeat";

    /// A walk whose call was answered in this way.
    fn answered(status: u16, body: &str) -> Walk {
        let mut response = Response {
            status: Some(status),
            body: Some(Body::bounded(body, Span::default())),
            complete: true,
            ..Response::default()
        };
        if !body.is_empty() {
            response.headers.push("Content-Type", "application/json", Span::default());
        }
        let exchange = Exchange { response: Some(response), head: vec![b'G'], ..asked() };
        let marks = vec![("probe.tcp".to_owned(), "connected".to_owned())];
        Walk { exchanges: vec![exchange], marks, ..Walk::default() }
    }

    fn asked() -> Exchange {
        let url = Url::parse("https://api.example.com/v1/orders/7");
        let request = Request { method: Some("GET".to_owned()), url, complete: true, ..Request::default() };
        Exchange { request, ..Exchange::default() }
    }

    /// What came of putting a paste beside a walk, and the verdict on it.
    fn put(walk: &Walk, paste: &str) -> (Call, firstfault_model::Diagnosis) {
        put_as(&Target::default(), walk, paste)
    }

    fn put_as(target: &Target, walk: &Walk, paste: &str) -> (Call, firstfault_model::Diagnosis) {
        let knowledge = Knowledge::builtin();
        let mut read = firstfault_engine::diagnose(paste, Options::default(), &knowledge);
        let pasted = read.calls.swap_remove(read.first).call;
        let mut judging = Judging::new(&knowledge, Clock::default());
        let call = beside(target, walk, Some(pasted), &mut judging);
        let diagnosis = judging.verdict(&call).1;
        (call, diagnosis)
    }

    const REFUSED: &str = "> GET /v1/orders/7 HTTP/1.1
> Host: api.example.com
>
< HTTP/1.1 503 Service Unavailable
< Content-Type: application/json
<
{\"error\":\"maintenance\",\"message\":\"Down for maintenance\"}";

    #[test]
    fn without_a_paste_it_is_the_call_of_now() {
        let knowledge = Knowledge::builtin();
        let call =
            beside(&Target::default(), &answered(404, ""), None, &mut Judging::new(&knowledge, Clock::default()));
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(404), None));
    }

    #[test]
    fn a_call_that_was_not_sent_is_the_pasted_one_with_what_was_measured() {
        let mut walk = answered(200, "{}");
        walk.exchanges.clear();
        let refusal = firstfault_probe::Refusal {
            kind: firstfault_probe::Forbidden::Method,
            what: "POST".to_owned(),
            why: "it needs consent".to_owned(),
        };
        walk.withheld = Some((asked(), refusal));
        let (call, diagnosis) = put(&walk, REFUSED);
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(503), None));
        assert_eq!(call.attribute("probe.tcp"), Some("connected"));
        assert!(diagnosis.failed);
    }

    #[test]
    fn the_same_failure_is_that_of_now_with_the_words_of_then() {
        let (call, _) = put(&answered(503, ""), &format!("{REFUSED}\n\nSocketError: other side closed\n"));
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(503), None));
        assert!(call.response.unwrap().body.unwrap().text.is_empty(), "the answer is the one of now");
        assert!(call.messages.iter().any(|message| message.text.contains("other side closed")));
    }

    #[test]
    fn another_failure_is_the_one_that_is_there_now() {
        let body = r#"{"error":"not_found","message":"no order 7"}"#;
        let (call, diagnosis) = put(&answered(404, body), REFUSED);
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(404), None));
        assert_eq!(diagnosis.bucket, firstfault_model::Bucket::Client);
    }

    #[test]
    fn a_failure_that_is_over_stays_the_pasted_one_and_says_so() {
        let (call, diagnosis) = put(&answered(200, r#"{"id":7}"#), REFUSED);
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(503), Some("no-more")));
        assert!(diagnosis.failed && diagnosis.cause.starts_with("upstream."), "{}", diagnosis.cause);
    }

    #[test]
    fn a_connection_that_broke_and_holds_now_is_a_recovery() {
        let (call, diagnosis) = put(&answered(200, r#"{"id":7}"#), "Error: read ECONNRESET");
        assert_eq!((call.status(), call.attribute(REPEAT)), (None, Some("no-more")));
        assert_eq!(diagnosis.layer, Some(Layer::Network));
    }

    #[test]
    fn a_refusal_of_what_a_log_left_out_is_not_the_failure_in_the_log() {
        let line =
            "2026-03-02T10:00:00Z ERROR orders: GET https://api.example.com/v1/orders/7 status=500 pool exhausted";
        let log = Target { in_part: true, ..Target::default() };
        assert_eq!(put_as(&log, &answered(401, "{}"), line).0.status(), Some(500));
        assert_eq!(put(&answered(401, "{}"), line).0.status(), Some(401), "a call as it was typed counts");
    }

    #[test]
    fn the_same_status_is_no_recovery() {
        let paste = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"ok\":false,\"error\":\"internal_error\"}";
        let (call, diagnosis) = put(&answered(200, r#"{"ok":true}"#), paste);
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(200), None));
        assert!(diagnosis.soft_failure);
    }

    #[test]
    fn a_complaint_about_the_answer_is_put_to_the_answer_of_now() {
        let complaint =
            "TypeError: Cannot read properties of null (reading 'email')\n    at render (/srv/app.js:8:3)\n";
        let (call, diagnosis) = put(&answered(200, "null"), complaint);
        assert_eq!((call.status(), call.attribute(REPEAT)), (Some(200), None));
        assert_ne!(diagnosis.cause, "network.stale_connection");
        assert!(diagnosis.failed);
    }

    #[test]
    fn a_call_that_fails_before_its_answer_takes_the_words_of_then_along() {
        let failure = Failure { phase: Phase::Wait, wrong: Wrong::Reset, words: "reset".to_owned() };
        let exchange = Exchange { failure: Some(failure), head: vec![b'G'], ..asked() };
        let marks = vec![("connected".to_owned(), "true".to_owned()), ("probe.http".to_owned(), "reset".to_owned())];
        let (call, diagnosis) = put(&Walk { exchanges: vec![exchange], marks, ..Walk::default() }, REFUSED);
        assert_eq!((call.status(), call.attribute(REPEAT)), (None, None));
        assert_eq!(diagnosis.layer, Some(Layer::Network));
    }
}
