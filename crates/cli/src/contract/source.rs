//! Where descriptions come from: files, and the network where that is asked for.
//!
//! What a user names is read, a file or a URL. What it refers to is read when it is a file with the name of one (`.json`,
//! `.yaml`, `.yml`) and the description is a file too; what lies on other machines only with `--allow-remote`, and a
//! description from the network never reaches a file of this machine.

use crate::{load, probe};
use firstfault_contract::{Contract, Given, Source, load as contract_of};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest document from the network, and how long it may take.
const FETCHED: usize = 64 << 20;
const FETCH_TIME: Duration = Duration::from_secs(30);
/// All documents of one description together, and how many they may be.
const TOGETHER: usize = 256 << 20;
const DOCUMENTS: usize = 5_000;
/// What a document that is referred to must be called.
const ENDINGS: &[&str] = &["json", "yaml", "yml"];

/// Loads a description.
///
/// # Errors
/// Why nothing of it can be used, in one line that names it.
pub fn load(name: &str, allow_remote: bool) -> Result<Contract, String> {
    let is_remote = is_remote(name);
    let (uri, text) = if is_remote {
        (name.to_owned(), fetch(name).map_err(|message| format!("{name}: {message}"))?)
    } else if name == "-" {
        ("file:///stdin".to_owned(), load::read("-").map_err(|message| format!("-: {message}"))?.text)
    } else {
        let path = Path::new(name);
        let text = read(path).map_err(|message| format!("{name}: {message}"))?;
        let path = std::path::absolute(path).map_err(|e| format!("{name}: {}", load::reason(&e)))?;
        (uri_of(&path), text)
    };
    let mut documents = Documents { allow_remote, is_remote, bytes: text.len(), count: 1 };
    contract_of(Given { uri: &uri, name, text: &text }, &mut documents)
}

fn is_remote(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| scheme == "http" || scheme == "https")
}

/// What one description may refer to.
struct Documents {
    allow_remote: bool,
    /// Whether the description itself came from the network.
    is_remote: bool,
    bytes: usize,
    count: usize,
}

impl Source for Documents {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        let uri = uri.split('#').next().unwrap_or(uri);
        if self.count >= DOCUMENTS {
            return Err(format!("expected at most {DOCUMENTS} documents, got more"));
        }
        let text = if is_remote(uri) {
            if !self.allow_remote {
                return Err("it lies on another machine; --allow-remote fetches it".to_owned());
            }
            fetch(uri)?
        } else if let Some(path) = path_of(uri) {
            if self.is_remote {
                return Err("a description from the network may not refer to files of this machine".to_owned());
            }
            let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
            if !ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
                return Err(format!("expected a file that ends in .{}", ENDINGS.join(", .")));
            }
            read(&path)?
        } else {
            return Err("expected a reference to a file, http or https".to_owned());
        };
        self.count += 1;
        self.bytes += text.len();
        if self.bytes > TOGETHER {
            return Err(format!("expected at most {} MiB in all documents together, got more", TOGETHER >> 20));
        }
        Ok(text)
    }
}

/// A file as text. What is no plain file (a device, a pipe) is not opened.
fn read(path: &Path) -> Result<String, String> {
    let there = std::fs::metadata(path).map_err(|e| load::reason(&e))?;
    if !there.is_file() {
        return Err(format!("expected a file, got {}", if there.is_dir() { "a folder" } else { "a device or pipe" }));
    }
    let name = path.to_str().ok_or("expected a name in UTF-8")?;
    load::read(name).map(|input| input.text)
}

/// `file:` and the path, percent-encoded.
fn uri_of(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// The path of a `file:` URI.
fn path_of(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    let path = String::from_utf8(bytes).ok()?;
    // A drive of Windows: /C:/crm.yaml.
    let is_drive = matches!(path.as_bytes(), [b'/', drive, b':', b'/', ..] if drive.is_ascii_alphabetic());
    Some(PathBuf::from(if is_drive { &path[1..] } else { &path }))
}

/// A document from the network, bounded in size and time. Redirects are not followed: what is named is what is read.
fn fetch(url: &str) -> Result<String, String> {
    let mut target = probe::call::target(&[url.to_owned()])?;
    target.connect.max_time = FETCH_TIME;
    // A thread of its own: a description may be needed where a runtime runs already.
    let fetched = std::thread::scope(|scope| {
        let work = scope.spawn(|| probe::runtime()?.block_on(firstfault_probe::fetch(&target, FETCHED)));
        work.join().map_err(|_| "it could not be fetched".to_owned())
    });
    String::from_utf8(fetched??).map_err(|_| "expected text in UTF-8, got other bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(allow_remote: bool, is_remote: bool) -> Documents {
        Documents { allow_remote, is_remote, bytes: 0, count: 1 }
    }

    #[test]
    fn paths_survive_the_way_to_a_uri_and_back() {
        for path in ["/a/b.yaml", "/a b/ü%/c#d?.yaml"] {
            let uri = uri_of(Path::new(path));
            assert!(uri.is_ascii() && !uri.contains(['#', '?', ' ']), "{uri}");
            assert_eq!(path_of(&uri), Some(PathBuf::from(path)));
        }
        assert_eq!(path_of("file:///C:/a.yaml"), Some(PathBuf::from("C:/a.yaml")));
        assert_eq!(path_of("urn:x"), None);
    }

    #[test]
    fn what_is_not_allowed_is_not_read() {
        for (mut documents, uri, why) in [
            (documents(false, false), "https://e.example/a.yaml", "--allow-remote"),
            (documents(false, false), "HTTP://e.example/a.yaml", "--allow-remote"),
            (documents(true, true), "file:///etc/hosts.yaml", "may not refer to files"),
            (documents(true, false), "file:///etc/passwd", "expected a file that ends in .json"),
            (documents(true, false), "file:///no/such/file.yaml", "found nothing by that name"),
            (documents(true, false), "ftp://e.example/a.yaml", "expected a reference to"),
        ] {
            let refused = documents.fetch(uri).err().unwrap_or_default();
            assert!(refused.contains(why), "{uri}: {refused}");
        }
    }
}
