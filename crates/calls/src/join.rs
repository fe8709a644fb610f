//! Several tables → one: dictionaries and shapes are put together, columns are moved one after another, so that there are
//! never two copies of all.

use crate::batch::{HASHED, Known, hashed_value};
use crate::{Attribute, Calls, Codes, Dimension, Input, NO_TIME, Shape, mask_hash};
use std::collections::{BTreeMap, HashMap};

/// Examples of unreadable lines kept of one input.
const EXAMPLES: usize = 5;

/// Puts tables together, in their order. They may have read different parts of the same inputs.
#[must_use]
pub fn join(mut tables: Vec<Calls>) -> Calls {
    tables.retain(|t| t.rows > 0 || !t.inputs.is_empty());
    if tables.len() <= 1 {
        return tables.pop().unwrap_or_default();
    }
    let rows: Vec<usize> = tables.iter().map(|t| t.rows).collect();
    let inputs = inputs(&mut tables);
    let (shapes, known) = shapes(&mut tables);
    let mut shape = Vec::with_capacity(rows.iter().sum());
    for (table, known) in tables.iter_mut().zip(known) {
        shape.extend(std::mem::take(&mut table.shape).into_iter().map(|s| known[s as usize]));
    }
    let mut open: Vec<Attribute> = tables.iter().flat_map(|t| t.open.iter().copied()).collect();
    open.sort_unstable();
    open.dedup();
    let dimensions = dimensions(&mut tables, &rows, &open);
    Calls {
        rows: rows.iter().sum(),
        time: column(&mut tables, &rows, |t| &mut t.time, NO_TIME, false),
        status: column(&mut tables, &rows, |t| &mut t.status, 0, false),
        latency: column(&mut tables, &rows, |t| &mut t.latency, f32::NAN, false),
        attempt: column(&mut tables, &rows, |t| &mut t.attempt, 0, false),
        request: column(&mut tables, &rows, |t| &mut t.request, 0, true),
        trace: column(&mut tables, &rows, |t| &mut t.trace, 0, true),
        weight: column(&mut tables, &rows, |t| &mut t.weight, 1, true),
        shape,
        dimensions,
        open,
        shapes,
        inputs,
    }
}

/// One column of all tables; where a table has none, its rows get `absent`.
fn column<T: Copy>(
    tables: &mut [Calls],
    rows: &[usize],
    of: fn(&mut Calls) -> &mut Vec<T>,
    absent: T,
    may_be_empty: bool,
) -> Vec<T> {
    if may_be_empty && tables.iter_mut().all(|t| of(t).is_empty()) {
        return Vec::new();
    }
    let mut all = Vec::with_capacity(rows.iter().sum());
    for (table, rows) in tables.iter_mut().zip(rows) {
        let end = all.len() + rows;
        all.extend_from_slice(&std::mem::take(of(table)));
        all.resize(end, absent);
    }
    all
}

/// Counts are added up; the numbers of lines go on where the table before ended.
fn inputs(tables: &mut [Calls]) -> Vec<Input> {
    let mut all: Vec<Input> = Vec::new();
    for table in tables {
        let before: Vec<u64> = all.iter().map(|i| i.lines).collect();
        for shape in &mut table.shapes {
            shape.line += before.get(shape.input as usize).copied().unwrap_or(0);
        }
        let inputs = std::mem::take(&mut table.inputs);
        all.resize(all.len().max(inputs.len()), Input::default());
        for (sum, more) in all.iter_mut().zip(inputs) {
            let room = EXAMPLES.saturating_sub(sum.examples.len());
            let lines = sum.lines;
            sum.examples.extend(more.examples.into_iter().take(room).map(|(number, text)| (number + lines, text)));
            sum.lines += more.lines;
            sum.read += more.read;
            sum.aside += more.aside;
            sum.unreadable += more.unreadable;
            if sum.name.is_empty() {
                sum.name = more.name;
            }
            if sum.form.is_empty() {
                sum.form = more.form;
            }
            for problem in more.problems {
                if !sum.problems.contains(&problem) {
                    sum.problems.push(problem);
                }
            }
        }
    }
    all
}

/// All shapes, the first sample of each, and what each table's numbers are now.
fn shapes(tables: &mut [Calls]) -> (Vec<Shape>, Vec<Vec<u32>>) {
    let mut all: Vec<Shape> = Vec::new();
    let mut numbers = HashMap::new();
    let mut known = Vec::new();
    for table in tables {
        let mut of_table = Vec::with_capacity(table.shapes.len());
        for shape in std::mem::take(&mut table.shapes) {
            let words = if shape.message.is_empty() { 0 } else { mask_hash(shape.message.as_bytes()) };
            let key = (
                (shape.kind, shape.service.clone(), shape.status, shape.error_code.clone()),
                (shape.upstream_status, shape.mark.clone(), shape.suspect, shape.counted, words),
            );
            let number = *numbers.entry(key).or_insert_with(|| {
                all.push(shape);
                u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
            });
            of_table.push(number);
        }
        known.push(of_table);
    }
    (all, known)
}

/// All dimensions: the canonical ones in their order, then those of pre-aggregated tables by name.
fn dimensions(tables: &mut [Calls], rows: &[usize], open: &[Attribute]) -> Vec<Dimension> {
    let mut names: BTreeMap<(usize, String), Option<Attribute>> = BTreeMap::new();
    for dimension in tables.iter().flat_map(|t| &t.dimensions) {
        let place = Attribute::DIMENSIONS.iter().position(|a| Some(*a) == dimension.attribute);
        names.insert((place.unwrap_or(usize::MAX), dimension.name.clone()), dimension.attribute);
    }
    let is_open = |attribute: Option<Attribute>| attribute.is_some_and(|a| open.contains(&a));
    let one = |((_, name), attribute)| dimension(tables, rows, name, attribute, is_open(attribute));
    names.into_iter().map(one).collect()
}

fn dimension(
    tables: &mut [Calls],
    rows: &[usize],
    name: String,
    attribute: Option<Attribute>,
    is_open: bool,
) -> Dimension {
    let parts: Vec<Option<Dimension>> = tables
        .iter_mut()
        .map(|t| t.dimensions.iter().position(|d| d.name == name).map(|at| t.dimensions.swap_remove(at)))
        .collect();
    // Each dictionary is sorted, so sorting all of them is merging.
    let mut values: Vec<&str> = parts.iter().flatten().flat_map(|d| d.values.iter().map(String::as_str)).collect();
    values.push("");
    values.sort();
    values.dedup();
    let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
    let codes = if is_open {
        // What one table names may be a hash in another.
        let named = (1_u32..).zip(values.iter().skip(1).filter(|v| v.as_str() != "(others)"));
        let known = Known::new(named.map(|(code, value)| (hashed_value(value), code)));
        let beyond = |code: u32| if code & HASHED == 0 { 0 } else { known.resolved(code) };
        Codes::Four(recoded(parts, rows, &values, |code| u32::try_from(code).unwrap_or(0), beyond))
    } else if values.len() <= 1 << 8 {
        Codes::One(recoded(parts, rows, &values, |code| u8::try_from(code).unwrap_or(0), |_| 0))
    } else if values.len() <= 1 << 16 {
        Codes::Two(recoded(parts, rows, &values, |code| u16::try_from(code).unwrap_or(0), |_| 0))
    } else {
        Codes::Four(recoded(parts, rows, &values, |code| u32::try_from(code).unwrap_or(0), |_| 0))
    };
    Dimension { name, attribute, values, codes }
}

/// The codes of all rows; `beyond` says what becomes of one that is no value's.
fn recoded<T: Copy + Default>(
    parts: Vec<Option<Dimension>>,
    rows: &[usize],
    values: &[String],
    narrow: fn(usize) -> T,
    beyond: impl Fn(u32) -> T,
) -> Vec<T> {
    let mut all = Vec::with_capacity(rows.iter().sum());
    for (part, rows) in parts.into_iter().zip(rows) {
        let end = all.len() + rows;
        if let Some(part) = part {
            let mut place = 0;
            let new = part.values.iter().map(|value| {
                while values.get(place).is_some_and(|v| v < value) {
                    place += 1;
                }
                narrow(place)
            });
            let new: Vec<T> = new.collect();
            let known = |code: u32| new.get(code as usize).copied().unwrap_or_else(|| beyond(code));
            match part.codes {
                Codes::One(codes) => all.extend(codes.into_iter().map(|c| known(u32::from(c)))),
                Codes::Two(codes) => all.extend(codes.into_iter().map(|c| known(u32::from(c)))),
                Codes::Four(codes) => all.extend(codes.into_iter().map(known)),
            }
        }
        all.resize(end, T::default());
    }
    all
}
