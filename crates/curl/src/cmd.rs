//! Words of one command as Windows cuts them: first `cmd.exe` (carets, quotes, `&|<>`), then the C runtime
//! (backslashes before quotes, doubled quotes), and browsers' "Copy as cURL (cmd)" in both of its styles.
//!
//! This file refuses to know what the words mean.

use crate::posix::Words;

/// Cuts the command at the start of `text`.
pub(crate) fn words(text: &str) -> Words {
    let (line, end) = command_line(text);
    Words { words: arguments(&line), end, ..Words::default() }
}

/// What `cmd.exe` hands to the program, and where the command ends.
fn command_line(text: &str) -> (String, usize) {
    // Older browsers opened with a bare quote and wrote carets inside; in newer ones every quote has its caret.
    let has = |part: &str| text.contains(part);
    let bare_style = !has(" ^\"") && (has("^\\^\"") || has("\"^{") || has("\"^["));
    let mut line = String::new();
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '^' if !quoted => {
                if chars.peek().is_some_and(|(_, next)| *next == '\r') {
                    chars.next();
                }
                match chars.next() {
                    // The line goes on, and what comes next is taken as it is.
                    Some((_, '\n')) => {
                        if chars.peek().is_some_and(|(_, next)| *next == '\r') {
                            chars.next();
                        }
                        match chars.peek() {
                            Some((_, '^')) | None => {}
                            Some(_) => line.extend(chars.next().map(|(_, next)| next)),
                        }
                    }
                    Some((_, next)) => line.push(next),
                    None => {}
                }
            }
            '"' => {
                quoted = !quoted && !bare_style;
                line.push('"');
            }
            '\r' if chars.peek().is_some_and(|(_, next)| *next == '\n') => {}
            '\n' => return (line, at),
            '&' | '|' | '<' | '>' if !(quoted || bare_style && inside(&line)) => {
                // `2>&1`: the digit belongs to the redirection.
                if c == '>' && (line.ends_with(" 1") || line.ends_with(" 2")) {
                    line.pop();
                }
                return (line, at);
            }
            c => line.push(c),
        }
    }
    (line, text.len())
}

/// True when an odd number of bare quotes stands in `line`; only asked for separators, which are rare.
fn inside(line: &str) -> bool {
    let tail = line.as_bytes();
    let mut odd = false;
    for (i, byte) in tail.iter().enumerate() {
        if *byte == b'"' && (i == 0 || tail[i - 1] != b'\\') {
            odd = !odd;
        }
    }
    odd
}

/// The C runtime's rules: 2n backslashes and a quote are n backslashes and a quote's work, 2n+1 a quote itself.
pub(crate) fn arguments(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut slashes = 0usize;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            slashes += 1;
            continue;
        }
        if slashes > 0 {
            let kept = if c == '"' { slashes / 2 } else { slashes };
            word.get_or_insert_default().extend(std::iter::repeat_n('\\', kept));
            let literal = c == '"' && slashes % 2 == 1;
            slashes = 0;
            if literal {
                word.get_or_insert_default().push('"');
                continue;
            }
        }
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if slashes > 0 {
        word.get_or_insert_default().extend(std::iter::repeat_n('\\', slashes));
    }
    words.extend(word);
    words
}

/// One argument written for the C runtime, in quotes.
pub(crate) fn quote_argument(text: &str) -> String {
    let mut out = String::from("\"");
    let mut slashes = 0;
    for c in text.chars() {
        match c {
            '\\' => slashes += 1,
            '"' => {
                out.extend(std::iter::repeat_n('\\', slashes + 1));
                slashes = 0;
            }
            _ => slashes = 0,
        }
        out.push(c);
    }
    out.extend(std::iter::repeat_n('\\', slashes));
    out.push('"');
    out
}
