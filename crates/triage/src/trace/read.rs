//! What a line says of itself, by names that every system writes in its own way.

use firstfault_calls::{Attribute, Record};

/// Who wrote a line: as it says, else by the name of its input without folders and endings.
#[must_use]
pub fn service(record: &Record, input: &str) -> String {
    if let Some(said) = record.get(Attribute::Service) {
        return said.to_owned();
    }
    stem(input).to_owned()
}

/// The name of an input without folders and without what follows its first dot.
#[must_use]
pub fn stem(input: &str) -> &str {
    let base = input.rsplit(['/', '\\']).next().unwrap_or(input);
    base.split('.').find(|part| !part.is_empty()).unwrap_or(base)
}

/// The status of an attribute: the last one, where a gateway lists those of all its attempts (`502, 200`).
#[must_use]
pub fn status(record: &Record, attribute: Attribute) -> Option<u16> {
    let said = record.get(attribute)?;
    let last = said.rsplit([',', ':']).map(str::trim).find(|part| !part.is_empty() && *part != "-")?;
    let digits = last.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|status| (100..=999).contains(status))
}

/// Names of durations that applications write into their lines.
const DURATIONS: [&str; 10] = [
    "durationms",
    "duration",
    "elapsedms",
    "elapsed",
    "tookms",
    "took",
    "latencyms",
    "latency",
    "responsetime",
    "requesttime",
];

/// How long what a line tells took, in milliseconds: as a field, else as `duration_ms=12` in its text.
#[must_use]
pub fn duration(record: &Record, text: &str) -> Option<f64> {
    milliseconds(record, Attribute::Latency).or_else(|| {
        DURATIONS.iter().find_map(|name| {
            let (found, value) = pair_in_text(text, name)?;
            in_milliseconds(found, value)
        })
    })
}

/// The status that a line tells, as a field, else as `status=401` in its text.
#[must_use]
pub fn told_status(record: &Record, text: &str) -> Option<u16> {
    status(record, Attribute::Status).or_else(|| {
        ["status", "statuscode", "httpstatus", "responsecode"].iter().find_map(|name| {
            let (_, value) = pair_in_text(text, name)?;
            value.parse().ok().filter(|status| (100..=599).contains(status))
        })
    })
}

/// Words of a message without the `name=value` pairs behind them.
#[must_use]
pub fn words_of(message: &str) -> &str {
    let pair = message.split_inclusive(' ').scan(0, |at, word| {
        let from = *at;
        *at += word.len();
        Some((from, word))
    });
    let mut pairs = pair.filter(|(_, word)| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        })
    });
    match pairs.next() {
        Some((at, _)) if at > 0 => message[..at].trim_end(),
        _ => message,
    }
}

/// Durations in milliseconds: by the unit beside the number, else by the name of the field.
#[must_use]
pub fn milliseconds(record: &Record, attribute: Attribute) -> Option<f64> {
    let field =
        record.fields.iter().find(|f| f.attribute == Some(attribute) && !matches!(f.value.as_str(), "" | "-"))?;
    in_milliseconds(&field.name, &field.value)
}

fn in_milliseconds(name: &str, value: &str) -> Option<f64> {
    let value = value.rsplit(',').next()?.trim();
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let number: f64 = value[..end].parse().ok()?;
    let factor = match value[end..].trim() {
        "ms" => 1.0,
        "s" | "sec" | "seconds" => 1_000.0,
        "us" | "µs" | "μs" => 0.001,
        "ns" => 0.000_001,
        "m" | "min" => 60_000.0,
        _ => unit_of_name(name, value),
    };
    Some(number * factor).filter(|ms| ms.is_finite() && *ms >= 0.0)
}

/// The factor to milliseconds that a field's name means. nginx and its like write seconds with a fraction.
fn unit_of_name(name: &str, value: &str) -> f64 {
    let plain = plain_name(name);
    let ends = |words: &[&str]| words.iter().any(|word| plain.ends_with(word));
    if ends(&["ms", "millis", "milliseconds", "msec"]) {
        1.0
    } else if ends(&["micros", "microseconds", "us", "usec"]) {
        0.001
    } else if ends(&["nanos", "nanoseconds", "ns"]) || plain == "eventduration" {
        0.000_001
    } else if ends(&["seconds", "secs", "sec"])
        || value.contains('.')
            && ["requesttime", "responsetime", "connecttime", "headertime", "processingtime"]
                .iter()
                .any(|w| plain.ends_with(w))
    {
        1_000.0
    } else {
        1.0
    }
}

/// Whether the time of a line is that of the beginning of what it tells. A line with a duration is written when it is
/// known, at the end, unless the field's own name says that it is the start.
#[must_use]
pub fn tells_start(record: &Record) -> bool {
    let time = record.fields.iter().find(|f| f.attribute == Some(Attribute::Time));
    let name = time.map_or_else(String::new, |field| plain_name(&field.name));
    ["start", "begin", "began", "accept", "creation", "received", "requesttimestamp"]
        .iter()
        .any(|word| name.contains(word))
}

/// Begin and end of what a line tells, in milliseconds since the Unix epoch, by its own clock.
#[must_use]
pub fn interval(record: &Record, duration: Option<f64>) -> Option<(i64, i64)> {
    let time = record.time?;
    let Some(duration) = duration else { return Some((time, time)) };
    let duration = whole(duration);
    if tells_start(record) {
        Some((time, time.saturating_add(duration)))
    } else {
        Some((time.saturating_sub(duration), time))
    }
}

/// A duration in whole milliseconds.
#[must_use]
pub fn whole(duration: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float that is too large becomes the largest number")]
    let whole = duration.round() as i64;
    whole.clamp(0, 1 << 40)
}

/// Small letters and digits of a name: `chatId`, `chat_id` and `chat-id` are one.
#[must_use]
pub fn plain_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a field's name is a plain name, or ends in it after a dot: `data.chatId` is `chatid`.
#[must_use]
pub fn is_name(field: &str, plain: &str) -> bool {
    let mut from = field;
    loop {
        let letters = from.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
        if letters.eq(plain.chars()) {
            return true;
        }
        match from.split_once('.') {
            Some((_, rest)) => from = rest,
            None => return false,
        }
    }
}

/// The value of the first of some plain names that a line has: as a field, else as `name=value` or `name: value` in its
/// text.
#[must_use]
pub fn named<'a>(record: &'a Record, text: &'a str, plain: &[String]) -> Option<&'a str> {
    in_fields(record, plain).or_else(|| in_text(text, plain))
}

/// The value of the first of some plain names that is a field of the record.
#[must_use]
pub fn in_fields<'a>(record: &'a Record, plain: &[String]) -> Option<&'a str> {
    plain.iter().find_map(|name| {
        let found = record.fields.iter().find(|field| is_name(&field.name, name) && is_said(&field.value));
        found.map(|field| field.value.as_str())
    })
}

fn is_said(value: &str) -> bool {
    !matches!(value, "" | "-" | "null" | "nil" | "none" | "undefined")
}

/// The longest id that is taken out of a text.
const ID_LIMIT: usize = 200;

fn in_text<'a>(text: &'a str, plain: &[String]) -> Option<&'a str> {
    plain.iter().find_map(|name| pair_in_text(text, name)).map(|(_, value)| value)
}

/// The first pair of a plain name in a text: its name as written, and its value.
fn pair_in_text<'a>(text: &'a str, plain: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices(['=', ':']).find_map(|(at, _)| {
        let before = text[..at].trim_end_matches(['"', '\'', '\\']);
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .map_or(0, |found| found + before[found..].chars().next().map_or(1, char::len_utf8));
        if !is_name(&before[start..], plain) {
            return None;
        }
        let after = text[at + 1..].trim_start_matches([' ', '"', '\'', '\\']);
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | ')' | ']' | '}' | '&' | '\\'))
            .unwrap_or(after.len());
        Some((&before[start..], &after[..end])).filter(|(_, value)| is_said(value) && value.len() <= ID_LIMIT)
    })
}

/// The path of a line: its own, without query, scheme and host, else its route.
#[must_use]
pub fn path(record: &Record) -> Option<&str> {
    let raw = in_fields(record, &["path".to_owned(), "url".to_owned(), "uri".to_owned(), "requesturi".to_owned()]);
    raw.or_else(|| record.get(Attribute::Route)).map(path_of)
}

/// The path of a URL or request target.
#[must_use]
pub fn path_of(target: &str) -> &str {
    let target = target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    target.split(['?', '#']).next().unwrap_or(target)
}

/// A hash that is the same on every machine (FNV-1a, 64 bit, mixed at the end).
#[must_use]
pub fn hash(parts: &[&[u8]]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in *part {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        state = (state ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state ^= state >> 32;
    state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (state ^ (state >> 29)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_calls::Field;

    #[test]
    fn names_are_one_name() {
        assert!(is_name("data.chatId", "chatid"));
        assert!(is_name("chat-id", "chatid"));
        assert!(is_name("x.conversation.id", "conversationid"));
        assert!(!is_name("chat.identity", "chatid"));
    }

    #[test]
    fn ids_are_found_in_text() {
        let record = Record::default();
        let text = "webhook delivered chat_id=chat_1 body={\\\"orderId\\\":\\\"o-7\\\"} customer: 'c9'";
        for (name, expected) in
            [("chatid", Some("chat_1")), ("orderid", Some("o-7")), ("customer", Some("c9")), ("id", None)]
        {
            assert_eq!(named(&record, text, &[name.to_owned()]), expected, "{name}");
        }
    }

    #[test]
    fn durations_have_units() {
        for (name, value, expected) in [
            ("duration_ms", "12", 12.0),
            ("request_time", "0.250", 250.0),
            ("upstream_response_time", "0.1, 1.5", 1_500.0),
            ("latency", "1.5s", 1_500.0),
            ("duration", "30", 30.0),
            ("elapsed_us", "2000", 2.0),
        ] {
            let field = Field { name: name.to_owned(), attribute: Some(Attribute::Latency), value: value.to_owned() };
            let record = Record { fields: vec![field], ..Record::default() };
            assert_eq!(milliseconds(&record, Attribute::Latency), Some(expected), "{name}");
        }
    }
}
