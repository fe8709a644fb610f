//! Lines inside others: container runtimes, journald, syslog, log shippers and exports write the line of a program as a value, or
//! behind a prefix. The inner line is read by whatever form it has; time, machine and service of the wrapper count where the inner
//! line has none.
//!
//! Sources: Docker json-file driver, Kubernetes CRI logging, `journalctl -o json`, RFC 3164 and 5424, docker compose, kubectl,
//! Google Cloud `LogEntry`, Loki's `logcli`, CloudWatch Logs exports.

use super::{WRAPPERS, lines as text_lines, moment, scan};
use crate::batch::Sample;
use crate::layout::{LINE, lines, trim};
use crate::quick::{self, Leaf};
use crate::recognise::{Form, Meaning, Names, slot};
use crate::{Attribute, Batch, Field, Layout, Record, Settings};
use firstfault_intake::{prefix, time};
use std::borrow::Cow;
use std::collections::HashMap;

/// A wrapper and what is inside.
#[derive(Clone, Debug)]
pub(crate) struct Wrapped {
    how: How,
    inner: Layout,
    /// What the members of the wrapper are, of those that were sampled.
    members: Members,
    /// Sampled lines that have it.
    pub count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// A JSON object: the member that holds the line.
    Member(String),
    /// A prefix of shippers and orchestrators.
    Prefix,
    /// A time and a space.
    Stamp,
}

/// Members that hold lines. Those of container runtimes and of journald hold nothing else; the others are wrappers only where what
/// they hold is a line of a known form.
const MEMBERS: [&str; 8] = ["log", "MESSAGE", "textPayload", "line", "message", "msg", "@message", "body"];

/// Members of journald that no other log has.
const JOURNAL: [(&[u8], Attribute); 5] = [
    (b"__REALTIME_TIMESTAMP", Attribute::Time),
    (b"_HOSTNAME", Attribute::Host),
    (b"SYSLOG_IDENTIFIER", Attribute::Service),
    (b"_SYSTEMD_UNIT", Attribute::Service),
    (b"PRIORITY", Attribute::Level),
];

/// What the members of a wrapper are, by their paths.
type Members = HashMap<Vec<u8>, Option<Meaning>>;

/// Lines that a wrapper is learnt from.
const SAMPLE: usize = 300;

/// A value of the wrapper counts only where the inner line has none.
const BEHIND: u16 = 30_000;

/// What a wrapper says.
#[derive(Debug, Default)]
struct Opened<'a> {
    inner: Cow<'a, [u8]>,
    time: Option<i64>,
    said: Vec<(Meaning, String, Vec<u8>)>,
}

impl Wrapped {
    /// JSON around lines.
    pub fn json(sampled: &[&[u8]], name: &str, settings: &Settings, depth: u8) -> Option<Self> {
        if depth >= WRAPPERS {
            return None;
        }
        let sampled = &sampled[..sampled.len().min(SAMPLE)];
        for member in MEMBERS {
            let how = How::Member(member.to_owned());
            let named = memchr::memmem::Finder::new(member.as_bytes()).into_owned();
            if sampled.iter().filter(|line| named.find(line).is_some()).count() * 10 < sampled.len() * 7 {
                continue;
            }
            let mut members = Members::new();
            let mut inner: Vec<u8> = Vec::new();
            let (mut count, mut sure) = (0, 0);
            for line in sampled {
                learn_members(line, &mut members);
                let Some(opened) = how.open(line, None, &members) else { continue };
                count += 1;
                sure += usize::from(is_surely_wrapper(line, member));
                inner.extend_from_slice(&opened.inner);
                inner.push(b'\n');
            }
            if count * 10 < sampled.len() * 7 {
                continue;
            }
            let layout = Layout::learn_within(&inner, name, settings, depth + 1);
            // a record that tells of a call itself has the line only for completeness
            if sure * 2 < count
                && sampled.iter().take(50).filter(|line| tells_of_call(line)).count() * 2 >= sampled.len().min(50)
            {
                return None;
            }
            // words of a program are the message of a structured record, not a line in a wrapper
            if sure * 2 >= count || !matches!(layout.form.as_str(), "" | "text" | "csv" | "tsv" | "logfmt" | "json") {
                return Some(Self { how, inner: layout, members, count });
            }
        }
        None
    }

    /// Prefixes of lines.
    pub fn text(sampled: &[&[u8]], name: &str, settings: &Settings, depth: u8) -> Option<Self> {
        if depth >= WRAPPERS {
            return None;
        }
        for how in [How::Prefix, How::Stamp] {
            let mut inner: Vec<u8> = Vec::new();
            let mut count = 0;
            for opened in sampled.iter().filter_map(|line| how.open(line, settings.year, &Members::new())) {
                count += 1;
                inner.extend_from_slice(&opened.inner);
                inner.push(b'\n');
            }
            if count * 10 < sampled.len() * 6 {
                continue;
            }
            let layout = Layout::learn_within(&inner, name, settings, depth + 1);
            // a time before words is the head of the entry itself
            if how == How::Prefix || !matches!(layout.form.as_str(), "" | "text" | "csv" | "tsv" | "logfmt") {
                return Some(Self { how, inner: layout, members: Members::new(), count });
            }
        }
        None
    }

    /// What a person calls it.
    pub fn word(&self) -> String {
        let around = match &self.how {
            How::Member(_) => "json",
            How::Prefix => "prefix",
            How::Stamp => "time",
        };
        format!("{} in {around}", if self.inner.form.is_empty() { "text" } else { &self.inner.form })
    }

    /// Reads whole lines.
    pub fn read(&self, chunk: &[u8], first: bool, year: Option<i32>, batch: &mut Batch) {
        let mut inside = !first;
        for raw in lines(chunk) {
            let line = trim(raw);
            if line.is_empty() {
                batch.aside();
                continue;
            }
            let Some((opened, layout)) = Some(line).filter(|l| l.len() <= LINE).and_then(|line| self.open(line, year))
            else {
                // a line without the wrapper may be one of the inner form, or of a stack trace
                batch.begin();
                if text_lines::Lines::line(&self.inner, line, batch) {
                    batch.finish(line);
                } else if text_lines::goes_on(raw, inside) {
                    batch.aside();
                } else {
                    text_lines::other(line, b"", year, false, batch);
                }
                continue;
            };
            let inner = trim(opened.inner.trim_ascii_end());
            if inner.is_empty() || text_lines::goes_on(&opened.inner, inside) {
                batch.aside();
                continue;
            }
            inside = true;
            batch.begin();
            let text;
            let mut line = inner;
            if !text_lines::Lines::line(layout, inner, batch) {
                batch.begin();
                let Some(readable) = text_lines::readable(inner) else {
                    batch.unreadable(inner);
                    continue;
                };
                text = prefix::strip_ansi(&readable).into_owned();
                if !super::general::read(&text, year, true, batch) {
                    batch.unreadable(inner);
                    continue;
                }
                line = text.as_bytes();
            }
            if let Some(time) = opened.time {
                batch.time_behind(time);
            }
            for (meaning, _, value) in &opened.said {
                batch.row.copy(*meaning, value);
            }
            batch.finish_as(line, Sample { line, made: None });
        }
    }

    /// Opens all wrappers of a line; also the form of what is inside.
    fn open<'a>(&self, line: &'a [u8], year: Option<i32>) -> Option<(Opened<'a>, &Layout)> {
        let opened = self.how.open(line, year, &self.members)?;
        let Some(next) = self.inner.wrapped() else { return Some((opened, &self.inner)) };
        let Some((within, layout)) = next.open(trim(&opened.inner), year) else { return Some((opened, &next.inner)) };
        let mut said = within.said;
        said.extend(opened.said);
        let inner = Cow::Owned(within.inner.into_owned());
        Some((Opened { inner, time: within.time.or(opened.time), said }, layout))
    }

    /// One line as a record.
    pub fn record(&self, line: &[u8], year: Option<i32>) -> Option<Record> {
        let Some((opened, layout)) = self.open(line, year) else {
            return super::general::record(line, year, false);
        };
        let text = String::from_utf8_lossy(trim(&opened.inner)).into_owned();
        let inner = layout.record(&text).or_else(|| super::general::record(text.as_bytes(), year, true));
        let mut record = inner?;
        record.time = record.time.or(opened.time);
        for (meaning, name, value) in opened.said {
            let attribute = meaning.attribute().filter(|a| record.get(*a).is_none());
            record.fields.push(Field { name, attribute, value: String::from_utf8_lossy(&value).into_owned() });
        }
        Some(record)
    }
}

/// Docker, the CRI and journald write no other lines than wrapped ones; in Google's export the text is all there is.
fn is_surely_wrapper(line: &[u8], member: &str) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(line, name).is_some();
    match member {
        "log" => {
            has(b"\"stream\":\"std")
                || has(b"\"stream\": \"std")
                || has(b"\"kubernetes\":{")
                || has(b"\"container_id\":")
        }
        "MESSAGE" => has(b"__REALTIME_TIMESTAMP") || has(b"_HOSTNAME"),
        // Google's logs of calls say all in `httpRequest`, whatever the text beside it says.
        "textPayload" => memchr::memmem::find(line, b"\"httpRequest\"").is_none(),
        "line" => has(b"\"labels\":{") || has(b"\"stream\":{"),
        _ => false,
    }
}

impl How {
    fn open<'a>(&self, line: &'a [u8], year: Option<i32>, members: &Members) -> Option<Opened<'a>> {
        match self {
            Self::Member(member) => open_member(line, member.as_bytes(), members),
            Self::Prefix => open_prefix(line, year),
            Self::Stamp => open_stamp(line),
        }
    }
}

/// What a member of a wrapper is, where it tells of the inner line too.
fn meaning_of(path: &[u8], names: &Names) -> Option<Meaning> {
    if let Some((_, attribute)) = JOURNAL.iter().find(|(name, _)| *name == path) {
        return Some(Meaning { slot: slot::of(*attribute), form: Form::Plain, rank: 0 });
    }
    let meaning = names.meaning(&quick::name_of(path)).filter(|m| path.first() != Some(&b'_') && kept(*m))?;
    Some(Meaning { rank: BEHIND + meaning.rank, ..meaning })
}

/// True for a record with a status of its own.
fn tells_of_call(line: &[u8]) -> bool {
    let names = Names::default();
    let mut found = false;
    let mut sink = |leaf: &Leaf<'_>| {
        let meaning = names.meaning(&quick::name_of(leaf.path));
        let status = || scan::status(&line[leaf.from..leaf.to]).is_some();
        found |= meaning.is_some_and(|m| m.slot == slot::of(Attribute::Status)) && status();
    };
    quick::walk_json(line, &mut sink) && found
}

fn learn_members(line: &[u8], members: &mut Members) {
    let names = Names::default();
    let mut sink = |leaf: &Leaf<'_>| {
        if members.len() < 1000 && !members.contains_key(leaf.path) {
            members.insert(leaf.path.to_vec(), meaning_of(leaf.path, &names));
        }
    };
    quick::walk_json(line, &mut sink);
}

fn open_member<'a>(line: &'a [u8], member: &[u8], members: &Members) -> Option<Opened<'a>> {
    let mut opened = Opened::default();
    let mut found = false;
    let mut sink = |leaf: &Leaf<'_>| {
        let raw = &line[leaf.from..leaf.to];
        if leaf.path == member {
            found = true;
            opened.inner = match leaf.kind {
                quick::Kind::Text | quick::Kind::Word => Cow::Borrowed(raw),
                kind => Cow::Owned(quick::text(raw, kind)),
            };
            return;
        }
        // members that no sampled line had are not looked up: there may be any number of them
        let Some(Some(meaning)) = members.get(leaf.path) else { return };
        let value = quick::text(raw, leaf.kind);
        if meaning.slot == slot::of(Attribute::Time) {
            opened.time = opened.time.or_else(|| moment::parse(&value));
        } else if opened.said.len() < 24 {
            opened.said.push((*meaning, quick::name_of(leaf.path), value));
        }
    };
    let whole = quick::walk_json(line, &mut sink);
    (whole && found).then_some(opened)
}

/// Values of a wrapper that tell of the inner line too.
fn kept(meaning: Meaning) -> bool {
    const KEPT: [Attribute; 12] = [
        Attribute::Time,
        Attribute::Host,
        Attribute::Service,
        Attribute::Level,
        Attribute::Region,
        Attribute::Zone,
        Attribute::Release,
        Attribute::Tenant,
        Attribute::TraceId,
        Attribute::SpanId,
        Attribute::RequestId,
        Attribute::Flag,
    ];
    KEPT.iter().any(|attribute| slot::of(*attribute) == meaning.slot)
}

/// `2016-04-15T20:17:00.310Z {"…"}`: what CloudWatch exports, and `docker logs -t`.
fn open_stamp(line: &[u8]) -> Option<Opened<'_>> {
    let (at, length) = moment::leading(line)?;
    let rest = line.get(length..)?;
    let inner = rest.trim_ascii_start();
    (inner.len() < rest.len() && !inner.is_empty()).then(|| Opened {
        inner: inner.into(),
        time: Some(at),
        said: Vec::new(),
    })
}

/// A time that has no year (`Jul 19 10:22:41`, `03-17 16:13:38.811`), and its length.
fn yearless(text: &str, year: i32) -> Option<(i64, usize)> {
    [18, 15].iter().find_map(|length| Some((time::parse_with_year(text.get(..*length)?.trim_end(), year)?, *length)))
}

fn open_prefix(line: &[u8], year: Option<i32>) -> Option<Opened<'_>> {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or_default(),
    };
    let length = prefix::split(text);
    let before = text.get(..length).filter(|before| !before.is_empty())?;
    let mut opened = Opened { inner: line[length..].into(), ..Opened::default() };
    let mut say = |attribute: Attribute, value: &str| {
        let meaning = Meaning { slot: slot::of(attribute), form: Form::Plain, rank: BEHIND };
        if !scan::is_absent(value.as_bytes()) {
            opened.said.push((meaning, attribute.word().to_owned(), value.as_bytes().to_vec()));
        }
    };
    let mut rest = before;
    // `[pod/NAME/CONTAINER] `
    if let Some((pod, after)) = rest.strip_prefix("[pod/").and_then(|inner| inner.split_once(']')) {
        let (name, container) = pod.split_once('/').unwrap_or((pod, ""));
        say(Attribute::Host, name);
        say(Attribute::Service, container);
        rest = after;
    } else if let Some((name, after)) = rest.split_once('|')
        && !name.trim().contains(' ')
    {
        // docker compose: `web-1  | `
        let name = name.trim();
        say(Attribute::Host, name);
        say(Attribute::Service, name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['-', '_', '.']));
        rest = after;
    }
    let mut words = rest.trim();
    let mut new_syslog = false;
    if let Some((priority, after)) = words.strip_prefix('<').and_then(|inner| inner.split_once('>')) {
        // RFC 5424 section 6.2.1: the severity is what remains of the division by eight
        if priority.parse::<u16>().is_ok_and(|p| p % 8 <= 3) {
            say(Attribute::Level, "error");
        }
        new_syslog = after.starts_with("1 ");
        words = after.strip_prefix("1 ").unwrap_or(after);
    }
    let mut at = None;
    if let Some((moment, length)) = time::leading(words) {
        at = Some(moment);
        words = words[length..].trim_start();
    } else if let Some((moment, length)) = year.and_then(|year| yearless(words, year)) {
        at = Some(moment);
        words = words[length..].trim_start();
    } else if scan::has_shape(words.as_bytes(), b"aaa") && words.as_bytes().get(9) == Some(&b':') {
        // a time without a year, and no year is known
        words = words.get(15..).unwrap_or_default().trim_start();
    }
    let mut parts = words.split(' ');
    match (parts.next(), parts.next()) {
        (Some("stdout" | "stderr"), _) | (None | Some(""), _) => {}
        (Some(host), Some(tag)) if new_syslog || tag.ends_with(':') => {
            say(Attribute::Host, host);
            say(Attribute::Service, tag.trim_end_matches(':').split('[').next().unwrap_or(tag));
        }
        // logcat: process, thread, level and tag, or `D/Tag( 1234):`
        (Some(process), _) if scan::is_digits(process.as_bytes()) => {
            let mut rest = words.split_ascii_whitespace().skip_while(|word| scan::is_digits(word.as_bytes()));
            if matches!(rest.next(), Some("E" | "F")) {
                say(Attribute::Level, "error");
            }
            say(Attribute::Service, rest.next().unwrap_or_default().trim_end_matches(':'));
        }
        // `app[web.1]:`
        (Some(platform), _) if platform.contains('[') => {
            let inside = platform.split_once('[').and_then(|(_, inner)| inner.split_once(']'));
            say(Attribute::Host, inside.map_or(platform, |(name, _)| name));
        }
        _ => {}
    }
    opened.time = at;
    Some(opened)
}
