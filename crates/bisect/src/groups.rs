//! Which parts to leave out next: group testing with chances, as a machine without any waiting.
//!
//! At first every part is unknown. The next set to leave out is the likeliest-needless parts, so many that the chance
//! that none of them is needed is about one half: then either answer tells most. Where such a set turns out to hold
//! something needed, it is halved in the same way until the part is found; the rest of it is unknown again
//! (generalised binary splitting: Hwang 1972; Sobel and Groll's nested procedures). Every part that ends as needed was
//! left out alone from what was there at that moment.

/// A part with the chance that it is needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Atom {
    pub id: usize,
    pub p: f64,
}

/// What is known of the parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    /// Likeliest needless first.
    unknown: Vec<Atom>,
    /// At least one of these is needed.
    suspects: Vec<Atom>,
    /// The chance of success that a set should have; `0.5` when either answer costs the same.
    target: f64,
    /// The first set is all parts below this chance.
    jump: Option<f64>,
}

impl Groups {
    /// Nothing is known yet.
    pub(crate) fn new(atoms: impl IntoIterator<Item = Atom>, target: f64, jump: Option<f64>) -> Self {
        let mut groups = Self { target, jump, ..Self::default() };
        groups.add(atoms);
        groups
    }

    /// Further parts.
    pub(crate) fn add(&mut self, atoms: impl IntoIterator<Item = Atom>) {
        self.unknown.extend(atoms);
        // Stable: parts of equal chance stay beside their siblings.
        self.unknown.sort_by(|a, b| a.p.total_cmp(&b.p));
    }

    /// Sets what either answer costs anew.
    pub(crate) fn aim(&mut self, target: f64) {
        self.target = target;
    }

    /// What to leave out next; `None` when all is known.
    pub(crate) fn next(&mut self) -> Option<Vec<usize>> {
        if let Some(bound) = self.jump.take() {
            let count = self.unknown.iter().take_while(|atom| atom.p < bound).count();
            if count > 0 {
                return Some(ids(&self.unknown[..count]));
            }
        }
        if self.suspects.is_empty() {
            let mut clean = 1.0;
            let mut best = (f64::MAX, 0);
            for (count, atom) in self.unknown.iter().enumerate() {
                clean *= 1.0 - atom.p;
                best = nearer(best, clean, self.target, count + 1);
            }
            return (best.1 > 0).then(|| ids(&self.unknown[..best.1]));
        }
        // The chance that a beginning of the suspects is clean, where all of them together are not.
        let all: f64 = self.suspects.iter().map(|atom| 1.0 - atom.p).product();
        let mut clean = 1.0;
        let mut best = (f64::MAX, 1);
        for (count, atom) in self.suspects.iter().enumerate().take(self.suspects.len().saturating_sub(1)) {
            clean *= 1.0 - atom.p;
            let rest = if clean > 0.0 { all / clean } else { 1.0 };
            let chance = clean * (1.0 - rest) / (1.0 - all).max(1e-9);
            best = nearer(best, chance, self.target, count + 1);
        }
        Some(ids(&self.suspects[..best.1]))
    }

    /// The set was left out and the failure is the same: none of it is needed.
    pub(crate) fn needless(&mut self, set: &[usize]) {
        self.unknown.retain(|atom| !set.contains(&atom.id));
        self.suspects.retain(|atom| !set.contains(&atom.id));
    }

    /// The set was left out and the failure is not the same. The part that is needed, where the set is one.
    pub(crate) fn needs(&mut self, set: &[usize]) -> Option<usize> {
        let (suspects, mut rest): (Vec<Atom>, Vec<Atom>) =
            std::mem::take(&mut self.suspects).into_iter().partition(|atom| set.contains(&atom.id));
        let (further, unknown): (Vec<Atom>, Vec<Atom>) =
            std::mem::take(&mut self.unknown).into_iter().partition(|atom| set.contains(&atom.id));
        self.unknown = unknown;
        self.suspects = suspects;
        self.suspects.extend(further);
        self.add(rest.drain(..));
        if let [one] = self.suspects[..] {
            self.suspects.clear();
            return Some(one.id);
        }
        None
    }
}

fn nearer(best: (f64, usize), chance: f64, target: f64, count: usize) -> (f64, usize) {
    let far = (chance - target).abs();
    if far < best.0 - 1e-12 { (far, count) } else { best }
}

fn ids(atoms: &[Atom]) -> Vec<usize> {
    atoms.iter().map(|atom| atom.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many questions until all is known, for parts of which some are needed.
    fn questions(needed: &[usize], atoms: Vec<Atom>) -> usize {
        let mut groups = Groups::new(atoms.clone(), 0.5, None);
        let mut found = Vec::new();
        let mut count = 0;
        while let Some(set) = groups.next() {
            assert!(!set.is_empty());
            count += 1;
            assert!(count < 10 * atoms.len() + 10, "does not end");
            if set.iter().any(|id| needed.contains(id)) {
                found.extend(groups.needs(&set));
            } else {
                groups.needless(&set);
            }
        }
        found.sort_unstable();
        assert_eq!(found, needed);
        count
    }

    #[test]
    fn it_finds_what_is_needed_and_nothing_else() {
        for n in [1usize, 2, 3, 10, 33] {
            let atoms = || (0..n).map(|id| Atom { id, p: 2.0_f64.min(n as f64 / 4.0) / n as f64 }).collect::<Vec<_>>();
            questions(&[], atoms());
            for a in 0..n {
                questions(&[a], atoms());
                for b in a + 1..n {
                    questions(&[a, b], atoms());
                }
            }
            questions(&(0..n).collect::<Vec<_>>(), atoms());
        }
    }

    #[test]
    fn one_of_many_takes_little_more_than_a_binary_search() {
        let atoms = || (0..1024).map(|id| Atom { id, p: 1.0 / 1024.0 }).collect::<Vec<_>>();
        let most = (0..1024).step_by(41).map(|needed| questions(&[needed], atoms())).max();
        assert!(most <= Some(22), "{most:?}");
    }
}
