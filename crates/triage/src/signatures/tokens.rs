//! Masked messages as tokens: words and the marks between them, each with its form.

use std::collections::HashMap;

/// Messages are looked at until here, in bytes.
const LENGTH: usize = 4096;
/// Tokens of one message that are looked at; what is behind them is one more.
const TOKENS: usize = 300;
/// What stands for a value.
pub const VALUE: &str = "<*>";

/// The beginning of a message that is looked at.
pub fn bounded(text: &str) -> &str {
    if text.len() <= LENGTH {
        return text;
    }
    let end = (0..=LENGTH).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// What a token looks like: how readily it is taken for a value when it varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A mark between words.
    Mark,
    /// `<*>`.
    Value,
    /// A code or the name of an exception, on which people tell errors apart: it is no value.
    Code,
    /// Letters.
    Word,
    /// A name of several words in one: `some_name`, `some-name`, `someName`.
    Name,
    /// A name with its parts in order, or a name with numbers: `a.b.c`, `a/b`, `node<*>`.
    Path,
}

/// Distinct tokens, with their texts (a space before them belongs to them).
#[derive(Default)]
pub struct Tokens<'a> {
    by_text: HashMap<&'a str, u32>,
    /// By token.
    pub texts: Vec<&'a str>,
    /// By token.
    pub forms: Vec<Form>,
}

impl<'a> Tokens<'a> {
    /// The number of a token.
    pub fn number(&mut self, text: &'a str) -> u32 {
        if let Some(number) = self.by_text.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.by_text.insert(text, number);
        self.texts.push(text);
        self.forms.push(form(text.trim_start()));
        number
    }

    /// A masked message as numbers of tokens.
    pub fn split(&mut self, text: &'a str) -> Vec<u32> {
        let bytes = text.as_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if out.len() == TOKENS {
                out.push(self.number(&text[at..]));
                break;
            }
            let begin = at;
            at += usize::from(bytes[at] == b' ');
            let word = at;
            while at < bytes.len() {
                if bytes[at..].starts_with(VALUE.as_bytes()) {
                    at += VALUE.len();
                } else if parts(bytes[at]) {
                    break;
                } else {
                    at += 1;
                }
            }
            // A full stop ends a sentence, not a name.
            if at > word + 1 && bytes[at - 1] == b'.' {
                at -= 1;
            }
            if at == word {
                at += 1;
                if bytes[word] >= 0x80 {
                    while at < bytes.len() && !text.is_char_boundary(at) {
                        at += 1;
                    }
                }
            }
            out.push(self.number(&text[begin..at.min(bytes.len())]));
        }
        out
    }
}

fn parts(b: u8) -> bool {
    matches!(
        b,
        b' ' | b'='
            | b':'
            | b','
            | b';'
            | b'('
            | b')'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'"'
            | b'\''
            | b'`'
            | b'|'
            | b'<'
            | b'>'
    )
}

fn form(text: &str) -> Form {
    if text == VALUE {
        return Form::Value;
    }
    if !text.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80) {
        return Form::Mark;
    }
    if text.contains(VALUE) {
        return Form::Path;
    }
    let upper = text.bytes().all(|b| !b.is_ascii_lowercase());
    if text.ends_with("Exception") || text.ends_with("Error") || (upper && text.contains('_')) {
        return Form::Code;
    }
    if text.contains(['.', '/', '~', '\\', '@']) {
        return Form::Path;
    }
    let humps = text.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    if humps || text.contains(['_', '-']) || (upper && text.len() > 1) { Form::Name } else { Form::Word }
}
