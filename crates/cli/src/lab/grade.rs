//! `firstfault lab grade`: how right the probe is, on failures whose truth is known.

use super::args::{Grade as Options, ListFormat};
use crate::exit::Exit;
use crate::load;
use firstfault_grade::{Grade, Graded};
use firstfault_investigate::Order;
use firstfault_lab::Scenario;
use std::io::{IsTerminal as _, Write as _};

/// Runs `firstfault lab grade`. A wrong verdict is no failure of the command: it is what is measured.
pub fn run(options: &Options) -> Exit {
    let chosen = |scenario: &Scenario| {
        let family = scenario.family.word();
        options.only.is_empty()
            || options.only.iter().any(|only| scenario.name.starts_with(only.as_str()) || family == only)
    };
    let scenarios: Vec<Scenario> = firstfault_lab::scenarios::all().into_iter().filter(chosen).collect();
    if scenarios.is_empty() {
        load::complain("expected the beginning of a scenario's name, or a family; `firstfault lab list` has them all");
        return Exit::WrongUse;
    }
    let knowledge = match crate::rules::knowledge(&options.rules) {
        Ok(knowledge) => knowledge,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let grade = |title: &str, order: Order| -> Vec<Graded> {
        let all = scenarios.len();
        let terminal = std::io::stderr().is_terminal();
        let progress = |done: usize| {
            if terminal {
                load::say(&format!("\r{title}: {done} of {all} scenarios{}", if done == all { "\n" } else { "" }));
            }
        };
        firstfault_grade::grade(&scenarios, order, options.jobs, &knowledge, &progress)
    };
    let (fixed, random) = if options.quick {
        (Vec::new(), Vec::new())
    } else {
        (grade("fixed checklist", Order::Fixed), grade("random order", Order::Random(options.seed)))
    };
    let graded = Grade { chosen: grade("chosen order", Order::Chosen), fixed, random };
    let printed = match options.format {
        ListFormat::Text => firstfault_grade::text(&graded),
        ListFormat::Json => firstfault_grade::json(&graded) + "\n",
    };
    // A closed pipe is success.
    let _ = std::io::stdout().lock().write_all(printed.as_bytes());
    Exit::Nothing
}
