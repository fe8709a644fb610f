//! `firstfault trace` and `firstfault flow`: one request, and one chain, across the logs of several systems.

use super::args::{Flow, Trace, WayFormat};
use super::map;
use crate::exit::Exit;
use crate::rules::knowledge;
use crate::{config, diagnose, load, terminal};
use firstfault_calls::{Attribute, Calls, Layout, Settings, id_hash};
use firstfault_gather::Request;
use firstfault_knowledge::Knowledge;
use firstfault_model::incident::Triage as Triaged;
use firstfault_redact::Redactor;
use firstfault_report::flow::{self, SafeFlow};
use firstfault_report::trace::{self, SafeTrace};
use firstfault_triage::flow::{Definition, FlowLine, Watch};
use firstfault_triage::trace::{TraceLine, ids};
use std::io::Write as _;

/// Lines of one request that are kept; a way is told of far fewer.
const LINES: usize = 5_000;
/// Incidents whose representative call is followed: each takes a pass over the inputs.
const FOLLOWED: usize = 3;
/// Rounds over the inputs: what the lines of the id name, and what those name.
const ROUNDS: usize = 2;

/// Runs `firstfault trace`.
pub fn trace(options: &Trace) -> Exit {
    traced(options).unwrap_or_else(complained)
}

/// Runs `firstfault flow`.
pub fn flow(options: &Flow) -> Exit {
    followed(options).unwrap_or_else(complained)
}

fn complained(message: String) -> Exit {
    load::complain(&message);
    Exit::WrongUse
}

fn traced(options: &Trace) -> Result<Exit, String> {
    if options.id.trim().len() < 4 {
        return Err(format!("expected an id of at least four characters, got \"{}\"", options.id));
    }
    let knowledge = knowledge(&options.common.rules)?;
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let request = request(&options.inputs, &options.map)?;
    let mut needles = vec![options.id.trim().to_owned()];
    let mut lines = carrying(&request, &needles)?;
    // Standard input is read once.
    if !request.inputs.iter().any(|input| input == "-") {
        for _ in 0..ROUNDS {
            let further = ids(options.id.trim(), &lines);
            if further.iter().all(|id| needles.contains(id)) {
                break;
            }
            needles.extend(further.into_iter().filter(|id| id.len() >= 8));
            needles.sort_unstable();
            needles.dedup();
            lines = carrying(&request, &needles)?;
        }
    }
    let trace = firstfault_triage::trace::trace(options.id.trim(), &lines, &knowledge);
    let exit = match (trace.hops.is_empty(), trace.hops.iter().any(|hop| hop.failed), trace.cause.as_str()) {
        (true, ..) => Exit::WrongUse,
        (_, false, _) => Exit::Nothing,
        (_, true, "unknown") => Exit::Unattributed,
        (_, true, _) => Exit::Diagnosed,
    };
    let safe = SafeTrace::new(trace, &mut Redactor::with(policy));
    print(&match options.format {
        WayFormat::Text => {
            trace::text(&safe, terminal::style(options.common.layout.width, options.common.layout.color, false))
        }
        WayFormat::Json => trace::json(&safe) + "\n",
    });
    Ok(exit)
}

/// Adds to the representative call of each incident its way through the other systems, where more than one line tells of it
/// and the inputs have lines (a saved table and standard input have none any more).
pub fn add(triage: &mut Triaged, calls: &Calls, request: &Request, knowledge: &Knowledge) {
    if request.inputs.iter().any(|input| input == "-") {
        return;
    }
    for incident in triage.incidents.iter_mut().take(FOLLOWED) {
        let Some(line) = &mut incident.representative else { continue };
        let layout = Layout::learn(line.text.as_bytes(), &line.input, &request.settings);
        let record = layout.record(&line.text).unwrap_or_default();
        let ids = [Attribute::TraceId, Attribute::RequestId];
        let Some(id) = ids.iter().find_map(|attribute| record.get(*attribute)).filter(|id| id.len() >= 8) else {
            continue;
        };
        // The table knows at once whether a pass over all inputs is worth it.
        let hash = id_hash(id.as_bytes());
        let told = calls.request.iter().chain(&calls.trace).filter(|known| **known == hash).take(2).count();
        if told > 1
            && let Ok(lines) = carrying(request, &[id.to_owned()])
        {
            line.way = firstfault_triage::trace::trace(id, &lines, knowledge).hops;
        }
    }
}

/// The lines that carry one of these ids, in the order of the inputs.
fn carrying(request: &Request, needles: &[String]) -> Result<Vec<TraceLine>, String> {
    let needles: Vec<&str> = needles.iter().map(String::as_str).collect();
    let names = firstfault_gather::names(request).map_err(|e| e.to_string())?;
    let mut found = Vec::new();
    firstfault_gather::lines(request, &needles, &mut |line| {
        if found.len() < LINES {
            let record = line.layout.record(line.text).unwrap_or_default();
            let input = names.get(line.input as usize).cloned().unwrap_or_default();
            found.push(TraceLine { input, line: line.number, text: line.text.to_owned(), record });
        }
    })
    .map_err(|e| e.to_string())?;
    Ok(found)
}

fn followed(options: &Flow) -> Result<Exit, String> {
    let knowledge = knowledge(&options.common.rules)?;
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let (file, text) = match Definition::shipped(&options.flow) {
        Some(text) => (options.flow.clone(), text.to_owned()),
        None if std::path::Path::new(&options.flow).exists() => {
            let input = load::read(&options.flow).map_err(|e| format!("{}: {e}", options.flow))?;
            (options.flow.clone(), input.text)
        }
        None => return Err(Definition::unknown(&options.flow)),
    };
    let definition = Definition::parse(&file, &text, &knowledge).map_err(|e| e.to_string())?;
    let request = request(&options.inputs, &options.map)?;
    let names = firstfault_gather::names(&request).map_err(|e| e.to_string())?;
    let mut watch = Watch::new(&definition, &knowledge);
    firstfault_gather::lines(&request, &[], &mut |line| {
        let Some(record) = line.layout.record(line.text) else { return };
        let input = names.get(line.input as usize).map_or("", String::as_str);
        watch.see(&FlowLine { input, line: line.number, text: line.text, record: &record });
    })
    .map_err(|e| e.to_string())?;
    let report = watch.report();
    let exit = if report.broken > 0 { Exit::Diagnosed } else { Exit::Nothing };
    let safe = SafeFlow::new(report, &mut Redactor::with(policy));
    print(&match options.format {
        WayFormat::Text => flow::text(
            &safe,
            terminal::style(options.common.layout.width, options.common.layout.color, options.verbose),
        ),
        WayFormat::Json => flow::json(&safe) + "\n",
    });
    Ok(exit)
}

fn request(inputs: &[String], flags: &[String]) -> Result<Request, String> {
    let settings = Settings { map: map(flags)?, ..Settings::default() };
    Ok(Request { inputs: diagnose::names(inputs), settings, ..Request::default() })
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe is success.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
