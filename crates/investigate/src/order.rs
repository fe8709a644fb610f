//! In which order experiments are tried.

/// In which order experiments are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What is expected to tell most per second, anew after each; ends when nothing would tell more.
    #[default]
    Chosen,
    /// Down the list of [`crate::experiments::ALL`], whatever the call looks like: a checklist.
    Fixed,
    /// The same list, shuffled by a seed.
    Random(u64),
}

/// Shuffles by a seed (Fisher and Yates, with the generator of Steele, Lea and Flood, "SplitMix64"): the same seed gives the
/// same order everywhere.
pub(crate) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for end in (1..items.len()).rev() {
        let at = usize::try_from(next() % (end as u64 + 1)).unwrap_or(0);
        items.swap(end, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_order_and_loses_nothing() {
        let mut one: Vec<u8> = (0..20).collect();
        let mut two = one.clone();
        shuffle(&mut one, 7);
        shuffle(&mut two, 7);
        assert_eq!(one, two);
        shuffle(&mut two, 8);
        assert_ne!(one, two);
        two.sort_unstable();
        assert_eq!(two, (0..20).collect::<Vec<u8>>());
    }
}
