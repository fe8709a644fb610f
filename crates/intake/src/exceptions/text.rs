//! Small hand parsers over text that every family of exceptions shares: leading numbers, quoted
//! strings, clipped slices. It refuses to know what any of it means.

/// How much of one message is searched for words; what follows is data, not words.
pub(super) const MESSAGE_LIMIT: usize = 16 * 1024;

/// At most `limit` bytes of `text`, cut at a character boundary.
pub(super) fn clip(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// At most the last `limit` bytes of `text`, cut at a character boundary.
pub(super) fn tail(text: &str, limit: usize) -> &str {
    let mut start = text.len().saturating_sub(limit);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// The leading run of characters that `keep` accepts, and what follows.
pub(super) fn run(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !keep(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// A leading integer, with its sign, and what follows.
pub(super) fn number(text: &str) -> Option<(i64, &str)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (digits, rest) = run(digits, |c| c.is_ascii_digit());
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    digits.parse::<i64>().ok().map(|n| (sign * n, rest))
}

/// The content of a leading `'…'`, `"…"` or `` `…` `` as written, and what follows the closing quote.
pub(super) fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let inner = &text[1..];
    let mut escaped = false;
    for (i, c) in inner.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Some((&inner[..i], &inner[i + 1..]));
        }
    }
    None
}

/// True when `text` begins with `prefix`, letters compared without case.
pub(super) fn starts_ci(text: &str, prefix: &str) -> bool {
    text.len() >= prefix.len() && text.as_bytes()[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
}

/// What follows `needle` in `text`.
pub(super) fn after<'t>(text: &'t str, needle: &str) -> Option<&'t str> {
    text.find(needle).map(|i| &text[i + needle.len()..])
}

/// What stands between `from` and the next `to`.
pub(super) fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    let rest = after(text, from)?;
    rest.find(to).map(|end| &rest[..end])
}

/// How many bytes of white space a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// True for a character of a program's identifier.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
