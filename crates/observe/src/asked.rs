//! Which way of sending a credential an answer asks for, where another was used.
//!
//! It refuses to know whether the credential itself is any good.

use crate::credential::is_secret_header;
use crate::sink::{Sink, cut};
use firstfault_model::{Request, Response};

/// How much of a body is searched: a refusal is short.
const SEARCHED_BYTES: usize = 4 * 1024;

/// The registered schemes that answers name in words (IANA HTTP Authentication Scheme Registry).
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "negotiate"];

/// `credential.asked`: a field or scheme that the answer names and the request, which carries another credential, lacks.
pub(crate) fn read(request: &Request, response: &Response, out: &mut Sink) {
    let refused = response.status.is_some_and(|status| matches!(status, 401 | 403));
    // Cookies go along with every call of a browser, whatever it signs in with.
    let sent_another = out.every("credential.scheme").any(|scheme| !matches!(scheme, "none" | "cookie"));
    if !refused || !request.complete || !sent_another {
        return;
    }
    let sent_scheme = request.headers.first("authorization").map(|value| {
        let value = value.trim();
        value.split([' ', '\t']).next().unwrap_or_default().to_ascii_lowercase()
    });
    challenged(response, sent_scheme.as_deref(), out);
    let Some(body) = &response.body else { return };
    let text = cut(&body.text, SEARCHED_BYTES).to_ascii_lowercase();
    let mut named: Vec<&str> = Vec::new();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    for word in words.map(|word| word.trim_matches(['-', '_'])) {
        // A word without a hyphen (`token`) is a word before it is the name of a field.
        let field = word == "authorization" || word.contains('-') && is_secret_header(word);
        if field && !matches!(word, "proxy-authorization" | "set-cookie" | "x-csrf-token" | "x-xsrf-token") {
            named.push(word);
        }
        // `Bearer` alone is a word of refusals of bearer tokens too; it counts where no such token was sent.
        let scheme = SCHEMES.contains(&word) && asks_for(&text, word);
        if scheme && sent_scheme.as_deref() != Some(word) {
            out.fact("credential.asked", word, body.span);
        }
    }
    // An answer that names several fields leaves the choice, and one of them may have been sent.
    if named.iter().all(|name| request.headers.field(name).is_none()) {
        for name in named {
            out.fact("credential.asked", name, body.span);
        }
    }
}

/// RFC 9110 section 11.6.1: a server names the schemes that it takes.
fn challenged(response: &Response, sent: Option<&str>, out: &mut Sink) {
    let schemes: Vec<String> = out.every("www_authenticate.scheme").map(str::to_owned).collect();
    if schemes.is_empty() || sent.is_some_and(|sent| schemes.iter().any(|scheme| scheme == sent)) {
        return;
    }
    // A scheme for people at browsers (`FormBased`, `Cookie`) is nothing that a program could have sent.
    let known = schemes.iter().find(|scheme| SCHEMES.contains(&scheme.as_str()));
    if let Some(scheme) = known {
        let span = response.headers.field("www-authenticate").map_or(response.span, |field| field.span);
        out.fact("credential.challenged", scheme, span);
    }
}

/// True when a text says how a credential has to be sent: the scheme right behind the field's name, or as what is expected.
fn asks_for(text: &str, scheme: &str) -> bool {
    let before = |words: &str| text.contains(&format!("{words}{scheme}"));
    [
        "authorization: ",
        "authorization:",
        "authorization header: ",
        "expected ",
        "expected scheme ",
        "expected '",
        "must be ",
        "must start with ",
        "must start with '",
        "must begin with ",
        "must use ",
        "use ",
        "requires ",
        "required: ",
        "only supports ",
        "only ",
        "format is \"",
        "format: ",
    ]
    .iter()
    .any(|words| before(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Body, Span};

    fn asked(sent: (&str, &str), challenge: &str, body: &str) -> Vec<String> {
        let mut request = Request { complete: true, ..Request::default() };
        request.headers.push(sent.0, sent.1, Span::default());
        let mut response = Response { status: Some(401), complete: true, ..Response::default() };
        response.body = Some(Body::bounded(body, Span::default()));
        let mut out = Sink::default();
        out.fact("credential.scheme", if sent.0 == "Accept" { "none" } else { "bearer" }, Span::default());
        if !challenge.is_empty() {
            out.fact("www_authenticate.scheme", challenge, Span::default());
        }
        read(&request, &response, &mut out);
        let asked = out.every("credential.asked").map(str::to_owned);
        let challenged = out.every("credential.challenged").map(|scheme| format!("challenge {scheme}"));
        asked.chain(challenged).collect()
    }

    #[test]
    fn what_is_asked_for_and_was_not_sent() {
        let bearer = ("Authorization", "Bearer k-1");
        assert_eq!(asked(bearer, "", "Missing authentication. Include X-API-Key header."), ["x-api-key"]);
        assert_eq!(asked(("X-API-Key", "k"), "", "Missing X-API-Key header"), [""; 0]);
        assert_eq!(asked(bearer, "", "Send Authorization or X-API-Key"), [""; 0]);
        assert_eq!(asked(("Authorization", "Token x"), "", "Unsupported scheme, expected Bearer."), ["bearer"]);
        assert_eq!(asked(bearer, "", "Invalid bearer token, expected Bearer"), [""; 0]);
        assert_eq!(asked(("Authorization", "Basic dTpw"), "bearer", ""), ["challenge bearer"]);
        assert_eq!(asked(bearer, "bearer", ""), [""; 0]);
        assert_eq!(asked(("X-Key", "k"), "bearer", ""), ["challenge bearer"]);
        assert_eq!(asked(("Accept", "*/*"), "bearer", "Include X-API-Key header."), [""; 0]);
    }
}
