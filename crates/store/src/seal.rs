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
        Sealed(self.everywhere(text))
    }

    /// The redactor knows a secret by the place it stands in. What it found in one place is learnt here, so that it goes
    /// in every other place too: "my password is X (password: X)".
    fn everywhere(&mut self, text: &str) -> String {
        let once = self.redactor.text(text);
        let found = replaced(text, &once);
        if found.is_empty() {
            return once;
        }
        found.into_iter().for_each(|secret| self.redactor.remember(secret, "secret"));
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

/// The parts of `before` for which `after` has placeholders. Where the two cannot be laid side by side, fewer.
fn replaced<'t>(before: &'t str, after: &str) -> Vec<&'t str> {
    let mut out = Vec::new();
    let mut rest = before;
    let mut after = after;
    while let Some(at) = after.find('‹') {
        let Some(same) = rest.strip_prefix(&after[..at]) else { break };
        let Some(end) = after[at..].find('›').map(|end| at + end + '›'.len_utf8()) else { break };
        // A placeholder that stood there before stands for nothing here.
        if let Some(behind) = same.strip_prefix(&after[at..end]) {
            (rest, after) = (behind, &after[end..]);
            continue;
        }
        let next = &after[end..];
        let literal = &next[..next.find('‹').unwrap_or(next.len())];
        let length = match same.find(literal) {
            _ if next.is_empty() => same.len(),
            // Two placeholders side by side: where one ends and the other begins cannot be told.
            _ if literal.is_empty() => break,
            Some(length) => length,
            None => break,
        };
        out.push(&same[..length]);
        (rest, after) = (&same[length..], next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_is_found_by_laying_the_texts_side_by_side() {
        for (before, after, found) in [
            ("a=SECRET1 b=SECRET2", "a=‹key:a1› b=‹key:a2›", &["SECRET1", "SECRET2"][..]),
            ("nothing", "nothing", &[]),
            ("a=‹key:a1› b=SECRET", "a=‹key:a1› b=‹key:a2›", &["SECRET"]),
            ("SECRET", "‹key:a1›", &["SECRET"]),
            ("another text", "a=‹key:a1›", &[]),
        ] {
            assert_eq!(replaced(before, after), found, "{before}");
        }
    }

    #[test]
    fn a_secret_of_one_place_goes_in_every_place() {
        let mut sealer = Sealer::unkeyed(Policy::default());
        let text = sealer.text("it is hunter2hunter2 (password: hunter2hunter2), I think").0;
        assert!(!text.contains("hunter2"), "{text}");
    }
}
