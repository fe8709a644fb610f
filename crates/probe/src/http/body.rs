//! A body as text: decoded where the coding is known, named where it is not.

use super::BODY_KEPT;
use firstfault_model::{Body, Span};
use std::io::Read;

/// What is shown of a body.
#[derive(Debug)]
pub(crate) struct Shown {
    /// As text.
    pub body: Body,
    /// The coding that did not hold.
    pub fault: Option<String>,
    /// The coding that is not known here.
    pub left: Option<String>,
}

/// Decodes what came: `size` bytes, of which `bytes` were kept; `whole` when its end was seen.
pub(crate) fn decode(coding: &str, bytes: &[u8], size: u64, whole: bool) -> Shown {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let cut = size > bytes.len() || !whole;
    let mut data = bytes.to_vec();
    let (mut fault, mut left) = (None, None);
    let mut codings: Vec<&str> =
        coding.split(',').map(str::trim).filter(|c| !c.is_empty() && *c != "identity").collect();
    // The last coding was applied last; a bound keeps a hostile list short.
    codings.reverse();
    codings.truncate(3);
    for coding in &codings {
        if bytes.is_empty() {
            break;
        }
        let (decoded, intact) = match *coding {
            "gzip" | "x-gzip" => unpack(flate2::read::MultiGzDecoder::new(data.as_slice())),
            // RFC 9110 section 8.4.1.2 means zlib; some send bare deflate.
            "deflate" if data.first().is_some_and(|b| b & 0x0f == 8) && zlib(&data) => {
                unpack(flate2::read::ZlibDecoder::new(data.as_slice()))
            }
            "deflate" => unpack(flate2::read::DeflateDecoder::new(data.as_slice())),
            other => {
                left = Some(other.chars().filter(char::is_ascii_graphic).take(20).collect());
                break;
            }
        };
        if !intact && !cut {
            fault = Some((*coding).to_owned());
            if decoded.is_empty() {
                break;
            }
        }
        data = decoded;
    }
    if let Some(coding) = &left {
        let text = format!("[{size} bytes, encoded with {coding}, not decoded]");
        let body = Body { text, size, truncated: true, span: Span::default() };
        return Shown { body, fault, left };
    }
    let mut body = Body::bounded(&String::from_utf8_lossy(&data), Span::default());
    if codings.is_empty() {
        body.size = size;
    }
    body.truncated |= cut;
    Shown { body, fault, left }
}

/// The check of a zlib header (RFC 1950 section 2.2).
fn zlib(data: &[u8]) -> bool {
    matches!(data, [a, b, ..] if (u16::from(*a) * 256 + u16::from(*b)) % 31 == 0)
}

/// What can be unpacked, at most [`BODY_KEPT`]; false when it broke.
fn unpack(decoder: impl Read) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut bounded = decoder.take(BODY_KEPT as u64);
    let mut part = [0; 8192];
    loop {
        match bounded.read(&mut part) {
            Ok(0) => return (out, true),
            Ok(count) => out.extend_from_slice(part.get(..count).unwrap_or_default()),
            Err(_) => return (out, false),
        }
    }
}
