//! A letter for a terminal.

use crate::paint::{Ink, paint, wrap};
use crate::section::Block;
use crate::text::Style;
use crate::words::Words;
use std::fmt::Write as _;

/// Lines of at most the style's width, but for commands and values to copy.
pub fn text(words: &Words, style: Style) -> String {
    let mut out = String::new();
    for line in wrap(&words.title, style.width) {
        let _ = writeln!(out, "{}", paint(&line, Ink::Bold, style.color));
    }
    for paragraph in &words.lead {
        out.push('\n');
        hanging(&mut out, "", paragraph, style.width);
    }
    for section in &words.sections {
        let _ = writeln!(out, "\n{}", paint(&section.title, Ink::Bold, style.color));
        blocks(&mut out, &section.blocks, style.width);
    }
    out
}

/// The blocks of a section, indented by two.
pub fn blocks(out: &mut String, blocks: &[Block], width: usize) {
    for block in blocks {
        match block {
            Block::Text(text) => hanging(out, "  ", text, width),
            Block::List(items) => items.iter().for_each(|item| hanging(out, "  - ", item, width)),
            Block::Steps(steps) => {
                for (number, (step, command)) in steps.iter().enumerate() {
                    hanging(out, &format!("  {}. ", number + 1), step, width);
                    if let Some(command) = command {
                        let _ = writeln!(out, "     {command}");
                    }
                }
            }
            Block::Rows(rows) => {
                for row in rows {
                    let line = format!("  {}: {}", row.label, row.value);
                    if row.literal && crate::paint::columns(&line) > width {
                        // A value to copy is never broken.
                        hanging(out, "  ", &format!("{}:", row.label), width);
                        let _ = writeln!(out, "    {}", row.value);
                    } else {
                        // Further lines stand below the value.
                        let text = line.trim_start();
                        for (i, part) in wrap(text, width.saturating_sub(4)).iter().enumerate() {
                            let _ = writeln!(out, "{}{part}", if i == 0 { "  " } else { "    " });
                        }
                    }
                }
            }
            Block::Code(text) => text.lines().for_each(|line| {
                let _ = writeln!(out, "{}", format!("    {line}").trim_end());
            }),
        }
    }
}

/// `lead`, and the text in lines of their own beside it.
pub fn hanging(out: &mut String, lead: &str, text: &str, width: usize) {
    let indent = lead.chars().count();
    for (i, line) in wrap(text, width.saturating_sub(indent)).iter().enumerate() {
        let _ = if i == 0 { writeln!(out, "{lead}{line}") } else { writeln!(out, "{:indent$}{line}", "") };
    }
}
