//! Dates from which something is no longer served (`x-sunset`): a date, or a time of RFC 3339.

/// A sunset, held against today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sunset {
    /// None is given.
    None,
    /// It is later than today, or today is not known.
    Ahead(String),
    /// It is today or has passed.
    Over(String),
    /// It is no date.
    Unread(String),
}

impl Sunset {
    pub fn date(&self) -> Option<&str> {
        match self {
            Self::Ahead(date) | Self::Over(date) => Some(date),
            Self::None | Self::Unread(_) => None,
        }
    }
}

/// Reads a sunset. `now` is in milliseconds since the Unix epoch.
pub(super) fn read(text: Option<&str>, now: Option<i64>) -> Sunset {
    let Some(text) = text else { return Sunset::None };
    let day = text
        .trim()
        .get(..10)
        .filter(|day| is_date(day) && matches!(text.trim().as_bytes().get(10), None | Some(b'T' | b't' | b' ')));
    let Some(day) = day else {
        return Sunset::Unread(crate::finding::quoted(text));
    };
    match now {
        Some(now) if day <= today(now).as_str() => Sunset::Over(day.to_owned()),
        _ => Sunset::Ahead(day.to_owned()),
    }
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |digits: usize, range: std::ops::RangeInclusive<u32>| {
        parts.next().filter(|p| p.len() == digits).and_then(|p| p.parse().ok()).is_some_and(|n| range.contains(&n))
    };
    next(4, 0..=9999) && next(2, 1..=12) && next(2, 1..=31)
}

/// The day of a time, in UTC (days to civil, Howard Hinnant's algorithm).
fn today(now: i64) -> String {
    let days = now.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(today(0), "1970-01-01");
        assert_eq!(today(951_782_400_000), "2000-02-29");
        assert_eq!(today(1_767_225_599_999), "2025-12-31");
    }

    #[test]
    fn a_sunset_is_over_on_its_day() {
        let noon = Some(1_767_225_599_999);
        assert_eq!(read(Some("2025-12-31"), noon), Sunset::Over("2025-12-31".to_owned()));
        assert_eq!(read(Some("2026-01-01T00:00:00Z"), noon), Sunset::Ahead("2026-01-01".to_owned()));
        assert_eq!(read(Some("soon"), noon), Sunset::Unread("soon".to_owned()));
        assert_eq!(read(None, noon), Sunset::None);
    }
}
