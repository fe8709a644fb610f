//! Ids and secrets: random, in the forms in which products print them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

/// So many random bytes. Where the system has none left, the counter of the process stands in: nothing here guards anything.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        let now = super::moment::Moment::now().milliseconds.to_le_bytes();
        bytes.iter_mut().zip(now).for_each(|(byte, of_now)| *byte = of_now);
    }
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa` (RFC 9562, version 4).
pub(crate) fn uuid() -> String {
    let mut bytes = random::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// 32 hexadecimal digits.
pub(crate) fn trace() -> String {
    hex(&random::<16>())
}

/// 16 hexadecimal digits.
pub(crate) fn short() -> String {
    hex(&random::<8>())
}

/// A secret of 256 bits, as URLs take it.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}
