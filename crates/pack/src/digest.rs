//! SHA-256 as hexadecimal digits, of files and of the knowledge.

use crate::documents::Edition;
use firstfault_knowledge::{Knowledge, SourceFile};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// SHA-256 of some bytes, as 64 hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Which knowledge `sources` compile to: the same texts are the same edition, whatever the files are called and in
/// whatever order they are read.
#[must_use]
pub fn edition(knowledge: &Knowledge, sources: &[SourceFile]) -> Edition {
    let mut digests: Vec<_> = sources.iter().map(|file| Sha256::digest(file.text.as_bytes())).collect();
    digests.sort_unstable();
    let mut all = Sha256::new();
    digests.iter().for_each(|digest| all.update(digest));
    Edition { packs: knowledge.packs.len(), rules: knowledge.rule_count(), sha256: hex(&all.finalize()) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_known_digest() {
        assert_eq!(super::sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
