//! A page as Markdown: for a ticket, and for `docs/knowledge/`.

use crate::page::{Kind, Page, Section};
use std::fmt::Write as _;

/// The page as Markdown, with a line end.
#[must_use]
pub fn markdown(page: &Page) -> String {
    let mut out = String::new();
    heading(&mut out, page, 1);
    body(&mut out, page, 2);
    out
}

/// The heading of a page.
pub fn heading(out: &mut String, page: &Page, level: usize) {
    let title = match page.kind {
        Kind::Cause | Kind::Entry | Kind::Bucket if page.title != page.id => {
            format!("`{}` {}", page.id, escape(&page.title))
        }
        _ => escape(&page.title),
    };
    let _ = writeln!(out, "{} {title}", "#".repeat(level));
}

/// What stands under the heading of a page.
pub fn body(out: &mut String, page: &Page, level: usize) {
    if !page.meaning.is_empty() {
        let _ = writeln!(out, "\n{}", escape(&page.meaning));
    }
    if !page.facts.is_empty() {
        let facts: Vec<String> = page.facts.iter().map(|f| format!("{}: **{}**", f.label, escape(&f.value))).collect();
        let _ = writeln!(out, "\n{}", facts.join(" · "));
    }
    for section in &page.sections {
        part(out, section, level);
    }
    if !page.sources.is_empty() {
        let list: Vec<String> = page.sources.iter().map(|s| source(s)).collect();
        let _ = writeln!(out, "\nSource: {}", list.join(", "));
    }
}

fn part(out: &mut String, section: &Section, level: usize) {
    let _ = writeln!(out, "\n{} {}\n", "#".repeat(level), section.title);
    if let [only] = section.items.as_slice()
        && only.name.is_empty()
        && only.command.is_empty()
        && only.block.is_empty()
    {
        let _ = writeln!(out, "{}", escape(&only.text));
        return;
    }
    for (number, item) in section.items.iter().enumerate() {
        let bullet = if section.ordered { format!("{}.", number + 1) } else { "-".to_owned() };
        let name = if item.name.is_empty() { String::new() } else { format!("`{}` ", item.name.replace('`', "'")) };
        let _ = writeln!(out, "{bullet} {name}{}", escape(&item.text));
        if !item.command.is_empty() {
            let _ = writeln!(out, "  `{}`", item.command.replace('`', "'").replace('\n', " "));
        }
        if !item.block.is_empty() {
            out.push_str("\n  ```\n");
            item.block.lines().for_each(|line| {
                let _ = writeln!(out, "{}", format!("  {}", line.replace('`', "'")).trim_end());
            });
            out.push_str("  ```\n");
        }
    }
}

fn source(source: &str) -> String {
    if source.starts_with("http") { format!("<{source}>") } else { escape(source) }
}

/// Words of packs quote messages, in which Markdown's own signs may stand.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    for c in text.chars() {
        match c {
            '`' => code = !code,
            '*' | '_' | '<' | '>' | '[' | ']' | '|' | '#' if !code => out.push('\\'),
            '\n' | '\r' => {
                out.push(' ');
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}
