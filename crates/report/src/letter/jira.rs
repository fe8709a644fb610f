//! A letter in Jira's wiki markup, in which evidence cannot act.

use crate::section::Block;
use crate::words::Words;
use std::fmt::Write as _;

/// The body of a ticket.
pub fn jira(words: &Words) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "h2. {}", escape(&words.title));
    for paragraph in &words.lead {
        let _ = writeln!(out, "\n{}", escape(paragraph));
    }
    for section in &words.sections {
        let _ = writeln!(out, "\nh3. {}", escape(&section.title));
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Text(text) => {
                    let _ = writeln!(out, "{}", escape(text));
                }
                Block::List(items) => items.iter().for_each(|item| {
                    let _ = writeln!(out, "* {}", escape(item));
                }),
                Block::Steps(steps) => {
                    for (step, command) in steps {
                        let _ = writeln!(out, "# {}", escape(step));
                        if let Some(command) = command {
                            let _ = writeln!(out, "#* {}", literal(command));
                        }
                    }
                }
                Block::Rows(rows) => {
                    for row in rows {
                        let value = if row.literal { literal(&row.value) } else { escape(&row.value) };
                        let _ = writeln!(out, "* *{}*: {value}", escape(&row.label));
                    }
                }
                Block::Code(text) => {
                    let _ = writeln!(out, "{{noformat}}\n{}\n{{noformat}}", verbatim(text));
                }
            }
        }
    }
    out
}

/// Monospaced text.
fn literal(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("{{{{{}}}}}", escape(text.trim())) }
}

/// What Jira shows as small pictures.
const PICTURES: &[&str] =
    &["(y)", "(n)", "(i)", "(/)", "(x)", "(!)", "(+)", "(-)", "(?)", "(on)", "(off)", "(*", "(flag"];

/// Text in which nothing is markup: no macros, links, images, mentions, tables, headings or emoticons.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let tail = &text[at..];
        let after = tail.chars().nth(1).unwrap_or(' ');
        let acts = match c {
            '\\' | '{' | '}' | '[' | ']' | '|' | '*' | '_' | '^' | '~' | '+' | '!' => true,
            '-' => !before.is_alphanumeric() || after == '-',
            '?' => before == '?' || after == '?',
            '#' => before == ' ',
            '(' => PICTURES.iter().any(|picture| tail.starts_with(picture)),
            ':' | ';' => matches!(after, ')' | '(' | 'P' | 'D'),
            // `bq. `, `h1. `: only at the beginning.
            '.' => out.len() <= 2 && after == ' ',
            _ => false,
        };
        if acts {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Text between `{noformat}`, which it cannot end.
fn verbatim(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if rest.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("noformat")) {
            out.push(' ');
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_cannot_act() {
        assert_eq!(
            escape("{code}[x|http://e]!a.png!~u~ -s- a-b"),
            "\\{code\\}\\[x\\|http://e\\]\\!a.png\\!\\~u\\~ \\-s- a-b"
        );
        assert_eq!(escape("h1. big"), "h1\\. big");
        assert_eq!(verbatim("a{noformat}b{NoFormat:x}"), "a{ noformat}b{ NoFormat:x}");
    }
}
