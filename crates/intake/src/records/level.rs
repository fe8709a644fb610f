//! The names that logging libraries give to the severity of a record.
//!
//! Six words are kept; this file refuses to know where in a record the level stands.

/// Our six words, mildest first.
pub(crate) const WORDS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "fatal"];

/// Names in lower case, and which of [`WORDS`] they mean. Sources: syslog (RFC 5424 section 6.2.1),
/// log4j, `java.util.logging`, Python, Ruby, Monolog, .NET, Serilog, zap, zerolog, Google Cloud.
const NAMES: &[(&str, usize)] = &[
    ("trace", 0),
    ("finest", 0),
    ("finer", 0),
    ("verbose", 0),
    ("vrb", 0),
    ("trc", 0),
    ("trce", 0),
    ("silly", 0),
    ("all", 0),
    ("debug", 1),
    ("dbg", 1),
    ("debu", 1),
    ("fine", 1),
    ("dbug", 1),
    ("config", 1),
    ("info", 2),
    ("information", 2),
    ("informational", 2),
    ("inf", 2),
    ("notice", 2),
    ("default", 2),
    ("http", 2),
    ("log", 2),
    ("warn", 3),
    ("warning", 3),
    ("wrn", 3),
    ("warni", 3),
    ("error", 4),
    ("err", 4),
    ("severe", 4),
    ("erro", 4),
    ("eror", 4),
    ("fail", 4),
    ("fatal", 5),
    ("ftl", 5),
    ("critical", 5),
    ("crit", 5),
    ("crt", 5),
    ("alert", 5),
    ("emerg", 5),
    ("emergency", 5),
    ("panic", 5),
    ("dpanic", 5),
    ("pnc", 5),
    ("fata", 5),
];

/// The level that a word of a log means: `WARNING`, `wrn`, `Information`, `SEVERE`.
#[must_use]
pub fn of(word: &str) -> Option<&'static str> {
    // Longest name: `informational`.
    if word.len() < 3 || word.len() > 13 {
        return None;
    }
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| WORDS[*level])
}

/// As [`of`], for a word in a line of text, where the rarer names are more likely plain words.
#[must_use]
pub fn of_text(word: &str) -> Option<&'static str> {
    const AMBIGUOUS: [&str; 8] = ["all", "config", "default", "http", "log", "fail", "fine", "silly"];
    of(word).filter(|_| !AMBIGUOUS.iter().any(|name| name.eq_ignore_ascii_case(word)))
}

/// The level of a single letter, as glog, logcat, Ruby and Rust's console writers use.
#[must_use]
pub fn of_letter(letter: u8) -> Option<&'static str> {
    let level = match letter {
        b'V' | b'T' => 0,
        b'D' => 1,
        b'I' | b'N' => 2,
        b'W' => 3,
        b'E' => 4,
        b'F' | b'C' => 5,
        _ => return None,
    };
    Some(WORDS[level])
}

/// The level of a number: pino and bunyan count 10 to 60, OpenTelemetry 1 to 24 (`otel`), Python 10
/// to 50, Graylog and syslog 0 (emergency) to 7 (debug).
#[must_use]
pub fn of_number(number: u32, otel: bool) -> Option<&'static str> {
    let level = match number {
        1..=24 if otel => (number as usize - 1) / 4,
        0..=2 => 5,
        3 => 4,
        4 => 3,
        5 | 6 => 2,
        7 => 1,
        10..=60 if number.is_multiple_of(10) => number as usize / 10 - 1,
        // Google Cloud's LogSeverity counts by hundreds.
        100 => 1,
        200 | 300 => 2,
        400 => 3,
        500 => 4,
        600..=800 => 5,
        _ => return None,
    };
    Some(WORDS[level])
}
