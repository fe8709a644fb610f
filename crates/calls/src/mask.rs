//! What varies in a message is masked, so that messages of one kind are equal: numbers, ids, addresses, paths, quotes.

/// The masked form of a message: what varies is `<*>`.
#[must_use]
pub fn mask(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for (index, word) in message.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(if word.bytes().any(|b| b.is_ascii_digit()) { "<*>" } else { word });
    }
    out
}

/// A hash of the masked form, without making it: what shapes are told apart by, for every line.
#[must_use]
pub fn mask_hash(message: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(message);
    mask(&text)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |state, b| (state ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}
