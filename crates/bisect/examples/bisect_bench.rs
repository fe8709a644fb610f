//! Requests of ours against plain delta debugging, over planted faults. `bench/README.md` explains the figures.

mod planted;

use firstfault_bisect::{Answer, Candidate, Oracle, Outcome, Part, Place, Reply, Settings, ddmin, names_in, smallest};
use firstfault_lab::Asked;
use firstfault_lab::planted as lab;
use firstfault_model::{Request, Span, Url};
use planted::{KINDS, Server, answer, plant, run};
use std::io::Write as _;

/// What both sides needed for some cases.
#[derive(Clone, Copy, Default)]
struct Tally {
    cases: u32,
    ours: u32,
    plain: u32,
    minimal: u32,
    plain_minimal: u32,
    wrong: u32,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.ours += other.ours;
        self.plain += other.plain;
        self.minimal += other.minimal;
        self.plain_minimal += other.plain_minimal;
        self.wrong += other.wrong;
    }

    fn fewer(&self) -> f64 {
        100.0 * (1.0 - f64::from(self.ours) / f64::from(self.plain))
    }

    fn row(&self, name: &str) -> String {
        let mean = |sum: u32| f64::from(sum) / f64::from(self.cases.max(1));
        format!(
            "{name:<14}{:>6}{:>10.1}{:>10.1}{:>8.0}%{:>10}{:>16}",
            self.cases,
            mean(self.ours),
            mean(self.plain),
            self.fewer(),
            format!("{}/{}", self.minimal, self.cases),
            format!("{}/{}", self.plain_minimal, self.cases),
        )
    }
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let each = std::env::args().nth(1).as_deref() == Some("--each");
    writeln!(out, "fault          cases      ours     ddmin    fewer   minimal   ddmin minimal")?;
    let (mut parts, mut all, mut of_lab) = (Tally::default(), Tally::default(), Tally::default());
    for (kind, count) in KINDS {
        let mut tally = Tally::default();
        for seed in 0..*count {
            let one = made(kind, seed);
            if each {
                writeln!(out, "  {kind} {seed}: {} against {}", one.ours, one.plain)?;
            }
            tally.add(one);
        }
        writeln!(out, "{}", tally.row(kind))?;
        if !kind.ends_with("size") {
            parts.add(tally);
        }
        all.add(tally);
    }
    let (mut lab_sizes, mut lab_rare) = (Tally::default(), Tally::default());
    for case in lab::all() {
        let one = of_the_lab(&case);
        if each {
            writeln!(out, "  lab {}: {} against {}, minimal {}", case.name, one.ours, one.plain, one.minimal)?;
        }
        let is_size = case.minimal.iter().any(|part| matches!(part, lab::Part::AtLeast(..)));
        let row = if case.rate < 1.0 {
            &mut lab_rare
        } else if is_size {
            &mut lab_sizes
        } else {
            &mut of_lab
        };
        row.add(one);
    }
    writeln!(out, "{}", of_lab.row("lab"))?;
    writeln!(out, "{}", lab_sizes.row("lab, sizes"))?;
    writeln!(out, "{}", lab_rare.row("lab, at times"))?;
    for tally in [of_lab, lab_rare] {
        parts.add(tally);
        all.add(tally);
    }
    all.add(lab_sizes);
    writeln!(out)?;
    writeln!(out, "requests, sizes left out: {} against {}, {:.0} % fewer", parts.ours, parts.plain, parts.fewer())?;
    writeln!(out, "requests, all:            {} against {}, {:.0} % fewer", all.ours, all.plain, all.fewer())?;
    writeln!(out, "minimal results:          {} of {}; ddmin {}", all.minimal, all.cases, all.plain_minimal)?;
    writeln!(out, "results that do not fail: {}", all.wrong)
}

fn settings() -> Settings {
    Settings { max_requests: 5_000, ..Settings::default() }
}

/// One case of ours.
fn made(kind: &'static str, seed: u64) -> Tally {
    let case = plant(kind, seed);
    let report = run(smallest(&case.request, &settings(), &mut Server::new(&case)));
    let rate = (case.rate < 1.0).then_some(case.rate);
    let old = run(ddmin::ddmin(&case.request, &settings(), rate, &mut Server::new(&case)));
    let fits = |parts: usize| case.parts.is_none_or(|least| least == parts);
    let fails = answer(&case, &report.form) == Answer::Same;
    Tally {
        cases: 1,
        ours: report.requests,
        plain: old.requests,
        minimal: u32::from(report.outcome == Outcome::Minimal && fails && fits(report.needed.len())),
        plain_minimal: u32::from(old.finished && fits(old.needed.len())),
        wrong: u32::from(!fails),
    }
}

/// The endpoint of a fault that the lab planted, in this process.
struct Endpoint<'a>(&'a lab::Planted);

impl Oracle for Endpoint<'_> {
    async fn ask(&mut self, candidate: &Candidate) -> Reply {
        let reply = lab::answer(self.0, &asked(candidate));
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        let answer = if self.0.is_failure(&reply) {
            Answer::Same
        } else if reply.status < 400 {
            Answer::Works
        } else {
            Answer::Other(body.clone())
        };
        Reply { answer, names: names_in(&body) }
    }
}

fn asked(candidate: &Candidate) -> Asked {
    let request = &candidate.request;
    Asked {
        method: request.method.clone().unwrap_or_default(),
        path: request.url.path.clone(),
        query: request.url.query.clone().unwrap_or_default(),
        headers: request.headers.0.iter().map(|h| (h.name.clone(), h.value.clone())).collect(),
        body: candidate.body.clone().unwrap_or_default(),
        peer: None,
        old: false,
    }
}

fn candidate(asked: &Asked) -> Candidate {
    let mut request = Request { method: Some(asked.method.clone()), ..Request::default() };
    let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
    request.url = Url::parse(&format!("https://crm.example.com{}{query}", asked.path));
    for (name, value) in &asked.headers {
        request.headers.push(name.as_str(), value.as_str(), Span::default());
    }
    Candidate::new(request, (!asked.body.is_empty()).then(|| asked.body.clone()))
}

/// One case of the lab. Its truth names the parts that must stay; what is counted by size is one part of ours.
fn of_the_lab(case: &lab::Planted) -> Tally {
    let request = candidate(&case.request);
    let report = run(smallest(&request, &settings(), &mut Endpoint(case)));
    let rate = (case.rate < 1.0).then_some(case.rate);
    let old = run(ddmin::ddmin(&request, &settings(), rate, &mut Endpoint(case)));
    // An intermittent one may need some tries to show.
    let fails = (0..100).any(|_| case.is_failure(&lab::answer(case, &asked(&report.form))));
    let least = case.minimal.len();
    Tally {
        cases: 1,
        ours: report.requests,
        plain: old.requests,
        minimal: u32::from(report.outcome == Outcome::Minimal && fails && count(&report.needed) <= least),
        plain_minimal: u32::from(old.finished && count(&old.needed) <= least),
        wrong: u32::from(!fails),
    }
}

/// Parts, the items of one list counted once.
fn count(parts: &[Part]) -> usize {
    let mut names: Vec<(Place, String)> = parts
        .iter()
        .map(|part| {
            let whole: Option<&str> =
                part.name.rfind('[').filter(|_| part.name.ends_with(']')).map(|at| &part.name[..at]);
            (part.place, whole.unwrap_or(&part.name).to_owned())
        })
        .collect();
    names.sort();
    names.dedup();
    names.len()
}
