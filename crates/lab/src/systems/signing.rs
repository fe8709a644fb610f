//! Signatures of webhooks as Standard Webhooks 1.0.0 has them: `webhook-id`, `webhook-timestamp` and
//! `webhook-signature: v1,BASE64`, over `ID.TIMESTAMP.BODY` (github.com/standard-webhooks/standard-webhooks).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// How far the timestamp of a delivery may be from the receiver's clock, in seconds: the libraries' default.
pub const TOLERANCE: u64 = 300;

/// HMAC with SHA-256 (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut padded = [0; BLOCK];
    let shortened;
    let key = if key.len() > BLOCK {
        shortened = Sha256::digest(key);
        &shortened[..]
    } else {
        key
    };
    padded[..key.len()].copy_from_slice(key);
    let pad = |with: u8| padded.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// The value of `webhook-signature`. A secret that is not `whsec_` and base64 is taken as its bytes.
#[must_use]
pub fn sign(secret: &str, id: &str, timestamp: u64, body: &[u8]) -> String {
    let encoded = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(encoded).unwrap_or_else(|_| secret.as_bytes().to_vec());
    let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    format!("v1,{}", STANDARD.encode(hmac_sha256(&key, &content)))
}

/// Why a delivery is not believed. The words are those of the reference libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// One of the three fields is not there.
    MissingHeaders,
    /// The timestamp is no number.
    InvalidTimestamp,
    /// Sent longer ago than [`TOLERANCE`].
    TooOld,
    /// Sent further in the future than [`TOLERANCE`].
    TooNew,
    /// None of the signatures fits.
    NoMatch,
}

impl Unverified {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::MissingHeaders => "Missing required headers",
            Self::InvalidTimestamp => "Invalid Signature Headers",
            Self::TooOld => "Message timestamp too old",
            Self::TooNew => "Message timestamp too new",
            Self::NoMatch => "No matching signature found",
        }
    }
}

/// Whether a delivery comes from whoever has the secret; `now` in seconds since the Unix epoch.
///
/// # Errors
/// When it does not, with the reason.
pub fn verify(
    secret: &str,
    id: Option<&str>,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
    now: u64,
) -> Result<(), Unverified> {
    let (Some(id), Some(timestamp), Some(signatures)) = (id, timestamp, signature) else {
        return Err(Unverified::MissingHeaders);
    };
    let timestamp: u64 = timestamp.parse().map_err(|_| Unverified::InvalidTimestamp)?;
    if now.saturating_sub(timestamp) > TOLERANCE {
        return Err(Unverified::TooOld);
    }
    if timestamp.saturating_sub(now) > TOLERANCE {
        return Err(Unverified::TooNew);
    }
    let expected = sign(secret, id, timestamp, body);
    // Signatures of several secrets may stand side by side, with spaces, while a secret is rotated.
    if signatures.split(' ').any(|given| same(given.as_bytes(), expected.as_bytes())) {
        Ok(())
    } else {
        Err(Unverified::NoMatch)
    }
}

/// Compares without telling by the time taken how far it went.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::stamp::hex;

    #[test]
    fn hmac_gives_what_rfc_4231_says() {
        let answer = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&answer), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let answer = hmac_sha256(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex(&answer), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn a_signature_holds_for_its_secret_body_and_time_alone() {
        let (secret, body, now) =
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &b"{\"test\": 2432232314}"[..], 1_614_265_330);
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = sign(secret, id, now, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "the example of the libraries");
        let stamp = now.to_string();
        let check = |secret, signature: &str, body: &[u8], at| {
            verify(secret, Some(id), Some(&stamp), Some(signature), body, at)
        };
        assert_eq!(check(secret, &signature, body, now), Ok(()));
        assert_eq!(check(secret, &format!("v1,AAAA {signature}"), body, now + 300), Ok(()));
        assert_eq!(check("whsec_b3RoZXI=", &signature, body, now), Err(Unverified::NoMatch));
        assert_eq!(check(secret, &signature, b"{\"test\":2432232314}", now), Err(Unverified::NoMatch));
        assert_eq!(check(secret, &signature, body, now + 301), Err(Unverified::TooOld));
        assert_eq!(check(secret, &signature, body, now - 301), Err(Unverified::TooNew));
        assert_eq!(verify(secret, None, Some(&stamp), Some(&signature), body, now), Err(Unverified::MissingHeaders));
    }
}
