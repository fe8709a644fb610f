//! Values that are no values: placeholders that a program forgot to fill, and those that stand where a secret was.

/// What languages print for a value that is not there.
const NOTHING: [&str; 7] = ["undefined", "null", "None", "nil", "NaN", "[object Object]", "NULL"];

/// Whether a value is a placeholder that was left in: `{id}`, `:id`, `<id>`, `${id}`, `undefined`, `[object Object]`.
#[must_use]
pub(crate) fn is_left_in(text: &str) -> bool {
    if NOTHING.contains(&text) || is_variable(text) {
        return true;
    }
    let name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$'))
    };
    if let Some(rest) = text.strip_prefix(':') {
        return rest.starts_with(|c: char| c.is_ascii_alphabetic()) && name(rest);
    }
    let inner = |open: &str, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close)).is_some_and(name);
    inner("{", '}') || inner("<", '>') || inner("${", '}') || inner("#{", '}')
}

/// Whether a text is a variable of a collection of requests, `{{id}}`: its value is not in the evidence.
#[must_use]
pub(crate) fn is_variable(text: &str) -> bool {
    text.starts_with("{{") && text.ends_with("}}") && text.len() > 4
}

/// Whether a value is hidden: a redaction or a variable stands in its place, and nothing is known of it.
#[must_use]
pub(crate) fn is_hidden(text: &str) -> bool {
    let marks = ["redacted", "[filtered]", "[hidden]", "[masked]", "***"];
    let marked = || {
        let lower = text.to_ascii_lowercase();
        marks.iter().any(|mark| lower.contains(mark))
    };
    text.contains('\u{2039}') || (text.contains("{{") && text.contains("}}")) || (text.len() < 256 && marked())
}

/// Whether a credential is hidden: also as `$TOKEN`, `<token>`, `xxxx`.
#[must_use]
pub(crate) fn is_redacted(text: &str) -> bool {
    let masked = |c: char| matches!(c, '*' | 'x' | 'X' | '.' | '\u{2026}' | '\u{2022}');
    is_hidden(text)
        || (text.len() >= 3 && text.chars().all(masked))
        || text.starts_with(['$', '<'])
        || text.ends_with("...")
        || text.ends_with('\u{2026}')
}

#[cfg(test)]
mod tests {
    use super::{is_hidden, is_left_in, is_redacted};

    #[test]
    fn placeholders_are_told_from_values() {
        for yes in ["{id}", ":id", "<id>", "${id}", "undefined", "null", "[object Object]", "{{id}}"] {
            assert!(is_left_in(yes), "{yes}");
        }
        for no in ["5", "nullable", "a:b", ":5", "{", "a{b}", "<a b>", ""] {
            assert!(!is_left_in(no), "{no}");
        }
        for yes in ["‹token:a1›", "***", "sk_***", "[REDACTED]", "xxxx", "$TOKEN", "{{token}}"] {
            assert!(is_redacted(yes), "{yes}");
        }
        assert!(is_hidden("{{id}}") && is_hidden("a***") && !is_hidden("$5") && !is_hidden("xxxx"));
        for no in ["abc", "x", "eyJhbGciOi.eyJ.x"] {
            assert!(!is_redacted(no), "{no}");
        }
    }
}
