//! Forms and queries (`application/x-www-form-urlencoded`), and Basic credentials as OAuth encodes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Names and values, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub fn read(text: &str) -> Self {
        let pair = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        };
        Self(text.split('&').filter(|part| !part.is_empty()).map(pair).collect())
    }

    /// The value; `None` also for an empty one, which RFC 6749 section 3.1 treats as left out.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// Percent decoding, with `+` for a space.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let two = text.get(at + 1..at + 3).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        match (byte, two.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent encoding of everything that is not unreserved (RFC 3986 section 2.3).
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// User and password of Basic credentials (RFC 7617); `None` when they do not decode.
pub(crate) fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Form, basic, encoded};

    #[test]
    fn forms_and_basic_credentials_decode() {
        let form = Form::read("grant_type=client%5Fcredentials&scope=a+b%zz&empty=&é=1");
        assert_eq!(form.value("grant_type"), Some("client_credentials"));
        assert_eq!((form.value("scope"), form.value("empty"), form.value("é")), (Some("a b%zz"), None, Some("1")));
        assert_eq!(encoded("http://a/b c"), "http%3A%2F%2Fa%2Fb%20c");
        assert_eq!(basic("Basic YTpiOmM="), Some(("a".to_owned(), "b:c".to_owned())));
        assert_eq!(basic("Bearer YTpiOmM="), None);
    }
}
