//! What may be written: text that passed the redactor, and nothing else.

use firstfault_model::{Call, Observations, SeenCall};
use firstfault_redact::{Policy, Redactor};

/// A value whose secrets were replaced. Only a [`Sealer`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed<T>(pub(crate) T);

impl<T> Sealed<T> {
    /// The value.
    pub const fn value(&self) -> &T {
        &self.0
    }
}

/// Replaces the secrets of what comes into a case.
#[derive(Debug)]
pub struct Sealer {
    pub(crate) redactor: Redactor,
}

impl Sealer {
    pub(crate) fn new(policy: Policy) -> Self {
        Self { redactor: Redactor::with(policy) }
    }

    /// A sealer for what belongs to no case yet: its title.
    #[must_use]
    pub fn unkeyed(policy: Policy) -> Self {
        Self::new(policy)
    }

    /// Learns the secrets that a call carries, so that they are replaced wherever they are quoted.
    pub fn learn(&mut self, call: &Call) {
        self.redactor.learn(call);
    }

    /// The redactor, for a report on the same evidence: the same secret has the same placeholder there.
    pub const fn redactor(&mut self) -> &mut Redactor {
        &mut self.redactor
    }

    /// A passage of evidence, its lines kept.
    pub fn text(&mut self, text: &str) -> Sealed<String> {
        Sealed(self.redactor.text(text))
    }

    /// What a person wrote: at most `limit` characters, without characters that act on a terminal.
    pub fn words(&mut self, words: &str, limit: usize) -> Sealed<String> {
        let words = self.redactor.text(words);
        let hostile = |c: char| c.is_control() && c != '\n' && c != '\t';
        let mut out: String =
            words.trim().chars().take(limit).map(|c| if hostile(c) { '\u{fffd}' } else { c }).collect();
        if words.trim().chars().nth(limit).is_some() {
            out.push('…');
        }
        Sealed(out)
    }

    /// A JSON document: the secrets of every string in it, its form kept. `None` for what is no JSON.
    pub fn json(&mut self, document: &str) -> Option<Sealed<String>> {
        let mut value = serde_json::from_str(document).ok()?;
        self.strings(&mut value);
        Some(Sealed(value.to_string()))
    }

    fn strings(&mut self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.redactor.text(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.strings(item)),
            serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| self.strings(field)),
            _ => {}
        }
    }

    /// What was observed of a call. A fact's value is looked at together with its key, as the value of a header is.
    pub fn call(&mut self, call: SeenCall) -> Sealed<SeenCall> {
        let Observations { mut facts, mut texts } = call.observations;
        for fact in &mut facts {
            fact.value = self.redactor.header(&fact.key, &fact.value);
        }
        for text in &mut texts {
            text.text = self.redactor.text(&text.text);
        }
        let headline = self.redactor.text(&call.headline);
        Sealed(SeenCall { headline, observations: Observations { facts, texts }, ..call })
    }
}
