//! What varies in a message is masked, so that messages of one kind are equal: numbers, ids, addresses, paths, quotes.
//!
//! Everything here is about the form of a word, never about the words of one system: a value is recognised by its digits,
//! its quotes, its place behind an equals sign. Words that only differ in letters stay; whether they vary is for the
//! templates of `triage`, which see all messages at once. One pass over bytes, bounded looks ahead, any bytes at all.

mod class;
mod forms;
mod sink;
mod walk;

use sink::{Hash, Sink};

/// The masked form of a message: what varies is `<*>`, white space is one space.
#[must_use]
pub fn mask(message: &str) -> String {
    let mut out = Vec::with_capacity(message.len());
    walk::walk(message.as_bytes(), &mut out);
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A hash of the masked form, without making it: what shapes are told apart by, for every line. Bytes that are no UTF-8
/// are letters.
#[must_use]
pub fn mask_hash(message: &[u8]) -> u64 {
    let mut hash = Hash::default();
    walk::walk(message, &mut hash);
    hash.finish()
}

/// The hash that [`mask_hash`] gives, of a text that is masked already. The same on every machine and in every run.
#[must_use]
pub fn text_hash(text: &[u8]) -> u64 {
    let mut hash = Hash::default();
    hash.text(text);
    hash.finish()
}

#[cfg(test)]
mod tests;
