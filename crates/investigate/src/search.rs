//! The loop: choose an experiment, have it sent, read it, judge anew; until the ranking is clear.

use crate::experiments::{ALL, Came, Experiment, Trial};
use crate::order::{Order, shuffle};
use crate::{Base, Judging};
use firstfault_diagnose::{Answered, experiment_key};
use firstfault_model::{Diagnosis, Observations, Span};
use firstfault_probe::{Exchange, Target};
use std::future::Future;
use std::time::Duration;

/// A ranking is clear when its first place has at least this …
const CLEAR: f64 = 0.85;
/// … and the second at most this.
const CLEAR_SECOND: f64 = 0.10;
/// Bits below which an experiment is not worth its request.
const LEAST_BITS: f64 = 0.08;
/// What a request costs beside its own time: under five of them are sent in a second.
const PACE: Duration = Duration::from_millis(200);

/// Sends requests, as far as it is allowed to.
pub trait Sender {
    /// Sends one request when its turn comes.
    fn send(&mut self, target: &Target) -> impl Future<Output = Sent>;
    /// How long the investigation lasts by now.
    fn elapsed(&self) -> Duration;
    /// Why a request would not be sent, without sending it.
    fn refuses(&self, target: &Target) -> Option<String>;
    /// How long its server wants to be left alone before it.
    fn wait(&self, target: &Target) -> Duration;
}

/// What came of sending.
#[derive(Debug)]
pub enum Sent {
    /// An exchange, whether it was answered or not.
    Came(Box<Exchange>),
    /// It was not sent, and why.
    Refused(String),
}

/// How much may be spent.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Time for all of it.
    pub time: Duration,
    /// Requests, the first one among them.
    pub requests: u32,
}

/// What came of all of it.
#[derive(Clone, Debug)]
pub struct Investigation {
    /// The call with the facts of every experiment.
    pub base: Base,
    /// What was observed of it.
    pub observations: Observations,
    /// The verdict.
    pub diagnosis: Diagnosis,
    /// The experiments, in the order in which they were made.
    pub done: Vec<Done>,
    /// Those that would have told something and could not be made.
    pub skipped: Vec<Skipped>,
    /// Why it ended.
    pub stopped: Stopped,
    /// Requests that were sent, without the first.
    pub requests: u32,
}

/// An experiment that was made.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its name.
    pub run: &'static str,
    /// The words of its result.
    pub words: Vec<String>,
    /// Its requests, as far as they were sent.
    pub came: Vec<Came>,
    /// The likeliest cause and its probability before, and after.
    pub before: (String, f64),
    /// The same after it.
    pub after: (String, f64),
    /// The question that it answers for this call, and the answer; `None` where no check asks it of such a call.
    pub answer: Option<Answered>,
}

/// An experiment that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub run: &'static str,
    /// Why.
    pub why: String,
}

/// Why an investigation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing failed.
    NothingFailed,
    /// The way is free, and the call itself was not sent.
    NotSent,
    /// The ranking is clear.
    Clear,
    /// Nothing that may be tried would tell more.
    NothingLeft,
    /// Time or requests are spent.
    Budget,
}

/// Investigates a call.
pub async fn investigate<S: Sender>(
    base: Base,
    sender: &mut S,
    judging: &mut Judging<'_>,
    order: Order,
    budget: Budget,
) -> Investigation {
    let mut search = Search { base, done: Vec::new(), skipped: Vec::new(), requests: 0, budget };
    let (mut observations, mut diagnosis) = judging.verdict(&search.base.call);
    let mut list: Vec<&Experiment> = ALL.iter().collect();
    if let Order::Random(seed) = order {
        shuffle(&mut list, seed);
    }
    let stopped = loop {
        if !diagnosis.failed {
            break if diagnosis.attributed { Stopped::NothingFailed } else { Stopped::NotSent };
        }
        if is_clear(&diagnosis) {
            break Stopped::Clear;
        }
        if search.spent(sender.elapsed()) {
            break Stopped::Budget;
        }
        let next = match order {
            Order::Chosen => search.best(&judging.worth(&observations), sender),
            Order::Fixed | Order::Random(_) => list.iter().find_map(|experiment| search.possible(experiment, sender)),
        };
        let Some((experiment, trials)) = next else { break Stopped::NothingLeft };
        let before = leading(&diagnosis);
        let (words, came) = search.run(experiment, trials, sender, judging).await;
        for came in came.iter().filter(|c| c.works()) {
            let path = came.trial.target.url.path.clone();
            if let Some(response) = came.exchange.response.clone().filter(|_| path != search.base.target.url.path) {
                search.base.known.push((path, response));
            }
        }
        for word in &words {
            search.base.call.mark(&experiment_key(experiment.run), word.clone(), Span::default());
        }
        (observations, diagnosis) = judging.verdict(&search.base.call);
        let after = leading(&diagnosis);
        let answer = judging.answered(&observations).into_iter().find(|answered| answered.run == experiment.run);
        search.done.push(Done { run: experiment.run, words, came, before, after, answer });
    };
    let Search { base, done, skipped, requests, .. } = search;
    Investigation { base, observations, diagnosis, done, skipped, stopped, requests }
}

/// True when a ranking needs no further experiment.
fn is_clear(diagnosis: &Diagnosis) -> bool {
    let second = diagnosis.hypotheses.get(1).map_or(0.0, |h| h.probability);
    diagnosis.attributed && diagnosis.probability >= CLEAR && second <= CLEAR_SECOND
}

fn leading(diagnosis: &Diagnosis) -> (String, f64) {
    (diagnosis.cause.clone(), diagnosis.probability)
}

struct Search {
    base: Base,
    done: Vec<Done>,
    skipped: Vec<Skipped>,
    requests: u32,
    budget: Budget,
}

impl Search {
    fn spent(&self, elapsed: Duration) -> bool {
        elapsed >= self.budget.time || self.requests + 1 >= self.budget.requests
    }

    /// The trials of an experiment that was not made yet and may be; what may not is kept with its reason.
    fn possible<'e, S: Sender>(
        &mut self,
        experiment: &'e Experiment,
        sender: &S,
    ) -> Option<(&'e Experiment, Vec<Trial>)> {
        let known = self.done.iter().any(|done| done.run == experiment.run)
            || self.skipped.iter().any(|skipped| skipped.run == experiment.run);
        if known {
            return None;
        }
        let trials = (experiment.trials)(&self.base);
        let first = trials.first()?;
        if let Some(why) = sender.refuses(&first.target) {
            self.skipped.push(Skipped { run: experiment.run, why });
            return None;
        }
        Some((experiment, trials))
    }

    /// The experiment that is expected to tell most per second.
    fn best<S: Sender>(
        &mut self,
        worth: &[firstfault_diagnose::Worth],
        sender: &S,
    ) -> Option<(&'static Experiment, Vec<Trial>)> {
        let usual = self.base.call.timings.total.unwrap_or(100.0).clamp(1.0, 30_000.0) / 1000.0;
        let mut best: Option<(f64, &'static Experiment, Vec<Trial>)> = None;
        for worth in worth.iter().filter(|worth| worth.bits >= LEAST_BITS) {
            let Some(experiment) = ALL.iter().find(|experiment| experiment.run == worth.run) else { continue };
            let Some((_, trials)) = self.possible(experiment, sender) else { continue };
            let wait = trials.first().map_or(0.0, |trial| sender.wait(&trial.target).as_secs_f64());
            if wait > self.budget.time.saturating_sub(sender.elapsed()).as_secs_f64() {
                let why = format!("it would wait {wait:.0} s, longer than the budget has left");
                self.skipped.push(Skipped { run: experiment.run, why });
                continue;
            }
            let cost = wait + (usual + PACE.as_secs_f64()) * trials.len() as f64;
            let value = worth.bits / cost;
            if best.as_ref().is_none_or(|(known, ..)| value > *known) {
                best = Some((value, experiment, trials));
            }
        }
        best.map(|(_, experiment, trials)| (experiment, trials))
    }

    async fn run<S: Sender>(
        &mut self,
        experiment: &Experiment,
        trials: Vec<Trial>,
        sender: &mut S,
        judging: &mut Judging<'_>,
    ) -> (Vec<String>, Vec<Came>) {
        let mut came: Vec<Came> = Vec::new();
        for trial in trials {
            if self.spent(sender.elapsed()) {
                break;
            }
            let exchange = match sender.send(&trial.target).await {
                Sent::Came(exchange) => *exchange,
                Sent::Refused(why) => {
                    self.skipped.push(Skipped { run: experiment.run, why });
                    break;
                }
            };
            self.requests += 1;
            let walk = firstfault_probe::Walk { exchanges: vec![exchange.clone()], ..Default::default() };
            let (_, diagnosis) = judging.verdict(&walk.call());
            came.push(Came { trial, exchange, diagnosis });
            if experiment.until_works && came.last().is_some_and(Came::works) {
                break;
            }
        }
        let words = if came.is_empty() {
            vec![firstfault_diagnose::UNCLEAR.to_owned()]
        } else {
            (experiment.read)(&self.base, &came)
        };
        (words, came)
    }
}

/// The 95 % interval of a rate seen in `hits` of `all` (Wilson 1927), 0 to 1.
#[must_use]
pub fn interval(hits: u32, all: u32) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (f64::from(all), 1.96_f64);
    let p = f64::from(hits) / n;
    let middle = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}
