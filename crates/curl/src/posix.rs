//! Words of one command as sh, bash and zsh cut them (POSIX.1-2024 shell language 2.2 and 2.3, Bash manual 3.1.2).
//!
//! Nothing is expanded: variables and command substitutions are kept as written, only `$(cat <<EOF …)` is
//! its text. This file refuses to know what the words mean.

/// A command cut into words.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// The words behind the start.
    pub words: Vec<String>,
    /// From `<<EOF` or `<<<`.
    pub stdin: Option<String>,
    /// One past the last byte, here-documents included.
    pub end: usize,
    /// Where the contents of `$( )` stand, for commands inside.
    pub inner: Vec<(usize, usize)>,
    /// How many bytes were searched in vain for the end of a substitution.
    pub wasted: usize,
}

/// How deep substitutions may be nested.
const DEPTH: usize = 16;
/// How far the second line is looked for, and how many here-documents one command may have.
const SECOND_LINE_BYTES: usize = 16 << 10;
const HEREDOCS: usize = 4;
/// The second prompts of bash and zsh, as they stand in a pasted session.
const SECOND_PROMPTS: &[&str] = &["> ", "quote> ", "dquote> ", "heredoc> ", "bquote> ", "cmdsubst> "];

/// Cuts the command at the start of `text`. `closing` ends it, too (`)` or `` ` ``); `waiting` is the delimiter
/// of a here-document that was begun before it. `None` when a quote is never closed.
pub(crate) fn words(text: &str, closing: Option<u8>, waiting: Option<Heredoc>) -> Option<Words> {
    let mut cutter = Cutter {
        bytes: text.as_bytes(),
        text,
        at: 0,
        word: None,
        out: Words::default(),
        heredocs: waiting.into_iter().collect(),
        prompts: false,
        unclosed: false,
    };
    let second = text.bytes().take(SECOND_LINE_BYTES).position(|b| b == b'\n').and_then(|feed| text.get(feed + 1..));
    cutter.prompts = second.is_some_and(|line| SECOND_PROMPTS.iter().any(|p| line.starts_with(p)));
    cutter.run(closing)?;
    Some(cutter.out)
}

/// A here-document that waits for its lines.
#[derive(Debug)]
pub(crate) struct Heredoc {
    delimiter: String,
    quoted: bool,
    tabs: bool,
}

impl Heredoc {
    /// The one that a part of a line begins with `<<`.
    pub(crate) fn begun_in(head: &str) -> Option<Self> {
        let at = head.rfind("<<")?;
        if head[..at].ends_with('<') {
            return None;
        }
        Self::parse(&head[at + 2..]).map(|(heredoc, _)| heredoc)
    }

    /// The delimiter behind `<<` and how many bytes it takes.
    fn parse(text: &str) -> Option<(Self, usize)> {
        let mut rest = text;
        let tabs = rest.starts_with('-');
        if tabs {
            rest = &rest[1..];
        }
        rest = rest.trim_start_matches([' ', '\t']);
        let stop = rest
            .find(|c: char| c.is_whitespace() || matches!(c, ')' | '|' | ';' | '&' | '<' | '>'))
            .unwrap_or(rest.len());
        let written = &rest[..stop];
        let delimiter: String = written.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        if delimiter.is_empty() {
            return None;
        }
        let quoted = delimiter.len() != written.len();
        Some((Self { delimiter, quoted, tabs }, text.len() - rest.len() + stop))
    }

    /// The text that begins at `from`, the start of a line, and where it ends.
    fn text(&self, text: &str, from: usize, prompts: bool) -> (String, usize) {
        let mut body = String::new();
        let mut at = from;
        for line in text[from..].split_inclusive('\n') {
            at += line.len();
            let mut line = line;
            if prompts {
                line = SECOND_PROMPTS.iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line);
            }
            if self.tabs {
                line = line.trim_start_matches('\t');
            }
            let bare = line.trim_end_matches(['\n', '\r']);
            if bare == self.delimiter || bare.trim() == self.delimiter && !self.delimiter.contains(' ') {
                let end = at - usize::from(text[..at].ends_with('\n'));
                return (body, end);
            }
            if self.quoted {
                body.push_str(bare);
            } else {
                unescape(bare, &mut body);
                if body.ends_with('\\') && bare.ends_with('\\') && !bare.ends_with("\\\\") {
                    body.pop();
                    continue;
                }
            }
            body.push('\n');
        }
        (body, text.len())
    }
}

/// Backslashes in a here-document protect what a shell would expand there.
fn unescape(line: &str, out: &mut String) {
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next)) if matches!(next, '$' | '`' | '\\') => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
}

struct Cutter<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    word: Option<Vec<u8>>,
    out: Words,
    heredocs: Vec<Heredoc>,
    /// True when continued lines begin with the shell's second prompt.
    prompts: bool,
    /// True when a substitution was found that never closes: then none is looked for any more.
    unclosed: bool,
}

impl Cutter<'_> {
    fn run(&mut self, closing: Option<u8>) -> Option<()> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if Some(byte) == closing {
                break;
            }
            match byte {
                b' ' | b'\t' | b'\r' => {
                    self.finish_word();
                    self.at += 1;
                }
                b'\n' | b';' | b'|' | b')' | b'(' => break,
                b'&' if self.bytes.get(self.at + 1) != Some(&b'>') => break,
                b'#' if self.word.is_none() => {
                    self.skip_to_line_end();
                }
                b'\\' => self.backslash(),
                b'\'' => {
                    let end = self.find(self.at + 1, b'\'')?;
                    self.quoted_text(self.at + 1, end);
                    self.at = end + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted()?;
                }
                b'$' => self.dollar(false)?,
                b'`' => self.backquoted(),
                b'<' | b'>' | b'&' => self.redirection(),
                _ => {
                    self.push(byte);
                    self.at += 1;
                }
            }
        }
        self.finish_word();
        self.out.end = self.at;
        self.read_heredocs();
        Some(())
    }

    fn push(&mut self, byte: u8) {
        self.word.get_or_insert_default().push(byte);
    }

    fn extend(&mut self, from: usize, to: usize) {
        let bytes = self.bytes.get(from..to).unwrap_or_default();
        self.word.get_or_insert_default().extend_from_slice(bytes);
    }

    fn finish_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.out.words.push(lossy(word));
        }
    }

    fn find(&self, from: usize, byte: u8) -> Option<usize> {
        self.bytes.get(from..)?.iter().position(|b| *b == byte).map(|i| from + i)
    }

    fn skip_to_line_end(&mut self) {
        self.at = self.find(self.at, b'\n').unwrap_or(self.bytes.len());
    }

    /// Text between quotes as it is, second prompts taken out.
    fn quoted_text(&mut self, from: usize, to: usize) {
        let mut at = from;
        self.word.get_or_insert_default();
        while let Some(feed) = self.bytes[at..to].iter().position(|b| *b == b'\n') {
            let end = at + feed;
            let bare = if end > at && self.bytes[end - 1] == b'\r' { end - 1 } else { end };
            self.extend(at, bare);
            self.push(b'\n');
            at = (end + 1 + self.prompt_len(end + 1)).min(to);
        }
        self.extend(at, to);
    }

    fn prompt_len(&self, at: usize) -> usize {
        let line = self.bytes.get(at..).unwrap_or_default();
        if !self.prompts {
            return 0;
        }
        SECOND_PROMPTS.iter().find(|p| line.starts_with(p.as_bytes())).map_or(0, |p| p.len())
    }

    fn backslash(&mut self) {
        // A backslash with blanks behind it is meant to continue the line, though a shell would not.
        let blanks = self.bytes[self.at + 1..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        let next = self.at + 1 + blanks;
        if self.bytes.get(next) == Some(&b'\n') {
            self.at = next + 1 + self.prompt_len(next + 1);
            if blanks > 0 {
                self.finish_word();
            }
            return;
        }
        if let Some(byte) = self.bytes.get(self.at + 1).copied() {
            self.push(byte);
            self.at += 2;
        } else {
            self.at += 1;
        }
    }

    fn double_quoted(&mut self) -> Option<()> {
        self.word.get_or_insert_default();
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => {
                    match self.bytes.get(self.at + 1).copied()? {
                        b'\n' => self.at += self.prompt_len(self.at + 2),
                        b'\r' if self.bytes.get(self.at + 2) == Some(&b'\n') => self.at += 1,
                        next @ (b'$' | b'`' | b'"' | b'\\') => self.push(next),
                        next => {
                            self.push(b'\\');
                            self.push(next);
                        }
                    }
                    self.at += 2;
                }
                b'$' => self.dollar(true)?,
                b'`' => self.backquoted(),
                b'\r' if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 1,
                b'\n' => {
                    self.push(b'\n');
                    self.at += 1 + self.prompt_len(self.at + 1);
                }
                _ => {
                    self.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn dollar(&mut self, inside_quotes: bool) -> Option<()> {
        let from = self.at;
        match self.bytes.get(from + 1) {
            Some(b'\'') if !inside_quotes => {
                self.at += 2;
                return self.ansi_c();
            }
            // Bash translates $"…"; without a catalogue it is "…".
            Some(b'"') if !inside_quotes => {
                self.at += 2;
                return self.double_quoted();
            }
            Some(b'(') if !self.unclosed => {
                if let Some((text, end)) = self.here_text(from + 2) {
                    self.word.get_or_insert_default().extend_from_slice(text.as_bytes());
                    self.at = end;
                    return Some(());
                }
                if let Some(end) = substitution_end(self.bytes, from + 2, 0) {
                    self.out.inner.push((from + 2, end - 1));
                    self.extend(from, end);
                    self.at = end;
                    return Some(());
                }
                self.unclosed = true;
                self.out.wasted += self.bytes.len() - from;
            }
            Some(b'{') => {
                let close = self.bytes[from..].iter().take(512).take_while(|b| **b != b'\n').position(|b| *b == b'}');
                if let Some(close) = close {
                    self.extend(from, from + close + 1);
                    self.at = from + close + 1;
                    return Some(());
                }
            }
            _ => {}
        }
        self.push(b'$');
        self.at += 1;
        Some(())
    }

    /// `$(cat <<EOF` … `EOF` `)` is the text between, without its last line feeds.
    fn here_text(&self, from: usize) -> Option<(String, usize)> {
        let rest = self.text.get(from..)?;
        let inner = rest.trim_start().strip_prefix("cat")?.trim_start().strip_prefix("<<")?;
        let (heredoc, used) = Heredoc::parse(inner)?;
        let after = self.text.len() - inner.len() + used;
        let line_end = self.find(after, b'\n')?;
        if !self.text[after..line_end].trim().is_empty() {
            return None;
        }
        let (text, end) = heredoc.text(self.text, line_end + 1, self.prompts);
        let rest = &self.text[end..];
        let close = end + rest.len() - rest.trim_start().len();
        (self.bytes.get(close) == Some(&b')')).then(|| (text.trim_end_matches('\n').to_owned(), close + 1))
    }

    fn backquoted(&mut self) {
        let mut end = self.at + 1;
        while let Some(&byte) = self.bytes.get(end) {
            match byte {
                b'\\' => end += 1,
                b'`' => {
                    self.out.inner.push((self.at + 1, end));
                    self.extend(self.at, end + 1);
                    self.at = end + 1;
                    return;
                }
                b'\n' => break,
                _ => {}
            }
            end += 1;
        }
        self.push(b'`');
        self.at += 1;
    }

    /// `$'…'`: Bash manual 3.1.2.4.
    fn ansi_c(&mut self) -> Option<()> {
        self.word.get_or_insert_default();
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'\'' => return Some(()),
                b'\\' => {
                    let escape = *self.bytes.get(self.at)?;
                    self.at += 1;
                    match escape {
                        b'a' => self.push(7),
                        b'b' => self.push(8),
                        b'e' | b'E' => self.push(27),
                        b'f' => self.push(12),
                        b'n' => self.push(b'\n'),
                        b'r' => self.push(b'\r'),
                        b't' => self.push(b'\t'),
                        b'v' => self.push(11),
                        b'\\' | b'\'' | b'"' | b'?' => self.push(escape),
                        b'0'..=b'7' => {
                            self.at -= 1;
                            let value = self.number(8, 3);
                            self.push(u8::try_from(value & 0xff).unwrap_or_default());
                        }
                        b'x' => {
                            let value = self.number(16, 2);
                            self.push(u8::try_from(value & 0xff).unwrap_or_default());
                        }
                        b'u' | b'U' => self.unicode(if escape == b'u' { 4 } else { 8 }),
                        b'c' => {
                            let control = *self.bytes.get(self.at)?;
                            self.at += 1;
                            self.push(control.to_ascii_uppercase() & 0x1f);
                        }
                        other => {
                            self.push(b'\\');
                            self.push(other);
                        }
                    }
                }
                _ => self.push(byte),
            }
        }
    }

    fn number(&mut self, radix: u32, most: usize) -> u32 {
        let mut value = 0;
        for _ in 0..most {
            let Some(digit) = self.bytes.get(self.at).and_then(|b| char::from(*b).to_digit(radix)) else { break };
            value = value * radix + digit;
            self.at += 1;
        }
        value
    }

    /// A pair of surrogates, as JavaScript tools write it, is one character.
    fn unicode(&mut self, digits: usize) {
        let mut value = self.number(16, digits);
        if (0xd800..0xdc00).contains(&value) && self.bytes[self.at..].starts_with(b"\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.number(16, 4);
            if (0xdc00..0xe000).contains(&low) {
                value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
            } else {
                self.at = before;
            }
        }
        let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.word.get_or_insert_default().extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `>`, `2>&1`, `<`, `<<EOF`, `<<<text`: not arguments.
    fn redirection(&mut self) {
        // A number directly before it is a file descriptor.
        if self.word.as_ref().is_some_and(|w| w.iter().all(u8::is_ascii_digit)) {
            self.word = None;
        }
        self.finish_word();
        let rest = &self.text[self.at..];
        if let Some(text) = rest.strip_prefix("<<<") {
            self.at += 3 + text.len() - text.trim_start_matches([' ', '\t']).len();
            if let Some(mut text) = self.next_word() {
                text.push('\n');
                self.out.stdin = Some(text);
            }
            return;
        }
        if let Some(text) = rest.strip_prefix("<<") {
            self.at += 2;
            if let Some((heredoc, used)) = Heredoc::parse(text) {
                if self.heredocs.len() < HEREDOCS {
                    self.heredocs.push(heredoc);
                }
                self.at += used;
            }
            return;
        }
        while self.bytes.get(self.at).is_some_and(|b| matches!(b, b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        while self.bytes.get(self.at).is_some_and(|b| matches!(b, b' ' | b'\t')) {
            self.at += 1;
        }
        self.next_word();
    }

    /// The one word at this place, not kept among the arguments.
    fn next_word(&mut self) -> Option<String> {
        let kept = self.out.words.len();
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b')' | b'<' | b'>' => break,
                b'\\' => self.backslash(),
                b'\'' => {
                    let end = self.find(self.at + 1, b'\'')?;
                    self.quoted_text(self.at + 1, end);
                    self.at = end + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted()?;
                }
                b'$' => self.dollar(false)?,
                _ => {
                    self.push(byte);
                    self.at += 1;
                }
            }
        }
        self.finish_word();
        (self.out.words.len() > kept).then(|| self.out.words.pop()).flatten()
    }

    /// Here-documents stand behind the line, in order; the last one is what the command reads.
    fn read_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let Some(feed) = self.find(self.out.end, b'\n') else { return };
            let (text, end) = heredoc.text(self.text, feed + 1, self.prompts);
            self.out.stdin = Some(text);
            self.out.end = end;
        }
    }
}

/// One past the `)` that closes the substitution whose text begins at `at`.
fn substitution_end(bytes: &[u8], mut at: usize, depth: usize) -> Option<usize> {
    let mut open = 1usize;
    let mut in_double = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => in_double = !in_double,
            b'\'' if !in_double => at += 1 + bytes.get(at + 1..)?.iter().position(|b| *b == b'\'')?,
            b'$' if in_double && bytes.get(at + 1) == Some(&b'(') => {
                if depth >= DEPTH {
                    return None;
                }
                at = substitution_end(bytes, at + 2, depth + 1)?;
                continue;
            }
            b'(' if !in_double => open += 1,
            b')' if !in_double => {
                open -= 1;
                if open == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
