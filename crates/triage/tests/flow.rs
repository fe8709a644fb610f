//! The shipped flow names the first failing step in every variant of the lab's logs, whatever the clocks say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

mod common;

use common::{read, settings};
use firstfault_knowledge::Knowledge;
use firstfault_lab::logs::{VARIANTS, write};
use firstfault_triage::flow::{Definition, FlowLine, flow};

#[test]
fn every_variant_is_named() {
    let knowledge = Knowledge::builtin();
    let text = Definition::shipped("chat-to-ticket").unwrap();
    let definition = Definition::parse("chat-to-ticket.toml", text, &knowledge).unwrap();
    let mut wrong = Vec::new();
    for setting in settings() {
        for variant in VARIANTS {
            let logs = write(variant, &setting);
            let lines = read(&logs);
            let given =
                lines.iter().map(|l| FlowLine { input: l.input, line: l.line, text: &l.text, record: &l.record });
            let report = flow(&definition, given, &knowledge);
            let truth = variant.truth;
            let place = format!("{} (seed {}, skew {:?})", variant.name, setting.seed, setting.skew);
            let Some(step) = truth.step else {
                if report.broken != 0 {
                    wrong.push(format!("{place}: expected none broken, got {:#?}", report.findings));
                }
                continue;
            };
            let Some(finding) = report.findings.first().filter(|_| report.findings.len() == 1) else {
                wrong.push(format!(
                    "{place}: expected one finding, got {:?}",
                    report.findings.iter().map(|f| (f.fault, &f.step, &f.cause, f.count, &f.said)).collect::<Vec<_>>()
                ));
                continue;
            };
            if finding.step != step
                || finding.fault.word() != truth.fault
                || !truth.causes.contains(&finding.cause.as_str())
                || !truth.layers.is_empty() && !finding.layer.is_some_and(|l| truth.layers.contains(&l))
            {
                wrong.push(format!(
                    "{place}: expected {truth:?}, got {:?} {} {} {:?} {:?}",
                    finding.fault, finding.step, finding.cause, finding.layer, finding.said
                ));
            }
            let expected = (logs.broken.len() as u64, logs.pending.len() as u64);
            if (finding.count, report.pending) != expected || report.complete != logs.healthy as u64 {
                wrong.push(format!("{place}: expected {expected:?} broken and pending, {} whole, got {} broken, {} pending, {} whole, {} before, {} unknown",
                    logs.healthy, finding.count, report.pending, report.complete, report.before, report.unknown));
            }
            if finding.examples.iter().any(|e| !logs.broken.contains(&e.key)) {
                wrong.push(format!("{place}: an example is not one of the broken: {:?}", finding.examples));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
