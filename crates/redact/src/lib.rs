//! Finds secrets and replaces them, the same secret always by the same placeholder.
//!
//! Two ways lead to a replacement: a value that a [`Call`] carries in a place for credentials is learnt, and then
//! replaced wherever it stands; and text is searched for shapes (documented token prefixes, JWTs, PEM blocks) and
//! for assignments (`password=…`, `"apiKey": "…"`, `Authorization: Bearer …`). Ids that correlate survive, a JWT
//! keeps header and claims and loses its signature. This crate refuses to know diagnoses and does no I/O.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod learn;
mod names;
mod scan;
mod shapes;

use aho_corasick::{AhoCorasick, MatchKind};
use firstfault_model::{Call, Headers, Url};
use std::collections::BTreeMap;

pub use names::is_secret_name;

/// Replaces secrets; remembers which placeholder stands for which.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    policy: Policy,
    /// Secret → placeholder.
    placeholders: BTreeMap<String, String>,
    /// How many of each kind.
    counts: BTreeMap<&'static str, usize>,
    /// Secrets that calls carry, with their kinds.
    learnt: Vec<(String, &'static str)>,
    known: std::collections::HashSet<String>,
    /// Finds them all in one pass; made anew when more were learnt.
    finder: Option<AhoCorasick>,
}

/// What is replaced, and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Personal data too: e-mail, phone, card and account numbers, IP addresses, names in known fields.
    pub personal: bool,
    /// Values and names that stay.
    pub allow: Vec<String>,
    /// Values, and names whose values, are replaced wherever they stand.
    pub deny: Vec<String>,
}

/// Opens a placeholder.
const OPEN: char = '‹';
/// Closes a placeholder.
const CLOSE: char = '›';
/// Shorter values are too common to be replaced wherever they stand.
const LEAST_LEARNT: usize = 6;

impl Redactor {
    /// A redactor that knows no secret yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A redactor that knows no secret yet, with a policy of its own.
    #[must_use]
    pub fn with(policy: Policy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Learns the secrets that a call carries, so that they are replaced wherever they are quoted.
    pub fn learn(&mut self, call: &Call) {
        for (secret, kind) in learn::secrets(call) {
            self.remember(&secret, kind);
        }
    }

    /// Learns one secret.
    pub fn remember(&mut self, secret: &str, kind: &'static str) {
        let secret = secret.trim();
        let unfit = secret.len() < LEAST_LEARNT || secret.contains(OPEN) || names::is_dummy(secret);
        if unfit || !self.known.insert(secret.to_owned()) {
            return;
        }
        self.learnt.push((secret.to_owned(), kind));
        self.finder = None;
    }

    /// Text with its secrets replaced.
    #[must_use]
    pub fn text(&mut self, text: &str) -> String {
        let text = self.replace_learnt(text);
        scan::scan(&text, self)
    }

    /// A URL with userinfo, secret query values and token-like path segments replaced.
    #[must_use]
    pub fn url(&mut self, url: &str) -> String {
        self.text(url)
    }

    /// A command line with the values of credential options replaced.
    #[must_use]
    pub fn command(&mut self, command: &str) -> String {
        self.text(command)
    }

    /// The value of a header field with its secrets replaced.
    #[must_use]
    pub fn header(&mut self, name: &str, value: &str) -> String {
        let line = self.text(&format!("{name}: {value}"));
        line.strip_prefix(name).and_then(|l| l.strip_prefix(": ")).map_or_else(|| self.text(value), str::to_owned)
    }

    /// A call with the secrets of every field, target, body and message replaced.
    #[must_use]
    pub fn call(&mut self, call: &Call) -> Call {
        let mut call = call.clone();
        if let Some(request) = &mut call.request {
            request.url = Url::parse(&self.url(&request.url.to_string()));
            self.headers(&mut request.headers);
            request.body.iter_mut().for_each(|body| body.text = self.text(&body.text));
        }
        if let Some(response) = &mut call.response {
            self.headers(&mut response.headers);
            self.headers(&mut response.trailers);
            response.reason = response.reason.take().map(|reason| self.text(&reason));
            response.body.iter_mut().for_each(|body| body.text = self.text(&body.text));
        }
        call.messages.iter_mut().for_each(|message| message.text = self.text(&message.text));
        call.attributes
            .iter_mut()
            .for_each(|attribute| attribute.value = self.header(&attribute.name, &attribute.value));
        call
    }

    fn headers(&mut self, headers: &mut Headers) {
        headers.0.iter_mut().for_each(|field| field.value = self.header(&field.name, &field.value));
    }

    fn replace_learnt(&mut self, text: &str) -> String {
        if self.learnt.is_empty() {
            return text.to_owned();
        }
        let finder = self.finder.take().or_else(|| {
            let secrets = self.learnt.iter().map(|(secret, _)| secret);
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(secrets).ok()
        });
        let Some(finder) = finder else {
            // Too many secrets for one automaton: nothing may be shown rather than something leaked.
            return format!("{OPEN}withheld{CLOSE}");
        };
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for found in finder.find_iter(text) {
            let (secret, kind) = self.learnt[found.pattern().as_usize()].clone();
            out.push_str(&text[at..found.start()]);
            out.push_str(&self.placeholder(&secret, kind));
            at = found.end();
        }
        out.push_str(&text[at..]);
        self.finder = Some(finder);
        out
    }

    /// The placeholder of a secret: `‹token:a1›`. What was written around the value is kept by the caller.
    pub(crate) fn placeholder(&mut self, secret: &str, kind: &'static str) -> String {
        if let Some(known) = self.placeholders.get(secret) {
            return known.clone();
        }
        let count = self.counts.entry(kind).or_insert(0);
        let letter = char::from(b'a' + u8::try_from(*count / 9 % 26).unwrap_or(0));
        let placeholder = format!("{OPEN}{kind}:{letter}{}{CLOSE}", *count % 9 + 1);
        *count += 1;
        self.placeholders.insert(secret.to_owned(), placeholder.clone());
        placeholder
    }
}

#[cfg(test)]
mod tests;
