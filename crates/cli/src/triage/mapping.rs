//! `--show-mapping`: what each field was taken for, with examples, and the lines that were not understood.

use crate::exit::Exit;
use firstfault_calls::Mapping;
use firstfault_gather::Request;
use firstfault_redact::Redactor;
use firstfault_report::one_line;
use std::fmt::Write as _;
use std::io::Write as _;

/// Inputs that are shown; of ten thousand files most are alike.
const SHOWN: usize = 20;
/// Columns when nobody says.
const WIDTH: usize = 100;

pub fn show(request: &Request, mut redactor: Redactor, width: Option<usize>) -> Result<Exit, String> {
    let mappings = firstfault_gather::mappings(request).map_err(|e| e.to_string())?;
    let width = width.unwrap_or(WIDTH).max(40);
    let mut text = String::new();
    for (name, mapping) in mappings.iter().take(SHOWN) {
        input(&mut text, &one_line(&redactor.text(name), width), mapping, &mut redactor, width);
    }
    if mappings.len() > SHOWN {
        let _ = writeln!(text, "and {} more inputs", mappings.len() - SHOWN);
    }
    // A closed pipe is success.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(Exit::Nothing)
}

fn input(text: &mut String, name: &str, mapping: &Mapping, redactor: &mut Redactor, width: usize) {
    let _ = writeln!(text, "== {name}");
    if let Some(problem) = &mapping.problem {
        let _ = writeln!(text, "   {}", one_line(&redactor.text(problem), width - 3));
    }
    if mapping.records == 0 && mapping.unreadable == 0 {
        let _ = writeln!(text, "   nothing to read\n");
        return;
    }
    let _ = writeln!(
        text,
        "   {}, service {} unless a line says; {} of {} lines looked at were understood",
        mapping.form,
        one_line(&redactor.text(&mapping.service), 40),
        mapping.records,
        mapping.records + mapping.unreadable
    );
    let names: Vec<String> = mapping.fields.iter().map(|field| one_line(&redactor.text(&field.name), 34)).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (field, name) in mapping.fields.iter().zip(&names) {
        let last = field.name.rsplit('.').next().unwrap_or_default();
        let examples: Vec<String> = field.examples.iter().map(|value| redactor.header(last, value)).collect();
        let attribute = field.attribute.map_or("-", |attribute| attribute.word());
        let head = format!("   {name:widest$}  {attribute:16}  {:>4}  ", field.records);
        let room = width.saturating_sub(head.chars().count()).max(12);
        let _ = writeln!(text, "{head}{}", one_line(&examples.join(", "), room));
    }
    if mapping.unreadable > 0 {
        let _ = writeln!(text, "   not understood: {} lines", mapping.unreadable);
        for (number, line) in &mapping.examples {
            let _ = writeln!(text, "   {number:>6}  {}", one_line(&redactor.text(line), width.saturating_sub(11)));
        }
    }
    text.push('\n');
}
