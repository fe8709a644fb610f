//! One pass over text: where secrets stand, of what kind, and by which rule they were found.
//!
//! Every byte is looked at once. Words are looked up by their first two bytes (token formats, words that announce a
//! credential); `=` and `:` are looked back from, at the name before them, and forward, at the value. What is found is
//! a list of byte ranges: nothing is replaced here, so that ranges of one text can be found by several threads.

use crate::Policy;
use crate::kind::{Kind, placeholder_at};
use crate::look::is_dummy;
use crate::names::Cache;
use crate::shapes::{self, HEADS, Heads, Mix};
use crate::{markup, personal, url};

/// A place in a text that must not be shown as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// The rule that found it.
    pub rule: &'static str,
    /// What to do with it.
    pub action: Action,
}

/// What to do with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put a placeholder in its place.
    Replace,
    /// Put a placeholder in quotes in its place: a number of JSON becomes a string.
    Quote,
    /// Redact what its base64url holds, and encode that again.
    Claims,
    /// Make its white space visible.
    Mark,
}

/// How far behind a word that announces a credential one is looked for.
pub const REACH: usize = 48;

/// What a byte can begin or end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    Other,
    Word,
    Equals,
    Colon,
    Percent,
    Dash,
    Backslash,
    Greater,
    Escape,
    Wide,
    At,
    Tilde,
    Plus,
    Comma,
}

const CLASSES: [Byte; 256] = {
    let mut table = [Byte::Other; 256];
    let mut i = 0;
    while i < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let b = i as u8;
        table[i] = match b {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => Byte::Word,
            b'=' => Byte::Equals,
            b':' => Byte::Colon,
            b'%' => Byte::Percent,
            b'-' => Byte::Dash,
            b'\\' => Byte::Backslash,
            b'>' => Byte::Greater,
            0x1b => Byte::Escape,
            0xe2 => Byte::Wide,
            b'@' => Byte::At,
            b'~' => Byte::Tilde,
            b'+' => Byte::Plus,
            b',' => Byte::Comma,
            _ => Byte::Other,
        };
        i += 1;
    }
    table
};

/// Finds what must go, in order of place.
#[must_use]
pub fn find(text: &str, policy: &Policy, names: &mut Cache) -> Vec<Finding> {
    if text.len() > 8 << 10 {
        names.warm();
    }
    let mut scan = Scan {
        text,
        b: text.as_bytes(),
        policy,
        names,
        heads: &HEADS,
        found: Vec::new(),
        announced: (0, Kind::Token),
        url_end: 0,
        pending: None,
        last_value: None,
    };
    scan.run();
    let mut found = scan.found;
    if !found.is_sorted_by_key(|f| f.start) {
        found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
        found.dedup_by(|later, earlier| later.start < earlier.end);
    }
    found
}

/// The state of one pass.
pub struct Scan<'a> {
    pub text: &'a str,
    pub b: &'a [u8],
    pub policy: &'a Policy,
    pub names: &'a mut Cache,
    pub heads: &'static Heads,
    pub found: Vec<Finding>,
    /// Up to where a credential is expected, and of which kind.
    pub announced: (usize, Kind),
    /// Where the URL ends that is being read.
    pub url_end: usize,
    /// A name seen in `"name": "…"`: what its value is, and how far ahead that may stand.
    pub pending: Option<(crate::names::Class, usize)>,
    /// The last value seen under `"value"`, whose name may follow.
    pub last_value: Option<(usize, usize)>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let n = self.b.len();
        let mut i = 0;
        while i < n {
            let first = self.b[i];
            let next = match CLASSES[usize::from(first)] {
                Byte::Other => {
                    let mut next = i + 1;
                    while next < n && CLASSES[usize::from(self.b[next])] == Byte::Other {
                        next += 1;
                    }
                    next
                }
                Byte::Word => self.word(i),
                Byte::Equals => self.equals(i),
                Byte::Colon => self.colon(i),
                Byte::Percent => self.percent(i),
                Byte::Dash => self.dash(i),
                Byte::Backslash => self.backslash(i),
                Byte::Greater => markup::element(self, i).unwrap_or(i + 1),
                Byte::Escape => self.escape(i),
                Byte::Wide => match self.text.get(i..).and_then(placeholder_at) {
                    Some((len, _, _)) => i + len,
                    None => i + 1,
                },
                Byte::At if self.is_oracle(i) => {
                    url::oracle(self, i);
                    i + 1
                }
                Byte::At if self.policy.personal => personal::email(self, i).unwrap_or(i + 1),
                Byte::Plus if self.policy.personal && self.b.get(i + 1).is_some_and(u8::is_ascii_digit) => {
                    personal::phone(self, i).unwrap_or(i + 1)
                }
                // Keys of Azure carry their mark behind a plus, in the middle of base64.
                Byte::Plus if self.b.get(i + 1) == Some(&b'A') => match shapes::marked(self.b, i, i + 1) {
                    Some((from, to, kind, rule)) => {
                        self.push(from, to, kind, rule);
                        to
                    }
                    None => i + 1,
                },
                Byte::Tilde => self.tilde(i).unwrap_or(i + 1),
                Byte::Comma => match self.before(i) {
                    b'"' | b'\'' => markup::neighbours(self, i).unwrap_or(i + 1),
                    _ => i + 1,
                },
                Byte::At | Byte::Plus => i + 1,
            };
            // A reader that looked back must not lead back.
            i = next.max(i + 1);
        }
    }

    /// Adds a finding, unless the policy lets the value stay.
    pub fn push(&mut self, start: usize, end: usize, kind: Kind, rule: &'static str) {
        self.push_as(start, end, kind, rule, Action::Replace);
    }

    /// The same with another action.
    pub fn push_as(&mut self, start: usize, end: usize, kind: Kind, rule: &'static str, action: Action) {
        if start < end && !self.policy.allows(&self.b[start..end]) {
            self.found.push(Finding { start, end, kind, rule, action });
        }
    }

    /// True at the sign behind the password of an Oracle connection.
    fn is_oracle(&self, at: usize) -> bool {
        let from = at.saturating_sub(120);
        memchr::memmem::find(&self.b[from..at], b"jdbc:oracle:").is_some()
    }

    /// The byte before a place; a line break before the first.
    pub fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b'\n', |i| self.b[i])
    }

    /// The end of the run of bytes that satisfy `keep`, at most `most` of them.
    pub fn while_(&self, from: usize, most: usize, keep: impl Fn(u8) -> bool) -> usize {
        let from = from.min(self.b.len());
        from + self.b[from..].iter().take(most).take_while(|b| keep(**b)).count()
    }

    #[inline]
    fn word(&mut self, start: usize) -> usize {
        let n = self.b.len();
        let mut end = start + 1;
        while end < n && CLASSES[usize::from(self.b[end])] == Byte::Word {
            end += 1;
        }
        let [second, third] = match self.b.get(start + 1..start + 3) {
            Some(&[second, third]) => [second, third],
            _ => return end,
        };
        if self.heads.may_begin(self.b[start], second, third)
            && let Some(next) = self.head(start, end)
        {
            return next;
        }
        let len = end - start;
        if (len >= 20 || len >= 14 && matches!(self.b.get(end), Some(b'|' | b'!' | b'.')))
            && let Some((from, to, kind, rule)) = shapes::marked(self.b, start, end)
        {
            self.push(from, to, kind, rule);
            return to;
        }
        if self.before(start) == b'/'
            && let Some(next) = url::segment(self, start, end)
        {
            return next;
        }
        if start < self.announced.0
            && let Some(next) = self.announced(start, end)
        {
            return next;
        }
        if self.policy.personal
            && let Some(next) = personal::number(self, start, end)
        {
            return next;
        }
        end
    }

    /// A word that begins like a token, a digest, or a word that announces a credential.
    fn head(&mut self, start: usize, end: usize) -> Option<usize> {
        if let Some(next) = self.jwt(start) {
            return Some(next);
        }
        if let Some((len, kind, rule)) = self.text.get(start..).and_then(|text| self.heads.issued(text)) {
            let mut end = start + len;
            // In a URL base64 goes on percent-encoded.
            if self.b.get(end) == Some(&b'%')
                && crate::issuers::is_base64(rule)
                && self.b.get(end + 1).is_some_and(u8::is_ascii_hexdigit)
            {
                end = self.while_(end, 4 << 10, |b| {
                    b.is_ascii_alphanumeric() || matches!(b, b'%' | b'-' | b'_' | b'.' | b'~' | b'+')
                });
            }
            self.push(start, end, kind, rule);
            return Some(end);
        }
        let word = &self.b[start..end];
        if is_digest_name(word) && matches!(self.b.get(end), Some(b'-' | b':')) {
            let to = self.while_(end + 1, 200, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
            return (to > end + 20).then_some(to);
        }
        let kind = shapes::noun(word)?;
        // A part of a longer name announces nothing.
        if matches!(self.b.get(end), Some(b'-' | b'/' | b'@' | b'#'))
            || self.b.get(end) == Some(&b'.') && self.b.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
        {
            return None;
        }
        self.announced = (end + REACH, kind);
        markup::after_noun(self, end, kind)
    }

    /// A JWT: its signature goes, and what its claims hold is looked at.
    pub fn jwt(&mut self, start: usize) -> Option<usize> {
        let jwt = shapes::jwt(&self.b[start..])?;
        if jwt.claims.0 < jwt.claims.1 {
            let (from, to) = (start + jwt.claims.0, start + jwt.claims.1);
            self.push_as(from, to, Kind::Token, "jwt.claims", Action::Claims);
        }
        self.push(start + jwt.signature, start + jwt.len, Kind::Signature, "jwt.signature");
        Some(start + jwt.len)
    }

    /// A word soon after one that announced a credential.
    fn announced(&mut self, start: usize, end: usize) -> Option<usize> {
        let word = &self.b[start..end];
        if matches!(self.before(start), b'-' | b'+' | b'/' | b'.' | b'=' | b'_') {
            return None; // the middle of something longer
        }
        if self.before(start) == b'\n' {
            self.announced.0 = 0;
            return None;
        }
        if is_about_ids(word) {
            self.announced.0 = 0;
            return None;
        }
        let mut to =
            self.while_(start, 400, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/' | b'.'));
        to = self.while_(to, 2, |b| b == b'=').min(if self.before(to) == b'/' { to } else { usize::MAX });
        let run = &self.b[start..to];
        let run = &run[..run.len() - run.iter().rev().take_while(|b| matches!(b, b'.' | b'-' | b'/')).count()];
        let wordy = run.contains(&b'.') || run.contains(&b'/') && !Mix::of(run).is_opaque();
        if run.len() < 12 || wordy || shapes::is_uuid(run) || !Mix::of(run).is_chance() || is_dummy(run) {
            return None;
        }
        let end = start + run.len();
        self.push(start, end, self.announced.1, "words.credential");
        Some(end)
    }

    fn equals(&mut self, at: usize) -> usize {
        let double = usize::from(self.b.get(at + 1) == Some(&b'='));
        self.assigned(at, at + 1 + double)
    }

    fn colon(&mut self, at: usize) -> usize {
        match self.b.get(at + 1) {
            Some(b':') => at + 2,
            Some(b'/') if self.b.get(at + 2) == Some(&b'/') => url::authority(self, at),
            Some(b'0'..=b'9') if self.before(at).is_ascii_digit() => at + 1,
            Some(b'A') if self.before(at).is_ascii_digit() => match shapes::telegram(self.b, at) {
                Some(end) => {
                    self.push(at + 1, end, Kind::Token, "telegram.bot_token");
                    end
                }
                None => at + 1,
            },
            _ => self.assigned(at, at + 1),
        }
    }

    /// `%3D` and `%3A` assign in what is percent-encoded; behind any other triplet a new word begins.
    fn percent(&mut self, at: usize) -> usize {
        match self.b.get(at + 1..at + 3) {
            Some(b"3D" | b"3d" | b"3A" | b"3a") => {
                if self.b[at + 2].eq_ignore_ascii_case(&b'a') && self.b[at + 3..].starts_with(b"%2F%2F") {
                    return at + 9;
                }
                if self.before(at).is_ascii_digit()
                    && let Some(end) = shapes::telegram(self.b, at + 2)
                {
                    self.push(at + 3, end, Kind::Token, "telegram.bot_token");
                    return end;
                }
                self.assigned(at, at + 3)
            }
            Some(hex) if hex.iter().all(u8::is_ascii_hexdigit) => at + 3,
            _ => at + 1,
        }
    }

    /// Escapes in strings: a new word begins behind them. `\u003d` assigns.
    fn backslash(&mut self, at: usize) -> usize {
        match self.b.get(at + 1) {
            Some(b'n' | b'r' | b't') => at + 2,
            Some(b'u') if self.b.get(at + 2..at + 6).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) => {
                if self.b[at + 2..at + 6].eq_ignore_ascii_case(b"003d") {
                    return self.assigned(at, at + 6);
                }
                at + 6
            }
            _ => at + 1,
        }
    }

    /// Colours of a terminal: `ESC [ … m`.
    fn escape(&self, at: usize) -> usize {
        if self.b.get(at + 1) != Some(&b'[') {
            return at + 1;
        }
        let end = self.while_(at + 2, 20, |b| b.is_ascii_digit() || b == b';');
        (end + 1).min(self.b.len())
    }

    /// Secrets of Entra applications: three characters, a digit, `Q~`, and 31 to 34 more.
    fn tilde(&mut self, at: usize) -> Option<usize> {
        if at < 5 || self.b[at - 1] != b'Q' || !self.b[at - 2].is_ascii_digit() {
            return None;
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'.' | b'-');
        let end = self.while_(at + 1, 40, allowed);
        let start = at - 5;
        if !(31..=40).contains(&(end - at - 1)) || !self.b[start..at].iter().all(|b| allowed(*b)) {
            return None;
        }
        self.push(start, end, Kind::Secret, "entra.client_secret");
        Some(end)
    }

    fn dash(&mut self, at: usize) -> usize {
        if self.b[at..].starts_with(b"-----BEGIN ")
            && let Some(next) = markup::pem(self, at)
        {
            return next;
        }
        if matches!(self.before(at), b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'(' | b'[' | b',')
            && let Some(next) = crate::command::option(self, at)
        {
            return next;
        }
        at + 1
    }
}

/// What is named an id, a digest or a place is no credential.
fn is_about_ids(word: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"id",
        b"ids",
        b"request",
        b"trace",
        b"correlation",
        b"uuid",
        b"digest",
        b"etag",
        b"commit",
        b"url",
        b"at",
        b"kid",
        b"jti",
        b"x5t",
        b"thumbprint",
        b"fingerprint",
        b"serial",
        b"host",
        b"user",
        b"version",
        b"path",
        b"file",
    ];
    word.len() < 24
        && (WORDS.iter().any(|name| word.eq_ignore_ascii_case(name))
            || word.ends_with(b"_id")
            || word.ends_with(b"Id")
            || word.ends_with(b"ID"))
}

fn is_digest_name(word: &[u8]) -> bool {
    matches!(word, b"sha1" | b"sha224" | b"sha256" | b"sha384" | b"sha512" | b"md5" | b"SHA256" | b"SHA512")
}
