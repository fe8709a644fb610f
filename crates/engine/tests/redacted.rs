//! Redaction must not take the evidence with the secrets: a redacted input has the verdict of the original.

#![expect(clippy::print_stdout, reason = "the figure is what it is for")]

mod common;

use common::{answer, cases, folder};
use firstfault_engine::Options;
use firstfault_knowledge::Knowledge;
use firstfault_redact::Redactor;

#[test]
fn a_redacted_case_has_the_same_verdict() {
    let (folder, _) = folder();
    let knowledge = Knowledge::builtin();
    let (mut all, mut changed, mut other) = (0, 0, Vec::new());
    for mut case in cases(&folder) {
        let before = answer(&case, &knowledge, Options::default());
        let mut redactor = Redactor::new();
        redactor.learn_text(&case.input);
        let redacted = redactor.text(&case.input);
        assert_eq!(redactor.leaks(&redacted), [], "{}: {redacted}", case.id);
        all += 1;
        changed += usize::from(redacted != case.input);
        case.input = redacted;
        let after = answer(&case, &knowledge, Options::default());
        if (&before.bucket, &before.layer, &before.cause) != (&after.bucket, &after.layer, &after.cause) {
            other.push(format!("{}: {} → {}", case.id, before.cause, after.cause));
        }
    }
    println!("{all} cases, {changed} of them held something to redact, {} have another verdict", other.len());
    assert!(all > 500 && changed > 100);
    assert!(other.len() * 200 <= all, "{other:#?}");
}
