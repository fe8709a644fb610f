//! The values of a line → one row: converted, coded, and given its shape.

use super::dictionary::Dictionary;
use super::hash::id_hash;
use super::shapes::Look;
use super::{Batch, Dimension, FEWER};
use crate::quick::time::Clock;
use crate::recognise::{self, Form, client_of, is_failure_level, is_harmless, slot, tells_failure};
use crate::{Attribute, Kind, NO_TIME, Part, mask_hash};

/// Places of attributes among the dimensions.
const fn dimension(attribute: Attribute) -> usize {
    let mut index = 0;
    while index < Attribute::DIMENSIONS.len() {
        if Attribute::DIMENSIONS[index] as u8 == attribute as u8 {
            return index;
        }
        index += 1;
    }
    0
}

const SERVICE: usize = dimension(Attribute::Service);
const METHOD: usize = dimension(Attribute::Method);
const ROUTE: usize = dimension(Attribute::Route);
const UPSTREAM_STATUS: usize = dimension(Attribute::UpstreamStatus);
const CLIENT: usize = dimension(Attribute::Client);
const CLIENT_VERSION: usize = dimension(Attribute::ClientVersion);

/// Dimensions whose value is taken as it is written.
const PLAIN: [(u8, usize); 12] = {
    let list = [
        Attribute::Method,
        Attribute::Upstream,
        Attribute::Tenant,
        Attribute::Role,
        Attribute::User,
        Attribute::ApiKey,
        Attribute::ClientIp,
        Attribute::Region,
        Attribute::Zone,
        Attribute::Host,
        Attribute::Release,
        Attribute::Flag,
    ];
    let mut out = [(0, 0); 12];
    let mut index = 0;
    while index < 12 {
        out[index] = (slot::of(list[index]), dimension(list[index]));
        index += 1;
    }
    out
};

/// Bits of places.
const fn bit(slot: u8) -> u64 {
    1 << slot
}

/// Any of these makes a line worth a closer look.
const TELLING: u64 = bit(slot::of(Attribute::ErrorCode))
    | bit(slot::ERROR)
    | bit(slot::of(Attribute::Message))
    | bit(slot::of(Attribute::Mark))
    | bit(slot::of(Attribute::Level))
    | bit(slot::SUCCESS)
    | bit(slot::GRPC);

/// What is kept from line to line to convert values.
#[derive(Debug, Default)]
pub(super) struct Finisher {
    service: Vec<u8>,
    year: Option<i32>,
    clock: Clock,
    route: Vec<u8>,
    words: Vec<u8>,
    /// The last message that tells of no failure.
    harmless: Vec<u8>,
    /// Shapes of healthy lines by service, status and kind.
    healthy: HealthyShapes,
    /// Agents as written, and the codes of program with version and of program alone.
    agents: Option<Dictionary>,
    agent_codes: Vec<(u32, u32)>,
}

impl Finisher {
    pub fn open(&mut self, service: &str, year: Option<i32>) {
        self.service.clear();
        self.service.extend_from_slice(service.as_bytes());
        self.year = year;
    }

    /// As the function of that name; most messages say what the one before said.
    #[inline]
    fn tells_failure(&mut self, message: &[u8]) -> bool {
        if message == self.harmless {
            return false;
        }
        let telling = tells_failure(message);
        if !telling {
            self.harmless.clear();
            self.harmless.extend_from_slice(message);
        }
        telling
    }
}

/// A small memory of the shapes of healthy lines.
#[derive(Debug)]
struct HealthyShapes([(u64, u32); 64]);

impl Default for HealthyShapes {
    fn default() -> Self {
        Self([(u64::MAX, 0); 64])
    }
}

/// What a line says of how its call ended.
#[derive(Default)]
struct Ending<'a> {
    error_code: &'a [u8],
    message: &'a [u8],
    error: &'a [u8],
    mark: &'a [u8],
    failing_level: bool,
    failed: bool,
}

impl Batch {
    pub(super) fn finish_row(&mut self, line: &[u8], part: Part, number: u64) {
        let row = self.rows;
        let seen = self.row.seen();
        let values = &self.row;
        let get = |slot| values.get(slot, line);
        let of = |attribute| values.get(slot::of(attribute), line);

        let finisher = &mut self.finisher;
        let time = self.direct.time.or_else(|| finisher.clock.parse(of(Attribute::Time)?.0, finisher.year));
        let written_status = of(Attribute::Status).map(|(value, _)| value);
        let status = self.direct.status.or_else(|| recognise::status(recognise::last_number(written_status?)));
        let latency =
            self.direct.latency.or_else(|| of(Attribute::Latency).and_then(|(v, form)| recognise::millis(v, form)));
        let attempt = of(Attribute::Attempt).and_then(|(v, form)| recognise::attempt(v, form));
        let upstream_status =
            of(Attribute::UpstreamStatus).and_then(|(v, _)| recognise::status(recognise::last_number(v)));

        // The request: method and route.
        let mut method = of(Attribute::Method).map(|(v, _)| v);
        let mut path = get(slot::PATH).map(|(v, _)| v);
        if seen & bit(slot::REQUEST_LINE) != 0 && (method.is_none() || path.is_none()) {
            let request = get(slot::REQUEST_LINE).and_then(|(v, _)| request_line(v));
            method = method.or(request.map(|r| r.0));
            path = path.or(request.map(|r| r.1));
        }
        let template = of(Attribute::Route).map(|(v, _)| v);
        finisher.route.clear();
        if let Some(template) = template {
            // API gateways write `GET /items/{id}`.
            let (verb, rest) = request_line(template).unwrap_or((b"", template));
            method = method.or((!verb.is_empty()).then_some(verb));
            let is_path = rest.first() == Some(&b'/') || memchr::memmem::find(rest, b"://").is_some();
            if is_path {
                recognise::write_route(rest, &mut finisher.route)
            } else {
                finisher.route.extend_from_slice(rest)
            }
        } else if let Some(path) = path {
            recognise::write_route(path, &mut finisher.route);
        }

        // How it ended.
        let mut ending = Ending::default();
        if seen & TELLING != 0 || written_status.is_some() && status.is_none() {
            ending = ending_of(&get);
        }
        let kind = if status.is_some()
            || seen & (bit(slot::GRPC) | bit(slot::SUCCESS)) != 0 && (method.is_some() || !finisher.route.is_empty())
            || method.is_some() && !finisher.route.is_empty()
            || latency.is_some() && !finisher.route.is_empty()
            || self.direct.counts.is_some()
        {
            Kind::Call
        } else {
            Kind::Event
        };
        // A status in words: Datadog's `status` is a level, others write how it went.
        if status.is_none()
            && let Some(word) = written_status
        {
            ending.failing_level |= is_failure_level(word);
            ending.failed |= recognise::success(word) == Some(false);
        }
        let code = status.unwrap_or(0);
        let suspect = code >= 400
            || status == Some(0)
            || ending.failed
            || ending.failing_level
            || !ending.error_code.is_empty()
            || !ending.error.is_empty()
            || !ending.mark.is_empty()
            || upstream_status.is_some_and(|s| s >= 400)
            || finisher.tells_failure(ending.message);

        // The columns.
        self.time.push(time.unwrap_or(NO_TIME));
        self.status.push(code);
        self.latency.push(latency.unwrap_or(f32::NAN));
        self.attempt.push(attempt.unwrap_or(0));
        let id = of(Attribute::RequestId).or_else(|| of(Attribute::IdempotencyKey));
        if let Some((id, _)) = id {
            self.request.resize(row, 0);
            self.request.push(id_hash(id));
        }
        if let Some((id, _)) = of(Attribute::TraceId) {
            self.trace.resize(row, 0);
            self.trace.push(id_hash(id));
        }
        let service = of(Attribute::Service).map_or(finisher.service.as_slice(), |(v, _)| v);
        let service_code = self.dimensions[SERVICE].values.code(service);
        self.dimensions[SERVICE].codes.set(row, service_code);
        if !finisher.route.is_empty() {
            set(&mut self.dimensions[ROUTE], row, &finisher.route);
        }
        if let Some(method) = method {
            set(&mut self.dimensions[METHOD], row, method);
        }
        if let Some(status) = upstream_status {
            let digits = [b'0' + (status / 100) as u8, b'0' + (status / 10 % 10) as u8, b'0' + (status % 10) as u8];
            set(&mut self.dimensions[UPSTREAM_STATUS], row, &digits);
        }
        for (slot, index) in &PLAIN[1..] {
            if let Some((value, _)) = values.get(*slot, line) {
                set(&mut self.dimensions[*index], row, value);
            }
        }
        let client = of(Attribute::Client).map(|(v, _)| v);
        if let Some((agent, form)) = of(Attribute::ClientVersion) {
            let (version, program) = if form == Form::Agent {
                codes_of_agent(
                    finisher.agents.get_or_insert_with(|| Dictionary::new(FEWER)),
                    &mut finisher.agent_codes,
                    &mut self.dimensions,
                    agent,
                )
            } else {
                (self.dimensions[CLIENT_VERSION].values.code(agent), 0)
            };
            self.dimensions[CLIENT_VERSION].codes.set(row, version);
            if client.is_none() && program != 0 {
                self.dimensions[CLIENT].codes.set(row, program);
            }
        }
        if let Some(client) = client {
            set(&mut self.dimensions[CLIENT], row, client);
        }

        // The shape.
        let mut look = Look { kind, service, status: code, suspect, ..Look::default() };
        if suspect {
            finisher.words.clear();
            if !ending.message.is_empty() && !ending.error.is_empty() && ending.message != ending.error {
                finisher.words.extend_from_slice(ending.message);
                finisher.words.extend_from_slice(b": ");
                finisher.words.extend_from_slice(ending.error);
            } else {
                finisher.words.extend_from_slice(if ending.error.is_empty() { ending.message } else { ending.error });
            }
            look = Look {
                error_code: ending.error_code,
                upstream_status: upstream_status.unwrap_or(0),
                mark: ending.mark,
                failing_level: ending.failing_level,
                message: &finisher.words,
                words: mask_hash(&finisher.words[..finisher.words.len().min(2048)]),
                ..look
            };
        }
        let counts = self.direct.counts;
        let (failed, rest) = match counts {
            None if suspect || !self.in_order => (0, self.shapes.of(&look, part, number, line)),
            None => {
                // The first line of a shape is its sample, so that later ones need not be looked at.
                let key = u64::from(service_code) << 17 | u64::from(code) << 1 | u64::from(kind == Kind::Event);
                let place = &mut finisher.healthy.0[super::mix(key, 1) as usize & 63];
                if place.0 != key {
                    *place = (key, self.shapes.of(&look, part, number, line));
                }
                (0, place.1)
            }
            Some(_) => {
                let failed = Look { suspect: true, counted: true, words: 0, ..look };
                let rest = Look { kind, service, status: code, ..Look::default() };
                (self.shapes.of(&failed, part, number, line), self.shapes.of(&rest, part, number, line))
            }
        };
        match counts {
            None => self.close_row(rest, 1),
            Some((total, failures)) => {
                let failures = failures.min(total);
                if failures > 0 {
                    self.close_row(failed, failures);
                }
                if failures == 0 || total > failures {
                    if failures > 0 {
                        self.repeat_row(row);
                    }
                    self.close_row(rest, total - failures);
                }
            }
        }
    }

    fn close_row(&mut self, shape: u32, weight: u64) {
        self.shape.push(shape);
        if weight != 1 || !self.weight.is_empty() {
            self.weight.resize(self.rows, 1);
            self.weight.push(u32::try_from(weight).unwrap_or(u32::MAX));
        }
        self.rows += 1;
    }

    /// Begins a row with everything that another one says.
    fn repeat_row(&mut self, row: usize) {
        self.time.push(self.time[row]);
        self.status.push(self.status[row]);
        self.latency.push(self.latency[row]);
        self.attempt.push(self.attempt[row]);
        for dimension in self.dimensions.iter_mut().chain(self.own.iter_mut().map(|(_, d)| d)) {
            let code = dimension.codes.get(row);
            if code != 0 {
                dimension.codes.set(row + 1, code);
            }
        }
    }
}

#[inline]
fn set(dimension: &mut Dimension, row: usize, value: &[u8]) {
    let code = dimension.values.code(value);
    dimension.codes.set(row, code);
}

/// What the fields say of how the call ended; what means success is left out.
fn ending_of<'a>(get: &impl Fn(u8) -> Option<(&'a [u8], Form)>) -> Ending<'a> {
    let value = |slot| get(slot).map_or(b"".as_slice(), |(v, _)| v);
    let telling = |slot| Some(value(slot)).filter(|v| !is_harmless(v)).unwrap_or_default();
    let mut ending = Ending {
        error_code: telling(slot::of(Attribute::ErrorCode)),
        message: value(slot::of(Attribute::Message)),
        error: telling(slot::ERROR),
        mark: value(slot::of(Attribute::Mark)),
        failing_level: get(slot::of(Attribute::Level)).is_some_and(|(v, _)| is_failure_level(v)),
        failed: get(slot::SUCCESS).is_some_and(|(v, _)| recognise::success(v) == Some(false)),
    };
    if is_harmless_mark(ending.mark) {
        ending.mark = b"";
    }
    // One word in a field `error` is a code; `true` only says that there is one.
    if ending.error.eq_ignore_ascii_case(b"true") {
        ending.failed = true;
        ending.error = b"";
    } else if !ending.error.is_empty() && !ending.error.iter().any(u8::is_ascii_whitespace) && ending.error.len() <= 64
    {
        if ending.error_code.is_empty() {
            ending.error_code = ending.error;
        }
        ending.error = b"";
    }
    let grpc = value(slot::GRPC);
    if !is_harmless(grpc) {
        ending.failed = true;
        if ending.error_code.is_empty() {
            ending.error_code = grpc;
        }
    }
    ending
}

/// Marks of gateways that nothing went wrong: Envoy's `via_upstream`, HAProxy's `--`, results of caches.
fn is_harmless_mark(mark: &[u8]) -> bool {
    const HARMLESS: [&[u8]; 9] = [
        b"via_upstream",
        b"direct_response",
        b"Hit",
        b"Miss",
        b"RefreshHit",
        b"OriginShieldHit",
        b"Redirect",
        b"NORMAL",
        b"SUCCESS",
    ];
    mark.starts_with(b"--") || is_harmless(mark) || HARMLESS.contains(&mark)
}

/// `GET /path HTTP/1.1` as method and path.
fn request_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', line)?;
    let (method, rest) = (&line[..space], &line[space + 1..]);
    let is_method =
        !method.is_empty() && method.len() <= 16 && method.iter().all(|b| b.is_ascii_uppercase() || *b == b'-');
    let path = memchr::memchr(b' ', rest).map_or(rest, |end| &rest[..end]);
    (is_method && (path.first() == Some(&b'/') || memchr::memmem::find(path, b"://").is_some() || path == b"*"))
        .then_some((method, path))
}

/// The codes of an agent's program with version and of the program alone.
fn codes_of_agent(
    agents: &mut Dictionary,
    codes: &mut Vec<(u32, u32)>,
    dimensions: &mut [Dimension],
    agent: &[u8],
) -> (u32, u32) {
    let known = agents.code(agent) as usize;
    if let Some(found) = codes.get(known).filter(|found| found.0 != 0 && known > 1) {
        return *found;
    }
    let (version, program) = client_of(&String::from_utf8_lossy(agent));
    let found = (
        dimensions[CLIENT_VERSION].values.code(version.as_bytes()),
        dimensions[CLIENT].values.code(program.as_bytes()),
    );
    if codes.len() <= known {
        codes.resize(known + 1, (0, 0));
    }
    codes[known] = found;
    found
}
