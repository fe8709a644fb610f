//! `--trace` and `--trace-ascii`: blocks of bytes with offsets, made into the lines that `-v` would show.
//!
//! This file refuses to know what the lines mean.

use super::line;
use crate::lines::Lines;
use firstfault_model::{BODY_LIMIT, Span};

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// `== Info: words`, the words being the only line
    Info,
    /// `=> Send header`
    SentHead,
    /// `<= Recv header`
    ReceivedHead,
    /// `=> Send data`
    SentData,
    /// `<= Recv data`
    ReceivedData,
    /// TLS records
    Noise,
}

/// A block's lines, each with its place, and the line behind the block.
#[derive(Debug)]
pub(super) struct Traced {
    /// What it holds.
    pub block: Block,
    /// Its text, cut at line ends.
    pub lines: Vec<(String, Span)>,
    /// The line behind it.
    pub end: usize,
}

/// Reads the block whose heading stands at line `at`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Traced> {
    let source = lines.0.get(at)?;
    let heading = line::without_time(&source.text);
    if let Some(words) = heading.strip_prefix("== Info:") {
        return Some(Traced {
            block: Block::Info,
            lines: vec![(words.trim().to_owned(), source.span_of(words.trim()))],
            end: at + 1,
        });
    }
    let block = match () {
        () if heading.starts_with("=> Send header") => Block::SentHead,
        () if heading.starts_with("<= Recv header") => Block::ReceivedHead,
        () if heading.starts_with("=> Send data") => Block::SentData,
        () if heading.starts_with("<= Recv data") => Block::ReceivedData,
        () if heading.starts_with("=> Send ") || heading.starts_with("<= Recv ") => Block::Noise,
        () => return None,
    };
    let mut out: Vec<(String, Span)> = Vec::new();
    let mut bytes: Vec<u8> = Vec::new();
    let mut hex_span = Span::default();
    let mut next_offset = usize::MAX;
    let mut end = at + 1;
    while let Some(row) = lines.0.get(end) {
        let Some((offset, rest)) = row_of(&row.text) else { break };
        if block != Block::Noise && bytes.len() < BODY_LIMIT && out.len() < BODY_LIMIT {
            if let Some(mut decoded) = hex_row(rest) {
                hex_span = hex_span.to(row.span);
                bytes.append(&mut decoded);
            } else if offset == next_offset
                && let Some((text, span)) = out.last_mut()
            {
                // A line of 64 columns that no line end followed goes on here.
                text.push_str(rest);
                *span = span.to(row.span);
            } else {
                out.push((rest.to_owned(), row.span_of(rest)));
            }
        }
        next_offset = if rest.chars().count() == 64 { offset.saturating_add(64) } else { usize::MAX };
        end += 1;
    }
    if !bytes.is_empty() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = text.strip_suffix('\n').unwrap_or(&text);
        out = text.split('\n').map(|line| (line.trim_end_matches('\r').to_owned(), hex_span)).collect();
    }
    Some(Traced { block, lines: out, end })
}

/// `0040: …`
fn row_of(text: &str) -> Option<(usize, &str)> {
    let digits = text.bytes().take(9).take_while(u8::is_ascii_hexdigit).count();
    let rest = text.get(digits..)?.strip_prefix(':')?;
    let offset = usize::from_str_radix(&text[..digits], 16).ok().filter(|_| digits >= 4)?;
    Some((offset, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// `47 45 54 20 … GET `: sixteen columns of hex, then the same as text.
fn hex_row(rest: &str) -> Option<Vec<u8>> {
    let bytes = rest.as_bytes();
    let mut decoded = Vec::new();
    for pair in bytes.chunks(3).take(16) {
        match pair {
            [a, b, b' '] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                decoded.push(u8::from_str_radix(std::str::from_utf8(&[*a, *b]).ok()?, 16).ok()?);
            }
            [b' ', ..] => break,
            _ => return None,
        }
    }
    // The text column repeats every byte, so the row is at least as long as both.
    (!decoded.is_empty() && bytes.len() >= 48 + decoded.len()).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_message::tests::lines_of;

    #[test]
    fn blocks() {
        // the layout of curl's docs/examples/debug.c
        let ascii = "=> Send header, 83 bytes (0x53)\n0000: GET /x HTTP/1.1\n0011: X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n0051: bbb\n0056: \n== Info: x";
        let traced = read(&lines_of(ascii), 0).unwrap();
        assert_eq!(traced.lines.iter().map(|(t, _)| t.len()).collect::<Vec<_>>(), [15, 67, 0]);
        assert_eq!(traced.end, 5);
        let hex = "<= Recv header, 17 bytes (0x11)\n0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.\n0010: 0a                                              .\n";
        let traced = read(&lines_of(hex), 0).unwrap();
        assert_eq!(traced.lines.iter().map(|(t, _)| t.as_str()).collect::<Vec<_>>(), ["HTTP/1.1 200 OK"]);
        assert_eq!(read(&lines_of("0000: x"), 0).map(|t| t.end), None);
    }
}
