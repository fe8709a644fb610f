//! Whether an input is a table, its delimiter, and what its columns are.

use super::cells::{CELLS, Cell, cells, record};
use super::{Column, Counted, Table, What};
use crate::forms::{moment, scan};
use crate::recognise::{Form, Names, Samples, slot};
use crate::{Attribute, Settings};

/// Records that are looked at.
const SAMPLE: usize = 1000;

/// Names of the number of calls that a record stands for, and of those that failed.
const TOTALS: &[&str] = &[
    "total",
    "count",
    "cnt",
    "requests",
    "calls",
    "hits",
    "total_requests",
    "total_count",
    "total_calls",
    "request_count",
    "requests_total",
    "call_count",
    "num_requests",
    "invocations",
];
const FAILURES: &[&str] = &[
    "failed",
    "failures",
    "errors",
    "error_count",
    "errors_total",
    "failed_count",
    "failure_count",
    "failed_requests",
    "failed_calls",
    "num_errors",
    "total_errors",
    "error_total",
    "fails",
    "faults",
];
/// Names of the time of a record of counts, beside those that every log uses.
const TIMES: &[&str] = &["min", "minute", "hour", "bucket", "window", "window_start", "interval", "period", "day"];

/// Learns the table; `None` when the input is none.
pub(in crate::forms) fn learn(beginning: &[u8], settings: &Settings) -> Option<Table> {
    let mut text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let mut said = None;
    // Excel says its delimiter in a line before the header
    if let Some(rest) = text.strip_prefix(b"sep=") {
        said = rest.first().copied();
        text = &text[memchr::memchr(b'\n', text)? + 1..];
    }
    while text.first().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
        text = &text[1..];
    }
    let candidates = [b',', b'\t', b';', b'|'].into_iter().filter(|d| said.is_none_or(|s| s == *d));
    let mut best: Option<(usize, u8)> = None;
    for delimiter in candidates {
        let columns = consistent(text, delimiter);
        if columns > best.map_or(1, |(most, _)| most) {
            best = Some((columns, delimiter));
        }
    }
    let (_, delimiter) = best?;
    let (header, mut at) = record(text);
    let mut out = [Cell::default(); CELLS];
    let count = cells(header, delimiter, &mut out);
    let names: Vec<String> =
        out[..count].iter().map(|c| String::from_utf8_lossy(&c.value()).trim().to_owned()).collect();
    let mut values: Vec<Vec<Vec<u8>>> = vec![Vec::new(); count];
    let mut records = 0;
    while at < text.len() && records < SAMPLE {
        let (row, next) = record(&text[at..]);
        at += next;
        records += 1;
        let mut out = [Cell::default(); CELLS];
        if cells(row, delimiter, &mut out) == count {
            for (column, cell) in values.iter_mut().zip(&out[..count]) {
                column.push(cell.value().into_owned());
            }
        }
    }
    let known = |name: &Option<String>| name.as_ref().is_some_and(|name| names.contains(name));
    let asked = settings.total.is_some() || settings.failed.is_some();
    let mut table = Table {
        delimiter,
        header: header.to_vec(),
        columns: columns(&names, &values, settings),
        counted: None,
        split: split(&values),
        quotes: memchr::memchr(b'"', text).is_some(),
        problem: None,
    };
    let recognised = table.columns.iter().filter(|c| matches!(c.what, What::Is(_))).count();
    // words with commas are no table: one of the names must mean something, or be asked for
    if recognised == 0 && !known(&settings.total) && !known(&settings.failed) {
        return None;
    }
    if asked && !(known(&settings.total) && known(&settings.failed)) {
        let missing: Vec<String> = [("--total", &settings.total), ("--failed", &settings.failed)]
            .iter()
            .filter(|(_, name)| !known(name))
            .map(|(flag, name)| format!("{flag} {}", name.as_deref().unwrap_or("(nothing)")))
            .collect();
        table.problem =
            Some(format!("{}: expected a column of the table, which has {}", missing.join(" and "), names.join(", ")));
    } else {
        table.counted = counted(&names, &values, settings);
    }
    if let Some(counts) = table.counted {
        table.count(counts, &values);
    }
    Some(table)
}

/// Columns of the day and of the time of day, told by their values.
fn split(values: &[Vec<Vec<u8>>]) -> Option<(usize, usize)> {
    let all = |column: &Vec<Vec<u8>>, test: &dyn Fn(&[u8]) -> bool| {
        column.iter().any(|v| !v.is_empty()) && column.iter().all(|v| v.is_empty() || test(v))
    };
    let date = |v: &[u8]| v.len() == 10 && (scan::has_shape(v, b"dddd-dd-dd") || scan::has_shape(v, b"dddd/dd/dd"));
    let clock = |v: &[u8]| v.len() <= 18 && scan::has_shape(v, b"dd:dd:dd");
    Some((values.iter().position(|c| all(c, &date))?, values.iter().position(|c| all(c, &clock))?))
}

/// How many columns the header has, when it is one and the records behind it have as many; 0 otherwise.
fn consistent(text: &[u8], delimiter: u8) -> usize {
    let (header, mut at) = record(text);
    let mut out = [Cell::default(); CELLS];
    let count = cells(header, delimiter, &mut out);
    let names: Vec<&[u8]> = out[..count].iter().map(|c| c.text).collect();
    let is_name = |name: &[u8]| {
        !name.is_empty()
            && name.len() <= 64
            && !name[0].is_ascii_digit()
            && !name.iter().any(|b| matches!(b, b'{' | b'}' | b'[' | b']' | b'"' | b'='))
            && name.iter().any(|b| b.is_ascii_alphabetic() || !b.is_ascii())
            && scan::status(name).is_none()
    };
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if count < 2 || sorted.len() != names.len() || !names.iter().all(|n| is_name(n)) {
        return 0;
    }
    let (mut records, mut alike) = (0, 0);
    while at < text.len() && records < 200 {
        let (row, next) = record(&text[at..]);
        at += next;
        if row.is_empty() {
            continue;
        }
        records += 1;
        let mut out = [Cell::default(); CELLS];
        alike += usize::from(cells(row, delimiter, &mut out) == count);
    }
    // a header alone is a table when it is long enough to be nothing else
    if records == 0 {
        if count >= 4 { count } else { 0 }
    } else if alike * 2 >= records {
        count
    } else {
        0
    }
}

fn columns(names: &[String], values: &[Vec<Vec<u8>>], settings: &Settings) -> Vec<Column> {
    // counts are settled apart, with the values seen
    let plain = Settings { total: None, failed: None, ..settings.clone() };
    let mut meanings = Names::new(&plain);
    for (name, column) in names.iter().zip(values) {
        if meanings.meaning(name).is_some_and(|m| m.form == Form::Duration) {
            let mut samples = Samples::default();
            column.iter().for_each(|v| samples.add(&String::from_utf8_lossy(v)));
            meanings.units.push((name.clone(), samples.unit(None)));
        }
    }
    let parts = split(values);
    let mut columns: Vec<Column> = names
        .iter()
        .map(|name| Column { name: name.clone(), what: meanings.meaning(name).map_or(What::Other, What::Is) })
        .collect();
    if let Some((date, clock)) = parts {
        columns[date].what = What::Other;
        columns[clock].what = What::Other;
    }
    let timed = parts.is_some() || columns.iter().any(|c| c.is(Attribute::Time));
    if !timed && let Some(at) = names.iter().zip(values).position(|(name, values)| is_time(name, values)) {
        columns[at].what = What::Is(super::meaning(Attribute::Time));
    }
    columns
}

/// True for a column of moments, which its name may help to tell.
fn is_time(name: &str, values: &[Vec<u8>]) -> bool {
    let lower = name.to_ascii_lowercase();
    let named = TIMES.contains(&lower.as_str()) || lower.contains("time") || lower.contains("date");
    let there: Vec<&Vec<u8>> = values.iter().filter(|v| !scan::is_absent(v)).take(50).collect();
    let dated = |v: &[u8]| moment::leading(v).is_some() || scan::has_shape(v, b"dddd-dd-dd");
    let epoch = |v: &[u8]| matches!(v.len(), 10 | 13) && scan::is_digits(v) && v[0] == b'1';
    !there.is_empty() && there.iter().all(|v| dated(v) || named && epoch(v))
        || lower == "min" && there.iter().all(|v| epoch(v))
}

fn counted(names: &[String], values: &[Vec<Vec<u8>>], settings: &Settings) -> Option<Counted> {
    let find = |said: &Option<String>, words: &[&str]| match said {
        Some(said) => names.iter().position(|name| name == said),
        None => {
            names.iter().position(|name| words.contains(&name.to_ascii_lowercase().replace([' ', '-'], "_").as_str()))
        }
    };
    let counts = Counted { total: find(&settings.total, TOTALS)?, failed: find(&settings.failed, FAILURES)? };
    if settings.total.is_some() {
        return Some(counts);
    }
    // by itself, only where the numbers bear it out
    let number = |v: &Vec<u8>| scan::number(v);
    let rows: Vec<(Option<f64>, Option<f64>)> =
        values[counts.total].iter().zip(&values[counts.failed]).map(|(t, f)| (number(t), number(f))).collect();
    let bears = |(total, failed): &(Option<f64>, Option<f64>)| total.zip(*failed).is_some_and(|(t, f)| f <= t);
    let timed = names.iter().zip(values).any(|(name, values)| {
        is_time(name, values) || Names::default().meaning(name).is_some_and(|m| m.slot == slot::of(Attribute::Time))
    });
    (timed && !rows.is_empty() && rows.iter().filter(|r| bears(r)).count() * 10 >= rows.len() * 9).then_some(counts)
}

impl Table {
    /// Every column of a table of counts that is not one of them is a dimension, under its own name where it is no attribute.
    fn count(&mut self, counts: Counted, values: &[Vec<Vec<u8>>]) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            if at == counts.total || at == counts.failed {
                column.what = What::Count;
                continue;
            }
            let measured = values[at].iter().filter(|v| scan::is_decimal(v)).count() * 2 > values[at].len();
            let kept = match column.what {
                What::Is(meaning) => {
                    meaning.slot == slot::of(Attribute::Time)
                        || meaning.slot == slot::of(Attribute::Latency)
                        || Attribute::DIMENSIONS.iter().any(|a| slot::of(*a) == meaning.slot)
                        || meaning.slot == slot::PATH
                }
                _ => false,
            };
            if !kept {
                column.what = if measured { What::Other } else { What::Own };
            }
        }
    }
}
