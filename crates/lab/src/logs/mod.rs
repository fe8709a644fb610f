//! Logs of three systems that belong together, written with known truth: a chat platform that sends webhooks, the gateway
//! in front of a CRM, and the CRM. One [`Variant`] for each way in which a chat can end without its ticket, among chats
//! that go well; each system has its own form of log and its own clock.
//!
//! Unlike the scenarios, nothing runs here: minutes and hours of traffic are written in one go, the same ones for the
//! same seed.

mod lines;
mod story;
mod variants;

pub use variants::VARIANTS;

use firstfault_model::Layer;

/// One way in which the chain breaks.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Unique, lower case with dashes.
    pub name: &'static str,
    /// What a user would say.
    pub story: &'static str,
    /// What is really wrong.
    pub truth: Truth,
    play: fn(&mut story::Stage, &story::Chat),
}

/// What is really wrong.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    /// The first step of `knowledge/flows/chat-to-ticket.toml` that is missing or failed; `None` when nothing is.
    pub step: Option<&'static str>,
    /// What is wrong at it: `missing`, `failed`, `unheard`, `late`, `duplicate`, `skipped`.
    pub fault: &'static str,
    /// Causes that name it.
    pub causes: &'static [&'static str],
    /// Layers that name it.
    pub layers: &'static [Layer],
    /// The system whose line shows the first failure of a single request; `None` when no line shows one.
    pub system: Option<&'static str>,
}

/// How the logs are to be.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The same seed, the same bytes.
    pub seed: u64,
    /// How many chats, good and bad.
    pub chats: usize,
    /// One of so many chats is a bad one.
    pub one_in: usize,
    /// How far the clocks of chat platform, gateway and CRM are off, in milliseconds.
    pub skew: [i64; 3],
    /// When it begins, in milliseconds since the Unix epoch.
    pub from: i64,
    /// Whether the gateway writes JSON or the combined form with its own fields behind.
    pub gateway_json: bool,
}

impl Default for Setting {
    fn default() -> Self {
        // 2026-03-02T09:00:00Z
        Self { seed: 1, chats: 120, one_in: 8, skew: [0, 0, 0], from: 1_772_442_000_000, gateway_json: true }
    }
}

/// Three logs and what is true of them.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// Name and text: `chat.log`, `gateway.log`, `crm.log`.
    pub files: Vec<(&'static str, String)>,
    /// Ids of the chats that went wrong.
    pub broken: Vec<String>,
    /// For each of them the id that goes through all three logs.
    pub requests: Vec<String>,
    /// Ids of the chats that were still under way when the logs end.
    pub pending: Vec<String>,
    /// How many chats went well.
    pub healthy: usize,
}

/// The variant of a name.
#[must_use]
pub fn variant(name: &str) -> Option<&'static Variant> {
    VARIANTS.iter().find(|one| one.name == name)
}

/// Writes the logs of a variant.
#[must_use]
pub fn write(variant: &Variant, setting: &Setting) -> Logs {
    story::tell(variant, setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_writes_the_same_logs() {
        for variant in VARIANTS {
            let one = write(variant, &Setting::default());
            let two = write(variant, &Setting::default());
            assert_eq!(one.files, two.files, "{}", variant.name);
            assert!(one.files.iter().all(|(_, text)| text.lines().count() > 80), "{}", variant.name);
            let other = write(variant, &Setting { seed: 2, ..Setting::default() });
            assert_ne!(one.files, other.files, "{}", variant.name);
        }
    }

    #[test]
    fn names_are_unique_and_layers_are_said() {
        for (number, variant) in VARIANTS.iter().enumerate() {
            assert!(VARIANTS[..number].iter().all(|before| before.name != variant.name), "{}", variant.name);
            assert_eq!(variant.truth.step.is_none(), variant.truth.causes.is_empty(), "{}", variant.name);
        }
    }
}
