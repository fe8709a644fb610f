//! A triage with its secrets replaced, its control characters made visible, and everything bounded.

use super::words;
use crate::safe::{clean, diagnosis};
use firstfault_model::Check;
use firstfault_model::incident::{
    Background, Hop, Incident, Isolation, Origination, Question, ReadInput, Representative, Retries, ScoredChange,
    ServiceFigures, ShortTimeout, Signature, Triage,
};
use firstfault_redact::{Kind, Redactor, is_secret_name};

/// Characters of a name or value.
const NAME: usize = 300;
/// Characters of a sentence or message.
const MESSAGE: usize = 2_000;
/// Characters of a whole line.
const LINE: usize = 16 << 10;
/// Bytes of one string that the redactor looks at: what lies behind is never shown, and a secret that is cut here lies
/// far behind what is shown.
const LOOKED_AT: usize = 128 << 10;
/// Signatures of one incident, background failures.
const SIGNATURES: usize = 500;
/// Lines of one request's way.
const HOPS: usize = 200;
/// Changes, origins, time-outs and who repeats.
const ROWS: usize = 200;
/// Incidents.
const INCIDENTS: usize = 100;

/// A triage that may be shown.
#[derive(Clone, Debug)]
pub struct SafeTriage(Triage);

impl SafeTriage {
    /// Redacts and bounds every string of a triage.
    #[must_use]
    pub fn new(mut triage: Triage, redactor: &mut Redactor) -> Self {
        let mut pen = Pen { redactor };
        pen.learn(&triage);
        let Triage {
            calls: _,
            failed: _,
            unreadable_lines: _,
            span: _,
            inputs,
            incidents,
            services,
            background,
            series: _,
            problems,
        } = &mut triage;
        inputs.iter_mut().for_each(|input| pen.input(input));
        incidents.truncate(INCIDENTS);
        incidents.iter_mut().for_each(|incident| pen.incident(incident));
        for ServiceFigures { service, calls: _, failed: _, latency: _, figures } in services {
            pen.name(service);
            for figure in figures {
                pen.name(&mut figure.id);
                pen.name(&mut figure.unit);
            }
        }
        background.truncate(SIGNATURES);
        for Background { attributes, signature, rate: _ } in background {
            pen.attributes(attributes);
            pen.signature(signature);
        }
        problems.truncate(ROWS);
        problems.iter_mut().for_each(|problem| pen.message(problem));
        Self(triage)
    }

    /// The triage.
    #[must_use]
    pub fn triage(&self) -> &Triage {
        &self.0
    }
}

/// Every field is named, so that a new one cannot be forgotten here.
struct Pen<'a> {
    redactor: &'a mut Redactor,
}

impl Pen<'_> {
    fn bounded(&mut self, text: &mut String, limit: usize) {
        let mut end = text.len().min(LOOKED_AT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let cut = end < text.len();
        let safe = clean(&self.redactor.text(&text[..end]));
        *text = match safe.char_indices().nth(limit) {
            Some((end, _)) => format!("{}…", &safe[..end]),
            None if cut => safe + "…",
            None => safe,
        };
    }

    fn name(&mut self, text: &mut String) {
        self.bounded(text, NAME);
    }

    fn message(&mut self, text: &mut String) {
        self.bounded(text, MESSAGE);
    }

    fn maybe(&mut self, text: &mut Option<String>) {
        text.iter_mut().for_each(|text| self.name(text));
    }

    /// A key that isolates failures is a secret wherever it is said.
    fn learn(&mut self, triage: &Triage) {
        let incidents = triage.incidents.iter().flat_map(|incident| {
            let repeaters = incident.retries.without_backoff.iter().chain(&incident.retries.against_retry_after);
            let isolation = incident.isolation.iter().flat_map(|isolation| &isolation.attributes);
            isolation.map(|(n, v)| (n, v)).chain(repeaters.map(|(n, v, _)| (n, v)))
        });
        let background = triage.background.iter().flat_map(|b| b.attributes.iter().map(|(n, v)| (n, v)));
        for (name, value) in incidents.chain(background) {
            if is_secret(name, value) && value.len() <= LOOKED_AT {
                self.redactor.remember(value, Kind::Key);
            }
        }
    }

    /// A value is judged with its name beside it, but for the name of a key, which isolates failures and is none itself.
    fn value(&mut self, name: &str, value: &mut String) {
        if is_secret(name, value) {
            let short: String = value.chars().take(NAME).collect();
            *value = clean(&self.redactor.header(name, &short));
        } else {
            self.name(value);
        }
    }

    fn attributes(&mut self, attributes: &mut [(String, String)]) {
        for (name, value) in attributes {
            self.value(name, value);
            self.name(name);
        }
    }

    fn repeaters(&mut self, who: &mut Vec<(String, String, u64)>) {
        who.truncate(ROWS);
        for (name, value, _) in who {
            self.value(name, value);
            self.name(name);
        }
    }

    fn input(&mut self, input: &mut ReadInput) {
        let ReadInput { name, form, lines: _, unreadable: _, problems } = input;
        self.name(name);
        self.name(form);
        problems.truncate(ROWS);
        problems.iter_mut().for_each(|problem| self.message(problem));
    }

    fn incident(&mut self, incident: &mut Incident) {
        if incident.summary.is_empty() {
            incident.summary = words::sentence(incident);
        }
        let Incident {
            onset: _,
            interval: _,
            end: _,
            course: _,
            latency_led_seconds: _,
            latency_led_where,
            isolation,
            combinations_tried: _,
            change,
            changes,
            bucket: _,
            layer: _,
            cause,
            probability: _,
            owner: _,
            retry: _,
            failures: _,
            calls: _,
            retries,
            upstream,
            affected: _,
            signatures,
            origins,
            short_timeouts,
            representative,
            series: _,
            summary,
            checklist,
            checks,
            clock,
        } = incident;
        self.message(&mut clock.how);
        self.message(summary);
        self.maybe(latency_led_where);
        self.maybe(upstream);
        self.name(cause);
        for Isolation { attributes, .. } in isolation {
            self.attributes(attributes);
        }
        changes.truncate(ROWS);
        changes.iter_mut().chain(change).for_each(|change| self.change(change));
        let Retries { amplification: _, storm: _, repeats: _, success: _, without_backoff, against_retry_after, how } =
            retries;
        self.repeaters(without_backoff);
        self.repeaters(against_retry_after);
        self.message(how);
        signatures.truncate(SIGNATURES);
        signatures.iter_mut().for_each(|signature| self.signature(signature));
        origins.truncate(ROWS);
        for Origination { layer: _, service, count: _, passed_on } in origins {
            self.name(service);
            passed_on.truncate(ROWS);
            passed_on.iter_mut().for_each(|(service, _)| self.name(service));
        }
        short_timeouts.truncate(ROWS);
        for ShortTimeout { gateway, gave_up: _, backend, answered: _, count: _ } in short_timeouts {
            self.name(gateway);
            self.name(backend);
        }
        if let Some(representative) = representative {
            self.representative(representative);
        }
        for Question { id, question, answer, command } in checklist {
            self.name(id);
            self.message(question);
            answer.iter_mut().for_each(|answer| self.message(answer));
            command.iter_mut().for_each(|command| self.message(command));
        }
        for Check { id: _, question, seconds: _, risk: _, command, decides: _ } in checks {
            self.message(question);
            command.iter_mut().for_each(|command| self.message(command));
        }
    }

    fn change(&mut self, change: &mut ScoredChange) {
        let ScoredChange { id, at: _, what, probability: _, because } = change;
        self.name(id);
        self.message(what);
        self.message(because);
    }

    fn signature(&mut self, signature: &mut Signature) {
        let Signature {
            id: _,
            method,
            route,
            status: _,
            error_code,
            message,
            service,
            bucket: _,
            layer: _,
            cause,
            probability: _,
            count: _,
            before: _,
            seen: _,
            sample,
        } = signature;
        for text in [method, route, error_code, service] {
            self.maybe(text);
        }
        self.message(message);
        self.name(cause);
        sample.iter_mut().for_each(|(input, _)| self.name(input));
    }

    fn representative(&mut self, representative: &mut Representative) {
        let Representative { input, line, text, way, diagnosis: verdict } = representative;
        self.name(input);
        self.bounded(text, LINE);
        way.truncate(HOPS);
        for hop in way {
            let Hop {
                service,
                layer: _,
                at: _,
                skew: _,
                duration: _,
                what,
                status: _,
                failed: _,
                origin: _,
                message,
                verdict,
                depth: _,
                source,
            } = hop;
            self.name(service);
            self.name(what);
            self.message(message);
            verdict.iter_mut().for_each(|(_, _, cause)| self.name(cause));
            self.name(&mut source.0);
        }
        if let Some(verdict) = verdict {
            diagnosis(verdict, self.redactor);
            // The line was judged alone: its evidence stands where the line stands.
            for hypothesis in &mut verdict.hypotheses {
                for evidence in hypothesis.supports.iter_mut().chain(&mut hypothesis.opposes) {
                    if evidence.span.line > 0 {
                        let at = u64::from(evidence.span.line) + line.saturating_sub(1);
                        evidence.span.line = u32::try_from(at).unwrap_or(u32::MAX);
                    }
                }
            }
        }
    }
}

/// Whether a value is a secret by its name. A key may be called by a name of its own; nothing else has one.
fn is_secret(name: &str, value: &str) -> bool {
    is_secret_name(name) && !(name == "api_key" && is_name_of_key(value))
}

/// True for what names a key (`key_acme_1`, `billing-prod`): words and short numbers. Random digits and letters are the
/// key itself, or so near to it that nobody can tell.
fn is_name_of_key(value: &str) -> bool {
    let parts = value.split(|c: char| !c.is_alphanumeric());
    let random = |part: &str| {
        let all = part.chars().count();
        let digits = part.chars().filter(char::is_ascii_digit).count();
        all > 24 || digits > 0 && all > 15
    };
    value.chars().count() <= 64 && !parts.into_iter().any(random)
}

#[cfg(test)]
mod tests {
    use super::is_name_of_key;

    #[test]
    fn names_of_keys_are_told_from_keys() {
        for name in ["key_won_0", "billing-prod", "partner 12", "k8s-ingress", "key-3f9a2c1d"] {
            assert!(is_name_of_key(name), "{name}");
        }
        for key in ["9f86d081884c7d659a2feaa0", "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "QWxhZGRpbjpvcGVuIHNlc2FtZQ"] {
            assert!(!is_name_of_key(key), "{key}");
        }
    }
}
