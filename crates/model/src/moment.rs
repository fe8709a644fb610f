//! Moments as RFC 3339 writes them, in UTC.

/// `2025-05-06T09:12:44.120Z` for milliseconds since the Unix epoch; empty outside the years 1 to 9999.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    let (days, left) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // Howard Hinnant's civil_from_days: years begin in March, so that the leap day is the last of them.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return String::new();
    }
    let (hour, minute, second, fraction) = (left / 3_600_000, left / 60_000 % 60, left / 1000 % 60, left % 1000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn days_are_counted_right() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_746_522_764_120, "2025-05-06T09:12:44.120Z"),
            (4_102_444_799_000, "2099-12-31T23:59:59Z"),
            (i64::MAX, ""),
            (i64::MIN + 86_400_000 * 800_000, ""),
        ] {
            assert_eq!(rfc3339(ms), text, "{ms}");
        }
    }
}
