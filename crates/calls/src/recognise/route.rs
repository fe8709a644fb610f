//! Paths as route templates: what names one thing becomes `{id}`.

/// Longest template that is kept, in bytes.
const LONGEST: usize = 256;

/// The route template of a path or URL: host, query and fragment dropped, ids masked.
#[must_use]
pub fn route(path: &str) -> String {
    let mut out = Vec::new();
    write_route(path.as_bytes(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends the route template of a path or URL.
pub(crate) fn write_route(path: &[u8], out: &mut Vec<u8>) {
    let path = if path.first() == Some(&b'/') { path } else { without_origin(path) };
    let from = out.len();
    let mut segment = 0;
    let mut seen = Seen::default();
    // Matrix parameters such as `;jsessionid=` belong to one call.
    let mut end = None;
    for (at, byte) in path.iter().enumerate() {
        match CLASS[usize::from(*byte)] {
            Class::Letter => seen.letters += 1,
            Class::Digit => seen.digits += 1,
            Class::Other => seen.others += 1,
            Class::At => seen.at = true,
            Class::Parameter => end = end.or(Some((at, seen))),
            Class::Slash => {
                let (to, counted) = end.take().unwrap_or((at, seen));
                write_segment(&path[segment..to], counted, out);
                out.push(b'/');
                segment = at + 1;
                seen = Seen::default();
                if out.len() - from > LONGEST {
                    break;
                }
            }
            Class::End => {
                end = end.or(Some((at, seen)));
                break;
            }
        }
    }
    let (to, counted) = end.unwrap_or((path.len(), seen));
    if segment <= to {
        write_segment(&path[segment..to], counted, out);
    }
    if out.len() - from > LONGEST {
        let mut cut = from + LONGEST;
        while cut > from && out[cut] & 0xc0 == 0x80 {
            cut -= 1;
        }
        out.truncate(cut);
    }
    if out.len() > from + 1 && out.last() == Some(&b'/') {
        out.pop();
    }
    if out.len() == from {
        out.push(b'/');
    }
}

/// The path of a URL.
fn without_origin(url: &[u8]) -> &[u8] {
    let Some(at) = memchr::memmem::find(&url[..url.len().min(16)], b"://") else { return url };
    let rest = &url[at + 3..];
    memchr::memchr2(b'/', b'?', rest).map_or(b"/".as_slice(), |slash| &rest[slash..])
}

/// What a byte of a path is.
#[derive(Clone, Copy)]
enum Class {
    Letter,
    Digit,
    Other,
    At,
    Parameter,
    Slash,
    End,
}

const CLASS: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'@' => Class::At,
            b';' => Class::Parameter,
            b'/' => Class::Slash,
            b'?' | b'#' => Class::End,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

/// What a segment is made of.
#[derive(Clone, Copy, Default)]
struct Seen {
    letters: usize,
    digits: usize,
    others: usize,
    at: bool,
}

#[inline]
fn write_segment(segment: &[u8], seen: Seen, out: &mut Vec<u8>) {
    if is_id(segment, seen) { out.extend_from_slice(b"{id}") } else { out.extend_from_slice(segment) }
}

/// True for a segment that names one thing. Words, versions (`v1`, `v54.0`), dates, languages and templates stay.
#[inline]
fn is_id(segment: &[u8], seen: Seen) -> bool {
    if matches!(segment.first(), None | Some(b'{' | b':' | b'<')) {
        return false;
    }
    if seen.at {
        return true;
    }
    let length = segment.len();
    if seen.digits == 0 {
        // A long word without a digit is an id only when its case says that no person wrote it.
        return length >= 20 && seen.others == 0 && is_jumbled(segment);
    }
    if seen.letters == 0 && seen.others == 0 {
        return true;
    }
    let version = matches!(segment[0], b'v' | b'V') && segment[1..].iter().all(|b| b.is_ascii_digit() || *b == b'.');
    let dated = length == 10 && segment[4] == b'-' && segment[7] == b'-' && seen.digits == 8;
    !version && !dated && length > 3
}

/// Upper and lower case in turns, as in encoded ids.
fn is_jumbled(segment: &[u8]) -> bool {
    let turns = segment.windows(2).filter(|w| w[0].is_ascii_uppercase() != w[1].is_ascii_uppercase()).count();
    turns * 3 > segment.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_masked_and_words_stay() {
        for (path, expected) in [
            ("/v1/customers/95449", "/v1/customers/{id}"),
            ("/v1/users/12345/orders/ord_9fK2?x=1", "/v1/users/{id}/orders/{id}"),
            ("/services/data/v54.0/query", "/services/data/v54.0/query"),
            ("https://api.example.com/v1/me?a=b", "/v1/me"),
            ("https://api.example.com", "/"),
            ("/users/7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa/", "/users/{id}"),
            ("/mail/bob@example.com", "/mail/{id}"),
            ("/en-US/docs", "/en-US/docs"),
            ("/reports/2024-02-29", "/reports/2024-02-29"),
            ("/api/s3/x", "/api/s3/x"),
            ("/v1/customers/{id}", "/v1/customers/{id}"),
            ("/cart;jsessionid=AB12/items", "/cart/items"),
            ("", "/"),
            ("/", "/"),
        ] {
            assert_eq!(route(path), expected, "{path}");
        }
        assert!(route(&"/é".repeat(500)).len() <= LONGEST);
    }
}
