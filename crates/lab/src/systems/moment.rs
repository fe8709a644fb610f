//! Moments as the products write them: RFC 9110 dates, the Common Log Format, syslog, ISO 8601.

use std::time::{SystemTime, UNIX_EPOCH};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// Milliseconds since the Unix epoch.
    pub milliseconds: i64,
}

struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
    rest: i64,
}

impl Moment {
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { milliseconds: i64::try_from(since.as_millis()).unwrap_or(i64::MAX) }
    }

    pub fn of_seconds(seconds: i64) -> Self {
        Self { milliseconds: seconds.saturating_mul(1000) }
    }

    /// Seconds since the Unix epoch.
    pub fn seconds(self) -> i64 {
        self.milliseconds.div_euclid(1000)
    }

    pub fn plus(self, seconds: i64) -> Self {
        Self { milliseconds: self.milliseconds.saturating_add(seconds.saturating_mul(1000)) }
    }

    /// The civil calendar of a day number (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    fn civil(self) -> Civil {
        let seconds = self.seconds();
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: usize::try_from(month - 1).unwrap_or_default(),
            day: of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            weekday: usize::try_from(days.rem_euclid(7)).unwrap_or_default(),
            rest: self.milliseconds.rem_euclid(1000),
        }
    }

    /// `Sat, 28 Nov 2026 03:16:30 GMT` (RFC 9110 section 5.6.7).
    pub fn http(self) -> String {
        let c = self.civil();
        let (day, month) = (DAYS[c.weekday], MONTHS[c.month]);
        format!("{day}, {:02} {month} {} {:02}:{:02}:{:02} GMT", c.day, c.year, c.hour, c.minute, c.second)
    }

    /// `28/Nov/2026:03:16:30 +0000`, the Common Log Format.
    pub fn common(self) -> String {
        let c = self.civil();
        format!("{:02}/{}/{}:{:02}:{:02}:{:02} +0000", c.day, MONTHS[c.month], c.year, c.hour, c.minute, c.second)
    }

    /// `28/Nov/2026:03:16:30.123`, as HAProxy accepts connections.
    pub fn haproxy(self) -> String {
        let common = self.common();
        format!("{}.{:03}", common.trim_end_matches(" +0000"), self.civil().rest)
    }

    /// `2026/11/28 03:16:30`, nginx's error log.
    pub fn nginx(self) -> String {
        let c = self.civil();
        format!("{}/{:02}/{:02} {:02}:{:02}:{:02}", c.year, c.month + 1, c.day, c.hour, c.minute, c.second)
    }

    /// `Sat Nov 28 03:16:30.123000 2026`, Apache's error log.
    pub fn apache(self) -> String {
        let c = self.civil();
        let (day, month) = (DAYS[c.weekday], MONTHS[c.month]);
        let time = format!("{:02}:{:02}:{:02}.{:03}000", c.hour, c.minute, c.second, c.rest);
        format!("{day} {month} {:02} {time} {}", c.day, c.year)
    }

    /// `Nov 28 03:16:30`, syslog (RFC 3164).
    pub fn syslog(self) -> String {
        let c = self.civil();
        format!("{} {:>2} {:02}:{:02}:{:02}", MONTHS[c.month], c.day, c.hour, c.minute, c.second)
    }

    /// `2026-11-28T03:16:30.123Z`.
    pub fn iso(self) -> String {
        let c = self.civil();
        let date = format!("{}-{:02}-{:02}", c.year, c.month + 1, c.day);
        format!("{date}T{:02}:{:02}:{:02}.{:03}Z", c.hour, c.minute, c.second, c.rest)
    }

    /// `2026-11-28T03:16:30Z`, as Java prints an `Instant` of whole seconds.
    pub fn instant(self) -> String {
        let iso = Self::of_seconds(self.seconds()).iso();
        iso.replace(".000Z", "Z")
    }

    /// `2026-11-28 03:16:30,123`, logs of Java programs.
    pub fn java(self) -> String {
        self.iso().replace('T', " ").replace('.', ",").trim_end_matches('Z').to_owned()
    }

    /// `11/28/2026 03:16:30`, .NET's invariant culture.
    pub fn dotnet(self) -> String {
        let c = self.civil();
        format!("{:02}/{:02}/{} {:02}:{:02}:{:02}", c.month + 1, c.day, c.year, c.hour, c.minute, c.second)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_written_as_each_product_does() {
        let moment = Moment { milliseconds: 784_111_777_042 };
        assert_eq!(moment.http(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(moment.common(), "06/Nov/1994:08:49:37 +0000");
        assert_eq!(moment.haproxy(), "06/Nov/1994:08:49:37.042");
        assert_eq!(moment.apache(), "Sun Nov 06 08:49:37.042000 1994");
        assert_eq!(moment.syslog(), "Nov  6 08:49:37");
        assert_eq!(moment.iso(), "1994-11-06T08:49:37.042Z");
        assert_eq!(moment.instant(), "1994-11-06T08:49:37Z");
        assert_eq!(moment.java(), "1994-11-06 08:49:37,042");
        assert_eq!(moment.dotnet(), "11/06/1994 08:49:37");
        assert_eq!(Moment::of_seconds(951_782_400).nginx(), "2000/02/29 00:00:00");
    }
}
