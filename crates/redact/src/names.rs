//! Which names name a secret, and which a person.

use crate::Policy;
use crate::kind::Kind;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a name says of the value under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Plain,
    /// A secret, whatever it looks like.
    Secret(Kind),
    /// A secret in a structure (JSON, form, header), where it does not look like a word (`token`, `secret`).
    Firm(Kind),
    /// A secret only where it looks like one or stands in a URL or form (`key`, `code`, `sid`).
    Loose(Kind),
    /// The credentials of a request, behind a scheme.
    Authorization,
    /// Pairs of names and values.
    Cookie,
    /// One pair, then attributes.
    SetCookie,
    /// The name of something in a list of names and values (`"name": "X-Api-Key"`).
    PairName,
    /// The value of something in such a list.
    PairValue,
    /// Data of a person.
    Personal(Kind),
}

/// Words that make a name secret wherever they stand in it (`dbPassword`, `x-client-secret`).
const SECRET_WORDS: &[(&str, Kind)] = &[
    ("password", Kind::Password),
    ("passwd", Kind::Password),
    ("passphrase", Kind::Password),
    ("passcode", Kind::Password),
    ("passwort", Kind::Password),
    ("contrasena", Kind::Password),
    ("motdepasse", Kind::Password),
    ("clientsecret", Kind::Secret),
    ("secretkey", Kind::Secret),
    ("secretaccesskey", Kind::Secret),
    ("appsecret", Kind::Secret),
    ("apisecret", Kind::Secret),
    ("consumersecret", Kind::Secret),
    ("sharedsecret", Kind::Secret),
    ("webhooksecret", Kind::Secret),
    ("signingsecret", Kind::Secret),
    ("apikey", Kind::Key),
    ("apitoken", Kind::Token),
    ("privatekey", Kind::Key),
    ("accesstoken", Kind::Token),
    ("refreshtoken", Kind::Token),
    ("idtoken", Kind::Token),
    ("authtoken", Kind::Token),
    ("bearertoken", Kind::Token),
    ("sessiontoken", Kind::Token),
    ("securitytoken", Kind::Token),
    ("sessionid", Kind::Cookie),
    ("sessionkey", Kind::Key),
    ("signingkey", Kind::Key),
    ("encryptionkey", Kind::Key),
    ("masterkey", Kind::Key),
    ("licensekey", Kind::Key),
    ("sharedaccesskey", Kind::Key),
    ("sharedaccesssignature", Kind::Signature),
    ("accountkey", Kind::Key),
    ("storagekey", Kind::Key),
    ("subscriptionkey", Kind::Key),
    ("functionskey", Kind::Key),
    ("integrationkey", Kind::Key),
    ("clientassertion", Kind::Token),
    ("samlresponse", Kind::Token),
    ("samlassertion", Kind::Token),
    ("authcredential", Kind::Secret),
    ("codeverifier", Kind::Secret),
];
/// Endings that make a name secret (`github_token`, `X-Shopify-Access-Token`, `stripe-key`).
const SECRET_ENDINGS: &[(&str, Kind)] = &[
    ("token", Kind::Token),
    ("jwt", Kind::Token),
    ("accesskey", Kind::Key),
    ("authkey", Kind::Key),
    ("restkey", Kind::Key),
    ("appkey", Kind::Key),
    ("applicationkey", Kind::Key),
    ("adminkey", Kind::Key),
    ("serverkey", Kind::Key),
    ("secret", Kind::Secret),
    ("signature", Kind::Signature),
    ("signature256", Kind::Signature),
    ("hmac", Kind::Signature),
    ("hmacsha256", Kind::Signature),
    ("pwd", Kind::Password),
    ("pass", Kind::Password),
];
/// Names that are secret as a whole.
const SECRET_NAMES: &[(&str, Kind)] = &[
    ("pwd", Kind::Password),
    ("secretid", Kind::Secret),
    ("accesskeyid", Kind::Key),
    ("awsaccesskeyid", Kind::Key),
    ("apikeysid", Kind::Key),
    ("pin", Kind::Secret),
    ("pincode", Kind::Secret),
    ("pins", Kind::Secret),
    ("xhoneycombteam", Kind::Key),
    ("xapikey", Kind::Key),
    ("ddapikey", Kind::Key),
    ("xfunctionskey", Kind::Key),
    ("csrf", Kind::Token),
    ("xsrf", Kind::Token),
    ("csrfmiddlewaretoken", Kind::Token),
    ("cvv", Kind::Secret),
    ("cvv2", Kind::Secret),
    ("cvc", Kind::Secret),
    ("phpsessid", Kind::Cookie),
    ("jsessionid", Kind::Cookie),
    ("connectsid", Kind::Cookie),
    ("aspxauth", Kind::Cookie),
    ("xmsencryptionkey", Kind::Key),
    ("oauthverifier", Kind::Secret),
    ("devicecode", Kind::Secret),
    ("totp", Kind::Secret),
    ("recoverycode", Kind::Secret),
    ("backupcode", Kind::Secret),
    ("cardnumber", Kind::Card),
    ("ccnumber", Kind::Card),
    ("creditcardnumber", Kind::Card),
];
/// Names that are secret where the value does not look like a word.
const FIRM: &[(&str, Kind)] = &[
    ("token", Kind::Token),
    ("secret", Kind::Secret),
    ("jwt", Kind::Token),
    ("bearer", Kind::Token),
    ("pass", Kind::Password),
    ("credential", Kind::Secret),
    ("credentials", Kind::Secret),
    ("otp", Kind::Secret),
    ("onetimecode", Kind::Secret),
    ("signature", Kind::Signature),
    ("hmac", Kind::Signature),
    ("otps", Kind::Secret),
    ("assertion", Kind::Token),
    ("tokens", Kind::Token),
    ("secrets", Kind::Secret),
    ("apikeys", Kind::Key),
];
/// Names that are secret where the value looks like one, or in a URL or form.
const LOOSE: &[(&str, Kind)] = &[
    ("key", Kind::Key),
    ("code", Kind::Token),
    ("auth", Kind::Token),
    ("session", Kind::Cookie),
    ("sid", Kind::Cookie),
    ("sig", Kind::Signature),
    ("nonce", Kind::Secret),
    ("pw", Kind::Password),
    ("cookie", Kind::Cookie),
    ("hash", Kind::Signature),
    ("salt", Kind::Secret),
    ("seed", Kind::Secret),
    ("dsn", Kind::Secret),
    ("authcode", Kind::Token),
    ("authorizationcode", Kind::Token),
    ("usercode", Kind::Token),
    ("ticket", Kind::Token),
    ("keys", Kind::Key),
    ("license", Kind::Key),
];
/// Names that look secret and are not.
const HARMLESS: &[&str] = &[
    "nextpagetoken",
    "pagetoken",
    "continuationtoken",
    "nextcontinuationtoken",
    "nexttoken",
    "prevtoken",
    "synctoken",
    "nextsynctoken",
    "pagingtoken",
    "cursortoken",
    "skiptoken",
    "starttoken",
    "endtoken",
    "unexpectedtoken",
    "idempotencykey",
    "xidempotencykey",
    "cachekey",
    "partitionkey",
    "primarykey",
    "foreignkey",
    "sortkey",
    "publickey",
    "postmantoken",
    "secwebsocketkey",
    "secwebsocketaccept",
    "clienttoken",
    "clientrequesttoken",
    "bypass",
    "compass",
    "xamzcredential",
    "xgoogcredential",
    "wwwauthenticate",
    "proxyauthenticate",
    "accesscontrolallowcredentials",
    "allowcredentials",
    "withcredentials",
    "includecredentials",
    "methodsignature",
    "typesignature",
    "functionsignature",
];
/// Endings after which a name is about a secret and holds none (`password_expired`, `token_url`).
const ABOUT: &[&str] = &[
    "url",
    "uri",
    "endpoint",
    "type",
    "name",
    "expired",
    "expires",
    "expiry",
    "expiration",
    "expiresin",
    "expiresat",
    "expireson",
    "ttl",
    "lifetime",
    "length",
    "len",
    "count",
    "limit",
    "limits",
    "policy",
    "provider",
    "valid",
    "invalid",
    "required",
    "enabled",
    "disabled",
    "method",
    "format",
    "version",
    "source",
    "path",
    "file",
    "header",
    "location",
    "status",
    "error",
    "missing",
    "present",
    "usage",
    "used",
    "remaining",
    "id",
    "ids",
    "issuer",
    "audience",
    "scope",
    "scopes",
    "strength",
    "hint",
    "field",
    "algorithm",
    "alg",
    "at",
    "date",
    "size",
    "ref",
    "arn",
    "reset",
    "resource",
    "needed",
    "changed",
    "attempts",
    "rule",
    "rules",
    "class",
    "kind",
    "exception",
    "failure",
    "failed",
    "handler",
    "validator",
    "service",
    "manager",
    "filter",
    "factory",
    "store",
    "config",
    "middleware",
    "controller",
    "parser",
    "encoder",
];
/// Data of persons.
const PERSONAL: &[(&str, Kind)] = &[
    ("email", Kind::Email),
    ("emailaddress", Kind::Email),
    ("mail", Kind::Email),
    ("phone", Kind::Phone),
    ("phonenumber", Kind::Phone),
    ("mobile", Kind::Phone),
    ("mobilephone", Kind::Phone),
    ("telephone", Kind::Phone),
    ("tel", Kind::Phone),
    ("fax", Kind::Phone),
    ("msisdn", Kind::Phone),
    ("firstname", Kind::Person),
    ("lastname", Kind::Person),
    ("middlename", Kind::Person),
    ("givenname", Kind::Person),
    ("familyname", Kind::Person),
    ("surname", Kind::Person),
    ("fullname", Kind::Person),
    ("displayname", Kind::Person),
    ("nickname", Kind::Person),
    ("customername", Kind::Person),
    ("contactname", Kind::Person),
    ("cardholder", Kind::Person),
    ("cardholdername", Kind::Person),
    ("accountholder", Kind::Person),
    ("username", Kind::Person),
    ("userid", Kind::Person),
    ("login", Kind::Person),
    ("preferredusername", Kind::Person),
    ("uniquename", Kind::Person),
    ("upn", Kind::Person),
    ("address", Kind::Person),
    ("address1", Kind::Person),
    ("address2", Kind::Person),
    ("addressline1", Kind::Person),
    ("addressline2", Kind::Person),
    ("street", Kind::Person),
    ("streetaddress", Kind::Person),
    ("city", Kind::Person),
    ("zip", Kind::Person),
    ("zipcode", Kind::Person),
    ("postalcode", Kind::Person),
    ("postcode", Kind::Person),
    ("birthdate", Kind::Person),
    ("dateofbirth", Kind::Person),
    ("dob", Kind::Person),
    ("ssn", Kind::Person),
    ("socialsecuritynumber", Kind::Person),
    ("passport", Kind::Person),
    ("passportnumber", Kind::Person),
    ("nationalid", Kind::Person),
    ("taxid", Kind::Person),
    ("iban", Kind::Iban),
    ("accountnumber", Kind::Iban),
    ("ip", Kind::Ip),
    ("ipaddress", Kind::Ip),
    ("clientip", Kind::Ip),
    ("remoteaddr", Kind::Ip),
    ("remoteip", Kind::Ip),
];
/// Names of fields that have a reader of their own.
const FIELDS: &[(&str, Class)] = &[
    ("authorization", Class::Authorization),
    ("proxyauthorization", Class::Authorization),
    ("xauthorization", Class::Authorization),
    ("xforwardedauthorization", Class::Authorization),
    ("cookie", Class::Cookie),
    ("cookies", Class::Cookie),
    ("xcookie", Class::Cookie),
    ("setcookie", Class::SetCookie),
    ("setcookie2", Class::SetCookie),
    ("value", Class::PairValue),
    ("val", Class::PairValue),
    ("content", Class::PairValue),
    ("name", Class::PairName),
    ("header", Class::PairName),
    ("field", Class::PairName),
    ("param", Class::PairName),
    ("parameter", Class::PairName),
    ("variable", Class::PairName),
    ("env", Class::PairName),
];

/// Every name that decides as a whole.
static WHOLE: LazyLock<HashMap<&str, Class>> = LazyLock::new(|| {
    let harmless = HARMLESS.iter().map(|name| (*name, Class::Plain));
    let loose = LOOSE.iter().map(|(name, kind)| (*name, Class::Loose(*kind)));
    let firm = FIRM.iter().map(|(name, kind)| (*name, Class::Firm(*kind)));
    let secret = SECRET_NAMES.iter().map(|(name, kind)| (*name, Class::Secret(*kind)));
    // Where a name stands twice the later word counts.
    loose.chain(firm).chain(secret).chain(harmless).chain(FIELDS.iter().copied()).collect()
});

/// Finds [`SECRET_WORDS`] in a name.
static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words(AhoCorasick::new(SECRET_WORDS.iter().map(|(word, _)| word)).ok()));

struct Words(Option<AhoCorasick>);

impl Words {
    fn find(&self, bare: &str) -> Option<aho_corasick::Match> {
        self.0.as_ref()?.find(bare)
    }
}

/// Longer names are no names.
const LONGEST: usize = 64;

/// What a name says of its value. Camel, snake, kebab and prefixed forms are the same name.
#[must_use]
pub fn classify(name: &[u8], policy: &Policy) -> Class {
    let mut buffer = [0u8; LONGEST];
    let Some(bare) = bare(name, &mut buffer) else { return Class::Plain };
    if !policy.is_empty() {
        if policy.names(&policy.allow, bare) {
            return Class::Plain;
        }
        if policy.names(&policy.deny, bare) {
            return Class::Secret(Kind::Secret);
        }
    }
    if let Some(class) = WHOLE.get(bare) {
        return *class;
    }
    let about = || ABOUT.iter().any(|end| bare.ends_with(end) && bare != "sessionid" && !bare.ends_with("sessionid"));
    let word = WORDS.find(bare).map(|found| SECRET_WORDS[found.pattern().as_usize()].1);
    if let Some(kind) = word
        && !about()
    {
        return Class::Secret(kind);
    }
    if word.is_none()
        && let Some((_, kind)) = SECRET_ENDINGS.iter().find(|(end, _)| bare.ends_with(end))
    {
        return Class::Secret(*kind);
    }
    // `secret` anywhere in an upper-case name of an environment is a secret: `APP_SECRET_PROD`.
    if bare.contains("secret") && !about() {
        return Class::Secret(Kind::Secret);
    }
    if bare.ends_with("key") && (bare.starts_with("stripe") || bare.starts_with("aws") || bare.starts_with("azure")) {
        return Class::Secret(Kind::Key);
    }
    // `X-New-Otp`: the last word names what it is.
    let last = last_word(name, &mut [0u8; LONGEST]);
    if let Some(class @ (Class::Secret(_) | Class::Firm(_))) = last {
        return class;
    }
    // Several of them: what looks like one goes.
    if let Some(one) = bare.strip_suffix('s')
        && let Some((_, kind)) = SECRET_ENDINGS.iter().chain(SECRET_WORDS).find(|(end, _)| one.ends_with(end))
    {
        return if *kind == Kind::Signature { Class::Firm(*kind) } else { Class::Loose(*kind) };
    }
    if policy.personal
        && let Some((_, kind)) = PERSONAL.iter().find(|(name, _)| *name == bare)
    {
        return Class::Personal(*kind);
    }
    if bare.ends_with("key") && bare.len() > 3 {
        return Class::Loose(Kind::Key);
    }
    if bare.ends_with("credential") || bare.ends_with("credentials") {
        return Class::Loose(Kind::Secret);
    }
    if policy.personal && (bare.ends_with("email") || bare.ends_with("phone")) {
        return Class::Personal(if bare.ends_with("email") { Kind::Email } else { Kind::Phone });
    }
    Class::Plain
}

/// What the last word of a name says: behind a separator, or behind the last capital.
fn last_word(name: &[u8], buffer: &mut [u8; LONGEST]) -> Option<Class> {
    let separator = name.iter().rposition(|b| !b.is_ascii_alphanumeric()).map(|i| i + 1);
    let hump = name.windows(2).rposition(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).map(|i| i + 1);
    let from = separator.max(hump).filter(|from| *from > 0 && !name.ends_with(b"s"))?;
    WHOLE.get(bare(&name[from..], buffer)?).copied()
}

/// A name in lower case without separators, when it can be one.
fn bare<'b>(name: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b str> {
    let mut len = 0;
    for byte in name.iter().filter(|b| b.is_ascii_alphanumeric()) {
        *buffer.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    // `password1`, `token2`: a number at the end changes nothing.
    while len > 4 && buffer[len - 1].is_ascii_digit() && !buffer[..len].ends_with(b"256") {
        len -= 1;
    }
    if len < 2 {
        return None;
    }
    std::str::from_utf8(&buffer[..len]).ok()
}

/// The form in which names are compared: lower case without separators.
#[must_use]
pub fn folded(name: &str) -> String {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())).collect()
}

/// Names that recur are classified once: a cache for large texts.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    len: u8,
    name: [u8; SLOT],
    class: Class,
}

/// Longer names are classified anew each time.
const SLOT: usize = 30;
/// A power of two; a name may stand in two places.
const SLOTS: usize = 1024;

impl Cache {
    /// Makes room, when a text is large enough to repay it.
    pub fn warm(&mut self) {
        if self.slots.is_empty() {
            self.slots = vec![Slot { len: 0, name: [0; SLOT], class: Class::Plain }; SLOTS];
        }
    }

    /// What `classify` says, remembered.
    pub fn class(&mut self, name: &[u8], policy: &Policy) -> Class {
        if self.slots.is_empty() || name.len() > SLOT || name.is_empty() {
            return classify(name, policy);
        }
        let mut hash = 0u32;
        for byte in name {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
        let first = (hash ^ hash >> 15) as usize & (SLOTS - 1);
        for place in [first, first ^ 1] {
            let slot = &self.slots[place];
            if usize::from(slot.len) == name.len() && &slot.name[..name.len()] == name {
                return slot.class;
            }
        }
        let class = classify(name, policy);
        // The older of the two makes room.
        self.slots[first ^ 1] = self.slots[first];
        let slot = &mut self.slots[first];
        slot.len = u8::try_from(name.len()).unwrap_or(0);
        slot.name[..name.len()].copy_from_slice(name);
        slot.class = class;
        class
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str) -> bool {
        !matches!(classify(name.as_bytes(), &Policy::default()), Class::Plain | Class::PairName | Class::PairValue)
    }

    #[test]
    fn names_are_told_apart_in_any_case() {
        for name in [
            "password",
            "dbPassword",
            "DB_PASSWORD",
            "password2",
            "x-api-key",
            "X-Shopify-Access-Token",
            "client_secret",
            "Authorization",
            "access_token",
            "AWS_SECRET_ACCESS_KEY",
            "APP_SECRET_PROD",
            "sig",
            "secret_id",
            "sessionId",
            "X-Hub-Signature-256",
            "stripe_key",
            "new_token",
            "newToken",
        ] {
            assert!(secret(name), "{name}");
        }
        for name in [
            "token_type",
            "next_page_token",
            "idempotency-key",
            "request-id",
            "etag",
            "user",
            "status_code",
            "kid",
            "author",
            "password_expired",
            "token_url",
            "secretName",
            "credentials_provider",
            "private_key_id",
            "SharedAccessKeyName",
        ] {
            assert!(!secret(name), "{name}");
        }
        // Several of them may be counted: only what looks like a secret is one.
        assert!(matches!(classify(b"max_tokens", &Policy::default()), Class::Loose(_)));
    }
}
