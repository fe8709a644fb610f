//! Reads inputs: files, standard input, arguments. Bounded, and with errors that say what, where and why.

#![expect(clippy::print_stderr, reason = "this is the edge that speaks to people")]

use firstfault_redact::Redactor;
use std::io::Read as _;

/// The largest input that is read whole. Logs beyond it belong to `triage`.
pub const INPUT_LIMIT: u64 = 1 << 30;

/// One input.
#[derive(Debug)]
pub struct Input {
    /// As the user named it.
    pub name: String,
    /// Its text; bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// Says something on standard error. A message may quote what was typed, so it passes the redactor like everything else.
pub fn complain(message: &str) {
    eprintln!("firstfault: {}", safe(&mut Redactor::new(), message));
}

/// Says what is wrong with the command line, as whoever read it words it. An argument is quoted there without what stood
/// around it, so the secrets of all of them are learnt first.
pub fn refuse(message: &str) {
    let mut redactor = Redactor::new();
    for argument in std::env::args().skip(1) {
        redactor.learn_text(&argument);
    }
    eprint!("{}", safe(&mut redactor, message));
}

fn safe(redactor: &mut Redactor, message: &str) -> String {
    let text = redactor.text(message);
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Says lines on standard error that are no complaint.
pub fn say(lines: &str) {
    eprint!("{lines}");
}

/// Reads one input: `-` is standard input, an existing path is a file, and what can be no path is the text itself.
///
/// # Errors
/// Why it could not be read, in one line, without its name.
pub fn read(name: &str) -> Result<Input, String> {
    if name == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(INPUT_LIMIT + 1).read_to_end(&mut bytes).map_err(|e| reason(&e))?;
        return decode("-", bytes);
    }
    if !std::path::Path::new(name).exists() && (name.contains(['\n', '{', ' ']) || name.contains("://")) {
        return Ok(Input { name: "argument".to_owned(), text: name.to_owned() });
    }
    let file = std::fs::File::open(name).map_err(|e| reason(&e))?;
    let size = file.metadata().map(|m| m.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(INPUT_LIMIT)).unwrap_or(0));
    file.take(INPUT_LIMIT + 1).read_to_end(&mut bytes).map_err(|e| reason(&e))?;
    decode(name, bytes)
}

/// Opens one input to be read piece by piece: `-` is standard input, anything else a file.
///
/// # Errors
/// Why it could not be opened, in one line, without its name.
pub fn open(name: &str) -> Result<Box<dyn std::io::Read + Send>, String> {
    if name == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = std::fs::File::open(name).map_err(|e| reason(&e))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        return Err("expected a file, got a folder".to_owned());
    }
    Ok(Box::new(file))
}

fn decode(name: &str, bytes: Vec<u8>) -> Result<Input, String> {
    if bytes.len() as u64 > INPUT_LIMIT {
        return Err(format!("expected at most {} MiB, got more", INPUT_LIMIT >> 20));
    }
    for (magic, what) in [
        (&b"\x1f\x8b"[..], "gzip"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
    ] {
        if bytes.starts_with(magic) {
            return Err(format!("expected text, got {what}: unpack or copy its text first"));
        }
    }
    let bytes = match utf16(&bytes) {
        Some(text) => return Ok(Input { name: name.to_owned(), text }),
        None => bytes,
    };
    let looked_at = &bytes[..bytes.len().min(8192)];
    let control = looked_at.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
    if control * 10 > looked_at.len() && !looked_at.is_empty() {
        return Err("expected text (curl output, HTTP, HAR, logs, an exception), got binary data".to_owned());
    }
    let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    let text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(Input { name: name.to_owned(), text })
}

/// PowerShell's `>` writes UTF-16 with a byte-order mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (body, little) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, true),
        [0xfe, 0xff, rest @ ..] => (rest, false),
        _ => return None,
    };
    let units = body
        .chunks_exact(2)
        .map(|c| if little { u16::from_le_bytes([c[0], c[1]]) } else { u16::from_be_bytes([c[0], c[1]]) });
    Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The reason without the operating system's number.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "expected a file, found nothing by that name".to_owned(),
        std::io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        std::io::ErrorKind::IsADirectory => "expected a file, got a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// The knowledge packs of a folder, for `--rules`: every `.toml` in it and below, in order of name.
///
/// # Errors
/// What could not be read and why.
pub fn packs(folder: &std::path::Path) -> Result<Vec<firstfault_knowledge::SourceFile>, String> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {}", folder.display(), reason(&e)))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {}", path.display(), reason(&e)))?;
                out.push(firstfault_knowledge::SourceFile { name: path.display().to_string(), text });
            }
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    if out.is_empty() {
        return Err(format!("{}: expected at least one .toml file, found none", folder.display()));
    }
    Ok(out)
}
