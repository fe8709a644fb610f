//! `case show`, `next`, `list`, `stats` and `check`.

use super::args::{All, Of};
use super::{Desk, PATIENCE, place, print};
use crate::args::PageFormat;
use crate::exit::Exit;
use firstfault_case::{list_document, list_text, next_text, stats_document, stats_text};
use firstfault_model::Case;
use firstfault_store::{Head, Store, StoreError};

/// Runs `firstfault case show`.
pub fn show(options: &Of) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    let number = desk.find(options.case.as_deref())?;
    desk.report(number, Vec::new(), firstfault_case::text)?;
    Ok(Exit::Nothing)
}

/// Runs `firstfault case next`.
pub fn next(options: &Of) -> Result<Exit, String> {
    let mut desk = Desk::existing(&options.shared)?;
    let number = desk.find(options.case.as_deref())?;
    desk.report(number, Vec::new(), next_text)?;
    Ok(Exit::Nothing)
}

/// Every case; none where there is no store yet.
fn heads(options: &All) -> Result<(Vec<Head>, Option<u32>), String> {
    let store = match Store::existing(&place::store(options.shared.store.as_deref())?, PATIENCE) {
        Ok(store) => store,
        Err(StoreError::Missing(_)) => return Ok((Vec::new(), None)),
        Err(error) => return Err(error.into()),
    };
    let at_hand = store.find(None, &place::who()).ok();
    Ok((store.cases()?, at_hand))
}

/// Runs `firstfault case list`.
pub fn list(options: &All) -> Result<Exit, String> {
    let (heads, at_hand) = heads(options)?;
    let cases: Vec<(Case, usize)> = heads.into_iter().map(|head| (head.case, head.pieces)).collect();
    let common = &options.shared.common;
    print(&match options.shared.format {
        PageFormat::Text => {
            list_text(&cases, at_hand, crate::terminal::style(common.layout.width, common.layout.color, false))
        }
        PageFormat::Json => list_document(&cases) + "\n",
        PageFormat::Md => return Err(no_markdown("list")),
    });
    Ok(Exit::Nothing)
}

/// Runs `firstfault case stats`.
pub fn stats(options: &All) -> Result<Exit, String> {
    let clocks: Vec<_> = heads(options)?.0.into_iter().map(|head| head.case.clock).collect();
    let common = &options.shared.common;
    print(&match options.shared.format {
        PageFormat::Text => {
            stats_text(&clocks, crate::terminal::style(common.layout.width, common.layout.color, false))
        }
        PageFormat::Json => stats_document(&clocks) + "\n",
        PageFormat::Md => return Err(no_markdown("stats")),
    });
    Ok(Exit::Nothing)
}

fn no_markdown(what: &str) -> String {
    format!("expected text or json: `case {what}` has no Markdown form")
}

/// Runs `firstfault case check`.
pub fn check(options: &All) -> Result<Exit, String> {
    let store = Store::existing(&place::store(options.shared.store.as_deref())?, PATIENCE)?;
    store.check()?;
    let cases = store.cases()?;
    // Reading each case shows what no check of the file's form can: that its values are what was written.
    for head in &cases {
        store.case(head.case.number)?;
    }
    print(&format!("{}: sound, {} cases\n", store.path().display(), cases.len()));
    Ok(Exit::Nothing)
}
