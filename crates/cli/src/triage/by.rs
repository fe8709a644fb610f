//! `--by`: the one aggregation alone, as a table. Nothing is judged: a call failed when its status is 400 or more or a table
//! counted it so.

use super::args::TriageFormat;
use crate::exit::Exit;
use firstfault_calls::{Attribute, Calls, Group, Key, by_status, group};
use firstfault_gather::Request;
use firstfault_redact::Redactor;
use firstfault_report::one_line;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::Write as _;

/// Groups that a terminal shows; JSON has all.
const SHOWN: usize = 200;
/// Characters of one value.
const VALUE: usize = 40;

/// What is read for it: nothing that is not asked for.
pub fn reading(mut request: Request, by: &[String]) -> Request {
    let asked: Option<Vec<Attribute>> = by.iter().map(|name| Attribute::from_word(name.trim())).collect();
    // A column that only this table has is read like everything else.
    request.settings.only = asked.map(|mut attributes| {
        attributes.push(Attribute::Latency);
        attributes
    });
    request
}

pub fn print(calls: &Calls, by: &[String], format: TriageFormat, mut redactor: Redactor) -> Result<Exit, String> {
    let keys: Vec<Key<'_>> = by.iter().map(|name| Key::Named(name.trim())).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let groups = group(calls, &keys, &by_status(calls), threads).map_err(|e| format!("--by: {e}"))?;
    let text = match format {
        TriageFormat::Json => document(by, &groups, &mut redactor) + "\n",
        TriageFormat::Text => table(by, &groups, &mut redactor),
        TriageFormat::Md | TriageFormat::Html => {
            return Err("expected --by with --format text or json".to_owned());
        }
    };
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    let failed = groups.iter().any(|group| group.failed > 0);
    Ok(if failed { Exit::Diagnosed } else { Exit::Nothing })
}

fn document(by: &[String], groups: &[Group], redactor: &mut Redactor) -> String {
    let rows: Vec<Value> = groups
        .iter()
        .map(|group| {
            let mut values = Map::new();
            for (name, value) in by.iter().zip(&group.values) {
                let value = if value.is_empty() { Value::Null } else { redactor.header(name, value).into() };
                values.insert(name.clone(), value);
            }
            json!({
                "values": values, "calls": group.calls, "failed": group.failed, "p50_ms": group.p50, "p95_ms": group.p95,
                "first": group.first.map(firstfault_model::rfc3339), "last": group.last.map(firstfault_model::rfc3339),
            })
        })
        .collect();
    json!({ "schema": "firstfault/groups/1", "by": by, "groups": rows }).to_string()
}

fn table(by: &[String], groups: &[Group], redactor: &mut Redactor) -> String {
    let mut order: Vec<&Group> = groups.iter().collect();
    order.sort_by_key(|group| std::cmp::Reverse((group.failed, group.calls)));
    let rows: Vec<Vec<String>> = order
        .iter()
        .take(SHOWN)
        .map(|group| {
            by.iter()
                .zip(&group.values)
                .map(
                    |(name, value)| {
                        if value.is_empty() { "-".to_owned() } else { one_line(&redactor.header(name, value), VALUE) }
                    },
                )
                .collect()
        })
        .collect();
    let widths: Vec<usize> = (0..by.len())
        .map(|at| {
            let values = rows.iter().filter_map(|row| row.get(at)).map(|value| value.chars().count());
            values.chain([by[at].chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (name, width) in by.iter().zip(&widths) {
        let _ = write!(text, "{name:width$}  ");
    }
    let _ = writeln!(text, "{:>10}  {:>9}  {:>7}  {:>9}  {:>9}", "calls", "failed", "share", "p50 ms", "p95 ms");
    for (row, group) in rows.iter().zip(&order) {
        for (value, width) in row.iter().zip(&widths) {
            let _ = write!(text, "{value:width$}  ");
        }
        let share = group.failed as f64 / group.calls.max(1) as f64 * 100.0;
        let milliseconds = |value: Option<f32>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        let _ = writeln!(
            text,
            "{:>10}  {:>9}  {share:>5.2} %  {:>9}  {:>9}",
            group.calls,
            group.failed,
            milliseconds(group.p50),
            milliseconds(group.p95)
        );
    }
    if order.len() > SHOWN {
        let _ = writeln!(text, "and {} more groups; --format json has all", order.len() - SHOWN);
    }
    text
}
