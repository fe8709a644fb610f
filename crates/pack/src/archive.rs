//! Files ⇄ the bytes of a zip archive, in memory.
//!
//! An archive that comes in is hostile: names, counts and sizes are bounded before anything is unpacked, and an entry
//! that is no plain file of a plain name is refused. This file refuses to know what a pack means.

use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// The most files of a pack.
pub const FILE_COUNT: usize = 32;
/// The most bytes of one file.
pub const FILE_LIMIT: u64 = 16 << 20;
/// The most bytes of all files together, and of the archive.
pub const TOTAL_LIMIT: u64 = 48 << 20;

/// One file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without any folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    /// A file of text.
    #[must_use]
    pub fn text(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), bytes: text.into().into_bytes() }
    }
}

/// True for a name that a pack's file may have: letters, digits, dots and hyphens, no folder, nothing hidden.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// The bytes of a zip archive of `files`, in their order. The same files give the same bytes: every entry has the
/// time 1980-01-01, the mode 0600 and no owner.
///
/// # Errors
/// Why it could not be written, which only a file over the limits of the format makes happen.
pub fn zip(files: &[File]) -> Result<Vec<u8>, String> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        writer.start_file(file.name.as_str(), options).map_err(|e| e.to_string())?;
        writer.write_all(&file.bytes).map_err(|e| e.to_string())?;
    }
    writer.finish().map(Cursor::into_inner).map_err(|e| e.to_string())
}

/// The files of a zip archive.
///
/// # Errors
/// What is wrong with it, in words with what was expected and got.
pub fn unzip(bytes: &[u8]) -> Result<Vec<File>, String> {
    if bytes.len() as u64 > TOTAL_LIMIT {
        return Err(format!("expected at most {} MiB, got more", TOTAL_LIMIT >> 20));
    }
    let told = directory(bytes)?;
    if told > FILE_COUNT {
        return Err(format!("expected at most {FILE_COUNT} files, got {told}"));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| format!("expected a zip archive: {e}"))?;
    if archive.len() != told {
        return Err(format!("expected {told} different names, got {}", archive.len()));
    }
    let mut files: Vec<File> = Vec::new();
    let mut total = 0;
    for number in 0..archive.len() {
        let entry = archive.by_index(number).map_err(|e| format!("entry {}: {e}", number + 1))?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let shown = format!("{:?}", name.chars().take(80).collect::<String>());
        if !is_plain_name(&name) {
            return Err(format!("expected the name of a file without folders, got {shown}"));
        }
        // The type bits of the mode: 0o100000 is a regular file, and none at all is one too.
        if !entry.is_file() || entry.unix_mode().is_some_and(|mode| !matches!(mode & 0o170_000, 0 | 0o100_000)) {
            return Err(format!("{shown}: expected a plain file, got a folder, link or device"));
        }
        if files.iter().any(|file| file.name.eq_ignore_ascii_case(&name)) {
            return Err(format!("{shown}: expected each name once"));
        }
        let room = FILE_LIMIT.min(TOTAL_LIMIT - total);
        let mut unpacked = Vec::new();
        entry.take(room + 1).read_to_end(&mut unpacked).map_err(|e| format!("{shown}: {e}"))?;
        total += unpacked.len() as u64;
        if unpacked.len() as u64 > room {
            return Err(format!(
                "{shown}: expected at most {} MiB a file and {} MiB together, got more",
                FILE_LIMIT >> 20,
                TOTAL_LIMIT >> 20
            ));
        }
        files.push(File { name, bytes: unpacked });
    }
    Ok(files)
}

/// How many entries the archive's directory says there are. Read by hand, because a reader that keeps entries by name
/// shows the last of several of one name, and another unpacker the first.
fn directory(bytes: &[u8]) -> Result<usize, String> {
    const END: &[u8] = b"PK\x05\x06";
    let refused = || "expected a zip archive that begins with its first file and ends with its directory".to_owned();
    let end = bytes.len().checked_sub(22).ok_or_else(refused)?;
    let record = &bytes[end..];
    if !record.starts_with(END) || !bytes.starts_with(b"PK") {
        return Err(refused());
    }
    let number = |at: usize| usize::from(u16::from_le_bytes([record[at], record[at + 1]]));
    if number(8) != number(10) || number(4) != 0 || number(6) != 0 {
        return Err("expected an archive in one part".to_owned());
    }
    Ok(number(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, options: SimpleFileOptions, bytes: &[u8]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, options).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn files_come_back_and_the_bytes_are_the_same_each_time() {
        let files = vec![File::text("a.txt", "one"), File::text("b.json", "{}")];
        let bytes = zip(&files).unwrap();
        assert_eq!(bytes, zip(&files).unwrap());
        assert_eq!(unzip(&bytes).unwrap(), files);
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["../a", "/etc/passwd", "a/b", "..", "C:\\a", ".bashrc", "a\nb", "", "\u{1b}[2J", "a."] {
            let refused = unzip(&entry(name, SimpleFileOptions::default(), b"x")).unwrap_err();
            assert!(refused.contains("without folders") || refused.contains("plain file"), "{name:?}: {refused}");
            assert!(!refused.contains('\u{1b}'));
        }
    }

    #[test]
    fn links_bombs_and_trash_are_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.add_symlink("a", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        assert!(unzip(&writer.finish().unwrap().into_inner()).unwrap_err().contains("plain file"));

        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let bomb = entry("a", options, &vec![0; usize::try_from(FILE_LIMIT).unwrap() + 1]);
        assert!(bomb.len() < 1 << 20);
        assert!(unzip(&bomb).unwrap_err().contains("at most 16 MiB"));

        let many: Vec<File> = (0..=FILE_COUNT).map(|n| File::text(&format!("f{n}"), "x")).collect();
        assert!(unzip(&zip(&many).unwrap()).unwrap_err().contains("at most 32 files"));

        let good = zip(&[File::text("a", "x")]).unwrap();
        for cut in 0..good.len() {
            assert!(unzip(&good[..cut]).is_err(), "{cut}");
        }
        assert!(unzip(&[b"#!/bin/sh\n", &good[..]].concat()).is_err());
        assert!(unzip(&[&good[..], b"more"].concat()).is_err());
    }

    #[test]
    fn one_name_twice_is_refused() {
        let mut bytes = zip(&[File::text("a1", "x"), File::text("a2", "y")]).unwrap();
        for at in 0..bytes.len() - 1 {
            if &bytes[at..at + 2] == b"a2" {
                bytes[at + 1] = b'1';
            }
        }
        assert!(unzip(&bytes).is_err());
    }
}
