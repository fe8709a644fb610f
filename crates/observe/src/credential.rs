//! Which credentials a request carries, and what is visibly wrong with how they are written. Their
//! values never become facts.
//!
//! It refuses to know whether they are accepted.

use crate::date::Now;
use crate::fingerprint::Lower;
use crate::jwt::{self, Token};
use crate::sink::Sink;
use base64::Engine as _;
use firstfault_model::{Call, Header, Origin, Request, Span};

/// Whether a header carries a credential, by its lower-case name.
#[must_use]
pub fn is_secret_header(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "proxy-authorization"
            | "cookie"
            | "set-cookie"
            | "x-api-key"
            | "apikey"
            | "api-key"
            | "x-apikey"
            | "x-auth-token"
            | "private-token"
            | "job-token"
            | "ocp-apim-subscription-key"
            | "x-amz-security-token"
            | "x-functions-key"
            | "x-goog-api-key"
            | "x-rapidapi-key"
            | "x-vault-token"
            | "x-csrf-token"
            | "x-xsrf-token"
            | "x-access-token"
            | "x-authorization"
            | "x-auth-key"
            | "x-figma-token"
            | "x-shopify-access-token"
            | "dd-api-key"
            | "dd-application-key"
            | "x-cg-pro-api-key"
            | "x-mbx-apikey"
            | "xi-api-key"
            | "x-goog-iap-jwt-assertion"
            | "x-subscription-token"
            | "x-license-key"
            | "x-master-key"
            | "token"
            | "auth-token"
            | "access-token"
            | "accesstoken"
            | "x-ms-client-principal"
            | "deploy-token"
            | "circle-token"
            | "x-figma-api-key"
            | "x-secret"
            | "client-secret"
            | "x-client-secret"
            | "x-webhook-secret"
    ) || (name.starts_with("x-")
        && (name.ends_with("-token")
            || name.ends_with("-key")
            || name.ends_with("-secret")
            || name.ends_with("apikey"))
        && !matches!(
            name,
            "x-idempotency-key" | "x-request-key" | "x-cache-key" | "x-surrogate-key" | "x-continuation-token"
        ))
}

/// Whether a query key carries a credential (lower case).
#[must_use]
pub fn is_secret_query(name: &str) -> bool {
    matches!(
        name,
        "key"
            | "api_key"
            | "apikey"
            | "api-key"
            | "access_token"
            | "accesstoken"
            | "token"
            | "auth"
            | "auth_token"
            | "sig"
            | "signature"
            | "x-amz-signature"
            | "x-goog-signature"
            | "appid"
            | "app_key"
            | "client_secret"
            | "password"
            | "pwd"
            | "code"
            | "id_token"
            | "refresh_token"
            | "subscription-key"
            | "hapikey"
            | "secret"
            | "jwt"
            | "private_token"
            | "x-amz-security-token"
            | "x-amz-credential"
            | "apitoken"
            | "api_token"
            | "session"
            | "sessionid"
            | "authorization"
    )
}

/// Reads the request's credentials.
pub(crate) fn read(call: &Call, request: &Request, now: Now, out: &mut Sink) {
    let mut seen = Seen { call, now, out, any: false };
    let mut authorizations = 0;
    for header in &request.headers.0 {
        let name = Lower::of(&header.name);
        match name.as_str() {
            "authorization" => {
                authorizations += 1;
                seen.authorization(header);
            }
            "cookie" => {
                seen.scheme("cookie", header.span);
                jwt::find(seen.out, &header.value, now, header.span);
            }
            "proxy-authorization" | "set-cookie" | "x-csrf-token" | "x-xsrf-token" | "x-amz-security-token" => {}
            name if is_secret_header(name) => {
                seen.scheme("api_key", header.span);
                seen.written(&header.value, header.span);
                jwt::read(seen.out, &header.value, now, header.span);
            }
            _ => {}
        }
    }
    let mut signed_query = false;
    if let Some(query) = &request.url.query {
        for pair in query.split('&').take(64) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let lower = Lower::of(name);
            let lower = lower.as_str();
            signed_query |= matches!(lower, "x-amz-signature" | "x-goog-signature")
                || matches!(lower, "sig" | "signature") && query.len() > pair.len();
            if is_secret_query(lower) && !matches!(lower, "code" | "appid" | "session" | "auth" | "password" | "pwd") {
                seen.scheme("query_key", request.span);
                seen.written(value, request.span);
                jwt::read(seen.out, value, now, request.span);
            }
        }
    }
    if request.url.userinfo.is_some() {
        seen.scheme("basic", request.span);
    }
    let two = authorizations > 1
        || authorizations == 1
            && (signed_query
                || request.url.query.as_deref().is_some_and(|q| has_key(q, "access_token"))
                || request.url.userinfo.is_some());
    if two {
        seen.fault("two_credentials", request.span);
    }
    if let Some(body) = &request.body {
        jwt::find(seen.out, crate::sink::cut(&body.text, 16 * 1024), now, body.span);
    }
    if !seen.any && request.complete {
        seen.out.fact("credential.scheme", "none", request.span);
    }
}

fn has_key(query: &str, name: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some(name))
}

struct Seen<'s> {
    call: &'s Call,
    now: Now,
    out: &'s mut Sink,
    any: bool,
}

impl Seen<'_> {
    fn scheme(&mut self, name: &str, span: Span) {
        self.any = true;
        self.out.fact("credential.scheme", name, span);
    }

    fn fault(&mut self, name: &str, span: Span) {
        self.out.fact("credential.fault", name, span);
    }

    fn authorization(&mut self, header: &Header) {
        let (raw, span) = (header.value.as_str(), header.span);
        // Our redactor leaves white space visible; behind a cut line it is the same fault.
        if raw.ends_with(['␠', '␉']) {
            self.fault("white_space", span);
        }
        if raw.starts_with([' ', '\t']) || raw.ends_with([' ', '\t']) && raw.trim().contains(' ') {
            self.fault("white_space", span);
        }
        let value = raw.trim_matches([' ', '\t']);
        let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        let lower = Lower::of(scheme);
        match lower.as_str() {
            "" if scheme.is_empty() => {
                self.any = true;
                self.fault("placeholder", span);
            }
            "bearer" => {
                self.scheme("bearer", span);
                self.bearer(rest, span);
            }
            "basic" => {
                self.scheme("basic", span);
                self.basic(rest, span);
            }
            word if word.starts_with("aws4-") || word == "aws" => self.scheme("sigv4", span),
            "digest" | "negotiate" | "ntlm" | "hmac" | "hawk" | "oauth" | "dpop" | "mac" | "signature"
            | "sharedkey" | "sharedkeylite" | "acs3-hmac-sha256" | "tc3-hmac-sha256" | "gss" | "vapid" => {
                let name = lower.as_str().to_owned();
                self.scheme(&name, span);
            }
            "bearer:" | "token:" | "basic:" | "authorization:" | "authorization" | "bearer=" => {
                self.scheme(if lower.as_str().starts_with("basic") { "basic" } else { "bearer" }, span);
                self.fault(
                    if lower.as_str().starts_with("authorization") { "doubled_scheme" } else { "no_scheme" },
                    span,
                );
                self.written(rest, span);
            }
            _ if rest.is_empty() && !scheme.contains('=') => {
                self.scheme("api_key", span);
                self.fault("no_scheme", span);
                self.written(scheme, span);
                jwt::read(self.out, scheme, self.now, span);
            }
            // `token x`, `Bot x`, `SSWS x`, `ApiKey x`, `Key x`, `GenieKey x`, `Klaviyo-API-Key x`
            _ => {
                self.scheme("api_key", span);
                self.written(rest, span);
                jwt::read(self.out, rest.trim(), self.now, span);
            }
        }
    }

    fn bearer(&mut self, rest: &str, span: Span) {
        if rest.trim().is_empty() {
            self.fault("placeholder", span);
            return;
        }
        if rest.starts_with([' ', '\t']) {
            self.fault("white_space", span);
        }
        let token = rest.trim();
        let first = Lower::of(token.split([' ', '\t']).next().unwrap_or_default());
        if matches!(first.as_str(), "bearer" | "token" | "basic" | "bearer:" | "authorization:") && token.contains(' ')
        {
            self.fault("doubled_scheme", span);
            return;
        }
        if self.written(token, span) {
            return;
        }
        if token.contains([' ', '\t']) {
            self.fault("white_space", span);
        }
        if jwt::read(self.out, token, self.now, span) == Token::Cut {
            self.fault("truncated", span);
        }
    }

    fn basic(&mut self, rest: &str, span: Span) {
        let token = rest.trim();
        if token.is_empty() {
            self.fault("placeholder", span);
            return;
        }
        if self.written(token, span) || jwt::is_shortened(token) || token.starts_with(['<', '[', '‹']) {
            return;
        }
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(token)
            .or_else(|_| base64::engine::general_purpose::STANDARD_NO_PAD.decode(token))
            .or_else(|_| base64::engine::general_purpose::URL_SAFE.decode(token));
        match decoded {
            Ok(bytes) if bytes.contains(&b':') => {
                if bytes.ends_with(b"\n") || bytes.ends_with(b"\r") {
                    self.fault("line_break", span);
                }
            }
            _ => self.fault("undecodable_basic", span),
        }
    }

    /// Faults of writing that any credential can have. True when the value is no credential at all.
    fn written(&mut self, value: &str, span: Span) -> bool {
        let value = value.trim_matches([' ', '\t']);
        let lower = Lower::of(value);
        let lower = lower.as_str();
        if value.contains(['\n', '\r', '␊', '␍'])
            || value.ends_with("\\n")
            || value.ends_with("\\r")
            || lower.ends_with("%0a")
            || lower.ends_with("%0d")
        {
            self.fault("line_break", span);
        }
        let bare = value.trim();
        if is_template(bare) {
            // In these, variables are filled in later: what stands here is not what was sent.
            if !matches!(self.call.origin, Origin::CurlCommand | Origin::Postman | Origin::RequestFile) {
                self.fault("template", span);
            }
            return true;
        }
        if is_placeholder(bare) {
            self.fault("placeholder", span);
            return true;
        }
        if bare.len() > 1
            && (bare.starts_with(['"', '\'', '“', '‘'])
                || bare.ends_with(['"', '\'', '”', '’'])
                || lower.starts_with("%22")
                || lower.starts_with("&quot;")
                || bare.starts_with("\\\""))
        {
            self.fault("quotes", span);
        }
        if !bare.is_ascii() && !bare.contains(['…', '•', '·', '█', '*', '×', '‹', '␊', '␍', '␠', '␉'])
        {
            self.fault("non_ascii", span);
        }
        false
    }
}

/// A variable that nobody filled in.
fn is_template(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    value.contains("${")
        || value.contains("{{")
        || value.contains("<%")
        || value.contains("#{")
        || value.contains("$(")
        || value.contains("%%")
        || value.strip_prefix('$').is_some_and(|name| {
            name.len() > 1
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && name.bytes().any(|b| b.is_ascii_alphabetic())
                && name.len() < 48
        })
        || value.starts_with('{') && value.ends_with('}') && value.len() < 48
        || value
            .strip_prefix('%')
            .and_then(|v| v.strip_suffix('%'))
            .is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// A word that stands where a credential should.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let lower = Lower::of(value);
    let lower = lower.as_str();
    if matches!(
        lower,
        "undefined"
            | "null"
            | "none"
            | "nil"
            | "nan"
            | "false"
            | "true"
            | "token"
            | "api_key"
            | "apikey"
            | "access_token"
            | "[object object]"
            | "[object promise]"
            | "changeme"
            | "todo"
            | "string"
            | "mytoken"
            | "my_token"
            | "my-token"
    ) {
        return true;
    }
    if lower.starts_with("[object ")
        || lower.starts_with("<coroutine")
        || lower.starts_with("<bound method")
        || lower.starts_with("<function")
    {
        return true;
    }
    // `<token>`, but not the redaction of a careful person
    if lower.starts_with('<') && lower.ends_with('>') {
        return !jwt::is_shortened(lower)
            && !lower.contains("secret")
            && !lower.contains("sensitive")
            && !lower.contains("private");
    }
    let yours = lower.starts_with("your")
        || lower.starts_with("my_api_key")
        || lower.starts_with("insert")
        || lower.starts_with("enter_")
        || lower.starts_with("replace")
        || lower.starts_with("put_your")
        || lower.contains("your_")
        || lower.contains("your-");
    yours
        && lower.len() < 48
        && ["key", "token", "secret", "here", "jwt", "credential", "password", "api"]
            .iter()
            .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::Url;

    #[test]
    fn schemes_and_faults() {
        for (header, value, scheme, fault) in [
            ("Authorization", "Bearer abcdef0123456789", "bearer", ""),
            ("Authorization", "Bearer", "bearer", "placeholder"),
            ("Authorization", "Bearer undefined", "bearer", "placeholder"),
            ("Authorization", "Bearer [object Object]", "bearer", "placeholder"),
            ("Authorization", "Bearer YOUR_API_KEY", "bearer", "placeholder"),
            ("Authorization", "Bearer <token>", "bearer", "placeholder"),
            ("Authorization", "Bearer <redacted>", "bearer", ""),
            ("Authorization", "Bearer ${TOKEN}", "bearer", "template"),
            ("Authorization", "Bearer {{token}}", "bearer", "template"),
            ("Authorization", "Bearer Bearer abc", "bearer", "doubled_scheme"),
            ("Authorization", "Bearer  abc", "bearer", "white_space"),
            ("Authorization", "Bearer \"abc\"", "bearer", "quotes"),
            ("Authorization", "Bearer abc\\n", "bearer", "line_break"),
            ("Authorization", "Bearer abcé", "bearer", "non_ascii"),
            ("Authorization", "Bearer ********", "bearer", ""),
            ("Authorization", "Basic dXNlcjpwYXNz", "basic", ""),
            ("Authorization", "Basic user:pass", "basic", "undecodable_basic"),
            ("Authorization", "pk_123456_ABC", "api_key", "no_scheme"),
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIA/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=1",
                "sigv4",
                "",
            ),
            ("X-Api-Key", "k-123", "api_key", ""),
            ("X-Api-Key", "null", "api_key", "placeholder"),
            ("Cookie", "sid=1", "cookie", ""),
            ("Idempotency-Key", "x", "none", ""),
        ] {
            let mut request = Request { complete: true, ..Request::default() };
            request.headers.push(header, value, Span::default());
            let mut out = Sink::default();
            read(&Call::default(), &request, Now::default(), &mut out);
            assert_eq!(
                (out.value("credential.scheme"), out.value("credential.fault").unwrap_or_default()),
                (Some(scheme), fault),
                "{header}: {value}"
            );
        }
    }

    #[test]
    fn conflicting_credentials_are_seen() {
        for (url, expected) in [
            ("https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc", true),
            ("https://api.example.com/v1?page=2", false),
        ] {
            let mut request = Request { url: Url::parse(url), ..Request::default() };
            request.headers.push("authorization", "Bearer abcdef", Span::default());
            let mut out = Sink::default();
            read(&Call::default(), &request, Now::default(), &mut out);
            assert_eq!(out.value("credential.fault") == Some("two_credentials"), expected, "{url}");
        }
    }
}
