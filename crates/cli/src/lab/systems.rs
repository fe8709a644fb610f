//! `firstfault lab`: all systems at once, until ctrl-c.

use super::args::Lab;
use super::{interrupted, print, runtime, shell};
use crate::terminal;
use firstfault_lab::systems::{self, Opened, System, alerts};
use firstfault_lab::{Ports, World};
use firstfault_report::Style;
use firstfault_report::paint::{Ink, paint, wrap};

/// Runs them.
pub fn run(lab: &Lab) -> Result<(), String> {
    let style = terminal::style(lab.common.layout.width, lab.common.layout.color, false);
    let ports = if lab.any_port { Ports::Any } else { Ports::Named };
    runtime()?.block_on(async {
        let world = World::new(ports).map_err(|error| format!("lab: {error}"))?;
        world.keep_logs();
        if lab.plain {
            let (at, _) = alerts::start(&world, alerts::Controls::Off).await.map_err(|error| error.to_string())?;
            let what = "the alerts API; key valid-key-123 in X-API-Key";
            print(&shown("alerts", what, &alerts::tries(at), style));
        } else {
            for System { name, what, start, .. } in systems::all() {
                let opened = start(world.clone())
                    .await
                    .map_err(|error| format!("{error}; end what runs there, or use --any-port"))?;
                print(&shown(name, what, &opened, style));
            }
        }
        let folder = world.folder().display();
        print(&format!("\nfiles and logs  {folder}\nstop with ctrl-c; only this machine is listened on\n"));
        interrupted().await
    })
}

/// What listens there, and what to try.
fn shown(name: &str, what: &str, opened: &Opened, style: Style) -> String {
    let mut out = format!("{}  {}\n", paint(name, Ink::Bold, style.color), opened.at);
    for line in wrap(what, style.width.saturating_sub(2)) {
        out.push_str(&format!("  {line}\n"));
    }
    for (shows, curl) in &opened.tries {
        // A command is not wrapped: it is there to be copied.
        let note = paint(&format!("# {shows}"), Ink::Dim, style.color);
        out.push_str(&format!("    {note}\n    {}\n", shell::curl(curl)));
    }
    out
}
