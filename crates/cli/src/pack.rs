//! `firstfault pack` and `--pack`: verdicts into an evidence pack.

use crate::args::{Pack, PackOut};
use crate::contract::{Witness, heard};
use crate::exit::Exit;
use crate::place::Target;
use crate::{config, diagnose, load, rules};
use firstfault_engine::{Options, Verdict};
use firstfault_knowledge::Knowledge;
use firstfault_pack::{Input, Settings, Told};
use firstfault_redact::{Policy, Redactor};
use std::io::Write as _;

/// How many open questions a terminal shows.
const OPEN_SHOWN: usize = 6;

/// Runs `firstfault pack`.
pub fn run(options: &Pack) -> Exit {
    match packed(options) {
        Ok((exit, said)) => {
            // Printing fails only on a closed pipe, which is success.
            let _ = std::io::stdout().lock().write_all(said.as_bytes());
            exit
        }
        Err(message) => {
            load::complain(&message);
            Exit::WrongUse
        }
    }
}

fn packed(options: &Pack) -> Result<(Exit, String), String> {
    let knowledge = rules::knowledge(&options.common.rules)?;
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let clock = ready(Some(&options.out_file), &options.out)?;
    let names = diagnose::names(&options.inputs);
    let machine_clock = clock.or_else(diagnose::machine_clock);
    let witness = Witness::new(&options.contract, options.policy.config.as_deref(), machine_clock)?;
    let witness = heard(witness.as_ref());
    let engine = Options { form: options.form.map(diagnose::form), machine_clock, witness, ..Options::default() };
    let mut judged = Vec::new();
    for name in &names {
        let input = load::read(name).map_err(|message| format!("{name}: {message}"))?;
        let verdict = firstfault_engine::diagnose(&input.text, engine, &knowledge);
        if let Some(message) = &verdict.unreadable {
            let mut redactor = Redactor::with(policy);
            return Err(format!("{name}: {}", firstfault_report::one_line(&redactor.text(message), 400)));
        }
        judged.push((input, verdict));
    }
    let exit = judged.iter().map(|(_, verdict)| exit_of(verdict)).max().unwrap_or(Exit::Nothing);
    let said = write(&options.out_file, &options.out, &judged, &options.common.rules, &knowledge, policy, witness)?;
    Ok((exit, said))
}

/// Looks at what was asked for before anything is read: the time that was given for now.
pub fn ready(out: Option<&std::path::Path>, options: &PackOut) -> Result<Option<i64>, String> {
    match out {
        Some(out) => {
            Target::check(out, options.force)?;
            options.told()?;
            options.clock()
        }
        None if *options != PackOut::default() => {
            Err("--set, --before, --who, --endpoints, --since, --rate, --at and --force go with --pack OUT".to_owned())
        }
        None => Ok(None),
    }
}

/// Makes and writes a pack; says what was written and what is still to collect.
pub fn write(
    out: &std::path::Path,
    options: &PackOut,
    judged: &[(load::Input, Verdict)],
    folders: &[std::path::PathBuf],
    knowledge: &Knowledge,
    policy: Policy,
    witness: Option<&dyn firstfault_engine::Witness>,
) -> Result<String, String> {
    let settings = Settings { witness, ..settings(options, folders, knowledge, policy.personal)? };
    seal(out, options.force, judged, &settings, knowledge, &mut Redactor::with(policy))
}

/// What a pack needs beside evidence.
pub fn settings<'a>(
    options: &PackOut,
    folders: &[std::path::PathBuf],
    knowledge: &Knowledge,
    strict: bool,
) -> Result<Settings<'a>, String> {
    Ok(Settings {
        told: options.told()?,
        made: options.clock()?,
        version: env!("CARGO_PKG_VERSION"),
        edition: rules::edition(folders, knowledge)?,
        mode: if strict { "strict" } else { "secrets" },
        ruling: None,
        witness: None,
    })
}

/// Makes and writes a pack of what was judged.
pub fn seal(
    out: &std::path::Path,
    force: bool,
    judged: &[(load::Input, Verdict)],
    settings: &Settings<'_>,
    knowledge: &Knowledge,
    redactor: &mut Redactor,
) -> Result<String, String> {
    let target = Target::check(out, force)?;
    let inputs: Vec<Input<'_>> =
        judged.iter().map(|(input, verdict)| Input { name: &input.name, text: &input.text, verdict }).collect();
    let pack = firstfault_pack::make(&inputs, settings, knowledge, redactor).map_err(|refusal| refusal.to_string())?;
    let size = target.write(&pack.files)?;
    Ok(told(out, &pack, size))
}

/// Makes and writes the pack of the first incident of a triage.
pub fn incident(
    out: &std::path::Path,
    force: bool,
    triage: &firstfault_model::incident::Triage,
    settings: &Settings<'_>,
    knowledge: &Knowledge,
    redactor: &mut Redactor,
) -> Result<String, String> {
    let target = Target::check(out, force)?;
    let pack =
        firstfault_pack::incident(triage, 0, settings, knowledge, redactor).map_err(|refusal| refusal.to_string())?;
    let size = target.write(&pack.files)?;
    Ok(told(out, &pack, size))
}

/// What is said on the terminal.
fn told(out: &std::path::Path, pack: &firstfault_pack::Pack, size: usize) -> String {
    let manifest = &pack.manifest;
    let shown = firstfault_report::one_line(&out.display().to_string(), 300);
    let mut text = format!("wrote {shown}: {} files, {} KiB\n", pack.files.len(), size.div_ceil(1024));
    text += &format!("  {}\n  {} · {}\n", manifest.headline, manifest.verdict.bucket, manifest.verdict.cause);
    let replaced: Vec<String> =
        manifest.redaction.replaced.iter().map(|r| format!("{} {}", r.different, r.kind)).collect();
    let replaced = if replaced.is_empty() { "nothing".to_owned() } else { replaced.join(", ") };
    text += &format!("  replaced: {replaced}\n  sha256 {}\n", pack.digest);
    if !manifest.replays {
        text +=
            "  what was replaced carried the verdict: it does not follow from the pack alone, and verify will say so\n";
    }
    let open: Vec<_> = manifest.checklist.iter().filter(|item| item.answers.is_empty()).collect();
    if !manifest.checklist.is_empty() {
        let answered = manifest.checklist.len() - open.len();
        text += &format!("  answers {answered} of the {} questions of its kind\n", manifest.checklist.len());
    }
    if !open.is_empty() {
        text += "\n  Still to collect\n";
    }
    for item in open.iter().take(OPEN_SHOWN) {
        text += &format!("   · {}\n", item.question);
        if let Some(command) = &item.collect {
            text += &format!("     {command}\n");
        }
    }
    if open.len() > OPEN_SHOWN {
        text += &format!("   and {} more in the report\n", open.len() - OPEN_SHOWN);
    }
    let word = shell_word(&shown);
    text + &format!("\n  check it with  firstfault verify {word}\n")
}

/// The name as a word of a shell.
fn shell_word(name: &str) -> String {
    let plain = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '~' | '+' | ','));
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

fn exit_of(verdict: &Verdict) -> Exit {
    match verdict.calls.get(verdict.first).map(|judged| &judged.diagnosis) {
        Some(d) if !d.attributed => Exit::Unattributed,
        Some(d) if d.failed => Exit::Diagnosed,
        _ => Exit::Nothing,
    }
}

impl PackOut {
    /// The time that was given for now.
    fn clock(&self) -> Result<Option<i64>, String> {
        let Some(text) = &self.at else { return Ok(None) };
        let parsed = firstfault_intake::time::parse(text);
        parsed.map(Some).ok_or_else(|| format!("--at: expected a time such as 2025-05-06T09:12:44Z, got {text:?}"))
    }

    fn told(&self) -> Result<Told, String> {
        let mut set = Vec::new();
        for pair in &self.set {
            match pair.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                    set.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => return Err("--set: expected NAME=VALUE, such as region=eu-west-1".to_owned()),
            }
        }
        Ok(Told {
            before: self.before.clone(),
            who: self.who.clone(),
            endpoints: self.endpoints.clone(),
            since: self.since.clone(),
            rate: self.rate.clone(),
            set,
        })
    }
}
