//! A pack of an incident: the pack of its representative call, with the whole report beside it.
//!
//! The verdict that can be repeated is that on the representative line; what many calls came to cannot be judged again
//! from one line, and is there to be read.

use crate::archive::File;
use crate::case::Told;
use crate::escape;
use crate::make::{Input, Pack, Refusal, Settings, make_with};
use firstfault_engine::{Options, diagnose};
use firstfault_knowledge::Knowledge;
use firstfault_model::incident::{Incident, Triage};
use firstfault_model::said;
use firstfault_redact::Redactor;
use firstfault_report::triage::{SafeTriage, html, json, markdown};

/// Incidents, signatures of each, inputs and steps of a time line that get into a pack.
const INCIDENTS: usize = 20;
const SIGNATURES: usize = 100;
const INPUTS: usize = 200;
const STEPS: usize = 5_000;

/// Files beside those of a call, made with the redactor of the pack.
pub struct Beside<'a> {
    /// Makes them.
    pub files: &'a dyn Fn(&mut Redactor) -> Vec<File>,
    /// Digests in them that the program worked out itself.
    pub digests: Vec<String>,
}

/// Makes the pack of one incident of a triage, by its place in `incidents`.
///
/// # Errors
/// [`Refusal`]: no representative line that tells of a call, or something that still looks like a secret.
pub fn incident(
    triage: &Triage,
    number: usize,
    settings: &Settings<'_>,
    knowledge: &Knowledge,
    redactor: &mut Redactor,
) -> Result<Pack, Refusal> {
    let chosen = triage.incidents.get(number).ok_or(Refusal::NoCall)?;
    let line = chosen.representative.as_ref().ok_or(Refusal::NoCall)?;
    let verdict = diagnose(&line.text, Options::default(), knowledge);
    let bounded = bounded(triage, number);
    let files = |redactor: &mut Redactor| {
        let safe = SafeTriage::new(bounded.clone(), redactor);
        vec![
            File::text("incident.html", html(&safe)),
            File::text("incident.md", markdown(&safe)),
            File::text("triage.json", escape::json(&json(&safe)) + "\n"),
        ]
    };
    let settings = Settings { told: told(chosen, &settings.told), ..settings.clone() };
    let beside = Beside { files: &files, digests: digests(&bounded) };
    let input = Input { name: &line.input, text: &line.text, verdict: &verdict };
    make_with(&[input], &settings, knowledge, redactor, Some(&beside))
}

/// The chosen incident first, and of everything as much as a pack may hold.
fn bounded(triage: &Triage, number: usize) -> Triage {
    let mut out = triage.clone();
    if number < out.incidents.len() {
        let chosen = out.incidents.remove(number);
        out.incidents.insert(0, chosen);
    }
    out.incidents.truncate(INCIDENTS);
    out.inputs.truncate(INPUTS);
    out.background.truncate(SIGNATURES);
    out.series.points.truncate(STEPS);
    for incident in &mut out.incidents {
        incident.signatures.truncate(SIGNATURES);
        incident.series.points.truncate(STEPS);
    }
    out
}

fn digests(triage: &Triage) -> Vec<String> {
    let signatures = triage.incidents.iter().flat_map(|incident| &incident.signatures).map(|s| s.id.clone());
    let background = triage.background.iter().map(|b| b.signature.id.clone());
    let verdicts = triage.incidents.iter().filter_map(|incident| {
        incident.representative.as_ref()?.diagnosis.as_ref().map(|diagnosis| diagnosis.signature.clone())
    });
    signatures.chain(background).chain(verdicts).collect()
}

/// What the incident tells of its call; what a person told goes first.
fn told(incident: &Incident, told: &Told) -> Told {
    let affected = incident.affected;
    let who: Vec<String> = [(affected.users, "user"), (affected.tenants, "tenant")]
        .into_iter()
        .filter_map(|(n, word)| n.map(|n| said::some(n, word)))
        .collect();
    let place = incident.isolation.first().map(|isolation| said::attributes(&isolation.attributes));
    let all: Vec<String> = place.into_iter().chain(who).collect();
    let routes: Vec<&str> = incident.signatures.iter().filter_map(|s| s.route.as_deref()).take(3).collect();
    let rate = format!("{} of {}", said::count(incident.failures), said::some(incident.calls, "call"));
    Told {
        who: told.who.clone().or_else(|| (!all.is_empty()).then(|| all.join(", "))),
        endpoints: told.endpoints.clone().or_else(|| (!routes.is_empty()).then(|| routes.join(", "))),
        since: told.since.clone().or_else(|| Some(format!("{} by the logs' clocks", said::moment(incident.onset)))),
        rate: told.rate.clone().or(Some(rate)),
        ..told.clone()
    }
}
