//! Lines at which whatever was being read ends: prompts, fences, separators, comments, log lines.
//!
//! This file refuses to know what was being read.

use super::start_line;
use crate::lines::Lines;

/// True when line `at` cannot be part of a message's body: the next message, a shell prompt, a Markdown
/// fence, a separator or a comment.
pub(crate) fn ends_message(lines: &Lines<'_>, at: usize, in_prose: bool) -> bool {
    let Some(line) = lines.0.get(at) else { return true };
    let text = line.text.trim();
    (line.prose && !in_prose)
        || is_fence(text)
        || is_separator(text)
        || is_comment(text)
        || start_line::status_line(text).is_some()
        || start_line::request_line(text).is_some()
        || prompt(text).is_some()
        || text.starts_with("curl: (")
}

/// A line that begins or ends a Markdown code block.
pub(crate) fn is_fence(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("```") || text.starts_with("~~~")
}

/// `---`, `===`, `***`, also with a title: `--- server log`, `==> app.log <==`, `=== RESPONSE ===`.
pub(crate) fn is_separator(text: &str) -> bool {
    let text = text.trim();
    let Some(&first) = text.as_bytes().first().filter(|b| matches!(b, b'-' | b'=' | b'*' | b'_')) else { return false };
    let run = text.bytes().take(4).take_while(|&b| b == first).count();
    if first == b'=' && text.starts_with("==> ") {
        return true;
    }
    if run < 3 {
        return false;
    }
    let rest = text.trim_start_matches(char::from(first));
    // A multipart boundary or PEM armour goes on without a space.
    rest.is_empty() || rest.starts_with(' ')
}

/// `# …`, `## …`, `// …` at the beginning of a line.
pub(crate) fn is_comment(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("# ") || text.starts_with("##") || text.starts_with("// ") || text == "#"
}

/// A line of a log, a traceback or another program: never the second paragraph of a body.
pub(crate) fn is_log_line(text: &str) -> bool {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let digits = |from: usize, n: usize| bytes.get(from..from + n).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let open = usize::from(matches!(at(0), b'[' | b'('));
    // 2024-05-01, 2024/05/01, 10:12:44, [Tue Apr 24 …], Oct 11 22:14:15, <34>, I0704 17:28:00, 10.0.0.1 - -
    (digits(open, 4) && matches!(at(open + 4), b'-' | b'/') && digits(open + 5, 2))
        || (digits(open, 2) && at(open + 2) == b':' && digits(open + 3, 2))
        || (open == 1
            && text
                .get(1..5)
                .is_some_and(|day| ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "].contains(&day)))
        || (text.get(..4).is_some_and(|month| MONTHS.contains(&month)) && digits(7, 2) && at(9) == b':')
        || (at(0) == b'<' && (digits(1, 1)) && contains_within(text, ">", 6))
        || (matches!(at(0), b'I' | b'W' | b'E' | b'F') && digits(1, 4) && at(5) == b' ' && digits(6, 2))
        || (digits(0, 1)
            && bytes.iter().take(60).filter(|b| **b == b'.').count() >= 3
            && contains_within(text, " - ", 60))
        || text.starts_with("time=\"")
        || text.starts_with("level=")
        || text.starts_with("Traceback (")
        || text.starts_with("Caused by:")
        || text.starts_with("{\"level\"")
        || text.starts_with("{\"time\"")
        || text.starts_with("{\"timestamp\"")
        || ["[error]", "[warn]", "[info]", "[debug]", "[notice]", "[ERROR]", "[WARN]", "[INFO]", "[DEBUG]"]
            .iter()
            .any(|level| text.starts_with(level))
}

/// The command behind a shell prompt: `$ ls`, `me@host:~/src$ ls`, `[root@host ~]# ls`, `PS C:\> dir`.
///
/// A lone `# …` is a comment rather than root's prompt unless a user or path stands before it.
pub(crate) fn prompt(text: &str) -> Option<&str> {
    let text = text.trim_start();
    for sign in ["❯ ", "➜ ", "$ ", "% "] {
        if let Some(command) = text.strip_prefix(sign) {
            return Some(command.trim());
        }
    }
    // A prompt is short: only the first bytes are looked at.
    let mut end = text.len().min(100);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    for (at, byte) in head.bytes().enumerate() {
        if !matches!(byte, b'$' | b'#' | b'%' | b'>' | b'"' | b'{' | b'<') {
            continue;
        }
        // Those are ASCII, so this is a character boundary.
        let before = &head[..at];
        let shell = matches!(byte, b'$' | b'#' | b'%') && is_unix_prompt(before);
        let windows = byte == b'>' && is_windows_prompt(before);
        let next = text.as_bytes().get(at + 1);
        if (shell && next.is_none_or(|b| *b == b' ')) || windows {
            return Some(text[at + 1..].trim());
        }
        if byte == b'"' || byte == b'{' || byte == b'<' {
            return None;
        }
    }
    None
}

/// Finds `needle` in the first `limit` bytes.
pub(crate) fn contains_within(text: &str, needle: &str, limit: usize) -> bool {
    let bytes = text.as_bytes();
    bytes[..bytes.len().min(limit)].windows(needle.len().max(1)).any(|window| window == needle.as_bytes())
}

const MONTHS: &[&str] =
    &["Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "];

fn is_unix_prompt(before: &str) -> bool {
    let trimmed = before.trim_end();
    if trimmed.is_empty() {
        return false;
    }
    let plain = |s: &str| s.chars().all(|c| c.is_alphanumeric() || "_-.:~/@()[]+ ➜✗*".contains(c));
    if !plain(trimmed) || trimmed.split(' ').count() > 5 {
        return false;
    }
    // user@host…, bash-4.2, /app, ~, host:dir user
    let first = trimmed.trim_start_matches(['(', '[']);
    (trimmed.contains('@') && !trimmed.contains(", "))
        || first.starts_with("bash-")
        || first.starts_with("sh-")
        || ((first.starts_with('/') || first.starts_with('~')) && !trimmed.contains(' '))
        || (first.contains(":~") || first.contains(":/"))
}

fn is_windows_prompt(before: &str) -> bool {
    let path = before.strip_prefix("PS ").unwrap_or(before);
    let bytes = path.as_bytes();
    bytes.len() >= 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts() {
        for (text, expected) in [
            ("$ curl -v x", Some("curl -v x")),
            ("me@host:~/src$ ls", Some("ls")),
            ("root@web-1:/# curl -i x", Some("curl -i x")),
            ("[root@host ~]# id", Some("id")),
            ("pi@raspberrypi:~ $ uptime", Some("uptime")),
            ("/ # wget x", Some("wget x")),
            ("bash-4.2$ env", Some("env")),
            ("C:\\> openssl version", Some("openssl version")),
            ("PS C:\\Users\\me> curl.exe x", Some("curl.exe x")),
            ("macbook:~ me$ date", Some("date")),
            ("# a comment", None),
            ("costs 5 $ each", None),
            ("{\"a\": \"user@host$ \"}", None),
            ("<p>me@host $ x</p>", None),
            ("", None),
        ] {
            assert_eq!(prompt(text), expected, "{text}");
        }
    }

    #[test]
    fn log_lines() {
        for text in [
            "2024-05-01 10:00:00 ERROR x",
            "[Tue Apr 24 14:35:07.971403 2018] [proxy:error]",
            "10:12:44 x",
            "Oct 11 22:14:15 host app[1]: x",
            "I0704 17:28:00.800884 x",
            "10.0.0.1 - - [01/Jul/2023]",
            "[2024-11-22T07:19:31Z] \"GET\"",
        ] {
            assert!(is_log_line(text), "{text}");
        }
        for text in ["no healthy upstream", "[1, 2]", "<html>", "404 page not found", "Ågren", ""] {
            assert!(!is_log_line(text), "{text}");
        }
    }

    #[test]
    fn separators() {
        for text in ["---", "=====", "--- server log", "==> app.log <==", "***"] {
            assert!(is_separator(text), "{text}");
        }
        for text in ["------WebKitFormBoundary7MA", "-----BEGIN CERTIFICATE-----", "--", "* item", "=> x"] {
            assert!(!is_separator(text), "{text}");
        }
    }
}
