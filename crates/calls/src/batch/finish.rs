//! The values of a line → one row: converted, coded, and given its shape.

use super::agents::Agents;
use super::ending::{Ending, ending_of};
use super::hash::id_hash;
use super::request::{address_of, method_of, request_line, write_template};
use super::shapes::{Look, Sample};
use super::templates::Templates;
use super::{Batch, Dimension};
use crate::quick::time::Clock;
use crate::recognise::{self, Form, is_failure_level, slot, tells_failure};
use crate::{Attribute, Kind, NO_TIME, Part, mask_hash};

/// Places of attributes among the dimensions.
pub(super) const fn dimension(attribute: Attribute) -> usize {
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
const USER: usize = dimension(Attribute::User);
const CLIENT_IP: usize = dimension(Attribute::ClientIp);
pub(super) const CLIENT: usize = dimension(Attribute::Client);
pub(super) const CLIENT_VERSION: usize = dimension(Attribute::ClientVersion);

/// Dimensions whose value is taken as it is written, by their places.
const PLAIN: [usize; 64] = {
    let mut out = [0; 64];
    let list = AS_WRITTEN;
    let mut index = 0;
    while index < list.len() {
        out[list[index] as usize] = dimension(list[index]);
        index += 1;
    }
    out
};

const AS_WRITTEN: [Attribute; 9] = [
    Attribute::Upstream,
    Attribute::Tenant,
    Attribute::Role,
    Attribute::ApiKey,
    Attribute::Region,
    Attribute::Zone,
    Attribute::Host,
    Attribute::Release,
    Attribute::Flag,
];

/// The places of those.
const PLAIN_BITS: u64 = {
    let mut bits = 0;
    let mut index = 0;
    while index < AS_WRITTEN.len() {
        bits |= bit(slot::of(AS_WRITTEN[index]));
        index += 1;
    }
    bits
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

const LEVEL: u64 = bit(slot::of(Attribute::Level));
const COUNTS: u64 = bit(slot::TOTAL) | bit(slot::FAILED);

/// What is kept from line to line to convert values.
#[derive(Debug, Default)]
pub(super) struct Finisher {
    service: Vec<u8>,
    /// 0 until a line belongs to it, so that no value is known that no line has.
    service_code: u32,
    year: Option<i32>,
    clock: Clock,
    route: Vec<u8>,
    words: Vec<u8>,
    /// The last message that tells of no failure.
    harmless: Vec<u8>,
    /// Shapes of healthy lines by service, status and kind.
    healthy: HealthyShapes,
    agents: Agents,
    templates: Templates,
}

impl Finisher {
    /// `service` is the one that lines belong to which do not say theirs.
    pub fn open(&mut self, service: &str, year: Option<i32>) {
        self.service_code = 0;
        self.service.clear();
        self.service.extend_from_slice(service.as_bytes());
        self.year = year;
    }

    /// As the function of that name; most messages say what the one before said.
    #[inline]
    fn tells_failure(&mut self, message: &[u8]) -> bool {
        // Comparing with nothing is slow where memory that is not there is masked out.
        if message.is_empty() || message == self.harmless {
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

/// A small memory of the shapes of healthy lines. The first line of a shape is its sample, so that later ones need not be
/// looked at.
#[derive(Debug)]
struct HealthyShapes([(u64, u32); 64]);

impl Default for HealthyShapes {
    fn default() -> Self {
        Self([(u64::MAX, 0); 64])
    }
}

impl HealthyShapes {
    #[inline]
    fn get(&self, key: u64) -> Option<u32> {
        let place = self.0[super::mix(key, 1) as usize & 63];
        (place.0 == key).then_some(place.1)
    }

    fn put(&mut self, key: u64, shape: u32) {
        self.0[super::mix(key, 1) as usize & 63] = (key, shape);
    }
}

impl Batch {
    pub(super) fn finish_row(&mut self, line: &[u8], sample: Sample<'_>, part: Part, number: u64) {
        let row = self.rows;
        let seen = self.row.seen();
        let values = &self.row;
        let get = |slot| values.get(slot, line);
        let of = |attribute| values.get(slot::of(attribute), line);
        let finisher = &mut self.finisher;

        // Numbers.
        let time = self
            .direct
            .time
            .or_else(|| finisher.clock.parse(of(Attribute::Time)?.0, finisher.year))
            .or(self.direct.behind);
        let written_status = of(Attribute::Status).map(|(value, _)| value);
        let status = self.direct.status.or_else(|| recognise::status(recognise::last_number(written_status?)));
        let latency =
            self.direct.latency.or_else(|| of(Attribute::Latency).and_then(|(v, form)| recognise::millis(v, form)));
        let attempt = of(Attribute::Attempt).and_then(|(v, form)| recognise::attempt(v, form));
        let upstream_status =
            of(Attribute::UpstreamStatus).and_then(|(v, _)| recognise::status(recognise::last_number(v)));
        self.time.push(time.unwrap_or(NO_TIME));
        self.status.push(status.unwrap_or(0));
        self.latency.push(latency.unwrap_or(f32::NAN));
        self.attempt.push(attempt.unwrap_or(0));
        if let Some((id, _)) = of(Attribute::RequestId).or_else(|| of(Attribute::IdempotencyKey)) {
            set_id(&mut self.request, row, id);
        }
        if let Some((id, _)) = of(Attribute::TraceId) {
            set_id(&mut self.trace, row, id);
        }

        // The request.
        let mut method = of(Attribute::Method).map(|(v, _)| v);
        let mut path = get(slot::PATH).map(|(v, _)| v);
        if seen & bit(slot::REQUEST_LINE) != 0 && (method.is_none() || path.is_none()) {
            let request = get(slot::REQUEST_LINE).and_then(|(v, _)| request_line(v));
            method = method.or(request.map(|r| r.0));
            path = path.or(request.map(|r| r.1));
        }
        finisher.route.clear();
        let mut route = 0;
        if let Some((template, _)) = of(Attribute::Route) {
            if method.is_some() {
                let (text, length) = values.beginning(slot::of(Attribute::Route), line);
                route = finisher.templates.code(text, length, &mut self.dimensions[ROUTE]);
            } else {
                method = write_template(template, &mut finisher.route);
            }
        } else if let Some(path) = path {
            recognise::write_route(path, &mut finisher.route);
        }
        if seen & (bit(slot::RPC_SERVICE) | bit(slot::RPC_METHOD)) != 0 && finisher.route.is_empty() && route == 0 {
            // As its path is over HTTP: `/package.Service/Procedure`.
            let part = |slot| get(slot).map_or(b"".as_slice(), |(v, _)| v.strip_prefix(b"/").unwrap_or(v));
            for part in [part(slot::RPC_SERVICE), part(slot::RPC_METHOD)].into_iter().filter(|p| !p.is_empty()) {
                finisher.route.push(b'/');
                finisher.route.extend_from_slice(part);
            }
        }
        let length = finisher.route.len();
        if length > 0 {
            finisher.route.extend_from_slice(&[0; 16]);
            route = self.dimensions[ROUTE].values.code_of_beginning(&finisher.route, length);
        }
        let routed = route != 0;
        if routed {
            self.dimensions[ROUTE].codes.set(row, route);
        }
        if let Some(method) = method {
            let mut capitals = [0; 16];
            let method = method_of(method, &mut capitals);
            set(&mut self.dimensions[METHOD], row, method, method.len());
        }

        // The other dimensions.
        let service_code = if seen & bit(slot::of(Attribute::Service)) == 0 {
            if finisher.service_code == 0 {
                finisher.service_code = self.dimensions[SERVICE].values.code(&finisher.service);
            }
            finisher.service_code
        } else {
            let (text, length) = values.beginning(slot::of(Attribute::Service), line);
            self.dimensions[SERVICE].values.code_of_beginning(text, length)
        };
        self.dimensions[SERVICE].codes.set(row, service_code);
        if let Some(status) = upstream_status {
            let digits = [b'0' + (status / 100) as u8, b'0' + (status / 10 % 10) as u8, b'0' + (status % 10) as u8];
            set(&mut self.dimensions[UPSTREAM_STATUS], row, &digits, 3);
        }
        let mut left = seen & PLAIN_BITS;
        while left != 0 {
            let slot = left.trailing_zeros() as usize;
            left &= left - 1;
            let (text, length) = values.beginning(slot as u8, line);
            set(&mut self.dimensions[PLAIN[slot]], row, text, length);
        }
        let mut program = 0;
        if let Some((agent, form)) = of(Attribute::ClientVersion) {
            let version;
            (version, program) = match form {
                Form::Agent => finisher.agents.codes(
                    agent,
                    values.beginning(slot::of(Attribute::ClientVersion), line),
                    &mut self.dimensions,
                ),
                _ => (self.dimensions[CLIENT_VERSION].values.code(agent), 0),
            };
            self.dimensions[CLIENT_VERSION].codes.set(row, version);
        }
        if let Some((client, _)) = of(Attribute::Client) {
            set(&mut self.dimensions[CLIENT], row, client, client.len());
        } else if program != 0 {
            self.dimensions[CLIENT].codes.set(row, program);
        }

        // How it ended.
        let mut ending = Ending::default();
        if seen & TELLING == LEVEL {
            // Most lines say nothing else.
            ending.failing_level = of(Attribute::Level).is_some_and(|(level, _)| is_failure_level(level));
        } else if seen & TELLING != 0 {
            ending = ending_of(&get);
        }
        // A status in words: Datadog's `status` is a level, others write how it went.
        if status.is_none()
            && let Some(word) = written_status
        {
            ending.failing_level |= is_failure_level(word);
            ending.failed |= recognise::success(word) == Some(false);
        }
        let counts = match self.direct.counts {
            None if seen & COUNTS != 0 => counts_of(&get),
            direct => direct,
        };
        let says_how = status.is_some() || seen & (bit(slot::GRPC) | bit(slot::SUCCESS)) != 0;
        let called = routed && (method.is_some() || latency.is_some() || says_how);
        let shown = if status.is_some() || called || counts.is_some() { Kind::Call } else { Kind::Event };
        let kind = self.direct.kind.unwrap_or(shown);
        let suspect = status.is_some_and(|s| s >= 400 || s == 0)
            || upstream_status.is_some_and(|s| s >= 400)
            || ending.is_telling()
            || finisher.tells_failure(ending.message);

        // Who called.
        let telling = counts.map_or(suspect, |(total, failed)| total.min(failed) > 0);
        if seen & bit(slot::of(Attribute::User)) != 0 {
            let (text, length) = values.beginning(slot::of(Attribute::User), line);
            self.dimensions[USER].set_who(row, text, length, telling);
        }
        if let Some((address, _)) = of(Attribute::ClientIp) {
            let (text, _) = values.beginning(slot::of(Attribute::ClientIp), line);
            let own = address_of(address);
            let text = if own.as_ptr() == address.as_ptr() { text } else { own };
            self.dimensions[CLIENT_IP].set_who(row, text, own.len(), telling);
        }

        // The shape.
        let code = status.unwrap_or(0);
        let key = u64::from(service_code) << 17 | u64::from(code) << 1 | u64::from(kind == Kind::Event);
        let simple = !suspect && counts.is_none() && self.in_order && service_code > 1;
        if simple && let Some(shape) = finisher.healthy.get(key) {
            return self.close_row(shape, 1);
        }
        let service = of(Attribute::Service).map_or(finisher.service.as_slice(), |(v, _)| v);
        let healthy = Look { kind, service, status: code, ..Look::default() };
        let mut look = healthy;
        if suspect {
            ending.write_words(&mut finisher.words);
            look = Look {
                suspect,
                error_code: ending.error_code,
                upstream_status: upstream_status.unwrap_or(0),
                mark: ending.mark,
                failing_level: ending.failing_level,
                message: &finisher.words,
                words: mask_hash(&finisher.words),
                ..healthy
            };
        }
        let Some((total, failed)) = counts else {
            let shape = self.shapes.of(&look, part, number, sample);
            if simple {
                finisher.healthy.put(key, shape);
            }
            return self.close_row(shape, 1);
        };
        // A row of counts becomes one of those that failed and one of those that did not.
        let counted = Look { suspect: true, counted: true, words: 0, ..look };
        let failing = self.shapes.of(&counted, part, number, sample);
        let working = self.shapes.of(&healthy, part, number, sample);
        let failed = failed.min(total);
        if failed > 0 {
            self.close_row(failing, failed);
        }
        if failed > 0 && failed < total {
            self.repeat_row(row);
        }
        if failed == 0 || failed < total {
            self.close_row(working, total - failed);
        }
    }

    #[inline]
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

/// Calls that the row stands for, and how many of them failed, where the user named the fields.
fn counts_of<'a>(get: &impl Fn(u8) -> Option<(&'a [u8], Form)>) -> Option<(u64, u64)> {
    let count = |slot| get(slot).and_then(|(v, _)| recognise::number(v)).map(|n| n.max(0.0) as u64);
    let (total, failed) = (count(slot::TOTAL), count(slot::FAILED));
    (total.is_some() || failed.is_some()).then(|| (total.or(failed).unwrap_or(0), failed.unwrap_or(0)))
}

#[inline]
fn set(dimension: &mut Dimension, row: usize, text: &[u8], length: usize) {
    let code = dimension.values.code_of_beginning(text, length);
    dimension.codes.set(row, code);
}

#[inline]
fn set_id(column: &mut Vec<u64>, row: usize, id: &[u8]) {
    if column.len() != row {
        column.resize(row, 0);
    }
    column.push(id_hash(id));
}
