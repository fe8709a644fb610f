//! Rows of one thread, with dictionaries of its own; batches are merged into one table at the end.
//!
//! A reader of lines opens a part, and for each line begins a row, sets what the line says and finishes it. Nothing is
//! allocated per line; a row is 15 bytes, 8 for each kind of id, and 1, 2 or 4 for each dimension that the log has.

mod agents;
mod dictionary;
mod ending;
mod finish;
mod hash;
mod merge;
mod request;
mod row;
mod shapes;
mod templates;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_who;
mod who;
mod words;

pub use hash::id_hash;
pub(crate) use hash::{begins_with, hash, mix};
use merge::Piece;
pub use merge::{merge, merge_part};

use crate::recognise::{Form, Meaning, slot};
use crate::{Attribute, Kind, Part};
use dictionary::{Column, Dictionary};
pub(crate) use row::Row;
pub(crate) use shapes::Sample;
use shapes::Shapes;
pub use who::close;
pub(crate) use who::{HASHED, Known, hashed_value};

/// Attributes that only rows are grouped by: nothing else of a row depends on them.
const OPTIONAL: [Attribute; 16] = [
    Attribute::Upstream,
    Attribute::Tenant,
    Attribute::Role,
    Attribute::User,
    Attribute::ApiKey,
    Attribute::ClientIp,
    Attribute::Region,
    Attribute::Zone,
    Attribute::Host,
    Attribute::Client,
    Attribute::ClientVersion,
    Attribute::Release,
    Attribute::Flag,
    Attribute::RequestId,
    Attribute::IdempotencyKey,
    Attribute::TraceId,
];

/// What shapes are told apart by beside the status.
const JUDGED: [Attribute; 4] = [Attribute::ErrorCode, Attribute::Message, Attribute::Mark, Attribute::Level];

/// Different values of a user or an address that one thread keeps.
const MANY: usize = 1 << 20;
/// Different values of another dimension that one thread keeps; in the table there are at most 65,535.
const FEWER: usize = 1 << 17;
/// Columns that a table of counts may have beside the attributes.
const OWN: usize = 32;
/// Lines that nothing could be made of are shown up to this number per input, and up to this length.
const EXAMPLES: usize = 5;
const EXAMPLE: usize = 200;

/// Lines of one part of an input and what came of them.
#[derive(Clone, Debug, Default)]
struct Segment {
    part: Part,
    from: usize,
    to: usize,
    lines: u64,
    aside: u64,
    unreadable: u64,
    examples: Vec<(u64, String)>,
}

/// One dimension of the rows of a thread.
#[derive(Debug)]
struct Dimension {
    values: Dictionary,
    codes: Column,
    /// With more values than these, only those of telling rows are named.
    few: usize,
    /// There are more.
    wide: bool,
}

impl Dimension {
    fn new(limit: usize) -> Self {
        Self { values: Dictionary::new(limit), codes: Column::default(), few: usize::MAX, wide: false }
    }

    fn of(attribute: Attribute) -> Self {
        if matches!(attribute, Attribute::User | Attribute::ClientIp) {
            return Self { few: who::FEW, ..Self::new(MANY) };
        }
        Self::new(FEWER)
    }
}

/// Rows of one thread.
#[derive(Debug)]
pub struct Batch {
    segments: Vec<Segment>,
    rows: usize,
    time: Vec<i64>,
    status: Vec<u16>,
    latency: Vec<f32>,
    attempt: Vec<u8>,
    /// These three are shorter than the rows where the last ones have none.
    request: Vec<u64>,
    trace: Vec<u64>,
    weight: Vec<u32>,
    shape: Vec<u32>,
    dimensions: Vec<Dimension>,
    own: Vec<(String, Dimension)>,
    shapes: Shapes,
    /// The line that is being read.
    pub(crate) row: Row,
    direct: Direct,
    /// Whether the parts came in their order so far.
    in_order: bool,
    finisher: finish::Finisher,
    pub(crate) readers: crate::quick::Readers,
}

/// Values that a reader has converted itself.
#[derive(Clone, Copy, Debug, Default)]
struct Direct {
    time: Option<i64>,
    status: Option<u16>,
    latency: Option<f32>,
    counts: Option<(u64, u64)>,
    kind: Option<Kind>,
    /// The time where the line says none.
    behind: Option<i64>,
    /// The row is not the first of its line.
    within: bool,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            rows: 0,
            time: Vec::new(),
            status: Vec::new(),
            latency: Vec::new(),
            attempt: Vec::new(),
            request: Vec::new(),
            trace: Vec::new(),
            weight: Vec::new(),
            shape: Vec::new(),
            dimensions: Attribute::DIMENSIONS.iter().map(|a| Dimension::of(*a)).collect(),
            own: Vec::new(),
            shapes: Shapes::default(),
            row: Row::default(),
            direct: Direct::default(),
            in_order: true,
            finisher: finish::Finisher::default(),
            readers: crate::quick::Readers::default(),
        }
    }
}

impl Batch {
    /// Keeps of ids, of those attributes that rows are only grouped by, and of words that only a verdict looks at no others
    /// than these: a question about a few attributes need not pay for all.
    pub fn keep_only(&mut self, attributes: &[Attribute]) {
        // The program is read from its name with its version.
        let client = attributes.contains(&Attribute::Client);
        let kept = |a: &Attribute| attributes.contains(a) || (client && *a == Attribute::ClientVersion);
        let mut ignored: Vec<u8> = OPTIONAL.into_iter().filter(|a| !kept(a)).map(slot::of).collect();
        if !attributes.contains(&Attribute::ErrorCode) {
            ignored.extend(JUDGED.map(slot::of));
            ignored.push(slot::ERROR);
        }
        self.row.ignore(ignored.into_iter());
        self.name_all();
    }

    /// Names all users and addresses, also where there are so many that only those of calls that may have failed are named
    /// otherwise and all others stand together as `(others)`.
    pub fn name_all(&mut self) {
        self.dimensions.iter_mut().for_each(|dimension| dimension.few = usize::MAX);
    }

    /// Rows so far.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes held, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let dimension = |d: &Dimension| d.values.size() + d.codes.size();
        self.time.capacity() * 8
            + self.status.capacity() * 2
            + self.latency.capacity() * 4
            + self.attempt.capacity()
            + self.request.capacity() * 8
            + self.trace.capacity() * 8
            + self.weight.capacity() * 4
            + self.shape.capacity() * 4
            + self.dimensions.iter().map(dimension).sum::<usize>()
            + self.own.iter().map(|(_, d)| dimension(d)).sum::<usize>()
            + self.shapes.size()
            + self.segments.len() * std::mem::size_of::<Segment>()
    }

    /// Begins a part of an input. `service` is the one of lines that do not say theirs.
    pub fn open(&mut self, part: Part, service: &str, year: Option<i32>) {
        self.in_order &= self.segments.last().is_none_or(|last| last.part < part);
        self.segments.push(Segment { part, from: self.rows, to: self.rows, ..Segment::default() });
        self.finisher.open(service, year);
        self.begin();
    }

    /// Begins the row of a line.
    #[inline]
    pub fn begin(&mut self) {
        self.row.clear();
        self.direct = Direct::default();
    }

    /// Sets an attribute. Empty values and `-` are none; the first value that is set stays.
    pub fn set(&mut self, attribute: Attribute, value: &[u8]) {
        let form = match attribute {
            Attribute::Latency | Attribute::UpstreamLatency => Form::Millis,
            Attribute::ClientVersion => Form::Agent,
            _ => Form::Plain,
        };
        self.row.copy(Meaning { slot: slot::of(attribute), form, rank: 0 }, value);
    }

    /// Sets the route by the path or URL of a request, of which ids are masked and the query dropped.
    pub fn set_path(&mut self, path: &[u8]) {
        self.row.copy(Meaning { slot: slot::PATH, form: Form::Plain, rank: 0 }, path);
    }

    /// Sets what a line says of an error, words or a code, where a field says nothing but that.
    pub fn set_error(&mut self, error: &[u8]) {
        self.row.copy(Meaning { slot: slot::ERROR, form: Form::Plain, rank: 0 }, error);
    }

    /// Sets a column of a table that is no attribute; at most 32 different ones are kept.
    pub fn set_own(&mut self, name: &str, value: &[u8]) {
        let found = self.own.iter().position(|(known, _)| known == name);
        let index = match found {
            Some(index) => index,
            None if self.own.len() < OWN => {
                self.own.push((name.to_owned(), Dimension::new(FEWER)));
                self.own.len() - 1
            }
            None => return,
        };
        let dimension = &mut self.own[index].1;
        let code = dimension.values.code(value);
        if code != 0 {
            dimension.codes.set(self.rows, code);
        }
    }

    /// Sets the time, in milliseconds since the Unix epoch.
    pub fn time(&mut self, time: i64) {
        self.direct.time = Some(time);
    }

    /// Sets the status.
    pub fn status(&mut self, status: u16) {
        self.direct.status = Some(status);
    }

    /// Sets the duration in milliseconds.
    pub fn latency(&mut self, latency: f32) {
        self.direct.latency = Some(latency);
    }

    /// Says that the row stands for `total` calls, of which `failed` failed.
    pub fn counts(&mut self, total: u64, failed: u64) {
        self.direct.counts = Some((total, failed));
    }

    /// Says what kind of line it is, where its values do not show it.
    pub fn kind(&mut self, kind: Kind) {
        self.direct.kind = Some(kind);
    }

    /// Sets the time where the line has said none.
    pub(crate) fn time_behind(&mut self, time: i64) {
        self.direct.behind = Some(time);
    }

    /// The row is a further one of the line of the row before.
    pub fn within(&mut self) {
        self.direct.within = true;
    }

    /// The line belongs to the entry before it, is a header or empty.
    pub fn aside(&mut self) {
        if let Some(segment) = self.segments.last_mut() {
            segment.lines += 1;
            segment.aside += 1;
        }
    }

    /// Nothing could be made of the line.
    pub fn unreadable(&mut self, line: &[u8]) {
        let Some(segment) = self.segments.last_mut() else { return };
        segment.lines += 1;
        segment.unreadable += 1;
        if segment.examples.len() < EXAMPLES {
            let text = String::from_utf8_lossy(&line[..line.len().min(EXAMPLE * 4)]);
            segment.examples.push((segment.lines, text.chars().take(EXAMPLE).collect()));
        }
    }

    /// The row is complete. `line` is all of it, for the sample of its shape.
    #[inline]
    pub fn finish(&mut self, line: &[u8]) {
        self.finish_as(line, Sample { line, made: None });
    }

    /// As [`Batch::finish`], with a sample of its own.
    pub(crate) fn finish_as(&mut self, line: &[u8], sample: Sample<'_>) {
        let Some(segment) = self.segments.last_mut() else { return };
        segment.lines += u64::from(!self.direct.within);
        let at = (segment.part, segment.lines);
        self.finish_row(line, sample, at.0, at.1);
        if let Some(segment) = self.segments.last_mut() {
            segment.to = self.rows;
        }
    }
}
