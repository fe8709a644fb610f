//! Dates from which something is no longer served (`x-sunset`), held against today.

use crate::check::date;
use crate::finding::quoted;
use firstfault_model::rfc3339;

/// A sunset.
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
    /// The day, as `2026-11-28`.
    pub fn day(&self) -> Option<&str> {
        match self {
            Self::Ahead(day) | Self::Over(day) => Some(day),
            Self::None | Self::Unread(_) => None,
        }
    }
}

/// Reads a sunset. `now` is in milliseconds since the Unix epoch.
pub(super) fn read(text: Option<&str>, now: Option<i64>) -> Sunset {
    let Some(text) = text else { return Sunset::None };
    let Some(end) = date::parse(text) else { return Sunset::Unread(quoted(text)) };
    let day = rfc3339(end).chars().take(10).collect();
    if now.is_some_and(|now| now >= end) { Sunset::Over(day) } else { Sunset::Ahead(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sunset_is_over_on_its_day() {
        let noon = date::parse("2025-12-31T12:00:00Z");
        assert_eq!(read(Some("2025-12-31"), noon), Sunset::Over("2025-12-31".to_owned()));
        assert_eq!(read(Some("2026-01-01T00:00:00Z"), noon), Sunset::Ahead("2026-01-01".to_owned()));
        assert_eq!(read(Some("2025-12-31"), None), Sunset::Ahead("2025-12-31".to_owned()));
        assert_eq!(read(Some("soon"), noon), Sunset::Unread("soon".to_owned()));
        assert_eq!(read(None, noon), Sunset::None);
    }
}
