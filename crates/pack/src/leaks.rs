//! The last look before anything is written: every byte of every file, once more through the redactor.
//!
//! It does not mend. What it finds got past the redaction of its part, so the pack is not to be trusted at all.

use crate::archive::File;
use firstfault_redact::Redactor;

/// Something in a file that the redactor would still replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Which rule of the redactor sees it, as far as it says.
    pub rule: String,
}

impl std::fmt::Display for Leak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

/// The most leaks that are told: one is enough to refuse.
const TOLD: usize = 20;

/// Every leak of the files, at most the first of each; with it, for our own use only, what was found. Names are looked at
/// too. `ours`: digests that this program worked out itself, which look like secrets under names such as `signature`.
#[must_use]
pub fn find(files: &[File], ours: &[&str], redactor: &mut Redactor) -> Vec<(Leak, String)> {
    let mut out = Vec::new();
    for file in files {
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        let readings = readings(&file.name, text);
        let found = readings.iter().find_map(|reading| of(reading, ours, redactor));
        out.extend(found.map(|found| found.in_file(&file.name)));
        out.extend(of(&file.name, ours, redactor).map(|found| found.in_file("(a file's name)")));
    }
    out.truncate(TOLD);
    out
}

/// The text as it stands and as its format reads it, line for line: a secret with a quote in it is written otherwise in
/// JSON and in a page. JSON and pages are only looked at as they are read: an escaped quote is part of no value.
/// What was learnt is sought in all its written forms besides.
fn readings(name: &str, text: String) -> Vec<String> {
    match name.rsplit('.').next() {
        Some("json" | "har") => vec![json(&text)],
        Some("html") => vec![unnumbered(&markup(&text))],
        Some("md") => vec![unnumbered(&markup(&text)), unnumbered(&text)],
        _ => vec![unnumbered(&text)],
    }
}

/// JSON with what its strings say instead of their escapes; a line break within a string becomes a space.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        let mut end = open + 1;
        let bytes = rest.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let Some(literal) = rest.get(open..=end) else { break };
        out.push_str(&rest[..=open]);
        match serde_json::from_str::<String>(literal) {
            Ok(said) => out.push_str(&said.replace('\n', " ")),
            Err(_) => out.push_str(&literal[1..literal.len() - 1]),
        }
        out.push('"');
        rest = &rest[end + 1..];
    }
    out + rest
}

/// Without the numbers that evidence.txt writes before lines: a header field is one at the beginning of its line only.
fn unnumbered(text: &str) -> String {
    let bare = |line: &str| -> String {
        let rest = line.trim_start_matches(' ');
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = (digits > 0 && line.len() - rest.len() + digits >= 6).then(|| rest[digits..].strip_prefix("  "));
        after.flatten().unwrap_or(line).to_owned()
    };
    text.split('\n').map(bare).collect::<Vec<_>>().join("\n")
}

/// A page or Markdown with its entities and escapes read.
fn markup(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#64;", "@"), ("&amp;", "&")]
    {
        out = out.replace(entity, character);
    }
    for character in ["`", "*", "_", "[", "]", "#", "|", "!", "~", "\\"] {
        out = out.replace(&format!("\\{character}"), character);
    }
    out
}

/// True for what a digest of ours looks like; nothing else is taken on trust.
fn is_digest(text: &str) -> bool {
    matches!(text.len(), 16 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// What was found in a text.
struct Found {
    line: usize,
    rule: &'static str,
    text: String,
}

impl Found {
    fn in_file(self, file: &str) -> (Leak, String) {
        (Leak { file: file.to_owned(), line: self.line, rule: self.rule.to_owned() }, self.text)
    }
}

/// The first leak of a text. The one place where the redactor is asked.
fn of(text: &str, ours: &[&str], redactor: &mut Redactor) -> Option<Found> {
    let mine = |found: &str| is_digest(found) && ours.contains(&found);
    let harmless = |found: &str| mine(found) || is_no_secret(found);
    let leak = redactor.leaks(text).into_iter().find(|leak| !text.get(leak.start..leak.end).is_some_and(harmless))?;
    let line = text.as_bytes().get(..leak.start)?.iter().filter(|b| **b == b'\n').count() + 1;
    Some(Found { line, rule: leak.rule, text: text.get(leak.start..leak.end).unwrap_or_default().to_owned() })
}

/// True for what stands beside a credential and can be none: a shell's variable, the name of a parameter, a scheme.
fn is_no_secret(found: &str) -> bool {
    let bare = found.trim_matches(['"', '\'', ' ', ',']);
    let name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let variable = |text: &str| name(text) && !text.bytes().any(|b| b.is_ascii_lowercase());
    bare.len() < 3
        || bare.strip_prefix('$').is_some_and(|rest| variable(rest.trim_start_matches('{').trim_end_matches('}')))
        || bare
            .strip_suffix('=')
            .is_some_and(|rest| name(rest) && rest.len() <= 16 && !rest.bytes().any(|b| b.is_ascii_digit()))
        || bare == "AWS4-HMAC-SHA256"
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_redact::Kind;

    #[test]
    fn a_planted_secret_is_found_and_never_told() {
        let secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
        let files = [File::text("a.txt", "fine\n"), File::text("b.json", format!("{{\n \"x\": \"{secret}\"\n}}\n"))];
        let leaks = find(&files, &[], &mut Redactor::new());
        assert_eq!(leaks.len(), 1);
        assert_eq!((leaks[0].0.file.as_str(), leaks[0].0.line), ("b.json", 2));
        assert!(!leaks[0].0.to_string().contains("ghp_"));
        assert!(find(&[File::text("a", "Bearer ‹token:a1›")], &[], &mut Redactor::new()).is_empty());
    }

    #[test]
    fn a_format_s_escapes_hide_nothing() {
        let mut redactor = Redactor::new();
        redactor.remember("a\"quoted<secret>_x", Kind::Token);
        let written = [
            ("a.json", "{\n\"x\": \"is a\\\"quoted<secret>_x\"}"),
            ("a.har", "[\n\"a\\u0022quoted\\u003csecret>_x\"]"),
            ("a.html", "<p>\na&quot;quoted&lt;secret&gt;_x"),
            ("a.md", "\na\"quoted&lt;secret&gt;\\_x"),
            ("a.txt", "\na\"quoted<secret>_x"),
        ];
        for (name, text) in written {
            let leaks = find(&[File::text(name, text)], &[], &mut redactor);
            assert_eq!(leaks.iter().map(|(l, _)| l.line).collect::<Vec<_>>(), [2], "{name}");
        }
        let dummy = [File::text("a.json", r#"{"x":"{\"password\":\"REDACTED\"}"}"#)];
        assert_eq!(find(&dummy, &[], &mut redactor), []);
        for text in ["$USER_SECRET\"", "username=", "token=\"", "${KEY}", "AWS4-HMAC-SHA256"] {
            assert!(is_no_secret(text), "{text}");
        }
        for text in ["hunter2", "$ecret!", "$ecret1", "dGhlIHNhbXBsZSBub25jZQ==", "c2VjcmV0MQ=", "pass=word"] {
            assert!(!is_no_secret(text), "{text}");
        }
    }

    #[test]
    fn what_was_learnt_is_found_anywhere() {
        let mut redactor = Redactor::new();
        redactor.remember("plain-looking-word", Kind::Token);
        let leaks = find(&[File::text("page.html", "<p>\n<b>plain-looking-word</b>")], &[], &mut redactor);
        assert_eq!(leaks.len(), 1);
        assert_eq!(leaks[0].0.line, 2);
    }
}
