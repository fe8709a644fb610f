//! README.md of a pack: what is what, in ten lines, for whoever receives it.

use crate::archive::File;
use crate::documents::Manifest;
use crate::escape::code;
use std::fmt::Write as _;

/// Each file that a pack may have, and what it is.
const WHAT: &[(&str, &str)] = &[
    ("report.html", "the whole report as one page, without scripts; report.md is the same for a ticket"),
    (
        "incident.html",
        "the incident that the call stands for: since when, who, where, which change; incident.md is the same for a ticket, \
         triage.json with all signatures for a program",
    ),
    ("evidence.txt", "the lines that it rests on, numbered as in the input"),
    ("reproduce.sh", "the call again, as curl; sends nothing until you name a call"),
    ("call.json", "the fingerprint: request, answer, body shapes, timing, environment, impact"),
    ("call.har", "the call for tools that read HAR 1.2"),
    ("diagnosis.json", "the verdict with its evidence; observations.json is what it was made of"),
    ("case.md", "the case: questions, clock, all pieces, answers, steps; case.json is the same for a program"),
    ("manifest.json", "the list of files with their SHA-256, what was replaced, what is still to collect"),
];

/// The text.
#[must_use]
pub fn of(manifest: &Manifest, files: &[File]) -> String {
    let mut out = format!("# Evidence of a failed call\n\n{}\n\n", code(&manifest.headline));
    for (name, what) in WHAT {
        if *name == "manifest.json" || files.iter().any(|file| file.name == *name) {
            let _ = writeln!(out, "- {}: {what}", code(name));
        }
    }
    let open = manifest.checklist.iter().filter(|item| item.answers.is_empty()).count();
    let replaced: usize = manifest.redaction.replaced.iter().map(|r| r.different).sum();
    let _ = writeln!(
        out,
        "\nSecrets are replaced ({replaced}): the same mark, such as `‹token:a1›`, is the same secret. {open} of {} questions \
         about such a failure are still open; the report says how to answer them.\n\nTo check that nothing was changed and \
         that the verdict follows from what is here, offline: `firstfault verify` with the name of this pack.",
        manifest.checklist.len()
    );
    out
}
