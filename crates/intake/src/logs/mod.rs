//! Text log lines of gateways, proxies and servers, one entry to one call.
//!
//! [`read`] takes the lines whose form it knows and leaves every other line alone after a look at its
//! beginning; [`glance`] says even sooner whether a line tells of a failure. Times are kept as written
//! in the mark `time`. JSON, logfmt and application logs are not known here, and neither is what a
//! code, flag or message means.

mod access;
mod aws;
mod caches;
mod cluster;
mod columns;
mod entry;
mod envoy;
mod errors;
mod glance;
mod haproxy;
mod scan;
mod servers;

pub use glance::{Glance, glance};

use crate::Taken;
use crate::lines::{Line, Lines};
use entry::Entry;
use std::borrow::Cow;

/// How much of one line is read; log lines that say something are shorter.
const LINE_LIMIT: usize = 32 * 1024;
/// The most lines over which one nginx error entry may go on (a PHP stack in FastCGI output).
const CONTINUED: usize = 64;

/// Reads the entry that begins at `lines[at]`, when its form is one of those known here. Most entries
/// are one line and one call; blocks with a header (`#Fields:`), groups (varnishlog, API Gateway,
/// kubectl) and continued lines are taken whole. Lines that only frame a request (`START`, `END`)
/// are taken without a call.
#[must_use]
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.0.get(at)?;
    let text = scan::clip(line.text.trim(), LINE_LIMIT);
    let first = *text.as_bytes().first()?;
    match first {
        b'{' | b'}' | b'<' | b'>' | b'$' | b'|' | b'\'' | b'`' | b'=' => return None,
        b'#' => return columns::read(lines, at),
        b'*' => return caches::varnish(lines, at),
        b'-' => {
            if let Some(taken) = caches::varnish(lines, at) {
                return Some(taken);
            }
        }
        b'0'..=b'9' | b'(' => {
            if errors::nginx_goes_on(text) {
                return Some(continued(lines, at));
            }
            if let Some(taken) = columns::read(lines, at).or_else(|| aws::execution(lines, at)) {
                return Some(taken);
            }
        }
        b'I' => {
            if let Some(taken) = cluster::exchange(lines, at) {
                return Some(taken);
            }
        }
        _ => {}
    }
    if first.is_ascii_alphabetic()
        && let Some(taken) = aws::execution(lines, at).or_else(|| servers::django_pair(lines, at))
    {
        return Some(taken);
    }
    if let Some(taken) = servers::request_span(lines, at) {
        return Some(taken);
    }
    match single(text, first) {
        Some(entry) => Some(taken(entry, line)),
        None => single_behind_time(text).map(|entry| taken(entry, line)),
    }
}

/// One line taken; a frame without anything to tell makes no call.
fn taken(entry: Option<Entry<'_>>, line: &Line<'_>) -> Taken {
    Taken { lines: 1, calls: entry.map(|entry| entry.into_call(line)).into_iter().collect(), problems: Vec::new() }
}

/// The readers of single lines, by the first byte; the outer `None` is "not ours".
fn single(text: &str, first: u8) -> Option<Option<Entry<'_>>> {
    let entry = match first {
        b'[' => envoy::access(text)
            .or_else(|| servers::gin(text))
            .or_else(|| errors::apache(text))
            .or_else(|| errors::fpm(text))
            .or_else(|| errors::gunicorn(text))
            .or_else(|| envoy::program(text))
            .or_else(|| servers::php(text))
            .or_else(|| envoy::linkerd(text))
            .or_else(|| haproxy::state(text)),
        b'0'..=b'9' => {
            if let Some(flow) = aws::flow(text) {
                return Some(flow);
            }
            errors::nginx(text)
                .or_else(|| errors::caddy(text))
                .or_else(|| caches::squid(text))
                .or_else(|| aws::classic_balancer(text))
                .or_else(|| servers::gin(text))
                .or_else(|| cluster::event(text))
        }
        b'I' | b'W' | b'E' | b'F' if text.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => cluster::klog(text),
        b'h' | b'g' | b'w' => aws::application_balancer(text).or_else(|| cluster::event(text)),
        b'A' if text.starts_with("ACCESS [") => envoy::access(text),
        _ if first.is_ascii_alphabetic() || first == b'<' => cluster::event(text).or_else(|| haproxy::state(text)),
        _ => None,
    };
    if entry.is_some() {
        return entry.map(Some);
    }
    if let Some(lambda) = aws::lambda(text) {
        return Some(lambda);
    }
    haproxy::access(text)
        .or_else(|| access::read(text))
        .or_else(|| servers::oauth2_proxy(text))
        .or_else(|| servers::heroku(text))
        .or_else(|| servers::httpx(text))
        .or_else(|| servers::plain(text))
        .map(Some)
}

/// The same behind a time that a container runtime put in front: `2020-02-12T16:29:23.303959756Z …`.
fn single_behind_time(text: &str) -> Option<Option<Entry<'_>>> {
    if !scan::starts_with_shape(text.as_bytes(), b"dddd-dd-ddadd:dd:dd") {
        return None;
    }
    let (_, rest) = text.split_once(' ')?;
    let rest = rest.trim_start();
    // `stdout F ` and `stderr F ` as the container runtime interface writes them
    let rest = rest.strip_prefix("stdout F ").or_else(|| rest.strip_prefix("stderr F ")).unwrap_or(rest);
    single(rest, *rest.as_bytes().first()?)
}

/// An nginx error whose FastCGI output has line breaks: the entry ends where nginx goes on to say
/// what it was doing.
fn continued(lines: &Lines<'_>, at: usize) -> Taken {
    let last = (at..lines.len().min(at + CONTINUED))
        .find(|line| lines.text(*line).contains("\" while reading "))
        .unwrap_or(at);
    let (text, span) = lines.join(at, last + 1);
    let whole = Line { text: Cow::Borrowed(scan::clip(&text, LINE_LIMIT)), prefix: "", span, prose: false };
    let mut calls: Vec<_> =
        errors::nginx(scan::clip(text.trim(), LINE_LIMIT)).map(|entry| entry.into_call(&whole)).into_iter().collect();
    // parts of a joined text have no place of their own in the input
    for call in &mut calls {
        call.messages.iter_mut().for_each(|message| message.span = span);
        call.attributes.iter_mut().for_each(|mark| mark.span = span);
        if let Some(request) = &mut call.request {
            request.span = span;
            request.headers.0.iter_mut().for_each(|header| header.span = span);
        }
    }
    Taken { lines: last + 1 - at, calls, problems: Vec::new() }
}

#[cfg(test)]
mod tests;
