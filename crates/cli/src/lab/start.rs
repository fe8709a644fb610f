//! `firstfault lab start`: one scenario, until ctrl-c.

use super::args::Start;
use super::list::paragraph;
use super::{find, interrupted, print, runtime, shell};
use crate::terminal;
use firstfault_lab::{Ports, Scenario, Symptom, World};
use firstfault_report::Style;
use firstfault_report::paint::{Ink, paint};

/// Runs it.
pub fn run(options: &Start) -> Result<(), String> {
    let scenario = find(&options.name)?;
    let style = terminal::style(options.common.layout.width, options.common.layout.color, false);
    let ports = if options.any_port { Ports::Any } else { Ports::Named };
    runtime()?.block_on(async {
        let world = World::new(ports).map_err(|error| format!("lab: {error}"))?;
        world.keep_logs();
        let symptom = (scenario.start)(world.clone()).await.map_err(|error| error.to_string())?;
        print(&format!("{}\n", paint(scenario.name, Ink::Bold, style.color)));
        print(&told(&scenario, &symptom, style));
        for (system, at) in world.places() {
            print(&format!("  {system:9}{at}\n"));
        }
        let folder = world.folder().display();
        print(&format!(
            "\n  files and logs  {folder}\n  stop with ctrl-c; what is wrong: firstfault lab list {}\n",
            scenario.name
        ));
        interrupted().await
    })
}

/// The story, the call, and what was pasted along.
pub fn told(scenario: &Scenario, symptom: &Symptom, style: Style) -> String {
    let mut out = String::new();
    paragraph(&mut out, "", scenario.story, style);
    out.push('\n');
    if !symptom.curl.is_empty() {
        // What only the probe can do, such as asking another name server, has no command of curl.
        if symptom.probe.is_empty() {
            out.push_str(&format!("  {}\n", shell::call(symptom)));
        }
        out.push_str(&format!("  {}\n\n", shell::probe(symptom)));
    }
    for line in symptom.evidence.lines() {
        out.push_str(&format!("  | {line}\n"));
    }
    if !symptom.evidence.is_empty() {
        out.push('\n');
    }
    out
}
