//! How long it took until the incident was seen and understood: as told, or how long this program would have needed.

use firstfault_model::incident::{Clock, Incident, Series};
use firstfault_model::said;

/// Evidence that makes it sure: a thousand to one, in nats. By Wald's sequential test (1945), the sum of the log-likelihood
/// ratios that passes it is wrong less than once in a thousand times.
const SURE: f64 = 6.907_755;

/// What people know of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// When somebody or something noticed, in milliseconds since the Unix epoch.
    pub detected: Option<i64>,
    /// When it was clear what it is.
    pub clear: Option<i64>,
}

/// The times from the onset, and where they are from.
#[must_use]
pub fn clock(incident: &Incident, told: Told) -> Clock {
    let seconds = |at: i64| seconds(at.saturating_sub(incident.onset).max(0));
    let clear = told.clear.map(seconds);
    if let Some(at) = told.detected {
        let clear = clear.map_or(String::new(), |_| ", and clear as told".to_owned());
        let how = format!("detected at {} UTC, as told{clear}", said::date(at));
        return Clock { to_detect: Some(seconds(at)), to_clear: told.clear.map(seconds), how };
    }
    match sure(&incident.series, incident.onset) {
        Some(at) => Clock {
            to_detect: Some(seconds(at)),
            to_clear: clear,
            how: "nobody told when it was noticed: after this time the failures were a thousand times likelier as an \
                  incident than as chance"
                .to_owned(),
        },
        None => Clock {
            to_detect: None,
            to_clear: clear,
            how: "nobody told when it was noticed, and the failures over time do not say when it could have been"
                .to_owned(),
        },
    }
}

/// The end of the step in which the failures since the onset were no chance any more.
#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn sure(series: &Series, onset: i64) -> Option<i64> {
    if series.step <= 0 {
        return None;
    }
    let begins = |at: usize| i64::try_from(at).ok()?.checked_mul(series.step)?.checked_add(series.start);
    let first =
        (0..series.points.len()).find(|at| begins(*at).is_some_and(|b| b.saturating_add(series.step) > onset))?;
    let (before, after) = series.points.split_at(first);
    let rate = |points: &[firstfault_model::incident::Point]| {
        let (calls, failed) = points.iter().fold((0, 0), |sum, p| (sum.0 + p.calls, sum.1 + p.failed));
        // Half a failure more, so that a quiet time before is no certainty of none.
        (failed as f64 + 0.5) / (calls as f64 + 1.0)
    };
    let (usual, now) = (rate(before), rate(after));
    if now <= usual {
        return None;
    }
    let mut sum = 0.0_f64;
    for (at, point) in after.iter().enumerate() {
        let (calls, failed) = (point.calls as f64, point.failed as f64);
        sum = (sum + failed * (now / usual).ln() - calls * (now - usual)).max(0.0);
        if sum >= SURE {
            return begins(first + at + 1);
        }
    }
    None
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds of a log fit")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::incident::Point;

    fn incident(failing: u64) -> Incident {
        let points =
            (0..60).map(|at| Point { calls: 100, failed: if at < 30 { 1 } else { failing }, ..Point::default() });
        Incident {
            onset: 30 * 10_000,
            series: Series { start: 0, step: 10_000, points: points.collect() },
            ..Incident::default()
        }
    }

    #[test]
    fn loud_failures_are_sure_sooner_than_quiet_ones() {
        let of = |failing| clock(&incident(failing), Told::default()).to_detect;
        assert_eq!(of(60), Some(10.0), "one step is enough");
        assert!(of(4) > Some(10.0) && of(4).is_some(), "{:?}", of(4));
        assert_eq!(of(1), None, "no more than before");
        assert_eq!(clock(&Incident::default(), Told::default()).to_detect, None);
    }

    #[test]
    fn what_was_told_counts() {
        let told = Told { detected: Some(30 * 10_000 + 95_000), clear: Some(30 * 10_000 + 180_000) };
        let clock = clock(&incident(60), told);
        assert_eq!((clock.to_detect, clock.to_clear), (Some(95.0), Some(180.0)));
        assert!(clock.how.contains("as told"));
    }
}
