//! evidence.txt: the lines of the input that tell of the call, with some around them, numbered and redacted.
//!
//! More is redacted than is shown: a secret that begins before the excerpt or ends after it would not look like one
//! where it is cut. So text is cut after it was redacted, and never near an end that was cut before.

use crate::escape::{floor, lines as harmless};
use firstfault_model::{Call, Diagnosis, Headers, Span};
use firstfault_redact::Redactor;
use std::fmt::Write as _;

/// Lines before and after the call's own.
const AROUND: usize = 5;
/// The most bytes of one excerpt.
const SHOWN: usize = 48 << 10;
/// Bytes that are redacted beyond what may be shown, on each side.
const MARGIN: usize = 16 << 10;
/// Places that are nearer than this many bytes stand in one passage.
const NEAR: usize = 4 << 10;
/// The most passages.
const PASSAGES: usize = 12;
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
    /// The last line that is shown.
    last: usize,
}

/// Where the evidence of a call stands: all of its parts, and what the verdict rests on.
#[must_use]
pub fn places(call: &Call, diagnosis: &Diagnosis) -> Vec<Span> {
    let mut out = vec![call.span];
    let mut head = |headers: &Headers| out.extend(headers.0.iter().map(|h| h.span));
    call.request.iter().for_each(|r| head(&r.headers));
    call.response.iter().for_each(|r| head(&r.headers));
    out.extend(call.request.iter().flat_map(|r| [Some(r.span), r.body.as_ref().map(|b| b.span)]).flatten());
    out.extend(call.response.iter().flat_map(|r| [Some(r.span), r.body.as_ref().map(|b| b.span)]).flatten());
    out.extend(call.messages.iter().map(|m| m.span));
    out.extend(diagnosis.hypotheses.iter().take(2).flat_map(|h| h.supports.iter().chain(&h.opposes)).map(|e| e.span));
    out.retain(|span| span.line > 0 && span.end >= span.start);
    out.sort_unstable_by_key(|span| (span.start, span.end));
    out
}

/// The excerpt of `input` around some places, in their order; of a call that stands nowhere, the beginning.
#[must_use]
pub fn of(input: &str, places: &[Span], redactor: &mut Redactor) -> Excerpt {
    let length = input.len();
    let bytes = input.as_bytes();
    let lines = count(bytes) + usize::from(!input.ends_with('\n') && !input.is_empty());
    let mut out = Excerpt { of: lines, ..Excerpt::default() };
    if places.is_empty() {
        passage(input, 0, floor(input, 4 << 10), redactor, &mut out);
        return out;
    }
    let mut passages: Vec<(usize, usize)> = Vec::new();
    for span in places {
        let (start, end) = (span.start.min(length), span.end.min(length));
        match passages.last_mut() {
            Some((_, last)) if start <= last.saturating_add(NEAR) => *last = end.max(*last),
            _ => passages.push((start, end)),
        }
    }
    for (number, (start, end)) in passages.iter().enumerate() {
        if number >= PASSAGES || out.text.len() >= SHOWN {
            out.cut = true;
            break;
        }
        if number > 0 {
            out.text.push_str("     …\n");
        }
        passage(input, floor(input, *start), floor(input, *end), redactor, &mut out);
    }
    out
}

/// One passage with the lines around it.
fn passage(input: &str, from: usize, to: usize, redactor: &mut Redactor, out: &mut Excerpt) {
    let bytes = input.as_bytes();
    // The window that is redacted: the passage, bounded, and a margin on each side, in whole lines where lines are short.
    let start = line_start(input, floor(input, from.saturating_sub(MARGIN)));
    let end = floor(input, to.min(from.saturating_add(SHOWN + MARGIN)).saturating_add(MARGIN).min(bytes.len()));
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
    let whole = harmless(&clean);
    // The end of the last line is no line of its own.
    let clean = whole.strip_suffix('\n').unwrap_or(&whole);
    let line_of = |at: usize| 1 + count(&bytes[..at]);
    let last = line_of(if to > from && bytes.get(to - 1) == Some(&b'\n') { to - 1 } else { to }) + AROUND;
    let first = line_of(from).saturating_sub(AROUND).max(out.last + 1);
    for (number, line) in numbered(&original, clean, line_of(start)) {
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
        out.last = number;
    }
    out.cut |= end_cut && to > end;
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
        let excerpt = of(&text, &[span_of(&text, "GET / failed")], &mut Redactor::new());
        let ends = "     6  six\n     7  seven\n     8  GET / failed\n     9  nine\n";
        assert!(excerpt.text.ends_with(ends), "{}", excerpt.text);
        assert!(!excerpt.text.contains("MIIabc"));
        assert_eq!(excerpt.of, 9);
    }

    #[test]
    fn a_huge_line_is_bounded_and_nothing_half_is_shown() {
        let secret = "\"api_key\":\"abcdef0123456789abcdef\",";
        let text = format!("{{{}}}", secret.repeat(400_000));
        let excerpt = of(&text, &[Span::new(1, 5_000_000, 5_500_000)], &mut Redactor::new());
        assert!(excerpt.text.len() <= SHOWN + 100 && excerpt.cut);
        assert!(!excerpt.text.contains("abcdef"), "{}", &excerpt.text[..200]);
    }

    #[test]
    fn places_that_are_far_apart_are_shown_each() {
        let text = (1..=4000).map(|n| format!("line {n}\n")).collect::<String>();
        let spans = [span_of(&text, "line 7\n"), span_of(&text, "line 3000\n")];
        let excerpt = of(&text, &spans, &mut Redactor::new());
        let lines: Vec<&str> = excerpt.text.lines().collect();
        assert_eq!((lines.first(), lines.last()), (Some(&"     2  line 2"), Some(&"  3005  line 3005")));
        assert_eq!(lines.len(), 11 + 1 + 11);
        assert_eq!(excerpt.of, 4000);
    }

    #[test]
    fn escapes_do_nothing() {
        let text = "a\n\u{1b}]0;owned\u{7}GET\r\nb\n";
        let excerpt = of(text, &[span_of(text, "GET")], &mut Redactor::new());
        assert!(!excerpt.text.contains(['\u{1b}', '\u{7}', '\r']), "{:?}", excerpt.text);
        assert_eq!(excerpt.text.lines().count(), 3);
    }
}
