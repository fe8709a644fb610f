//! What was understood of an input, for a person who wants to see it before trusting it: its fields with examples, and the lines
//! that nothing could be made of.

use super::{Form, Table, documents, lines as entries, otlp};
use crate::layout::{lines, trim};
use crate::{Attribute, Layout, Record};
use std::collections::HashMap;

/// Different fields, lines that are shown, examples of a field, and how long each may be.
const FIELDS: usize = 500;
const SHOWN: usize = 20;
const EXAMPLES: usize = 3;
const LONGEST: usize = 200;

/// What was understood of the beginning of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What its form was taken for.
    pub form: String,
    /// The service of lines that do not say theirs.
    pub service: String,
    /// Records that were looked at and understood.
    pub records: usize,
    /// Fields in the order in which they first appeared.
    pub fields: Vec<Mapped>,
    /// How many lines were not understood.
    pub unreadable: usize,
    /// The first of those, with their numbers from 1, each at most 200 characters.
    pub examples: Vec<(u64, String)>,
    /// What is wrong with the whole input.
    pub problem: Option<String>,
}

/// One field as it is written, and what it was recognised as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// As written, nested names joined by dots; the documented name where the format writes none.
    pub name: String,
    /// What it is; `None` for what triage has no use for.
    pub attribute: Option<Attribute>,
    /// Up to three different values, each at most 200 characters.
    pub examples: Vec<String>,
    /// How many of the records had it.
    pub records: usize,
}

impl Mapping {
    /// From the beginning of an input (whole lines) and its layout.
    pub(crate) fn of(layout: &Layout, other: Option<&Form>, beginning: &[u8], year: Option<i32>) -> Self {
        let mut made = Self {
            form: layout.form.clone(),
            service: layout.service.clone(),
            problem: layout.problem(),
            ..Self::default()
        };
        let mut known: HashMap<String, usize> = HashMap::new();
        match other {
            Some(Form::Table(table)) => {
                let mut rest = beginning;
                let mut number = 0;
                while !rest.is_empty() {
                    let (record, next) = Table::record(rest);
                    rest = &rest[next..];
                    number += 1;
                    let found = Form::Table(table.clone()).record(record, year);
                    let aside = found.is_none() && table.is_aside(record);
                    made.take(found, aside, record, number, &mut known);
                }
            }
            Some(Form::Documents) => documents::each_record(beginning, &mut |found, text| {
                made.take(found, false, text, 1, &mut known);
            }),
            Some(Form::Otlp) => {
                for (number, line) in (1..).zip(lines(beginning)) {
                    let found = otlp::records(trim(line));
                    if found.is_empty() {
                        made.take(None, trim(line).is_empty(), line, number, &mut known);
                    }
                    found.into_iter().for_each(|record| made.take(Some(record), false, line, number, &mut known));
                }
            }
            _ => {
                let mut inside = false;
                for (number, raw) in (1..).zip(lines(beginning)) {
                    let line = trim(raw);
                    let found = layout.record(&String::from_utf8_lossy(line));
                    let aside = line.is_empty() || line.starts_with(b"#") || entries::goes_on(raw, inside);
                    inside |= found.is_some();
                    made.take(found.filter(|_| !aside), aside, line, number, &mut known);
                }
            }
        }
        made
    }

    fn take(
        &mut self,
        found: Option<Record>,
        aside: bool,
        line: &[u8],
        number: u64,
        known: &mut HashMap<String, usize>,
    ) {
        let Some(record) = found else {
            if !aside {
                self.unreadable += 1;
                if self.examples.len() < SHOWN {
                    self.examples.push((number, clip(&String::from_utf8_lossy(&line[..line.len().min(LONGEST * 4)]))));
                }
            }
            return;
        };
        self.records += 1;
        for field in record.fields {
            let at = match known.get(&field.name) {
                Some(at) => *at,
                None if self.fields.len() < FIELDS => {
                    known.insert(field.name.clone(), self.fields.len());
                    self.fields.push(Mapped { name: field.name, ..Mapped::default() });
                    self.fields.len() - 1
                }
                None => continue,
            };
            let mapped = &mut self.fields[at];
            mapped.attribute = mapped.attribute.or(field.attribute);
            if field.value.is_empty() {
                continue;
            }
            mapped.records += 1;
            let value = clip(&field.value);
            if mapped.examples.len() < EXAMPLES && !mapped.examples.contains(&value) {
                mapped.examples.push(value);
            }
        }
    }
}

fn clip(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
