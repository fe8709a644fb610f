//! Which names name a secret.

/// Words that make a name secret wherever they stand in it (`dbPassword`, `x-client-secret`).
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "credential",
    "credentials",
    "apikey",
    "privatekey",
    "sessionid",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "bearer",
    "sessionkey",
    "signingkey",
    "encryptionkey",
    "connectionstring",
    "sharedaccesskey",
    "accountkey",
    "subscriptionkey",
    "assertion",
];
/// Names that are secret only as a whole.
const SECRET_NAMES: &[&str] = &[
    "token",
    "auth",
    "authorization",
    "proxyauthorization",
    "cookie",
    "setcookie",
    "key",
    "sig",
    "signature",
    "jwt",
    "pass",
    "pw",
    "session",
    "sid",
    "csrf",
    "xsrf",
    "csrftoken",
    "xsrftoken",
    "otp",
    "pin",
    "cvv",
    "cvc",
    "code",
    "codeverifier",
    "nonce",
    "apikey",
    "xapikey",
    "authkey",
    "hash",
    "hmac",
    "credentials",
    "clientassertion",
    "privatetoken",
    "xauthtoken",
    "phpsessid",
    "jsessionid",
];
/// Endings that make a name secret (`github_token`, `X-Shopify-Access-Token`, `stripe-key`).
const SECRET_ENDINGS: &[&str] = &["token", "apikey", "accesskey", "secretkey", "authkey", "signature", "pwd", "hmac"];
/// Names that look secret and are not.
const HARMLESS: &[&str] = &[
    "tokentype",
    "tokenendpoint",
    "tokenurl",
    "expirestoken",
    "nextpagetoken",
    "pagetoken",
    "continuationtoken",
    "nexttoken",
    "synctoken",
    "tokenizer",
    "maxtokens",
    "prompttokens",
    "totaltokens",
    "completiontokens",
    "idempotencykey",
    "cachekey",
    "partitionkey",
    "primarykey",
    "foreignkey",
    "sortkey",
    "publickey",
    "keyid",
    "kid",
    "errorcode",
    "statuscode",
    "xkubernetespfflowschemauid",
    "postmantoken",
    "clienttoken",
    "clientrequesttoken",
];

/// True when a value under this name is a secret. Camel, snake, kebab and prefixed forms are the same name.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let bare = bare(name);
    if bare.is_empty() || bare.len() > 64 || HARMLESS.contains(&bare.as_str()) {
        return false;
    }
    SECRET_NAMES.contains(&bare.as_str())
        || SECRET_WORDS.iter().any(|w| bare.contains(w))
        || SECRET_ENDINGS.iter().any(|e| bare.ends_with(e))
}

/// Names that are secret in a URL or form but too common in text and JSON to be assigned a secret there.
pub(crate) fn is_loose_name(name: &str) -> bool {
    matches!(
        bare(name).as_str(),
        "key"
            | "code"
            | "hash"
            | "session"
            | "pin"
            | "auth"
            | "nonce"
            | "token"
            | "pass"
            | "sid"
            | "signature"
            | "sig"
            | "cookie"
            | "secret"
            | "credentials"
            | "bearer"
            | "jwt"
            | "assertion"
    )
}

fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Values that stand where a secret should and are none: they are often the fault itself.
#[must_use]
pub(crate) fn is_dummy(value: &str) -> bool {
    let value =
        value.trim_matches(|c: char| matches!(c, '"' | '\'' | '<' | '>' | '{' | '}' | '$' | '*' | '.' | '[' | ']'));
    value.is_empty()
        || value.contains(['{', '$'])
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "undefined"
                | "null"
                | "none"
                | "nil"
                | "true"
                | "false"
                | "redacted"
                | "bearer"
                | "basic"
                | "token"
                | "password"
                | "object object"
                | "filtered"
                | "required"
                | "invalid"
                | "missing"
                | "expired"
        )
        || value.to_ascii_lowercase().starts_with("your")
}

#[cfg(test)]
mod tests {
    use super::is_secret_name;

    #[test]
    fn names_are_told_apart_in_any_case() {
        for name in [
            "password",
            "dbPassword",
            "DB_PASSWORD",
            "x-api-key",
            "X-Shopify-Access-Token",
            "client_secret",
            "Authorization",
            "access_token",
            "AWS_SECRET_ACCESS_KEY",
            "sig",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "token_type",
            "next_page_token",
            "idempotency-key",
            "request-id",
            "etag",
            "user",
            "status_code",
            "max_tokens",
            "kid",
            "author",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
