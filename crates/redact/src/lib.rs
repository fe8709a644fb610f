//! Finds secrets and replaces them, the same secret always by the same placeholder.
//!
//! Finding looks at names (`password=…`, `"apiKey": "…"`, `X-Api-Key: …`, `<token>…`), at shapes that issuers document,
//! at JWTs and PEM blocks, at URLs, cookies, forms and command lines, and at words that announce a credential; by
//! chance-like looks only where the words around agree. What a [`Call`] carries in a place for credentials can be learnt,
//! and is then replaced wherever it is quoted. Ids that correlate and digests survive; a JWT keeps header and claims and
//! loses its signature; white space that does not belong to a credential stays visible.
//!
//! This crate refuses to know diagnoses, does no I/O, and asks nobody whether a secret is live.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod command;
mod credential;
mod find;
mod issuers;
mod kind;
mod known;
mod learn;
mod log;
mod look;
mod markup;
mod names;
mod personal;
mod policy;
mod quotes;
mod shapes;
mod url;
mod value;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use firstfault_model::{Call, Headers, Url};
use known::Known;
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::collections::HashMap;
use std::hash::Hasher as _;

pub use find::{Action, Finding};
pub use kind::Kind;
pub use log::{Log, Replaced};
pub use names::Cache;
pub use policy::Policy;

/// Finds the secrets of a text, in order of place. Needs no state but a cache of names, so several threads may each look
/// at a part.
#[must_use]
pub fn find(text: &str, policy: &Policy, names: &mut Cache) -> Vec<Finding> {
    find::find(text, policy, names)
}

/// True when a value under this name is a secret. Camel, snake, kebab and prefixed forms are the same name.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    use names::Class;
    !matches!(
        names::classify(name.as_bytes(), &Policy::default()),
        Class::Plain | Class::PairName | Class::PairValue | Class::Personal(_)
    )
}

/// The placeholder that a text begins with: its length in bytes.
#[must_use]
pub fn placeholder_len(text: &str) -> Option<usize> {
    kind::placeholder_at(text).map(|(len, _, _)| len)
}

/// Fewer characters of a secret that was cut tell nothing.
const LEAST_CUT: usize = 6;
/// A secret that was cut further back is not a quotation's.
const LONGEST_CUT: usize = 4 << 10;

/// A place in a text that still shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The rule that found it.
    pub rule: &'static str,
}

/// Replaces secrets; remembers which placeholder stands for which.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    policy: Policy,
    names: Cache,
    /// Makes digests of secrets mean something only where it is known.
    key: [u8; 16],
    /// Digest of a secret → its placeholder's kind and number. The secrets themselves are not kept here.
    placeholders: HashMap<u128, (Kind, usize)>,
    /// The next number of each kind.
    counts: [usize; Kind::ALL.len()],
    /// Secrets that are replaced wherever they stand.
    known: Known,
    log: Log,
}

impl Redactor {
    /// A redactor that knows no secret yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A redactor that knows no secret yet, with a policy of its own.
    #[must_use]
    pub fn with(policy: Policy) -> Self {
        let mut redactor = Self::default();
        for value in &policy.deny {
            redactor.known.add(value, Kind::Secret);
        }
        redactor.policy = policy;
        redactor
    }

    /// Takes up the placeholders of earlier texts: `key` as it was then, and what [`Redactor::placeholders`] gave.
    pub fn seed(&mut self, key: [u8; 16], known: impl IntoIterator<Item = (u128, String)>) {
        self.key = key;
        for (digest, placeholder) in known {
            if let Some((_, kind, number)) = kind::placeholder_at(&placeholder) {
                self.reserve(kind, number);
                self.placeholders.insert(digest, (kind, number));
            }
        }
    }

    /// Every placeholder with the digest of its secret under the key, in order of digest.
    #[must_use]
    pub fn placeholders(&self) -> Vec<(u128, String)> {
        let mut all: Vec<(u128, String)> =
            self.placeholders.iter().map(|(digest, (kind, number))| (*digest, kind::write(*kind, *number))).collect();
        all.sort();
        all
    }

    /// What was replaced so far, and by which rules.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Learns the secrets that a call carries, so that they are replaced wherever they are quoted.
    pub fn learn(&mut self, call: &Call) {
        for secret in learn::secrets(call, &self.policy, &mut self.names) {
            self.remember_if(&secret.value, secret.kind, secret.placed);
        }
    }

    /// Learns the secrets that a text shows, so that they are replaced where they stand without their context too.
    pub fn learn_text(&mut self, text: &str) {
        let mut secrets = Vec::new();
        learn::from_text(text, &self.policy, &mut self.names, &mut secrets);
        for secret in secrets {
            self.remember_if(&secret.value, secret.kind, secret.placed);
        }
    }

    /// Learns a secret that was found in a text.
    pub fn remember_found(&mut self, text: &str, finding: &Finding) {
        let replaced = matches!(finding.action, Action::Replace | Action::Quote);
        if let Some(secret) = text.get(finding.start..finding.end).filter(|_| replaced) {
            self.remember_if(secret, finding.kind, learn::is_placed(finding));
        }
    }

    /// Learns one secret that is known to be one.
    pub fn remember(&mut self, secret: &str, kind: Kind) {
        self.remember_if(secret, kind, true);
    }

    fn remember_if(&mut self, secret: &str, kind: Kind, placed: bool) {
        let secret = secret.trim();
        if secret.contains(kind::OPEN) || self.policy.allows(secret.as_bytes()) {
            return;
        }
        // Tools show it decoded, and write it encoded.
        let plain = learn::plain(secret);
        let bare = plain.strip_prefix("base64:").unwrap_or(&plain);
        for form in [secret, plain.as_ref(), bare] {
            if learn::is_telling(form, placed) {
                self.known.add(form, kind);
            }
        }
    }

    /// How many secrets are replaced wherever they stand.
    #[must_use]
    pub fn learnt(&self) -> usize {
        self.known.len()
    }

    /// Text with its secrets replaced.
    #[must_use]
    pub fn text(&mut self, text: &str) -> String {
        let found = find::find(text, &self.policy, &mut self.names);
        if found.is_empty() && self.known.is_empty() && !text.contains(kind::OPEN) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len() + 32);
        self.write(text, found, &mut out);
        out
    }

    /// A URL with user information, secret query values and credentials in its path replaced.
    #[must_use]
    pub fn url(&mut self, url: &str) -> String {
        self.text(url)
    }

    /// A command line with the values of credential options replaced.
    #[must_use]
    pub fn command(&mut self, command: &str) -> String {
        self.text(command)
    }

    /// The value of a header field with its secrets replaced; white space at its ends and line breaks become visible.
    #[must_use]
    pub fn header(&mut self, name: &str, value: &str) -> String {
        let mut out = String::with_capacity(value.len());
        for (i, piece) in value.split_inclusive(['\n', '\r']).enumerate() {
            let bare = piece.trim();
            if i == 0 || !bare.is_empty() {
                let line = self.text(&format!("{name}: {bare}"));
                let value = line.strip_prefix(name).and_then(|l| l.strip_prefix(": "));
                let lead = &piece[..piece.len() - piece.trim_start().len()];
                visible(lead, &mut out);
                out.push_str(&value.map_or_else(|| self.text(bare), str::to_owned));
            }
            visible(&piece[piece.trim_end().len()..], &mut out);
        }
        out
    }

    /// A call with the secrets of every field, target, body and message replaced.
    #[must_use]
    pub fn call(&mut self, call: &Call) -> Call {
        let mut call = call.clone();
        if let Some(request) = &mut call.request {
            request.method = request.method.take().map(|method| self.text(&method));
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
        for attribute in &mut call.attributes {
            attribute.value = self.header(&attribute.name, &attribute.value);
        }
        call
    }

    fn headers(&mut self, headers: &mut Headers) {
        headers.0.iter_mut().for_each(|field| field.value = self.header(&field.name, &field.value));
    }

    /// Writes a text with what was found in it, and every learnt secret, replaced. The findings are those of this text.
    pub fn write(&mut self, text: &str, found: Vec<Finding>, out: &mut String) {
        let found = self.with_known(text, found);
        self.reserve_those_of(text);
        let mut at = 0;
        for finding in found {
            let Some(secret) = text.get(finding.start..finding.end) else { continue };
            out.push_str(text.get(at..finding.start).unwrap_or_default());
            at = finding.end;
            match finding.action {
                Action::Mark => visible(secret, out),
                Action::Claims => self.claims(secret, out),
                Action::Replace => self.put(secret, finding, text, out),
                Action::Quote => {
                    out.push('"');
                    self.put(secret, finding, text, out);
                    out.push('"');
                }
            }
        }
        out.push_str(&text[at..]);
        self.log.read(text);
    }

    fn put(&mut self, secret: &str, finding: Finding, text: &str, out: &mut String) {
        let (kind, number) = self.placeholder(secret, finding.kind);
        kind::append(kind, number, out);
        self.log.replaced(text, finding, kind, number);
    }

    /// The claims of a JWT: as they are, unless something in them must go.
    fn claims(&mut self, encoded: &str, out: &mut String) {
        let redacted = URL_SAFE_NO_PAD
            .decode(encoded.trim_end_matches('='))
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(|claims| (self.inner(&claims), claims))
            .filter(|(redacted, claims)| redacted != claims);
        match redacted {
            Some((redacted, _)) => out.push_str(&URL_SAFE_NO_PAD.encode(redacted)),
            None => out.push_str(encoded),
        }
    }

    /// Text inside other text; its places say nothing about those of the outer one.
    fn inner(&mut self, text: &str) -> String {
        let mut log = std::mem::take(&mut self.log);
        let redacted = self.text(text);
        log.add(&self.log);
        self.log = log;
        redacted
    }

    /// The findings, and every known secret besides. Where two overlap, both go.
    fn with_known(&self, text: &str, mut found: Vec<Finding>) -> Vec<Finding> {
        if self.known.is_empty() {
            return found;
        }
        let before = found.len();
        let known = |start, end, kind| Finding { start, end, kind, rule: "known", action: Action::Replace };
        let mut others = Vec::new();
        let mut next = 0;
        self.known.find(text, |start, end, kind| {
            while found.get(next).is_some_and(|f| f.end <= start) {
                next += 1;
            }
            if !found.get(next).is_some_and(|f| f.start <= start && end <= f.end) {
                others.push(known(start, end, kind));
            }
        });
        // A quotation ends where its room ends, with or without a mark: what is left of a secret goes too.
        let ends = text.match_indices('…').map(|(at, _)| at).take(64).chain([text.len()]);
        for end in ends {
            if let Some((start, kind)) = self.known.cut_at(text, end, LEAST_CUT, LONGEST_CUT) {
                others.push(known(start, end, kind));
            }
        }
        found.append(&mut others);
        if found.len() > before {
            found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
            found.dedup_by(|later, earlier| {
                let overlap = later.start < earlier.end;
                if overlap {
                    earlier.end = earlier.end.max(later.end);
                    earlier.action = Action::Replace;
                }
                overlap
            });
        }
        found
    }

    /// What a text still shows: secrets by their context or shape, and learnt ones as they are, percent-encoded, escaped
    /// for JSON or HTML, or in base64. An empty answer means that the text may go out.
    #[must_use]
    pub fn leaks(&mut self, text: &str) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for finding in find::find(text, &self.policy, &mut self.names) {
            let leak = Leak { start: finding.start, end: finding.end, rule: finding.rule };
            match finding.action {
                Action::Mark => {}
                Action::Claims => {
                    let claims = text
                        .get(finding.start..finding.end)
                        .and_then(|c| URL_SAFE_NO_PAD.decode(c.trim_end_matches('=')).ok());
                    let claims = claims.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
                    if !self.leaks(&claims).is_empty() {
                        leaks.push(leak);
                    }
                }
                Action::Replace | Action::Quote => leaks.push(leak),
            }
        }
        let mut forms = Known::default();
        self.known.secrets().flat_map(learn::forms).for_each(|form| forms.add(&form, Kind::Secret));
        forms.find(text, |start, end, _| leaks.push(Leak { start, end, rule: "known" }));
        leaks.sort_by_key(|leak| leak.start);
        leaks
    }

    /// The placeholder of a secret: `‹token:a1›`. What was written around the value is kept by the caller.
    fn placeholder(&mut self, secret: &str, kind: Kind) -> (Kind, usize) {
        let digest = self.digest(&learn::plain(secret));
        if let Some(known) = self.placeholders.get(&digest) {
            return *known;
        }
        let number = self.counts[kind.index()];
        self.counts[kind.index()] += 1;
        self.placeholders.insert(digest, (kind, number));
        (kind, number)
    }

    /// 128 bits of a secret under the key (SipHash-1-3, which stays what it is: stores keep these).
    fn digest(&self, secret: &str) -> u128 {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        hasher.write(secret.as_bytes());
        hasher.finish128().as_u128()
    }

    /// Placeholders that a text brings keep their numbers: new secrets get others.
    fn reserve_those_of(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(kind::OPEN) {
            rest = &rest[at..];
            match kind::placeholder_at(rest) {
                Some((len, kind, number)) => {
                    self.reserve(kind, number);
                    rest = &rest[len..];
                }
                None => rest = &rest[kind::OPEN.len_utf8()..],
            }
        }
    }

    fn reserve(&mut self, kind: Kind, number: usize) {
        let next = &mut self.counts[kind.index()];
        *next = (*next).max(number.saturating_add(1));
    }
}

/// White space as marks that a reader sees.
fn visible(space: &str, out: &mut String) {
    out.extend(space.chars().map(|c| match c {
        ' ' => '␠',
        '\t' => '␉',
        '\n' => '␊',
        '\r' => '␍',
        other => other,
    }));
}

#[cfg(test)]
mod tests;
