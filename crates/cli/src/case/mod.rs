//! `firstfault case`: an investigation kept in a store. Files, clock and environment are read here; what evidence means
//! is judged elsewhere, and nothing is stored or printed that did not pass the redactor.

pub mod args;
mod evidence;
mod pack;
pub mod place;
mod show;
mod work;

use crate::args::PageFormat;
use crate::exit::Exit;
use crate::load;
use args::{CaseCommand, Shared};
use firstfault_case::{CaseVerdict, View};
use firstfault_knowledge::Knowledge;
use firstfault_model::RankChange;
use firstfault_redact::{Policy, Redactor};
use firstfault_report::Style;
use firstfault_store::{Change, Store, StoreError};
use std::io::Write as _;
use std::time::Duration;

/// How long to wait where another process writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `firstfault case`.
pub fn run(case: &args::Case) -> Exit {
    let done = match &case.command {
        CaseCommand::Open(options) => evidence::open(options),
        CaseCommand::Add(options) => evidence::add(options),
        CaseCommand::Next(options) => show::next(options),
        CaseCommand::Answer(options) => work::answer(options),
        CaseCommand::Set(options) => work::set(options),
        CaseCommand::Step(options) => work::step(options),
        CaseCommand::Show(options) => show::show(options),
        CaseCommand::Pack(options) => pack::pack(options),
        CaseCommand::List(options) => show::list(options),
        CaseCommand::Stats(options) => show::stats(options),
        CaseCommand::Close(options) => work::close(options),
        CaseCommand::Reopen(options) => work::reopen(options),
        CaseCommand::Check(options) => show::check(options),
    };
    done.unwrap_or_else(|message| {
        // A message may quote what was typed or what a file holds.
        load::complain(&firstfault_report::one_line(&Redactor::new().text(&message), 2000));
        Exit::WrongUse
    })
}

/// What every sub-command works with.
struct Desk<'s> {
    shared: &'s Shared,
    knowledge: Knowledge,
    store: Store,
    policy: Policy,
    /// Milliseconds since the Unix epoch.
    now: i64,
    who: String,
}

impl<'s> Desk<'s> {
    /// Opens the store, and makes it where there is none.
    fn making(shared: &'s Shared) -> Result<Self, String> {
        Self::with(shared, Store::open(&place::store(shared.store.as_deref())?, PATIENCE)?)
    }

    /// Opens the store, which must be there.
    fn existing(shared: &'s Shared) -> Result<Self, String> {
        Self::with(shared, Store::existing(&place::store(shared.store.as_deref())?, PATIENCE)?)
    }

    fn with(shared: &'s Shared, store: Store) -> Result<Self, String> {
        let knowledge = crate::rules::knowledge(&shared.common.rules)?;
        let policy = policy(shared)?;
        Ok(Self { shared, knowledge, store, policy, now: place::now(shared), who: place::who() })
    }

    fn style(&self) -> Style {
        crate::terminal::style(self.shared.common.layout.width, self.shared.common.layout.color, self.shared.verbose)
    }

    /// The case that is meant; it is the one at hand from now on.
    fn find(&mut self, reference: Option<&str>) -> Result<u32, String> {
        let number = self.store.find(reference, &self.who)?;
        if reference.is_some() && self.store.find(None, &self.who).ok() != Some(number) {
            // A store that can only be read is read all the same.
            let who = self.who.clone();
            let _ = self.store.change::<_, StoreError>(|change| change.take_up(&who, number));
        }
        Ok(number)
    }

    /// The case `number` as it may be shown.
    fn view(&self, number: u32, changed: Vec<RankChange>) -> Result<View, String> {
        let case = self.store.case(number)?;
        let verdict = firstfault_case::judge(&case, &self.knowledge);
        let mut redactor = Redactor::with(self.policy.clone());
        Ok(View::new(case, verdict, changed, &self.knowledge, &mut redactor))
    }

    /// Prints a case: what was done, in words, or the whole case in the format that was asked for.
    fn report(
        &self,
        number: u32,
        changed: Vec<RankChange>,
        words: impl FnOnce(&View, Style) -> String,
    ) -> Result<(), String> {
        let view = self.view(number, changed)?;
        print(&match self.shared.format {
            PageFormat::Text => words(&view, self.style()),
            PageFormat::Json => firstfault_case::document(&view) + "\n",
            PageFormat::Md => firstfault_case::markdown(&view),
        });
        Ok(())
    }
}

/// What is replaced.
fn policy(shared: &Shared) -> Result<Policy, String> {
    crate::config::policy(shared.policy.config.as_deref(), shared.policy.redact)
}

/// Judges a case again inside a change, and keeps the ranking and the moment in which it became clear.
fn rejudge(
    change: &mut Change<'_>,
    number: u32,
    (knowledge, clear_at, now): (&Knowledge, f64, i64),
) -> Result<(Option<CaseVerdict>, Vec<RankChange>), StoreError> {
    let case = change.case(number)?;
    let verdict = firstfault_case::judge(&case, knowledge);
    let ranking = verdict.as_ref().map(CaseVerdict::ranking).unwrap_or_default();
    let clear = verdict.as_ref().is_some_and(|verdict| verdict.is_clear(clear_at));
    let started = verdict.as_ref().and_then(|verdict| verdict.started);
    change.set_ranking(number, &ranking, started, clear.then_some(now))?;
    Ok((verdict, firstfault_case::changes(&case.ranking, &ranking)))
}

/// The exit code of a case: that of its verdict.
fn exit_of(verdict: Option<&CaseVerdict>) -> Exit {
    match verdict.map(|verdict| &verdict.diagnosis) {
        None => Exit::Nothing,
        Some(diagnosis) if !diagnosis.attributed => Exit::Unattributed,
        Some(diagnosis) if diagnosis.failed => Exit::Diagnosed,
        Some(_) => Exit::Nothing,
    }
}

/// Printing fails only on a closed pipe, which is success.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// The text of the piece of evidence that leads a case, and the case's name; none means the case at hand.
///
/// # Errors
/// When there is no such case, or nothing in it.
pub fn evidence_of(reference: Option<&str>, knowledge: &Knowledge) -> Result<load::Input, String> {
    let store = Store::existing(&place::store(None)?, PATIENCE)?;
    let number = store.find(reference, &place::who())?;
    let everything = store.everything(number)?;
    let leads = firstfault_case::judge(&store.case(number)?, knowledge).map(|verdict| verdict.piece);
    let at = leads.and_then(|piece| usize::try_from(piece).ok()).and_then(|piece| piece.checked_sub(1));
    let text = at.and_then(|at| everything.texts.into_iter().nth(at)).map(|(_, text)| text);
    let name = format!("case {}", everything.case.id);
    let text = text.ok_or_else(|| {
        format!("{name}: expected evidence of a call in it, found none; `firstfault case add {number} FILE` adds it")
    })?;
    Ok(load::Input { name, text })
}
