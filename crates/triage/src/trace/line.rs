//! One line: what it says by its fields and what `diagnose` makes of it.

use super::{TraceLine, read};
use firstfault_calls::{Attribute, Kind, Record};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Diagnosis, Layer, Vantage};

/// Words of a message that are shown.
const MESSAGE_LIMIT: usize = 400;

/// One line, read and judged.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub input: String,
    pub line: u64,
    pub service: String,
    /// A call with its outcome, and not only words about one.
    pub call: bool,
    /// By the system's own clock.
    pub begin: Option<i64>,
    pub end: Option<i64>,
    pub duration: Option<f64>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub status: Option<u16>,
    pub upstream: Option<String>,
    pub upstream_status: Option<u16>,
    pub span: Option<String>,
    pub parent: Option<String>,
    /// The id of this very request: equal in the lines of all systems that it passes.
    pub request: Option<String>,
    /// The line tells of a call that its own system made, and not of one that it got.
    pub outgoing: bool,
    /// Something between, by its own line.
    pub gateway: bool,
    pub failed: bool,
    pub message: String,
    pub diagnosis: Option<Box<Diagnosis>>,
}

impl Seen {
    /// Method and path, else the words.
    pub(super) fn what(&self) -> String {
        match (&self.method, &self.path) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            (None, Some(path)) => path.clone(),
            _ => self.message.chars().take(80).collect(),
        }
    }

    pub(super) fn verdict(&self) -> Option<(Bucket, Layer, String)> {
        let diagnosis = self.diagnosis.as_ref().filter(|_| self.failed)?;
        Some((diagnosis.bucket, diagnosis.layer?, diagnosis.cause.clone()))
    }

    /// It ended because its own caller no longer waited (nginx 499, Envoy DC, a broken pipe).
    pub(super) fn abandoned(&self) -> bool {
        let words = self.message.to_lowercase();
        self.status == Some(499)
            || ["broken pipe", "client disconnected", "client closed", "context canceled", "clientabort"]
                .iter()
                .any(|said| words.contains(said))
    }

    /// It waited for someone and gave up.
    pub(super) fn gave_up(&self) -> bool {
        let cause = self.diagnosis.as_ref().map_or("", |d| d.cause.as_str());
        self.failed
            && !self.abandoned()
            && (matches!(self.status, Some(408 | 504 | 524 | 598))
                || cause.contains("timeout")
                || self.status.is_none() && says_timeout(&self.message))
    }
}

fn says_timeout(words: &str) -> bool {
    let words = words.to_lowercase();
    ["timed out", "timeout", "time-out", "deadline exceeded"].iter().any(|said| words.contains(said))
}

/// Names of ids that go along with a request.
const IDS: [&str; 14] = [
    "requestid",
    "xrequestid",
    "reqid",
    "rid",
    "traceid",
    "xb3traceid",
    "correlationid",
    "xcorrelationid",
    "transactionid",
    "webhookid",
    "eventid",
    "deliveryid",
    "idempotencykey",
    "messageid",
];

/// Ids of a line, without ids that are too short to be one request's.
pub(super) fn ids(record: &Record, text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for attribute in [Attribute::TraceId, Attribute::RequestId, Attribute::IdempotencyKey] {
        found.extend(record.get(attribute).map(str::to_owned));
    }
    for name in IDS {
        found.extend(read::named(record, text, &[name.to_owned()]).map(str::to_owned));
    }
    found.retain(|id| (8..=200).contains(&id.len()) && id.bytes().any(|b| b.is_ascii_digit()));
    found.sort_unstable();
    found.dedup();
    found
}

/// Reads and judges a line.
pub(super) fn see(line: &TraceLine, knowledge: &Knowledge) -> Seen {
    let record = &line.record;
    let whole = firstfault_engine::diagnose(&line.text, firstfault_engine::Options::default(), knowledge);
    let judged = whole.calls.into_iter().nth(whole.first);
    let call = judged.as_ref().map(|judged| &judged.call);
    let request = call.and_then(|call| call.request.as_ref());
    let status = read::told_status(record, &line.text).or_else(|| call.and_then(|call| call.status()));
    let duration = read::duration(record, &line.text).or_else(|| call.and_then(|call| call.timings.total));
    let interval = read::interval(record, duration).or_else(|| {
        call.and_then(|call| call.started).map(|time| (time.saturating_sub(duration.map_or(0, read::whole)), time))
    });
    let path = read::path(record).map(str::to_owned).or_else(|| request.map(|r| r.url.path.clone()));
    let method = record.get(Attribute::Method).map(str::to_owned).or_else(|| request.and_then(|r| r.method.clone()));
    let upstream_status = read::status(record, Attribute::UpstreamStatus);
    let vantage = call.map(|call| call.vantage).unwrap_or_default();
    let gateway = upstream_status.is_some()
        || record.get(Attribute::Mark).is_some()
        || vantage == Vantage::Gateway
        || record.get(Attribute::UpstreamLatency).is_some();
    // Whoever made a call names the whole URL; whoever got one names a path.
    let whole_url = line.text.contains("://") && request.is_some_and(|r| r.url.host.is_some());
    let outgoing = !gateway && (whole_url || vantage == Vantage::Client && record.get(Attribute::Upstream).is_some());
    let diagnosis = judged.as_ref().map(|judged| Box::new(judged.diagnosis.clone()));
    let level = record.get(Attribute::Level).unwrap_or_default().to_ascii_lowercase();
    let complains = ["err", "crit", "fatal", "severe", "alert", "emerg"].iter().any(|word| level.starts_with(word));
    let failed = diagnosis.as_ref().is_some_and(|d| d.failed) || status.is_some_and(|s| s >= 400) || complains;
    let is_call = status.is_some()
        || record.kind == Kind::Call && method.is_some() && path.is_some()
        || path.is_some() && method.is_some() && duration.is_some();
    let said = record.get(Attribute::Message).map(read::words_of).unwrap_or(if is_call { "" } else { &line.text });
    let error = read::named(record, &line.text, &["error".to_owned(), "exception".to_owned(), "reason".to_owned()]);
    let mut message: String = said.chars().take(MESSAGE_LIMIT).collect();
    if let Some(error) = error.filter(|_| failed).filter(|error| !message.contains(*error)) {
        // A value in quotes is cut at its first space by name: all of the quotes says more.
        let quoted = line.text.find(error).map(|at| &line.text[at..]).and_then(|rest| rest.split('"').next());
        let error: String = quoted.unwrap_or(error).chars().take(MESSAGE_LIMIT).collect();
        message = if message.is_empty() { error } else { format!("{message}: {error}") };
    }
    Seen {
        input: line.input.clone(),
        line: line.line,
        service: read::service(record, &line.input),
        call: is_call,
        begin: interval.map(|(begin, _)| begin),
        end: interval.map(|(_, end)| end),
        duration,
        method,
        path,
        status,
        upstream: record.get(Attribute::Upstream).map(str::to_owned),
        upstream_status,
        span: record.get(Attribute::SpanId).map(str::to_owned),
        parent: record.get(Attribute::ParentId).map(str::to_owned),
        // Of several ids the request's own: a correlation id is that of all attempts.
        request: read::named(record, &line.text, &["requestid".to_owned(), "xrequestid".to_owned()])
            .or_else(|| record.get(Attribute::RequestId))
            .map(str::to_owned),
        outgoing,
        gateway,
        failed,
        message,
        diagnosis,
    }
}
