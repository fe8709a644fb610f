//! Systems of the lab that run inside the test, and the program that probes them.

#![allow(dead_code, reason = "each test uses what it needs")]

use crate::common::{Ran, program};
use firstfault_lab::{Answer, Asked, Ports, Reply, Scenario, Symptom, World};
use serde_json::Value;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// Something that runs on a thread of its own until this is dropped.
pub struct Live<T> {
    /// Where it runs.
    pub world: World,
    /// What was started.
    pub is: T,
    _until: tokio::sync::oneshot::Sender<()>,
}

/// Starts something in a world of its own.
pub fn live<T, F, R>(start: F) -> Live<T>
where
    T: Send + 'static,
    F: FnOnce(World) -> R + Send + 'static,
    R: Future<Output = io::Result<T>>,
{
    let (until, ended) = tokio::sync::oneshot::channel::<()>();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new(Ports::Any).unwrap();
            let is = start(world.clone()).await.unwrap();
            tell.send((world, is)).unwrap();
            let _ = ended.await;
        });
    });
    let (world, is) = told.recv().expect("it starts");
    Live { world, is, _until: until }
}

/// A scenario by its name.
pub fn scenario(name: &str) -> Live<Symptom> {
    let scenario = firstfault_lab::scenarios::all().into_iter().find(|scenario| scenario.name == name);
    start(scenario.unwrap_or_else(|| panic!("there is no scenario {name}")))
}

/// A scenario.
pub fn start(scenario: Scenario) -> Live<Symptom> {
    live(move |world| (scenario.start)(world))
}

/// What a server was asked, and when.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<(Instant, Asked)>>>);

impl Heard {
    /// Everything so far.
    pub fn all(&self) -> Vec<(Instant, Asked)> {
        self.0.lock().unwrap().clone()
    }

    /// Method and path of everything so far.
    pub fn lines(&self) -> Vec<String> {
        self.all().iter().map(|(_, asked)| format!("{} {}", asked.method, asked.path)).collect()
    }
}

/// A server of HTTP/1.1 that answers everything by a function.
pub fn server(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Live<SocketAddr>, Heard) {
    let heard = Heard::default();
    let hears = heard.clone();
    let answer = Arc::new(answer);
    let live = live(move |world| async move {
        world
            .serve("service", 0, None, move |asked: Asked| {
                hears.0.lock().unwrap().push((Instant::now(), asked.clone()));
                let answer = Arc::clone(&answer);
                async move { Answer::from(answer(&asked)) }
            })
            .await
    });
    (live, heard)
}

/// Runs `firstfault probe OPTIONS -- curl CALL` without a proxy from outside.
pub fn probe<S: AsRef<str>>(options: &[&str], call: &[S]) -> Ran {
    probe_in(options, call, &[])
}

/// The same with variables of the environment.
pub fn probe_in<S: AsRef<str>>(options: &[&str], call: &[S], variables: &[(String, String)]) -> Ran {
    let mut arguments = vec!["probe", "--rate", "500"];
    if options.contains(&"--own-pace") {
        arguments.truncate(1);
    }
    arguments.extend(options.iter().filter(|option| **option != "--own-pace"));
    if !call.is_empty() {
        arguments.extend(["--", "curl"]);
        arguments.extend(call.iter().map(AsRef::as_ref));
    }
    let mut program = program(&arguments);
    for name in
        ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]
    {
        program.env_remove(name);
    }
    program.envs(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Ran::from(program.output().unwrap())
}

/// A symptom probed: what is typed, with what is pasted in a file of this name.
pub fn probe_symptom(options: &[&str], symptom: &Symptom, name: &str) -> Ran {
    let mut all: Vec<&str> = options.to_vec();
    let pasted = (!symptom.evidence.is_empty()).then(|| crate::common::scratch(name, &symptom.evidence));
    if let Some(file) = &pasted {
        all.extend(["--from", file]);
    }
    all.extend(symptom.probe.iter().map(String::as_str));
    probe_in(&all, &symptom.curl, &symptom.environment)
}

/// The one document that was printed.
pub fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

/// The step of a document.
pub fn step<'v>(document: &'v Value, name: &str) -> &'v Value {
    let steps = document["steps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name).unwrap_or(&Value::Null)
}

/// A second.
pub const SECOND: Duration = Duration::from_secs(1);
