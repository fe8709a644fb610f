//! Percent-encoding as `curl_easy_escape` and `--data-urlencode` do it, and Base64 of credentials.

use crate::Files;
use base64::Engine as _;

/// `curl_easy_escape`: all but RFC 3986's unreserved characters.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

/// The five forms of `--data-urlencode` (curl's manual): `content`, `=content`, `name=content`, `@file`, `name@file`.
/// A file that is not known stands in it as `@file` and is added to `unread`.
pub(crate) fn data_urlencode(text: &str, files: &dyn Files, unread: &mut Vec<String>) -> String {
    // The first of both signs decides, an equals sign before an at sign.
    let equals = text.find('=');
    let at = if equals.is_some() { None } else { text.find('@') };
    let (name, content) = match (equals, at) {
        (Some(i), _) => (&text[..i], escape(&text.as_bytes()[i + 1..])),
        (None, Some(i)) => {
            let file = &text[i + 1..];
            let content = match files.read(file) {
                Some(bytes) => escape(&bytes),
                None => {
                    unread.push(file.to_owned());
                    format!("@{file}")
                }
            };
            (&text[..i], content)
        }
        (None, None) => ("", escape(text.as_bytes())),
    };
    // curl writes blanks as forms do.
    let content = content.replace("%20", "+");
    if name.is_empty() { content } else { format!("{name}={content}") }
}

pub(crate) fn base64(text: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// `%41` is `A`; what is no escape stays.
pub(crate) fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        if bytes[at] == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or_default());
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
