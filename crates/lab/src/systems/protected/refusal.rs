//! How an API says no: the same reason in the words of different frameworks, from RFC 6750 with everything to a bare status.

use crate::systems::ids;
use crate::systems::moment::Moment;
use crate::{Asked, Reply};
use serde_json::json;

/// In whose words an API refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Everything that RFC 6750 allows, in the header and again as JSON.
    #[default]
    Talkative,
    /// Spring Security's resource server: words in `WWW-Authenticate`, no body.
    Spring,
    /// ASP.NET Core's JwtBearer: words in `WWW-Authenticate` with 401, nothing at all with 403.
    AspNet,
    /// `express-oauth2-jwt-bearer` behind a JSON error handler.
    Express,
    /// A status, and not one word.
    Bare,
}

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No credential at all where a token is wanted.
    NoToken,
    /// Another scheme than Bearer.
    NotBearer,
    TwoCredentials,
    Malformed,
    NoMatchingKey,
    BadSignature,
    Expired(Moment),
    NotYet(Moment),
    Issuer(String),
    Audience(String),
    /// Known, and not to be used any more; or not known to the introspection.
    Inactive,
    /// Keys or introspection cannot be asked, with the log's words.
    Verifier(String),
    Scope(&'static str),
    Role {
        who: String,
        role: String,
        wanted: &'static str,
        to: &'static str,
    },
    /// RFC 9470: signed in, and not strongly enough.
    StepUp,
    Disabled(String),
    NoKey,
    UnknownKey,
    RevokedKey,
    TestKey,
    ClosedPlan,
    NoBasic,
    WrongPassword,
    Address(String),
    NoSignature,
    SignatureMismatch,
    StaleTimestamp(i64),
    NoSession,
    Csrf,
    /// Not there, or not for this caller: nobody is to know which.
    NotFound,
}

/// Status, code of RFC 6750 (empty where none is due), words.
struct Told {
    status: u16,
    code: &'static str,
    words: String,
}

impl Refusal {
    fn told(&self) -> Told {
        let token = |words: &str| Told { status: 401, code: "invalid_token", words: words.to_owned() };
        let other = |status, words: &str| Told { status, code: "", words: words.to_owned() };
        match self {
            Self::NoToken => other(401, "Authentication is required to access this resource."),
            Self::NotBearer => other(401, "Unsupported authorization scheme, expected Bearer."),
            Self::TwoCredentials => Told {
                status: 400,
                code: "invalid_request",
                words: "More than one method of sending the access token was used.".to_owned(),
            },
            Self::Malformed => token("The access token is malformed"),
            Self::NoMatchingKey => token("No key matches the kid of the access token"),
            Self::BadSignature => token("The signature of the access token is invalid"),
            Self::Expired(at) => token(&format!("The access token expired at {}", at.instant())),
            Self::NotYet(at) => token(&format!("The access token is not valid before {}", at.instant())),
            Self::Issuer(iss) => token(&format!("The issuer {iss} is not trusted")),
            Self::Audience(aud) => token(&format!("The access token's audience {aud} is not this API")),
            Self::Inactive => token("The access token has been revoked"),
            Self::Verifier(_) => other(500, "The access token could not be verified: key set not available."),
            Self::Scope(scope) => Told {
                status: 403,
                code: "insufficient_scope",
                words: format!("The request requires the scope {scope}"),
            },
            Self::Role { who, role, wanted, to } => other(
                403,
                &format!("User '{who}' with role '{role}' is not allowed to {to}: role '{wanted}' required."),
            ),
            Self::StepUp => Told {
                status: 401,
                code: "insufficient_user_authentication",
                words: "A different authentication level is required".to_owned(),
            },
            Self::Disabled(who) => other(403, &format!("The account '{who}' is disabled. Contact your administrator.")),
            Self::NoKey => other(401, "Missing API key. Send it in the X-API-Key header."),
            Self::UnknownKey => other(401, "Invalid API key provided."),
            Self::RevokedKey => other(401, "This API key has been revoked."),
            Self::TestKey => other(401, "A test mode API key was used on a live mode endpoint."),
            Self::ClosedPlan => other(403, "This API is not enabled for your account: the subscription is inactive."),
            Self::NoBasic => other(401, "Authentication credentials were not provided."),
            Self::WrongPassword => other(401, "Invalid username/password."),
            Self::Address(from) => other(403, &format!("Access from IP address {from} is not allowed.")),
            Self::NoSignature => {
                other(401, "Missing request signature: X-Key-Id, X-Timestamp and X-Signature are required.")
            }
            Self::SignatureMismatch => {
                other(401, "The request signature we calculated does not match the signature you provided.")
            }
            Self::StaleTimestamp(allowed) => {
                other(401, &format!("Request timestamp is outside the allowed window of {allowed} seconds."))
            }
            Self::NoSession => other(401, "Authentication credentials were not provided."),
            Self::Csrf => other(403, "CSRF Failed: CSRF token missing."),
            Self::NotFound => other(404, "Not Found"),
        }
    }

    /// Whether a token, and nothing else, is what it is about.
    fn of_token(&self) -> bool {
        matches!(self, Self::NoToken | Self::NotBearer | Self::Scope(_) | Self::StepUp | Self::TwoCredentials)
            || self.told().code == "invalid_token"
    }

    /// What the log says, whatever the caller is told.
    pub fn logged(&self) -> String {
        match self {
            Self::Verifier(why) => format!("An error occurred while attempting to decode the Jwt: {why}"),
            Self::NotFound => "not found or not visible".to_owned(),
            _ => self.told().words,
        }
    }

    pub fn status(&self) -> u16 {
        self.told().status
    }

    /// The answer, in the words of a style.
    pub fn reply(&self, style: Style, asked: &Asked) -> Reply {
        let told = self.told();
        match style {
            Style::Bare => Reply::empty(told.status),
            Style::Talkative => {
                let body = match (told.code, self) {
                    // Django REST framework's shape, as it is what sessions are served by.
                    ("", Self::Csrf | Self::NoSession | Self::NoBasic | Self::WrongPassword) => {
                        json!({ "detail": told.words })
                    }
                    ("", _) => json!({"error": {"code": self.code(), "message": told.words}}),
                    (code, _) => json!({"error": code, "error_description": told.words}),
                };
                let reply = Reply::json(told.status, &body);
                if self.of_token() {
                    return reply
                        .with("WWW-Authenticate", self.challenge("Bearer realm=\"orders\"", ", ", &told.words));
                }
                match self {
                    Self::NoBasic | Self::WrongPassword => reply.with("WWW-Authenticate", "Basic realm=\"ledger\""),
                    _ => reply,
                }
            }
            Style::Spring => self.spring(&told, asked),
            Style::AspNet => self.aspnet(&told),
            Style::Express => self.express(&told),
        }
    }

    /// The fields of a Bearer challenge.
    fn challenge(&self, start: &str, between: &str, words: &str) -> String {
        let told = self.told();
        let mut challenge = start.to_owned();
        if !told.code.is_empty() {
            challenge.push_str(&format!("{between}error=\"{}\", error_description=\"{words}\"", told.code));
        }
        match self {
            Self::Scope(scope) => challenge.push_str(&format!(", scope=\"{scope}\"")),
            Self::StepUp => challenge.push_str(", acr_values=\"mfa\""),
            _ => {}
        }
        challenge
    }

    /// A code of the API's own.
    fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "forbidden",
            Self::Disabled(_) => "account_disabled",
            Self::NoKey => "missing_api_key",
            Self::UnknownKey => "invalid_api_key",
            Self::RevokedKey => "api_key_revoked",
            Self::TestKey => "test_mode_key",
            Self::ClosedPlan => "subscription_inactive",
            Self::Address(_) => "ip_not_allowed",
            Self::NoSignature => "missing_signature",
            Self::SignatureMismatch => "signature_mismatch",
            Self::StaleTimestamp(_) => "timestamp_out_of_range",
            Self::NotFound => "not_found",
            Self::Verifier(_) => "internal_error",
            _ => "unauthorized",
        }
    }

    fn spring(&self, told: &Told, asked: &Asked) -> Reply {
        const ERROR_URI: &str = "https://tools.ietf.org/html/rfc6750#section-3.1";
        let decode = |why: &str| format!("An error occurred while attempting to decode the Jwt: {why}");
        let words = match self {
            Self::Malformed => "Bearer token is malformed".to_owned(),
            Self::NoMatchingKey => {
                decode("Signed JWT rejected: Another algorithm expected, or no matching key(s) found")
            }
            Self::BadSignature => decode("Signed JWT rejected: Invalid signature"),
            Self::Expired(at) => decode(&format!("Jwt expired at {}", at.instant())),
            Self::NotYet(at) => decode(&format!("Jwt used before {}", at.instant())),
            Self::Issuer(_) => decode("The iss claim is not valid"),
            Self::Audience(_) => decode("The aud claim is not valid"),
            Self::Inactive => "Provided token isn't active".to_owned(),
            Self::TwoCredentials => "Found multiple bearer tokens in the request".to_owned(),
            Self::Scope(_) => "The request requires higher privileges than provided by the access token.".to_owned(),
            _ => told.words.clone(),
        };
        let reply = match told.status {
            500 | 404 => {
                let error = if told.status == 500 { "Internal Server Error" } else { "Not Found" };
                let now = Moment::now().iso().replace('Z', "+00:00");
                Reply::json(
                    told.status,
                    &json!({"timestamp": now, "status": told.status, "error": error, "path": asked.path}),
                )
            }
            status => Reply::empty(status),
        };
        let code = if matches!(self, Self::Role { .. }) { "insufficient_scope" } else { told.code };
        let reply = match code {
            "" if told.status == 401 => reply.with("WWW-Authenticate", "Bearer"),
            "" => reply,
            code => reply.with(
                "WWW-Authenticate",
                format!("Bearer error=\"{code}\", error_description=\"{words}\", error_uri=\"{ERROR_URI}\""),
            ),
        };
        reply
            .with("X-Content-Type-Options", "nosniff")
            .with("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
            .with("X-Frame-Options", "DENY")
    }

    fn aspnet(&self, told: &Told) -> Reply {
        let words = match self {
            Self::NoMatchingKey => "The signature key was not found".to_owned(),
            Self::BadSignature => "The signature is invalid".to_owned(),
            Self::Expired(at) => format!("The token expired at '{}'", at.dotnet()),
            Self::NotYet(at) => format!("The token is not valid before '{}'", at.dotnet()),
            Self::Issuer(iss) => format!("The issuer '{iss}' is invalid"),
            Self::Audience(aud) => format!("The audience '{aud}' is invalid"),
            _ => String::new(),
        };
        let reply = match told.status {
            401 | 403 => Reply::empty(told.status),
            status => {
                let (section, title) = match status {
                    400 => ("15.5.1", "Bad Request"),
                    404 => ("15.5.5", "Not Found"),
                    _ => ("15.6.1", "An error occurred while processing your request."),
                };
                let body = json!({"type": format!("https://tools.ietf.org/html/rfc9110#section-{section}"), "title": title,
                                  "status": status, "traceId": format!("00-{}-{}-00", ids::trace(), ids::short())});
                Reply::new(status, "application/problem+json; charset=utf-8", body.to_string())
            }
        };
        let challenge = match (told.status, told.code, words.is_empty()) {
            (401, "invalid_token", true) => "Bearer error=\"invalid_token\"".to_owned(),
            (401, "invalid_token", false) => format!("Bearer error=\"invalid_token\", error_description=\"{words}\""),
            (401, ..) => "Bearer".to_owned(),
            _ => return reply.with("Server", "Kestrel"),
        };
        reply.with("WWW-Authenticate", challenge).with("Server", "Kestrel")
    }

    fn express(&self, told: &Told) -> Reply {
        let words = match self {
            Self::NoToken => "Unauthorized".to_owned(),
            Self::Malformed => "Failed to decode the token".to_owned(),
            Self::NoMatchingKey => "no applicable key found in the JSON Web Key Set".to_owned(),
            Self::BadSignature => "signature verification failed".to_owned(),
            Self::Expired(_) => "'exp' claim timestamp check failed".to_owned(),
            Self::NotYet(_) => "'nbf' claim timestamp check failed".to_owned(),
            Self::Issuer(_) => "Unexpected 'iss' value".to_owned(),
            Self::Audience(_) => "Unexpected 'aud' value".to_owned(),
            Self::TwoCredentials => "More than one method used for authentication".to_owned(),
            Self::Scope(_) => "Insufficient Scope".to_owned(),
            Self::Verifier(_) => "Internal Server Error".to_owned(),
            _ => told.words.clone(),
        };
        let reply = Reply::new(told.status, "application/json; charset=utf-8", json!({ "message": words }).to_string())
            .with("X-Powered-By", "Express");
        if self.of_token() {
            reply.with("WWW-Authenticate", self.challenge("Bearer realm=\"api\"", ", ", &words))
        } else {
            reply
        }
    }
}
