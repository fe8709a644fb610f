//! `case pack`: the whole case as an evidence pack. The evidence is the text that the store keeps, read again; the verdict
//! is the case's, and the redactor goes on with the case's placeholders.

use super::args::Pack;
use super::{Desk, exit_of};
use crate::exit::Exit;
use crate::{load, pack};
use firstfault_case::{CaseVerdict, View, combine, moment};
use firstfault_engine::{Options, Verdict};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Case, Reproducible, SeenCall};
use firstfault_pack::documents::{AnswerLine, Other};
use firstfault_pack::{File, Ruling, Told};

/// How the note begins that tells the step before the call.
const BEFORE: &str = "before";

/// Runs `firstfault case pack`.
pub fn pack(options: &Pack) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    pack::ready(Some(&options.out_file), &options.out)?;
    let number = desk.find(options.case.as_deref())?;
    let everything = desk.store.everything(number)?;
    let case = desk.store.case(number)?;
    let Some(verdict) = firstfault_case::judge(&case, &desk.knowledge) else {
        let notes = if case.pieces.is_empty() { "" } else { " but notes" };
        return Err(format!(
            "case {}: expected evidence of a call to pack, found none{notes}; `firstfault case add {number} FILE` adds it",
            case.id
        ));
    };
    let judged: Vec<(load::Input, Verdict)> = case
        .pieces
        .iter()
        .zip(everything.texts)
        .map(|(piece, (name, text))| {
            // A token that was valid when the piece was added does not expire in the drawer.
            let engine = Options { machine_clock: Some(piece.added), ..Options::default() };
            let verdict = firstfault_engine::diagnose(&text, engine, &desk.knowledge);
            (load::Input { name, text }, verdict)
        })
        .collect();
    let folders = &options.shared.common.rules;
    let mut settings = pack::settings(&options.out, folders, &desk.knowledge, desk.policy.personal)?;
    settings.told = told(settings.told, &case, &judged);
    let files = |redactor: &mut firstfault_redact::Redactor| {
        let view = View::new(case.clone(), Some(verdict.clone()), Vec::new(), &desk.knowledge, redactor);
        vec![
            File::text("case.md", firstfault_case::markdown(&view)),
            File::text("case.json", firstfault_case::document(&view) + "\n"),
        ]
    };
    settings.ruling = Some(Ruling { files: &files, ..ruling(&case, &verdict, &desk.knowledge) });
    let mut sealer = desk.store.sealer(number, desk.policy.clone())?;
    let out = (options.out_file.as_path(), options.out.force);
    let said = pack::seal(out.0, out.1, &judged, &settings, &desk.knowledge, sealer.redactor())?;
    desk.report(number, Vec::new(), |_, _| said)?;
    Ok(exit_of(Some(&verdict)))
}

/// What the case came to.
fn ruling<'a>(case: &Case, verdict: &'a CaseVerdict, knowledge: &Knowledge) -> Ruling<'a> {
    let short = |piece: u32| u16::try_from(piece).unwrap_or(u16::MAX);
    let others = combine(case).map(|combined| combined.others).unwrap_or_default();
    let calls = || case.pieces.iter().flat_map(|piece| &piece.calls);
    Ruling {
        diagnosis: &verdict.diagnosis,
        observations: &verdict.observations,
        answers: case
            .answers
            .iter()
            .enumerate()
            // The last answer to a check counts.
            .filter(|(at, answer)| case.answers[at + 1..].iter().all(|later| later.check != answer.check))
            .map(|(_, answer)| AnswerLine { check: answer.check.clone(), outcome: answer.outcome.clone() })
            .collect(),
        piece: short(verdict.piece),
        others: others.into_iter().map(|(piece, call)| (short(piece), other(call, knowledge))).collect(),
        worked: verdict.worked.as_ref().map(|worked| short(worked.piece)),
        files: &|_| Vec::new(),
        digests: case
            .pieces
            .iter()
            .map(|piece| piece.sha256.clone())
            .chain(calls().map(|call| call.signature.clone()))
            .collect(),
        remake: format!("firstfault case pack {}", case.id),
    }
}

/// A failure that is not the case's, as the manifest lists it.
fn other(call: &SeenCall, knowledge: &Knowledge) -> Other {
    let lines = call.observations.facts.iter().map(|fact| fact.span.line).filter(|line| *line > 0);
    let cause = knowledge.causes.iter().find(|cause| cause.id == call.cause);
    Other {
        input: String::new(),
        line: lines.min().unwrap_or(0),
        headline: call.headline.clone(),
        bucket: cause.map_or(Bucket::None, |cause| cause.bucket).word().to_owned(),
        cause: call.cause.clone(),
        signature: call.signature.clone(),
        repeats: call.repeats,
    }
}

/// What the case tells; flags go first.
fn told(flags: Told, case: &Case, judged: &[(load::Input, Verdict)]) -> Told {
    let rate = case.questions.reproducible.and_then(|whether| match whether {
        Reproducible::Yes => Some("every time it is tried"),
        Reproducible::Sometimes => Some("sometimes, not every time"),
        Reproducible::No => Some("it could not be brought about again"),
        Reproducible::Unknown => None,
    });
    let notes = judged.iter().filter(|(_, verdict)| verdict.calls.is_empty()).map(|(input, _)| input.text.trim());
    let before = notes.filter_map(|note| {
        let rest =
            note.get(..BEFORE.len()).filter(|word| word.eq_ignore_ascii_case(BEFORE)).map(|_| &note[BEFORE.len()..])?;
        let said = rest.strip_prefix(':').map(str::trim);
        said.or_else(|| rest.starts_with(' ').then_some(note)).filter(|said| !said.is_empty()).map(str::to_owned)
    });
    Told {
        before: flags.before.or_else(|| before.last()),
        who: flags.who.or_else(|| case.questions.affected.clone()),
        since: flags.since.or_else(|| {
            let started = case.clock.started.map(|at| format!("{} by the evidence's clock", moment(at)));
            started.or_else(|| Some(format!("noticed {}", moment(case.clock.detected))))
        }),
        rate: flags.rate.or_else(|| rate.map(str::to_owned)),
        ..flags
    }
}
