//! Severity words, as `intake` knows them.

use firstfault_intake::records::level as words;

/// The level that a word means where a level stands; rarer names that are plain words too do not count.
pub(super) fn of(word: &[u8]) -> Option<&'static str> {
    // longest name: `informational`
    if word.len() < 3 || word.len() > 13 || !word[0].is_ascii_alphabetic() {
        return None;
    }
    words::of_text(std::str::from_utf8(word).ok()?)
}

/// True for the levels of a failure.
pub(super) fn is_failure(level: &[u8]) -> bool {
    matches!(level, b"error" | b"fatal")
}
