//! Personal data by its own shape: e-mail addresses, telephone, card and account numbers, IP addresses. Only where the
//! policy asks for it.

use crate::find::Scan;
use crate::kind::Kind;

/// An e-mail address around the `@` at `at`.
pub fn email(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let is_local = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-');
    let start = at - scan.b[..at].iter().rev().take(64).take_while(|b| is_local(**b)).count();
    let mut end = scan.while_(at + 1, 253, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    while end > at + 1 && matches!(scan.b[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let domain = &scan.b[at + 1..end];
    let dot = domain.iter().rposition(|b| *b == b'.')?;
    let top = &domain[dot + 1..];
    let is_address = start < at && dot > 0 && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic);
    // In a URL it is user information, which has a rule of its own.
    if !is_address || scan.found.last().is_some_and(|f| f.end > start) || scan.b[..start].ends_with(b"://") {
        return None;
    }
    scan.push(start, end, Kind::Email, "personal.email");
    Some(end)
}

/// An international telephone number: `+`, then 8 to 15 digits with separators (E.164).
pub fn phone(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    if scan.before(at).is_ascii_alphanumeric() || !scan.b.get(at + 1).is_some_and(|b| (b'1'..=b'9').contains(b)) {
        return None;
    }
    let end = digits_with(scan, at + 1, b" -.()/", 24);
    let count = scan.b[at..end].iter().filter(|b| b.is_ascii_digit()).count();
    if !(8..=15).contains(&count) || scan.b.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    scan.push(at, end, Kind::Phone, "personal.phone");
    Some(end)
}

/// Digits with single separators between them; the end of the last digit.
fn digits_with(scan: &Scan<'_>, from: usize, separators: &[u8], most: usize) -> usize {
    let mut end = from;
    let mut at = from;
    let mut gap = 0;
    while at < scan.b.len() && at - from < most {
        let b = scan.b[at];
        if b.is_ascii_digit() {
            end = at + 1;
            gap = 0;
        } else if separators.contains(&b) && gap < 2 {
            gap += 1;
        } else {
            break;
        }
        at += 1;
    }
    end
}

/// A number that begins with the word at `start..word_end`: a card, an account, an address of the network.
pub fn number(scan: &mut Scan<'_>, start: usize, word_end: usize) -> Option<usize> {
    let first = scan.b[start];
    if first.is_ascii_digit() && !matches!(scan.before(start), b'.' | b'-' | b'/' | b'#') {
        if let Some(end) = ipv4(scan, start) {
            return Some(end);
        }
        if let Some(end) = card(scan, start) {
            return Some(end);
        }
    }
    if first.is_ascii_uppercase()
        && let Some(end) = iban(scan, start)
    {
        return Some(end);
    }
    if word_end - start <= 4
        && scan.b.get(word_end) == Some(&b':')
        && scan.b[start..word_end].iter().all(u8::is_ascii_hexdigit)
    {
        return ipv6(scan, start);
    }
    None
}

fn ipv4(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let end = scan.while_(start, 15, |b| b.is_ascii_digit() || b == b'.');
    let text = scan.text.get(start..end)?;
    let parts: Vec<&str> = text.split('.').collect();
    let is_address = parts.len() == 4
        && parts
            .iter()
            .all(|p| !p.is_empty() && p.len() <= 3 && p.parse::<u8>().is_ok() && (p.len() == 1 || !p.starts_with('0')))
        && !scan.b.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if !is_address || text.starts_with("127.") || text == "0.0.0.0" || text == "255.255.255.255" {
        return None;
    }
    scan.push(start, end, Kind::Ip, "personal.ip_address");
    Some(end)
}

fn ipv6(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let mut end = scan.while_(start, 45, |b| b.is_ascii_hexdigit() || b == b':');
    if scan.b[..end].ends_with(b":") && !scan.b[..end].ends_with(b"::") {
        end -= 1;
    }
    let text = scan.text.get(start..end)?;
    let groups: Vec<&str> = text.split(':').collect();
    let shortened = text.matches("::").count();
    let filled = groups.iter().filter(|g| !g.is_empty()).count();
    let is_address = groups.iter().all(|g| g.len() <= 4)
        && (shortened == 0 && filled == 8 || shortened == 1 && (2..=7).contains(&filled));
    if !is_address || scan.b.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    scan.push(start, end, Kind::Ip, "personal.ip_address");
    Some(end)
}

/// 13 to 19 digits, by twos, threes or fours at most once separated, that satisfy Luhn's check (ISO/IEC 7812-1).
fn card(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    if !matches!(scan.b[start], b'2'..=b'6') {
        return None;
    }
    let end = digits_with(scan, start, b" -", 26);
    let digits: Vec<u8> = scan.b[start..end].iter().filter(|b| b.is_ascii_digit()).map(|b| b - b'0').collect();
    if !(13..=19).contains(&digits.len())
        || scan.b.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.')
        || !luhn(&digits)
    {
        return None;
    }
    scan.push(start, end, Kind::Card, "personal.card_number");
    Some(end)
}

/// Luhn's check of a row of digits.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(*d);
            if i % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Two letters, two check digits, 11 to 30 letters and digits (ISO 13616), of which the number modulo 97 is one.
fn iban(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let head = scan.b.get(start..start + 4)?;
    if !(head[..2].iter().all(u8::is_ascii_uppercase) && head[2..].iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let end = scan.while_(start, 42, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
    let mut end = end - scan.b[start..end].iter().rev().take_while(|b| **b == b' ').count();
    // A word behind the number may look like its last group.
    while end > start + 14 {
        let compact: Vec<u8> = scan.b[start..end].iter().copied().filter(|b| *b != b' ').collect();
        if (15..=34).contains(&compact.len())
            && mod97(&compact) == 1
            && !scan.b.get(end).is_some_and(u8::is_ascii_alphanumeric)
        {
            scan.push(start, end, Kind::Iban, "personal.iban");
            return Some(end);
        }
        end = start + scan.b[start..end].iter().rposition(|b| *b == b' ')?;
    }
    None
}

fn mod97(iban: &[u8]) -> u32 {
    let (head, body) = iban.split_at(4);
    body.iter().chain(head).fold(0, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(luhn(&[4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2]));
        assert!(!luhn(&[4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 3]));
        assert_eq!(mod97(b"GB82WEST12345698765432"), 1);
        assert_ne!(mod97(b"GB82WEST12345698765431"), 1);
    }
}
