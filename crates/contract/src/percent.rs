//! Percent-encoding (RFC 3986, section 2.1), by the crate `percent-encoding`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// What one segment of a path or one value of a query may not have as it is.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'@')
    .remove(b',')
    .remove(b'$')
    .remove(b'!');
/// What a fragment may not have (RFC 3986, section 3.5).
const FRAGMENT: &AsciiSet = &VALUE
    .remove(b'/')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b';')
    .remove(b'=');
/// What a URI may not have anywhere.
const URI: &AsciiSet = &FRAGMENT.remove(b'?').remove(b'[').remove(b']').remove(b'#').remove(b'%');

/// Text without percent-encoding; what is no encoding stays as it is, bytes that are no UTF-8 are replaced.
#[must_use]
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// The same of a form: `+` is a space.
#[must_use]
pub(crate) fn decode_form(text: &str) -> Cow<'_, str> {
    if text.contains('+') { Cow::Owned(decode(&text.replace('+', " ")).into_owned()) } else { decode(text) }
}

/// A text as one segment of a path or one value of a query.
#[must_use]
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// A JSON Pointer as a fragment (RFC 6901, section 6).
#[must_use]
pub(crate) fn fragment(pointer: &str) -> String {
    utf8_percent_encode(pointer, FRAGMENT).to_string()
}

/// A URI as people write it, with what no URI may have encoded.
#[must_use]
pub(crate) fn uri(text: &str) -> String {
    utf8_percent_encode(text, URI).to_string()
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_form, encode, fragment, uri};

    #[test]
    fn text_comes_back() {
        for text in ["a b/c", "é", "100%", "a+b", "x:y"] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("a+b"), "a+b");
        assert_eq!(decode_form("a+b%2B"), "a b+");
        assert_eq!(decode("%FF"), "\u{fffd}");
        assert_eq!(fragment("/paths/~1a b/{id}"), "/paths/~1a%20b/%7Bid%7D");
        assert_eq!(uri("file:///a b/é.yaml?x=[1]#/c%20d"), "file:///a%20b/%C3%A9.yaml?x=[1]#/c%20d");
    }
}
