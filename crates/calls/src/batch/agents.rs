//! Agents as written → program with version, and program alone.

use super::dictionary::Dictionary;
use super::finish::{CLIENT, CLIENT_VERSION};
use super::{Dimension, FEWER};
use crate::recognise::client_of;

/// Agents seen so far and their two codes.
#[derive(Debug)]
pub(super) struct Agents {
    seen: Dictionary,
    codes: Vec<(u32, u32)>,
}

impl Default for Agents {
    fn default() -> Self {
        Self { seen: Dictionary::new(FEWER), codes: Vec::new() }
    }
}

impl Agents {
    /// The codes of an agent's program with its version and of the program alone. `beginning` is the agent and what follows
    /// it in memory.
    pub fn codes(&mut self, agent: &[u8], beginning: (&[u8], usize), dimensions: &mut [Dimension]) -> (u32, u32) {
        let known = self.seen.code_of_beginning(beginning.0, beginning.1) as usize;
        if let Some(found) = self.codes.get(known).filter(|found| found.0 != 0 && known > 1) {
            return *found;
        }
        let (version, program) = client_of(&String::from_utf8_lossy(agent));
        let found = (
            dimensions[CLIENT_VERSION].values.code(version.as_bytes()),
            dimensions[CLIENT].values.code(program.as_bytes()),
        );
        // Codes of values that were left out may change, and code 1 of the agents stands for many.
        if known > 1 && found.0 > 1 && found.1 > 1 {
            if self.codes.len() <= known {
                self.codes.resize(known + 1, (0, 0));
            }
            self.codes[known] = found;
        }
        found
    }
}
