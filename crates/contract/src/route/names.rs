//! How near two names are: what a slip of the pen, another case or another number of a noun costs.

/// Longer names are not compared letter by letter.
const LIMIT: usize = 64;

/// Names without case and separators: `case_type`, `caseType` and `CASE-TYPE` are one.
#[must_use]
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many slips lie between two names (insertion, deletion, substitution, two neighbours swapped), when there are no
/// more than names of this length allow: one of three letters, two of seven, three of more.
#[must_use]
pub(crate) fn slips(a: &str, b: &str) -> Option<usize> {
    if a.len() > LIMIT || b.len() > LIMIT || a.len().abs_diff(b.len()) > 3 {
        return None;
    }
    let allowed = match a.len().max(b.len()) {
        0..=1 => 0,
        2..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // Optimal string alignment in three rows.
    let mut rows = [[0_usize; LIMIT + 1]; 3];
    for (j, cell) in rows[1].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        let [before, above, row] = &mut rows;
        row[0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let other = usize::from(!a[i - 1].eq_ignore_ascii_case(&b[j - 1]));
            let mut cost = (above[j - 1] + other).min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        if least > allowed {
            return None;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()]).filter(|slips| *slips <= allowed)
}

/// Which letters and digits a name has: names a few slips apart have nearly the same.
#[must_use]
pub(crate) fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |set, b| set | 1 << (b.to_ascii_lowercase() & 63))
}

/// Whether one name is the other as a plural.
#[must_use]
pub(crate) fn plural(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let Some(stem) = short.get(..short.len().saturating_sub(1)) else { return false };
    long.strip_prefix(short).is_some_and(|rest| matches!(rest, "s" | "es"))
        || (short.ends_with('y') && long.strip_prefix(stem) == Some("ies"))
}

/// `v1`, `v2.1`, `2024-01-01`, `1.0`: a version of an API.
#[must_use]
pub(crate) fn is_version(segment: &str) -> bool {
    let digits = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    if let Some(rest) = segment.strip_prefix(['v', 'V']) {
        return rest.len() <= 16 && digits(rest);
    }
    let parts: Vec<&str> = segment.split(['.', '-']).collect();
    (parts.len() == 2 || parts.len() == 3)
        && segment.len() <= 10
        && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{is_version, plural, slips};

    #[test]
    fn slips_are_counted_up_to_what_the_length_allows() {
        assert_eq!(slips("customers", "costumers"), Some(2));
        assert_eq!(slips("orders", "oredrs"), Some(1));
        assert_eq!(slips("pets", "pet"), Some(1));
        assert_eq!(slips("pet", "cow"), None);
        assert_eq!(slips("repos", "orgs"), None);
        assert_eq!(slips("", "a"), None);
    }

    #[test]
    fn plurals_are_known() {
        assert!(plural("box", "boxes") && plural("category", "categories") && plural("pets", "pet"));
        assert!(!plural("a", "bs") && !plural("", "x"));
    }

    #[test]
    fn versions_are_told_from_names_and_ids() {
        for yes in ["v1", "V2", "v1.2", "v1beta1", "2024-01-01", "1.0"] {
            assert!(is_version(yes), "{yes}");
        }
        for no in ["value", "v", "5", "123456", "orders", "api"] {
            assert!(!is_version(no), "{no}");
        }
    }
}
