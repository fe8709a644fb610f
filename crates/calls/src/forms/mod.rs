//! Every form of log that is not plain NDJSON or logfmt. Each form has one reader ([`sink`]): quick rows and records come of the
//! same code.
//!
//! A form is learnt from the beginning of an input ([`detect`]); lines that are none of it go the [`general`] way.

mod access;
mod balancer;
mod documents;
mod envoy;
mod general;
mod haproxy;
mod level;
mod lines;
mod mapping;
mod moment;
mod nginx_error;
mod otlp;
mod replay;
mod scan;
mod sink;
mod squid;
mod table;
mod w3c;
mod words;
mod wrapped;

#[cfg(test)]
mod tests;

pub(crate) use lines::{Lines, read as read_lines};
pub use mapping::{Mapped, Mapping};

use crate::batch::Sample;
use crate::layout::{lines, style, trim};
use crate::recognise::Names;
use crate::{Attribute, Batch, Kind, Record, Settings};
use access::Access;
use firstfault_intake::prefix;
use replay::Quick;
use table::{Table, Told};
use w3c::W3c;
pub(crate) use wrapped::Wrapped;

/// Lines of the beginning that are looked at.
const LINES: usize = 1000;
/// A line of this length in the beginning is one that the beginning has cut.
const LONG: usize = 128 * 1024;
/// Wrappers inside wrappers (syslog in docker in CloudWatch).
const WRAPPERS: u8 = 3;

/// The form of an input.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// A quoted request, learnt by position.
    Access(Access),
    /// One that needs nothing learnt.
    Stateless(&'static str),
    /// Columns named by `#Fields:`.
    W3c(W3c),
    /// A header and records.
    Table(Table),
    /// Lines of the OpenTelemetry collector.
    Otlp,
    /// JSON that is not one object a line: an array, or objects over many lines.
    Documents,
    /// Lines inside others.
    Wrapped(Box<Wrapped>),
    /// Words of programs; whether every entry begins with a time.
    Words(bool),
    /// A text of two bytes a character.
    Utf16,
}

/// The form of an input; `None` for NDJSON and logfmt.
pub(crate) fn detect(beginning: &[u8], name: &str, settings: &Settings, depth: u8) -> Option<Form> {
    if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
        return Some(Form::Utf16);
    }
    let sampled: Vec<&[u8]> = lines(beginning).map(trim).filter(|line| !line.is_empty()).take(LINES).collect();
    let total = sampled.len();
    if total == 0 {
        return None;
    }
    let share = |test: &dyn Fn(&[u8]) -> bool| sampled.iter().filter(|line| test(line)).count();
    // the last line of a beginning may be cut, when it is longer than all of it
    let whole = |line: &[u8]| line.last() == Some(&b'}') || total == 1 && line.len() >= LONG;
    let json = share(&|line| line.first() == Some(&b'{') && whole(line));
    if documents::holds_list(sampled[0]) {
        return Some(Form::Documents);
    }
    if json * 2 >= total {
        if share(&otlp::is_line) * 2 >= total {
            return Some(Form::Otlp);
        }
        return Wrapped::json(&sampled, name, settings, depth).map(|w| Form::Wrapped(Box::new(w)));
    }
    if documents::recognises(&sampled) {
        return Some(Form::Documents);
    }
    if let Some(w3c) = w3c::learn(&sampled) {
        return Some(Form::W3c(w3c));
    }
    let mut best = (Form::Words(false), 0);
    for word in STATELESS {
        let form = Form::Stateless(word);
        let count = share(&|line| form.visit(line, &mut Record::default()));
        if count > best.1 {
            best = (form, count);
        }
    }
    if let Some((mut access, count)) = access::learn(&sampled)
        && count > best.1
    {
        access.map(&settings.map);
        best = (Form::Access(access), count);
    }
    // a prefix is no field of the log behind it
    let prefixed = |line: &[u8]| std::str::from_utf8(line).is_ok_and(|text| prefix::split(text) > 0);
    if matches!(best.0, Form::Access(_))
        && share(&prefixed) * 10 >= total * 6
        && let Some(wrapped) = Wrapped::text(&sampled, name, settings, depth)
    {
        return Some(Form::Wrapped(Box::new(wrapped)));
    }
    if best.1 * 2 < total {
        if let Some(table) = table::learn(beginning, settings) {
            return Some(Form::Table(table));
        }
        let wrapped = Wrapped::text(&sampled, name, settings, depth).filter(|w| w.count > best.1);
        if let Some(wrapped) = wrapped {
            return Some(Form::Wrapped(Box::new(wrapped)));
        }
        if share(&|line| style(line).is_some()) * 2 >= total {
            return None;
        }
        // a tenth is enough: what the quick reader does not know goes the general way anyway
        if best.1 * 10 < total {
            let stamped = share(&words::begins_entry);
            return Some(Form::Words(stamped * 10 >= total * 3));
        }
    }
    Some(best.0)
}

const STATELESS: [&str; 5] = ["envoy", "haproxy", "aws-alb", "aws-elb", "squid"];

impl Form {
    /// What a person calls it.
    pub fn word(&self) -> String {
        match self {
            Self::Access(_) => "access log".to_owned(),
            Self::Stateless(word) => (*word).to_owned(),
            Self::W3c(_) => "w3c".to_owned(),
            Self::Table(table) => table.word().to_owned(),
            Self::Otlp => "otlp".to_owned(),
            Self::Documents => "json".to_owned(),
            Self::Wrapped(wrapped) => wrapped.word(),
            Self::Words(_) => "text".to_owned(),
            Self::Utf16 => "utf-16".to_owned(),
        }
    }

    /// What is wrong with the whole input.
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Table(table) => table.problem.clone(),
            Self::Utf16 => Some("expected UTF-8, got UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)".to_owned()),
            _ => None,
        }
    }

    /// Whether it can be read in parts that begin at any line.
    pub fn splittable(&self) -> bool {
        match self {
            Self::Table(table) => !table.quotes,
            Self::Documents => false,
            _ => true,
        }
    }

    /// Where the last whole record ends.
    pub fn whole(&self, bytes: &[u8]) -> usize {
        match self {
            Self::Table(table) if table.quotes => Table::whole(bytes),
            Self::Documents => documents::whole(bytes),
            _ => memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1),
        }
    }

    /// Tells of one line by position alone; false when it is none of this form.
    fn visit<'a>(&self, line: &'a [u8], sink: &mut impl sink::Sink<'a>) -> bool {
        let told = match self {
            Self::Access(access) => access.visit(line, sink),
            Self::Stateless("envoy") => envoy::visit(line, sink),
            Self::Stateless("haproxy") => haproxy::visit(line, sink),
            Self::Stateless("aws-alb") => balancer::application(line, sink),
            Self::Stateless("aws-elb") => balancer::classic(line, sink),
            Self::Stateless("squid") => squid::visit(line, sink),
            Self::W3c(w3c) => w3c.visit(line, sink),
            Self::Table(table) => return table.visit(line, sink) == Told::Row,
            _ => false,
        };
        if told {
            sink.kind(Kind::Call);
        }
        told
    }

    /// Reads one line into the row that is begun.
    pub fn line(&self, line: &[u8], batch: &mut Batch) -> bool {
        self.visit(line, &mut Quick { batch, line })
    }

    /// One line as a record.
    pub fn record(&self, line: &[u8], year: Option<i32>) -> Option<Record> {
        let mut record = Record::default();
        match self {
            Self::Wrapped(wrapped) => return wrapped.record(line, year),
            Self::Otlp => return otlp::record(line),
            Self::Documents => return None,
            Self::Utf16 => return None,
            _ if self.visit(line, &mut record) => {
                if let Self::Table(table) = self {
                    record.kind = table.kind(&record);
                }
                return Some(record);
            }
            // a row of a table that does not fit is no sentence
            Self::Table(_) => return None,
            _ => {}
        }
        general::record(line, year, matches!(self, Self::Words(_)))
    }

    /// Reads whole lines into a batch; `first` where they are the beginning of the input.
    pub fn read(&self, chunk: &[u8], first: bool, year: Option<i32>, batch: &mut Batch) {
        match self {
            Self::Table(table) => read_table(table, chunk, batch),
            Self::W3c(w3c) => read_w3c(w3c, chunk, first, year, batch),
            Self::Otlp => otlp::read(chunk, batch),
            Self::Documents => documents::read(chunk, batch),
            Self::Utf16 => lines(chunk).for_each(|_| batch.unreadable(b"(UTF-16)")),
            Self::Words(stamped) => lines::words(*stamped, chunk, first, year, batch),
            Self::Wrapped(wrapped) => wrapped.read(chunk, first, year, batch),
            Self::Access(_) | Self::Stateless(_) => read_lines(self, chunk, first, year, batch),
        }
    }
}

impl Lines for Form {
    fn line(&self, line: &[u8], batch: &mut Batch) -> bool {
        Self::line(self, line, batch)
    }
}

/// A line of another input's form, in the general way.
pub(crate) fn stray(line: &[u8], year: Option<i32>) -> Option<Record> {
    general::record(line, year, false)
}

/// What a name means where a format writes names.
fn attribute_of(name: &str) -> Option<Attribute> {
    Names::default().meaning(name)?.attribute()
}

fn read_table(table: &Table, chunk: &[u8], batch: &mut Batch) {
    let mut at = 0;
    let sample = |record: &[u8]| table.sample(record);
    while at < chunk.len() {
        let (record, next) = if table.quotes { Table::record(&chunk[at..]) } else { line_at(&chunk[at..]) };
        at += next;
        batch.begin();
        match table.visit(record, &mut Quick { batch, line: record }) {
            Told::Row => batch.finish_as(record, Sample { line: record, made: Some(&sample) }),
            Told::Aside => batch.aside(),
            Told::Not(reason) => {
                let shown = String::from_utf8_lossy(&record[..record.len().min(400)]);
                batch.unreadable(format!("({reason}) {shown}").as_bytes());
            }
        }
    }
}

/// The line at the start of `text`, and where the next one begins.
fn line_at(text: &[u8]) -> (&[u8], usize) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = &text[..end];
    (line.strip_suffix(b"\r").unwrap_or(line), (end + 1).min(text.len()))
}

/// Rows between directives; `#Fields:` names other columns from there on.
fn read_w3c(learnt: &W3c, chunk: &[u8], first: bool, year: Option<i32>, batch: &mut Batch) {
    let mut columns = std::borrow::Cow::Borrowed(learnt);
    let mut from = 0;
    while from < chunk.len() {
        let (line, next) = line_at(&chunk[from..]);
        if line.first() == Some(&b'#') {
            if let Some(other) = W3c::from_fields(line) {
                let row = lines(&chunk[from + next..]).find(|l| l.first() != Some(&b'#')).unwrap_or_default();
                columns = std::borrow::Cow::Owned(other.with_row(row));
            }
            batch.aside();
            from += next;
            continue;
        }
        let end = memchr::memmem::find(&chunk[from..], b"\n#").map_or(chunk.len(), |at| from + at + 1);
        read_lines(columns.as_ref(), &chunk[from..end], first, year, batch);
        from = end;
    }
}

impl Lines for W3c {
    fn line(&self, line: &[u8], batch: &mut Batch) -> bool {
        self.visit(line, &mut Quick { batch, line })
    }

    fn sample(&self, line: &[u8]) -> Vec<u8> {
        [self.header.as_bytes(), b"\n", line].concat()
    }
}
