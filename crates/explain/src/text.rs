//! A page for a person at a terminal.

use crate::find::Found;
use crate::page::{Kind, Page, Section};
use firstfault_report::paint::{Ink, columns, paint, wrap};
use firstfault_report::{Style, one_line};
use std::fmt::Write as _;

/// A pack has hundreds of rows: a terminal shows this many of a section unless told to show all.
const ITEM_LIMIT: usize = 24;
/// Names beyond this do not stand beside their text but above it.
const NAME_WIDTH: usize = 30;

/// The answer as text, each line at most `style.width` columns.
#[must_use]
pub fn text(found: &Found, style: Style) -> String {
    let mut out = String::new();
    for (i, page) in found.pages.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        one_page(&mut out, page, style);
    }
    if !found.pages.is_empty() && !found.near.is_empty() {
        out.push('\n');
        paragraph(&mut out, &format!("also  {}", found.near.join("  ")), 2, style);
    }
    out
}

fn one_page(out: &mut String, page: &Page, style: Style) {
    let head = match page.kind {
        Kind::Cause | Kind::Entry | Kind::Bucket if page.title != page.id => format!("{}  {}", page.id, page.title),
        _ => page.title.clone(),
    };
    for line in wrap(&head, style.width) {
        let _ = writeln!(out, "{}", paint(&line, Ink::Bold, style.color));
    }
    paragraph(out, &page.meaning, 2, style);
    if !page.facts.is_empty() {
        out.push('\n');
        let facts: Vec<String> = page.facts.iter().map(|f| format!("{}: {}", f.label, f.value)).collect();
        paragraph(out, &facts.join(" · "), 2, style);
    }
    for section in &page.sections {
        let _ = writeln!(out, "\n  {}", paint(section.title, Ink::Bold, style.color));
        items(out, section, style);
    }
    if !page.sources.is_empty() {
        out.push('\n');
        let more = page.sources.len().saturating_sub(3);
        let tail = if more > 0 && !style.verbose { format!("  and {more} more") } else { String::new() };
        let shown = if style.verbose { page.sources.len() } else { 3 };
        let list: Vec<&str> = page.sources.iter().take(shown).map(String::as_str).collect();
        paragraph(out, &format!("source  {}{tail}", list.join("  ")), 2, style);
    }
    if !page.see.is_empty() {
        let list: Vec<String> = page.see.iter().map(|query| format!("firstfault explain {query}")).collect();
        paragraph(out, &format!("see  {}", list.join(" · ")), 2, style);
    }
}

fn items(out: &mut String, section: &Section, style: Style) {
    let limit = if style.verbose { usize::MAX } else { ITEM_LIMIT };
    let widest = section.items.iter().take(limit).map(|item| columns(&item.name)).filter(|w| *w <= NAME_WIDTH).max();
    for (number, item) in section.items.iter().take(limit).enumerate() {
        let lead = if section.ordered { format!("{:>2} ", number + 1) } else { String::new() };
        if item.name.is_empty() {
            hanging(out, &lead, &item.text, 2, style);
        } else if section.ordered || columns(&item.name) > NAME_WIDTH {
            hanging(out, &lead, &format!("{}: {}", item.name, item.text), 2, style);
        } else {
            let name = format!("{:<width$}  ", item.name, width = widest.unwrap_or(0));
            hanging(out, &name, &item.text, 2, style);
        }
        if !item.command.is_empty() {
            let indent = 2 + columns(&lead);
            let _ = writeln!(out, "{:indent$}$ {}", "", one_line(&item.command, 300));
        }
        for line in item.block.lines() {
            let _ = writeln!(out, "{}", format!("      {}", one_line(line, 300)).trim_end());
        }
    }
    let rest = section.items.len().saturating_sub(limit);
    if rest > 0 {
        paragraph(out, &format!("and {rest} more (--verbose)"), 2, style);
    }
}

/// `lead`, and the text beside it in lines of their own width.
fn hanging(out: &mut String, lead: &str, text: &str, indent: usize, style: Style) {
    let taken = indent + columns(lead);
    let lines = wrap(&one_line(text, 2_000), style.width.saturating_sub(taken));
    let blank = " ".repeat(columns(lead));
    if lines.is_empty() {
        let _ = writeln!(out, "{:indent$}{}", "", lead.trim_end());
    }
    for (i, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "{:indent$}{}{line}", "", if i == 0 { lead } else { &blank });
    }
}

fn paragraph(out: &mut String, text: &str, indent: usize, style: Style) {
    hanging(out, "", text, indent, style);
}
