//! The small patterns of flow files: globs, word sequences, statuses; and the nearest of known names.

/// A pattern with `*` for any text, letters of either case alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    parts: Vec<String>,
}

impl Glob {
    /// Reads a pattern.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self { parts: pattern.to_lowercase().split('*').map(str::to_owned).collect() }
    }

    /// Whether all of a text is matched.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let Some((first, rest)) = self.parts.split_first() else { return text.is_empty() };
        let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, between)) = rest.split_last() else { return left.is_empty() };
        for part in between {
            match left.find(part.as_str()) {
                Some(found) => left = &left[found + part.len()..],
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }
}

/// A pattern for a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// Just this.
    Is(u16),
    /// All of one hundred.
    Class(u16),
    /// There is none.
    Absent,
}

impl StatusPattern {
    /// `401`, `4xx`, `none`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "none" {
            return Some(Self::Absent);
        }
        if let Some(class) = text.strip_suffix("xx") {
            return class.parse().ok().filter(|c| (1..=5).contains(c)).map(Self::Class);
        }
        text.parse().ok().filter(|s| (100..=999).contains(s)).map(Self::Is)
    }

    /// Whether a status is one of it; 0 is none.
    #[must_use]
    pub const fn matches(self, status: u16) -> bool {
        match self {
            Self::Is(one) => one == status,
            Self::Class(class) => status / 100 == class,
            Self::Absent => status == 0,
        }
    }
}

/// Whether no pattern is given or one matches.
#[must_use]
pub fn any_status(patterns: &[StatusPattern], status: u16) -> bool {
    patterns.is_empty() || patterns.iter().any(|one| one.matches(status))
}

/// A text as its words, each between single spaces and in small letters: ` webhook not sent `.
#[must_use]
pub fn phrase(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// The nearest of some names, when it is near enough to be meant: at most one edit for each three letters.
#[must_use]
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found: Vec<char> = found.to_lowercase().chars().take(64).collect();
    let most = 1 + found.len() / 3;
    known
        .iter()
        .map(|name| (distance(&found, &name.to_lowercase().chars().take(64).collect::<Vec<_>>()), *name))
        .filter(|(edits, _)| *edits <= most)
        .min()
        .map(|(_, name)| name)
}

/// Edits between two names (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*crm*", "CRM-api", true),
            ("crm", "crm-api", false),
            ("*/orders", "/v1/orders", true),
            ("*/orders", "/v1/orders/7", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXcYb", false),
            ("*", "", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn statuses_are_read() {
        assert_eq!(StatusPattern::read("4xx"), Some(StatusPattern::Class(4)));
        assert_eq!(StatusPattern::read("none"), Some(StatusPattern::Absent));
        assert_eq!(StatusPattern::read("99"), None);
        assert_eq!(StatusPattern::read("9xx"), None);
    }

    #[test]
    fn near_names_are_found() {
        assert_eq!(nearest("wihtin", &["name", "within", "key"]), Some("within"));
        assert_eq!(
            nearest("webhook.not_generate", &["webhook.not_generated", "auth.revoked"]),
            Some("webhook.not_generated")
        );
        assert_eq!(nearest("something", &["name", "key"]), None);
    }
}
