//! Batches → the table: rows in the order of the inputs, dictionaries put together, sorted and bounded.

use super::dictionary::Column;
use super::words::Words;
use super::{Batch, Dimension, EXAMPLES, MANY, Segment, who};
use crate::{Attribute, Calls, Codes, Input, Part, Shape, table};
use std::collections::{BTreeMap, HashMap};

/// Values that a dimension has in the table at most, but for users and addresses.
const VALUES: usize = 65_535;

/// Rows of one part, and which batch has them.
pub(super) struct Piece {
    pub(super) batch: usize,
    pub(super) segment: Segment,
    /// Lines of the same input before it.
    before: u64,
}

/// Puts the batches of all threads together: same inputs, same table, whatever thread read which chunk.
///
/// `inputs` of the table has one entry per input, with the counts and examples of its lines; name, form and problems are
/// the caller's to say.
#[must_use]
pub fn merge(batches: Vec<Batch>) -> Calls {
    let mut calls = merge_part(batches);
    who::close(&mut calls);
    calls
}

/// As [`merge`], for a part of what is read: users and addresses that it does not name may be named in another part. So
/// their rows keep a hash, [`join`](crate::join) looks it up, and [`close`](crate::close) ends it.
#[must_use]
pub fn merge_part(mut batches: Vec<Batch>) -> Calls {
    let pieces = pieces(&mut batches);
    let mut calls = Calls { rows: pieces.iter().map(|p| p.segment.to - p.segment.from).sum(), ..Calls::default() };
    calls.inputs = inputs(&pieces);
    let columns = Columns::take(&mut batches);
    let telling: Vec<Vec<u32>> = crate::parallel::parallel(batches.iter().collect(), telling);
    let shapes = shapes(&mut batches, &pieces, &mut calls);
    let mut work = Vec::new();
    for (index, attribute) in Attribute::DIMENSIONS.iter().enumerate() {
        let limit = if matches!(attribute, Attribute::User | Attribute::ClientIp) { MANY } else { VALUES };
        let taken = batches.iter_mut().map(|b| std::mem::replace(&mut b.dimensions[index], Dimension::new(0)));
        work.push((attribute.word().to_owned(), Some(*attribute), taken.collect::<Vec<_>>(), limit));
    }
    let names: std::collections::BTreeSet<String> =
        batches.iter().flat_map(|b| b.own.iter().map(|(name, _)| name.clone())).collect();
    for name in names {
        let taken = batches.iter_mut().map(|b| match b.own.iter().position(|(known, _)| *known == name) {
            Some(at) => b.own.swap_remove(at).1,
            None => Dimension::new(0),
        });
        let taken = taken.collect();
        work.push((name, None, taken, VALUES));
    }
    // Those of most values take longest, so they come first; then each in its place again.
    let values = |taken: &[Dimension]| taken.iter().map(|d| d.values.len()).sum::<usize>();
    let mut work: Vec<_> = work.into_iter().enumerate().collect();
    work.sort_by_key(|(_, (_, _, taken, _))| std::cmp::Reverse(values(taken)));
    // As many threads as read the batches; one more for what only has to be moved.
    let (rows, threads) = (calls.rows, batches.len());
    let mut dimensions = crate::parallel::both(
        || {
            calls.shape = shapes.column(&pieces);
            columns.put(&pieces, &mut calls);
        },
        || {
            crate::parallel::queue(work, threads, |(place, (name, attribute, taken, limit))| {
                (place, dimension(&name, attribute, &taken, &telling, &pieces, rows, limit))
            })
        },
    );
    dimensions.sort_by_key(|(place, _)| *place);
    for (dimension, is_open) in dimensions.into_iter().filter_map(|(_, dimension)| dimension) {
        calls.open.extend(dimension.attribute.filter(|_| is_open));
        calls.dimensions.push(dimension);
    }
    calls
}

/// Rows that may have failed, where an attribute has so many values that only theirs are named.
fn telling(batch: &Batch) -> Vec<u32> {
    let many = |d: &Dimension| d.few != usize::MAX && !d.codes.is_empty();
    if !batch.dimensions.iter().any(many) {
        return Vec::new();
    }
    let suspect: Vec<bool> = batch.shapes.entries.iter().map(|e| e.shape.suspect).collect();
    let rows = batch.shape.iter().enumerate().filter(|(_, shape)| suspect[**shape as usize]);
    rows.filter_map(|(row, _)| u32::try_from(row).ok()).collect()
}

/// The parts in their order.
fn pieces(batches: &mut [Batch]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = batches
        .iter_mut()
        .enumerate()
        .flat_map(|(batch, b)| {
            std::mem::take(&mut b.segments).into_iter().map(move |segment| Piece { batch, segment, before: 0 })
        })
        .collect();
    pieces.sort_by_key(|p| p.segment.part);
    let mut before = BTreeMap::new();
    for piece in &mut pieces {
        let lines: &mut u64 = before.entry(piece.segment.part.input).or_default();
        piece.before = *lines;
        *lines += piece.segment.lines;
    }
    pieces
}

fn inputs(pieces: &[Piece]) -> Vec<Input> {
    let count = pieces.last().map_or(0, |p| p.segment.part.input as usize + 1);
    let mut inputs = vec![Input::default(); count];
    for piece in pieces {
        let segment = &piece.segment;
        let input = &mut inputs[segment.part.input as usize];
        input.lines += segment.lines;
        input.aside += segment.aside;
        input.unreadable += segment.unreadable;
        input.read += segment.lines - segment.aside - segment.unreadable;
        let room = EXAMPLES - input.examples.len();
        input
            .examples
            .extend(segment.examples.iter().take(room).map(|(line, text)| (piece.before + line, text.clone())));
    }
    inputs
}

/// The columns of all batches that are put one behind another as they are.
struct Columns {
    time: Vec<Vec<i64>>,
    status: Vec<Vec<u16>>,
    latency: Vec<Vec<f32>>,
    attempt: Vec<Vec<u8>>,
    request: Vec<Vec<u64>>,
    trace: Vec<Vec<u64>>,
    weight: Vec<Vec<u32>>,
}

impl Columns {
    fn take(batches: &mut [Batch]) -> Self {
        fn all<T>(batches: &mut [Batch], of: fn(&mut Batch) -> &mut Vec<T>) -> Vec<Vec<T>> {
            batches.iter_mut().map(|b| std::mem::take(of(b))).collect()
        }
        Self {
            time: all(batches, |b| &mut b.time),
            status: all(batches, |b| &mut b.status),
            latency: all(batches, |b| &mut b.latency),
            attempt: all(batches, |b| &mut b.attempt),
            request: all(batches, |b| &mut b.request),
            trace: all(batches, |b| &mut b.trace),
            weight: all(batches, |b| &mut b.weight),
        }
    }

    fn put(self, pieces: &[Piece], calls: &mut Calls) {
        calls.time = column(self.time, pieces, table::NO_TIME);
        calls.status = column(self.status, pieces, 0);
        calls.latency = column(self.latency, pieces, f32::NAN);
        calls.attempt = column(self.attempt, pieces, 0);
        // These are left out where no row has one.
        if self.request.iter().any(|c| !c.is_empty()) {
            calls.request = column(self.request, pieces, 0);
        }
        if self.trace.iter().any(|c| !c.is_empty()) {
            calls.trace = column(self.trace, pieces, 0);
        }
        if self.weight.iter().any(|c| !c.is_empty()) {
            calls.weight = column(self.weight, pieces, 1);
        }
    }
}

/// A column of all rows.
fn column<T: Copy>(mut columns: Vec<Vec<T>>, pieces: &[Piece], none: T) -> Vec<T> {
    let rows: usize = pieces.iter().map(|p| p.segment.to - p.segment.from).sum();
    // The first batch's own column becomes that of all: from behind, so that a row only moves to where none is left. New
    // memory costs more than moving.
    let first = pieces.first().map_or(0, |piece| piece.batch);
    let own = || pieces.iter().filter(|piece| piece.batch == first);
    let mut all = match columns.get_mut(first) {
        Some(column) if own().zip(own().skip(1)).all(|(a, b)| a.segment.to <= b.segment.from) => std::mem::take(column),
        _ => Vec::new(),
    };
    let left = all.len();
    all.resize(rows, none);
    let mut end = rows;
    for piece in pieces.iter().rev() {
        let (from, to) = (piece.segment.from, piece.segment.to);
        let begin = end - (to - from);
        let is_own = piece.batch == first && left > 0;
        let there = if is_own { left } else { columns[piece.batch].len() };
        let said = from.min(there)..to.min(there);
        let filled = begin + said.len();
        if !is_own {
            all[begin..filled].copy_from_slice(&columns[piece.batch][said]);
        } else if said.start != begin {
            all.copy_within(said, begin);
        }
        all[filled..end].fill(none);
        end = begin;
    }
    all
}

/// The column of shapes of each batch, and what its codes are in the table.
struct ShapeCodes {
    columns: Vec<Vec<u32>>,
    codes: Vec<Vec<u32>>,
}

impl ShapeCodes {
    fn column(self, pieces: &[Piece]) -> Vec<u32> {
        let mut all = Vec::with_capacity(pieces.iter().map(|p| p.segment.to - p.segment.from).sum());
        for piece in pieces {
            let codes = &self.codes[piece.batch];
            let rows = &self.columns[piece.batch][piece.segment.from..piece.segment.to];
            all.extend(rows.iter().map(|code| codes[*code as usize]));
        }
        all
    }
}

/// The shapes of all batches, the one of each key that comes first in the order of the inputs.
fn shapes(batches: &mut [Batch], pieces: &[Piece], calls: &mut Calls) -> ShapeCodes {
    let before: HashMap<Part, u64> = pieces.iter().map(|p| (p.segment.part, p.before)).collect();
    let mut level = batches.iter().map(|b| b.shapes.level).max().unwrap_or(0);
    let mut found: BTreeMap<u64, (Part, u64, Shape)> = BTreeMap::new();
    let mut keys: Vec<Vec<(u64, u64)>> = Vec::with_capacity(batches.len());
    for batch in batches.iter_mut() {
        keys.push(batch.shapes.entries.iter().map(|e| (e.key, e.coarse)).collect());
        for entry in std::mem::take(&mut batch.shapes.entries) {
            let at = (entry.part, entry.line);
            let known = found.entry(entry.key);
            match known {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert((at.0, at.1, entry.shape));
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    if at < (place.get().0, place.get().1) {
                        place.insert((at.0, at.1, entry.shape));
                    }
                }
            }
        }
    }
    let particular: std::collections::BTreeSet<u64> =
        keys.iter().flatten().filter(|(key, coarse)| key != coarse).map(|(key, _)| *key).collect();
    while particular.iter().filter(|key| super::dictionary::is_kept(**key, level)).count() > super::shapes::LIMIT {
        level += 1;
    }
    // Particular shapes that are not kept give their rows to the general ones.
    let target = |(key, coarse): (u64, u64)| {
        if key == coarse || super::dictionary::is_kept(key, level) { key } else { coarse }
    };
    let coarse_of: BTreeMap<u64, u64> =
        keys.iter().flatten().map(|(key, coarse)| (*key, target((*key, *coarse)))).collect();
    let mut kept: BTreeMap<u64, (Part, u64, Shape)> = BTreeMap::new();
    for (key, (part, line, mut shape)) in found {
        let goal = coarse_of.get(&key).copied().unwrap_or(key);
        if goal != key {
            super::shapes::generalise(&mut shape);
        }
        match kept.entry(goal) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert((part, line, shape));
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                if (part, line) < (place.get().0, place.get().1) {
                    place.insert((part, line, shape));
                }
            }
        }
    }
    let mut order: Vec<(u64, (Part, u64, Shape))> = kept.into_iter().collect();
    order.sort_by_key(|(key, (part, line, _))| (*part, *line, *key));
    let mut number = HashMap::with_capacity(order.len());
    for (index, (key, (part, line, mut shape))) in order.into_iter().enumerate() {
        number.insert(key, index as u32);
        shape.line = before.get(&part).copied().unwrap_or(0) + line;
        calls.shapes.push(shape);
    }
    let codes: Vec<Vec<u32>> = keys
        .iter()
        .map(|keys| keys.iter().map(|pair| number.get(&target(*pair)).copied().unwrap_or(0)).collect())
        .collect();
    ShapeCodes { columns: batches.iter_mut().map(|b| std::mem::take(&mut b.shape)).collect(), codes }
}

/// One dimension of all rows, and whether some of its codes are hashes; `None` where no row has it.
fn dimension(
    name: &str,
    attribute: Option<Attribute>,
    taken: &[Dimension],
    telling: &[Vec<u32>],
    pieces: &[Piece],
    rows: usize,
    limit: usize,
) -> Option<(table::Dimension, bool)> {
    if taken.iter().all(|d| d.codes.is_empty()) {
        return None;
    }
    if who::is_wide(taken) {
        let told: Vec<Vec<bool>> = taken.iter().zip(telling).map(|(d, rows)| who::told(d, rows)).collect();
        let Words { values, codes: mut maps } = Words::merge(taken, pieces, limit, Some(&told));
        let known = who::known(taken, &told, &maps);
        for ((dimension, told), codes) in taken.iter().zip(&told).zip(&mut maps) {
            who::unnamed(dimension, told, &known, codes);
        }
        let mut codes = Vec::with_capacity(rows);
        for piece in pieces {
            let (from, to) = (piece.segment.from, piece.segment.to);
            let end = codes.len() + (to - from);
            who::remap(&taken[piece.batch].codes, from..to, &maps[piece.batch], &known, &mut codes);
            codes.resize(end, 0);
        }
        return Some((table::Dimension { name: name.to_owned(), attribute, values, codes: Codes::Four(codes) }, true));
    }
    let Words { values, codes: maps } = Words::merge(taken, pieces, limit, None);
    let codes = if values.len() <= 1 << 8 {
        Codes::One(remap(taken, pieces, &maps, rows, |c| c as u8))
    } else if values.len() <= 1 << 16 {
        Codes::Two(remap(taken, pieces, &maps, rows, |c| c as u16))
    } else {
        Codes::Four(remap(taken, pieces, &maps, rows, |c| c))
    };
    Some((table::Dimension { name: name.to_owned(), attribute, values, codes }, false))
}

fn remap<T: Copy>(
    taken: &[Dimension],
    pieces: &[Piece],
    maps: &[Vec<u32>],
    rows: usize,
    narrow: impl Fn(u32) -> T,
) -> Vec<T> {
    let mut all = Vec::with_capacity(rows);
    let maps: Vec<Vec<T>> = maps.iter().map(|m| m.iter().map(|c| narrow(*c)).collect()).collect();
    let none = narrow(0);
    for piece in pieces {
        let map = &maps[piece.batch];
        let (from, to) = (piece.segment.from, piece.segment.to);
        let part = from..to;
        match &taken[piece.batch].codes {
            Column::One(codes) => all.extend(within(codes, part).iter().map(|c| map[usize::from(*c)])),
            Column::Two(codes) => all.extend(within(codes, part).iter().map(|c| map[usize::from(*c)])),
            Column::Four(codes) => all.extend(within(codes, part).iter().map(|c| map[*c as usize])),
        }
        let missing = (to - from) - (to.min(taken[piece.batch].codes.len()).saturating_sub(from));
        all.resize(all.len() + missing, none);
    }
    all
}

/// What a column has of some rows.
pub(super) fn within<T>(codes: &[T], part: std::ops::Range<usize>) -> &[T] {
    let end = part.end.min(codes.len());
    &codes[part.start.min(end)..end]
}
