//! Text that came from evidence, made harmless for JSON, plain text and shells; Markdown and HTML are written by `report`.

/// A code span that its own backticks cannot end, in a table or out of one.
#[must_use]
pub fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A word of a POSIX shell, in single quotes; `None` for what a shell or a terminal might take otherwise.
#[must_use]
pub fn shell(text: &str) -> Option<String> {
    (!text.contains(char::is_control) && text.len() <= 2000).then(|| format!("'{}'", text.replace('\'', r"'\''")))
}

/// Lines of text with every other control character made visible, so that a terminal that prints them does nothing.
#[must_use]
pub fn lines(text: &str) -> String {
    text.split('\n')
        .map(|line| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            line.chars().map(|c| if c != '\t' && is_hostile(c) { '\u{fffd}' } else { c }).collect::<String>()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// JSON in which no character hides or turns the direction of text: serde escapes what is below a space only.
#[must_use]
pub fn json(text: &str) -> String {
    if !text.contains(|c: char| c != '\n' && is_hostile(c)) {
        return text.to_owned();
    }
    // All of them lie in the basic plane and stand inside strings.
    text.chars()
        .map(|c| if c != '\n' && is_hostile(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() })
        .collect()
}

/// The character boundary at or before a byte.
#[must_use]
pub fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Control characters, line separators, and marks that turn the direction of text or hide in it.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(shell("a'; rm -rf /").as_deref(), Some(r"'a'\''; rm -rf /'"));
        assert_eq!(json("{\n\"a\":\"\u{202e}\u{7f}é\"}"), "{\n\"a\":\"\\u202e\\u007fé\"}");
        assert_eq!(shell("a\nb"), None);
        assert_eq!(lines("a\u{1b}[2J\r\nb\u{202e}\tc"), "a\u{fffd}[2J\nb\u{fffd}\tc");
    }
}
