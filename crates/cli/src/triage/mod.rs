//! `firstfault triage`: read the calls, judge their shapes, find the incidents, print.

pub mod args;
mod by;
mod mapping;
mod progress;
pub mod ways;

use crate::args::PackOut;
use crate::exit::Exit;
use crate::rules::knowledge;
use crate::{config, diagnose, load, pack, terminal};
use args::{Reading, Triage, TriageFormat};
use firstfault_calls::{Attribute, Calls, Settings};
use firstfault_columns::Verdict;
use firstfault_gather::{MEMORY, Request};
use firstfault_redact::Redactor;
use firstfault_report::triage::SafeTriage;
use firstfault_triage::changes::{self, Change};
use firstfault_triage::{Judgement, Options, Told, signatures};
use std::io::Write as _;

/// The least memory that reading needs.
const LEAST_MEMORY: usize = 16 << 20;

/// Runs `firstfault triage`.
pub fn run(options: &Triage) -> Exit {
    triage(options).unwrap_or_else(|message| {
        load::complain(&message);
        Exit::WrongUse
    })
}

fn triage(options: &Triage) -> Result<Exit, String> {
    let knowledge = knowledge(&options.common.rules)?;
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let mut request = request(&options.inputs, &options.reading)?;
    // A saved table is asked anything.
    request.settings.name_all = options.save.is_some();
    if options.show_mapping {
        return mapping::show(&request, Redactor::with(policy), options.common.layout.width);
    }
    let at = options.at.as_deref().map(|text| moment(text, "--at")).transpose()?;
    let detected = options.detected.as_deref().map(|text| moment(text, "--detected")).transpose()?;
    let mut changes = given_changes(options)?;
    if !options.by.is_empty() {
        let calls = gather(&by::reading(request, &options.by))?;
        return by::print(&calls, &options.by, options.format, Redactor::with(policy));
    }
    let calls = gather(&request)?;
    let rows = calls.calls_by_shape();
    let mut judged = firstfault_triage::judge(&calls.shapes, &rows, &knowledge);
    let templates = signatures::mine(&calls.shapes, &rows, &mut judged);
    let known: Vec<&str> = changes.iter().flat_map(|c| c.scope.iter().map(|(_, value)| value.as_str())).collect();
    let seen = changes::from_data(&calls).into_iter();
    let seen: Vec<Change> = seen.filter(|c| !c.scope.iter().any(|(_, v)| known.contains(&v.as_str()))).collect();
    changes.extend(seen);
    let mut found = firstfault_triage::triage(&calls, &judged, &templates, &changes, &Options { at });
    if let (Some(at), Some((first, last))) = (at, found.span)
        && !(first..=last).contains(&at)
    {
        let (first, last) = (firstfault_model::rfc3339(first), firstfault_model::rfc3339(last));
        return Err(format!(
            "--at: expected a time between {first} and {last}, when the calls were, got {}",
            firstfault_model::rfc3339(at)
        ));
    }
    if calls.dimension(Attribute::Service).is_some_and(|services| services.values.len() > 2) {
        ways::add(&mut found, &calls, &request, &knowledge);
    }
    firstfault_triage::complete(&mut found, &calls, &judged, Told { detected, clear: None });
    let mut redactor = Redactor::with(policy.clone());
    if let Some(place) = &options.save {
        save(place, options.force, &calls, &judged, &templates, &mut redactor)?;
    }
    if let Some(place) = &options.pack {
        let out = PackOut { force: options.force, ..PackOut::default() };
        let settings = pack::settings(&out, &options.common.rules, &knowledge, policy.personal)?;
        load::say(&pack::incident(place, options.force, &found, &settings, &knowledge, &mut Redactor::with(policy))?);
    }
    let exit = exit_of(&found);
    if exit == Exit::WrongUse {
        let problem = found.inputs.iter().flat_map(|input| &input.problems).next();
        load::complain(&problem.map_or("no call could be read".to_owned(), |p| format!("no call could be read: {p}")));
    }
    let safe = SafeTriage::new(found, &mut redactor);
    let text = match options.format {
        TriageFormat::Text => firstfault_report::triage::text(
            &safe,
            terminal::style(options.common.layout.width, options.common.layout.color, options.verbose),
            terminal::signs(),
        ),
        TriageFormat::Json => firstfault_report::triage::json(&safe) + "\n",
        TriageFormat::Md => firstfault_report::triage::markdown(&safe) + "\n",
        TriageFormat::Html => firstfault_report::triage::html(&safe) + "\n",
    };
    let mut out = std::io::stdout().lock();
    // A closed pipe is success.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    // The process ends here, and giving back the memory of each value first takes longer than ending.
    std::mem::forget(calls);
    Ok(exit)
}

/// Reads the calls, with the progress on standard error where a person looks at it.
pub fn gather(request: &Request) -> Result<Calls, String> {
    let mut shown = progress::Shown::new();
    let calls = firstfault_gather::gather(request, &mut |progress| shown.show(&progress)).map_err(|e| e.to_string());
    shown.clear();
    calls
}

/// Writes the calls with their verdicts as Parquet.
fn save(
    place: &std::path::Path,
    force: bool,
    calls: &Calls,
    judged: &[Judgement],
    templates: &[String],
    redactor: &mut Redactor,
) -> Result<(), String> {
    let name = place.display();
    if place.exists() && !force {
        return Err(format!("{name}: there is a file already; --force replaces it"));
    }
    let verdicts: Vec<Verdict> = judged
        .iter()
        .map(|judgement| {
            let template = templates.get(judgement.template as usize).filter(|_| judgement.failed);
            let word = |failed: bool, word: &str| if failed { word.to_owned() } else { String::new() };
            Verdict {
                failed: judgement.failed,
                bucket: word(judgement.failed, judgement.bucket.word()),
                layer: judgement.layer.map_or_else(String::new, |layer| layer.word().to_owned()),
                cause: word(judgement.failed, &judgement.cause),
                signature: template.map_or_else(String::new, |template| signatures::id(template)),
                template: template.cloned().unwrap_or_default(),
            }
        })
        .collect();
    // Written beside and renamed, so that what is there is whole.
    let mut part = place.as_os_str().to_owned();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    let file = std::fs::File::create(&part).map_err(|e| format!("{}: {}", part.display(), load::reason(&e)))?;
    let written = firstfault_columns::write(calls, &verdicts, &mut |text| redactor.text(text), file);
    let done = written.and_then(|()| std::fs::rename(&part, place).map_err(|e| load::reason(&e)));
    done.map_err(|e| {
        let _ = std::fs::remove_file(&part);
        format!("{name}: {e}")
    })
}

/// What to read, from the flags.
pub fn request(inputs: &[String], reading: &Reading) -> Result<Request, String> {
    let memory = reading.memory.as_deref().map(size).transpose()?.unwrap_or(MEMORY);
    if memory < LEAST_MEMORY {
        return Err(format!("expected at least {} MiB for --memory", LEAST_MEMORY >> 20));
    }
    let settings = Settings {
        map: map(&reading.map)?,
        total: reading.total.clone(),
        failed: reading.failed.clone(),
        ..Settings::default()
    };
    Ok(Request { inputs: diagnose::names(inputs), settings, threads: reading.threads, memory })
}

/// `--map field=attribute`.
pub fn map(flags: &[String]) -> Result<Vec<(String, Attribute)>, String> {
    flags
        .iter()
        .map(|flag| {
            let (field, word) = flag
                .rsplit_once('=')
                .filter(|(field, _)| !field.is_empty())
                .ok_or_else(|| format!("expected --map FIELD=ATTRIBUTE, got \"{flag}\""))?;
            let attribute = Attribute::from_word(word).ok_or_else(|| {
                let words: Vec<&str> = Attribute::ALL.iter().map(|a| a.word()).collect();
                format!("expected an attribute in --map {flag}, one of {}", words.join(", "))
            })?;
            Ok((field.to_owned(), attribute))
        })
        .collect()
}

/// `512M`, `4G`, bytes alone.
fn size(text: &str) -> Result<usize, String> {
    let wrong = || format!("expected a size such as 512M or 4G for --memory, got \"{text}\"");
    let upper = text.trim().to_ascii_uppercase();
    let upper = upper.trim_end_matches("IB").trim_end_matches('B');
    let (digits, unit) = match upper.strip_suffix(['K', 'M', 'G']) {
        Some(digits) => (digits, upper.chars().last()),
        None => (upper, None),
    };
    let shift = match unit {
        Some('K') => 10,
        Some('M') => 20,
        Some('G') => 30,
        _ => 0,
    };
    let number: usize = digits.trim().parse().map_err(|_| wrong())?;
    number.checked_shl(shift).filter(|bytes| bytes >> shift == number).ok_or_else(wrong)
}

fn moment(text: &str, flag: &str) -> Result<i64, String> {
    firstfault_intake::time::parse(text).ok_or_else(|| {
        format!("expected a time for {flag}, such as 2026-11-20T10:21:00Z or Unix seconds, got \"{text}\"")
    })
}

fn given_changes(options: &Triage) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    for path in &options.changes {
        let name = path.display().to_string();
        let input = load::read(&name).map_err(|e| format!("{name}: {e}"))?;
        changes.extend(changes::read(&input.text, &name).map_err(|e| format!("{name}: {e}"))?);
    }
    for text in &options.change {
        changes.push(changes::one(text).map_err(|e| format!("--change: {e}"))?);
    }
    Ok(changes)
}

fn exit_of(found: &firstfault_model::incident::Triage) -> Exit {
    match found.incidents.first() {
        // Nothing that could be read is no good news.
        None if found.calls == 0 => Exit::WrongUse,
        None => Exit::Nothing,
        Some(incident) if incident.cause == "unknown" || incident.bucket.is_none() => Exit::Unattributed,
        Some(_) => Exit::Diagnosed,
    }
}
