//! `firstfault explain`: look up, print.

use crate::args::{Explain, PageFormat};
use crate::exit::Exit;
use crate::rules;
use crate::{load, terminal};
use firstfault_explain::{Book, find};
use firstfault_knowledge::Knowledge;
use firstfault_redact::Redactor;
use std::io::Write as _;

/// Runs `firstfault explain`.
pub fn run(options: &Explain) -> Exit {
    match answer(options) {
        Ok((text, known)) => {
            // Printing fails only on a closed pipe, which is success.
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
            if known { Exit::Nothing } else { Exit::WrongUse }
        }
        Err(message) => {
            load::complain(&message);
            Exit::WrongUse
        }
    }
}

/// What to print, and whether anything is known of the query.
fn answer(options: &Explain) -> Result<(String, bool), String> {
    let files = Knowledge::sources_with(&rules::own(&options.common.rules)?);
    let book = Book::open(&files).map_err(|errors| rules::lines(&errors))?;
    let knowledge = rules::knowledge(&options.common.rules)?;
    // A message that is asked for may hold a secret; pages are made of packs, which hold none.
    let asked = options.query.join(" ");
    let shown = firstfault_report::one_line(&Redactor::new().text(&asked), 200);
    let found = find(&book, &knowledge, &asked);
    if found.pages.is_empty() && options.format != PageFormat::Json {
        let near = if found.near.is_empty() {
            "`firstfault explain` alone lists what can be asked".to_owned()
        } else {
            format!("near it: {}", found.near.join(", "))
        };
        return Err(format!(
            "expected a status, cause, bucket, layer, code or message that is known, got {shown:?}; {near}"
        ));
    }
    let text = match options.format {
        PageFormat::Text => firstfault_explain::text(
            &found,
            terminal::style(options.common.layout.width, options.common.layout.color, options.verbose),
        ),
        PageFormat::Json => firstfault_explain::json(&shown, &found) + "\n",
        PageFormat::Md => found.pages.iter().map(firstfault_explain::markdown).collect::<Vec<_>>().join("\n"),
    };
    Ok((text, !found.pages.is_empty()))
}
