//! What every format says alike.

use firstfault_model::contract::{Change, Checked, Covered, Difference, Finding, Group, Severity};
use firstfault_model::said::{count, some};

pub fn number(n: usize) -> String {
    count(n as u64)
}

pub fn several(n: usize, word: &str) -> String {
    some(n as u64, word)
}

/// `request body /caseType`.
pub fn place(finding: &Finding) -> String {
    format!("{} {}", finding.half, finding.spot)
}

/// `crm.yaml#/paths/…, line 88`; empty when the description has no place for it.
pub fn rule(finding: &Finding) -> String {
    at(&finding.rule, finding.line)
}

/// A place in a description with its line.
pub fn at(place: &str, line: u32) -> String {
    match (place.is_empty(), line) {
        (true, _) => String::new(),
        (false, 0) => place.to_owned(),
        (false, line) => format!("{place}, line {line}"),
    }
}

/// `calls.har lines 12 and 40, more.har line 3, and 21 calls more`.
pub fn places(group: &Group) -> String {
    let mut files: Vec<(&str, Vec<u32>)> = Vec::new();
    for (file, line) in &group.places {
        match files.last_mut().filter(|(name, _)| *name == file) {
            Some((_, lines)) => lines.push(*line),
            None => files.push((file, vec![*line])),
        }
    }
    let words = files.into_iter().map(|(file, mut lines)| {
        lines.retain(|line| *line > 0);
        lines.dedup();
        let numbers: Vec<String> = lines.iter().map(u32::to_string).collect();
        match numbers.as_slice() {
            [] => file.to_owned(),
            [one] => format!("{file} line {one}"),
            [rest @ .., last] => format!("{file} lines {} and {last}", rest.join(", ")),
        }
    });
    let mut out = words.collect::<Vec<_>>().join(", ");
    if group.calls > group.places.len() {
        let more = several(group.calls - group.places.len(), "call");
        out.push_str(&format!(", and {more} more"));
    }
    out
}

/// `expected string, got 5`, as far as both are known.
pub fn expected_and_got(finding: &Finding) -> String {
    match (finding.expected.as_str(), finding.got.as_str()) {
        ("", "") => String::new(),
        (expected, "") => format!("expected {expected}, got nothing"),
        ("", got) => format!("got {got}"),
        (expected, got) => format!("expected {expected}, got {got}"),
    }
}

/// Whether a check is broken by findings of this severity.
pub fn fails(checked: &Checked, least: Severity) -> bool {
    checked.groups.iter().any(|group| group.finding.severity <= least)
}

/// Whether what changed breaks callers: a change at least this grave, or a recorded call that would break.
#[must_use]
pub fn breaks(difference: &Difference, least: Severity) -> bool {
    !difference.broken_calls.is_empty() || difference.changes.iter().any(|change| change.severity <= least)
}

/// `crm.yaml · CRM 1.4.0`.
pub fn title(checked: &Checked) -> String {
    if checked.title.is_empty() || checked.title == checked.contract {
        checked.contract.clone()
    } else {
        format!("{} · {}", checked.contract, checked.title)
    }
}

/// `1,204 calls in 3 files · 1,180 belong to this API · 37 break its description`.
pub fn counts(checked: &Checked) -> Vec<String> {
    let files = checked.inputs.len();
    let mut words = vec![format!("{} in {}", several(checked.calls, "call"), several(files, "input"))];
    let others = checked.calls - checked.matched;
    if others > 0 {
        words.push(format!("{} of another API", number(others)));
    }
    words.push(match checked.broken {
        0 => "none breaks the description".to_owned(),
        1 => "1 breaks the description".to_owned(),
        n => format!("{} break the description", number(n)),
    });
    words
}

/// Operations, parameters and statuses: seen and described.
pub fn covered(coverage: &[Covered]) -> [(&'static str, usize, usize); 3] {
    let sum = |of: fn(&Covered) -> (usize, usize)| {
        coverage.iter().map(of).fold((0, 0), |(seen, all), (s, a)| (seen + s, all + a))
    };
    let operations = sum(|c| (usize::from(c.calls > 0), 1));
    let parameters = sum(|c| (c.parameters.iter().filter(|(_, seen)| *seen).count(), c.parameters.len()));
    let statuses = sum(|c| (c.statuses.iter().filter(|(_, seen)| *seen > 0).count(), c.statuses.len()));
    [
        ("operations", operations.0, operations.1),
        ("parameters", parameters.0, parameters.1),
        ("statuses", statuses.0, statuses.1),
    ]
}

/// `12 of 34 operations, 20 of 88 parameters, 15 of 60 statuses`.
pub fn coverage(coverage: &[Covered]) -> String {
    let parts = covered(coverage);
    let parts = parts.iter().map(|(word, seen, all)| format!("{} of {} {word}", number(*seen), number(*all)));
    parts.collect::<Vec<_>>().join(", ")
}

/// Parameters that no call has sent.
pub fn unseen_parameters(covered: &Covered) -> Vec<&str> {
    covered.parameters.iter().filter(|(_, seen)| !seen).map(|(name, _)| name.as_str()).collect()
}

/// `200 (12), 404 (0)`.
pub fn statuses(covered: &Covered) -> String {
    let words = covered.statuses.iter().map(|(status, seen)| format!("{status} ({})", number(*seen)));
    words.collect::<Vec<_>>().join(", ")
}

/// How often each severity occurs, the gravest first, without those that do not.
pub fn by_severity(severities: impl Iterator<Item = Severity>) -> Vec<(Severity, usize)> {
    let mut counts = [0; Severity::ALL.len()];
    for severity in severities {
        counts[severity as usize] += 1;
    }
    Severity::ALL.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect()
}

/// What a change of this severity is.
pub const fn change_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "breaking",
        Severity::Warning => "may break",
        Severity::Note => "harmless",
    }
}

/// `2 breaking, 1 may break, 12 harmless`; `no changes`.
pub fn change_counts(difference: &Difference) -> String {
    let counts = by_severity(difference.changes.iter().map(|change| change.severity));
    if counts.is_empty() {
        return "no change that callers can see".to_owned();
    }
    let words = counts.iter().map(|(severity, n)| format!("{} {}", number(*n), change_word(*severity)));
    words.collect::<Vec<_>>().join(", ")
}

/// Changes put together by operation, in their order; the name is empty for what concerns the whole.
pub fn by_operation(changes: &[Change]) -> Vec<(&str, Vec<&Change>)> {
    let mut out: Vec<(&str, Vec<&Change>)> = Vec::new();
    let mut index: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for change in changes {
        let at = *index.entry(change.operation.as_str()).or_insert_with(|| {
            out.push((change.operation.as_str(), Vec::new()));
            out.len() - 1
        });
        if let Some((_, list)) = out.get_mut(at) {
            list.push(change);
        }
    }
    out
}
