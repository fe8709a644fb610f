//! Runs the examples that packs carry: each `match` must fire its rule, each `silent` must not, through the whole
//! way from text to verdict. The rule's documentation is the rule's test.

use firstfault_knowledge::{Knowledge, Matcher, PackError, SourceFile, pack};
use firstfault_observe::{Clock, observe};

/// The ids of the rules that fire on a pasted text.
fn fired(text: &str, matcher: &mut Matcher<'_>) -> Vec<String> {
    let intake = firstfault_intake::read(text, None);
    let clock = Clock { evidence: intake.clock, machine: None };
    intake
        .calls
        .iter()
        .flat_map(|call| matcher.firings(&observe(call, clock)))
        .map(|firing| firing.rule.id.to_owned())
        .collect()
}

/// How many examples were run, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Checked {
    /// Examples that were run.
    pub examples: usize,
    /// Examples that do not do what they say.
    pub faults: Vec<PackError>,
}

/// Runs every example of `files`, which must be part of `knowledge`.
#[must_use]
pub fn check(files: &[SourceFile], knowledge: &Knowledge) -> Checked {
    let mut checked = Checked::default();
    // A longer phrase of another rule may rightly silence this one, but no rule may speak where it must not.
    let mut lenient = Matcher::keeping_shorter(knowledge);
    let mut strict = Matcher::new(knowledge);
    for file in files {
        if pack::special(&file.name).is_some() {
            continue;
        }
        let Ok(parsed) = pack::parse(&file.name, &file.text) else { continue };
        let rules = parsed.rule.iter().map(|r| (r.id.clone(), false, &r.matches, &r.silent));
        let tables = parsed.table.iter().map(|t| (t.id.clone(), true, &t.matches, &t.silent));
        for (id, is_table, matches, silent) in rules.chain(tables) {
            let row = format!("{id}.");
            for (examples, must) in [(matches, true), (silent, false)] {
                for example in examples {
                    checked.examples += 1;
                    let matcher = if must { &mut lenient } else { &mut strict };
                    let hit =
                        fired(example, matcher).iter().find(|f| **f == id || is_table && f.starts_with(&row)).cloned();
                    if hit.is_some() != must {
                        let shown: String =
                            example.chars().take(100).map(|c| if c.is_control() { ' ' } else { c }).collect();
                        let message = match hit {
                            None => format!("{id}: expected to fire, stayed silent on: {shown}"),
                            Some(hit) => format!("{id}: expected silence, {hit} fired on: {shown}"),
                        };
                        checked.faults.push(PackError {
                            file: file.name.clone(),
                            line: pack::line_of(&file.text, &id),
                            message,
                        });
                    }
                }
            }
        }
    }
    checked
}
