//! `trace` names the system and the layer that failed first in every variant of the lab's logs, whatever the clocks say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

mod common;

use common::{Read, read, settings};
use firstfault_knowledge::Knowledge;
use firstfault_lab::logs::{VARIANTS, write};
use firstfault_model::way::Trace;
use firstfault_triage::trace::{TraceLine, ids, trace};

/// What the command line does: a first round for the id, a second one for the ids that its lines carry.
fn way(id: &str, lines: &[Read], knowledge: &Knowledge) -> Trace {
    let holding = |ids: &[String]| -> Vec<TraceLine> {
        lines
            .iter()
            .filter(|line| ids.iter().any(|id| line.text.contains(id.as_str())))
            .map(|l| TraceLine {
                input: l.input.to_owned(),
                line: l.line,
                text: l.text.clone(),
                record: l.record.clone(),
            })
            .collect()
    };
    let mut all = vec![id.to_owned()];
    all.extend(ids(id, &holding(&all)));
    trace(id, &holding(&all), knowledge)
}

#[test]
fn every_variant_is_named() {
    let knowledge = Knowledge::builtin();
    let mut wrong = Vec::new();
    for setting in settings() {
        for variant in VARIANTS {
            let logs = write(variant, &setting);
            let lines = read(&logs);
            let truth = variant.truth;
            for (number, chat) in logs.broken.iter().take(2).enumerate() {
                let id = if number == 0 { chat } else { &logs.requests[number] };
                let found = way(id, &lines, &knowledge);
                let place = format!("{} (seed {}, skew {:?}, by {id})", variant.name, setting.seed, setting.skew);
                let first = found.first.map(|at| found.hops[at].service.as_str());
                // What another attempt made good is told, and is no failure of the request.
                if variant.name == "recovered" || variant.name == "lost-and-doubled" {
                    if number == 0 && (found.failed || first.is_none()) {
                        wrong.push(format!("{place}: expected a failure that was made good, got {}", found.summary));
                    }
                    continue;
                }
                if first != truth.system {
                    wrong.push(format!("{place}: expected {:?}, got {first:?}: {}", truth.system, found.summary));
                } else if first.is_some()
                    && !truth.layers.is_empty()
                    && !found.layer.is_some_and(|l| truth.layers.contains(&l))
                {
                    wrong.push(format!(
                        "{place}: expected {:?}, got {:?}: {}",
                        truth.layers, found.layer, found.summary
                    ));
                }
                let timeout = matches!(variant.name, "gateway-timeout" | "sender-timeout");
                if timeout == found.short_timeouts.is_empty() {
                    wrong.push(format!("{place}: short time-outs {:?}", found.short_timeouts));
                }
                let translated = variant.name == "exception-translated";
                if translated == found.translations.is_empty() && !timeout {
                    wrong.push(format!("{place}: translations {:?}", found.translations));
                }
                // Clocks of systems that answered are set right to within half of what the caller waited and a tick.
                for clock in &found.clocks {
                    let at = logs.files.iter().position(|(name, _)| name.starts_with(&clock.service)).unwrap();
                    let truth = setting.skew[at] - setting.skew[0];
                    let tick = if setting.gateway_json { 100 } else { 1_100 };
                    if (clock.offset - truth).abs() > tick && clock.bounds.0.is_some() {
                        wrong.push(format!("{place}: expected {truth} for {}, got {clock:?}", clock.service));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
