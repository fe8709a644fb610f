//! `case answer`, `set`, `step`, `close` and `reopen`.

use super::args::{Answer, Close, Mark, Of, Set, Step};
use super::evidence::{WORDS, questions, standing};
use super::{Desk, exit_of, rejudge};
use crate::exit::Exit;
use clap::ValueEnum as _;
use firstfault_case::{STEPS, View, changes_text, find_check, outcome};
use firstfault_model::StepMark;
use firstfault_store::StoreError;

/// Runs `firstfault case answer`.
pub fn answer(options: &Answer) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    // `[ID] CHECK OUTCOME…`: the first word is a case where it is no check, and the second one is.
    let known = |at: usize| options.words.get(at).and_then(|word| find_check(&desk.knowledge, word).ok());
    let (reference, at) = if known(0).is_none() && known(1).is_some() { (options.words.first(), 1) } else { (None, 0) };
    let word = options.words.get(at).map_or("", String::as_str);
    let check = find_check(&desk.knowledge, word).map_err(|message| named(&desk, message))?;
    let said = options.words.get(at + 1..).unwrap_or_default().join(" ");
    let outcome = match (said.trim().is_empty(), &options.note) {
        (true, None) => return Err(outcome(&desk.knowledge, check, "").err().unwrap_or_default()),
        (true, Some(_)) => None,
        (false, _) => Some(outcome(&desk.knowledge, check, &said)?),
    };
    let check = check.id;
    let reference = reference.cloned();
    let number = desk.find(reference.as_deref())?;
    let (policy, by) = (&desk.policy, (&desk.knowledge, desk.shared.clear_at, desk.now));
    let now = desk.now;
    let (changes, verdict) = desk.store.change::<_, StoreError>(|change| {
        let mut sealer = change.sealer(number, policy.clone())?;
        let note = options.note.as_ref().map(|note| sealer.words(note, WORDS));
        let answer = change.add_answer(number, (check, outcome.as_deref()), note.as_ref(), now)?;
        change.keep(number, &sealer)?;
        let (verdict, changes) = rejudge(change, number, by)?;
        change.answer_changed(number, answer, &changes)?;
        Ok((changes, verdict))
    })?;
    desk.report(number, changes.clone(), |view, style| {
        let what = outcome.as_deref().map_or_else(|| " in your own words".to_owned(), |outcome| format!(": {outcome}"));
        let mut out = format!("answered {check}{what}\n");
        out.push_str(&changes_text(&changes, style));
        if changes.is_empty() && outcome.is_some() && verdict.is_some() {
            out.push_str("  the ranking stays as it was\n");
        }
        out.push_str(&standing(view, style));
        out
    })?;
    Ok(exit_of(verdict.as_ref()))
}

/// What is wrong with the name of a check, and which one the case at hand asks.
fn named(desk: &Desk<'_>, message: String) -> String {
    let view = desk.store.find(None, &desk.who).ok().and_then(|number| desk.view(number, Vec::new()).ok());
    match view.as_ref().and_then(View::asked) {
        Some(asked) => format!("{message}; the case at hand asks {asked}: `firstfault case answer {asked} OUTCOME`"),
        None => message,
    }
}

/// Runs `firstfault case set`.
pub fn set(options: &Set) -> Result<Exit, String> {
    let given = &options.questions;
    let nothing = given.expected.is_none()
        && given.actual.is_none()
        && given.affected.is_none()
        && given.reproducible.is_none()
        && given.direction.is_none()
        && given.detected.is_none();
    if nothing {
        return Err("expected an answer: --expected, --actual, --reproducible, --affected, --direction or --detected"
            .to_owned());
    }
    let mut desk = Desk::existing(&options.shared)?;
    let number = desk.find(options.case.as_deref())?;
    let policy = &desk.policy;
    desk.store.change::<_, StoreError>(|change| {
        questions(change, number, given, policy)?;
        given.detected.map_or(Ok(()), |at| change.set_detected(number, at))
    })?;
    desk.report(number, Vec::new(), |view, style| {
        let next = view.open_step_words().map_or_else(String::new, |step| format!("{step}\n"));
        format!("noted in case {}\n{}", view.id(), fitted(&next, style.width))
    })?;
    Ok(Exit::Nothing)
}

/// Runs `firstfault case step`.
pub fn step(options: &Step) -> Result<Exit, String> {
    let expected = || {
        format!("expected [ID] STEP STATE, such as `firstfault case step 7 done`, got {:?}", options.words.join(" "))
    };
    let (reference, step, state) = match options.words.as_slice() {
        [step, state] => (None, step, state),
        [case, step, state] => (Some(case.as_str()), step, state),
        _ => return Err(expected()),
    };
    let step: u8 =
        step.parse().ok().filter(|step| (1..=STEPS.len()).contains(&usize::from(*step))).ok_or_else(|| {
            let steps: Vec<String> =
                (1..).zip(STEPS).map(|(number, title): (u8, _)| format!("{number} {title}")).collect();
            format!("expected a step from 1 to {}, got {step:?}: {}", STEPS.len(), steps.join("; "))
        })?;
    let state = Mark::from_str(&state.replace('_', "-"), true)
        .map_err(|_| format!("expected done, open or not-needed, got {state:?}"))?;
    let mut desk = Desk::existing(&options.shared)?;
    let number = desk.find(reference)?;
    let (policy, now) = (&desk.policy, desk.now);
    desk.store.change::<_, StoreError>(|change| {
        let mut sealer = change.sealer(number, policy.clone())?;
        let note = options.note.as_ref().map(|note| sealer.words(note, WORDS));
        change.mark(number, &StepMark { step, state: state.into(), note: None, at: now }, note.as_ref())?;
        change.keep(number, &sealer)
    })?;
    desk.report(number, Vec::new(), |view, style| {
        let title = STEPS.get(usize::from(step) - 1).copied().unwrap_or_default();
        let word = firstfault_model::StepState::from(state).word().replace('_', " ");
        let next = view.open_step_words().map_or_else(|| "no step is open\n".to_owned(), |step| format!("{step}\n"));
        format!("step {step} of case {}: {word} ({title})\n{}", view.id(), fitted(&next, style.width))
    })?;
    Ok(Exit::Nothing)
}

/// Runs `firstfault case close`.
pub fn close(options: &Close) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    if let Some(cause) = &options.cause
        && desk.knowledge.cause_number(cause).is_none()
    {
        let last = cause.rsplit('.').next().unwrap_or(cause);
        let near: Vec<&str> = desk
            .knowledge
            .causes
            .iter()
            .map(|c| c.id)
            .filter(|id| !last.is_empty() && id.contains(last))
            .take(3)
            .collect();
        let near = if near.is_empty() {
            "`firstfault explain` lists them".to_owned()
        } else {
            format!("near it: {}", near.join(", "))
        };
        return Err(format!("expected the id of a cause, got {cause:?}; {near}"));
    }
    let number = desk.find(options.case.as_deref())?;
    let (policy, now) = (&desk.policy, desk.now);
    desk.store.change::<_, StoreError>(|change| {
        let mut sealer = change.sealer(number, policy.clone())?;
        let resolution = sealer.words(&options.resolution, WORDS);
        change.close(number, &resolution, options.cause.as_deref(), now)?;
        change.keep(number, &sealer)
    })?;
    desk.report(number, Vec::new(), |view, _| format!("closed case {}{}\n", view.id(), view.took()))?;
    Ok(Exit::Nothing)
}

/// Runs `firstfault case reopen`.
pub fn reopen(options: &Of) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    let number = desk.find(options.case.as_deref())?;
    desk.store.change::<_, StoreError>(|change| change.reopen(number))?;
    desk.report(number, Vec::new(), |view, _| format!("case {} is open again\n", view.id()))?;
    Ok(Exit::Nothing)
}

fn fitted(text: &str, width: usize) -> String {
    firstfault_report::paint::wrap(text, width).into_iter().map(|line| line + "\n").collect()
}
