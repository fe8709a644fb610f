//! Times and durations in words, and what the clocks of all cases say together.

use firstfault_model::CaseClock;

/// `2026-05-06T09:12:44Z`, of milliseconds since the Unix epoch (RFC 3339; parts of a second are left out).
#[must_use]
pub fn moment(milliseconds: i64) -> String {
    firstfault_model::rfc3339(milliseconds - milliseconds.rem_euclid(1000))
}

/// `45 s`, `8 min`, `2 h 5 min`, `3 d 4 h`.
#[must_use]
pub fn span(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let two = |large: i64, unit: &str, small: i64, part: &str| {
        if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {part}") }
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..600 => two(seconds / 60, "min", seconds % 60, "s"),
        600..3600 => format!("{} min", seconds / 60),
        3600..86_400 => two(seconds / 3600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3600 % 24, "h"),
    }
}

/// How long something took over several cases, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many cases show it.
    pub cases: usize,
    /// Their sum divided by their number.
    pub mean: i64,
    /// The middle one, or halfway between the two in the middle.
    pub median: i64,
}

/// What the clocks of all cases say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// How many cases there are.
    pub cases: usize,
    /// How many are open.
    pub open: usize,
    /// From the first failing call, by the evidence's clock, to its detection (MTTD).
    pub to_detect: Option<Spread>,
    /// From detection to a clear cause (MTTC).
    pub to_clear: Option<Spread>,
    /// From detection to resolution (MTTR).
    pub to_resolve: Option<Spread>,
}

/// The parts of a clock in milliseconds: to detect, to clear, to resolve. What the clock does not show is no zero: a
/// failure that was captured again after it was noticed does not tell when it began.
#[must_use]
pub fn parts(clock: &CaseClock) -> [Option<i64>; 3] {
    let since = |from: Option<i64>, to: Option<i64>| Some(to? - from?).filter(|part| *part >= 0);
    [
        since(clock.started, Some(clock.detected)),
        since(Some(clock.detected), clock.clear),
        since(Some(clock.detected), clock.resolved),
    ]
}

/// The clocks of all cases.
#[must_use]
pub fn stats(clocks: &[CaseClock]) -> Stats {
    let part = |which: usize| spread(clocks.iter().filter_map(|clock| parts(clock)[which]).collect());
    Stats {
        cases: clocks.len(),
        open: clocks.iter().filter(|clock| clock.resolved.is_none()).count(),
        to_detect: part(0),
        to_clear: part(1),
        to_resolve: part(2),
    }
}

fn spread(mut values: Vec<i64>) -> Option<Spread> {
    values.sort_unstable();
    let count = i64::try_from(values.len()).ok().filter(|count| *count > 0)?;
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    Some(Spread { cases: values.len(), mean: values.iter().sum::<i64>() / count, median: i64::midpoint(low, high) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(1_582_979_696_789), "2020-02-29T12:34:56Z");
        assert_eq!(moment(-1000), "1969-12-31T23:59:59Z");
        for (milliseconds, words) in [
            (45_000, "45 s"),
            (240_000, "4 min"),
            (250_000, "4 min 10 s"),
            (7_500_000, "2 h 5 min"),
            (273_600_000, "3 d 4 h"),
        ] {
            assert_eq!(span(milliseconds), words);
        }
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        let clock = |started, clear, resolved| CaseClock { started, opened: 100, detected: 100, clear, resolved };
        let all = stats(&[
            clock(Some(40), Some(110), Some(200)),
            clock(Some(500), Some(140), None),
            clock(None, None, Some(400)),
        ]);
        assert_eq!((all.cases, all.open), (3, 1));
        assert_eq!(all.to_detect, Some(Spread { cases: 1, mean: 60, median: 60 }));
        assert_eq!(all.to_clear, Some(Spread { cases: 2, mean: 25, median: 25 }));
        assert_eq!(all.to_resolve, Some(Spread { cases: 2, mean: 200, median: 200 }));
        assert_eq!(stats(&[]).to_resolve, None);
    }
}
