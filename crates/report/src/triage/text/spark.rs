//! Failures over time in one line of blocks, with the onset and the end marked below.

use crate::paint::{Ink, columns, paint};
use crate::text::Style;
use crate::triage::words::{self, count, duration};
use firstfault_model::incident::{Incident, Series};
use std::fmt::Write as _;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The most columns, and those that the scale takes beside them.
const WIDEST: usize = 60;
const SCALE: usize = 26;

/// The line; nothing where nothing is known of the time.
#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
pub fn spark(out: &mut String, series: &Series, incident: Option<&Incident>, style: Style) {
    let room = style.width.saturating_sub(super::INDENT + SCALE).clamp(10, WIDEST);
    let points = series.points.len();
    if points < 2 || style.width < super::INDENT + 10 || series.step <= 0 {
        return;
    }
    // As many steps in each column: an uneven one would look like a spike.
    let each = points.div_ceil(room);
    let sums: Vec<u64> = series.points.chunks(each).map(|chunk| chunk.iter().map(|p| p.failed).sum()).collect();
    let width = sums.len();
    let most = sums.iter().copied().max().unwrap_or(0);
    let block = |n: u64| match n {
        0 => ' ',
        n => BLOCKS[usize::try_from((n * 8).div_ceil(most.max(1)).clamp(1, 8)).unwrap_or(8) - 1],
    };
    let column = |at: i64| {
        let step = usize::try_from(at.checked_sub(series.start)? / series.step).ok()?;
        (step < points).then_some(step / each)
    };
    let onset = incident.and_then(|incident| column(incident.onset));
    let end = incident.and_then(|incident| column(incident.end?));
    let bars: String = sums.iter().map(|n| block(*n)).collect();
    let during = onset.map_or(width, |at| at)..end.map_or(width, |at| at + 1).max(onset.unwrap_or(width));
    let part = |range: std::ops::Range<usize>| bars.chars().skip(range.start).take(range.len()).collect::<String>();
    let shown = [
        part(0..during.start),
        paint(&part(during.clone()), Ink::Red, style.color && !during.is_empty()),
        part(during.end.min(width)..width),
    ]
    .concat();
    let label = "failures";
    let scale = format!("at most {} in {}", count(most), duration(series.step as f64 * each as f64));
    let pad = " ".repeat(super::INDENT - 2 - columns(label));
    if super::INDENT + width + 2 + columns(&scale) <= style.width {
        let label = paint(label, Ink::Dim, style.color);
        let scale = paint(&scale, Ink::Dim, style.color);
        let _ = writeln!(out, "  {label}{pad}{shown}  {scale}");
    } else {
        super::row(out, label, &scale, style);
        let _ = writeln!(out, "{}{}", " ".repeat(super::INDENT), shown.trim_end());
    }
    let _ = writeln!(out, "{}{}", " ".repeat(super::INDENT), axis(series, width, onset, end));
}

/// The marks below the blocks: begin, onset, end and the last step, as far as there is room.
fn axis(series: &Series, width: usize, onset: Option<usize>, end: Option<usize>) -> String {
    let last = i64::try_from(series.points.len()).unwrap_or(0).saturating_mul(series.step).saturating_add(series.start);
    let minute = |at| words::clock(at).get(..5).unwrap_or("?").to_owned();
    let mut line = vec![' '; width];
    // The most important first: what comes later keeps away from it.
    let marks = [
        onset.map(|at| (at, "▲ onset".to_owned())),
        end.map(|at| (at, "▼ end".to_owned())),
        Some((0, minute(series.start))),
        Some((width.saturating_sub(5), minute(last))),
    ];
    for (at, mark) in marks.into_iter().flatten() {
        let length = mark.chars().count();
        let range = at..at + length;
        let free =
            line.get(at.saturating_sub(1)..(range.end + 1).min(width)).is_some_and(|l| l.iter().all(|c| *c == ' '));
        if free && range.end <= line.len() {
            mark.chars().zip(&mut line[range]).for_each(|(c, place)| *place = c);
        } else if let Some(place) =
            line.get_mut(at).filter(|c| **c == ' ' && matches!(mark.chars().next(), Some('▲' | '▼')))
        {
            *place = mark.chars().next().unwrap_or(' ');
        }
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}
