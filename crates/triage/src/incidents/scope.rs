//! Where an incident is: the rows that have all values of one of its attribute sets.

use crate::parallel::each;
use firstfault_calls::{Calls, Codes};

/// Attribute sets; a row is inside when one of them fits. None: everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Dimension and code of each attribute, by set.
    pub sets: Vec<Vec<(usize, u32)>>,
}

impl Scope {
    /// Whether a row is inside.
    #[must_use]
    pub fn holds(&self, calls: &Calls, row: usize) -> bool {
        let fits = |set: &Vec<(usize, u32)>| set.iter().all(|(d, code)| calls.dimensions[*d].codes.get(row) == *code);
        self.sets.is_empty() || self.sets.iter().any(fits)
    }

    /// By row, whether it is inside.
    #[must_use]
    pub fn rows(&self, calls: &Calls, threads: usize) -> Vec<bool> {
        each(calls.rows, threads, |range, inside: &mut [bool]| {
            inside.fill(self.sets.is_empty());
            for set in &self.sets {
                let mut fits = vec![true; range.len()];
                for (dimension, code) in set {
                    match &calls.dimensions[*dimension].codes {
                        Codes::One(codes) => keep(&mut fits, &codes[range.clone()], *code),
                        Codes::Two(codes) => keep(&mut fits, &codes[range.clone()], *code),
                        Codes::Four(codes) => keep(&mut fits, &codes[range.clone()], *code),
                    }
                }
                inside.iter_mut().zip(fits).for_each(|(inside, fits)| *inside |= fits);
            }
        })
    }

    /// In words: `tenant acme, route /v1/orders`; empty for everywhere.
    #[must_use]
    pub fn words(&self, calls: &Calls) -> String {
        let word = |(dimension, code): &(usize, u32)| {
            let dimension = &calls.dimensions[*dimension];
            format!("{} {}", dimension.name, dimension.values.get(*code as usize).map_or("", String::as_str))
        };
        self.sets.first().map_or_else(String::new, |set| set.iter().map(word).collect::<Vec<_>>().join(", "))
    }
}

fn keep<T: Copy + Into<u32>>(fits: &mut [bool], codes: &[T], wanted: u32) {
    fits.iter_mut().zip(codes).for_each(|(fits, code)| *fits &= (*code).into() == wanted);
}
