//! `firstfault verify`: is a pack as it was made, and does its verdict follow from what is in it?

use crate::args::{Verify, VerifyFormat};
use crate::exit::Exit;
use crate::{load, place, rules};
use firstfault_pack::{Finding, Verification};
use std::io::Write as _;

/// Runs `firstfault verify`.
pub fn run(options: &Verify) -> Exit {
    let found = match verified(options) {
        Ok(found) => found,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let printed = match options.format {
        VerifyFormat::Text => text(&found),
        VerifyFormat::Json => serde_json::to_string_pretty(&found).unwrap_or_default() + "\n",
    };
    // Printing fails only on a closed pipe, which is success.
    let _ = std::io::stdout().lock().write_all(printed.as_bytes());
    match found.result {
        Finding::Same => Exit::Nothing,
        Finding::Differs => Exit::Diagnosed,
        Finding::Tampered => Exit::WrongUse,
    }
}

fn verified(options: &Verify) -> Result<Verification, String> {
    let shown = firstfault_report::one_line(&options.pack.display().to_string(), 200);
    let knowledge = rules::knowledge(&options.rules)?;
    let edition = rules::edition(&options.rules, &knowledge)?;
    let name = options.pack.display().to_string();
    match place::read(&options.pack) {
        Ok(files) => Ok(firstfault_pack::verify(&name, &files, &knowledge, &edition)),
        // A program that asked for JSON gets JSON, also for a pack that cannot be read.
        Err(message) if options.format == VerifyFormat::Json => Ok(Verification::unreadable(&name, &message)),
        Err(message) => Err(format!("{shown}: {message}")),
    }
}

fn text(found: &Verification) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    match found.result {
        Finding::Tampered => {
            line(&format!("✗ {}: no pack, or not as it was made", found.pack));
            found.faults.iter().for_each(|fault| line(&format!("  {fault}")));
            return out;
        }
        Finding::Same => line(&format!("✓ {}: as it was made, and the same verdict again", found.pack)),
        Finding::Differs => line(&format!("✗ {}: as it was made, but another verdict", found.pack)),
    }
    found.headline.iter().for_each(|headline| line(&format!("  {headline}")));
    for (word, outcome) in [("recorded", &found.recorded), ("judged here", &found.judged)] {
        if let Some(o) = outcome {
            line(&format!(
                "  {word:<12} {} · failed first: {} · {} {:.0}%",
                o.bucket,
                o.layer,
                o.cause,
                o.probability * 100.0
            ));
        }
    }
    if let Some(knowledge) = &found.knowledge {
        line(if knowledge.same {
            "  knowledge    the same as then"
        } else {
            "  knowledge    another than then: that alone can change a verdict"
        });
    }
    found.made.iter().for_each(|made| line(&format!("  made         {made}")));
    found.digest.iter().for_each(|digest| line(&format!("  sha256       {digest}")));
    line(&format!("  files        {}, each with the SHA-256 that the manifest lists", found.files));
    if !found.open.is_empty() {
        line(&format!("  open         {} questions: see report.md, Still to collect", found.open.len()));
    }
    out
}
