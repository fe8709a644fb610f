//! Changes as people keep them: JSON, CSV, `git log`, one flag; and those that show in the calls themselves.

use super::Change;
use firstfault_calls::{Attribute, Calls, Layout, NO_TIME, Settings};
use firstfault_intake::time;
use serde_json::Value;

/// How many changes are kept of one file.
const LIMIT: usize = 10_000;
/// How long the words of a change may be, in characters.
const WORDS: usize = 400;

const IDS: &[&str] = &["id", "sha", "commit", "key", "number", "change_id"];
const TIMES: &[&str] = &[
    "at",
    "time",
    "timestamp",
    "date",
    "ts",
    "when",
    "created_at",
    "started_at",
    "deployed_at",
    "finished_at",
    "start",
];
const WORDS_OF: &[&str] = &["what", "message", "title", "description", "summary", "subject", "name", "text"];
const KINDS: &[&str] = &["kind", "type", "category"];

/// Reads a file of changes: a JSON array (or an object that holds one), a JSON object per line, CSV with a header, or what
/// `git log` prints.
///
/// # Errors
/// What was expected and what was there, with the record.
pub fn read(text: &str, name: &str) -> Result<Vec<Change>, String> {
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    if trimmed.is_empty() {
        return Ok(Vec::new());
    }
    let mut changes = if trimmed.starts_with('[') || trimmed.starts_with('{') {
        json(trimmed)?
    } else if trimmed.starts_with("commit ") {
        git_log(trimmed)?
    } else {
        table(trimmed, name)?
    };
    changes.truncate(LIMIT);
    changes.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
    Ok(changes)
}

/// `--change 'TIME what'`.
///
/// # Errors
/// When it does not begin with a time.
pub fn one(text: &str) -> Result<Change, String> {
    let text = text.trim();
    let (at, rest) = match time::leading(text) {
        Some((at, length)) => (at, &text[length..]),
        // Unix seconds are a word of their own.
        None => match text.split_once(' ').and_then(|(first, rest)| Some((time::parse(first)?, rest))) {
            Some(found) => found,
            None => return Err(format!("expected a time and then what changed, got \"{}\"", short(text))),
        },
    };
    let what = short(rest.trim());
    if what.is_empty() {
        return Err(format!("expected what changed behind the time, got only \"{}\"", short(text)));
    }
    Ok(Change { id: what.clone(), kind: String::new(), at, what, scope: Vec::new() })
}

/// Releases, flags and client versions that first appear some time after the calls begin.
#[must_use]
pub fn from_data(calls: &Calls) -> Vec<Change> {
    if calls.dimension(Attribute::Release).is_none() && calls.dimension(Attribute::Flag).is_none() {
        return Vec::new();
    }
    let begin = calls.time.iter().copied().filter(|t| *t != NO_TIME).min();
    let end = calls.time.iter().copied().filter(|t| *t != NO_TIME).max();
    let (Some(begin), Some(end)) = (begin, end) else { return Vec::new() };
    let mut changes = Vec::new();
    for attribute in [Attribute::Release, Attribute::Flag] {
        let Some(dimension) = calls.dimension(attribute) else { continue };
        // A value of every call is no change, and one that each call has anew is no release.
        if dimension.values.len() < 3 || dimension.values.len() > 200 {
            continue;
        }
        let mut first = vec![i64::MAX; dimension.values.len()];
        for (row, at) in calls.time.iter().enumerate() {
            let slot = &mut first[dimension.codes.get(row) as usize];
            if *at != NO_TIME && *at < *slot {
                *slot = *at;
            }
        }
        // What is there within the first twentieth of the time was there before.
        let settled = begin + (end - begin) / 20;
        for (value, at) in dimension.values.iter().zip(&first).skip(1) {
            if *at > settled && *at != i64::MAX {
                changes.push(Change {
                    id: format!("{} {value}", attribute.word()),
                    kind: if attribute == Attribute::Release { "deploy" } else { "flag" }.to_owned(),
                    at: *at,
                    what: format!("the first call with {} {value}", attribute.word()),
                    scope: vec![(attribute.word().to_owned(), value.clone())],
                });
            }
        }
    }
    changes
}

fn short(text: &str) -> String {
    text.chars().take(WORDS).collect()
}

fn json(text: &str) -> Result<Vec<Change>, String> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        // One object per line.
        Err(error) => {
            let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if lines.is_empty() {
                return Err(format!("expected JSON, got an error at line {} column {}", error.line(), error.column()));
            }
            Value::Array(lines)
        }
    };
    let items = match value {
        Value::Array(items) => items,
        Value::Object(mut object) => {
            let list = object.iter().find(|(_, v)| v.is_array()).map(|(k, _)| k.clone());
            match list.and_then(|key| object.remove(&key)) {
                Some(Value::Array(items)) => items,
                _ => vec![Value::Object(object)],
            }
        }
        other => return Err(format!("expected a list of changes, got {}", short(&other.to_string()))),
    };
    items
        .iter()
        .take(LIMIT)
        .enumerate()
        .map(|(index, item)| {
            let Value::Object(object) = item else {
                return Err(format!("change {}: expected an object, got {}", index + 1, short(&item.to_string())));
            };
            let fields: Vec<(String, String)> = object
                .iter()
                .filter_map(|(name, value)| match value {
                    Value::String(text) => Some((name.clone(), text.clone())),
                    Value::Number(number) => Some((name.clone(), number.to_string())),
                    Value::Bool(flag) => Some((name.clone(), flag.to_string())),
                    _ => None,
                })
                .collect();
            of_fields(&fields, &format!("change {}", index + 1))
        })
        .collect()
}

fn table(text: &str, name: &str) -> Result<Vec<Change>, String> {
    let layout = Layout::learn(text.as_bytes(), name, &Settings::default());
    let mut changes = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(record) = layout.record(line) {
            let fields: Vec<(String, String)> = record.fields.into_iter().map(|f| (f.name, f.value)).collect();
            changes.push(of_fields(&fields, &format!("line {}", index + 1))?);
        } else if let Ok(change) = one(line) {
            changes.push(change);
        } else if index > 0 && !line.trim().is_empty() {
            return Err(format!("line {}: expected a time and what changed, got \"{}\"", index + 1, short(line)));
        }
    }
    if changes.is_empty() {
        return Err("expected JSON, CSV with a header, `git log`, or lines of a time and what changed".to_owned());
    }
    Ok(changes)
}

/// The fields of one change, whatever they are called.
fn of_fields(fields: &[(String, String)], place: &str) -> Result<Change, String> {
    let find = |names: &[&str]| {
        names.iter().find_map(|n| fields.iter().find(|(name, value)| name.eq_ignore_ascii_case(n) && !value.is_empty()))
    };
    let Some((name, written)) = find(TIMES) else {
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!(
            "{place}: expected a time (at, time, timestamp, date), got the fields {}",
            names.join(", ")
        ));
    };
    let at = time::parse(written)
        .ok_or_else(|| format!("{place}: expected a time in \"{name}\", got \"{}\"", short(written)))?;
    let what = find(WORDS_OF).map(|(_, value)| short(value)).unwrap_or_default();
    let kind = find(KINDS).map(|(_, value)| short(value)).unwrap_or_default();
    let id = find(IDS).map(|(_, value)| short(value));
    let id = id.unwrap_or_else(|| if what.is_empty() { format!("{kind} {written}") } else { what.clone() });
    let scope = fields
        .iter()
        .filter_map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let attribute = match name.as_str() {
                "version" | "tag" => Some(Attribute::Release),
                "component" | "app" | "application" | "repository" | "project" => Some(Attribute::Service),
                "customer" | "account" | "org" | "organization" => Some(Attribute::Tenant),
                other => Attribute::from_word(other),
            };
            let attribute = attribute.filter(|a| Attribute::DIMENSIONS.contains(a))?;
            (!value.is_empty()).then(|| (attribute.word().to_owned(), short(value)))
        })
        .collect();
    Ok(Change { id, kind, at, what, scope })
}

/// `commit SHA`, `Date: …`, an empty line, the indented message.
fn git_log(text: &str) -> Result<Vec<Change>, String> {
    let mut changes: Vec<Change> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(sha) = line.strip_prefix("commit ") {
            let sha = sha.split_whitespace().next().unwrap_or_default();
            let id = sha.chars().take(12).collect();
            changes.push(Change { id, kind: "commit".to_owned(), at: NO_TIME, ..Change::default() });
            continue;
        }
        let Some(change) = changes.last_mut() else { continue };
        // The date on which it was committed is nearer to when it went out than the author's.
        let dated = ["CommitDate:", "Date:"].iter().find_map(|name| line.strip_prefix(name));
        if let Some(written) = dated {
            change.at = git_date(written.trim())
                .ok_or_else(|| format!("line {}: expected a date, got \"{}\"", index + 1, short(written)))?;
        } else if line.starts_with("    ") && change.what.is_empty() {
            change.what = short(line.trim());
        }
    }
    changes.retain(|change| change.at != NO_TIME);
    if changes.is_empty() {
        return Err("expected commits with their Date, got none".to_owned());
    }
    Ok(changes)
}

/// `Fri Nov 20 10:21:07 2026 +0100`, or whatever `--date` was given.
fn git_date(text: &str) -> Option<i64> {
    if let Some(at) = time::parse(text) {
        return Some(at);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let (clock, zone) = match words.as_slice() {
        [weekday, month, day, clock, year, zone] if weekday.len() == 3 => {
            (format!("{day} {month} {year} {clock}"), *zone)
        }
        // `--date=iso`
        [day, clock, zone] => (format!("{day}T{clock}"), *zone),
        _ => return None,
    };
    let at = time::parse(&clock)?;
    let (sign, digits) = zone.split_at_checked(1)?;
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4)?.parse().ok()?;
    let offset = (hours * 60 + minutes) * 60_000;
    match sign {
        "+" => Some(at - offset),
        "-" => Some(at + offset),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{one, read};

    #[test]
    fn changes_are_read_as_people_keep_them() {
        let json = r#"[{"id":"deploy-1","kind":"deploy","at":"2026-11-20T10:21:00Z","service":"api","release":"5.2","what":"api 5.2"}]"#;
        let change = &read(json, "c.json").unwrap()[0];
        assert_eq!((change.id.as_str(), change.at), ("deploy-1", 1_795_170_060_000));
        assert_eq!(change.scope, [("release".to_owned(), "5.2".to_owned()), ("service".to_owned(), "api".to_owned())]);

        let nested = r#"{"deployments":[{"sha":"abc","created_at":"2026-11-20T10:21:00Z","description":"x"}]}"#;
        assert_eq!(read(nested, "d.json").unwrap()[0].id, "abc");

        let git = "commit 1a2b3c4d5e6f7788\nAuthor: A <a@b.example>\nDate:   Fri Nov 20 11:21:00 2026 +0100\n\n    Rotate the key\n\n    more\n";
        let change = &read(git, "log").unwrap()[0];
        assert_eq!(
            (change.id.as_str(), change.at, change.what.as_str()),
            ("1a2b3c4d5e6f", 1_795_170_060_000, "Rotate the key")
        );

        let change = one("2026-11-20T10:21:00Z rolled out 5.2").unwrap();
        assert_eq!((change.at, change.what.as_str()), (1_795_170_060_000, "rolled out 5.2"));
        assert_eq!(one("1795170060 x").unwrap().at, 1_795_170_060_000);
    }

    #[test]
    fn what_is_no_change_says_what_was_expected() {
        assert!(one("yesterday something").unwrap_err().contains("expected a time"));
        assert!(read(r#"[{"id":"x"}]"#, "c").unwrap_err().contains("change 1: expected a time"));
        assert!(read(r#"[{"at":"soon"}]"#, "c").unwrap_err().contains("got \"soon\""));
        assert!(read("[1]", "c").unwrap_err().contains("expected an object"));
        assert!(read("commit abc\n", "c").unwrap_err().contains("Date"));
        assert_eq!(read("", "c").unwrap(), []);
    }
}
