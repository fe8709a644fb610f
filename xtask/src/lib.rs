//! What `cargo xtask tidy` holds the repository to, so that ARCHITECTURE.md and the house rules stay true.
//!
//! It reads manifests, documents and source as text and refuses to know what the code does.

mod manifests;
mod sources;

use std::path::{Path, PathBuf};

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// Every fault of the repository at `root`, as `file:line: message` where there is a line.
///
/// # Errors
/// When the repository cannot be read, or cargo does not know it as a workspace.
pub fn tidy(root: &Path) -> Result<Vec<String>, String> {
    let architecture = read(&root.join("ARCHITECTURE.md"))?;
    let mut faults = manifests::check(root, &architecture)?;
    faults.extend(sources::check(root)?);
    Ok(faults)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The rows of the Markdown table whose first column is called `first`, cells trimmed, without its two head lines.
fn table<'a>(markdown: &'a str, first: &str) -> Vec<Vec<&'a str>> {
    let cells = |line: &'a str| -> Vec<&'a str> { line.trim().trim_matches('|').split('|').map(str::trim).collect() };
    markdown
        .lines()
        .skip_while(|line| !line.starts_with('|') || cells(line).first() != Some(&first))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .collect()
}
