//! `case open` and `case add`: evidence is read and judged outside the store, then redacted, stored and judged together
//! with the rest in one change.

use super::args::{Add, Open, Questions, Shared};
use super::{Desk, exit_of, rejudge};
use crate::args::Contracts;
use crate::contract::{Witness, heard};
use crate::exit::Exit;
use crate::{diagnose, load};
use firstfault_case::{CaseVerdict, Kept, View, changes_text, keep, standing_text};
use firstfault_engine::{Judged, Options};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Call, RankChange, SeenCall};
use firstfault_redact::Policy;
use firstfault_report::{Report, Safe, Style};
use firstfault_store::{Change, NewCase, NewPiece, Sealer, StoreError, TEXT_LIMIT};
use std::fmt::Write as _;
use std::io::IsTerminal as _;

/// Longest name of a piece, in characters.
const NAME: usize = 200;
/// Longest answer, note or resolution, in characters.
pub const WORDS: usize = 4000;
/// How many different calls of one piece are kept: the one that failed first, and others that failed otherwise.
const CALLS: usize = 12;
/// Passages of one piece that are kept for judging, in bytes; the first call's always are, each up to [`PASSAGE`].
const PASSAGES: usize = 1 << 19;
/// The longest passage that is kept for judging, in bytes.
const PASSAGE: usize = 1 << 16;

/// A piece of evidence as it was read: nothing of it is redacted yet, so it stays in memory.
struct Draft {
    name: String,
    kept: Kept,
    bytes: u64,
    /// The verdict on it alone; none for a note.
    report: Option<Report>,
    /// Every call that carries secrets to learn.
    calls: Vec<Call>,
    seen: Vec<SeenCall>,
}

/// What was done with a draft.
struct Added {
    piece: u32,
    new: bool,
    changes: Vec<RankChange>,
    /// What the piece's failure has to do with the case's, where that is no addition.
    about: Option<String>,
}

/// Runs `firstfault case open`.
pub fn open(options: &Open) -> Result<Exit, String> {
    let knowledge = crate::rules::knowledge(&options.shared.common.rules)?;
    let now = super::place::now(&options.shared);
    // What cannot be read opens no case.
    let drafts = drafts(
        &options.inputs,
        options.form,
        now,
        &knowledge,
        witness(&options.contract, &options.shared, now)?.as_ref(),
    )?;
    let mut desk = Desk::making(&options.shared)?;
    let (policy, clear_at, who) = (desk.policy.clone(), desk.shared.clear_at, desk.who.clone());
    let (number, added, verdict) = desk.store.change::<_, StoreError>(|change| {
        let detected = options.questions.detected.unwrap_or(now);
        let title = &options.title;
        let number = change.open_case(NewCase { title, policy: &policy, opened: now, detected })?;
        change.take_up(&who, number)?;
        questions(change, number, &options.questions, &policy)?;
        let (added, verdict) = store(change, number, &drafts, &policy, (&knowledge, clear_at, now))?;
        Ok((number, added, verdict))
    })?;
    let changed = merged(&added);
    desk.report(number, changed, |view, style| {
        let mut out = format!("opened case {}\n", view.id());
        out.push_str(&told(&added, &drafts, style));
        out.push_str(&standing(view, style));
        out
    })?;
    Ok(exit_of(verdict.as_ref()))
}

/// Runs `firstfault case add`.
pub fn add(options: &Add) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    let (reference, mut inputs) = reference(&desk, options)?;
    let number = desk.find(reference.as_deref())?;
    if inputs.is_empty() && options.note.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err("expected evidence to add: FILE, `-` for standard input, or --note TEXT".to_owned());
        }
        inputs.push("-".to_owned());
    }
    let mut drafts = drafts(
        &inputs,
        options.form,
        desk.now,
        &desk.knowledge,
        witness(&options.contract, &options.shared, desk.now)?.as_ref(),
    )?;
    drafts.extend(options.note.iter().map(|note| as_note("note".to_owned(), note)));
    let by = (&desk.knowledge, desk.shared.clear_at, desk.now);
    let policy = &desk.policy;
    let (added, verdict) = desk.store.change::<_, StoreError>(|change| store(change, number, &drafts, policy, by))?;
    desk.report(number, merged(&added), |view, style| {
        let mut out = told(&added, &drafts, style);
        out.push_str(&standing(view, style));
        out
    })?;
    Ok(exit_of(verdict.as_ref()))
}

/// The first argument is a case where it names one and no file has that name.
fn reference(desk: &Desk<'_>, options: &Add) -> Result<(Option<String>, Vec<String>), String> {
    let inputs = options.inputs.clone();
    if options.case.is_some() {
        return Ok((options.case.clone(), inputs));
    }
    let Some((first, rest)) = inputs.split_first() else { return Ok((None, inputs)) };
    if first == "-" || std::path::Path::new(first).exists() {
        return Ok((None, inputs));
    }
    let digits = first.trim_start_matches('#').split('-').next().unwrap_or_default();
    let looks_like_one =
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !first.contains(['.', ' ']);
    match desk.store.find(Some(first), &desk.who) {
        Ok(_) => Ok((Some(first.clone()), rest.to_vec())),
        Err(error) if looks_like_one => Err(error.into()),
        Err(_) => Ok((None, inputs)),
    }
}

/// The descriptions that evidence is held against.
fn witness(contracts: &Contracts, shared: &Shared, now: i64) -> Result<Option<Witness>, String> {
    Witness::new(contracts, shared.policy.config.as_deref(), Some(now))
}

/// Reads and judges inputs, all or none.
fn drafts(
    names: &[String],
    form: Option<crate::args::Form>,
    now: i64,
    knowledge: &Knowledge,
    witness: Option<&Witness>,
) -> Result<Vec<Draft>, String> {
    let witness = heard(witness);
    let options = Options { form: form.map(diagnose::form), machine_clock: Some(now), witness, ..Options::default() };
    names
        .iter()
        .map(|name| {
            let input = load::read(name).map_err(|message| format!("{name}: {message}"))?;
            if input.text.trim().is_empty() {
                return Err(format!("{name}: expected evidence, got an empty input"));
            }
            Ok(draft(input, options, knowledge))
        })
        .collect()
}

fn draft(input: load::Input, options: Options<'_>, knowledge: &Knowledge) -> Draft {
    let verdict = firstfault_engine::diagnose(&input.text, options, knowledge);
    let Some(first) = verdict.calls.get(verdict.first) else {
        return as_note(input.name, &input.text);
    };
    let others = verdict.calls.iter().enumerate().filter(|(at, _)| *at != verdict.first).map(|(_, judged)| judged);
    let mut kept: Vec<(&Judged, usize)> = vec![(first, first.repeats)];
    for judged in others {
        let same = kept.iter().position(|(known, _)| known.diagnosis.signature == judged.diagnosis.signature);
        match same {
            Some(at) => kept[at].1 += judged.repeats,
            None if kept.len() < CALLS => kept.push((judged, judged.repeats)),
            None => {}
        }
    }
    let spans: Vec<_> = kept
        .iter()
        .map(|(judged, _)| judged.call.span)
        .chain(verdict.calls.iter().map(|judged| judged.call.span))
        .collect();
    let mut room = PASSAGES;
    let mut seen = Vec::new();
    for (at, (judged, repeats)) in kept.iter().enumerate() {
        let observations = bounded(firstfault_engine::observed(&judged.call, verdict.clock, options.witness));
        let size: usize = observations.texts.iter().map(|text| text.text.len()).sum();
        if at > 0 && size > room {
            continue;
        }
        room = room.saturating_sub(size);
        seen.push(SeenCall {
            headline: judged.diagnosis.headline.clone(),
            failed: judged.diagnosis.failed,
            attributed: judged.diagnosis.attributed,
            cause: judged.diagnosis.cause.clone(),
            probability: judged.diagnosis.probability,
            signature: judged.diagnosis.signature.clone(),
            started: judged.call.started,
            repeats: *repeats,
            observations,
        });
    }
    let report = Report {
        input: input.name.clone(),
        calls: vec![diagnose::shown(first.clone())],
        first: 0,
        total: verdict.total,
        failed: verdict.failed,
        ..Report::default()
    };
    Draft {
        kept: keep(&input.text, &spans, TEXT_LIMIT),
        bytes: input.text.len() as u64,
        name: input.name,
        report: Some(report),
        calls: verdict.calls.into_iter().map(|judged| judged.call).collect(),
        seen,
    }
}

fn as_note(name: String, text: &str) -> Draft {
    Draft {
        name,
        kept: keep(text, &[], TEXT_LIMIT),
        bytes: text.len() as u64,
        report: None,
        calls: Vec::new(),
        seen: Vec::new(),
    }
}

/// Passages are long where bodies are; what rules look for stands near their beginning.
fn bounded(mut observations: firstfault_model::Observations) -> firstfault_model::Observations {
    let cut = |text: &mut String, limit: usize| {
        if text.len() > limit {
            let mut end = limit;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            // Between words: no half of a secret stays that the whole would have given away.
            let end = text[..end].rfind(char::is_whitespace).unwrap_or(0);
            text.truncate(end);
        }
    };
    observations.texts.iter_mut().for_each(|text| cut(&mut text.text, PASSAGE));
    observations.facts.iter_mut().for_each(|fact| cut(&mut fact.value, PASSAGE / 8));
    observations
}

/// Redacts and stores drafts, and judges the case after each.
fn store(
    change: &mut Change<'_>,
    number: u32,
    drafts: &[Draft],
    policy: &Policy,
    by: (&Knowledge, f64, i64),
) -> Result<(Vec<Added>, Option<CaseVerdict>), StoreError> {
    let (_, _, now) = by;
    let mut sealer = change.sealer(number, policy.clone())?;
    drafts.iter().flat_map(|draft| &draft.calls).for_each(|call| sealer.learn(call));
    let mut done = Vec::new();
    let mut verdict = if drafts.is_empty() { None } else { firstfault_case::judge(&change.case(number)?, by.0) };
    for draft in drafts {
        let piece = seal(draft, &mut sealer, now);
        let (piece, new) = change.add_piece(number, &piece)?;
        let (judged, changes) = rejudge(change, number, by)?;
        if new {
            change.piece_changed(number, piece, &changes)?;
        }
        let about = about(piece, verdict.as_ref(), judged.as_ref()).filter(|_| new);
        done.push(Added { piece, new, changes, about });
        verdict = judged;
    }
    change.keep(number, &sealer)?;
    if drafts.is_empty() {
        verdict = rejudge(change, number, by)?.0;
    }
    Ok((done, verdict))
}

/// Whether the case is about another call since a piece was added, or the piece tells of another failure.
fn about(piece: u32, before: Option<&CaseVerdict>, after: Option<&CaseVerdict>) -> Option<String> {
    let after = after.filter(|after| after.diagnosis.failed)?;
    let before = before.filter(|before| before.diagnosis.failed)?;
    if after.piece == piece && after.piece != before.piece {
        let apart = after.others.iter().any(|other| other.piece == before.piece);
        let apart = if apart { ", and the one before is another failure now" } else { "" };
        return Some(format!("the case is about the call in this piece now: it failed first{apart}"));
    }
    let joined = after.piece == piece || after.joined.iter().any(|(joined, _)| *joined == piece);
    let other = after.others.iter().find(|other| other.piece == piece).filter(|_| !joined)?;
    Some(format!("another failure than the case's ({}): it changes nothing here", other.cause))
}

fn seal(draft: &Draft, sealer: &mut Sealer, now: i64) -> NewPiece {
    let text = sealer.text(&draft.kept.text);
    let verdict = draft.report.clone().and_then(|report| {
        let safe = Safe::new(report, sealer.redactor());
        sealer.json(&firstfault_report::line(&safe))
    });
    NewPiece {
        source: sealer.words(&draft.name, NAME),
        added: now,
        text,
        bytes: draft.bytes,
        left_out: draft.kept.left_out as u64,
        verdict,
        calls: draft.seen.iter().map(|call| sealer.call(call.clone())).collect(),
    }
}

/// Answers to the four questions.
pub fn questions(change: &mut Change<'_>, number: u32, given: &Questions, policy: &Policy) -> Result<(), StoreError> {
    let mut sealer = change.sealer(number, policy.clone())?;
    let mut seal = |text: &Option<String>| text.as_ref().map(|text| sealer.words(text, WORDS));
    let texts = [seal(&given.expected), seal(&given.actual), seal(&given.affected)];
    let [expected, actual, affected] = &texts;
    change.set_questions(
        number,
        [expected.as_ref(), actual.as_ref(), affected.as_ref()],
        (given.reproducible, given.direction),
    )?;
    change.keep(number, &sealer)
}

/// What all pieces together changed, from before the first to after the last.
fn merged(added: &[Added]) -> Vec<RankChange> {
    let mut out: Vec<RankChange> = Vec::new();
    for change in added.iter().flat_map(|added| &added.changes) {
        match out.iter_mut().find(|known| known.cause == change.cause) {
            Some(known) => known.after = change.after,
            None => out.push(change.clone()),
        }
    }
    out.retain(|change| change.before != change.after);
    out
}

/// What was added, line by line: the confirmation that it is on the disk.
fn told(added: &[Added], drafts: &[Draft], style: Style) -> String {
    let mut out = String::new();
    for (added, draft) in added.iter().zip(drafts) {
        let name = firstfault_report::one_line(&firstfault_redact::Redactor::new().text(&draft.name), 100);
        let what = match (&draft.report, draft.name.as_str()) {
            _ if !added.new => ": it is there already",
            (None, "note") => "",
            (None, _) => ": kept as a note, nothing in it is known to be evidence of a call",
            (Some(report), _) if report.failed == 0 => ": nothing failed in it",
            _ => "",
        };
        let cut = if draft.kept.left_out > 0 && added.new {
            format!(
                " ({} of {} bytes kept: the lines of its failed calls)",
                draft.bytes - draft.kept.left_out as u64,
                draft.bytes
            )
        } else {
            String::new()
        };
        let _ = writeln!(out, "added piece {}: {name}{what}{cut}", added.piece);
        let about = added.about.iter().flat_map(|about| firstfault_report::paint::wrap(about, style.width.max(20) - 2));
        about.for_each(|line| out.push_str(&format!("  {line}\n")));
        out.push_str(&changes_text(&added.changes, style));
    }
    out
}

/// Where the case stands now, and what comes next.
pub fn standing(view: &View, style: Style) -> String {
    let line = view.standing().map_or_else(String::new, |line| format!("\n{line}\n"));
    format!("{line}\n{}", standing_text(view, style))
}
