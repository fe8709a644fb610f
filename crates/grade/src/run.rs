//! One scenario: start its systems, make the call as the user did, probe it without consent, hold the verdict to the truth.

use firstfault_engine::{Clock, Options};
use firstfault_investigate::{Judging, Order, Question, session};
use firstfault_knowledge::Knowledge;
use firstfault_lab::{Ports, Scenario, Symptom, World};
use firstfault_model::{Bucket, Call, Layer};
use firstfault_probe::{Exchange, Target, Terms, guard};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Bucket, layer and cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// What kind.
    pub bucket: Bucket,
    /// Where it failed first.
    pub layer: Option<Layer>,
    /// The cause's id.
    pub cause: String,
}

/// What came of one scenario.
#[derive(Clone, Debug)]
pub struct Graded {
    /// Which.
    pub scenario: Scenario,
    /// What is really wrong.
    pub truth: Truth,
    /// What was found.
    pub found: Truth,
    /// How sure the verdict is, 0 to 1.
    pub probability: f64,
    /// Requests that the probe sent.
    pub requests: u32,
    /// Experiments that it made.
    pub experiments: usize,
    /// Seconds that it took.
    pub seconds: f64,
    /// What the probe changed in the systems: nothing, or it is wrong.
    pub writes: Vec<String>,
    /// Why it could not be graded.
    pub fault: Option<String>,
}

impl Graded {
    /// Right cause, or one that the scenario says is as right.
    #[must_use]
    pub fn cause(&self) -> bool {
        self.found.cause == self.truth.cause || self.scenario.expected.or.contains(&self.found.cause.as_str())
    }

    /// Right bucket.
    #[must_use]
    pub fn bucket(&self) -> bool {
        self.found.bucket == self.truth.bucket || self.cause()
    }

    /// Right layer; that of a cause that is as right is right too.
    #[must_use]
    pub fn layer(&self) -> bool {
        self.found.layer == self.truth.layer || self.found.cause != self.truth.cause && self.cause()
    }
}

/// Grades scenarios, several at once, each in a world and on a thread of its own.
#[must_use]
pub fn grade(
    scenarios: &[Scenario],
    order: Order,
    at_once: usize,
    knowledge: &Knowledge,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Graded> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Graded)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..at_once.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(number) else { return };
                    let graded = run(*scenario, knowledge, order);
                    results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((number, graded));
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, graded)| graded).collect()
}

/// Grades one scenario.
#[must_use]
pub fn run(scenario: Scenario, knowledge: &Knowledge, order: Order) -> Graded {
    let expected = scenario.expected;
    let truth = Truth { bucket: expected.bucket, layer: expected.layer, cause: expected.cause.to_owned() };
    let nothing = Truth { bucket: Bucket::None, layer: None, cause: "not graded".to_owned() };
    let mut graded = Graded {
        scenario,
        truth,
        found: nothing,
        probability: 0.0,
        requests: 0,
        experiments: 0,
        seconds: 0.0,
        writes: Vec::new(),
        fault: None,
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            graded.fault = Some(error.to_string());
            return graded;
        }
    };
    if let Err(fault) = runtime.block_on(probe(&mut graded, knowledge, order)) {
        graded.fault = Some(fault);
    }
    graded
}

async fn probe(graded: &mut Graded, knowledge: &Knowledge, order: Order) -> Result<(), String> {
    let world = World::new(Ports::Any).map_err(|error| format!("the world: {error}"))?;
    let symptom = (graded.scenario.start)(world.clone()).await.map_err(|error| format!("the start: {error}"))?;
    let target = target(&symptom)?;
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok();
    let machine = machine.and_then(|since| i64::try_from(since.as_millis()).ok());
    let mut evidence = symptom.evidence.clone();
    if let Some(target) = target.as_ref().filter(|target| !guard::is_safe(&target.method) || target.body.is_some()) {
        // The user has made this call; what is probed afterwards is not made again.
        let consent = Terms { consent: true, rate: Some(1000.0), ..Terms::default() };
        let walk = firstfault_probe::walk(target, &mut guard::Guard::new(consent)).await;
        evidence = format!("{}\n{evidence}", transcript(&walk.exchanges));
    }
    let options = Options { machine_clock: machine, ..Options::default() };
    let verdict = (!evidence.trim().is_empty()).then(|| firstfault_engine::diagnose(&evidence, options, knowledge));
    let clock = Clock { evidence: verdict.as_ref().and_then(|v| v.clock.evidence), machine };
    let pasted: Option<Call> = verdict.and_then(|mut verdict| {
        let first = verdict.first;
        (first < verdict.calls.len()).then(|| verdict.calls.swap_remove(first).call)
    });
    let target = match (target, &pasted) {
        (Some(target), _) => target,
        (None, Some(call)) => {
            let request = call.request.clone().unwrap_or_default();
            match Target::from_request(&request, &|_| None) {
                Ok(target) => target,
                Err(_) => return judged_alone(graded, call, Judging::new(knowledge, clock)),
            }
        }
        (None, None) => return Err("expected a call or evidence of one, found neither".to_owned()),
    };
    let before = world.writes().len();
    let terms = Terms { rate: Some(1000.0), time: Duration::from_secs(20), ..Terms::default() };
    let mut judging = Judging::new(knowledge, clock);
    let session = session(Question { target, pasted, terms, order }, &mut judging).await;
    let diagnosis = &session.investigation.diagnosis;
    graded.found = Truth { bucket: diagnosis.bucket, layer: diagnosis.layer, cause: diagnosis.cause.clone() };
    graded.probability = diagnosis.probability;
    graded.requests = session.requests;
    graded.experiments = session.investigation.done.len();
    graded.seconds = session.took.as_secs_f64();
    graded.writes = world.writes().split_off(before);
    Ok(())
}

/// Evidence that names no call that could be made: the verdict on it is all there is.
fn judged_alone(graded: &mut Graded, call: &Call, mut judging: Judging<'_>) -> Result<(), String> {
    let (_, diagnosis) = judging.verdict(call);
    graded.found = Truth { bucket: diagnosis.bucket, layer: diagnosis.layer, cause: diagnosis.cause };
    graded.probability = diagnosis.probability;
    Ok(())
}

/// The call that a user has typed, when there is one.
fn target(symptom: &Symptom) -> Result<Option<Target>, String> {
    if symptom.curl.is_empty() {
        return Ok(None);
    }
    let parsed = firstfault_curl::parse(&symptom.curl, &firstfault_curl::NoFiles);
    let transfer = parsed.transfers.first().ok_or_else(|| parsed.problems.join("; "))?;
    let environment = |name: &str| symptom.environment.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let mut target = Target::from_transfer(transfer, &environment).map_err(|problems| problems.join("; "))?;
    let mut options = symptom.probe.iter();
    while let Some(option) = options.next() {
        match (option.as_str(), options.next()) {
            ("--resolver", Some(address)) => {
                target.connect.resolver = Some(address.parse().map_err(|_| format!("--resolver {address}"))?);
            }
            (other, _) => return Err(format!("expected --resolver, found {other}")),
        }
    }
    Ok(Some(target))
}

/// What `curl -v -L` prints of exchanges.
fn transcript(exchanges: &[Exchange]) -> String {
    exchanges.iter().map(exchanged).collect()
}

/// What `curl -v` prints of one exchange.
fn exchanged(exchange: &Exchange) -> String {
    let mut out = String::new();
    let request = &exchange.request;
    let head = String::from_utf8_lossy(&exchange.head);
    for line in head.trim_end().lines() {
        out.push_str(&format!("> {}\n", line.trim_end()));
    }
    out.push_str(">\n");
    if let Some(body) = request.body.as_ref().filter(|body| !body.text.is_empty()) {
        out.push_str(&format!("{}\n", body.text));
    }
    match (&exchange.response, &exchange.failure) {
        (Some(response), _) => {
            let status = response.status.unwrap_or_default();
            let version = response.version.as_deref().unwrap_or("HTTP/1.1");
            out.push_str(&format!("< {version} {status} {}\n", response.reason.as_deref().unwrap_or_default()));
            for header in &response.headers.0 {
                out.push_str(&format!("< {}: {}\n", header.name, header.value));
            }
            out.push_str("<\n");
            if let Some(body) = &response.body {
                out.push_str(&format!("{}\n", body.text));
            }
        }
        (None, Some(failure)) => out.push_str(&format!("* {}\n", failure.words)),
        (None, None) => {}
    }
    out
}
