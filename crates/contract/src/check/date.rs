//! Dates as headers and descriptions write them → milliseconds since the Unix epoch.

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110), `1994-11-06`, `1994-11-06T08:49:37Z` (RFC 3339) or `@784111777`
/// (a structured date, RFC 9651).
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim().trim_matches('"');
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse::<i64>().ok()?.checked_mul(1000);
    }
    if let Some((_, rest)) = text.split_once(", ") {
        let mut parts = rest.split([' ', '-']);
        let day = parts.next()?.parse().ok()?;
        let month = month(parts.next()?)?;
        let year = parts.next()?.parse().ok()?;
        return at(year, month, day, clock(parts.next()?)?);
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let mut parts = date.splitn(3, '-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if time.is_empty() {
        return at(year, month, day, 0);
    }
    let (hours, zone) = time.split_at(time.find(['Z', 'z', '+', '-']).unwrap_or(time.len()));
    let ms = at(year, month, day, clock(hours)?)?;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    match zone.get(1..).filter(|z| !z.is_empty()) {
        Some(zone) => Some(ms - sign * clock(zone)? * 1000),
        None => Some(ms),
    }
}

/// Seconds of `08:49:37.5` or `02:00`.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut next = |limit: i64| -> Option<i64> {
        let part = parts.next()?.split('.').next()?;
        part.parse().ok().filter(|n| (0..=limit).contains(n))
    };
    let (hour, minute) = (next(24)?, next(59)?);
    Some(hour * 3600 + minute * 60 + next(60).unwrap_or(0))
}

fn month(name: &str) -> Option<i64> {
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_ascii_lowercase();
    names.iter().position(|n| *n == name).and_then(|i| i64::try_from(i + 1).ok())
}

/// Howard Hinnant's `days_from_civil`.
fn at(year: i64, month: i64, day: i64, seconds: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((days * 86_400 + seconds) * 1000)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_of_every_form_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "1994-11-06T10:49:37+02:00",
            "@784111777",
            "1994-11-06 08:49:37",
        ] {
            assert_eq!(parse(text), Some(784_111_777_000), "{text}");
        }
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800_000));
        for text in ["", "soon", "2024", "2024-13-01", "true", "@x", "-1-1-1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
