//! What the user named → the files that are meant, in an order that does not depend on the file system.
//!
//! Patterns are expanded by the crate `glob` (kept by the Rust project, without dependencies) where no shell did it. A file
//! that is reached twice, by a link or by two names, is read once: a call that is counted twice is a wrong number.

use crate::reason;
use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Folders inside folders.
const DEPTH: usize = 64;

/// Files of one run.
const FILES: usize = 1_000_000;

/// One input.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As a person would name it.
    pub(crate) name: String,
    pub(crate) at: Where,
    /// Bytes when it was found; reading ends there, so that a file that grows is no endless one.
    pub(crate) size: u64,
    /// Seconds since 1970 of its last change.
    pub(crate) changed: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Where {
    File(PathBuf),
    /// Something that is no regular file: a pipe or a device.
    Pipe(PathBuf),
    Standard,
    /// It could not be reached, and why.
    Nowhere(String),
}

/// All files that are meant.
pub(crate) fn expand(names: &[String]) -> Vec<Source> {
    let mut found = Found::default();
    for name in names {
        found.name(name);
    }
    found.sources
}

/// The year of the newest file, for times without one.
pub(crate) fn year(sources: &[Source]) -> Option<i32> {
    let newest = sources.iter().map(|s| s.changed).max().filter(|seconds| *seconds > 0)?;
    let (mut year, mut days) = (1970, newest / 86_400);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = if leap { 366 } else { 365 };
        if days < length || year > 9999 {
            return Some(year);
        }
        days -= length;
        year += 1;
    }
}

#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    /// Files and folders that were seen, as the file system tells them apart.
    seen: BTreeSet<Identity>,
    full: bool,
}

#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(_: &Path, metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Option<Identity> {
    path.canonicalize().ok()
}

impl Found {
    fn name(&mut self, name: &str) {
        if name == "-" {
            if !self.sources.iter().any(|s| matches!(s.at, Where::Standard)) {
                self.add("-", Where::Standard, 0, 0);
            }
            return;
        }
        let path = Path::new(name);
        match std::fs::metadata(path) {
            Ok(metadata) => self.path(path, &metadata, 0),
            Err(_) if name.contains(['*', '?', '[']) => self.pattern(name),
            Err(error) => self.add(name, Where::Nowhere(reason(&error)), 0, 0),
        }
    }

    fn pattern(&mut self, name: &str) {
        let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
        let before = self.sources.len();
        match glob::glob_with(name, options) {
            Ok(paths) => {
                let mut any = false;
                for path in paths.take(FILES).flatten() {
                    any = true;
                    match std::fs::metadata(&path) {
                        // A pattern names files; `logs/**` names those of all folders by itself.
                        Ok(metadata) if metadata.is_dir() => {}
                        Ok(metadata) => self.path(&path, &metadata, 0),
                        Err(error) => self.add(&path.to_string_lossy(), Where::Nowhere(reason(&error)), 0, 0),
                    }
                }
                if self.sources.len() == before && !any {
                    self.add(name, Where::Nowhere("no file matches this pattern".to_owned()), 0, 0);
                }
            }
            Err(error) => self.add(name, Where::Nowhere(format!("is no pattern: {error}")), 0, 0),
        }
    }

    fn path(&mut self, path: &Path, metadata: &Metadata, depth: usize) {
        let name = path.to_string_lossy();
        let pipe = !metadata.is_dir() && !metadata.is_file();
        if !pipe && identity(path, metadata).is_some_and(|i| !self.seen.insert(i)) {
            return;
        }
        if metadata.is_dir() {
            self.folder(path, depth);
        } else if pipe {
            self.add(&name, Where::Pipe(path.to_owned()), 0, 0);
        } else {
            let changed =
                metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_secs());
            self.add(&name, Where::File(path.to_owned()), metadata.len(), changed);
        }
    }

    fn folder(&mut self, path: &Path, depth: usize) {
        let name = path.to_string_lossy();
        if depth >= DEPTH {
            return self.add(&name, Where::Nowhere(format!("folders nested deeper than {DEPTH} are not read")), 0, 0);
        }
        let mut entries: Vec<PathBuf> = match std::fs::read_dir(path) {
            Ok(entries) => entries.filter_map(Result::ok).map(|e| e.path()).collect(),
            Err(error) => return self.add(&name, Where::Nowhere(reason(&error)), 0, 0),
        };
        entries.retain(|p| p.file_name().is_some_and(|n| !n.as_encoded_bytes().starts_with(b".")));
        entries.sort();
        let before = self.sources.len();
        for entry in &entries {
            match std::fs::metadata(entry) {
                // Pipes and sockets in a folder were put there for others: reading them could wait for ever.
                Ok(metadata) if metadata.is_dir() || metadata.is_file() => self.path(entry, &metadata, depth + 1),
                Ok(_) => {}
                Err(error) => self.add(&entry.to_string_lossy(), Where::Nowhere(reason(&error)), 0, 0),
            }
        }
        if depth == 0 && self.sources.len() == before {
            self.add(&name, Where::Nowhere("the folder has no files that are not hidden".to_owned()), 0, 0);
        }
    }

    fn add(&mut self, name: &str, at: Where, size: u64, changed: u64) {
        if self.sources.len() < FILES {
            self.sources.push(Source { name: name.to_owned(), at, size, changed });
        } else if !self.full {
            self.full = true;
            let problem = format!("more than {FILES} files: the rest is not read");
            self.sources.push(Source { name: name.to_owned(), at: Where::Nowhere(problem), size: 0, changed: 0 });
        }
    }
}
