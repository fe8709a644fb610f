//! Logs in columns that a `#Fields:` line names: IIS and HTTP.sys (W3C extended), CloudFront
//! standard and real-time, and any other program that writes such a header.
//!
//! Sources: W3C "Extended Log File Format", IIS "W3C logging" (default columns), CloudFront "Standard
//! log file fields" and "Real-time access logs". It refuses to guess columns where neither a header
//! nor a documented default order fits.

use super::entry::Entry;
use super::scan;
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Problem, Vantage};

/// How far back a header is looked for when a block was interrupted.
const LOOK_BACK: usize = 64;
/// Beyond this many calls of one block, rows that did not fail are read but not kept.
const CALLS_IN_BLOCK: usize = 4096;

/// The most columns that are read.
const COLUMNS: usize = 72;

/// IIS's default selection since 7.0, and the same without the referer as 10 and Azure write it.
const IIS: &str = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";
const IIS_SHORT: &str = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken";
/// CloudFront's standard log, 33 fields.
const CLOUDFRONT: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end";
/// CloudFront's real-time log with every field, in the order that the documentation gives.
const CLOUDFRONT_REAL_TIME: &str = "timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent cs-referer cs-cookie cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept cache-behavior-path-pattern cs-headers cs-header-names cs-headers-count";

/// A header with the rows that follow it, or a row whose header stands a few lines before it.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at).trim();
    if text.starts_with('#') {
        return block(lines, at);
    }
    if !is_row(text) {
        return None;
    }
    // application logs begin with a time too; a level behind it says so
    if split(text).nth(2).is_none_or(|word| scan::level(word.trim_matches(|c| matches!(c, '[' | ']'))).is_some()) {
        return None;
    }
    let header = (at.saturating_sub(LOOK_BACK)..at).rev().find_map(|line| fields(lines.text(line)));
    let entry = match header {
        Some(header) => row(text, header, &mut None)?,
        None => row_by_default(text)?,
    };
    let line = lines.0.get(at)?;
    Some(Taken { lines: 1, calls: vec![entry.into_call(line)], problems: Vec::new() })
}

/// The directives (`#Software: …`, `#Version: …`, `#Date: …`, `#Fields: …`) and rows from `at` on.
fn block(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    if !is_directive(lines.text(at)) {
        return None;
    }
    let mut taken = Taken::default();
    let mut header: Option<&str> = None;
    for line in lines.0.iter().skip(at) {
        let text = line.text.trim();
        if is_directive(text) {
            header = fields(text).or(header);
        } else if let Some(header) = header
            && is_row(text)
        {
            let mut missing = None;
            let Some(entry) = row(text, header, &mut missing) else { break };
            if let Some((wanted, found)) = missing {
                let message = format!("expected {wanted} columns as #Fields names, found {found}");
                taken.problems.push(Problem::new(line.span, message));
            }
            let failed = entry.status.is_none_or(|status| status >= 400);
            if failed || taken.calls.len() < CALLS_IN_BLOCK {
                taken.calls.push(entry.into_call(line));
            }
        } else {
            break;
        }
        taken.lines += 1;
    }
    (taken.lines > 0).then_some(taken)
}

fn is_directive(text: &str) -> bool {
    ["#Software:", "#Version:", "#Date:", "#Fields:", "#Start-Date:", "#End-Date:", "#Remark:"]
        .iter()
        .any(|name| text.starts_with(name))
}

fn fields(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix("#Fields:").map(str::trim)
}

/// `2021-03-18 09:04:11 …` or `1699999999.123 …`; only the first bytes are looked at.
fn is_row(text: &str) -> bool {
    let bytes = text.as_bytes();
    scan::starts_with_shape(bytes, b"dddd-dd-dd")
        && bytes.get(10).is_some_and(|b| matches!(b, b' ' | b'\t'))
        && scan::starts_with_shape(&bytes[11..], b"dd:dd:dd")
        && bytes.get(19).is_some_and(|b| matches!(b, b' ' | b'\t'))
        || is_real_time(bytes)
}

fn is_real_time(bytes: &[u8]) -> bool {
    scan::starts_with_shape(bytes, b"dddddddddd")
        && bytes.iter().skip(10).take(5).any(|b| *b == b'\t')
        && bytes.get(10).is_some_and(|b| matches!(b, b'.' | b'\t'))
}

/// A row without a header: the default orders, proven by the shapes of the values.
fn row_by_default(text: &str) -> Option<Entry<'_>> {
    let count = split(text).count();
    if is_real_time(text.as_bytes()) {
        return (count >= 20).then(|| row(text, CLOUDFRONT_REAL_TIME, &mut None)).flatten();
    }
    let mut third = split(text).skip(2);
    let place = third.next()?;
    if (25..=40).contains(&count) && place.len() > 4 && place.as_bytes()[..3].iter().all(u8::is_ascii_uppercase) {
        return row(text, CLOUDFRONT, &mut None);
    }
    let header = match count {
        15 => IIS,
        14 => IIS_SHORT,
        _ => return row_by_shape(text),
    };
    if scan::is_address(place) && third.next().is_some_and(scan::is_method) {
        return row(text, header, &mut None).or_else(|| row_by_shape(text));
    }
    row_by_shape(text)
}

/// A row of IIS with columns of the site's own choice: method, path and query stand side by side, and
/// the row ends with status, sub-status, Windows status, (sent, received,) and the time taken.
fn row_by_shape(text: &str) -> Option<Entry<'_>> {
    let mut words = [""; COLUMNS];
    let mut count = 0;
    for word in split(text) {
        words[count] = word;
        count += 1;
    }
    let words = &words[..count];
    let method = words.iter().take(8).position(|word| scan::is_known_method(word))?;
    let path = words.get(method + 1).filter(|path| path.starts_with('/'))?;
    let run = words.iter().rev().take_while(|word| scan::is_digits(word)).count();
    if run != 4 && run != 6 {
        return None;
    }
    let end = &words[count - run..];
    scan::status(end[0])?;
    let mut entry = Entry::new(Vantage::Server);
    entry.mark("time", scan::clip(text, 19));
    entry.method = Some(words[method]);
    entry.target = Some(path);
    let query = words.get(method + 2).copied().filter(|query| !scan::is_digits(query)).unwrap_or_default();
    entry.query = Some(query).filter(|query| !matches!(*query, "" | "-"));
    // the server's own address may stand before the method, the client's stands after the path
    if let Some(client) = words[method + 2..].iter().rev().find(|word| scan::is_address(word)) {
        entry.mark("client.address", client);
    }
    entry.answer(end[0]);
    if end[2] != "0" {
        entry.mark("iis.win32", end[2]);
    }
    entry.total = scan::number(end[run - 1]);
    iis(&mut entry, end[1], query);
    Some(entry)
}

/// Columns are separated by tabs where there are any (CloudFront), otherwise by spaces.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let tabs = text.contains('\t');
    text.split(move |c| if tabs { c == '\t' } else { c == ' ' })
        .filter(move |part| tabs || !part.is_empty())
        .take(COLUMNS)
}

/// One row by its header; a status that is no status refuses the row.
fn row<'a>(text: &'a str, header: &str, missing: &mut Option<(usize, usize)>) -> Option<Entry<'a>> {
    let mut values = split(text);
    let mut entry = Entry::new(Vantage::Server);
    let mut query = "";
    let mut path = "";
    let mut sub = "";
    let mut is_cloudfront = false;
    let mut has_status = false;
    let (mut wanted, mut found) = (0, 0);
    for name in header.split_whitespace().take(COLUMNS) {
        wanted += 1;
        let Some(value) = values.next() else { continue };
        found += 1;
        match name {
            "date" => entry.mark("time", scan::clip(text, 19)),
            "timestamp" => entry.mark("time", value),
            "cs-method" => entry.method = Some(value),
            "cs-uri-stem" | "cs-uri" => path = value,
            "cs-uri-query" => query = value,
            "cs-host" | "cs(Host)" | "x-host-header" if value != "-" => entry.host = Some(value),
            "c-ip" => entry.mark("client.address", value),
            "cs-username" => entry.mark("user", value),
            "cs(User-Agent)" | "cs-user-agent" => entry.header("User-Agent", value),
            "cs(Referer)" | "cs-referer" => entry.header("Referer", value),
            "x-forwarded-for" | "X-Forwarded-For" => entry.header("X-Forwarded-For", value),
            "cs-protocol" if matches!(value, "http" | "https" | "ws" | "wss") => entry.scheme = Some(value),
            "cs-version" | "cs-protocol-version" if value.starts_with("HTTP/") => entry.version = Some(value),
            "sc-status" => {
                if scan::status(value).is_none() && !scan::is_no_status(value) {
                    return None;
                }
                has_status = true;
                entry.answer(value);
            }
            "sc-substatus" => sub = value,
            "sc-win32-status" if value != "0" => entry.mark("iis.win32", value),
            "time-taken" => {
                entry.total = if scan::is_decimal(value) { scan::seconds(value) } else { scan::number(value) }
            }
            "time-to-first-byte" => entry.wait = scan::seconds(value),
            "s-reason" => {
                entry.mark("httperr.reason", value);
                entry.say(value);
            }
            "x-edge-result-type" => {
                is_cloudfront = true;
                entry.mark("cloudfront.result_type", value);
            }
            "x-edge-detailed-result-type" => entry.mark("cloudfront.detailed_result_type", value),
            "x-edge-response-result-type" => entry.mark("cloudfront.response_result_type", value),
            "x-edge-request-id" => entry.mark("request_id", value),
            "x-edge-location" => entry.mark("cloudfront.location", value),
            _ => {}
        }
    }
    if found < wanted {
        *missing = Some((wanted, found));
    }
    if !has_status && !entry.has("httperr.reason") {
        return None;
    }
    entry.target = Some(path).filter(|path| !matches!(*path, "" | "-"));
    if is_cloudfront {
        entry.vantage = Vantage::Gateway;
        entry.mark_as("gateway", "cloudfront", entry.status_at);
    } else {
        iis(&mut entry, sub, query);
    }
    entry.query = Some(query).filter(|query| !matches!(*query, "" | "-") && !path.contains('?'));
    Some(entry)
}

/// IIS writes the sub-status apart; with Application Request Routing it is a gateway and says so in
/// the query.
fn iis<'a>(entry: &mut Entry<'a>, sub: &'a str, query: &'a str) {
    if !matches!(sub, "" | "0" | "-")
        && let Some(status) = entry.status
    {
        entry.mark_as("iis.substatus", format!("{status}.{sub}"), sub);
    }
    if query.contains("X-ARR-LOG-ID=") {
        entry.vantage = Vantage::Gateway;
        entry.mark_as("gateway", "iis-arr", query);
        if let Some(rest) = scan::after(query, "X-ARR-LOG-ID=") {
            entry.mark("request_id", rest.split('&').next().unwrap_or_default());
        }
        if let Some(rest) = scan::after(query, "SERVER-STATUS=") {
            let status = rest.split('&').next().unwrap_or_default();
            if status != "0" {
                entry.mark("upstream.status", status);
            }
        }
    } else if !sub.is_empty() {
        entry.mark_as("backend", "iis", entry.status_at);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(text: &str, header: Option<&str>, status: u16, expected: &[(&str, &str)]) {
        let entry = match header {
            Some(header) => row(text, header, &mut None),
            None => row_by_default(text),
        };
        let entry = entry.unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(entry.status, Some(status), "{text}");
        for (name, value) in expected {
            let total = entry.total.map(|ms| ms.to_string());
            let found = match *name {
                "host" => entry.host,
                "method" => entry.method,
                "target" => entry.target,
                "query" => entry.query,
                "total" => total.as_deref(),
                _ => entry.value(name),
            };
            assert_eq!(found.unwrap_or_default(), *value, "{name} of {text}");
        }
    }

    #[test]
    fn rows_with_and_without_a_header() {
        check(
            "2023-11-27 10:00:00 10.0.0.4 POST /api/v1 q=1 443 - 203.0.113.9 curl/8.1 - 500 0 64 30123",
            None,
            500,
            &[
                ("method", "POST"),
                ("query", "q=1"),
                ("iis.win32", "64"),
                ("total", "30123"),
                ("backend", "iis"),
                ("client.address", "203.0.113.9"),
            ],
        );
        check(
            "2023-11-27 10:00:00 10.0.0.4 GET /x X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=1b4f2a30-0000-4000-8000-000000000001&SERVER-STATUS=500 443 - 203.0.113.9 curl/8.1 502 3 12002 120000",
            None,
            502,
            &[("iis.substatus", "502.3"), ("iis.win32", "12002"), ("gateway", "iis-arr"), ("upstream.status", "500")],
        );
        check(
            "2023-11-27 10:00:00 503 GET /x 12",
            Some("date time sc-status cs-method cs-uri-stem time-taken"),
            503,
            &[("target", "/x"), ("total", "12")],
        );
        check(
            "2023-11-27 10:00:00 W3SVC1 WEB01 10.0.0.4 GET /x - 443 - 203.0.113.9 HTTP/1.1 curl/8.1 - - example.com 500 19 183 0 0 12",
            None,
            500,
            &[("iis.substatus", "500.19"), ("client.address", "203.0.113.9"), ("total", "12")],
        );
        // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
        check(
            "2019-12-13\t22:36:27\tSEA19-C1\t900\t192.0.2.200\tGET\td111111abcdef8.cloudfront.net\t/favicon.ico\t502\thttp://www.example.com/\tMozilla/5.0%20(Windows)\t-\t-\tError\t1pkpNfBQ39sYMnjjUQjmH2w1wdJnbHYTbag21o_3OfcQgPzdL2RSSQ==\twww.example.com\thttp\t675\t0.102\t-\t-\t-\tError\tHTTP/1.1\t-\t-\t25260\t0.102\tOriginDnsError\ttext/html\t507\t-\t-",
            None,
            502,
            &[
                ("cloudfront.result_type", "Error"),
                ("cloudfront.detailed_result_type", "OriginDnsError"),
                ("host", "www.example.com"),
                ("total", "102"),
                ("gateway", "cloudfront"),
            ],
        );
    }

    #[test]
    fn foreign_lines_are_left_alone() {
        for text in [
            "",
            "2023-11-27",
            "2023-11-27 10:00:00",
            "2023-11-27 10:00:00 ERROR it failed",
            "2023-11-27 10:00:00 1.2.3.4 a b c d e f g h i j k l",
            "1699999999.1 x",
        ] {
            assert!(row_by_default(text).is_none() || !is_row(text), "{text}");
        }
    }
}
