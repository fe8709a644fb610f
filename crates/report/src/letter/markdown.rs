//! A letter as Markdown, and as an issue of GitHub or GitLab.

use crate::markdown::{code, escape, fence};
use crate::section::{Block, Section};
use crate::words::Words;
use std::fmt::Write as _;

/// The letter; an issue folds what is only evidence.
pub fn markdown(words: &Words, issue: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}", escape(&words.title));
    for paragraph in &words.lead {
        let _ = writeln!(out, "\n{}", escape(paragraph));
    }
    for section in &words.sections {
        if issue && section.folded {
            // Blank lines make what is inside Markdown again.
            let _ = writeln!(out, "\n<details>\n<summary>{}</summary>", escape(&section.title));
            blocks(&mut out, section);
            let _ = writeln!(out, "\n</details>");
        } else {
            let _ = writeln!(out, "\n## {}", escape(&section.title));
            blocks(&mut out, section);
        }
    }
    out
}

/// A section under a heading of its own.
pub fn section(out: &mut String, section: &Section, heading: &str) {
    let _ = writeln!(out, "\n{heading} {}", escape(&section.title));
    blocks(out, section);
}

fn blocks(out: &mut String, section: &Section) {
    for block in &section.blocks {
        out.push('\n');
        match block {
            Block::Text(text) => {
                let _ = writeln!(out, "{}", escape(text));
            }
            Block::List(items) => items.iter().for_each(|item| {
                let _ = writeln!(out, "- {}", escape(item));
            }),
            Block::Steps(steps) => {
                for (number, (step, command)) in steps.iter().enumerate() {
                    let _ = writeln!(out, "{}. {}", number + 1, escape(step));
                    if let Some(command) = command {
                        let _ = writeln!(out, "   {}", code(command));
                    }
                }
            }
            Block::Rows(rows) => {
                for row in rows {
                    let value = if row.literal { code(&row.value) } else { escape(&row.value) };
                    let _ = writeln!(out, "- **{}**: {value}", escape(&row.label));
                }
            }
            Block::Code(text) => {
                let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let fence = fence(lines.iter());
                let _ = writeln!(out, "{fence}\n{text}\n{fence}");
            }
        }
    }
}
