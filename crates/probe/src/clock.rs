//! This machine's clock against the `Date` of an answer.

use crate::walk::{State, Step};
use firstfault_model::{Layer, Request, Response};

/// A difference below this is the network's and the second's, in seconds.
const NOTABLE: i64 = 30;

/// Adds `clock.skew` and its direction: `between` are the moments of asking and of the answer, in milliseconds since the
/// Unix epoch. A signed date in the request says more, and observe reads it.
pub(crate) fn marks(request: &Request, response: &Response, between: (i64, i64), marks: &mut Vec<(String, String)>) {
    let signed = ["x-amz-date", "x-ms-date", "x-goog-date", "date"].iter().any(|n| request.headers.field(n).is_some());
    let Some(skew) = skew(response, between).filter(|_| !signed) else { return };
    marks.push(("clock.skew".to_owned(), skew.abs().to_string()));
    if skew != 0 {
        let direction = if skew > 0 { "ahead" } else { "behind" };
        marks.push(("clock.skew.direction".to_owned(), direction.to_owned()));
    }
}

/// Seconds by which this machine's clock is ahead of the server's; 0 when the answer's moment lies within the exchange.
fn skew(response: &Response, (asked, answered): (i64, i64)) -> Option<i64> {
    // A stored answer has the date of its making.
    if response.headers.first("age").is_some_and(|age| age.trim() != "0") {
        return None;
    }
    let server = http_date(response.headers.first("date")?)?;
    let (asked, answered) = (asked.div_euclid(1000), answered.div_euclid(1000));
    Some(if server > answered + 1 {
        answered - server
    } else if server < asked - 1 {
        asked - server
    } else {
        0
    })
}

/// The step for people.
pub(crate) fn step(response: &Response, between: (i64, i64)) -> Option<Step> {
    let skew = skew(response, between)?;
    let (state, says) = match skew {
        skew if skew.abs() < NOTABLE => (State::Passed, "this machine's clock and the server's agree".to_owned()),
        skew if skew > 0 => (State::Doubtful, format!("this machine's clock is {skew} s ahead of the server's")),
        skew => (State::Doubtful, format!("this machine's clock is {} s behind the server's", -skew)),
    };
    Some(Step { layer: Layer::Client, name: "clock", state, milliseconds: None, says, details: Vec::new() })
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` → seconds since the Unix epoch (RFC 9110 section 5.6.7).
pub(crate) fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_whitespace().skip(1);
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month))?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut time = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let plausible = (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !plausible || words.next() != Some("GMT") {
        return None;
    }
    // Days of the civil calendar, years beginning in March.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_within_the_exchange_is_no_skew() {
        let at = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(at, 784_111_777);
        let mut response = Response::default();
        response.headers.push("Date", "Sun, 06 Nov 1994 08:49:37 GMT", firstfault_model::Span::default());
        let ms = |seconds: i64| seconds * 1000;
        assert_eq!(skew(&response, (ms(at) - 9_000, ms(at) + 9_000)), Some(0));
        assert_eq!(skew(&response, (ms(at) + 3_600_000, ms(at) + 3_601_000)), Some(3600));
        assert_eq!(skew(&response, (ms(at) - 601_000, ms(at) - 600_000)), Some(-600));
        response.headers.push("Age", "5", firstfault_model::Span::default());
        assert_eq!(skew(&response, (0, 0)), None, "a stored answer tells no time");
        assert_eq!(http_date("now"), None);
    }
}
