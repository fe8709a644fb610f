//! From verdicts to the files of a pack.

use crate::archive::{FILE_LIMIT, File};
use crate::case::{Case, Told};
use crate::checklist::{self, Asked};
use crate::documents::{Edition, Listed, Manifest, ObservationsFile, Outcome, PACK, Redaction, Replaced, Rule, Tool};
use crate::incident::Beside;
use crate::leaks::{self, Leak};
use crate::reproduce::{Variant, script};
use crate::ruling::Ruling;
use crate::sections::{self, Parts};
use crate::{digest, environment, escape, excerpt, fingerprint, har, limits, readme, replay, shape};
use firstfault_engine::{Judged, Verdict};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Call, Observations, Request};
use firstfault_redact::{Kind, Redactor};
use firstfault_report::{Report, Safe, one_line};
use serde::Serialize;

/// One input with the verdicts on it.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// As the user named it; of a path, only the last part gets into the pack.
    pub name: &'a str,
    /// What was read.
    pub text: &'a str,
    /// What the engine said of it.
    pub verdict: &'a Verdict,
}

/// What a pack needs beside evidence.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// What people know.
    pub told: Told,
    /// When it is made, in milliseconds since the Unix epoch; left out of the pack when `None`.
    pub made: Option<i64>,
    /// The version of the program.
    pub version: &'a str,
    /// Which knowledge judged.
    pub edition: Edition,
    /// `secrets` or `strict`: what the redactor was told to replace.
    pub mode: &'a str,
    /// What a case came to; `None` where the inputs speak for themselves.
    pub ruling: Option<Ruling<'a>>,
    /// Who else was heard on the calls.
    pub witness: Option<&'a dyn firstfault_engine::Witness>,
}

/// A pack that may be written.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Its files, the manifest last.
    pub files: Vec<File>,
    /// What is in it and what is missing.
    pub manifest: Manifest,
    /// SHA-256 of the manifest: names this pack, and through it every byte.
    pub digest: String,
}

/// Why no pack was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No input tells of a call.
    NoCall,
    /// The re-scan found something that may be a secret.
    Leaks(Vec<Leak>),
    /// A part is larger than a pack may be.
    TooLarge(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCall => f.write_str("expected evidence of a call, found none to pack"),
            Self::TooLarge(name) => write!(f, "{name}: expected at most {} MiB", FILE_LIMIT >> 20),
            Self::Leaks(leaks) => {
                f.write_str("nothing was written: after redaction, this still looks like a secret")?;
                leaks.iter().try_for_each(|leak| write!(f, "\n  {leak}"))
            }
        }
    }
}

/// What is secret anywhere in an input of this size is secret wherever it is quoted; of a larger one, what its calls carry.
const LEARN_FROM: usize = 1 << 20;
/// Of how many inputs evidence.txt holds an excerpt, and of how many pieces of a case.
const INPUTS: usize = 8;
const PIECES: usize = 40;
/// How many other failures are listed.
const OTHERS: usize = 50;

/// Makes the pack of one or more inputs. The first failure that is understood is shown whole, the others are listed.
///
/// # Errors
/// [`Refusal`]; nothing of the pack is to be written then.
pub fn make(
    inputs: &[Input<'_>],
    settings: &Settings<'_>,
    knowledge: &Knowledge,
    redactor: &mut Redactor,
) -> Result<Pack, Refusal> {
    make_with(inputs, settings, knowledge, redactor, None)
}

/// The same with further files beside those of the call.
pub fn make_with(
    inputs: &[Input<'_>],
    settings: &Settings<'_>,
    knowledge: &Knowledge,
    redactor: &mut Redactor,
    beside: Option<&Beside<'_>>,
) -> Result<Pack, Refusal> {
    let (files, manifest) = compose(inputs, settings, knowledge, redactor, beside)?;
    let ruled = settings.ruling.as_ref().map_or(&[][..], |ruling| &ruling.digests);
    let ours = [ruled, beside.map_or(&[][..], |beside| &beside.digests)].concat();
    match scanned(files, manifest, &ours, redactor) {
        Ok(pack) => Ok(pack),
        Err(Unsealed::Refused(refusal)) => Err(refusal),
        Err(Unsealed::Leaks(leaks)) => {
            // What looks like a secret in one light only is replaced in every light, and all is made anew. What is found
            // then is not mended.
            leaks.iter().for_each(|(_, secret)| redactor.remember(secret, Kind::Secret));
            let (files, manifest) = compose(inputs, settings, knowledge, redactor, beside)?;
            scanned(files, manifest, &ours, redactor).map_err(Refusal::from)
        }
    }
}

/// Which input tells it best: one with an attributed failure, else one with a failure, else one with a call.
fn best<'a>(inputs: &[Input<'a>]) -> Option<(usize, &'a Judged)> {
    let first = |wanted: fn(&Judged) -> bool| {
        inputs.iter().enumerate().find_map(|(i, input)| {
            let verdict = input.verdict;
            verdict.calls.get(verdict.first).filter(|judged| wanted(judged)).map(|judged| (i, judged))
        })
    };
    first(|j| j.diagnosis.failed && j.diagnosis.attributed)
        .or_else(|| first(|j| j.diagnosis.failed))
        .or_else(|| first(|_| true))
}

fn compose(
    inputs: &[Input<'_>],
    settings: &Settings<'_>,
    knowledge: &Knowledge,
    redactor: &mut Redactor,
    beside: Option<&Beside<'_>>,
) -> Result<(Vec<File>, Manifest), Refusal> {
    let ruling = settings.ruling.as_ref();
    let best = || best(inputs).map(|(at, judged)| (at, judged.clone()));
    let (chosen, judged) = ruling.map_or_else(best, |ruling| ruling.chosen(inputs)).ok_or(Refusal::NoCall)?;
    let judged = &judged;
    let input = inputs[chosen];
    for input in inputs {
        if input.text.len() <= LEARN_FROM {
            redactor.learn_text(input.text);
        }
        input.verdict.calls.iter().for_each(|judged| redactor.learn(&judged.call));
    }
    let raw = ruling.map_or_else(
        || firstfault_engine::observed(&judged.call, input.verdict.clock, settings.witness),
        |ruling| ruling.observations.clone(),
    );
    let name = base_name(input.name, redactor);
    let safe = safe(&name, input.verdict, judged, true, redactor);
    let Some(shown) = safe.report().calls.first() else { return Err(Refusal::NoCall) };
    let Some(call) = &shown.exchange else { return Err(Refusal::NoCall) };
    let observations = replay::redacted(&raw, call, redactor);
    let told = settings.told.redacted(redactor);
    let working = input.verdict.working.clone().or_else(|| ruling.and_then(|ruling| ruling.working(inputs)));
    let variants = variants(judged, &raw, call, working, settings.witness, redactor);
    let script = script(&variants, &shown.diagnosis.headline);
    let case = Case {
        input: &name,
        diagnosis: &shown.diagnosis,
        call,
        observations: &observations,
        told: &told,
        script: script.is_some(),
        remake: ruling.map(|ruling| ruling.remake.as_str()),
        repeats: judged.repeats,
    };
    let field = |name: &str| judged.call.request.as_ref().and_then(|r| r.headers.first(name)).map(str::to_owned);
    let sent = judged.call.request.as_ref().and_then(|r| r.body.as_ref());
    let sent = sent.map(|body| shape::of(body, field("content-type").as_deref(), redactor));
    let answer = judged.call.response.as_ref();
    let received = answer
        .and_then(|r| r.body.as_ref())
        .map(|body| shape::of(body, answer.and_then(|r| r.headers.first("content-type")), redactor));
    let environment = environment::of(&case);
    let working = variants.iter().any(|v| v.name == "working");
    let impact = fingerprint::impact(inputs, &case, redactor);
    let asked = Asked { case: &case, environment: &environment, shape: sent.as_ref(), working, impact: &impact };
    let checklist = checklist::of(&asked);
    let others = others(inputs, chosen, ruling, redactor);
    let (evidence, evidence_text) = evidence(inputs, chosen, ruling.is_some(), redactor);
    let fingerprint = fingerprint::of(
        &case,
        fingerprint::More {
            input: &name,
            form: shown.form,
            sent,
            received,
            environment,
            timing: limits::of(&case),
            impact,
        },
    );
    let document = replay::document(&observations, ruling.map_or(&[], |ruling| &ruling.answers));
    let outcome = Outcome::of(&judged.diagnosis);
    let replays = Outcome::of(&replay::judge(&document, knowledge)).agrees(&outcome);
    let mut redaction = Redaction { mode: settings.mode.to_owned(), ..Redaction::default() };
    let mut files = vec![
        File::text("diagnosis.json", escape::json(&firstfault_report::document(std::slice::from_ref(&safe))) + "\n"),
        File::text("call.json", json(&fingerprint)),
        File::text("observations.json", json::<ObservationsFile>(&document)),
        File::text("evidence.txt", evidence_text),
    ];
    files.extend(har::har(call, settings.version, &shown.diagnosis.headline).map(|har| File::text("call.har", har)));
    let listed: Vec<(&'static str, String)> = match &script {
        Some(_) => variants.iter().map(|v| (v.name, v.about.clone())).collect(),
        None => Vec::new(),
    };
    files.extend(script.map(|script| File::text("reproduce.sh", script)));
    redaction.replaced = replaced(&files);
    let parts = Parts {
        call: &fingerprint,
        checklist: &checklist,
        others: &others,
        redaction: &redaction,
        evidence: &evidence,
        variants: listed,
    };
    let (page, text) = sections::of(&parts, redactor);
    if let Some(ruling) = ruling {
        files.extend((ruling.files)(redactor));
    }
    if let Some(beside) = beside {
        files.extend((beside.files)(redactor));
    }
    let alone = self::safe(&name, input.verdict, judged, false, redactor);
    files.push(File::text("report.md", firstfault_report::markdown_with(&alone, &text)));
    files.push(File::text("report.html", firstfault_report::html_with(&alone, &page)));
    redaction.replaced = replaced(&files);
    redaction.rules =
        redactor.log().rules().iter().map(|(rule, count)| Rule { rule: (*rule).to_owned(), count: *count }).collect();
    let manifest = Manifest {
        schema: PACK.to_owned(),
        tool: Tool { name: "firstfault".to_owned(), version: settings.version.to_owned() },
        knowledge: settings.edition.clone(),
        made: settings.made.map(firstfault_model::rfc3339).filter(|made| !made.is_empty()),
        input: name,
        headline: shown.diagnosis.headline.clone(),
        verdict: outcome,
        signature: judged.diagnosis.signature.clone(),
        replays,
        redaction,
        checklist,
        others,
        files: Vec::new(),
    };
    files.insert(0, File::text("README.md", readme::of(&manifest, &files)));
    Ok((files, manifest))
}

/// Looks at every byte once more, then lists the files in the manifest. Nothing that is handed in is trusted: a file
/// with a secret in it refuses the pack.
///
/// # Errors
/// [`Refusal::Leaks`] or [`Refusal::TooLarge`].
pub fn seal(files: Vec<File>, manifest: Manifest, redactor: &mut Redactor) -> Result<Pack, Refusal> {
    scanned(files, manifest, &[], redactor).map_err(Refusal::from)
}

/// Why a pack was not sealed; the leaks with what was found, which nobody is told.
enum Unsealed {
    Refused(Refusal),
    Leaks(Vec<(Leak, String)>),
}

impl From<Unsealed> for Refusal {
    fn from(unsealed: Unsealed) -> Self {
        match unsealed {
            Unsealed::Refused(refusal) => refusal,
            Unsealed::Leaks(leaks) => Self::Leaks(leaks.into_iter().map(|(leak, _)| leak).collect()),
        }
    }
}

/// `digests`: what the program worked out itself, beside the manifest's own.
fn scanned(
    mut files: Vec<File>,
    mut manifest: Manifest,
    digests: &[String],
    redactor: &mut Redactor,
) -> Result<Pack, Unsealed> {
    manifest.files = files
        .iter()
        .map(|file| Listed { name: file.name.clone(), bytes: file.bytes.len(), sha256: digest::sha256(&file.bytes) })
        .collect();
    files.push(File::text("manifest.json", json(&manifest)));
    let ours: Vec<&str> = manifest
        .files
        .iter()
        .map(|file| file.sha256.as_str())
        .chain(manifest.others.iter().map(|other| other.signature.as_str()))
        .chain(digests.iter().map(String::as_str))
        .chain([manifest.knowledge.sha256.as_str(), manifest.signature.as_str()])
        .collect();
    let leaks = leaks::find(&files, &ours, redactor);
    if !leaks.is_empty() {
        return Err(Unsealed::Leaks(leaks));
    }
    if let Some(large) = files.iter().find(|file| file.bytes.len() as u64 > FILE_LIMIT) {
        return Err(Unsealed::Refused(Refusal::TooLarge(large.name.clone())));
    }
    let digest = files.last().map_or_else(String::new, |manifest| digest::sha256(&manifest.bytes));
    Ok(Pack { files, manifest, digest })
}

/// The report on the chosen call. `counted`: with how many others the input tells of.
fn safe(name: &str, verdict: &Verdict, judged: &Judged, counted: bool, redactor: &mut Redactor) -> Safe {
    let call = &judged.call;
    let request = call.request.as_ref();
    let shown = firstfault_report::Call {
        form: call.origin.word(),
        method: request.and_then(|r| r.method.clone()),
        url: request.map(|r| r.url.to_string()).filter(|url| !url.is_empty()),
        status: call.status(),
        span: call.span,
        repeats: judged.repeats,
        seen: judged.seen(),
        diagnosis: judged.diagnosis.clone(),
        exchange: Some(call.clone()),
        contract: None,
    };
    let failed = usize::from(judged.diagnosis.failed);
    let report = Report {
        input: name.to_owned(),
        calls: vec![shown],
        first: 0,
        total: if counted { verdict.total } else { 1 },
        failed: if counted { verdict.failed } else { failed },
        notes: if counted { verdict.notes.iter().take(100).cloned().collect() } else { Vec::new() },
        problems: if counted { verdict.problems.iter().take(100).cloned().collect() } else { Vec::new() },
        unreadable: None,
    };
    Safe::new(report, redactor)
}

/// The calls that the script can send: the failing one, a corrected one, and one that worked.
fn variants(
    judged: &Judged,
    observations: &Observations,
    call: &Call,
    working: Option<Request>,
    witness: Option<&dyn firstfault_engine::Witness>,
    redactor: &mut Redactor,
) -> Vec<Variant> {
    let Some(request) = &call.request else { return Vec::new() };
    let mut clean = |request: Request| {
        redactor.call(&Call { request: Some(request), ..Call::default() }).request.unwrap_or_default()
    };
    let mut out =
        vec![Variant { name: "failing", about: "the call as it failed".to_owned(), request: request.clone() }];
    if let Some((corrected, what)) =
        firstfault_engine::corrected(&judged.call, observations, &judged.diagnosis, witness)
    {
        out.push(Variant { name: "corrected", about: what, request: clean(corrected) });
    }
    if let Some(working) = working {
        let about = "a call of the same evidence that did not fail".to_owned();
        out.push(Variant { name: "working", about, request: clean(working) });
    }
    for variant in &mut out {
        variant.about = redactor.text(&variant.about);
    }
    out
}

/// The failures beside the chosen one, the same ones once.
fn others(
    inputs: &[Input<'_>],
    chosen: usize,
    ruling: Option<&Ruling<'_>>,
    redactor: &mut Redactor,
) -> Vec<crate::documents::Other> {
    let mut out: Vec<crate::documents::Other> = Vec::new();
    if let Some(ruling) = ruling {
        for (piece, other) in ruling.others.iter().take(OTHERS) {
            let Some(input) = usize::from(*piece).checked_sub(1).and_then(|at| inputs.get(at)) else { continue };
            let headline = one_line(&redactor.text(&other.headline), 300);
            out.push(crate::documents::Other { input: base_name(input.name, redactor), headline, ..other.clone() });
        }
        return out;
    }
    for (number, input) in inputs.iter().enumerate() {
        let name = base_name(input.name, redactor);
        for (i, judged) in input.verdict.calls.iter().enumerate() {
            let d = &judged.diagnosis;
            if !d.failed || number == chosen && i == input.verdict.first {
                continue;
            }
            let known = out.iter_mut().find(|o| o.signature == d.signature && o.input == name);
            if let Some(known) = known {
                known.repeats += judged.repeats;
            } else if out.len() < OTHERS {
                out.push(crate::documents::Other {
                    input: name.clone(),
                    line: judged.call.span.line,
                    headline: one_line(&redactor.text(&d.headline), 300),
                    bucket: d.bucket.word().to_owned(),
                    cause: d.cause.clone(),
                    signature: d.signature.clone(),
                    repeats: judged.repeats,
                });
            }
        }
    }
    out
}

/// The excerpt of the chosen call, and the file with an excerpt of each input.
fn evidence(inputs: &[Input<'_>], chosen: usize, case: bool, redactor: &mut Redactor) -> (String, String) {
    let mut own = String::new();
    let mut all = String::new();
    let limit = if case { PIECES } else { INPUTS };
    let order = std::iter::once(chosen).chain((0..inputs.len()).filter(|i| *i != chosen)).take(limit);
    for number in order {
        let input = inputs[number];
        let places = match input.verdict.calls.get(input.verdict.first) {
            Some(judged) => excerpt::places(&judged.call, &judged.diagnosis),
            // What people noted in a case belongs to it.
            None if case => Vec::new(),
            None => continue,
        };
        let excerpt = excerpt::of(input.text, &places, redactor);
        let cut = if excerpt.cut { ", cut" } else { "" };
        let name = base_name(input.name, redactor);
        all +=
            &format!("== {name}: of {} lines, those of the call with some around{cut}\n{}\n", excerpt.of, excerpt.text);
        if number == chosen {
            own = excerpt.text;
        }
    }
    if case && inputs.len() > limit {
        all += &format!("== {} further pieces are not shown\n", inputs.len() - limit);
    }
    (own, all)
}

/// The last part of a path, on one line: where a file lies on somebody's machine is nobody's business.
fn base_name(name: &str, redactor: &mut Redactor) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    one_line(&redactor.text(base), 100)
}

/// How often each kind of placeholder stands in the files.
fn replaced(files: &[File]) -> Vec<Replaced> {
    let mut kinds: std::collections::BTreeMap<String, (std::collections::BTreeSet<String>, usize)> =
        std::collections::BTreeMap::new();
    for file in files {
        let text = String::from_utf8_lossy(&file.bytes);
        for part in text.split('‹').skip(1) {
            let Some((inner, _)) = part.split_once('›').filter(|(inner, _)| inner.len() <= 40) else { continue };
            let Some((kind, _)) = inner.split_once(':') else { continue };
            if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
                continue;
            }
            let entry = kinds.entry(kind.to_owned()).or_default();
            entry.0.insert(inner.to_owned());
            entry.1 += 1;
        }
    }
    kinds.into_iter().map(|(kind, (different, places))| Replaced { kind, different: different.len(), places }).collect()
}

fn json<T: Serialize>(value: &T) -> String {
    escape::json(&serde_json::to_string_pretty(value).unwrap_or_default()) + "\n"
}
