//! The checks themselves: tokens step by step, keys, passwords, signatures, sessions.

use super::refusal::Refusal;
use super::{Api, BASIC, COOKIES, CSRF_TOKEN, GOOD_KEY, REVOKED_KEY, SIGNING, TEST_KEY, UNPAID_KEY, WINDOW};
use crate::Asked;
use crate::systems::fetch::{self, Fault, Way};
use crate::systems::moment::Moment;
use crate::systems::oauth::jwt::{PublicKey, Token};
use crate::systems::oauth::{basic, clients, encoded};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;
use std::sync::PoisonError;
use std::time::Duration;

/// How far clocks may be apart, in seconds: what most libraries allow.
const LEEWAY: i64 = 60;

/// Who calls, once it is believed.
pub(super) struct Caller {
    pub name: String,
    pub role: String,
    /// Empty for a service, which sees all tenants.
    pub tenant: String,
    /// `acr`: how strongly they signed in.
    pub level: String,
    scopes: Vec<String>,
}

impl Caller {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|had| had == scope)
    }

    fn of(claims: &Value) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let scopes = text("scope").split_ascii_whitespace().map(str::to_owned).collect();
        Self { name: text("sub"), role: text("role"), tenant: text("tenant"), level: text("acr"), scopes }
    }
}

impl Api {
    /// RFC 6750 section 2, then RFC 7519 section 7.2: signature first, then what the token says of itself.
    pub(super) async fn bearer(&self, asked: &Asked) -> Result<Caller, Refusal> {
        let by_query = asked.parameter("access_token").is_some();
        let Some(value) = asked.header("authorization") else {
            return Err(if by_query { Refusal::NotBearer } else { Refusal::NoToken });
        };
        if by_query {
            return Err(Refusal::TwoCredentials);
        }
        let Some((scheme, token)) = value.split_once(' ') else { return Err(Refusal::NotBearer) };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::NotBearer);
        }
        // b64token of RFC 6750 section 2.1: no space, no quote.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if token.is_empty() || !token.bytes().all(fits) {
            return Err(Refusal::Malformed);
        }
        let claims = if token.contains('.') || token.starts_with("eyJ") {
            let read = Token::read(token).ok_or(Refusal::Malformed)?;
            self.believe(&read).await?;
            if self.settings.introspects && self.introspect(token).await?.is_none() {
                return Err(Refusal::Inactive);
            }
            read.claims
        } else {
            self.introspect(token).await?.ok_or(Refusal::Inactive)?
        };
        let caller = Caller::of(&claims);
        match clients::person(&caller.name) {
            Some(person) if person.disabled => Err(Refusal::Disabled(caller.name)),
            _ => Ok(caller),
        }
    }

    async fn believe(&self, token: &Token) -> Result<(), Refusal> {
        if self.known_key(token.kid()).is_none() {
            self.fetch_keys().await?;
        }
        let key = self.known_key(token.kid()).ok_or(Refusal::NoMatchingKey)?;
        if !token.verifies(&key) {
            return Err(Refusal::BadSignature);
        }
        let (now, settings) = (Moment::now().seconds(), &self.settings);
        let expires = token.number("exp").unwrap_or_default();
        if expires + LEEWAY <= now {
            return Err(Refusal::Expired(Moment::of_seconds(expires)));
        }
        if let Some(from) = token.number("nbf").filter(|from| from - LEEWAY > now) {
            return Err(Refusal::NotYet(Moment::of_seconds(from)));
        }
        if token.text("iss") != settings.issuer {
            return Err(Refusal::Issuer(token.text("iss").to_owned()));
        }
        if !token.audiences().contains(&settings.audience.as_str()) {
            return Err(Refusal::Audience(token.audiences().join(", ")));
        }
        Ok(())
    }

    async fn fetch_keys(&self) -> Result<(), Refusal> {
        let url = format!("http://{}/.well-known/jwks.json", self.settings.authority);
        let failed = |why: String| {
            Refusal::Verifier(format!("Couldn't retrieve remote JWK set: org.springframework.web.client.{why}"))
        };
        let way = Way::plain(self.settings.authority, Duration::from_secs(2));
        let reply = fetch::get(&way, "/.well-known/jwks.json").await.map_err(|fault| {
            failed(format!("ResourceAccessException: I/O error on GET request for \"{url}\": {}", named(&fault)))
        })?;
        let set: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        if reply.status != 200 {
            let status = reply.status;
            let kind = if status == 503 { "$ServiceUnavailable" } else { "" };
            return Err(failed(format!(
                "HttpServerErrorException{kind}: {status} {} on GET request for \"{url}\": [no body]",
                reply.reason
            )));
        }
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = PublicKey::of_set(&set);
        Ok(())
    }

    /// The claims of a token that is active (RFC 7662).
    async fn introspect(&self, token: &str) -> Result<Option<Value>, Refusal> {
        let credential = STANDARD.encode("orders-api:orders-api-secret");
        let form = format!("token={}", encoded(token));
        let request = format!(
            "POST /introspect HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {credential}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            self.settings.authority,
            form.len(),
        );
        let failed = |why: &str| Refusal::Verifier(format!("token introspection failed: {why}"));
        let way = Way::plain(self.settings.authority, Duration::from_secs(2));
        let reply = fetch::ask(&way, request.as_bytes(), false).await.map_err(|fault| failed(named(&fault)))?;
        if reply.status != 200 {
            return Err(failed(&format!("introspection endpoint responded with {}", reply.status)));
        }
        let claims: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        Ok((claims.get("active") == Some(&Value::Bool(true))).then_some(claims))
    }
}

/// A fault in the words of Java's clients.
fn named(fault: &Fault) -> &'static str {
    match fault {
        Fault::Refused => "Connection refused",
        Fault::ConnectTimeout => "Connect timed out",
        Fault::Timeout => "Read timed out",
        Fault::Reset => "Connection reset",
        Fault::Closed => "Unexpected end of file from server",
        Fault::Tls(_) => "PKIX path building failed",
        Fault::Malformed => "Invalid Http response",
    }
}

pub(super) fn key(asked: &Asked) -> Result<(), Refusal> {
    match asked.header("x-api-key").unwrap_or_default() {
        "" => Err(Refusal::NoKey),
        GOOD_KEY => Ok(()),
        TEST_KEY => Err(Refusal::TestKey),
        REVOKED_KEY => Err(Refusal::RevokedKey),
        UNPAID_KEY => Err(Refusal::ClosedPlan),
        _ => Err(Refusal::UnknownKey),
    }
}

pub(super) fn password(asked: &Asked) -> Result<(), Refusal> {
    let Some(value) = asked.header("authorization") else { return Err(Refusal::NoBasic) };
    let given = basic(value);
    match given {
        Some((user, password)) if (user.as_str(), password.as_str()) == BASIC => Ok(()),
        _ => Err(Refusal::WrongPassword),
    }
}

/// The signature of a call: HMAC-SHA-256 over time, method and path, in hexadecimal digits.
pub(crate) fn signed(secret: &str, time: i64, method: &str, path: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    crate::systems::ids::hex(hmac::sign(&key, format!("{time}.{method}.{path}").as_bytes()).as_ref())
}

pub(super) fn signature(asked: &Asked) -> Result<(), Refusal> {
    let fields = (asked.header("x-key-id"), asked.header("x-timestamp"), asked.header("x-signature"));
    let (Some(key), Some(time), Some(given)) = fields else { return Err(Refusal::NoSignature) };
    let time: i64 = time.trim().parse().map_err(|_| Refusal::StaleTimestamp(WINDOW))?;
    if (Moment::now().seconds() - time).abs() > WINDOW {
        return Err(Refusal::StaleTimestamp(WINDOW));
    }
    let expected = signed(SIGNING.1, time, &asked.method, &asked.path);
    if key == SIGNING.0 && given == expected { Ok(()) } else { Err(Refusal::SignatureMismatch) }
}

pub(super) fn session(asked: &Asked) -> Result<(), Refusal> {
    let (session, csrf) = COOKIES.split_once("; ").unwrap_or_default();
    let cookies = asked.header("cookie").unwrap_or_default();
    let has = |wanted: &str| cookies.split(';').any(|cookie| cookie.trim() == wanted);
    if !has(session) {
        return Err(Refusal::NoSession);
    }
    let safe = matches!(asked.method.as_str(), "GET" | "HEAD");
    if safe || has(csrf) && asked.header("x-csrftoken") == Some(CSRF_TOKEN) { Ok(()) } else { Err(Refusal::Csrf) }
}
