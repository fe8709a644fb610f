//! How fast requests may follow each other: two at once, then evenly.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How many may go at once.
const BURST: usize = 2;
/// Requests per second of a whole process, where nothing else is said: under five in any second.
const PER_SECOND: f64 = 4.0;

/// A pace that is kept by all who hold it.
#[derive(Clone, Debug)]
pub struct Pace(Arc<Mutex<Turns>>);

#[derive(Debug)]
struct Turns {
    /// At most [`BURST`] turns lie within it.
    window: Duration,
    last: VecDeque<Instant>,
}

impl Pace {
    /// The one pace of this process.
    #[must_use]
    pub fn of_process() -> Self {
        static PACE: OnceLock<Pace> = OnceLock::new();
        PACE.get_or_init(|| Self::per_second(PER_SECOND)).clone()
    }

    /// A pace of its own: so many requests per second in the long run, and never more than two at once. What is no
    /// positive number has no bound.
    #[must_use]
    pub fn per_second(rate: f64) -> Self {
        let window = Duration::try_from_secs_f64(BURST as f64 / rate).unwrap_or_default();
        Self(Arc::new(Mutex::new(Turns { window, last: VecDeque::new() })))
    }

    /// Takes the next turn, and says how long it is away from `now`.
    #[must_use]
    pub fn take(&self, now: Instant) -> Duration {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = match turns.last.front() {
            Some(first) if turns.last.len() >= BURST => now.max(*first + turns.window),
            _ => now.max(turns.last.back().copied().unwrap_or(now)),
        };
        turns.last.push_back(earliest);
        if turns.last.len() > BURST {
            turns.last.pop_front();
        }
        earliest.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_go_at_once_and_four_in_any_second() {
        let pace = Pace::per_second(4.0);
        let now = Instant::now();
        let waits: Vec<u128> = (0..6).map(|_| pace.take(now).as_millis()).collect();
        assert_eq!(waits, [0, 0, 500, 500, 1000, 1000]);
        let later = now + Duration::from_secs(60);
        assert_eq!(
            [pace.take(later), pace.take(later)],
            [Duration::ZERO; 2],
            "idle time gives the burst back, no more"
        );
        assert_eq!(pace.take(later).as_millis(), 500);
        let unbound = Pace::per_second(f64::INFINITY);
        assert!((0..100).all(|_| unbound.take(now).is_zero()));
    }
}
