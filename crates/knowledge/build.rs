//! Compiles the packs under `knowledge/` into the block of bytes that the crate embeds.

#![expect(clippy::expect_used, reason = "this is how a build script stops")]

#[path = "src/compile.rs"]
mod compile;
#[path = "src/compiled.rs"]
mod compiled;
#[path = "src/layout.rs"]
mod layout;
#[path = "src/pack.rs"]
#[allow(dead_code, reason = "the build compiles packs, `explain` reads the rest of them")]
mod pack;
#[path = "src/phrase.rs"]
#[allow(dead_code, reason = "the build compiles phrases, the crate finds them")]
mod phrase;
#[path = "src/words.rs"]
#[allow(dead_code, reason = "the build hashes words, the crate cuts text")]
mod words;

use std::path::{Path, PathBuf};

fn main() {
    // Asked when it runs: a target folder shared by two clones may hold the script that was built in the other.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let root = Path::new(&manifest).join("../../knowledge");
    // Relative to the package: with an absolute path, a target folder shared by two clones would watch the other one.
    println!("cargo::rerun-if-changed=../../knowledge");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let files: Vec<compile::SourceFile> = paths
        .iter()
        .map(|path| compile::SourceFile {
            name: path.strip_prefix(&root).expect("under the root").display().to_string(),
            text: std::fs::read_to_string(path).expect("a pack is UTF-8"),
        })
        .collect();
    match compile::compile(&files) {
        Ok(block) => {
            let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("knowledge.bin");
            std::fs::write(&out, block.to_bytes()).expect("OUT_DIR is writable");
            // The sources too: a user's own packs are compiled together with them.
            let sources: Vec<(&str, &str)> = files.iter().map(|f| (f.name.as_str(), f.text.as_str())).collect();
            let bytes = postcard::to_stdvec(&sources).expect("plain strings");
            std::fs::write(out.with_file_name("sources.bin"), bytes).expect("OUT_DIR is writable");
        }
        Err(errors) => {
            for error in errors.iter().take(50) {
                println!("cargo::error=knowledge/{error}");
            }
            std::process::exit(1);
        }
    }
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("knowledge/ is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            // Flow files are no packs: `triage` embeds them.
            if !path.ends_with("flows") {
                collect(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "toml") {
            out.push(path);
        }
    }
}
