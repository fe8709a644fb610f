//! Data that a program printed in the middle of its words: JSON, the same with its quotes escaped,
//! Python's `repr`, Ruby's `inspect`, JavaScript's `util.inspect`.
//!
//! This file knows how languages print maps and lists and turns the first one into JSON; it refuses
//! to know what the data says.

/// At most so many places are tried as a beginning, so that a line of brackets costs little.
const STARTS: usize = 24;

/// No more than that is read of one value; a longer one does not count as found.
const LENGTH_LIMIT: usize = 256 * 1024;

const DEPTH_LIMIT: usize = 64;

/// The first balanced object, or array of objects or strings, in `text`: where it begins, where it
/// ends, and the same as JSON text.
///
/// Cut or unbalanced data is not found, and neither are empty brackets, which say nothing.
#[must_use]
pub fn find(text: &str) -> Option<(usize, usize, String)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // Work over all starts together is bounded, too: each may read far before it fails.
    let mut budget = 2 * LENGTH_LIMIT;
    for _ in 0..STARTS {
        let start = loop {
            at += memchr::memchr2(b'{', b'[', bytes.get(at..)?)?;
            if promises(&bytes[at..]) {
                break at;
            }
            at += 1;
        };
        let mut limit = bytes.len().min(start + LENGTH_LIMIT.min(budget));
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let window = &text[start..limit];
        let found = if is_escaped(window.as_bytes()) { unescaped(window) } else { balanced(window) };
        match found {
            Ok((length, json)) => return Some((start, start + length, json)),
            Err(read) => budget = budget.saturating_sub(read),
        }
        if budget == 0 {
            return None;
        }
        at = start + 1;
    }
    None
}

/// True where an object or array of data may begin, by its first bytes: `[ERROR]` and `{}` do not.
fn promises(bytes: &[u8]) -> bool {
    let mut rest = bytes[1..].iter().copied().filter(|b| !b.is_ascii_whitespace()).take(4);
    let (next, after) = (rest.next().unwrap_or(0), rest.next().unwrap_or(0));
    if next == b'\\' {
        // `{\"a\"`, or `{\n  "a"` with the line feed written out.
        return matches!(after, b'"' | b'\\' | b'n' | b'r');
    }
    if bytes[0] == b'[' {
        return matches!(next, b'{' | b'"' | b'\'') || (next == b'[' && matches!(after, b'{' | b'"'));
    }
    matches!(next, b'"' | b'\'' | b':' | b'_' | b'$') || next.is_ascii_alphabetic()
}

/// True when the first quote of the value is escaped.
fn is_escaped(bytes: &[u8]) -> bool {
    let skipped = bytes.iter().take_while(|b| matches!(b, b'{' | b'[' | b' ' | b'\t')).count();
    bytes.get(skipped) == Some(&b'\\')
}

/// Takes one level of escapes off `window` and looks again, up to four levels.
fn unescaped(window: &str) -> Result<(usize, String), usize> {
    let mut levels = vec![window.to_owned()];
    while levels.len() <= 4 {
        let Some(last) = levels.last() else { return Err(window.len()) };
        if !is_escaped(last.as_bytes()) {
            break;
        }
        let (next, _) = peel(last, usize::MAX);
        levels.push(next);
    }
    let Some(plain) = levels.pop() else { return Err(window.len()) };
    let (mut length, json) = balanced(&plain).map_err(|_| window.len())?;
    while let Some(level) = levels.pop() {
        length = peel(&level, length).1;
    }
    Ok((length, json))
}

/// `text` with one level of backslash escapes removed, up to `most` bytes of output, and how many
/// bytes of `text` these came from. A bare quote ends the string that `text` is in.
fn peel(text: &str, most: usize) -> (String, usize) {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while out.len() < most {
        let Some((at, c)) = chars.next() else { return (out, text.len()) };
        match c {
            '"' => return (out, at),
            '\\' => match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 't')) => out.push('\t'),
                Some((_, 'r')) => out.push('\r'),
                // What only the next level can read stays escaped.
                Some((_, 'u')) => out.push_str("\\u"),
                Some((_, other)) => out.push(other),
                None => return (out, text.len()),
            },
            other => out.push(other),
        }
    }
    (out, chars.next().map_or(text.len(), |(at, _)| at))
}

/// The value at the start of `text` and its length; on failure, how far was read.
fn balanced(text: &str) -> Result<(usize, String), usize> {
    let mut printer = Printer { text, at: 0, json: String::new() };
    match printer.value(0) {
        Some(()) => Ok((printer.at, printer.json)),
        None => Err(printer.at + 1),
    }
}

/// Reads a value in any of the notations and prints it as JSON.
struct Printer<'a> {
    text: &'a str,
    at: usize,
    json: String,
}

impl Printer<'_> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    fn eat(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        self.space();
        match self.peek() {
            _ if depth > DEPTH_LIMIT => None,
            b'{' => self.map(depth),
            b'[' => self.list(depth, b']'),
            // A Python tuple.
            b'(' if depth > 0 => self.list(depth, b')'),
            b'"' | b'\'' => self.string(),
            b'u' | b'b' if matches!(self.text.as_bytes().get(self.at + 1), Some(b'"' | b'\'')) => {
                self.at += 1;
                self.string()
            }
            _ => self.word(),
        }
    }

    fn map(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.json.push('{');
        let mut first = true;
        loop {
            self.space();
            if self.eat("}") {
                self.json.push('}');
                return Some(());
            }
            if !first {
                self.eat(",").then_some(())?;
                self.json.push(',');
                self.space();
                // A trailing comma, as JavaScript and Python allow.
                if self.eat("}") {
                    self.json.pop();
                    self.json.push('}');
                    return Some(());
                }
            }
            first = false;
            self.key()?;
            self.json.push(':');
            self.value(depth + 1)?;
        }
    }

    /// A key and its separator: `"a":`, `'a':`, `:a=>`, `"a"=>`, `a:`.
    fn key(&mut self) -> Option<()> {
        self.eat(":");
        let next = self.text.as_bytes().get(self.at + 1);
        if self.peek() == b'u' && matches!(next, Some(b'"' | b'\'')) {
            self.at += 1;
        }
        if matches!(self.peek(), b'"' | b'\'') {
            self.string()?;
        } else {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'-' | b'?' | b'.' | b'@');
            let length = self.rest().bytes().take_while(|b| allowed(*b)).count();
            if length == 0 {
                return None;
            }
            let key = self.text[self.at..self.at + length].to_owned();
            self.quote(&key);
            self.at += length;
        }
        self.space();
        let separated = self.eat("=>") || self.eat(":");
        separated.then_some(())
    }

    fn list(&mut self, depth: usize, close: u8) -> Option<()> {
        self.at += 1;
        self.json.push('[');
        let mut first = true;
        loop {
            self.space();
            if self.peek() == close {
                self.at += 1;
                self.json.push(']');
                return Some(());
            }
            if !first {
                self.eat(",").then_some(())?;
                self.json.push(',');
                self.space();
                if self.peek() == close {
                    self.json.pop();
                    continue;
                }
            }
            first = false;
            self.value(depth + 1)?;
        }
    }

    /// A string in either quotes; adjacent strings joined by `+` or nothing are one in Python and
    /// JavaScript.
    fn string(&mut self) -> Option<()> {
        let mut words = String::new();
        loop {
            let quote = char::from(self.peek());
            self.at += 1;
            let mut chars = self.rest().char_indices();
            let end = loop {
                let (at, c) = chars.next()?;
                if c == quote {
                    break at + 1;
                }
                if c != '\\' {
                    words.push(c);
                    continue;
                }
                match chars.next()?.1 {
                    'n' => words.push('\n'),
                    't' => words.push('\t'),
                    'r' => words.push('\r'),
                    'u' => {
                        let digits = self.text.get(self.at + at + 2..self.at + at + 6)?;
                        let code = u32::from_str_radix(digits, 16).ok()?;
                        words.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                        for _ in 0..4 {
                            chars.next();
                        }
                    }
                    other => words.push(other),
                }
            };
            self.at += end;
            let mut ahead = self.at;
            let bytes = self.text.as_bytes();
            while bytes.get(ahead).is_some_and(|b| b.is_ascii_whitespace() || *b == b'+') {
                ahead += 1;
            }
            if !matches!(bytes.get(ahead), Some(b'"' | b'\'')) {
                break;
            }
            self.at = ahead;
        }
        self.quote(&words);
        Some(())
    }

    /// A number, a constant of one of the languages, or something opaque such as `<Request [GET]>`,
    /// `[Object]` or `#<Net::HTTP>`, which becomes its own text.
    fn word(&mut self) -> Option<()> {
        let rest = self.rest();
        let mut angle = 0_usize;
        let length = rest.bytes().position(|b| {
            match b {
                b'<' => angle += 1,
                b'>' => angle = angle.saturating_sub(1),
                _ => {}
            }
            matches!(b, b',' | b'}' | b']' | b')') && angle == 0 || b == b'"'
        })?;
        let word = rest[..length].trim_end().to_owned();
        if word.is_empty() || word.len() > 512 {
            return None;
        }
        self.at += length;
        match word.as_str() {
            "true" | "True" => self.json.push_str("true"),
            "false" | "False" => self.json.push_str("false"),
            "null" | "None" | "nil" | "undefined" | "NULL" => self.json.push_str("null"),
            number if is_number(number) => self.json.push_str(number),
            symbol => self.quote(symbol.strip_prefix(':').unwrap_or(symbol)),
        }
        Some(())
    }

    /// Writes a JSON string.
    fn quote(&mut self, words: &str) {
        self.json.push('"');
        for c in words.chars() {
            match c {
                '"' => self.json.push_str("\\\""),
                '\\' => self.json.push_str("\\\\"),
                '\n' => self.json.push_str("\\n"),
                '\r' => self.json.push_str("\\r"),
                '\t' => self.json.push_str("\\t"),
                c if c < ' ' => self.json.push(' '),
                c => self.json.push(c),
            }
        }
        self.json.push('"');
    }
}

/// A number by RFC 8259, so that what is printed is JSON.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && digits(fraction)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn every_notation_becomes_json() {
        for (text, original, json) in [
            (r#"failed: {"error":"x"} (try 2)"#, r#"{"error":"x"}"#, r#"{"error":"x"}"#),
            (
                "got {'ok': False, 'code': 429, 'p': {'a': None}, 't': (1, 2)}",
                "{'ok': False, 'code': 429, 'p': {'a': None}, 't': (1, 2)}",
                r#"{"ok":false,"code":429,"p":{"a":null},"t":[1,2]}"#,
            ),
            (
                r#"RESPONSE: [{"message"=>"no", :code=>nil, "n"=>:sym}]"#,
                r#"[{"message"=>"no", :code=>nil, "n"=>:sym}]"#,
                r#"[{"message":"no","code":null,"n":"sym"}]"#,
            ),
            (r#"msg="x {\"error\":\"a\\\"b\"} y""#, r#"{\"error\":\"a\\\"b\"}"#, r#"{"error":"a\"b"}"#),
            (
                "response: { status: 21007, tags: [ 'a', 'b', ], }",
                "{ status: 21007, tags: [ 'a', 'b', ], }",
                r#"{"status":21007,"tags":["a","b"]}"#,
            ),
            (
                r"[ERROR] [429] {u'a': u'\u00e9', 'req': <Request [GET]>}",
                r"{u'a': u'\u00e9', 'req': <Request [GET]>}",
                r#"{"a":"é","req":"<Request [GET]>"}"#,
            ),
            (r#"{"v":"it's","w":007}"#, r#"{"v":"it's","w":007}"#, r#"{"v":"it's","w":"007"}"#),
            ("{\n 'message': 'a ' +\n   'b'\n}", "{\n 'message': 'a ' +\n   'b'\n}", r#"{"message":"a b"}"#),
            (r#"é {"a":"é"} é"#, r#"{"a":"é"}"#, r#"{"a":"é"}"#),
            (r#"\"{\\\"a\\\":1}\""#, r#"{\\\"a\\\":1}"#, r#"{"a":1}"#),
        ] {
            let (start, end, found) = find(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&text[start..end], found.as_str()), (original, json), "{text}");
        }
    }

    #[test]
    fn what_is_no_data_is_not_found() {
        for text in [
            "",
            "{",
            "[",
            "{}",
            "[]",
            "[ERROR] x",
            "[pid 12] [client 1.2.3.4]",
            "{\"a\":",
            "{\"a\":1",
            "fn() { return 1; }",
            "{\\",
            "{\\\"a\\\":",
            "{'a': 'b",
            "{é",
            "{\"a\" \"b\"}",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
        assert_eq!(find(&"{\"a\":".repeat(200_000)), None);
        assert_eq!(find(&"{a:[".repeat(200_000)), None);
        assert_eq!(find(&"[".repeat(1_000_000)), None);
    }
}
