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
    let path = match memchr::memmem::find(&path[..path.len().min(16)], b"://") {
        None => path,
        Some(at) => {
            let rest = &path[at + 3..];
            memchr::memchr2(b'/', b'?', rest).map_or(b"/".as_slice(), |slash| &rest[slash..])
        }
    };
    let path = memchr::memchr2(b'?', b'#', path).map_or(path, |end| &path[..end]);
    let path = path.strip_suffix(b"/").filter(|p| !p.is_empty()).unwrap_or(path);
    if path.is_empty() {
        out.push(b'/');
        return;
    }
    let from = out.len();
    let mut rest = path;
    loop {
        let end = memchr::memchr2(b'/', b';', rest).unwrap_or(rest.len());
        let segment = &rest[..end];
        if is_id(segment) {
            out.extend_from_slice(b"{id}")
        } else {
            out.extend_from_slice(segment)
        }
        // Matrix parameters such as `;jsessionid=` belong to one call.
        let Some(slash) = memchr::memchr(b'/', &rest[end..]) else { break };
        out.push(b'/');
        rest = &rest[end + slash + 1..];
        if out.len() - from > LONGEST {
            break;
        }
    }
    if out.len() - from > LONGEST {
        let mut cut = from + LONGEST;
        while cut > from && out[cut] & 0xc0 == 0x80 {
            cut -= 1;
        }
        out.truncate(cut);
    }
}

/// True for a segment that names one thing. Words, versions (`v1`, `v54.0`), dates, languages and templates stay.
fn is_id(segment: &[u8]) -> bool {
    if segment.is_empty() || segment[0] == b'{' || segment[0] == b':' || segment[0] == b'<' {
        return false;
    }
    let (mut digits, mut letters, mut other) = (0_usize, 0_usize, 0_usize);
    for byte in segment {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' => letters += 1,
            b'@' => return true,
            _ => other += 1,
        }
    }
    let length = segment.len();
    if digits == 0 {
        // A long word without a digit is an id only when its case says that no person wrote it.
        return length >= 20 && other == 0 && is_jumbled(segment);
    }
    if letters == 0 && other == 0 {
        return true;
    }
    let version = matches!(segment[0], b'v' | b'V') && segment[1..].iter().all(|b| b.is_ascii_digit() || *b == b'.');
    let dated = length == 10 && segment[4] == b'-' && segment[7] == b'-' && digits == 8;
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
