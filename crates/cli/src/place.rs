//! Where packs are written to and read from: a zip file or a folder.
//!
//! A pack appears whole or not at all: it is written beside its place under another name and then renamed. What is there
//! already is only replaced when it is a pack and the user says so. A folder that is read is as hostile as an archive: links,
//! folders in it and files without end are refused.

use firstfault_pack::{FILE_COUNT, FILE_LIMIT, File, TOTAL_LIMIT, is_plain_name, unzip, zip};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A place that a pack may be written to.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    is_zip: bool,
}

impl Target {
    /// Looks whether a pack may be written there, before anything is worked out.
    ///
    /// # Errors
    /// What is in the way.
    pub fn check(path: &Path, force: bool) -> Result<Self, String> {
        let shown = path.display();
        let is_zip = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        if path.file_name().is_none() {
            return Err(format!("{shown}: expected the name of a file or folder to make"));
        }
        let parent = parent(path);
        if !parent.is_dir() {
            return Err(format!("{shown}: expected the folder {} to be there", parent.display()));
        }
        let Ok(there) = fs::symlink_metadata(path) else { return Ok(Self { path: path.to_owned(), is_zip }) };
        let empty = there.is_dir() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if !empty {
            if !force {
                return Err(format!("{shown}: is there already; --force replaces a pack"));
            }
            let is_pack = (there.is_dir() != is_zip) && read(path).is_ok_and(|files| is_pack(&files));
            if !is_pack {
                return Err(format!(
                    "{shown}: is there already and is no pack of the same kind; --force replaces only those"
                ));
            }
        } else if is_zip {
            return Err(format!("{shown}: expected a place for a file, got a folder"));
        }
        Ok(Self { path: path.to_owned(), is_zip })
    }

    /// Writes the files; the number of bytes on disk.
    ///
    /// # Errors
    /// What could not be written, and why.
    pub fn write(&self, files: &[File]) -> Result<usize, String> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = |suffix: &str| parent(&self.path).join(format!(".{name}.{}.{suffix}", std::process::id()));
        let (new, old) = (beside("new"), beside("old"));
        let failed = |error: std::io::Error| format!("{}: {error}", self.path.display());
        let written = if self.is_zip {
            let bytes = zip(files)?;
            private_file(&new, &bytes).map(|()| bytes.len())
        } else {
            private_folder(&new, files)
        };
        let size = written.map_err(|error| {
            remove(&new);
            failed(error)
        })?;
        // A folder cannot be renamed onto one that has something in it.
        let aside = !self.is_zip && fs::symlink_metadata(&self.path).is_ok();
        if aside {
            fs::rename(&self.path, &old).map_err(|error| {
                remove(&new);
                failed(error)
            })?;
        }
        if let Err(error) = fs::rename(&new, &self.path) {
            remove(&new);
            if aside {
                let _ = fs::rename(&old, &self.path);
            }
            return Err(failed(error));
        }
        if aside {
            remove(&old);
        }
        Ok(size)
    }
}

/// Removes what this program has made: a file, or a folder of files.
fn remove(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn private_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn private_folder(path: &Path, files: &[File]) -> std::io::Result<usize> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    let mut size = 0;
    for file in files {
        private_file(&path.join(&file.name), &file.bytes)?;
        size += file.bytes.len();
    }
    Ok(size)
}

fn is_pack(files: &[File]) -> bool {
    // Nothing but a pack's own files, so that replacing it takes nothing else away.
    let manifest = files.iter().find(|file| file.name == "manifest.json");
    let manifest = manifest.and_then(|file| firstfault_pack::manifest(&file.bytes).ok());
    manifest.is_some_and(|manifest| {
        files.iter().all(|file| file.name == "manifest.json" || manifest.files.iter().any(|l| l.name == file.name))
    })
}

/// The files of a pack, from a zip file or a folder.
///
/// # Errors
/// Why it is no pack that can be read, in one line, without its name.
pub fn read(path: &Path) -> Result<Vec<File>, String> {
    let there = fs::metadata(path).map_err(|e| crate::load::reason(&e))?;
    if there.is_dir() {
        return folder(path);
    }
    if !there.is_file() {
        return Err("expected a zip file or a folder".to_owned());
    }
    unzip(&bounded(path, TOTAL_LIMIT)?)
}

fn folder(path: &Path) -> Result<Vec<File>, String> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(path).map_err(|e| crate::load::reason(&e))? {
        let entry = entry.map_err(|e| crate::load::reason(&e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let shown = firstfault_report::one_line(&name, 80);
        let kind = entry.file_type().map_err(|e| crate::load::reason(&e))?;
        if !kind.is_file() {
            return Err(format!("{shown}: expected a plain file, got a folder, link or device"));
        }
        if !is_plain_name(&name) {
            return Err(format!("expected plain names, got {shown}"));
        }
        names.push(name);
        if names.len() > FILE_COUNT {
            return Err(format!("expected at most {FILE_COUNT} files, got more"));
        }
    }
    names.sort();
    let mut total = 0;
    let mut files = Vec::new();
    for name in names {
        let bytes = bounded(&path.join(&name), FILE_LIMIT.min(TOTAL_LIMIT - total))
            .map_err(|message| format!("{name}: {message}"))?;
        total += bytes.len() as u64;
        files.push(File { name, bytes });
    }
    Ok(files)
}

fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let file = fs::File::open(path).map_err(|e| crate::load::reason(&e))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| crate::load::reason(&e))?;
    if bytes.len() as u64 > limit {
        return Err(format!("expected at most {} MiB, got more", limit >> 20));
    }
    Ok(bytes)
}
