//! `firstfault diagnose`: load, run the engine, print.

use crate::args::{Diagnose, Form, Format};
use crate::contract::{Witness, heard};
use crate::exit::Exit;
use crate::rules::knowledge;
use crate::{config, load, pack, terminal};
use clap::ValueEnum as _;
use firstfault_engine::{Judged, Options, Verdict};
use firstfault_redact::{Policy, Redactor};
use firstfault_report::{Audience, Markup, Report, Safe, letter};
use std::io::Write as _;

/// What is secret anywhere in an input of this size is secret wherever it is quoted; of a larger one, what its calls carry.
pub const LEARN_FROM: usize = 1 << 20;

/// Runs `firstfault diagnose`.
pub fn run(options: &Diagnose) -> Exit {
    let knowledge = match knowledge(&options.common.rules) {
        Ok(knowledge) => knowledge,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let policy = match config::policy(options.policy.config.as_deref(), options.policy.redact) {
        Ok(policy) => policy,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let names = names(&options.inputs);
    let clock = match pack::ready(options.pack.as_deref(), &options.pack_out) {
        Ok(clock) => clock,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let machine_clock = clock.or_else(machine_clock);
    let witness = match Witness::new(&options.contract, options.policy.config.as_deref(), machine_clock) {
        Ok(witness) => witness,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let witness = witness.as_ref();
    let engine_options =
        Options { form: options.form.map(form), machine_clock, witness: heard(witness), ..Options::default() };
    let style = terminal::style(options.common.layout.width, options.common.layout.color, options.verbose);
    if options.facts {
        return show_facts(&names, engine_options, policy.clone());
    }
    let reader = match reader(options, names.len()) {
        Ok(reader) => reader,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    // Only these formats show headers, bodies and timings.
    let with_exchange = reader.is_some() || options.format == Format::Html;
    let mut exit = Exit::Nothing;
    let mut wrong_use = false;
    let mut open = true;
    let mut safe_reports: Vec<Safe> = Vec::new();
    let mut packed: Vec<(load::Input, Verdict)> = Vec::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (i, name) in names.iter().enumerate() {
        let (report, mut redactor) = match load::read(name) {
            Ok(input) => {
                let verdict = firstfault_engine::diagnose(&input.text, engine_options, &knowledge);
                let kept = options.pack.is_some().then(|| verdict.clone());
                let described = report(&input, verdict, policy.clone(), with_exchange, witness);
                packed.extend(kept.map(|verdict| (input, verdict)));
                described
            }
            Err(message) => {
                let report = Report { input: name.clone(), unreadable: Some(message), ..Report::default() };
                (report, Redactor::with(policy.clone()))
            }
        };
        exit = exit.max(exit_of(&report));
        let safe = Safe::new(report, &mut redactor);
        if let Some(message) = &safe.report().unreadable {
            load::complain(&format!("{}: {message}", safe.report().input));
            wrong_use = true;
        }
        let printed = match options.format {
            // One document for all inputs.
            Format::Json | Format::Html | Format::Sarif | Format::Problem => {
                safe_reports.push(safe);
                continue;
            }
            Format::Jsonl => firstfault_report::line(&safe) + "\n",
            Format::Text => {
                let gap = if i > 0 { "\n" } else { "" };
                let head = if names.len() > 1 { format!("{gap}== {}\n", safe.report().input) } else { String::new() };
                head + &match reader {
                    Some(reader) => letter(&safe, reader, Markup::Text(style)),
                    None => firstfault_report::text(&safe, style),
                }
            }
            Format::Md => match reader {
                Some(reader) => letter(&safe, reader, Markup::Markdown) + "\n",
                None => firstfault_report::markdown(&safe) + "\n",
            },
            Format::Issue | Format::Jira | Format::Email => {
                let markup = match options.format {
                    Format::Issue => Markup::Issue,
                    Format::Jira => Markup::Jira,
                    _ => Markup::Email,
                };
                letter(&safe, reader.unwrap_or(Audience::Provider), markup)
            }
        };
        // A closed pipe is success, and no reason to lose the pack.
        open = open && out.write_all(printed.as_bytes()).is_ok();
        if !open && options.pack.is_none() {
            return exit;
        }
    }
    let document = match options.format {
        Format::Json => Some(firstfault_report::document(&safe_reports)),
        Format::Html => Some(firstfault_report::html_page(&safe_reports)),
        Format::Sarif => Some(firstfault_report::sarif(&safe_reports)),
        Format::Problem => Some(firstfault_report::problem(&safe_reports)),
        _ => None,
    };
    if let Some(document) = document {
        let _ = writeln!(out, "{document}");
    }
    let _ = out.flush();
    if let Some(place) = options.pack.as_ref().filter(|_| !wrong_use) {
        match pack::write(place, &options.pack_out, &packed, &options.common.rules, &knowledge, policy, heard(witness))
        {
            Ok(said) => load::say(&said),
            Err(message) => {
                load::complain(&message);
                wrong_use = true;
            }
        }
    }
    if wrong_use { Exit::WrongUse } else { exit }
}

/// The inputs as they are named; none is standard input.
pub fn names(inputs: &[String]) -> Vec<String> {
    if inputs.is_empty() { vec!["-".to_owned()] } else { inputs.to_vec() }
}

/// The audience that format and `--for` ask for; `None` for a format that is for everyone.
///
/// # Errors
/// Which combination makes no sense, and what does.
fn reader(options: &Diagnose, inputs: usize) -> Result<Option<Audience>, String> {
    let name = |format: Format| format.to_possible_value().map_or_else(String::new, |v| v.get_name().to_owned());
    match (options.format, options.reader) {
        (Format::Issue | Format::Jira | Format::Email, _) if inputs > 1 => Err(format!(
            "expected one input for --format {}, which is one letter about one failure, got {inputs}",
            name(options.format)
        )),
        (Format::Issue | Format::Jira | Format::Email, reader) => {
            Ok(Some(reader.map_or(Audience::Provider, Into::into)))
        }
        (Format::Text | Format::Md, reader) => Ok(reader.map(Into::into)),
        (_, None) => Ok(None),
        (format, Some(_)) => Err(format!(
            "expected --for with --format text, md, issue, jira or email, got {}; json has the words for every reader in \"explain\"",
            name(format)
        )),
    }
}

/// Describes the verdicts on one input.
fn report(
    input: &load::Input,
    verdict: Verdict,
    policy: Policy,
    with_exchange: bool,
    witness: Option<&Witness>,
) -> (Report, Redactor) {
    let mut redactor = Redactor::with(policy);
    if input.text.len() <= LEARN_FROM {
        redactor.learn_text(&input.text);
    }
    for judged in &verdict.calls {
        redactor.learn(&judged.call);
    }
    let first = verdict.first;
    let calls = verdict
        .calls
        .into_iter()
        .enumerate()
        .map(|(number, judged)| {
            let exchange = (with_exchange && number == first).then(|| judged.call.clone());
            let contract = witness.and_then(|witness| witness.against(&judged.call));
            firstfault_report::Call { exchange, contract, ..shown(judged) }
        })
        .collect();
    let report = Report {
        input: input.name.clone(),
        calls,
        first: verdict.first,
        total: verdict.total,
        failed: verdict.failed,
        notes: verdict.notes,
        problems: verdict.problems,
        unreadable: verdict.unreadable,
    };
    (report, redactor)
}

/// A verdict and the request that it is about, as reports carry it.
pub fn shown(judged: Judged) -> firstfault_report::Call {
    let seen = judged.seen();
    let call = judged.call;
    let request = call.request.as_ref();
    firstfault_report::Call {
        form: call.origin.word(),
        method: request.and_then(|r| r.method.clone()),
        url: request.map(|r| r.url.to_string()).filter(|u| !u.is_empty()),
        status: call.status(),
        span: call.span,
        repeats: judged.repeats,
        seen,
        diagnosis: judged.diagnosis,
        exchange: None,
        contract: None,
    }
}

/// Prints what rules read. Values pass the redactor like everything else.
fn show_facts(names: &[String], options: Options<'_>, policy: Policy) -> Exit {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for name in names {
        let input = match load::read(name) {
            Ok(input) => input,
            Err(message) => {
                load::complain(&format!("{name}: {message}"));
                return Exit::WrongUse;
            }
        };
        let calls = firstfault_engine::observations(&input.text, options);
        let mut redactor = Redactor::with(policy.clone());
        if input.text.len() <= LEARN_FROM {
            redactor.learn_text(&input.text);
        }
        calls.iter().for_each(|(_, call)| redactor.learn(call));
        let one_line = |text: &str| firstfault_report::one_line(text, 200);
        for (number, (observations, call)) in calls.iter().enumerate() {
            let _ = writeln!(out, "call {} ({}), line {}", number + 1, call.origin.word(), call.span.line);
            for fact in &observations.facts {
                let name = fact.key.rsplit('.').next().unwrap_or_default();
                let value = redactor.header(name, &fact.value);
                let _ = writeln!(out, "  {} = {}  (line {})", fact.key, one_line(&value), fact.span.line);
            }
            for text in &observations.texts {
                let _ = writeln!(
                    out,
                    "  {}: {}  (line {})",
                    text.place.word(),
                    one_line(&redactor.text(&text.text)),
                    text.span.line
                );
            }
        }
    }
    Exit::Nothing
}

fn exit_of(report: &Report) -> Exit {
    match report.calls.get(report.first) {
        None => Exit::Nothing,
        Some(call) if !call.diagnosis.attributed => Exit::Unattributed,
        Some(call) if call.diagnosis.failed => Exit::Diagnosed,
        Some(_) => Exit::Nothing,
    }
}

pub fn form(form: Form) -> firstfault_intake::Form {
    use firstfault_intake::Form as To;
    match form {
        Form::Curl => To::Curl,
        Form::CurlCommand => To::CurlCommand,
        Form::Http => To::Http,
        Form::Har => To::Har,
        Form::Postman => To::Postman,
        Form::RequestFile => To::RequestFile,
        Form::Exception => To::Exception,
        Form::Log => To::Log,
        Form::Text => To::Text,
    }
}

/// Milliseconds since the Unix epoch, by this machine.
pub fn machine_clock() -> Option<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}
