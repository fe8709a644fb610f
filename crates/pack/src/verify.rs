//! Is a pack what was made, and does its verdict follow from what is in it?
//!
//! Hashes find damage and changes that were not meant; they are no signature, because whoever changes a file can change
//! the manifest too. That is why the digest of the manifest is shown: told on another way, it proves the rest.

use crate::archive::{FILE_COUNT, FILE_LIMIT, File, TOTAL_LIMIT, is_plain_name};
use crate::digest::sha256;
use crate::documents::{Edition, Manifest, OBSERVATIONS, ObservationsFile, Outcome, PACK, VERIFICATION};
use crate::replay;
use firstfault_knowledge::Knowledge;
use firstfault_report::one_line;
use serde::{Deserialize, Serialize};

/// What came of it; `firstfault verify --format json` prints it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "docs/schema/verification-1.json describes the fields")]
pub struct Verification {
    pub schema: &'static str,
    pub pack: String,
    /// `same`, `differs` or `tampered`.
    pub result: Finding,
    pub faults: Vec<String>,
    pub files: usize,
    pub digest: Option<String>,
    pub made: Option<String>,
    pub headline: Option<String>,
    pub recorded: Option<Outcome>,
    pub judged: Option<Outcome>,
    pub knowledge: Option<Editions>,
    pub open: Vec<String>,
}

impl Verification {
    /// Of what cannot be read at all.
    #[must_use]
    pub fn unreadable(name: &str, why: &str) -> Self {
        Self { faults: vec![why.to_owned()], ..Self::of(name) }
    }

    fn of(name: &str) -> Self {
        Self {
            schema: VERIFICATION,
            pack: one_line(name.rsplit(['/', '\\']).next().unwrap_or(name), 100),
            result: Finding::Tampered,
            faults: Vec::new(),
            files: 0,
            digest: None,
            made: None,
            headline: None,
            recorded: None,
            judged: None,
            knowledge: None,
            open: Vec::new(),
        }
    }
}

/// The three ways that it can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Nothing was changed, and the same verdict comes out.
    Same,
    /// Nothing was changed, but another verdict comes out.
    Differs,
    /// It is no pack, or not as it was made.
    Tampered,
}

/// Which knowledge judged then and now.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Editions {
    pub recorded: Edition,
    pub here: Edition,
    pub same: bool,
}

/// The most faults that are told.
const FAULTS: usize = 20;

/// Checks the files of a pack. `name` is how the user named it.
#[must_use]
pub fn verify(name: &str, files: &[File], knowledge: &Knowledge, edition: &Edition) -> Verification {
    let mut out = Verification { faults: bounds(files), files: files.len(), ..Verification::of(name) };
    let find = |name: &str| files.iter().find(|file| file.name == name).map(|file| file.bytes.as_slice());
    let Some(bytes) = find("manifest.json") else {
        out.faults.push("manifest.json: expected it, found none".to_owned());
        return out;
    };
    let manifest = match manifest(bytes) {
        Ok(manifest) => manifest,
        Err(fault) => {
            out.faults.push(format!("manifest.json: {fault}"));
            return out;
        }
    };
    out.digest = Some(sha256(bytes));
    out.faults.extend(listed(&manifest, files));
    out.made = manifest.made.as_deref().map(|made| one_line(made, 40));
    out.headline = Some(one_line(&manifest.headline, 300));
    out.open = manifest
        .checklist
        .iter()
        .filter(|item| item.answers.is_empty())
        .take(50)
        .map(|item| one_line(&item.question, 300))
        .collect();
    let recorded = find("diagnosis.json").ok_or_else(|| "expected it, found none".to_owned()).and_then(recorded);
    match recorded {
        Ok(recorded) if !recorded.agrees(&manifest.verdict) => {
            out.faults.push("diagnosis.json: its verdict is not the one of the manifest".to_owned());
        }
        Ok(recorded) => out.recorded = Some(shown(recorded)),
        Err(fault) => out.faults.push(format!("diagnosis.json: {fault}")),
    }
    match find("observations.json").ok_or_else(|| "expected it, found none".to_owned()).and_then(observations) {
        Ok(document) => out.judged = Some(Outcome::of(&replay::judge(&document, knowledge))),
        Err(fault) => out.faults.push(format!("observations.json: {fault}")),
    }
    out.knowledge = Some(Editions {
        same: manifest.knowledge.sha256 == edition.sha256,
        recorded: Edition { sha256: one_line(&manifest.knowledge.sha256, 64), ..manifest.knowledge },
        here: edition.clone(),
    });
    out.faults.truncate(FAULTS);
    if out.faults.is_empty()
        && let (Some(recorded), Some(judged)) = (&out.recorded, &out.judged)
    {
        out.result = if recorded.agrees(judged) { Finding::Same } else { Finding::Differs };
    }
    out
}

/// A manifest that says it is one.
///
/// # Errors
/// What it is instead.
pub fn manifest(bytes: &[u8]) -> Result<Manifest, String> {
    read(bytes, PACK)
}

/// Names, sizes and numbers: what an archive was already held to, and a folder was not.
fn bounds(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    if files.len() > FILE_COUNT {
        faults.push(format!("expected at most {FILE_COUNT} files, got {}", files.len()));
    }
    let total: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
    if total > TOTAL_LIMIT || files.iter().any(|file| file.bytes.len() as u64 > FILE_LIMIT) {
        faults.push(format!(
            "expected at most {} MiB a file and {} MiB together, got more",
            FILE_LIMIT >> 20,
            TOTAL_LIMIT >> 20
        ));
    }
    for (i, file) in files.iter().enumerate().filter(|(_, file)| !is_plain_name(&file.name)).take(5) {
        faults.push(format!("file {}: expected a name without folders, got {}", i + 1, one_line(&file.name, 80)));
    }
    faults
}

/// The files against the list: none missing, none more, none changed.
fn listed(manifest: &Manifest, files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for (i, listed) in manifest.files.iter().enumerate() {
        let name = one_line(&listed.name, 80);
        if !is_plain_name(&listed.name) || manifest.files[..i].iter().any(|other| other.name == listed.name) {
            faults.push(format!("manifest.json: expected each name once and without folders, got {name}"));
            continue;
        }
        match files.iter().find(|file| file.name == listed.name) {
            None => faults.push(format!("{name}: the manifest lists it, and it is missing")),
            Some(file) if file.bytes.len() != listed.bytes => {
                faults.push(format!("{name}: expected {} bytes, got {}", listed.bytes, file.bytes.len()));
            }
            Some(file) if sha256(&file.bytes) != listed.sha256 => {
                faults.push(format!("{name}: its SHA-256 is not the one of the manifest"));
            }
            Some(_) => {}
        }
    }
    let unlisted = files
        .iter()
        .filter(|file| file.name != "manifest.json" && !manifest.files.iter().any(|listed| listed.name == file.name));
    faults.extend(unlisted.map(|file| format!("{}: the manifest does not list it", one_line(&file.name, 80))));
    faults
}

/// A document that says in `schema` what it is.
fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], schema: &str) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Named {
        schema: String,
    }
    // serde_json's own message may quote what it read.
    let broken = |e: serde_json::Error| format!("expected {schema}, got something else at line {}", e.line());
    let named: Named = serde_json::from_slice(bytes).map_err(broken)?;
    if named.schema != schema {
        return Err(format!("expected the schema {schema}, got {}", one_line(&named.schema, 60)));
    }
    serde_json::from_slice(bytes).map_err(broken)
}

fn observations(bytes: &[u8]) -> Result<ObservationsFile, String> {
    read(bytes, OBSERVATIONS)
}

/// The verdict that diagnosis.json holds.
fn recorded(bytes: &[u8]) -> Result<Outcome, String> {
    #[derive(Deserialize)]
    struct Document {
        diagnoses: Vec<Outcome>,
    }
    let document: Document = read(bytes, "firstfault/diagnoses/1")?;
    document.diagnoses.into_iter().next().ok_or_else(|| "expected a verdict, got none".to_owned())
}

/// A verdict from a pack is evidence too: bounded, and without what a terminal obeys.
fn shown(outcome: Outcome) -> Outcome {
    let word = |text: &str| one_line(text, 80);
    Outcome { bucket: word(&outcome.bucket), layer: word(&outcome.layer), cause: word(&outcome.cause), ..outcome }
}
