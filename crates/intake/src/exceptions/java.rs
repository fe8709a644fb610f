//! The JVM's own forms: servlet containers' lines around a stack, and exceptions that print their
//! fields like a call. It refuses to know chains and frames, which are read for all runtimes alike.

use super::chain::walk;
use super::embedded::{Value, parse};
use super::frames::Runtime;
use super::head::{Link, exact};
use super::report::Report;
use super::text::{between, clip, is_word, run};
use crate::Taken;
use crate::lines::Lines;

/// Tomcat's `Servlet.service() for servlet [x] … threw exception [A: words] with root cause`, and
/// Spring's `Resolved [A: words]`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), 16 * 1024);
    let threw = line.contains(" threw exception");
    if !threw && !line.contains("Resolved [") {
        return None;
    }
    let mut report = Report::new(Some(Runtime::Java));
    report.server = true;
    let inner = between(line, "threw exception [", "] with root cause")
        .or_else(|| line.split_once("Resolved [").map(|(_, r)| r.trim_end().trim_end_matches(']')));
    if let Some(head) = inner.and_then(exact) {
        report.link(Link::new(head.kind, head.words), lines.span(at));
    }
    // The root cause follows, perhaps after a blank line.
    let next = (at + 1..(at + 3).min(lines.len())).find(|i| !lines.text(*i).trim().is_empty());
    let mut end = at + 1;
    if let Some((next, head)) = next.filter(|_| threw).and_then(|n| exact(lines.text(n).trim_start()).map(|h| (n, h))) {
        end = walk(lines, next, head.kind, head.words, &mut report);
    }
    if report.links.is_empty() {
        return None;
    }
    report.finish(lines, at, end)
}

/// `(message: {…}, code: 401, details: Unauthorized)`: Dart, Kotlin and Scala print fields like this.
pub(super) fn call_like(text: &str) -> Option<Value> {
    let inner = text.strip_prefix('(').unwrap_or(text);
    let (name, rest) = run(inner, is_word);
    if name.is_empty()
        || !rest.starts_with([':', '='])
        || rest.starts_with("::")
        || !(text.len() > inner.len() || matches!(name, "message" | "code" | "status" | "statusCode"))
    {
        return None;
    }
    if !inner.contains(", ") {
        return None;
    }
    let inner = inner.strip_suffix(')').unwrap_or(inner);
    Some(parse(&format!("{{{inner}}}")).value).filter(|v| v.entries().len() > 1)
}
