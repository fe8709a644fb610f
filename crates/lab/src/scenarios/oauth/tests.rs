//! What users see in each scenario of credentials, tokens and flows.

use super::super::tests::{Shown, check, run};

const SHOWN: &[Shown] = &[
    ("token-missing", 401, &["WWW-Authenticate: Bearer realm=\"orders\"", "Authentication is required"]),
    ("token-missing-bare", 401, &[]),
    ("key-missing", 401, &["Missing API key"]),
    ("token-basic-instead", 401, &["WWW-Authenticate: Bearer\n", "Server: Kestrel"]),
    ("token-word-token", 401, &["Bearer"]),
    ("key-in-authorization", 401, &["Send it in the X-API-Key header"]),
    ("key-in-authorization-bare", 401, &[]),
    ("token-sent-twice", 400, &["invalid_request", "More than one method"]),
    ("token-doubled-bearer", 401, &["Bearer token is malformed"]),
    ("token-quoted", 401, &["error=\"invalid_token\""]),
    ("token-truncated", 401, &["Failed to decode the token"]),
    ("basic-line-break", 401, &["Invalid username/password."]),
    ("key-unknown", 401, &["Invalid API key"]),
    ("key-unknown-bare", 401, &[]),
    ("basic-wrong-password", 401, &["Invalid username/password.", "Basic realm"]),
    ("key-test-on-live", 401, &["test mode"]),
    ("key-revoked", 401, &["revoked"]),
    ("key-plan-inactive", 403, &["subscription is inactive"]),
    ("control-key-good", 200, &["A-100"]),
    ("token-expired", 401, &["Jwt expired at 20"]),
    ("token-expired-bare", 401, &[]),
    ("token-expired-and-forged", 401, &["The signature is invalid"]),
    ("token-revoked", 401, &["has been revoked"]),
    ("token-before-its-time", 401, &["'nbf' claim timestamp check failed"]),
    ("signed-call-stale", 401, &["outside the allowed window of 300 seconds"]),
    ("signed-call-mismatch", 401, &["does not match the signature you provided"]),
    ("token-wrong-audience", 401, &["The audience 'https://billing.example.com' is invalid"]),
    ("token-wrong-audience-express", 401, &["Unexpected 'aud' value"]),
    ("token-wrong-issuer", 401, &["The iss claim is not valid"]),
    ("token-altered", 401, &["signature verification failed"]),
    ("keys-rotated", 401, &["no matching key(s) found"]),
    ("verifier-down", 500, &["Couldn't retrieve remote JWK set", "Internal Server Error"]),
    ("verifier-down-talkative", 500, &["key set not available"]),
    ("control-token-good", 200, &["ord_1001"]),
    ("scope-missing", 403, &["insufficient_scope", "scope=\"reports:read\""]),
    ("scope-missing-spring", 403, &["insufficient_scope", "higher privileges"]),
    ("scope-missing-bare", 403, &[]),
    ("role-missing", 403, &["role 'viewer'", "role 'admin' required"]),
    ("role-missing-aspnet", 403, &["Server: Kestrel"]),
    ("address-not-allowed", 403, &["IP address 127.0.0.1 is not allowed"]),
    ("account-disabled", 403, &["disabled"]),
    ("step-up", 401, &["insufficient_user_authentication", "acr_values=\"mfa\""]),
    ("csrf-missing", 403, &["CSRF Failed"]),
    ("order-of-another-tenant", 404, &["HTTP/1.1 200", "globex"]),
    ("flow-wrong-secret", 401, &["invalid_client", "WWW-Authenticate: Basic"]),
    ("flow-code-reused", 400, &["invalid_grant", "Code not valid"]),
    ("flow-wrong-verifier", 400, &["invalid_grant", "PKCE verification failed"]),
    ("flow-other-redirect-at-token", 400, &["invalid_grant", "Incorrect redirect_uri"]),
    ("flow-redirect-not-registered", 400, &["Invalid parameter: redirect_uri"]),
    ("flow-refresh-expired", 400, &["invalid_grant", "Token is not active"]),
    ("flow-refresh-terse", 400, &["{\"error\":\"invalid_grant\"}"]),
    ("flow-unknown-scope", 400, &["invalid_scope", "orders:admin"]),
    ("flow-unsupported-grant", 400, &["unsupported_grant_type"]),
    ("flow-json-body", 400, &["invalid_request", "Missing form parameter: grant_type"]),
    ("flow-silent-sign-in", 302, &["error=login_required"]),
    ("flow-consent-missing", 302, &["error=consent_required"]),
    ("control-metadata", 200, &["token_endpoint"]),
];

#[test]
fn symptoms_are_as_told() {
    run(check(SHOWN));
}

#[test]
fn every_scenario_is_shown() {
    let shown: Vec<&str> = SHOWN.iter().map(|(name, ..)| *name).collect();
    let told: Vec<&str> = super::all().iter().map(|scenario| scenario.name).collect();
    assert_eq!(told, shown);
}
