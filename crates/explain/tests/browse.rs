//! `docs/knowledge/` is what the packs say today. `cargo xtask knowledge` writes it.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firstfault_explain::{Book, browse};
use firstfault_knowledge::Knowledge;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn the_browsable_knowledge_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/knowledge");
    let book = Book::open(&Knowledge::builtin_sources()).unwrap();
    let files = browse(&book);
    let wanted: BTreeSet<PathBuf> = files.iter().map(|(path, _)| root.join(path)).collect();
    if std::env::var_os("FIRSTFAULT_UPDATE").is_some() {
        for old in there(&root).into_iter().filter(|path| !wanted.contains(path)) {
            std::fs::remove_file(old).unwrap();
        }
        for (path, text) in &files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    for (path, text) in &files {
        let found = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(found == *text, "docs/knowledge/{path} is not what the packs say: run `cargo xtask knowledge`");
    }
    let left: Vec<PathBuf> = there(&root).into_iter().filter(|path| !wanted.contains(path)).collect();
    assert!(left.is_empty(), "no pack stands behind {left:?}: run `cargo xtask knowledge`");
}

/// Every file of a folder and below.
fn there(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}
