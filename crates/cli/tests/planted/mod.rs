//! Secrets planted in evidence: what bench/canaries/kinds.toml and places.toml describe, made without Python.

pub mod benign;
pub mod make;
pub mod watch;
pub mod ways;
pub mod write;

/// A small generator, so that the same name gives the same secrets each time.
pub struct Chance(u64);

impl Chance {
    /// Seeded by a name (FNV-1a).
    pub fn new(name: &str) -> Self {
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    /// The next 64 bits (splitmix64).
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `top`.
    pub fn below(&mut self, top: usize) -> usize {
        usize::try_from(self.bits() % u64::try_from(top).unwrap()).unwrap()
    }

    /// So many of these characters.
    pub fn of(&mut self, letters: &str, count: usize) -> String {
        (0..count).map(|_| char::from(letters.as_bytes()[self.below(letters.len())])).collect()
    }

    /// One of them.
    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// A random UUID.
    pub fn uuid(&mut self) -> String {
        let hex = format!("{:016x}{:016x}", self.bits(), self.bits());
        let variant = self.pick(&["8", "9", "a", "b"]);
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}
