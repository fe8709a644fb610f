//! evidence.txt: the lines of the input that tell of the call, with some around them, numbered and redacted.
//!
//! More is redacted than is shown: a secret that begins before the excerpt or ends after it would not look like one
//! where it is cut. So text is cut after it was redacted, and never near an end that was cut before.

use crate::escape::lines as harmless;
use firstfault_model::Span;
use firstfault_redact::Redactor;
use std::fmt::Write as _;

/// Lines before and after the call's own.
const AROUND: usize = 5;
/// The most bytes of one excerpt.
const SHOWN: usize = 48 << 10;
/// Bytes that are redacted beyond what may be shown, on each side.
const MARGIN: usize = 16 << 10;
/// The most characters of one line.
const LINE: usize = 4_000;

/// An excerpt of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Numbered lines.
    pub text: String,
    /// Lines of the whole input.
    pub of: usize,
    /// Whether something of the call's own lines was left out.
    pub cut: bool,
}

/// The excerpt of `input` around `span`; of a call that stands nowhere, the beginning.
#[must_use]
pub fn of(input: &str, span: Span, redactor: &mut Redactor) -> Excerpt {
    let bytes = input.as_bytes();
    let (from, to) = if span.line == 0 { (0, 0) } else { (span.start.min(bytes.len()), span.end.min(bytes.len())) };
    let (from, to) = (floor(input, from), floor(input, to.max(from)));
    // The window that is redacted: the call, bounded, and a margin on each side, in whole lines where lines are short.
    let start = line_start(input, floor(input, from.saturating_sub(MARGIN)));
    let end = floor(input, (to.min(from.saturating_add(SHOWN + MARGIN)).saturating_add(MARGIN)).min(bytes.len()));
    let end_cut = end < bytes.len() && bytes.get(end) != Some(&b'\n');
    let window = &input[start..end];
    let original: Vec<&str> = window.split('\n').collect();
    let mut clean = redactor.text(window);
    if end_cut {
        // What stands near a cut may be half a secret.
        let keep = floor(&clean, clean.len().saturating_sub(MARGIN / 2));
        let keep = clean[..keep].rfind(['\n', ',', ' ', '&', ';']).unwrap_or(0);
        clean.truncate(keep);
    }
    let clean = harmless(&clean);
    let first_line = 1 + count(&bytes[..start]);
    let call = (1 + count(&bytes[..from]), 1 + count(&bytes[..to]));
    let call_end = if to > from && bytes.get(to - 1) == Some(&b'\n') { call.1 - 1 } else { call.1 };
    let last = if span.line == 0 { usize::MAX } else { call_end.saturating_add(AROUND) };
    let first = if span.line == 0 { 1 } else { call.0.saturating_sub(AROUND).max(1) };
    let mut out =
        Excerpt { of: count(bytes) + usize::from(!input.ends_with('\n') && !input.is_empty()), ..Excerpt::default() };
    for (number, line) in numbered(&original, &clean, first_line) {
        if number < first || number > last {
            continue;
        }
        if out.text.len() + line.len().min(LINE) > SHOWN {
            out.cut = true;
            break;
        }
        let short: String = line.chars().take(LINE).collect();
        let more = if short.len() < line.len() { "…" } else { "" };
        out.cut |= !more.is_empty();
        let _ = writeln!(out.text, "{number:>6}  {short}{more}");
    }
    out.cut |= end_cut && to > end;
    out
}

/// The redacted lines with the numbers of the lines that they come from. A secret of several lines becomes one
/// placeholder; the lines after it are found again by what they say.
fn numbered<'a>(original: &[&str], clean: &'a str, first: usize) -> Vec<(usize, &'a str)> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut swallowed = false;
    for line in clean.split('\n') {
        let same = |o: &&str| harmless(o) == line;
        if swallowed
            && !line.trim().is_empty()
            && !original.get(at).is_some_and(same)
            && !line.contains('‹')
            && let Some(skipped) = original.iter().skip(at).position(same)
        {
            at += skipped;
        }
        swallowed = line.contains('‹') || swallowed && line.trim().is_empty();
        out.push((first + at, line));
        at += 1;
    }
    out
}

fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == b'\n').count()
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The start of the line on which `at` stands; of a line that began long before, `at` itself is no start, so the window
/// goes back to the last place where a word ends.
fn line_start(text: &str, at: usize) -> usize {
    let begin = text[..at].rfind('\n').map_or(0, |n| n + 1);
    if at - begin <= MARGIN {
        return begin;
    }
    text[begin..at].rfind([',', ' ', '{']).map_or(at, |n| begin + n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span::new(u32::try_from(1 + count(&text.as_bytes()[..start])).unwrap(), start, start + part.len())
    }

    #[test]
    fn lines_keep_their_numbers_around_a_secret_of_many_lines() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef\n-----END RSA PRIVATE KEY-----";
        let text = format!("one\n{key}\nsix\nseven\nGET / failed\nnine\n");
        let excerpt = of(&text, span_of(&text, "GET / failed"), &mut Redactor::new());
        let ends = "     6  six\n     7  seven\n     8  GET / failed\n     9  nine\n    10  \n";
        assert!(excerpt.text.ends_with(ends), "{}", excerpt.text);
        assert!(!excerpt.text.contains("MIIabc"));
        assert_eq!(excerpt.of, 9);
    }

    #[test]
    fn a_huge_line_is_bounded_and_nothing_half_is_shown() {
        let secret = "\"api_key\":\"abcdef0123456789abcdef\",";
        let text = format!("{{{}}}", secret.repeat(400_000));
        let excerpt = of(&text, Span::new(1, 5_000_000, 5_500_000), &mut Redactor::new());
        assert!(excerpt.text.len() <= SHOWN + 100 && excerpt.cut);
        assert!(!excerpt.text.contains("abcdef"), "{}", &excerpt.text[..200]);
    }

    #[test]
    fn escapes_do_nothing() {
        let text = "a\n\u{1b}]0;owned\u{7}GET\r\nb\n";
        let excerpt = of(text, span_of(text, "GET"), &mut Redactor::new());
        assert!(!excerpt.text.contains(['\u{1b}', '\u{7}', '\r']), "{:?}", excerpt.text);
        assert_eq!(excerpt.text.lines().count(), 4);
    }
}
