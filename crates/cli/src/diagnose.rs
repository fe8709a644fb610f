//! `firstfault diagnose`: load, run the engine, print.

use crate::args::{Diagnose, Form, Format};
use crate::exit::Exit;
use crate::rules::knowledge;
use crate::{load, pack, terminal};
use firstfault_engine::{Options, Verdict};
use firstfault_redact::{Policy, Redactor};
use firstfault_report::{Report, Safe};
use std::io::Write as _;

/// Runs `firstfault diagnose`.
pub fn run(options: &Diagnose) -> Exit {
    let knowledge = match knowledge(&options.common.rules) {
        Ok(knowledge) => knowledge,
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
    let engine_options = Options { form: options.form.map(form), machine_clock, ..Options::default() };
    let style = terminal::style(options.common.width, options.common.color, options.verbose);
    if options.facts {
        return show_facts(&names, engine_options, options.redact.into());
    }
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
                if options.pack.is_some() {
                    packed.push((input.clone(), verdict.clone()));
                }
                report(input.name, verdict, options.redact.into())
            }
            Err(message) => {
                let report = Report { input: name.clone(), unreadable: Some(message), ..Report::default() };
                (report, Redactor::with(options.redact.into()))
            }
        };
        exit = exit.max(exit_of(&report));
        let safe = Safe::new(report, &mut redactor);
        if let Some(message) = &safe.report().unreadable {
            load::complain(&format!("{}: {message}", safe.report().input));
            wrong_use = true;
        }
        let printed = match options.format {
            Format::Json => {
                safe_reports.push(safe);
                continue;
            }
            Format::Jsonl => firstfault_report::line(&safe) + "\n",
            Format::Text => {
                let gap = if i > 0 { "\n" } else { "" };
                let head = if names.len() > 1 { format!("{gap}== {}\n", safe.report().input) } else { String::new() };
                head + &firstfault_report::text(&safe, style)
            }
            Format::Md => firstfault_report::markdown(&safe) + "\n",
        };
        // A closed pipe is success, and no reason to lose the pack.
        open = open && out.write_all(printed.as_bytes()).is_ok();
        if !open && options.pack.is_none() {
            return exit;
        }
    }
    if options.format == Format::Json {
        let _ = writeln!(out, "{}", firstfault_report::document(&safe_reports));
    }
    let _ = out.flush();
    if let Some(place) = options.pack.as_ref().filter(|_| !wrong_use) {
        match pack::write(place, &options.pack_out, &packed, &options.common.rules, &knowledge, options.redact.into()) {
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

/// Describes the verdicts on one input.
fn report(name: String, verdict: Verdict, policy: Policy) -> (Report, Redactor) {
    let mut redactor = Redactor::with(policy);
    for judged in &verdict.calls {
        redactor.learn(&judged.call);
    }
    let calls = verdict
        .calls
        .into_iter()
        .map(|judged| {
            let call = judged.call;
            let request = call.request.as_ref();
            firstfault_report::Call {
                form: call.origin.word(),
                method: request.and_then(|r| r.method.clone()),
                url: request.map(|r| r.url.to_string()).filter(|u| !u.is_empty()),
                status: call.status(),
                span: call.span,
                repeats: judged.repeats,
                diagnosis: judged.diagnosis,
                exchange: None,
            }
        })
        .collect();
    let report = Report {
        input: name,
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

/// Prints what rules read. Values pass the redactor like everything else.
fn show_facts(names: &[String], options: Options, policy: Policy) -> Exit {
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
        calls.iter().for_each(|(_, call)| redactor.learn(call));
        let mut show = |text: &str| firstfault_report::one_line(&redactor.text(text), 200);
        for (number, (observations, call)) in calls.iter().enumerate() {
            let _ = writeln!(out, "call {} ({}), line {}", number + 1, call.origin.word(), call.span.line);
            for fact in &observations.facts {
                let _ = writeln!(out, "  {} = {}  (line {})", fact.key, show(&fact.value), fact.span.line);
            }
            for text in &observations.texts {
                let _ = writeln!(out, "  {}: {}  (line {})", text.place.word(), show(&text.text), text.span.line);
            }
        }
    }
    Exit::Nothing
}

fn exit_of(report: &Report) -> Exit {
    match report.calls.get(report.first) {
        None => Exit::Nothing,
        Some(call) if !call.diagnosis.failed => Exit::Nothing,
        Some(call) if call.diagnosis.attributed => Exit::Diagnosed,
        Some(_) => Exit::Unattributed,
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
