//! What happens at another time.

use super::{Came, Experiment, Trial, usual};
use crate::Base;
use std::time::Duration;

/// The same request again, several times.
pub(super) const REPEAT: Experiment =
    Experiment { run: "repeat", trials: repeat, until_works: false, read: read_repeat };

/// The same request when the limit says that it may come again.
pub(super) const AFTER_THE_WINDOW: Experiment =
    Experiment { run: "after-the-window", trials: after, until_works: false, read: usual };

/// How often it is repeated: five calls in all tell one in two from always in 97 of 100 cases.
const REPEATS: usize = 4;
/// The longest wait that is worth it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

fn repeat(base: &Base) -> Vec<Trial> {
    if base.status() == Some(429) {
        return Vec::new();
    }
    vec![Trial::new("the same again", base.target.clone(), ""); REPEATS]
}

/// `always`, `sometimes`, or `no-more` when every repeat works.
fn read_repeat(base: &Base, came: &[Came]) -> Vec<String> {
    let failed = came.iter().filter(|c| !c.works()).count();
    let same = came.iter().filter(|c| c.same(base)).count();
    let word = match failed {
        0 => "no-more",
        _ if failed == came.len() && same == came.len() => "always",
        _ if failed == came.len() => "always-otherwise",
        _ => "sometimes",
    };
    vec![word.to_owned()]
}

fn after(base: &Base) -> Vec<Trial> {
    let wait = base
        .response()
        .and_then(|response| response.headers.first("retry-after"))
        .and_then(|value| value.trim().parse::<u64>().ok())
        .map(Duration::from_secs);
    let Some(wait) = wait.filter(|wait| *wait <= LONGEST_WAIT) else { return Vec::new() };
    // The guard of whoever sends waits; here it is only known that it will.
    vec![Trial::new(format!("the same after {} s", wait.as_secs()), base.target.clone(), "")]
}
