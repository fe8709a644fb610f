//! A walk along the layers: what each step measured.

use crate::exchange::{Exchange, Failure, Phase};
use crate::guard::{Guard, Refusal, place, shown};
use crate::http::{Reached, reach, send};
use crate::redirect::{self, Hop};
use crate::target::Target;
use crate::{clock, tls};
use firstfault_model::{Attribute, Call, Layer, Origin, Span, Vantage};

/// How many redirects are followed at most, whatever is asked for: curl's own default.
const REDIRECTS: u32 = 50;

/// What one walk measured, in the order of travel.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// The steps, for people.
    pub steps: Vec<Step>,
    /// The exchanges: redirects first, the last one is the call. One that failed on the way has an empty `head`: nothing was
    /// sent.
    pub exchanges: Vec<Exchange>,
    /// The request that was not sent, though the way was free: it needs consent, or the budget is spent.
    pub withheld: Option<(Exchange, Refusal)>,
    /// Facts of the steps, for rules: names are listed in docs/packs.md.
    pub marks: Vec<(String, String)>,
    /// What could not be tested, and why.
    pub untested: Vec<Untested>,
    /// Requests that were sent: exchanges that reached the phase of sending.
    pub requests: u32,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where on the way.
    pub layer: Layer,
    /// `dns`, `tcp`, `proxy`, `tls`, `http`, `clock`.
    pub name: &'static str,
    /// How it ended.
    pub state: State,
    /// How long it took, in milliseconds.
    pub milliseconds: Option<f64>,
    /// What was found, in one line.
    pub says: String,
    /// More, a line each.
    pub details: Vec<String>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should.
    Passed,
    /// Works, and something about it deserves a look: a certificate about to expire, one of two addresses dead.
    Doubtful,
    /// Not as it should.
    Failed,
}

/// What could not be tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untested {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

impl Walk {
    /// The call that was made, with everything measured as marks.
    #[must_use]
    pub fn call(&self) -> Call {
        let mut call = Call::new(Origin::Probe, Vantage::Client);
        if let Some(exchange) = self.withheld.as_ref().map(|(exchange, _)| exchange).or(self.exchanges.last()) {
            call.request = Some(exchange.request.clone());
            call.response.clone_from(&exchange.response);
            call.timings = exchange.timings;
            call.started = Some(exchange.started);
            if let Some((_, refusal)) = &self.withheld {
                call.mark("probe.withheld", refusal.kind.word(), Span::default());
            }
            if let Some(failure) = &exchange.failure {
                call.mark("probe.failure.phase", failure.phase.word(), Span::default());
                call.mark("probe.failure.wrong", failure.wrong.word(), Span::default());
            }
            for (name, value) in self.marks.iter().chain(&exchange.marks) {
                call.attributes.push(Attribute { name: name.clone(), value: value.clone(), span: Span::default() });
            }
        }
        call
    }

    fn cannot(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.untested.push(Untested { what: what.into(), why: why.into() });
    }
}

/// Goes the way of a call and makes it: each step measured, the failing one the last. Redirects are followed where the
/// target says so.
pub async fn walk(target: &Target, guard: &mut Guard) -> Walk {
    let mut walk = Walk::default();
    for note in &target.notes {
        walk.cannot("an option of the command", note);
    }
    let mut current = target.clone();
    let mut redirected: Vec<(String, String)> = Vec::new();
    let mut visited: Vec<(String, String)> = Vec::new();
    loop {
        visited.push((current.method.clone(), current.url.to_string()));
        let turn = guard.turn(&current, target).await;
        let mut way = reach(&current).await;
        walk.steps.append(&mut way.steps);
        walk.untested.append(&mut way.untested);
        // What is known of an earlier server says nothing of this one.
        walk.marks = std::mem::take(&mut way.marks);
        walk.marks.extend(redirected.iter().cloned());
        if let (Err(refusal), true) = (&turn, way.stream.is_some()) {
            withhold(&mut walk, &current, way, refusal.clone()).await;
            return walk;
        }
        let exchange = ask(&mut walk, &current, way, visited.len() == 1).await;
        guard.heed(&current, &exchange);
        let failed = exchange.failure.is_some();
        let hop = exchange.response.as_ref().filter(|_| !failed).and_then(|r| redirect::next(&current, r));
        walk.requests += u32::from(!exchange.head.is_empty());
        walk.steps.extend(say(&current, &exchange));
        walk.exchanges.push(exchange);
        match hop {
            None => return walk,
            Some(Err(words)) => {
                detail(&mut walk, words.clone());
                walk.marks.push(("probe.redirect".to_owned(), "unusable".to_owned()));
                walk.cannot("the target of the redirect", words);
                return walk;
            }
            Some(Ok(hop)) => match follow(&mut walk, target, &hop, &visited) {
                false => return walk,
                true => {
                    redirected.retain(|(name, _)| name != "redirect");
                    redirected.extend(hop.marks);
                    current = hop.target;
                }
            },
        }
    }
}

/// Whether a redirect is followed; what it does is said either way.
fn follow(walk: &mut Walk, original: &Target, hop: &Hop, visited: &[(String, String)]) -> bool {
    detail(walk, redirect::described(hop));
    let Some(most) = original.connect.follow else {
        walk.marks.push(("probe.redirect".to_owned(), "not_followed".to_owned()));
        let differs = redirect::differs(&original.url, &hop.target.url);
        walk.marks.push(("probe.redirect.differs".to_owned(), differs.to_owned()));
        return false;
    };
    let next = (hop.target.method.clone(), hop.target.url.to_string());
    if visited.contains(&next) {
        walk.marks.push(("probe.redirect".to_owned(), "loop".to_owned()));
        detail(walk, format!("{} was asked before: the redirects go in a circle", place(&hop.target.url)));
        return false;
    }
    if visited.len() as u32 > most.min(REDIRECTS) {
        walk.marks.push(("probe.redirect".to_owned(), "too_many".to_owned()));
        detail(walk, format!("expected at most {} redirects, found more", most.min(REDIRECTS)));
        return false;
    }
    true
}

fn detail(walk: &mut Walk, line: String) {
    if let Some(step) = walk.steps.iter_mut().rev().find(|step| step.name == "http") {
        step.details.push(line);
    }
}

/// Sends, and looks meanwhile at what the server's TLS offers.
async fn ask(walk: &mut Walk, target: &Target, way: Reached, first: bool) -> Exchange {
    let shaken = way.timings.tls.is_some();
    let broken = way.failure.as_ref().is_some_and(|failure| failure.phase == Phase::Tls);
    let server = way.server.filter(|_| target.secure() && (shaken || broken) && (first || broken));
    if target.secure() && shaken && way.server.is_none() {
        walk.cannot("which versions of TLS the server takes", "the way to it leads through a proxy");
    }
    let host = target.url.host.clone().unwrap_or_default();
    let survey = async {
        let look = tls::survey(server?, &host, &target.connect);
        tokio::time::timeout(target.connect.connect_timeout, look).await.ok()
    };
    let mut marks = std::mem::take(&mut walk.marks);
    let (exchange, survey) = tokio::join!(send(target, way, &mut marks), survey);
    walk.marks = marks;
    if let Some(failure) = exchange.failure.as_ref().filter(|failure| shaken && failure.phase == Phase::Tls)
        && let Some(step) = walk.steps.iter_mut().rev().find(|step| step.name == "tls")
    {
        step.state = State::Failed;
        step.details.push(failure.words.clone());
    }
    if let Some(survey) = survey {
        walk.steps.push(survey.step);
        walk.marks.extend(survey.marks);
    } else if server.is_some() {
        walk.cannot("which versions of TLS the server takes", "it did not answer in time");
    }
    exchange
}

/// Stops before the request, with the way looked at.
async fn withhold(walk: &mut Walk, target: &Target, mut way: Reached, refusal: Refusal) {
    // The connection is closed unused: no byte of a request was written.
    drop(way.stream.take());
    let mut exchange = ask(walk, target, way, true).await;
    exchange.timings.total = None;
    exchange.failure = None;
    walk.cannot(format!("what the server answers to {}", refusal.what), refusal.why.clone());
    walk.withheld = Some((exchange, refusal));
}

/// The steps of the request and of the clock.
fn say(target: &Target, exchange: &Exchange) -> Vec<Step> {
    if exchange.head.is_empty() && exchange.failure.as_ref().is_none_or(|f| f.phase != Phase::Send) {
        return Vec::new();
    }
    let timings = &exchange.timings;
    let milliseconds = [timings.send, timings.wait, timings.receive].into_iter().flatten().reduce(|a, b| a + b);
    let answer = exchange.response.as_ref().filter(|response| response.status.is_some());
    let asked = shown(target);
    let (layer, state, says) = match (answer, &exchange.failure) {
        (Some(response), None) => {
            let status = response.status.unwrap_or_default();
            let reason = response.reason.as_deref().unwrap_or_default();
            let state = if status >= 400 { State::Failed } else { State::Passed };
            let version = response.version.as_deref().unwrap_or_default();
            (Layer::Gateway, state, format!("{asked} → {status} {reason} ({version})").replace("  ", " "))
        }
        (Some(response), Some(failure)) => {
            let status = response.status.unwrap_or_default();
            (Layer::Network, State::Failed, format!("{asked} → {status}, and {}", failure.words))
        }
        (None, failure) => {
            let words = failure.as_ref().map_or("no answer", |f: &Failure| f.words.as_str());
            (Layer::Network, State::Failed, format!("{asked}: {words}"))
        }
    };
    let mut details = Vec::new();
    if answer.is_some() || exchange.failure.is_some() {
        let parts = [("sent", timings.send), ("waited", timings.wait), ("received", timings.receive)];
        let parts: Vec<String> =
            parts.iter().filter_map(|(word, time)| time.map(|t| format!("{word} {t:.1} ms"))).collect();
        details.push(parts.join(", "));
    }
    let mut steps = vec![Step { layer, name: "http", state, milliseconds, says, details }];
    if let Some(response) = answer {
        let took = timings.total.map_or(0, |total| total as i64);
        steps.extend(clock::step(response, (exchange.started, exchange.started + took)));
    }
    steps
}
