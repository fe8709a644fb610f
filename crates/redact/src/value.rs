//! What is assigned to a name: where the value begins and ends, in which quoting, and whether it is a secret.

use crate::find::{Action, Scan};
use crate::kind::{Kind, placeholder_at};
use crate::look::{is_code_about, is_dummy, is_firm, is_loose, is_sentence, is_structure, is_weak_password};
use crate::names::Class;
use crate::quotes::Quote;
use crate::shapes::{self, Mix};
use crate::{credential, markup};

/// In what the assignment stands: it decides where a bare value ends and how much is needed to call it a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// `?a=b&c=d` in a URL or form.
    Form,
    /// The same, percent-encoded: `a%3Db%26c%3Dd`.
    Encoded,
    /// A header field on a line of its own.
    Header,
    /// A header field inside a string whose line breaks are escaped.
    EscapedHeader,
    /// A header field inside quotes, which end it.
    QuotedHeader(Quote),
    /// `NAME=value` as an environment has it.
    Environment,
    /// Anything else.
    Other,
}

/// A value and what encloses it.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// First byte of the value.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Where to read on.
    pub next: usize,
    /// True when it is enclosed in quotes.
    pub quoted: bool,
}

impl Scan<'_> {
    /// An operator at `at..after`: what stands before it is a name, what stands behind it a value.
    pub fn assigned(&mut self, at: usize, after: usize) -> usize {
        let Some((from, to)) = self.name(at) else { return after };
        let class = self.names.class(&self.b[from..to], self.policy);
        if class == Class::Plain {
            if matches!(self.before(from), b'?' | b'&')
                && let Some(next) = self.encoded_token(after)
            {
                return next;
            }
            // A word that was part of a longer name announces nothing (`Idempotency-Key: …`).
            let noun = self.announced.0.saturating_sub(crate::find::REACH);
            if noun > from && noun <= to && to - from > 10 {
                self.announced.0 = 0;
            }
            return after;
        }
        // "API key: …" in words names a key as `api_key` does.
        let told = [&b"API "[..], b"api ", b"Api ", b"access ", b"secret ", b"Access ", b"Secret "];
        let class = match class {
            Class::Loose(kind @ Kind::Key) if told.iter().any(|word| self.b[..from].ends_with(word)) => {
                Class::Firm(kind)
            }
            class => class,
        };
        let frame = self.frame(from, to, at);
        // `https://…/error?code=70011`: the number of an error is evidence.
        if frame == Frame::Form && &self.b[from..to] == b"code" {
            let digits = self.while_(after, 8, |b| b.is_ascii_digit());
            let head = &self.b[from.saturating_sub(40)..from];
            if digits > after
                && !self.b.get(digits).is_some_and(u8::is_ascii_alphanumeric)
                && head.windows(5).any(|w| w.eq_ignore_ascii_case(b"error"))
            {
                return after;
            }
        }
        let opened = to < at && self.opens_at(to).is_some();
        self.value(class, frame, after, opened)
    }

    /// A percent-encoded value of a query or form, or segment of a path, that is a known token once decoded.
    pub fn encoded_token(&mut self, at: usize) -> Option<usize> {
        let end = self.while_(at, 4 << 10, |b| !ends_in_form(b) && b != b'/' && b != b'?');
        let text = self.text.get(at..end).filter(|text| text.len() >= 12 && text.contains('%'))?;
        let decoded = crate::learn::percent_decoded(text)?;
        // The whole of it: a scope that begins with a key's name is looked at word by word.
        let whole = |(len, _, _): &(usize, Kind, &str)| *len == decoded.len();
        let (_, kind, rule) = self.heads.issued(&decoded).filter(whole).or_else(|| {
            let mix = Mix::of(decoded.as_bytes());
            (mix.is_opaque() && decoded.len() >= 40 && !decoded.contains([' ', '.', ':', '{'])).then_some((
                0,
                Kind::Token,
                "url.query",
            ))
        })?;
        self.push(at, end, kind, rule);
        Some(end)
    }

    /// The name that ends before an operator, through quotes, brackets and spaces.
    fn name(&self, at: usize) -> Option<(usize, usize)> {
        let mut to = at;
        let mut gap = 0;
        while to > 0 && gap < 7 {
            match self.b[to - 1] {
                b' ' | b'"' | b'\'' | b'\\' | b']' | b'`' => to -= 1,
                b';' if self.b[..to].ends_with(b"&quot;") => to -= 6,
                b'2' if self.b[..to].ends_with(b"%22") => to -= 3,
                b'D' if self.b[..to].ends_with(b"%5D") => to -= 3,
                _ => break,
            }
            gap += 1;
        }
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$');
        let mut from = to - self.b[..to].iter().rev().take(64).take_while(|b| is_name(**b)).count();
        if from == to {
            return None;
        }
        match self.before(from) {
            b'\\' if matches!(self.b[from], b'n' | b'r' | b't') && to - from > 1 => from += 1,
            b'\\' if self.b[from] == b'u' && self.b[from..to].len() > 5 => from += 5,
            b'%' if to - from > 2 => from += 2,
            _ => {}
        }
        // The last part of a dotted name names the value.
        let dot = self.b[from..to].iter().rposition(|b| *b == b'.').map_or(from, |i| from + i + 1);
        // Times, addresses and ids come before operators too: what is half digits is no name.
        let digits = self.b[dot..to].iter().filter(|b| b.is_ascii_digit()).count();
        (dot < to && digits * 2 < to - dot).then_some((dot, to))
    }

    fn frame(&self, from: usize, to: usize, at: usize) -> Frame {
        let before = self.before(from);
        if self.b[at] == b'%' {
            return Frame::Encoded;
        }
        if matches!(before, b'?' | b'&' | b'#')
            || self.b[..from].ends_with(b"%26")
            || self.b[..from].ends_with(b"&amp;")
            || self.b[..from].ends_with(b"u0026")
        {
            return Frame::Form;
        }
        if self.b[at] == b':' && to == at {
            if before == b'n' && from >= 2 && self.b[from - 2] == b'\\' {
                return Frame::EscapedHeader;
            }
            if let Some(quote) = self.closes_before(from)
                && self.b.get(at + 1) == Some(&b' ')
            {
                return Frame::QuotedHeader(quote);
            }
            if self.begins_line(from) {
                return Frame::Header;
            }
        }
        if self.b[at] == b'=' && to == at {
            let upper = self.b[from..to].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
            if upper && (before.is_ascii_whitespace() || self.begins_line(from)) {
                return Frame::Environment;
            }
            // A body that is a form begins with its first name.
            if before == b'\n'
                && self.b[at..].iter().take(200).take_while(|b| !b.is_ascii_whitespace()).any(|b| *b == b'&')
            {
                return Frame::Form;
            }
        }
        Frame::Other
    }

    /// True when only marks of transcripts, diffs and lists stand between the line's beginning and `at`.
    fn begins_line(&self, at: usize) -> bool {
        self.b[..at]
            .iter()
            .rev()
            .take(13)
            .find(|b| !matches!(b, b' ' | b'\t' | b'>' | b'<' | b'*' | b'|' | b'-' | b'+' | b'#' | b'$'))
            .map_or(at < 13, |b| *b == b'\n' || *b == b'\r')
            || self.traced(at)
    }

    /// True behind the offset that `curl --trace-ascii` writes: `0031: Authorization: …`.
    fn traced(&self, at: usize) -> bool {
        at >= 6
            && &self.b[at - 2..at] == b": "
            && self.b[at - 6..at - 2].iter().all(u8::is_ascii_hexdigit)
            && (at == 6 || self.b[at - 7] == b'\n')
    }

    /// The values behind an operator: one, or each of a list.
    pub fn value(&mut self, class: Class, frame: Frame, after: usize, name_quoted: bool) -> usize {
        let mut at = after;
        if !matches!(frame, Frame::Form | Frame::Encoded | Frame::Environment) {
            at = self.while_(at, 3, |b| b == b'>' || b == b'=');
            at = self.while_(at, 40, |b| matches!(b, b' ' | b'\t'));
        }
        let opened = self.while_(at, 2, |b| matches!(b, b'[' | b'('));
        let list = opened > at;
        if self.opens_at(opened).is_some() || list && self.b.get(opened).is_some_and(|b| b.is_ascii_alphanumeric()) {
            at = opened;
        }
        at = self.wrapped(at);
        if matches!(self.b.get(at), Some(b'b' | b'u' | b'r' | b'f')) && matches!(self.b.get(at + 1), Some(b'"' | b'\''))
        {
            at += 1;
        }
        let mut next = after;
        for _ in 0..64 {
            let extent = self.extent(class, frame, at);
            let Some(read) = self.judge(class, frame, extent, name_quoted) else {
                // Not a secret: whatever stands in it is still looked at.
                return if next > after {
                    next
                } else if extent.quoted {
                    extent.start
                } else {
                    after
                };
            };
            next = next.max(read);
            if !(list && extent.quoted) {
                break;
            }
            let comma = self.while_(extent.next, 8, |b| matches!(b, b',' | b' ' | b'\n'));
            if comma == extent.next || self.opens_at(comma).is_none() {
                break;
            }
            at = comma;
        }
        next
    }

    /// Behind what some languages write before a string: `Some("…")`, `new Secret('…')`, PHP's `string(7) "…"`.
    fn wrapped(&self, at: usize) -> usize {
        let line = self.while_(at, 40, |b| b.is_ascii_whitespace());
        if self.b[line.min(self.b.len())..].starts_with(b"string(") {
            let open = self.while_(line + 7, 10, |b| b.is_ascii_digit());
            if self.b[open..].starts_with(b") \"") {
                return open + 2;
            }
        }
        let word = self.while_(at, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'));
        if word > at && self.b.get(word) == Some(&b'(') && self.opens_at(word + 1).is_some() { word + 1 } else { at }
    }

    /// The lines of a block of YAML, when a value is one: `|` or `>`, then lines that are indented further.
    fn yaml_block(&self, at: usize) -> Option<(usize, usize)> {
        let mark = self.while_(at, 3, |b| matches!(b, b'|' | b'>' | b'-' | b'+'));
        if !matches!(self.b.get(at), Some(b'|' | b'>')) || self.b.get(mark) != Some(&b'\n') {
            return None;
        }
        let indent = self.while_(mark + 1, 40, |b| b == b' ') - mark - 1;
        let start = mark + 1 + indent;
        // More than one line is a text, not a secret; a key in PEM has a rule of its own.
        let mut lines = 0;
        let mut end = start;
        while indent > 0 && lines < 2 && end < self.b.len() {
            end = self.while_(end, 64 << 10, |b| b != b'\n');
            lines += 1;
            let next = self.while_(end + 1, indent, |b| b == b' ');
            if next != end + 1 + indent {
                break;
            }
            end = next;
        }
        (start < end && lines == 1).then_some((start, end))
    }

    /// Where a value that begins at `at` ends.
    fn extent(&self, class: Class, frame: Frame, at: usize) -> Extent {
        if let Some((start, quote)) = self.opens_at(at) {
            // PHP's var_dump escapes nothing: the last mark of the line is the string's.
            let dumped = self.b[..at].ends_with(b") ") && quote.mark == b"\"";
            let line = &self.b[start..self.while_(start, 64 << 10, |b| b != b'\n')];
            let last = line.iter().rposition(|b| *b == b'"').filter(|_| dumped);
            let end = last.map_or_else(|| self.closes(start, quote), |last| start + last);
            let closed = end + quote.slashes + quote.mark.len();
            return Extent { start, end, next: closed.min(self.b.len()).max(end), quoted: true };
        }
        if let Some((start, end)) = self.yaml_block(at) {
            return Extent { start, end, next: end, quoted: true };
        }
        let credential = matches!(class, Class::Authorization);
        let end = match frame {
            Frame::Header => self.while_(at, 64 << 10, |b| !matches!(b, b'\n' | b'\r')),
            Frame::EscapedHeader => self.while_(at, 64 << 10, |b| !matches!(b, b'\n' | b'\r' | b'\\' | b'"')),
            Frame::QuotedHeader(quote) => self.closes(at, quote),
            Frame::Form => self.while_(at, 64 << 10, |b| !ends_in_form(b)),
            Frame::Encoded => {
                let end = self.while_(at, 64 << 10, |b| !ends_in_form(b));
                let ends = |w: &[u8]| {
                    matches!(w, b"%26" | b"%22" | b"%2C" | b"%2c" | b"%7D" | b"%7d" | b"%0A" | b"%5D" | b"%3B" | b"%20")
                };
                at + self.b[at..end].windows(3).position(ends).unwrap_or(end - at)
            }
            Frame::Environment => {
                self.to_line_end(class, at).unwrap_or_else(|| self.while_(at, 64 << 10, |b| !b.is_ascii_whitespace()))
            }
            Frame::Other if matches!(class, Class::Cookie | Class::SetCookie) => {
                self.while_(at, 16 << 10, |b| !matches!(b, b'\n' | b'\r' | b'"' | b'\'' | b'|' | b']' | b'\\' | b')'))
            }
            Frame::Other => {
                if let Some(end) = self.to_line_end(class, at) {
                    return Extent { start: at, end, next: end, quoted: true };
                }
                let end = self.while_(at, 64 << 10, |b| !ends_bare(b));
                // The scheme, then the credential.
                let scheme = credential && self.b[at..end].iter().all(|b| b.is_ascii_alphabetic() || *b == b'-');
                if scheme && self.b.get(end) == Some(&b' ') {
                    self.while_(end + 1, 64 << 10, |b| !ends_bare(b))
                } else {
                    end
                }
            }
        };
        Extent { start: at, end, next: end, quoted: false }
    }

    /// Files of settings and dumps of environments hold one assignment a line: a password in them may hold anything.
    fn to_line_end(&self, class: Class, at: usize) -> Option<usize> {
        let Class::Secret(Kind::Password | Kind::Secret) = class else { return None };
        let line = at - self.b[..at].iter().rev().take(160).take_while(|b| !matches!(b, b'\n')).count();
        let head = &self.b[line..at];
        let equals = head.iter().filter(|b| matches!(b, b'=' | b':')).count();
        let start = head.iter().find(|b| !b.is_ascii_whitespace());
        // `name=…`, `export name=…`, `[name] => …`, and nothing else before it.
        let alone = equals == 1
            && start.is_some_and(|b| b.is_ascii_alphabetic() || *b == b'[')
            && head.split(|b| *b == b' ').filter(|w| w.len() > 2).count() <= 2
            && !head.iter().any(|b| matches!(b, b'(' | b'{' | b',' | b';' | b'"' | b'\''));
        if !alone || !head.contains(&b'=') {
            return None;
        }
        let end = self.while_(at, 4 << 10, |b| !matches!(b, b'\n' | b'\r'));
        let rest = &self.b[at..end];
        // Further assignments on the line say that it is a log's.
        let more = rest.windows(2).any(|w| w[0].is_ascii_alphabetic() && w[1] == b'=') && rest.contains(&b' ');
        (!more
            && !matches!(rest.first(), None | Some(b'"' | b'\'' | b'{' | b'[' | b'(' | b'$'))
            && !rest.ends_with(b";")
            && !rest.ends_with(b","))
        .then_some(end)
    }

    /// Decides on one value. `None`: it is no secret as a whole; read on inside it.
    fn judge(&mut self, class: Class, frame: Frame, extent: Extent, name_quoted: bool) -> Option<usize> {
        match class {
            Class::Plain => None,
            Class::PairName => {
                markup::pair_name(self, extent);
                None
            }
            Class::PairValue => markup::pair_value(self, frame, extent),
            Class::Cookie => credential::cookies(self, extent, false),
            Class::SetCookie => credential::cookies(self, extent, true),
            Class::Authorization => credential::authorization(self, extent, frame),
            Class::Secret(kind) => self.plain(
                kind,
                "name.secret",
                extent,
                frame,
                |scan, value| scan.is_secret_value(value, frame, extent, kind),
                name_quoted,
            ),
            Class::Firm(kind) => self.plain(
                kind,
                "name.secret",
                extent,
                frame,
                |_, value| is_firm(value, frame, extent.quoted),
                name_quoted,
            ),
            Class::Loose(kind) => {
                if extent.quoted {
                    markup::pair_name(self, extent);
                }
                self.plain(
                    kind,
                    "name.secret_by_look",
                    extent,
                    frame,
                    |_, value| is_loose(value, frame, extent.quoted, kind),
                    name_quoted,
                )
            }
            Class::Personal(kind) => self.plain(
                kind,
                "personal.field",
                extent,
                frame,
                |_, value| value.len() > 1 && !is_dummy(value) && !matches!(value[0], b'{' | b'['),
                name_quoted,
            ),
        }
    }

    fn plain(
        &mut self,
        kind: Kind,
        rule: &'static str,
        extent: Extent,
        frame: Frame,
        is_secret: impl Fn(&Self, &[u8]) -> bool,
        name_quoted: bool,
    ) -> Option<usize> {
        let (start, end) = self.trimmed(extent.start, extent.end);
        if start >= end || !is_secret(self, &self.b[start..end]) {
            return None;
        }
        // `Api-Key: Token abc`, `X-Hub-Signature: sha256=…`, `Stripe-Signature: t=…,v1=…`
        if !kind.is_personal()
            && kind != Kind::Password
            && matches!(frame, Frame::Header | Frame::EscapedHeader | Frame::QuotedHeader(_) | Frame::Other)
            && credential::is_parameters(&self.b[start..end])
        {
            return credential::parameters(self, start, end);
        }
        let bare_number = !extent.quoted && name_quoted && self.b[start..end].iter().all(u8::is_ascii_digit);
        let action = if bare_number { Action::Quote } else { Action::Replace };
        self.secret(start, end, kind, rule, action);
        self.mark_spaces(end, extent.end, frame);
        Some(end)
    }

    /// A value that is a secret: a JWT keeps its claims, what is replaced already stays, and a value broken over lines
    /// is replaced piece by piece, so that the break stays visible.
    pub fn secret(&mut self, start: usize, end: usize, kind: Kind, rule: &'static str, action: Action) {
        self.announced.0 = 0;
        let mut from = start;
        while from < end {
            let to = self.while_(from, end - from, |b| !matches!(b, b'\n' | b'\r'));
            self.piece(from, to, kind, rule, action);
            from = to + 1;
        }
    }

    /// A part of a secret on one line.
    fn piece(&mut self, from: usize, to: usize, kind: Kind, rule: &'static str, action: Action) {
        if shapes::jwt(&self.b[from..to]).is_some_and(|jwt| from + jwt.len == to) {
            self.jwt(from);
            return;
        }
        let replaced = self.text.get(from..to).and_then(|text| {
            let open = text.find(crate::kind::OPEN)?;
            placeholder_at(&text[open..]).map(|(len, _, _)| (from + open, from + open + len))
        });
        match replaced {
            None => self.push_as(from, to, kind, rule, action),
            // What is replaced already stays; what was written beside it does not, if it is more than a known beginning.
            Some((open, close)) => {
                if open - from >= 6 && !self.b[from..].starts_with(b"eyJ") {
                    self.push(from, open, kind, rule);
                }
                let rest = self.while_(close, to - close.min(to), |b| !b.is_ascii_whitespace() && b != 0xe2);
                if rest - close >= 6 {
                    self.push(close, rest, kind, rule);
                }
            }
        }
    }

    /// The value without white space, written or escaped, at its ends: there it is a fault that must stay visible.
    pub fn trimmed(&self, mut start: usize, mut end: usize) -> (usize, usize) {
        const ESCAPES: &[&[u8]] = &[b"\\r", b"\\n", b"\\t", b"%0A", b"%0D", b"%0a", b"%0d", b"%20", b"%09"];
        loop {
            let value = &self.b[start..end];
            if value.first().is_some_and(u8::is_ascii_whitespace) {
                start += 1;
            } else if value.last().is_some_and(u8::is_ascii_whitespace) {
                end -= 1;
            } else if !value.iter().take(3).chain(value.iter().rev().take(3)).any(|b| matches!(b, b'\\' | b'%')) {
                return (start, end);
            } else if let Some(escape) = ESCAPES.iter().find(|e| value.ends_with(e)) {
                end -= escape.len();
                while end > start && self.b[end - 1] == b'\\' {
                    end -= 1;
                }
            } else if let Some(escape) = ESCAPES.iter().find(|e| value.starts_with(e)) {
                start += escape.len();
            } else {
                return (start, end);
            }
        }
    }

    /// Spaces between a credential and the end of its line are made visible.
    pub fn mark_spaces(&mut self, from: usize, to: usize, frame: Frame) {
        if matches!(frame, Frame::Header | Frame::QuotedHeader(_))
            && from < to
            && self.b[from..to].iter().all(|b| matches!(b, b' ' | b'\t'))
        {
            self.push_as(from, to, Kind::Token, "white_space", Action::Mark);
        }
    }

    /// Whether the value under a name that is secret by itself is one: not a stand-in, a count or a sentence about it.
    fn is_secret_value(&self, value: &[u8], frame: Frame, extent: Extent, kind: Kind) -> bool {
        // `password`, `secret`: said of a password these are one, a bad one.
        let weak = kind == Kind::Password && extent.quoted && is_weak_password(value);
        // What is secret in a URL has its own place in it.
        if is_dummy(value) && !weak
            || is_structure(value)
            || value.starts_with(b"https://")
            || value.starts_with(b"http://")
        {
            return false;
        }
        if kind == Kind::Card {
            return value.iter().filter(|b| b.is_ascii_digit()).count() >= 12;
        }
        if value.len() < 5 && kind == Kind::Token && value.iter().all(u8::is_ascii_digit) {
            return false; // a count of tokens
        }
        if is_code_about(value) {
            return false;
        }
        // "Password: must be …": the words that follow belong to it.
        let line = if extent.quoted || frame != Frame::Other || !value.iter().all(u8::is_ascii_alphabetic) {
            value
        } else {
            let end = self.while_(extent.start, 120, |b| b != b'\n' && b != b'"');
            &self.b[extent.start..end]
        };
        !is_sentence(line)
    }
}

fn ends_in_form(b: u8) -> bool {
    b.is_ascii_whitespace()
        || matches!(
            b,
            b'&' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b']' | b'}' | b'|' | b'\\' | b';' | b','
        )
}

fn ends_bare(b: u8) -> bool {
    b.is_ascii_whitespace()
        || matches!(b, b',' | b';' | b'&' | b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'<' | b'>' | b'\\' | b'|')
}
