//! Small scanners over the bytes of one line: words, quoted strings, brackets, lists, numbers with units, shapes of values.
//!
//! Nothing here allocates and nothing here knows a log format.

/// A place in one line, moving to the right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the first byte that is no space.
    pub fn new(line: &'a [u8]) -> Self {
        let mut cursor = Self { line, at: 0 };
        cursor.spaces();
        cursor
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// The next byte.
    pub fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn spaces(&mut self) {
        while matches!(self.line.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Up to the next space or tab.
    pub fn word(&mut self) -> Option<&'a [u8]> {
        let from = self.at;
        while self.line.get(self.at).is_some_and(|b| !matches!(b, b' ' | b'\t')) {
            self.at += 1;
        }
        let word = &self.line[from..self.at];
        self.spaces();
        (!word.is_empty()).then_some(word)
    }

    /// A quoted string. It ends at the first quote that is not escaped and that no letter or digit follows, since user agents
    /// have bare quotes inside; cut off, it is what is left.
    pub fn quoted(&mut self) -> Option<&'a [u8]> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        while let Some(found) = memchr::memchr2(b'"', b'\\', self.line.get(at..).unwrap_or_default()) {
            let place = at + found;
            if self.line[place] == b'\\' {
                at = place + 2;
            } else if self.line.get(place + 1).is_some_and(u8::is_ascii_alphanumeric) {
                at = place + 1;
            } else {
                self.at = place + 1;
                self.spaces();
                return Some(&self.line[from..place]);
            }
        }
        self.at = self.line.len();
        Some(&self.line[from..])
    }

    /// The text between square brackets.
    pub fn bracket(&mut self) -> Option<&'a [u8]> {
        if self.peek() != Some(b'[') {
            return None;
        }
        let rest = &self.line[self.at + 1..];
        let length = memchr::memchr(b']', &rest[..rest.len().min(4096)])?;
        self.at += length + 2;
        self.spaces();
        Some(&rest[..length])
    }

    /// A word that may go on as the lists of nginx do: `a, b` and `a : b`.
    pub fn list(&mut self) -> Option<&'a [u8]> {
        let from = self.at;
        let mut word = self.word()?;
        let mut end = from + word.len();
        for _ in 0..16 {
            let more = if word.last() == Some(&b',') {
                true
            } else if self.rest().starts_with(b": ") {
                self.at += 2;
                self.spaces();
                true
            } else {
                false
            };
            if !more {
                break;
            }
            let start = self.at;
            let Some(next) = self.word() else { break };
            word = next;
            end = start + next.len();
        }
        self.line.get(from..end)
    }

    /// Steps over `mark` when it comes next.
    pub fn eat(&mut self, mark: &[u8]) -> bool {
        let there = self.rest().starts_with(mark);
        if there {
            self.at += mark.len();
            self.spaces();
        }
        there
    }
}

/// True for nothing, `-`, and what else stands for a value that is not there.
pub(super) fn is_absent(value: &[u8]) -> bool {
    matches!(
        value,
        b"" | b"-" | b"\"-\"" | b"null" | b"NULL" | b"(null)" | b"None" | b"nil" | b"<nil>" | b"N/A" | b"\\N"
    )
}

/// A status: three digits, 100 to 599 and what vendors put behind it.
pub(super) fn status(value: &[u8]) -> Option<u16> {
    let [a, b, c] = *value else { return None };
    let all = a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit();
    let number = all.then(|| u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))?;
    (number >= 100).then_some(number)
}

/// What stands where a status would when no answer was sent.
pub(super) fn is_no_status(value: &[u8]) -> bool {
    matches!(value, b"0" | b"000" | b"-" | b"-1")
}

/// Digits alone.
pub(super) fn is_digits(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(u8::is_ascii_digit)
}

/// `0.012`: digits, one point, digits.
pub(super) fn is_decimal(value: &[u8]) -> bool {
    let Some(point) = value.iter().position(|b| *b == b'.') else { return false };
    is_digits(&value[..point]) && is_digits(&value[point + 1..])
}

/// A number without sign or exponent, in at most 20 characters.
pub(super) fn number(value: &[u8]) -> Option<f64> {
    if value.is_empty() || value.len() > 20 {
        return None;
    }
    let (mut whole, mut scale, mut seen_point, mut digits) = (0.0_f64, 1.0_f64, false, 0);
    for byte in value {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                whole = whole * 10.0 + f64::from(byte - b'0');
                if seen_point {
                    scale *= 10.0;
                }
            }
            b'.' if !seen_point => seen_point = true,
            _ => return None,
        }
    }
    (digits > 0).then_some(whole / scale)
}

/// A duration that names its unit (`12ms`, `1.5s`, `300µs`, `1m2s` as Go writes it), in milliseconds.
pub(super) fn duration(value: &[u8]) -> Option<f64> {
    let mut rest = value;
    let mut total = 0.0;
    if rest.is_empty() || rest.len() > 32 {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.iter().position(|b| !b.is_ascii_digit() && *b != b'.')?;
        let amount = number(&rest[..digits])?;
        rest = &rest[digits..];
        let (length, factor) = match rest {
            [b'm', b's', ..] => (2, 1.0),
            [b'u', b's', ..] => (2, 0.001),
            [0xc2, 0xb5, b's', ..] | [0xce, 0xbc, b's', ..] => (3, 0.001),
            [b'n', b's', ..] => (2, 0.000_001),
            [b's', ..] => (1, 1_000.0),
            [b'm', ..] => (1, 60_000.0),
            [b'h', ..] => (1, 3_600_000.0),
            _ => return None,
        };
        total += amount * factor;
        rest = &rest[length..];
    }
    Some(total)
}

/// The last of a list (`0.001, 0.002 : 0.003`): what came of the attempt that counted.
pub(super) fn last_of(list: &[u8]) -> &[u8] {
    let from = list.iter().rposition(|b| matches!(b, b' ' | b',')).map_or(0, |at| at + 1);
    &list[from..]
}

/// The first of a list.
pub(super) fn first_of(list: &[u8]) -> &[u8] {
    let end = list.iter().position(|b| matches!(b, b' ' | b',')).unwrap_or(list.len());
    &list[..end]
}

/// An IPv4 or IPv6 address, with or without a port.
pub(super) fn is_address(value: &[u8]) -> bool {
    let value = without_port(value);
    if value.len() < 2 || value.len() > 45 {
        return false;
    }
    let colons = value.iter().filter(|b| **b == b':').count();
    if colons >= 2 {
        // a time of day has two colons as well
        let whole = colons == 7 || memchr::memmem::find(value, b"::").is_some();
        return whole && value.iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'%'));
    }
    let mut parts = 0;
    for part in value.split(|b| *b == b'.') {
        parts += 1;
        if part.is_empty() || part.len() > 3 || !is_digits(part) {
            return false;
        }
    }
    parts == 4
}

/// An address or name without its port and without the brackets of IPv6.
pub(super) fn without_port(value: &[u8]) -> &[u8] {
    if let Some(rest) = value.strip_prefix(b"[") {
        let end = rest.iter().position(|b| *b == b']').unwrap_or(rest.len());
        return &rest[..end];
    }
    let Some(colon) = memchr::memrchr(b':', value) else { return value };
    // two colons and no brackets: an IPv6 address without a port
    if memchr::memchr(b':', &value[..colon]).is_some() { value } else { &value[..colon] }
}

/// `name.example.com`, with or without a port.
pub(super) fn is_host(value: &[u8]) -> bool {
    let name = without_port(value);
    name.len() > 2
        && name.len() < 254
        && (name.contains(&b'.') || name == b"localhost")
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'*'))
        && name.iter().any(u8::is_ascii_alphabetic)
        && !name.starts_with(b".")
        && !name.ends_with(b".")
}

/// An id: hexadecimal or UUID, at least 16 digits.
pub(super) fn is_id(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_hexdigit()).count();
    let marks = value.iter().filter(|b| **b == b'-').count();
    digits >= 16 && digits + marks == value.len() && marks <= 5 && value.len() <= 64
}

/// A method token: capitals, as registered ones and WebDAV's are written.
pub(super) fn is_method(value: &[u8]) -> bool {
    (3..=17).contains(&value.len()) && value.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'))
}

/// `METHOD target [HTTP/x]` into method and target; a target with bare spaces stays whole.
pub(super) fn request(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = text.iter().take(18).position(|b| *b == b' ')?;
    let (method, rest) = (&text[..space], &text[space + 1..]);
    if !is_method(method) {
        return None;
    }
    let mut target = rest;
    let mut versioned = false;
    if let Some(last) = memchr::memrchr(b' ', rest)
        && rest[last + 1..].starts_with(b"HTTP/")
    {
        target = &rest[..last];
        versioned = true;
    }
    let target = target.trim_ascii();
    let known =
        versioned || target.starts_with(b"/") || target == b"*" || memchr::memmem::find(target, b"://").is_some();
    (known && !target.is_empty() && target != b"-").then_some((method, target))
}

/// The path of a target: without scheme, host, query and fragment.
pub(super) fn path(target: &[u8]) -> &[u8] {
    let mut path = target;
    if !target.starts_with(b"/")
        && let Some(scheme) = memchr::memmem::find(&target[..target.len().min(16)], b"://")
    {
        let rest = &target[scheme + 3..];
        path = memchr::memchr(b'/', rest).map_or(b"/".as_slice(), |at| &rest[at..]);
    }
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    &path[..end]
}

/// The host of an absolute target, without its port.
pub(super) fn host_of(target: &[u8]) -> Option<&[u8]> {
    let rest = match memchr::memmem::find(&target[..target.len().min(16)], b"://") {
        Some(scheme) => &target[scheme + 3..],
        None => return None,
    };
    let end = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let host = without_port(&rest[..end]);
    (!host.is_empty()).then_some(host)
}

/// True when `text` begins with `shape`: `d` is a digit, `a` a letter, everything else itself.
pub(super) fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && shape.iter().zip(text).all(|(wanted, byte)| match wanted {
            b'd' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            _ => wanted == byte,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_where_they_should() {
        let mut cursor = Cursor::new(br#""a \"b\" c" 0.001, 0.002 : 0.3 [x y] next"#);
        assert_eq!(cursor.quoted(), Some(&br#"a \"b\" c"#[..]));
        assert_eq!(cursor.list(), Some(&b"0.001, 0.002 : 0.3"[..]));
        assert_eq!(cursor.bracket(), Some(&b"x y"[..]));
        assert_eq!(cursor.word(), Some(&b"next"[..]));
        assert_eq!(cursor.word(), None);
        assert_eq!(Cursor::new(b"\"cut\\").quoted(), Some(&b"cut\\"[..]));
        assert_eq!(Cursor::new(b"[cut").bracket(), None);
    }

    #[test]
    fn numbers_have_units() {
        assert_eq!(number(b"0.250"), Some(0.25));
        assert_eq!(number(b"12a"), None);
        assert_eq!(duration(b"1m2.5s"), Some(62_500.0));
        assert_eq!(duration("300µs".as_bytes()), Some(0.3));
        assert_eq!(duration(b"12"), None);
    }

    #[test]
    fn shapes_of_values() {
        for address in [&b"1.2.3.4"[..], b"1.2.3.4:80", b"::1", b"[::1]:8080", b"2001:db8::1"] {
            assert!(is_address(address));
        }
        assert!(!is_address(b"10:00:00") && !is_address(b"1.2.3") && !is_address(b"api.example.com"));
        assert!(is_host(b"api.example.com:443") && !is_host(b"1.2.3.4"));
        assert_eq!(path(b"https://h.example/a/b?c=d"), b"/a/b");
        assert_eq!(path(b"/a?x"), b"/a");
        assert_eq!(host_of(b"https://h.example:8443/a"), Some(&b"h.example"[..]));
        assert_eq!(request(b"GET /a b HTTP/1.1"), Some((&b"GET"[..], &b"/a b"[..])));
        assert_eq!(request(b"\\x16\\x03"), None);
    }
}
