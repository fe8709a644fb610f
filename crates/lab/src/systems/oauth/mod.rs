//! An OAuth 2.0 and OpenID Connect server that speaks as Keycloak does: tokens, keys, discovery, introspection, revocation.
//!
//! Clock, issuer and keys can be turned while it runs, each world for itself. It refuses to know who checks its tokens.

mod authorize;
pub mod clients;
mod form;
pub(crate) mod jwt;
mod token;

pub(crate) use form::{Form, basic, encoded};

use crate::systems::ids;
use crate::systems::moment::Moment;
use crate::systems::{Opened, System};
use crate::{Answer, Asked, Journal, Reply, World};
use clients::Client;
use jwt::{Key, PublicKey, Token};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The port that it listens on where ports are named.
pub const PORT: u16 = 8002;

/// The API that tokens are for when a client names none.
pub const AUDIENCE: &str = "https://orders.example.com";

/// The other API that tokens may be for.
pub const OTHER_AUDIENCE: &str = "https://billing.example.com";

/// For the list of systems.
pub const SYSTEMS: &[System] = &[System {
    name: "oauth",
    port: PORT,
    what: "an OAuth server: /token, /authorize (PKCE), /introspect, /revoke, metadata and keys under /.well-known/",
    start: |world| {
        Box::pin(async move {
            let at = start(&world).await?;
            let url = |path: &str| format!("http://{at}{path}");
            let token = |user: &str, more: &[&str]| {
                let fixed = ["-u", user, "-d", "grant_type=client_credentials"];
                fixed
                    .into_iter()
                    .chain(more.iter().copied())
                    .map(str::to_owned)
                    .chain([url("/token")])
                    .collect::<Vec<_>>()
            };
            Ok(Opened::at(at)
                .with(
                    "a token for a service",
                    token("orders-service:orders-service-secret", &["-d", "scope=orders:read"]),
                )
                .with("the wrong secret: invalid_client", token("orders-service:wrong", &[]))
                .with("a scope that is not known: invalid_scope", {
                    token("orders-service:orders-service-secret", &["-d", "scope=orders:admin"])
                })
                .with("the metadata", [url("/.well-known/oauth-authorization-server")]))
        })
    },
}];

/// What can be turned while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// Seconds that its clock is ahead of the machine's.
    pub clock_ahead: i64,
    /// The issuer that it writes into tokens, instead of its own address.
    pub issuer: Option<String>,
    /// Errors are a code and nothing more.
    pub terse: bool,
    /// Keys, introspection and tokens answer 503.
    pub down: bool,
}

/// What a token is to say. Times are seconds.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// Client.
    pub client: &'a str,
    /// Person, where one is signed in.
    pub person: Option<&'a str>,
    /// Scopes, with spaces between.
    pub scope: &'a str,
    /// Audience.
    pub audience: &'a str,
    /// How strongly the person signed in (`acr`): `mfa`, or nothing.
    pub level: &'a str,
    /// How long ago it was issued.
    pub age: i64,
    /// How long it holds from then on.
    pub lifetime: i64,
}

impl Default for Grant<'_> {
    fn default() -> Self {
        let (client, scope) = ("orders-service", "orders:read orders:write");
        Self { client, person: None, scope, audience: AUDIENCE, level: "", age: 0, lifetime: 300 }
    }
}

/// A running server.
#[derive(Clone, Debug)]
pub struct OAuth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: OnceLock<SocketAddr>,
    journal: Journal,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    controls: Controls,
    /// The last one signs; all of them are published.
    keys: Vec<Key>,
    /// Reference tokens, and what they stand for.
    opaque: BTreeMap<String, Value>,
    refresh: BTreeMap<String, Refresh>,
    spent_codes: BTreeSet<String>,
    revoked: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Refresh {
    client: String,
    person: Option<String>,
    scope: String,
    audience: String,
    expires: i64,
    /// Every token that came of one sign-in.
    family: String,
    spent: bool,
}

/// Starts it.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World) -> io::Result<SocketAddr> {
    OAuth::start(world).await.map(|oauth| oauth.place())
}

impl OAuth {
    /// Starts it, and gives a hold on its controls.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(world: &World) -> io::Result<Self> {
        let state = State {
            controls: Controls::default(),
            keys: vec![Key::new()?],
            opaque: BTreeMap::new(),
            refresh: BTreeMap::new(),
            spent_codes: BTreeSet::new(),
            revoked: BTreeSet::new(),
        };
        let inner = Inner { place: OnceLock::new(), journal: world.journal(), state: Mutex::new(state) };
        let oauth = Self(Arc::new(inner));
        let answering = oauth.clone();
        let place = world
            .serve("oauth", PORT, None, move |asked| {
                let oauth = answering.clone();
                async move { oauth.answer(&asked) }
            })
            .await?;
        let _ = oauth.0.place.set(place);
        Ok(oauth)
    }

    /// Where it listens.
    #[must_use]
    pub fn place(&self) -> SocketAddr {
        self.0.place.get().copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], PORT)))
    }

    /// Its address as a URL, which is also its issuer.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.place())
    }

    /// Turns the controls.
    pub fn set(&self, controls: Controls) {
        self.with(|state| state.controls = controls);
    }

    /// A new signing key, and the old ones forgotten.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn rotate_keys(&self) -> io::Result<()> {
        let key = Key::new()?;
        self.with(|state| state.keys = vec![key]);
        Ok(())
    }

    /// An access token, as though a client had fetched it.
    ///
    /// # Errors
    /// When signing fails.
    pub fn access_token(&self, grant: &Grant<'_>) -> io::Result<String> {
        let claims = self.claims(grant);
        if clients::client(grant.client).is_some_and(|client| client.opaque) {
            let token = ids::secret();
            self.with(|state| state.opaque.insert(token.clone(), claims));
            return Ok(token);
        }
        self.with(|state| state.keys.last().map(|key| key.sign(&claims)))
            .unwrap_or_else(|| Err(io::Error::other("no key")))
    }

    /// The same token, signed by a stranger who names the right key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn forged_token(&self, grant: &Grant<'_>) -> io::Result<String> {
        let kid = self.with(|state| state.keys.last().map(|key| key.kid.clone())).unwrap_or_default();
        Key::pretending(&kid)?.sign(&self.claims(grant))
    }

    /// A refresh token of a person, as though they had signed in so many seconds ago.
    #[must_use]
    pub fn refresh_token(&self, client: &Client, person: &str, age: i64) -> String {
        let refresh = Refresh {
            client: client.id.to_owned(),
            person: Some(person.to_owned()),
            scope: "orders:read offline_access".to_owned(),
            audience: AUDIENCE.to_owned(),
            expires: self.now().plus(client.refresh_lifetime - age).seconds(),
            family: ids::uuid(),
            spent: false,
        };
        self.keep_refresh(refresh)
    }

    fn keep_refresh(&self, refresh: Refresh) -> String {
        let token = ids::secret();
        self.with(|state| state.refresh.insert(token.clone(), refresh));
        token
    }

    /// Revokes an access token, as its owner would.
    pub fn revoke(&self, token: &str) {
        let id = self.id_of(token);
        self.with(|state| state.revoked.insert(id));
    }

    /// A code, as though a person had just signed in, and whether somebody has redeemed it already.
    #[must_use]
    pub fn code(&self, client: &Client, person: &str, challenge: &str, redirect: &str, spent: bool) -> String {
        let id = ids::uuid();
        let note = authorize::Agreed { client: client.id, person, redirect, challenge, ..authorize::Agreed::default() };
        if spent {
            self.with(|state| state.spent_codes.insert(id.clone()));
        }
        note.code(self, &id).unwrap_or_default()
    }

    /// What identifies an access token: `jti`, or itself.
    fn id_of(&self, token: &str) -> String {
        Token::read(token).map_or_else(|| token.to_owned(), |token| token.text("jti").to_owned())
    }

    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn controls(&self) -> Controls {
        self.with(|state| state.controls.clone())
    }

    /// Its own clock.
    fn now(&self) -> Moment {
        Moment::now().plus(self.controls().clock_ahead)
    }

    fn claims(&self, grant: &Grant<'_>) -> Value {
        let issued = self.now().plus(-grant.age).seconds();
        let issuer = self.controls().issuer.unwrap_or_else(|| self.url());
        let mut claims = json!({
            "iss": issuer, "aud": grant.audience, "sub": grant.person.unwrap_or(grant.client), "azp": grant.client,
            "client_id": grant.client, "scope": grant.scope, "jti": ids::uuid(),
            "iat": issued, "nbf": issued, "exp": issued + grant.lifetime,
        });
        if let Some(person) = grant.person.and_then(clients::person) {
            claims["role"] = json!(person.role);
            claims["tenant"] = json!(person.tenant);
        }
        if !grant.level.is_empty() {
            claims["acr"] = json!(grant.level);
        }
        claims
    }

    fn answer(&self, asked: &Asked) -> Answer {
        let id = asked.header("x-request-id").map_or_else(ids::uuid, str::to_owned);
        let down = self.controls().down && !asked.path.starts_with("/.well-known/o");
        let reply = match (asked.method.as_str(), asked.path.as_str()) {
            _ if down => Reply::new(503, "text/plain", "upstream database connection pool exhausted\n"),
            ("GET" | "HEAD", "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration") => {
                Reply::json(200, &self.metadata())
            }
            ("GET" | "HEAD", "/.well-known/jwks.json") => {
                let keys: Vec<Value> = self.with(|state| state.keys.iter().map(Key::public).collect());
                Reply::json(200, &json!({ "keys": keys })).with("Cache-Control", "public, max-age=300")
            }
            ("GET" | "HEAD", "/authorize") => authorize::answer(self, asked),
            ("POST", "/token") => token::answer(self, asked),
            ("POST", "/introspect") => self.introspect(asked),
            ("POST", "/revoke") => self.revoke_answer(asked),
            ("GET" | "HEAD", "/health") => Reply::json(200, &json!({"status": "UP"})),
            (method, path) => match allowed(path) {
                None => Reply::json(404, &json!({"error": "Unable to find matching target resource method"})),
                Some(allow) if method == "OPTIONS" => Reply::empty(200).with("Allow", allow),
                Some(allow) => Reply::json(405, &json!({"error": "HTTP 405 Method Not Allowed"})).with("Allow", allow),
            },
        };
        let line = format!(
            "{} INFO  [io.quarkus.http.access-log] (executor-thread-1) {} - {} {} HTTP/1.1 {} {} request_id={id}",
            self.now().java(),
            asked.peer.map_or_else(String::new, |peer| peer.ip().to_string()),
            asked.method,
            asked.path,
            reply.status,
            reply.body.len(),
        );
        self.0.journal.log("oauth", line);
        reply.with("Date", self.now().http()).with("X-Request-Id", id).into()
    }

    /// An event in Keycloak's form; never with a secret in it.
    fn event(&self, asked: &Asked, kind: &str, client: &str, fields: &str) {
        let level = if kind.ends_with("_ERROR") { "WARN " } else { "DEBUG" };
        let from = asked.peer.map_or_else(String::new, |peer| peer.ip().to_string());
        let line = format!(
            "{} {level} [org.keycloak.events] (executor-thread-1) type=\"{kind}\", realmId=\"lab\", realmName=\"lab\", \
             clientId=\"{}\", userId=\"null\", ipAddress=\"{from}\", {fields}",
            self.now().java(),
            client.escape_default(),
        );
        self.0.journal.log("oauth", line);
    }

    /// RFC 8414 section 2.
    fn metadata(&self) -> Value {
        let url = self.url();
        json!({
            "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/.well-known/jwks.json"), "introspection_endpoint": format!("{url}/introspect"),
            "revocation_endpoint": format!("{url}/revoke"), "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "code_challenge_methods_supported": ["S256"], "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["orders:read", "orders:write", "reports:read", "payments:write", "offline_access"],
        })
    }

    /// RFC 7662: what a token stands for, to those who may ask.
    fn introspect(&self, asked: &Asked) -> Reply {
        let form = Form::read(&String::from_utf8_lossy(&asked.body));
        let Ok(_) = token::authenticate(self, asked, &form) else {
            return self.error(401, "invalid_request", "Authentication failed.");
        };
        let Some(token) = form.value("token") else {
            return self.error(400, "invalid_request", "Token not provided.");
        };
        let (claims, revoked) = self.with(|state| {
            let reference = state.opaque.get(token).cloned();
            let keys: Vec<PublicKey> =
                PublicKey::of_set(&json!({"keys": state.keys.iter().map(Key::public).collect::<Vec<_>>()}));
            let own = || {
                let read = Token::read(token)?;
                keys.iter().any(|key| read.verifies(key)).then_some(read.claims)
            };
            let claims = reference.or_else(own);
            let id = claims.as_ref().and_then(|claims| claims.get("jti")).and_then(Value::as_str).unwrap_or_default();
            let revoked = state.revoked.contains(id) || state.revoked.contains(token);
            (claims, revoked)
        });
        let live =
            |claims: &Value| claims.get("exp").and_then(Value::as_i64).is_some_and(|at| at > self.now().seconds());
        match claims.filter(|claims| !revoked && live(claims)) {
            Some(mut claims) => {
                claims["active"] = json!(true);
                Reply::json(200, &claims)
            }
            None => Reply::json(200, &json!({"active": false})),
        }
    }

    /// RFC 7009: 200 also for a token that is unknown.
    fn revoke_answer(&self, asked: &Asked) -> Reply {
        let form = Form::read(&String::from_utf8_lossy(&asked.body));
        let client = match token::authenticate(self, asked, &form) {
            Ok(client) => client,
            Err(refusal) => return refusal,
        };
        let Some(token) = form.value("token") else {
            return self.error(400, "invalid_request", "Token not provided.");
        };
        let id = self.id_of(token);
        self.with(|state| {
            state.refresh.remove(token);
            state.revoked.insert(id);
        });
        self.0.journal.wrote(format!("oauth: {} revoked a token", client.id));
        self.event(asked, "REVOKE_GRANT", client.id, "client_auth_method=\"client-secret\"");
        Reply::empty(200)
    }

    /// RFC 6749 section 5.2.
    fn error(&self, status: u16, code: &str, description: &str) -> Reply {
        let body = if self.controls().terse {
            json!({ "error": code })
        } else {
            json!({"error": code, "error_description": description})
        };
        Reply::json(status, &body).with("Cache-Control", "no-store").with("Pragma", "no-cache")
    }
}

/// The methods of a path.
fn allowed(path: &str) -> Option<&'static str> {
    match path {
        "/token" | "/introspect" | "/revoke" => Some("POST, OPTIONS"),
        "/authorize" | "/health" => Some("GET, HEAD, OPTIONS"),
        "/.well-known/jwks.json" | "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            Some("GET, HEAD, OPTIONS")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
