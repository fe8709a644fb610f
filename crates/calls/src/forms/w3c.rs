//! Logs that name their columns: IIS and everything else in the W3C extended format, CloudFront's standard log.
//!
//! `#Fields:` is learnt at the beginning and followed where it changes. A row that does not fit its columns is no row.
//! Sources: W3C "Extended Log File Format", Microsoft "W3C Logging", AWS "Standard log file fields".

use super::sink::Sink;
use super::{moment, scan};
use crate::Attribute;

/// Columns of one log.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct W3c {
    columns: Vec<(String, Column)>,
    tabs: bool,
    /// The line of names, for whoever reads a row alone.
    pub header: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Date,
    Clock,
    Status,
    SubStatus,
    /// Whole milliseconds, or seconds where it has a point.
    Taken,
    Path,
    Machine,
    Forwarded,
    Result,
    Windows,
    Is(Attribute),
    Other,
}

/// No log has more.
const COLUMNS: usize = 128;

impl W3c {
    /// From a line `#Fields: …`.
    pub fn from_fields(line: &[u8]) -> Option<Self> {
        let names = line.strip_prefix(b"#Fields:")?;
        let text = String::from_utf8_lossy(names);
        let columns: Vec<(String, Column)> =
            text.split_ascii_whitespace().take(COLUMNS).map(|name| (name.to_owned(), column(name))).collect();
        let known = |wanted: Column| columns.iter().any(|(_, column)| *column == wanted);
        let header = String::from_utf8_lossy(line).trim_end().to_owned();
        // what has no status tells of no call: firewalls, FTP, SMTP
        (known(Column::Status) && known(Column::Clock)).then_some(Self { columns, tabs: false, header })
    }

    /// As [`W3c::from_fields`], for rows of which one is given.
    pub fn with_row(mut self, row: &[u8]) -> Self {
        self.tabs = memchr::memchr(b'\t', row).is_some();
        self
    }

    /// Tells of one row.
    pub(in crate::forms) fn visit<'a>(&self, line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
        let mut values = [&b""[..]; COLUMNS];
        let mut count = 0;
        let mut rest = line;
        let mark = if self.tabs { b'\t' } else { b' ' };
        while count <= self.columns.len() && count < COLUMNS {
            match memchr::memchr(mark, rest) {
                Some(end) => {
                    values[count] = &rest[..end];
                    rest = &rest[end + 1..];
                }
                None => {
                    values[count] = rest;
                    rest = b"";
                }
            }
            count += usize::from(self.tabs || !values[count].is_empty());
            if rest.is_empty() {
                break;
            }
        }
        if count != self.columns.len() || !self.fits(&values[..count]) {
            return false;
        }
        self.tell(line, &values, sink);
        true
    }

    fn fits(&self, values: &[&[u8]]) -> bool {
        self.columns.iter().zip(values).all(|((_, column), value)| match column {
            Column::Date => scan::has_shape(value, b"dddd-dd-dd"),
            Column::Clock => scan::has_shape(value, b"dd:dd:dd"),
            Column::Status => scan::status(value).is_some() || scan::is_no_status(value),
            _ => true,
        })
    }

    fn tell<'a>(&self, line: &'a [u8], values: &[&'a [u8]; COLUMNS], sink: &mut impl Sink<'a>) {
        let value =
            |wanted: Column| self.columns.iter().position(|(_, c)| *c == wanted).map_or(&b""[..], |at| values[at]);
        let failed = scan::status(value(Column::Status)).is_none_or(|status| status >= 400);
        let (date, clock) = (value(Column::Date), value(Column::Clock));
        // date and time side by side, as nearly all write them, are one time
        let from = (date.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
        if let Some((at, _)) = line.get(from..from + 11 + clock.len()).and_then(moment::leading) {
            sink.moment("date time", at, line.get(from..from + 11 + clock.len()).unwrap_or(date));
        }
        let named_machine = !scan::is_absent(value(Column::Machine));
        for ((name, column), value) in self.columns.iter().zip(values) {
            match column {
                Column::Date | Column::Clock => {}
                Column::Status => sink.status(name, value),
                Column::SubStatus if failed && !matches!(*value, b"0" | b"-") => {
                    sink.text(name, Attribute::Mark, value)
                }
                Column::Windows if failed && !matches!(*value, b"0" | b"-") => {
                    sink.text(name, Attribute::ErrorCode, value)
                }
                Column::SubStatus | Column::Windows => sink.other(name, value),
                Column::Taken => {
                    let scale = if value.contains(&b'.') { 1000.0 } else { 1.0 };
                    if let Some(number) = scan::number(value) {
                        sink.millis(name, Attribute::Latency, number * scale);
                    }
                }
                Column::Path => sink.text(name, Attribute::Route, scan::path(value)),
                Column::Forwarded => sink.text(name, Attribute::ClientIp, scan::without_port(scan::first_of(value))),
                Column::Result
                    if matches!(*value, b"Hit" | b"Miss" | b"RefreshHit" | b"Redirect" | b"OriginShieldHit") =>
                {
                    sink.other(name, value);
                }
                Column::Result => sink.text(name, Attribute::Mark, value),
                Column::Machine => sink.text(name, Attribute::Host, value),
                Column::Is(Attribute::Host) if named_machine => sink.other(name, value),
                Column::Is(attribute) => sink.text(name, *attribute, value),
                Column::Other => sink.other(name, value),
            }
        }
    }
}

fn column(name: &str) -> Column {
    match name.to_ascii_lowercase().as_str() {
        "date" => Column::Date,
        "time" => Column::Clock,
        "sc-status" => Column::Status,
        "sc-substatus" => Column::SubStatus,
        "sc-win32-status" => Column::Windows,
        "time-taken" => Column::Taken,
        "cs-uri-stem" | "cs-uri" => Column::Path,
        "s-computername" => Column::Machine,
        "x-forwarded-for" | "cs(x-forwarded-for)" => Column::Forwarded,
        "x-edge-detailed-result-type" => Column::Result,
        "s-sitename" => Column::Is(Attribute::Service),
        "s-ip" => Column::Is(Attribute::Host),
        "s-reason" => Column::Is(Attribute::Message),
        "cs-method" => Column::Is(Attribute::Method),
        "cs-username" => Column::Is(Attribute::User),
        "c-ip" => Column::Is(Attribute::ClientIp),
        "cs(user-agent)" => Column::Is(Attribute::ClientVersion),
        "x-edge-request-id" => Column::Is(Attribute::RequestId),
        "x-edge-location" => Column::Is(Attribute::Zone),
        _ => Column::Other,
    }
}

/// Learns the columns from the directives at the beginning.
pub(super) fn learn(sampled: &[&[u8]]) -> Option<W3c> {
    let at = sampled.iter().take(20).position(|line| line.starts_with(b"#Fields:"))?;
    let row = sampled[at..].iter().find(|line| line.first() != Some(&b'#')).copied().unwrap_or_default();
    Some(W3c::from_fields(sampled[at])?.with_row(row))
}
