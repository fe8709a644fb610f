//! Names that are nearly the same.

use crate::route::{folded, slips};

/// How two names differ, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Near {
    /// In case or separators alone: `customerID`, `customer_id`, `customer-id`.
    Written,
    /// By one or two slips of the pen: letters left out, doubled, swapped or mistaken.
    Slipped(usize),
    /// By one slip of a pen in a name of two or three letters: as likely another name.
    Short,
    /// One is the other with a word before or behind it: `id`, `customer_id`.
    Part,
}

/// How near two different names are; `None` when they are not.
pub(crate) fn near(a: &str, b: &str) -> Option<Near> {
    if a == b {
        return None;
    }
    let (plain_a, plain_b) = (folded(a), folded(b));
    if plain_a == plain_b && !plain_a.is_empty() {
        return Some(Near::Written);
    }
    let shorter = plain_a.len().min(plain_b.len());
    match (slips(&plain_a, &plain_b), shorter) {
        (Some(slips @ 1), 4..) | (Some(slips @ 2), 6..) => return Some(Near::Slipped(slips)),
        (Some(1), 2..) => return Some(Near::Short),
        _ => {}
    }
    let (words_a, words_b) = (words(a), words(b));
    let (short, long) = if words_a.len() < words_b.len() { (words_a, words_b) } else { (words_b, words_a) };
    let part = !short.is_empty() && short.len() < long.len() && (long.starts_with(&short) || long.ends_with(&short));
    part.then_some(Near::Part)
}

/// The nearest of some names, when there is one that is nearer than all others.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>, widest: Near) -> Option<(&'a str, Near)> {
    let mut found: Vec<(Near, &str)> =
        among.filter_map(|other| Some((near(name, other)?, other))).filter(|(n, _)| *n <= widest).collect();
    found.sort_unstable();
    match found[..] {
        [(best, _), (next, _), ..] if best == next => None,
        [(best, other), ..] => Some((other, best)),
        [] => None,
    }
}

/// The words of a name in any style.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            before = ' ';
            continue;
        }
        if before == ' ' || (c.is_uppercase() && !before.is_uppercase()) {
            out.push(String::new());
        }
        if let Some(word) = out.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Near, near, nearest};

    #[test]
    fn names_are_near_by_writing_slip_or_part() {
        assert_eq!(near("customerID", "customerId"), Some(Near::Written));
        assert_eq!(near("customer-id", "customerId"), Some(Near::Written));
        assert_eq!(near("caseTpye", "caseType"), Some(Near::Slipped(1)));
        assert_eq!(near("customr_nme", "customerName"), Some(Near::Slipped(2)));
        assert_eq!(near("customerId", "id"), Some(Near::Part));
        assert_eq!(near("name", "email"), None);
        assert_eq!(near("id", "ip"), Some(Near::Short));
        assert_eq!(near("same", "same"), None);
    }

    #[test]
    fn of_two_equally_near_names_none_is_the_nearest() {
        assert_eq!(nearest("datee", ["date", "dates"].into_iter(), Near::Part), None);
        assert_eq!(nearest("Date", ["date", "dates"].into_iter(), Near::Part), Some(("date", Near::Written)));
    }
}
