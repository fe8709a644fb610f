//! `firstfault bisect`: the smallest call that still fails in the same way, or what makes a good one fail.

pub mod args;
mod json;
mod oracle;
mod show;

use crate::contract::Witness;
use crate::exit::Exit;
use crate::probe::{call, runtime};
use crate::rules::knowledge;
use crate::{config, diagnose, load, terminal};
use args::{Bisect, BisectFormat};
use firstfault_bisect::output::{self, Secrets};
use firstfault_bisect::{Candidate, Outcome, Report, Settings};
use firstfault_engine::{Clock, Options};
use firstfault_investigate::Judging;
use firstfault_knowledge::Knowledge;
use firstfault_model::{Call, Request};
use firstfault_probe::Target;
use firstfault_probe::guard::{Guard, Terms};
use firstfault_redact::{Action, Cache, Policy, Redactor};
use firstfault_report::contract::Against;
use oracle::{Failure, Live};
use std::io::Write as _;

/// What a bisection came to, with what is needed to show it.
struct Done {
    report: Report,
    /// What the API's own description says of it.
    contract: Option<Against>,
    failure: Option<Failure>,
    /// Requests on the wire, redirects among them.
    sent: u32,
    /// Why it ended early.
    refused: Option<String>,
    secrets: Secrets,
    /// How many bytes the call has as it was given: request line and fields, body.
    before: (usize, usize),
    with_working: bool,
}

/// Runs `firstfault bisect`.
pub fn run(options: &Bisect) -> Exit {
    bisect(options).unwrap_or_else(|message| {
        load::complain(&firstfault_report::one_line(&Redactor::new().text(&message), 2_000));
        Exit::WrongUse
    })
}

fn bisect(options: &Bisect) -> Result<Exit, String> {
    let knowledge = knowledge(&options.common.rules)?;
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let clock = diagnose::machine_clock();
    let witness = Witness::new(&options.contract, options.policy.config.as_deref(), clock)?;
    let mut failing = failing(options, &knowledge, clock)?;
    let mut working = options.working.as_deref().map(|text| working(text, &knowledge, clock)).transpose()?;
    if let Some(resolver) = options.resolver {
        failing.connect.resolver = Some(resolver);
    }
    for target in std::iter::once(&mut failing).chain(&mut working) {
        // The length belongs to the body, and is written anew with each.
        let length = target.body.as_ref().map_or(0, Vec::len).to_string();
        target.headers.0.retain(|h| !(h.name.eq_ignore_ascii_case("content-length") && h.value.trim() == length));
    }
    let mut redactor = Redactor::with(policy.clone());
    for target in std::iter::once(&failing).chain(&working) {
        redactor.learn(&Call { request: Some(target.as_request()), ..Call::default() });
    }
    for word in &options.command {
        redactor.learn_text(word);
    }
    let terms = Terms {
        consent: options.allow_side_effects,
        rate: options.rate,
        time: options.budget,
        requests: options.max_requests,
    };
    let guard = Guard::new(terms);
    let refusal = std::iter::once(&failing).chain(&working).find_map(|t| guard.harmless(t, &failing).err());
    let bad = candidate(&failing);
    let good = working.as_ref().map(candidate);
    let secrets = secrets(&bad, good.as_ref(), &mut redactor, &policy);
    if options.dry_run {
        let text = show::dry(options, &bad, good.as_ref(), refusal.map(|r| r.why), &secrets);
        print(&text, &mut redactor);
        return Ok(Exit::Nothing);
    }
    if let Some(refusal) = refusal {
        return Err(format!("nothing was sent: {}", refusal.why));
    }
    let settings = Settings {
        max_requests: options.max_requests,
        confirmations: options.repeats.max(1),
        keep: secret_names(&bad, &mut redactor),
        ..Settings::default()
    };
    let judging = Judging::new(&knowledge, Clock { evidence: None, machine: clock });
    let mut live = Live::new(failing, guard, judging);
    let report = runtime()?.block_on(async {
        match &good {
            Some(good) => firstfault_bisect::difference(good, &bad, &settings, &mut live).await,
            None => firstfault_bisect::smallest(&bad, &settings, &mut live).await,
        }
    });
    if let Some(call) = &live.last {
        redactor.learn(call);
    }
    let contract = witness.and_then(|witness| against(&witness, &bad.request, &report.form.request));
    let done = Done {
        report,
        contract,
        sent: live.sent(),
        failure: live.failure,
        refused: live.refused,
        secrets,
        before: (bad.head_bytes(), bad.body_bytes()),
        with_working: good.is_some(),
    };
    let status = done.failure.as_ref().and_then(|failure| failure.status);
    let (form, secrets) = (&done.report.form, &done.secrets);
    let style = terminal::style(options.common.layout.width, options.common.layout.color, options.verbose);
    let text = match options.format {
        BisectFormat::Text => show::text(&done, style),
        BisectFormat::Json => json::document(&done, &mut redactor) + "\n",
        BisectFormat::Curl => output::curl(form, secrets).join("\n") + "\n",
        BisectFormat::Hurl => output::hurl(form, status, secrets),
        BisectFormat::Rust => output::rust(form, status, secrets),
        BisectFormat::Pytest => output::pytest(form, status, secrets),
        BisectFormat::Junit => output::junit(form, status, secrets),
    };
    let is_code = !matches!(options.format, BisectFormat::Text | BisectFormat::Json);
    if let Some(words) = (is_code && !matches!(done.report.outcome, Outcome::Minimal)).then(|| show::outcome(&done)) {
        load::complain(&firstfault_report::one_line(&redactor.text(&words), 2_000));
    }
    print(&text, &mut redactor);
    Ok(exit(&done))
}

/// What breaks the description in the call as it was given and is still there in the smallest one; what was only left out
/// on the way is no finding.
fn against(witness: &Witness, given: &Request, smallest: &Request) -> Option<Against> {
    let of = |request: &Request| witness.against(&Call { request: Some(request.clone()), ..Call::default() });
    let mut against = of(given)?;
    let left = of(smallest)?;
    against.findings.retain(|one| left.findings.iter().any(|other| one.kind == other.kind && one.spot == other.spot));
    Some(against)
}

fn exit(done: &Done) -> Exit {
    let attributed = done.failure.as_ref().is_some_and(|failure| failure.diagnosis.attributed);
    match done.report.outcome {
        Outcome::NotReproduced(_) if done.failure.is_none() && done.report.unsure == 0 => Exit::Nothing,
        Outcome::Minimal | Outcome::Unfinished if attributed => Exit::Diagnosed,
        _ => Exit::Unattributed,
    }
}

/// Prints what no secret is left in: whatever the variables did not replace, the redactor does.
fn print(text: &str, redactor: &mut Redactor) {
    let safe = if redactor.leaks(text).is_empty() { text.to_owned() } else { redactor.text(text) };
    let clean: String = safe.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    // A closed pipe is success.
    let _ = std::io::stdout().lock().write_all(clean.as_bytes());
}

fn candidate(target: &Target) -> Candidate {
    Candidate::new(target.as_request(), target.body.clone())
}

/// The failing call.
fn failing(options: &Bisect, knowledge: &Knowledge, clock: Option<i64>) -> Result<Target, String> {
    match (options.command.as_slice(), &options.from) {
        ([first, rest @ ..], _) if call::is_curl(first) => call::target(rest),
        ([first, ..], _) => Err(format!("expected curl behind --, found {first:?}")),
        ([], Some(name)) => pasted(name, knowledge, clock, false),
        ([], None) => Err("expected the failing call behind --, or --from FILE; found neither".to_owned()),
    }
}

/// The call that works: a curl command, or a file that has one.
fn working(text: &str, knowledge: &Knowledge, clock: Option<i64>) -> Result<Target, String> {
    let first = text.split_whitespace().next().unwrap_or_default();
    if call::is_curl(first) {
        let commands = firstfault_curl::split(text);
        let command = commands.last().ok_or("expected a curl command behind --working, found none")?;
        return call::target(&command.arguments);
    }
    pasted(text, knowledge, clock, true)
}

/// The call of a file: the one that failed first, or one that worked.
fn pasted(name: &str, knowledge: &Knowledge, clock: Option<i64>, works: bool) -> Result<Target, String> {
    let input = load::read(name).map_err(|message| format!("{name}: {message}"))?;
    let engine = Options { machine_clock: clock, ..Options::default() };
    let verdict = firstfault_engine::diagnose(&input.text, engine, knowledge);
    if let Some(message) = &verdict.unreadable {
        return Err(format!("{name}: {message}"));
    }
    let first = verdict.calls.get(verdict.first).and_then(|judged| judged.call.request.as_ref());
    let request: Option<&Request> = if works { verdict.working.as_ref().or(first) } else { first };
    let request = request.ok_or_else(|| format!("{name}: expected a call with its URL, found none in it"))?;
    let target = Target::from_request(request, &call::environment);
    let target = target.map_err(|problems| format!("{name}: {}", problems.join("; ")))?;
    match &target.unsendable {
        Some(why) => Err(format!("{name}: the call cannot be sent, {why}; add the call: -- curl …")),
        None => Ok(target),
    }
}

/// Names whose values are credentials.
fn secret_names(candidate: &Candidate, redactor: &mut Redactor) -> Vec<String> {
    let fields = candidate.request.headers.0.iter();
    fields.filter(|field| redactor.header(&field.name, &field.value) != field.value).map(|f| f.name.clone()).collect()
}

/// The secret values of both requests: where a name or scheme says so, and where the redactor finds one.
fn secrets(bad: &Candidate, good: Option<&Candidate>, redactor: &mut Redactor, policy: &Policy) -> Secrets {
    let mut secrets = Secrets::new();
    let mut names = Cache::default();
    for candidate in std::iter::once(bad).chain(good) {
        let shown = std::cell::RefCell::new(&mut *redactor);
        let of = Secrets::of(candidate, &|name, value| {
            firstfault_redact::is_secret_name(name) || shown.borrow_mut().header(name, value) != value
        });
        of.iter().for_each(|secret| secrets.add(&secret.value, &secret.variable));
        let body = String::from_utf8_lossy(candidate.body.as_deref().unwrap_or_default()).into_owned();
        let url = candidate.request.url.to_string();
        for text in [url, body] {
            for finding in firstfault_redact::find(&text, policy, &mut names) {
                if let Some(value) = text.get(finding.start..finding.end).filter(|_| finding.action != Action::Mark) {
                    secrets.add(value, finding.kind.word());
                }
            }
        }
    }
    secrets
}
