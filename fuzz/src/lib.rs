//! What the targets share: readers are asked line by line, as the intake does, without what the intake adds.

use firstfault_intake::Reader;
use firstfault_intake::lines::{Line, Lines};
use firstfault_model::Span;

/// Asks `reader` at every line of `text` that it has not taken.
pub fn read(text: &str, reader: Reader) {
    let mut start = 0;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        let span = Span::new(number, start, start + line.len());
        lines.push(Line { text: line.into(), prefix: "", span, prose: false });
        start += line.len() + 1;
    }
    let lines = Lines(lines);
    let mut at = 0;
    while at < lines.len() {
        at += reader(&lines, at).map_or(1, |taken| {
            assert!(taken.lines > 0 && at + taken.lines <= lines.len());
            taken.lines
        });
    }
}
