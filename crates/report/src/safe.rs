//! A report with its secrets replaced and its control characters made visible.

use firstfault_model::{Check, Diagnosis, Evidence, Explain, Fix, Hypothesis, LayerVerdict, Message, Problem, Span};
use firstfault_redact::Redactor;

/// One input's verdicts, as the engine made them.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The input as the user named it.
    pub input: String,
    /// Verdicts with the calls they are about, in the order of the evidence.
    pub calls: Vec<Call>,
    /// Which of `calls` failed first on the way.
    pub first: usize,
    /// How many calls the input tells of.
    pub total: usize,
    /// How many of them failed.
    pub failed: usize,
    /// What people wrote around it.
    pub notes: Vec<Message>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
    /// Why nothing in it could be read as evidence of a call.
    pub unreadable: Option<String>,
}

/// A verdict and the request that it is about.
#[derive(Clone, Debug)]
pub struct Call {
    /// The verdict.
    pub diagnosis: Diagnosis,
    /// Which reader made the call.
    pub form: &'static str,
    /// Method as written.
    pub method: Option<String>,
    /// URL as written.
    pub url: Option<String>,
    /// Status code.
    pub status: Option<u16>,
    /// Where the evidence stands.
    pub span: Span,
    /// How often a call like this was seen.
    pub repeats: usize,
    /// When the first and the last of them began, in milliseconds since the Unix epoch, as far as that was seen.
    pub seen: Option<(i64, Option<i64>)>,
    /// The call itself, for the formats that show headers, bodies and timings.
    pub exchange: Option<firstfault_model::Call>,
    /// What the API's own description says of it, where one was at hand and it is a call of that API.
    pub contract: Option<crate::contract::Against>,
}

/// A report that may be shown.
#[derive(Clone, Debug)]
pub struct Safe(Report);

impl Safe {
    /// Redacts every string of a report.
    #[must_use]
    pub fn new(mut report: Report, redactor: &mut Redactor) -> Self {
        report.input = clean(&redactor.text(&report.input));
        for call in &mut report.calls {
            call.url = call.url.take().map(|url| clean(&redactor.url(&url)));
            call.method = call.method.take().map(|m| clean(&redactor.text(&m)));
            diagnosis(&mut call.diagnosis, redactor);
            if let Some(exchange) = &mut call.exchange {
                // Line breaks of bodies stay: each format neutralises what it cannot show.
                *exchange = redactor.call(exchange);
            }
            if let Some(against) = &mut call.contract {
                crate::contract::safe_against(against, redactor);
            }
        }
        for note in &mut report.notes {
            safe(&mut note.text, redactor);
        }
        for problem in &mut report.problems {
            safe(&mut problem.message, redactor);
        }
        if let Some(message) = &mut report.unreadable {
            safe(message, redactor);
        }
        Self(report)
    }

    /// The report.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.0
    }
}

/// Every field is named, so that a new one cannot be forgotten here.
pub(crate) fn diagnosis(diagnosis: &mut Diagnosis, redactor: &mut Redactor) {
    let Diagnosis {
        failed: _,
        soft_failure: _,
        bucket: _,
        layer: _,
        cause: _,
        probability: _,
        attributed: _,
        retry: _,
        retry_after: _,
        safe_to_repeat: _,
        owner: _,
        signature: _,
        summary,
        headline,
        layers,
        hypotheses,
        checks,
        fix,
        explain,
        ids,
        missing,
    } = diagnosis;
    safe(summary, redactor);
    safe(headline, redactor);
    for LayerVerdict { layer: _, state: _, because } in layers {
        safe(because, redactor);
    }
    for Hypothesis { cause: _, title: _, probability: _, supports, opposes } in hypotheses {
        for Evidence { fact, because, span: _, rule: _, strength: _ } in supports.iter_mut().chain(opposes) {
            safe(fact, redactor);
            safe(because, redactor);
        }
    }
    for Check { id: _, question, seconds: _, risk: _, command, decides: _ } in checks {
        safe(question, redactor);
        if let Some(command) = command {
            safe(command, redactor);
        }
    }
    if let Some(Fix { what, before, after }) = fix {
        safe(what, redactor);
        before.iter_mut().chain(after).for_each(|line| *line = clean(&redactor.command(line)));
    }
    let Explain { client, provider, plain, question } = explain;
    for words in [client, provider, plain, question] {
        safe(words, redactor);
    }
    for (name, value) in ids {
        safe(name, redactor);
        *value = clean(value);
    }
    if let Some(missing) = missing {
        safe(missing, redactor);
    }
}

fn safe(text: &mut String, redactor: &mut Redactor) {
    *text = clean(&redactor.text(text));
}

/// Text on one line of at most `limit` characters, with control characters made visible.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    let text = clean(text);
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Like [`clean`], but line breaks stay: for what is shown line by line.
pub(crate) fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// Makes control characters visible: escapes of a terminal, line separators, and marks that turn the direction of text.
pub(crate) fn clean(text: &str) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(hostile) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '\n' | '\t' | '\r' => ' ',
            c if hostile(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn escapes_do_nothing() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb c\u{fffd}d");
    }
}
