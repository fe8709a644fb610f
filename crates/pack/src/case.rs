//! One failed call with everything that is known of it, redacted: what the parts of a pack are made of.

use crate::documents::Said;
use firstfault_model::{Call, Diagnosis, Fact, Observations};
use firstfault_redact::Redactor;
use firstfault_report::one_line;

/// What whoever makes the pack knows and the evidence does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The step before the call.
    pub before: Option<String>,
    /// Who is affected.
    pub who: Option<String>,
    /// Which endpoints are affected.
    pub endpoints: Option<String>,
    /// Since when.
    pub since: Option<String>,
    /// How often: `1 in 20`, `all`, `30 a minute`.
    pub rate: Option<String>,
    /// Facts by name: region, release, flags, account, …
    pub set: Vec<(String, String)>,
}

/// The most characters of one thing that is told.
const TOLD: usize = 1000;
/// The most facts that are told.
const SET: usize = 50;

impl Told {
    /// The same with its secrets replaced, on one line each.
    #[must_use]
    pub fn redacted(&self, redactor: &mut Redactor) -> Self {
        let mut one = |text: &Option<String>| {
            text.as_ref().map(|text| one_line(&redactor.text(text), TOLD)).filter(|t| !t.trim().is_empty())
        };
        Self {
            before: one(&self.before),
            who: one(&self.who),
            endpoints: one(&self.endpoints),
            since: one(&self.since),
            rate: one(&self.rate),
            set: self
                .set
                .iter()
                .take(SET)
                .map(|(name, value)| {
                    (one_line(&redactor.text(name), 60), one_line(&redactor.header(name, value), TOLD))
                })
                .collect(),
        }
    }

    /// What was told under a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.set.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A failed call, redacted.
#[derive(Debug)]
pub struct Case<'a> {
    /// The input, without its folder.
    pub input: &'a str,
    pub diagnosis: &'a Diagnosis,
    pub call: &'a Call,
    pub observations: &'a Observations,
    pub told: &'a Told,
    /// Whether the pack has a script that sends the call again.
    pub script: bool,
    /// The command that makes a case's pack again.
    pub remake: Option<&'a str>,
    /// How often the call was seen.
    pub repeats: usize,
}

impl Case<'_> {
    /// The first value of a fact.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.observations.value(key)
    }

    /// Every fact of these keys, a key that ends in `.*` standing for all that begin so; at most `limit`.
    pub fn said(&self, keys: &[&str], limit: usize) -> Vec<Said> {
        let is = |fact: &Fact, key: &str| match key.strip_suffix('*') {
            Some(start) => fact.key.starts_with(start),
            None => fact.key == key,
        };
        let mut out: Vec<Said> = Vec::new();
        for key in keys {
            for fact in self.observations.facts.iter().filter(|fact| is(fact, key)) {
                let said = said(fact);
                if out.len() < limit && !out.iter().any(|s| s.value == said.value && s.name == said.name) {
                    out.push(said);
                }
            }
        }
        out
    }

    /// The full address, when host and path are known.
    pub fn url(&self) -> Option<String> {
        let url = &self.call.request.as_ref()?.url;
        url.host.as_ref().map(|_| url.to_string())
    }
}

/// A fact as it is shown.
pub fn said(fact: &Fact) -> Said {
    Said { name: fact.key.clone().into_owned(), value: one_line(&fact.value, 300), source: fact.span.place() }
}
