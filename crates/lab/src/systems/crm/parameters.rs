//! Query parameters, pages and what a client can read.

use super::routes::Version;
use super::{Complaint, Detail};
use crate::Asked;

/// The decoded value of a parameter; `+` is a space, as in forms.
///
/// # Errors
/// When its percent-encoding is broken.
pub fn value(asked: &Asked, name: &str) -> Result<Option<String>, Box<Complaint>> {
    let Some(raw) = asked.parameter(name) else { return Ok(None) };
    let broken = || Complaint::new(400, "MALFORMED_URI", format!("Failed to decode param '{raw}'")).into();
    let mut bytes = Vec::new();
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16)).ok_or_else(broken);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).map_err(|_| broken())?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map(Some).map_err(|_| broken())
}

/// A complaint about one parameter.
pub fn invalid(name: &str, why: String) -> Box<Complaint> {
    let detail = Detail { pointer: name.to_owned(), code: "INVALID_PARAMETER", message: why.clone() };
    let message = format!("Invalid query parameter '{name}': {why}");
    Complaint { details: vec![detail], ..Complaint::new(400, "INVALID_PARAMETER", message) }.into()
}

/// Where a page begins and how long it may be.
///
/// # Errors
/// When `limit` or `cursor` is not what it should be.
pub fn page(asked: &Asked) -> Result<(usize, usize), Box<Complaint>> {
    let limit = match value(asked, "limit")? {
        None => 20,
        Some(text) => match text.parse::<usize>() {
            Ok(limit @ 1..=100) => limit,
            Ok(_) => return Err(invalid("limit", format!("must be between 1 and 100, got {text}"))),
            Err(_) => return Err(invalid("limit", format!("must be an integer, got '{text}'"))),
        },
    };
    let start = match value(asked, "cursor")? {
        None => 0,
        Some(text) => text
            .strip_prefix("c_")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| invalid("cursor", format!("'{text}' is not a cursor of this list")))?,
    };
    Ok((start, limit))
}

/// Whether the client can read what this API writes.
///
/// # Errors
/// 406 when it cannot.
pub fn acceptable(asked: &Asked, version: Version) -> Result<(), Box<Complaint>> {
    let Some(accept) = asked.header("accept") else { return Ok(()) };
    let ranges = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    let fits = |range: &str| match range {
        "*/*" | "application/*" | "application/json" => true,
        "application/problem+json" => version == Version::Two,
        _ => false,
    };
    if ranges.into_iter().any(fits) {
        return Ok(());
    }
    let message = format!("Cannot produce a representation for Accept: {accept}. Available: application/json");
    Err(Complaint::new(406, "NOT_ACCEPTABLE", message).into())
}

/// The body as JSON, when it is declared so and well-formed.
///
/// # Errors
/// 415 for another format, 400 for a body that does not parse.
pub fn body(asked: &Asked) -> Result<serde_json::Value, Box<Complaint>> {
    let kind = asked.header("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_lowercase();
    if essence != "application/json" && essence != "application/merge-patch+json" {
        let message = if kind.is_empty() {
            "Content-Type is missing. Supported: application/json".to_owned()
        } else {
            format!("Unsupported content type '{kind}'. Supported: application/json")
        };
        let complaint = Complaint::new(415, "UNSUPPORTED_MEDIA_TYPE", message);
        return Err(complaint.with("Accept", "application/json").into());
    }
    if let Some(coding) = asked.header("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity")) {
        // The words of zlib for bytes that do not begin as a compressed stream does.
        let packed = asked.body.starts_with(&[0x1f, 0x8b]);
        let message = match (coding, packed) {
            ("gzip", false) => "incorrect header check".to_owned(),
            _ => format!("unsupported content encoding \"{coding}\""),
        };
        let status = if coding == "gzip" && !packed { 400 } else { 415 };
        return Err(Complaint::new(status, "ENCODING_ERROR", message).into());
    }
    if std::str::from_utf8(&asked.body).is_err() {
        return Err(Complaint::new(400, "ENCODING_ERROR", "Request body is not valid UTF-8").into());
    }
    if asked.body.is_empty() {
        return Err(Complaint::new(400, "EMPTY_BODY", "Request body is empty").into());
    }
    serde_json::from_slice(&asked.body).map_err(|error| {
        Complaint::new(400, "MALFORMED_JSON", format!("Request body is not valid JSON: {error}")).into()
    })
}
