//! RFC 3339 in a few nanoseconds; every other form by `intake`.

/// Times of one input, read one after the other. Neighbours mostly share their minute.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// The first sixteen bytes of the last time, `2026-11-20T10:21`, and its moment.
    minute: [u8; 16],
    base: i64,
}

impl Clock {
    /// Milliseconds since the Unix epoch; `year` is for forms without one.
    #[inline]
    pub fn parse(&mut self, value: &[u8], year: Option<i32>) -> Option<i64> {
        match self.rfc3339(value) {
            Some(time) => Some(time),
            None => slow(value, year),
        }
    }

    /// `2026-11-20T10:21:07.123Z` and its kin in UTC.
    #[inline]
    fn rfc3339(&mut self, value: &[u8]) -> Option<i64> {
        let (minute, rest) = value.split_first_chunk::<16>()?;
        let [b':', tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = rest else { return None };
        let rest = rest.strip_suffix(b"Z").or_else(|| rest.strip_suffix(b"+00:00"))?;
        let millis = match rest {
            [] => 0,
            [b'.', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', more @ ..]
                if more.iter().all(u8::is_ascii_digit) =>
            {
                i64::from(a - b'0') * 100 + i64::from(b - b'0') * 10 + i64::from(c - b'0')
            }
            _ => return None,
        };
        if *minute != self.minute {
            let mut whole = [0; 20];
            whole[..16].copy_from_slice(minute);
            whole[16..].copy_from_slice(b":00Z");
            self.base = slow(&whole, None)?;
            self.minute = *minute;
        }
        Some(self.base + (i64::from(tens - b'0') * 10 + i64::from(ones - b'0')) * 1000 + millis)
    }
}

#[cold]
fn slow(value: &[u8], year: Option<i32>) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let parse = |text: &str| match year {
        Some(year) => firstfault_intake::time::parse_with_year(text, year),
        None => firstfault_intake::time::parse(text),
    };
    parse(text).or_else(|| {
        // JSON numbers may have an exponent.
        let number = crate::recognise::number(value).filter(|n| (1e8..1e19).contains(n))?;
        parse(&format!("{number:.3}"))
    })
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn the_quick_way_gives_what_the_slow_one_gives() {
        let mut clock = Clock::default();
        for text in [
            "2026-11-20T10:21:07.123Z",
            "2026-11-20T10:21:59Z",
            "2026-11-20T10:22:00.5Z",
            "2026-11-20T10:21:07.123456789Z",
            "2026-11-20 10:21:07.123Z",
            "2026-11-20T12:21:07+02:00",
            "2026-11-20T10:21:07.123+00:00",
            "2026-02-30T10:21:07Z",
            "2026-11-20T10:21:60Z",
            "1763634067",
            "1763634067123",
            "1763634067.5",
            "20/Nov/2026:10:21:07 +0000",
            "x",
            "",
            "2026-11-20T10:21:07",
        ] {
            assert_eq!(clock.parse(text.as_bytes(), None), firstfault_intake::time::parse(text), "{text}");
        }
    }
}
