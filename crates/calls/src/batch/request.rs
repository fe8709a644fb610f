//! What was asked for: method and route.

use crate::recognise::write_route;

/// Writes the route that a template says (API gateways write `GET /items/{id}`) and returns the method in it.
pub(super) fn write_template<'a>(template: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (method, rest) = match request_line(template) {
        Some((method, rest)) => (Some(method), rest),
        None => (None, template),
    };
    // What is no path, such as the name of a function, stays as it is.
    if rest.first() == Some(&b'/') || memchr::memmem::find(rest, b"://").is_some() {
        write_route(rest, out);
    } else {
        out.extend_from_slice(rest);
    }
    method
}

/// `GET /path HTTP/1.1` as method and path.
pub(super) fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', line)?;
    let (method, rest) = (&line[..space], &line[space + 1..]);
    let is_method =
        !method.is_empty() && method.len() <= 16 && method.iter().all(|b| b.is_ascii_uppercase() || *b == b'-');
    let path = memchr::memchr(b' ', rest).map_or(rest, |end| &rest[..end]);
    (is_method && (path.first() == Some(&b'/') || memchr::memmem::find(path, b"://").is_some() || path == b"*"))
        .then_some((method, path))
}

/// A method in capitals, which are its only right form (RFC 9110, section 9.1) but not the only one that is written.
pub(super) fn method_of<'a>(method: &'a [u8], capitals: &'a mut [u8; 16]) -> &'a [u8] {
    const METHODS: [&[u8]; 9] =
        [b"get", b"put", b"post", b"head", b"patch", b"trace", b"delete", b"options", b"connect"];
    if !method.first().is_some_and(u8::is_ascii_lowercase) || !METHODS.contains(&method) {
        return method;
    }
    let capitals = &mut capitals[..method.len()];
    capitals.copy_from_slice(method);
    capitals.make_ascii_uppercase();
    capitals
}

/// An address without its port, and of a list of forwarding hosts the first, which is the caller's own.
#[inline]
pub(super) fn address_of(address: &[u8]) -> &[u8] {
    // Most are an address of IPv4 alone.
    if !address.iter().any(|b| matches!(b, b',' | b':' | b'[')) {
        return address;
    }
    let first = memchr::memchr(b',', address).map_or(address, |end| &address[..end]);
    if let [b'[', rest @ ..] = first {
        return memchr::memchr(b']', rest).map_or(first, |end| &rest[..end]);
    }
    // Two colons are an address of IPv6.
    match memchr::memchr(b':', first) {
        Some(colon) if memchr::memchr(b':', &first[colon + 1..]).is_none() => &first[..colon],
        _ => first,
    }
}
