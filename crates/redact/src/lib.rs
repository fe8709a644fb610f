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
mod learn;
mod log;
mod markup;
mod names;
mod personal;
mod policy;
mod quotes;
mod shapes;
mod url;
mod value;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use firstfault_model::{Call, Headers, Url};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hasher as _};
use std::ops::Bound;

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
    learnt: Vec<(String, Kind)>,
    known: BTreeSet<String>,
    /// One bit per pair of bytes that a learnt secret begins with.
    beginnings: Vec<u64>,
    /// Finds them all in one pass; made anew when more were learnt.
    finder: Option<AhoCorasick>,
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
        for value in policy.deny.iter().filter(|v| v.len() >= 4) {
            redactor.known.insert(value.clone());
            redactor.learnt.push((value.clone(), Kind::Secret));
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
            if learn::is_telling(form, placed) && self.known.insert(form.to_owned()) {
                if let [first, second, ..] = form.as_bytes() {
                    let pair = usize::from(*first) << 8 | usize::from(*second);
                    self.beginnings.resize(1024, 0);
                    self.beginnings[pair >> 6] |= 1 << (pair & 63);
                }
                self.learnt.push((form.to_owned(), kind));
                self.finder = None;
            }
        }
    }

    /// How many secrets are replaced wherever they stand.
    #[must_use]
    pub fn learnt(&self) -> usize {
        self.learnt.len()
    }

    /// Text with its secrets replaced.
    #[must_use]
    pub fn text(&mut self, text: &str) -> String {
        let found = find::find(text, &self.policy, &mut self.names);
        if found.is_empty() && self.learnt.is_empty() && !text.contains(kind::OPEN) {
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
        let Some(found) = self.with_learnt(text, found) else {
            // Too many secrets for one automaton: nothing may be shown rather than something leaked.
            out.push_str("(withheld)");
            return;
        };
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

    /// The findings, and every learnt secret besides. Where two overlap, both go.
    fn with_learnt(&mut self, text: &str, mut found: Vec<Finding>) -> Option<Vec<Finding>> {
        if self.learnt.is_empty() {
            return Some(found);
        }
        if self.finder.is_none() {
            let secrets = self.learnt.iter().map(|(secret, _)| secret);
            self.finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(secrets).ok();
        }
        let before = found.len();
        for hit in self.finder.as_ref()?.find_iter(text) {
            let kind = self.learnt.get(hit.pattern().as_usize()).map_or(Kind::Secret, |(_, kind)| *kind);
            let inside = found[..before].binary_search_by(|f| {
                if f.end <= hit.start() {
                    std::cmp::Ordering::Less
                } else if f.start > hit.start() || f.end < hit.end() {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            });
            if inside.is_err() {
                found.push(Finding {
                    start: hit.start(),
                    end: hit.end(),
                    kind,
                    rule: "learnt",
                    action: Action::Replace,
                });
            }
        }
        self.cut_short(text, &mut found);
        if found.len() > before {
            found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
            let mut merged: Vec<Finding> = Vec::with_capacity(found.len());
            for finding in found {
                match merged.last_mut() {
                    // Claims hold their secrets encoded: what was learnt cannot overlap them by right.
                    Some(last) if finding.start < last.end => {
                        last.end = last.end.max(finding.end);
                        last.action = Action::Replace;
                    }
                    _ => merged.push(finding),
                }
            }
            return Some(merged);
        }
        Some(found)
    }

    /// The beginnings of learnt secrets that were cut: a quotation ends where its room ends, with or without `…`.
    fn cut_short(&self, text: &str, found: &mut Vec<Finding>) {
        let ends = text.match_indices('…').map(|(at, _)| at).take(64);
        for end in ends.chain([text.len()]) {
            let b = &text.as_bytes()[..end];
            for at in b.len().saturating_sub(LONGEST_CUT)..b.len().saturating_sub(LEAST_CUT - 1) {
                let pair = usize::from(b[at]) << 8 | usize::from(b[at + 1]);
                if self.beginnings.get(pair >> 6).is_none_or(|bits| bits >> (pair & 63) & 1 == 0) {
                    continue;
                }
                let rest = &b[at..];
                let is_cut = |secret: &str| secret.len() > rest.len() && secret.as_bytes().starts_with(rest);
                // The first secret that is not before the rest in order begins with it, if any does.
                let Ok(rest_text) = std::str::from_utf8(rest) else { continue };
                let next = self.known.range::<str, _>((Bound::Included(rest_text), Bound::Unbounded)).next();
                if next.is_some_and(|secret| is_cut(secret)) {
                    found.push(Finding { start: at, end, kind: Kind::Secret, rule: "learnt", action: Action::Replace });
                    break;
                }
            }
        }
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
        let forms: Vec<String> = self.learnt.iter().flat_map(|(secret, _)| learn::forms(secret)).collect();
        if !forms.is_empty() {
            match AhoCorasick::new(&forms) {
                Ok(finder) => leaks.extend(finder.find_iter(text).map(|hit| Leak {
                    start: hit.start(),
                    end: hit.end(),
                    rule: "learnt",
                })),
                // What cannot be searched for cannot be excluded.
                Err(_) => leaks.push(Leak { start: 0, end: text.len(), rule: "too many secrets to search for" }),
            }
        }
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

    /// 128 bits of a secret under the key.
    fn digest(&self, secret: &str) -> u128 {
        let half = |salt: u8| {
            let mut hasher = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().build_hasher();
            hasher.write(&self.key);
            hasher.write_u8(salt);
            hasher.write(secret.as_bytes());
            u128::from(hasher.finish())
        };
        half(0) << 64 | half(1)
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
