//! `firstfault lab logs`: logs of three systems in which an expected chain breaks, to try `flow` and `trace` on.

use super::args::Logs;
use crate::load::reason;
use firstfault_lab::logs::{Setting, VARIANTS, variant, write};
use std::fmt::Write as _;
use std::io::Write as _;

/// How far `--skewed` sets the clocks of chat platform, gateway and CRM off, in milliseconds.
const SKEWED: [i64; 3] = [37_000, -61_000, 84_000];

/// Writes them, or lists what can be wrong.
pub fn run(options: &Logs) -> Result<(), String> {
    let Some(name) = &options.name else {
        let widest = VARIANTS.iter().map(|variant| variant.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for variant in VARIANTS {
            let _ = writeln!(text, "{:widest$}  {}", variant.name, variant.story);
        }
        return print(&text);
    };
    let variant = variant(name).ok_or_else(|| {
        let names: Vec<&str> = VARIANTS.iter().map(|variant| variant.name).collect();
        format!("expected one of {}, got {name:?}", names.join(", "))
    })?;
    let setting = Setting {
        seed: options.seed,
        chats: options.chats.clamp(2, 1_000_000),
        skew: if options.skewed { SKEWED } else { [0; 3] },
        ..Setting::default()
    };
    let logs = write(variant, &setting);
    std::fs::create_dir_all(&options.out).map_err(|e| format!("{}: {}", options.out.display(), reason(&e)))?;
    let mut text = format!("{}\n", variant.story);
    for (file, content) in &logs.files {
        let path = options.out.join(file);
        std::fs::write(&path, content).map_err(|e| format!("{}: {}", path.display(), reason(&e)))?;
        let _ = writeln!(text, "wrote {} ({} lines)", path.display(), content.lines().count());
    }
    let out = options.out.display();
    let _ = writeln!(text, "try    firstfault flow chat-to-ticket {out}/*.log");
    if let Some(id) = logs.requests.iter().find(|id| !id.is_empty()) {
        let _ = writeln!(text, "       firstfault trace {id} {out}/*.log");
    }
    print(&text)
}

fn print(text: &str) -> Result<(), String> {
    // A closed pipe is success.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}
