//! Which part of a large input a case keeps.

use firstfault_model::Span;

/// What is kept of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The text; where something was left out, a line says how much.
    pub text: String,
    /// How many bytes of the input are not in it.
    pub left_out: usize,
}

/// Lines that are kept around a call, before and behind.
const AROUND: usize = 10;

/// At most `limit` bytes of `text` (and a line for each gap). All of it where it fits; else the lines of `calls`, in the
/// order given (the call that failed first should come first), with a few lines around each, until the limit is
/// reached. Cuts fall between lines; a line that alone is too long is cut between words, and what stands behind the last
/// space is dropped with the rest, so that no half of a secret stays that the whole would have given away.
#[must_use]
pub fn keep(text: &str, calls: &[Span], limit: usize) -> Kept {
    if text.len() <= limit {
        return Kept { text: text.to_owned(), left_out: 0 };
    }
    let mut wanted: Vec<(usize, usize)> = Vec::new();
    let mut room = limit;
    let all = [Span::new(1, 0, text.len())];
    let calls = if calls.iter().any(|span| span.line > 0 && span.end > span.start) { calls } else { &all[..] };
    for span in calls.iter().filter(|span| span.line > 0) {
        let (start, end) = with_lines_around(text, span.start, span.end);
        let known = wanted.iter().any(|(from, to)| *from <= start && end <= *to);
        if known || room == 0 {
            continue;
        }
        let end = if end - start > room { start + whole(&text[start..], room) } else { end };
        room -= (end - start).min(room);
        wanted.push((start, end));
    }
    wanted.sort_unstable();
    let mut out = String::with_capacity(limit.min(text.len()));
    let mut at = 0;
    let mut left_out = 0;
    for (start, end) in wanted {
        let start = start.max(at);
        if start >= end {
            continue;
        }
        left_out += gap(&mut out, start - at);
        out.push_str(&text[start..end]);
        at = end;
    }
    left_out += gap(&mut out, text.len() - at);
    Kept { text: out, left_out }
}

fn gap(out: &mut String, bytes: usize) -> usize {
    if bytes > 0 {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&format!("[… {bytes} bytes left out …]\n"));
    }
    bytes
}

/// The range widened to whole lines and a few around it.
fn with_lines_around(text: &str, start: usize, end: usize) -> (usize, usize) {
    let (mut start, mut end) = (boundary(text, start), boundary(text, end.max(start)));
    for _ in 0..=AROUND {
        start = text[..start].trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    }
    (start, end)
}

/// How many bytes of `text` fit into `room` and end where a line or at least a word ends.
fn whole(text: &str, room: usize) -> usize {
    let head = &text[..boundary(text, room)];
    head.rfind('\n').or_else(|| head.rfind(char::is_whitespace)).map_or(0, |at| at + 1)
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_are_kept_and_the_gaps_are_told() {
        let lines: String = (0..1000).map(|n| format!("line {n} of a long log\n")).collect();
        let at = lines.find("line 500").unwrap();
        let kept = keep(&lines, &[Span::new(501, at, at + 8)], 400);
        assert!(kept.text.contains("line 498") && kept.text.contains("line 502"), "{}", kept.text);
        assert!(kept.text.starts_with("[… ") && kept.text.ends_with("bytes left out …]\n"), "{}", kept.text);
        let told: usize = kept
            .text
            .lines()
            .filter(|l| l.starts_with('['))
            .filter_map(|l| l.split(' ').nth(1)?.parse::<usize>().ok())
            .sum();
        assert_eq!(told, kept.left_out);
        assert!(kept.text.len() < 500);
    }

    #[test]
    fn nothing_is_cut_inside_a_word() {
        let text = format!("{} SECRETSECRET{}", "word ".repeat(20), "x".repeat(1000));
        let kept = keep(&text, &[], 110);
        assert!(!kept.text.contains("SECRET"), "{}", kept.text);
        assert_eq!(keep(&"x".repeat(100), &[], 50).left_out, 100);
        assert_eq!(keep("short", &[], 50), Kept { text: "short".to_owned(), left_out: 0 });
        let wide = "ä ".repeat(100);
        assert!(keep(&wide, &[Span::new(1, 1, 2)], 51).text.contains('ä'));
    }
}
