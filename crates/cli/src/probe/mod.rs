//! `firstfault probe`: asks the live system, layer by layer, and says what each experiment decided.

pub mod args;
pub mod call;
mod dry;
mod json;
mod show;

use crate::contract::{Witness, heard};
use crate::exit::Exit;
use crate::rules::knowledge;
use crate::{config, diagnose, load, terminal};
use args::{Probe, ProbeFormat};
use firstfault_engine::{Clock, Judged};
use firstfault_investigate::{Came, Judging, Order, Question, Sender as _, Sent, Session};
use firstfault_redact::Redactor;
use firstfault_report::{Report, Safe};
use show::Offer;
use std::io::Write as _;

/// Runs `firstfault probe`.
pub fn run(options: &Probe) -> Exit {
    match probe(options) {
        Ok(exit) => exit,
        Err(message) => {
            load::complain(&message);
            Exit::WrongUse
        }
    }
}

fn probe(options: &Probe) -> Result<Exit, String> {
    let knowledge = knowledge(&options.common.rules)?;
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let machine_clock = diagnose::machine_clock();
    let witness = Witness::new(&options.contract, options.policy.config.as_deref(), machine_clock)?;
    let witness = witness.as_ref();
    let asked = call::asked(options, &knowledge, machine_clock, heard(witness))?;
    let mut redactor = Redactor::with(policy);
    if let Some((input, verdict)) = &asked.pasted {
        redactor.learn_text(&input.text);
        verdict.calls.iter().for_each(|judged| redactor.learn(&judged.call));
    }
    let request = asked.target.as_request();
    redactor.learn(&firstfault_model::Call { request: Some(request), ..firstfault_model::Call::default() });
    for word in &options.command {
        redactor.learn_text(word);
    }
    if options.dry_run {
        dry::print(&asked.target, options, &mut redactor);
        return Ok(Exit::Nothing);
    }
    let evidence = asked.pasted.as_ref().and_then(|(_, verdict)| verdict.clock.evidence);
    let mut judging = Judging::new(&knowledge, Clock { evidence, machine: machine_clock }).hearing(heard(witness));
    let name = asked.pasted.as_ref().map_or_else(|| "probe".to_owned(), |(input, _)| input.name.clone());
    let pasted = asked.pasted.and_then(|(_, mut verdict)| {
        (verdict.first < verdict.calls.len()).then(|| verdict.calls.swap_remove(verdict.first).call)
    });
    let question = Question { target: asked.target, pasted, terms: options.terms.terms(), order: Order::Chosen };
    let runtime = runtime()?;
    let (mut session, offer) = runtime.block_on(async {
        let mut session = firstfault_investigate::session(question, &mut judging).await;
        let offer = offer(&mut session, options.confirm, &mut judging, heard(witness)).await;
        (session, offer)
    });
    redactor.learn(&session.investigation.base.call);
    if let Some(offer) = &offer {
        session.investigation.diagnosis.fix = None;
        redactor.learn_text(&show::command(&offer.target));
    }
    let exit = exit_of(&session);
    let sections = show::sections(&session, offer.as_ref(), options.verbose, &mut redactor);
    let exchange = matches!(options.format, ProbeFormat::Html).then(|| session.investigation.base.call.clone());
    let judged = Judged {
        diagnosis: session.investigation.diagnosis.clone(),
        call: session.investigation.base.call.clone(),
        repeats: 1,
        last: None,
    };
    let failed = usize::from(judged.diagnosis.failed);
    let contract = witness.and_then(|witness| witness.against(&judged.call));
    let shown = firstfault_report::Call { exchange, contract, ..diagnose::shown(judged) };
    let report = Report { input: name, calls: vec![shown], total: 1, failed, ..Report::default() };
    let safe = Safe::new(report, &mut redactor);
    let style = terminal::style(options.common.layout.width, options.common.layout.color, options.verbose);
    let printed = match options.format {
        ProbeFormat::Text => firstfault_report::text_with(&safe, &sections, style),
        ProbeFormat::Md => firstfault_report::markdown_with(&safe, &sections) + "\n",
        ProbeFormat::Html => firstfault_report::html_with(&safe, &sections) + "\n",
        ProbeFormat::Json => json::document(&session, &safe, offer.as_ref(), &mut redactor) + "\n",
    };
    // A closed pipe is success.
    let _ = std::io::stdout().lock().write_all(printed.as_bytes());
    Ok(exit)
}

/// The runtime of commands that send: one thread, which waits for many things at once.
///
/// # Errors
/// When the system gives none.
pub fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let built = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    built.map_err(|error| format!("expected to wait for the network, found: {error}"))
}

/// The request that works: that of the experiment that worked, else the mechanical correction of the fault. With
/// `confirm` it is sent, to see whether it does.
async fn offer(
    session: &mut Session,
    confirm: bool,
    judging: &mut Judging<'_>,
    witness: Option<&dyn firstfault_engine::Witness>,
) -> Option<Offer> {
    let found = &session.investigation;
    let worked = found.done.iter().find_map(|done| {
        let came = done.came.iter().find(|came| came.works())?;
        // What asks for something else tells of the failure, and is no way to what was asked for.
        let same_purpose = !matches!(
            done.run,
            "repeat"
                | "after-the-window"
                | "other-endpoint"
                | "parent-path"
                | "sibling-thing"
                | "nonsense-path"
                | "allowed-methods"
                | "preflight"
                | "false-credential"
        );
        (same_purpose && done.answer.is_some_and(|a| a.answer.is_some())).then_some(came)
    });
    if let Some(Came { trial, .. }) = worked {
        let what = format!("It worked when it was tried: {}.", trial.changed);
        return Some(Offer { what, target: trial.target.clone(), works: true, outcome: None });
    }
    let (request, what) =
        firstfault_engine::corrected(&found.base.call, &found.observations, &found.diagnosis, witness)?;
    let target = found.base.target.with_request(&request)?;
    let mut offer = Offer { what, target, works: false, outcome: None };
    if confirm {
        offer.outcome = Some(match session.live.send(&offer.target).await {
            Sent::Refused(why) => format!("Not sent: {why}."),
            Sent::Came(exchange) => {
                session.requests += 1;
                let walk = firstfault_probe::Walk { exchanges: vec![*exchange], ..Default::default() };
                let call = walk.call();
                let (_, diagnosis) = judging.verdict(&call);
                let status = call.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                offer.works = !diagnosis.failed;
                if diagnosis.failed {
                    format!("Sent: {status}, which still fails: {}", diagnosis.summary)
                } else {
                    format!("Sent: {status}. The diagnosis is confirmed.")
                }
            }
        });
    }
    Some(offer)
}

fn exit_of(session: &Session) -> Exit {
    let diagnosis = &session.investigation.diagnosis;
    match (diagnosis.failed, diagnosis.attributed) {
        (false, true) => Exit::Nothing,
        (true, true) => Exit::Diagnosed,
        (_, false) => Exit::Unattributed,
    }
}
