//! What may be written: text that passed the redactor, and nothing else.

use crate::StoreError;
use firstfault_model::{Call, Observations, SeenCall};
use firstfault_redact::{Policy, Redactor};
use rusqlite::{Connection, OptionalExtension as _};
use std::path::Path;

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
    redactor: Redactor,
}

impl Sealer {
    /// A sealer that goes on where the one before it ended.
    pub(crate) fn seeded(policy: Policy, key: [u8; 16], known: Vec<(u128, String)>) -> Self {
        let mut redactor = Redactor::with(policy);
        redactor.seed(key, known);
        Self { redactor }
    }

    pub(crate) fn placeholders(&self) -> Vec<(u128, String)> {
        self.redactor.placeholders()
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
        Sealed(self.everywhere(text))
    }

    /// A secret is known by the place it stands in. What is found in one place is learnt, so that it goes in every other
    /// place too: "my password is X (password: X)".
    fn everywhere(&mut self, text: &str) -> String {
        self.redactor.learn_text(text);
        self.redactor.text(text)
    }

    /// What a person wrote: at most `limit` characters, without characters that act on a terminal.
    pub fn words(&mut self, words: &str, limit: usize) -> Sealed<String> {
        let words = self.everywhere(words);
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
            serde_json::Value::String(text) => *text = self.everywhere(text),
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
            text.text = self.everywhere(&text.text);
        }
        let headline = self.redactor.text(&call.headline);
        Sealed(SeenCall { headline, observations: Observations { facts, texts }, ..call })
    }
}

/// A sealer that goes on where the case's last one ended.
pub fn of(path: &Path, connection: &Connection, number: u32, policy: Policy) -> Result<Sealer, StoreError> {
    let fault = |error: rusqlite::Error| StoreError::of(path, &error);
    let key: [u8; 16] = connection
        .query_row("SELECT key FROM cases WHERE number = ?1", [number], |row| row.get(0))
        .optional()
        .map_err(fault)?
        .ok_or_else(|| StoreError::NoSuchCase(number.to_string(), Vec::new()))?;
    let mut rows =
        connection.prepare("SELECT digest, placeholder FROM placeholders WHERE of_case = ?1").map_err(fault)?;
    let known = rows
        .query_map([number], |row| Ok((u128::from_be_bytes(row.get(0)?), row.get(1)?)))
        .map_err(fault)?
        .collect::<Result<Vec<(u128, String)>, _>>()
        .map_err(fault)?;
    Ok(Sealer::seeded(policy, key, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_one_place_goes_in_every_place() {
        let mut sealer = Sealer::seeded(Policy::default(), [0; 16], Vec::new());
        let text = sealer.text("it is hunter2hunter2 (password: hunter2hunter2), I think").0;
        assert!(!text.contains("hunter2"), "{text}");
    }
}
