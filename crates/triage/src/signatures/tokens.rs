//! Masked messages as tokens: words and the marks between them, each with its form.

use std::collections::HashMap;

/// Messages are looked at until here, in bytes: as much as a shape keeps of its message.
const LENGTH: usize = 2048;
/// Tokens of one message that are looked at; what is behind them is one more.
const TOKENS: usize = 256;
/// What stands for a value.
pub const VALUE: &str = "<*>";

/// The beginning of a message that is looked at: whole words, if there are any.
pub fn bounded(text: &str) -> &str {
    if text.len() <= LENGTH {
        return text;
    }
    let end = (0..=LENGTH).rev().find(|end| text.is_char_boundary(*end));
    let cut = &text[..end.unwrap_or(0)];
    cut.rsplit_once(' ').map_or(cut, |(words, _)| words)
}

/// What a token looks like: how readily it is taken for a value when it varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A mark between words.
    Mark,
    /// `<*>`.
    Value,
    /// A number that the mask left, the status of a failure: a value only beside others.
    Status,
    /// What stands behind `code=` and the like, on which programs tell errors apart: never a value.
    Telling,
    /// A code or the name of an exception: seldom a value.
    Code,
    /// Letters.
    Word,
    /// A name of several words in one: `some_name`, `some-name`, `someName`.
    Name,
    /// Letters and a number: `node<*>`.
    Numbered,
    /// A name with parts in order, or with numbers in it: `a.b.c`, `a/b`, `blk_<*>`.
    Path,
}

impl Form {
    /// Whether it is one of the words that make a message what it is.
    pub const fn is_word(self) -> bool {
        matches!(self, Self::Word | Self::Name | Self::Code | Self::Telling)
    }
}

/// Distinct tokens by number, with their texts and forms. A space before a token belongs to it.
pub struct Tokens<'a> {
    /// By text, and by whether it tells errors apart where it stands.
    by_text: HashMap<(&'a str, bool), u32>,
    texts: Vec<&'a str>,
    forms: Vec<Form>,
    vary: Vec<bool>,
    /// `<*>` without and with a space before it.
    values: [u32; 2],
}

impl<'a> Tokens<'a> {
    /// Knows `<*>` alone.
    pub fn new() -> Self {
        let mut tokens =
            Self { by_text: HashMap::new(), texts: Vec::new(), forms: Vec::new(), vary: Vec::new(), values: [0; 2] };
        tokens.values = [tokens.number(VALUE, false), tokens.number(" <*>", false)];
        tokens
    }

    /// The text of a token.
    pub fn text(&self, token: u32) -> &'a str {
        self.texts[token as usize]
    }

    /// The form of a token.
    pub fn form(&self, token: u32) -> Form {
        self.forms[token as usize]
    }

    /// Whether `<*>` is in it.
    pub fn varies(&self, token: u32) -> bool {
        self.vary[token as usize]
    }

    /// The value that would stand in the place of a token.
    pub fn value(&self, token: u32) -> u32 {
        self.values[usize::from(self.spaced(token))]
    }

    /// Whether a space stands before a token.
    pub fn spaced(&self, token: u32) -> bool {
        self.text(token).starts_with(' ')
    }

    fn number(&mut self, text: &'a str, telling: bool) -> u32 {
        if let Some(number) = self.by_text.get(&(text, telling)) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.by_text.insert((text, telling), number);
        self.texts.push(text);
        let form = form(text.trim_start());
        self.forms.push(if telling { Form::Telling } else { form });
        self.vary.push(text.contains(VALUE));
        number
    }

    /// A masked message as tokens.
    pub fn split(&mut self, text: &'a str) -> Vec<u32> {
        let mut out = Vec::with_capacity(text.len() / 5 + 1);
        let mut at = 0;
        let mut behind = Behind::Nothing;
        while at < text.len() {
            let end = if out.len() == TOKENS { text.len() } else { token_end(text, at) };
            let token = &text[at..end];
            let telling = behind == Behind::Assigned && token.bytes().any(|b| b.is_ascii_alphabetic());
            out.push(self.number(token, telling));
            behind = behind.and(token.trim_start());
            at = end;
        }
        out
    }
}

/// What stands before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    Nothing,
    /// A word whose value tells errors apart, and whether a colon is enough between the two.
    Key(bool),
    /// Such a word and `=`, `:` or a quote: the next word is its value.
    Assigned,
}

impl Behind {
    fn and(self, token: &str) -> Self {
        const KEYS: [&str; 4] = ["code", "errorcode", "reason", "status"];
        const WEAK: [&str; 9] = ["error", "err", "errno", "type", "kind", "cause", "state", "result", "exception"];
        match (self, token) {
            (Self::Key(true), ":")
            | (Self::Key(_), "=" | "\"" | "'")
            | (Self::Assigned, ":" | "=" | "\"" | "'" | "\\") => Self::Assigned,
            (Self::Key(strong), "\\") => Self::Key(strong),
            _ => {
                let name = token.rsplit(['.', '_', '-']).next().unwrap_or(token);
                let is = |keys: &[&str]| keys.iter().any(|key| name.eq_ignore_ascii_case(key));
                if is(&KEYS) {
                    Self::Key(true)
                } else if is(&WEAK) {
                    Self::Key(false)
                } else {
                    Self::Nothing
                }
            }
        }
    }
}

/// Where the token ends that begins at `at`: a word, one mark, or full stops in a row.
fn token_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let word = at + usize::from(bytes[at] == b' ');
    let mut end = word;
    while end < bytes.len() {
        if bytes[end..].starts_with(VALUE.as_bytes()) {
            end += VALUE.len();
        } else if is_mark(bytes[end]) || bytes[end..].starts_with(b"..") {
            break;
        } else {
            end += 1;
        }
    }
    // A full stop ends a sentence, not a name.
    if end > word + 1 && bytes[end - 1] == b'.' {
        return end - 1;
    }
    if end == word && word < bytes.len() {
        end += 1;
        while bytes[word] == b'.' && bytes.get(end) == Some(&b'.') {
            end += 1;
        }
    }
    end
}

fn is_mark(b: u8) -> bool {
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
            | b'\\'
    )
}

fn form(text: &str) -> Form {
    if text == VALUE {
        return Form::Value;
    }
    if !text.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80) {
        return Form::Mark;
    }
    if let Some(rest) = text.strip_suffix(VALUE)
        && rest.bytes().all(|b| b.is_ascii_alphabetic())
    {
        return Form::Numbered;
    }
    if text.contains(VALUE) {
        return Form::Path;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Form::Status;
    }
    let upper = text.len() > 1 && !text.bytes().any(|b| b.is_ascii_lowercase());
    if upper || text.ends_with("Exception") || text.ends_with("Error") {
        return Form::Code;
    }
    if text.contains(['.', '/', '~', '\\', '@']) {
        return Form::Path;
    }
    let humps = text.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    if humps || text.contains(['_', '-']) { Form::Name } else { Form::Word }
}
