//! Names that a missing name may have been meant to be. Each is only told when it resolves, and few are asked for.

use super::query::{Outcome, exists};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;

/// How many further names are looked up, the parent domain among them.
const LOOK_UPS: usize = 5;
/// First labels that many APIs have.
const FIRST_LABELS: [&str; 2] = ["api", "www"];

/// What was found near a missing name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Near {
    /// Names that resolve, the likeliest first.
    pub(super) names: Vec<String>,
    /// The parent domain, and whether it exists (`None`: no answer).
    pub(super) parent: Option<(String, Option<bool>)>,
}

/// Asks `server` for the names near `host`, at once.
pub(super) async fn look(server: SocketAddr, host: &str, limit: Duration) -> Near {
    let parent = parent_of(host).map(str::to_owned);
    let mut names: Vec<String> = parent.iter().cloned().collect();
    names.extend(candidates(host));
    names.truncate(LOOK_UPS);
    let mut tasks = JoinSet::new();
    for (place, name) in names.iter().cloned().enumerate() {
        tasks.spawn(async move { (place, exists(server, &name, limit).await) });
    }
    let mut outcomes = vec![Outcome::Timeout; names.len()];
    while let Some(ended) = tasks.join_next().await {
        if let Ok((place, outcome)) = ended
            && let Some(slot) = outcomes.get_mut(place)
        {
            *slot = outcome;
        }
    }
    let mut near = Near::default();
    for (name, outcome) in names.into_iter().zip(outcomes) {
        if parent.as_ref() == Some(&name) {
            let there = match outcome {
                Outcome::Found | Outcome::NoAddress => Some(true),
                Outcome::NotFound => Some(false),
                _ => None,
            };
            // A parent is a name that could have been meant where only `api.` or `www.` stood before it.
            let label = host.split('.').next().unwrap_or_default();
            if outcome == Outcome::Found && FIRST_LABELS.contains(&label) {
                near.names.push(name.clone());
            }
            near.parent = Some((name, there));
        } else if outcome == Outcome::Found {
            near.names.push(name);
        }
    }
    near
}

/// The domain above, unless that is a top level.
fn parent_of(host: &str) -> Option<&str> {
    let (_, parent) = host.split_once('.')?;
    parent.contains('.').then_some(parent)
}

/// Names that differ by one slip, the likeliest first: a doubled letter, a missing label, two letters in each other's place.
fn candidates(host: &str) -> Vec<String> {
    let mut names = Vec::new();
    let labels: Vec<&str> = host.split('.').collect();
    let with = |at: usize, label: String| {
        let mut labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        if let Some(slot) = labels.get_mut(at) {
            *slot = label;
        }
        labels.join(".")
    };
    // The last label is left alone: a wrong top level has too many neighbours that belong to others.
    let inner = labels.len().saturating_sub(1);
    for (at, label) in labels.iter().enumerate().take(inner) {
        names.extend(without_doubles(label).map(|label| with(at, label)));
    }
    if let [_, _] = labels.as_slice() {
        names.extend(FIRST_LABELS.iter().map(|label| format!("{label}.{host}")));
    }
    // The owner's own label first: it is the longest one, and the one typed most rarely.
    for at in (0..inner).rev() {
        if let Some(label) = labels.get(at) {
            names.extend(swaps(label).into_iter().map(|label| with(at, label)));
        }
    }
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if name != host && !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

/// The label without one of its doubled letters, once for each.
fn without_doubles(label: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = label.chars().collect();
    let doubled: Vec<usize> =
        letters.windows(2).enumerate().filter(|(_, pair)| pair.first() == pair.last()).map(|(at, _)| at).collect();
    doubled
        .into_iter()
        .map(move |gone| letters.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, letter)| *letter).collect())
}

/// The label with two neighbours swapped. Typing swaps a vowel and a consonant most visibly, and inside a word.
fn swaps(label: &str) -> Vec<String> {
    let vowel = |letter: &char| "aeiouy".contains(*letter);
    let letters: Vec<char> = label.chars().collect();
    let mut swapped = Vec::new();
    for at in 1..letters.len().saturating_sub(1) {
        let (Some(a), Some(b)) = (letters.get(at), letters.get(at + 1)) else { continue };
        if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && vowel(a) != vowel(b) {
            let mut letters = letters.clone();
            letters.swap(at, at + 1);
            swapped.push(letters.into_iter().collect());
        }
    }
    swapped
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_named_in_order() {
        assert_eq!(candidates("exammple.com").first().map(String::as_str), Some("example.com"));
        assert_eq!(candidates("example.com").get(..2).unwrap(), ["api.example.com", "www.example.com"]);
        assert!(candidates("api.exmaple.com").iter().take(4).any(|name| name == "api.example.com"));
        assert_eq!(parent_of("api.example.com"), Some("example.com"));
        assert_eq!((parent_of("example.com"), parent_of("host")), (None, None));
        assert!(candidates("").is_empty() && candidates("x").is_empty());
    }
}
