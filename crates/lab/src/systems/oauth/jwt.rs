//! JSON Web Tokens signed with ES256 (RFC 7519, RFC 7518 section 3.4): made, taken apart, verified.

use crate::systems::ids;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

/// A signing key with its id.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub kid: String,
    pair: Arc<EcdsaKeyPair>,
}

/// A public key of a set (RFC 7517).
#[derive(Clone, Debug)]
pub(crate) struct PublicKey {
    pub kid: String,
    point: Vec<u8>,
}

/// A token, taken apart and not yet believed.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub header: Value,
    pub claims: Value,
    signed: String,
    signature: Vec<u8>,
}

impl Key {
    pub fn new() -> io::Result<Self> {
        let (random, way) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let unmade = |_| io::Error::other("expected a new key, found a generator that refuses");
        let document = EcdsaKeyPair::generate_pkcs8(way, &random).map_err(unmade)?;
        let pair = EcdsaKeyPair::from_pkcs8(way, document.as_ref(), &random)
            .map_err(|_| io::Error::other("expected the key just made to load"))?;
        Ok(Self { kid: ids::short(), pair: Arc::new(pair) })
    }

    /// A key that says to be the other one, and is not.
    pub fn pretending(kid: &str) -> io::Result<Self> {
        Ok(Self { kid: kid.to_owned(), ..Self::new()? })
    }

    pub fn sign(&self, claims: &Value) -> io::Result<String> {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": self.kid});
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|_| io::Error::other("expected a signature, found a key that refuses"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    /// As it stands in a set of keys (RFC 7518 section 6.2.1).
    pub fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let half = |range| point.get(range).map(|part: &[u8]| URL_SAFE_NO_PAD.encode(part));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
               "x": half(1..33), "y": half(33..65)})
    }
}

impl PublicKey {
    /// The keys of a set, without those that are of another kind.
    pub fn of_set(set: &Value) -> Vec<Self> {
        let keys = set.get("keys").and_then(Value::as_array);
        keys.into_iter().flatten().filter_map(Self::read).collect()
    }

    fn read(key: &Value) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let half = |name: &str| text(name).and_then(|value| URL_SAFE_NO_PAD.decode(value).ok());
        if text("kty") != Some("EC") {
            return None;
        }
        let point = [vec![4], half("x")?, half("y")?].concat();
        Some(Self { kid: text("kid")?.to_owned(), point })
    }
}

impl Token {
    /// Takes three parts apart; `None` when they are not three, not base64url or not JSON.
    pub fn read(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        Some(Self {
            header: part(header)?,
            claims: part(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    pub fn kid(&self) -> &str {
        self.header.get("kid").and_then(Value::as_str).unwrap_or_default()
    }

    pub fn verifies(&self, key: &PublicKey) -> bool {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.point);
        public.verify(self.signed.as_bytes(), &self.signature).is_ok()
    }

    pub fn text(&self, claim: &str) -> &str {
        self.claims.get(claim).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn number(&self, claim: &str) -> Option<i64> {
        self.claims.get(claim).and_then(Value::as_i64)
    }

    /// `aud` is one string or several (RFC 7519 section 4.1.3).
    pub fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, PublicKey, Token};
    use serde_json::json;

    #[test]
    fn a_signature_holds_for_its_own_key_and_words_only() {
        let (key, other) = (Key::new().unwrap(), Key::new().unwrap());
        let set = |key: &Key| PublicKey::of_set(&json!({"keys": [{"kty": "RSA"}, key.public()]})).remove(0);
        let text = key.sign(&json!({"aud": ["a", "b"], "scope": "read write", "exp": 7})).unwrap();
        let token = Token::read(&text).unwrap();
        assert!(token.verifies(&set(&key)) && !token.verifies(&set(&other)));
        assert_eq!((token.audiences(), token.number("exp"), token.kid()), (vec!["a", "b"], Some(7), key.kid.as_str()));
        assert_eq!(token.text("scope"), "read write");
        let altered = text.replacen(&text[40..44], "AAAA", 1);
        assert!(Token::read(&altered).is_none_or(|token| !token.verifies(&set(&key))));
        assert!(Token::read("a.b").is_none());
    }
}
