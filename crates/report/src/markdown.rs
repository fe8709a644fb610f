//! The verdict for a ticket or a chat, as Markdown in which evidence cannot act.

use crate::evidence::shown;
use crate::letter::section_markdown;
use crate::safe::{Call, Safe};
use crate::section::Section;
use firstfault_model::LayerState;
use std::fmt::Write as _;

/// The report on one input.
#[must_use]
pub fn markdown(safe: &Safe) -> String {
    let report = safe.report();
    let mut out = String::new();
    let Some(first) = report.calls.get(report.first) else { return out };
    verdict(&mut out, first);
    if report.failed > 1 {
        let _ = writeln!(out, "\n{} of {} calls failed:\n", report.failed, report.total);
        for call in report.calls.iter().take(20) {
            let d = &call.diagnosis;
            let _ = writeln!(out, "- {} — {} `{}`", escape(&d.headline), d.bucket, d.cause);
        }
    }
    out
}

/// The report on one input, with further sections: what an evidence pack holds besides the verdict.
#[must_use]
pub fn markdown_with(safe: &Safe, sections: &[Section]) -> String {
    let mut out = markdown(safe);
    sections.iter().for_each(|section| section_markdown(&mut out, section, "####"));
    out
}

fn verdict(out: &mut String, call: &Call) {
    let d = &call.diagnosis;
    let sign = match (d.failed, d.attributed) {
        (true, _) => "✗",
        (false, true) => "✓",
        (false, false) => "?",
    };
    let _ = writeln!(out, "### {sign} {}\n", escape(&d.headline));
    let _ = writeln!(out, "{}\n", escape(&d.summary));
    if !d.failed {
        contract(out, call);
        return;
    }
    let repeat = match d.safe_to_repeat {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let layer = d.layer.map_or("unknown", firstfault_model::Layer::word);
    let _ =
        writeln!(out, "| bucket | failed first | cause | owner | retry | safe to repeat |\n|---|---|---|---|---|---|");
    let _ = writeln!(
        out,
        "| {} | {layer} | `{}` ({:.0}%) | {} | {} | {repeat} |\n",
        d.bucket,
        d.cause,
        d.probability * 100.0,
        d.owner,
        d.retry
    );
    let strip: Vec<String> = d
        .layers
        .iter()
        .map(|l| {
            let sign = match l.state {
                LayerState::Passed => "✓",
                LayerState::Failed => "✗",
                LayerState::Unknown => "?",
            };
            format!("{} {sign}", l.layer)
        })
        .collect();
    let _ = writeln!(out, "{}\n\n**Evidence**\n", strip.join(" → "));
    for h in d.hypotheses.iter().take(4) {
        let _ = writeln!(out, "- {:.0}% `{}` {}", h.probability * 100.0, h.cause, escape(&h.title));
        for (supports, e) in shown(h, 3, 2) {
            let sign = if supports { "for" } else { "against" };
            let _ = writeln!(out, "  - {sign}, {} ({}): {}", e.span.place(), e.strength.word(), code(&e.fact));
        }
    }
    contract(out, call);
    if let Some(missing) = &d.missing {
        let _ = writeln!(out, "\n**What would decide**: {}", escape(missing));
    }
    if !d.checks.is_empty() {
        let _ = writeln!(out, "\n**Next checks**\n");
        for (i, check) in d.checks.iter().take(3).enumerate() {
            let _ = writeln!(out, "{}. {} ({} s)", i + 1, escape(&check.question), check.seconds);
            if let Some(command) = &check.command {
                let _ = writeln!(out, "   {}", code(command));
            }
        }
    }
    if let Some(fix) = &d.fix {
        let _ = writeln!(
            out,
            "\n**Try this**: {}\n\n{}diff",
            escape(&fix.what),
            fence(fix.before.iter().chain(&fix.after))
        );
        fix.before.iter().for_each(|line| {
            let _ = writeln!(out, "-{line}");
        });
        fix.after.iter().for_each(|line| {
            let _ = writeln!(out, "+{line}");
        });
        let _ = writeln!(out, "{}", fence(fix.before.iter().chain(&fix.after)));
    }
    if !d.ids.is_empty() {
        let ids: Vec<String> = d.ids.iter().take(6).map(|(n, v)| format!("{} {}", escape(n), code(v))).collect();
        let _ = writeln!(out, "\nids: {}", ids.join(", "));
    }
}

/// What the API's own description says of the call.
fn contract(out: &mut String, call: &Call) {
    if let Some(against) = &call.contract {
        section_markdown(out, &crate::contract::section(against, false), "####");
    }
}

/// Text in which nothing is markup: no links, images, HTML, mentions or tables.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A zero-width joiner would be hostile in turn; an entity keeps a mention from firing.
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

/// Text as a code span that its own backticks cannot end.
#[must_use]
pub fn code(text: &str) -> String {
    let ticks = longest_run(text) + 1;
    let fence = "`".repeat(ticks);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

pub(crate) fn fence<'a>(lines: impl Iterator<Item = &'a String>) -> String {
    "`".repeat(lines.map(|l| longest_run(l)).max().unwrap_or(0).max(2) + 1)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_cannot_act() {
        assert_eq!(escape("![x](javascript:1) <b>@all|"), "\\!\\[x\\](javascript:1) &lt;b&gt;&#64;all\\|");
        assert_eq!(code("a``b"), "```a``b```");
    }
}
