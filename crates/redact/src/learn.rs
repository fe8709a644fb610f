//! Which values of a call are secrets: what it carries in the places for credentials. They are replaced wherever else
//! they are quoted.

use crate::find::{Action, Finding, find};
use crate::kind::Kind;
use crate::names::Cache;
use crate::shapes::Mix;
use crate::{Policy, credential, shapes};
use firstfault_model::{Call, Header};

/// Shorter values are too common to be replaced wherever they stand.
const LEAST: usize = 6;

/// The secrets of a call with their kinds.
pub fn secrets(call: &Call, policy: &Policy, names: &mut Cache) -> Vec<Secret> {
    let mut out = Vec::new();
    let heads = call.request.iter().map(|r| &r.headers).chain(call.response.iter().map(|r| &r.headers));
    for header in heads.flat_map(|h| &h.0) {
        from_text(&format!("{}: {}", header.name, header.value.trim()), policy, names, &mut out);
        from_basic(header, &mut out);
    }
    if let Some(request) = &call.request {
        from_text(&request.url.to_string(), policy, names, &mut out);
    }
    let bodies =
        call.request.iter().filter_map(|r| r.body.as_ref()).chain(call.response.iter().filter_map(|r| r.body.as_ref()));
    for body in bodies {
        from_text(&body.text, policy, names, &mut out);
    }
    out
}

/// A secret that may be quoted elsewhere.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The value.
    pub value: String,
    /// What it is.
    pub kind: Kind,
    /// True when its place is one for credentials, so that even a word may be one.
    pub placed: bool,
}

/// The secrets that a text shows.
pub fn from_text(text: &str, policy: &Policy, names: &mut Cache, out: &mut Vec<Secret>) {
    for finding in find(text, policy, names) {
        if matches!(finding.action, Action::Replace | Action::Quote)
            && let Some(secret) = text.get(finding.start..finding.end)
        {
            out.push(Secret { value: secret.to_owned(), kind: finding.kind, placed: is_placed(&finding) });
        }
    }
}

/// True for a finding in a place that holds nothing but credentials.
pub fn is_placed(finding: &Finding) -> bool {
    matches!(
        finding.rule,
        "name.secret"
            | "header.authorization"
            | "header.cookie"
            | "url.userinfo"
            | "command.user"
            | "command.credential"
    )
}

/// The password inside a credential of the Basic scheme.
fn from_basic(header: &Header, out: &mut Vec<Secret>) {
    let Some((scheme, credential)) = header.value.trim().split_once(' ') else { return };
    if scheme.eq_ignore_ascii_case("basic")
        && let Some(bytes) = credential::decoded(credential.trim().as_bytes())
        && let Some((_, password)) = String::from_utf8_lossy(&bytes).split_once(':')
    {
        out.push(Secret { value: password.to_owned(), kind: Kind::Password, placed: true });
    }
}

/// Whether a secret may be replaced wherever it stands: words of every day would take the text with them.
pub fn is_telling(secret: &str, placed: bool) -> bool {
    let b = secret.as_bytes();
    if b.len() < LEAST || shapes::is_filler(b) || crate::look::is_dummy(b) || secret.contains("://") {
        return false;
    }
    let mix = Mix::of(b);
    if mix.digits == b.len() {
        return placed && b.len() >= 6;
    }
    let symbols = b.iter().any(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b' '));
    let words = b.iter().filter(|b| **b == b' ').count() >= 3;
    mix.digits > 0 || symbols || words || mix.upper >= 3 && mix.turns >= 4 || placed && b.len() >= 12
}

/// A secret as it is without percent-encoding or the escapes of JSON: what is one secret has one placeholder.
pub fn plain(secret: &str) -> std::borrow::Cow<'_, str> {
    if memchr::memchr2(b'%', b'\\', secret.as_bytes()).is_none() {
        return secret.into();
    }
    if let Some(decoded) = percent_decoded(secret) {
        return decoded.into();
    }
    if secret.contains("\\\"") || secret.contains("\\/") || secret.contains("\\\\") {
        return secret.replace("\\\"", "\"").replace("\\/", "/").replace("\\\\", "\\").into();
    }
    secret.into()
}

/// Text without percent-encoding, when it has some and comes out as text.
pub fn percent_decoded(text: &str) -> Option<String> {
    let b = text.as_bytes();
    let hex = |i: usize| b.get(i).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(b.len());
    let mut at = 0;
    let mut any = false;
    while at < b.len() {
        match (b[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).ok()?);
                any = true;
                at += 3;
            }
            (byte, _, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    any.then(|| String::from_utf8(out).ok()).flatten()
}

/// The forms in which a secret may come out by accident: as it is, escaped for JSON or HTML, percent-encoded, in base64.
pub fn forms(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    let mut forms = vec![secret.to_owned()];
    let json: String =
        secret.chars().flat_map(|c| if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] }).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut percent = String::new();
    for b in secret.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
            percent.push(char::from(b));
        } else {
            percent.push_str(&format!("%{b:02X}"));
        }
    }
    forms.extend([json, html, percent]);
    if secret.len() >= 9 {
        // Inside longer text base64 has three alignments; the characters that depend on neighbours are left out.
        for shift in 0..3 {
            let padded = [&[0u8; 3][..shift], secret.as_bytes()].concat();
            let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&padded);
            let skip = if shift == 0 { 0 } else { shift + 1 };
            let whole = padded.len() / 3 * 4;
            if let Some(middle) = encoded.get(skip..whole).filter(|m| m.len() >= 10) {
                forms.push(middle.to_owned());
                forms.push(middle.replace('+', "-").replace('/', "_"));
            }
        }
    }
    forms.sort();
    forms.dedup();
    forms
}
