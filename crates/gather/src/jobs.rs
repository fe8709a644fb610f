//! Inputs → pieces of work, in order: parts of plain files, chunks of streams, many small files at once.

use crate::meter::Meter;
use crate::packed::{self, Form};
use crate::plain::{PART, PIECE, Plain};
use crate::reason;
use crate::sources::{Source, Where};
use crate::stream::{self, Stream};
use firstfault_calls::{Layout, Part, Settings};
use firstfault_columns::{JsonLines, Saved, Table};
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

/// A file up to this size is read whole by one thread.
const SMALL: u64 = 1 << 20;

/// Parts of a plain file in one piece of work.
const PARTS: u32 = (PIECE / PART) as u32;

/// Small files of one piece of work.
const TOGETHER: usize = 64;

/// Bytes that a line of a small file is taken to have.
const BYTES: f64 = 100.0;

/// A piece of work.
pub(crate) enum Job {
    /// The lines that begin between two places of a plain file; `at` is the first of their parts.
    Parts { file: Arc<Plain>, layout: Arc<Layout>, range: Range<u64>, at: Part },
    /// Whole lines.
    Chunk { bytes: Vec<u8>, layout: Arc<Layout>, at: Part },
    /// Small files, by their index.
    Small(Range<u32>),
}

/// What was found out about inputs on the way.
#[derive(Default)]
pub(crate) struct Findings {
    /// Inputs that could be opened.
    pub(crate) opened: usize,
    pub(crate) forms: Vec<(u32, String)>,
    pub(crate) problems: Vec<(u32, String)>,
    /// Inputs that are saved tables.
    pub(crate) tables: Vec<(u32, Saved)>,
}

impl Findings {
    pub(crate) fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.forms.extend(other.forms);
        self.problems.extend(other.problems);
        self.tables.extend(other.tables);
    }

    /// What its layout says of an input.
    pub(crate) fn learnt(&mut self, input: u32, layout: &Layout) {
        self.forms.push((input, layout.form.clone()));
        self.problems.extend(layout.problem().map(|problem| (input, problem)));
    }

    /// Opens a Parquet file; one that others made is read as lines.
    pub(crate) fn parquet(&mut self, file: File, input: u32) -> Result<Option<Box<JsonLines>>, String> {
        match firstfault_columns::open(file)? {
            Table::Saved(saved) => {
                self.forms.push((input, "calls table".to_owned()));
                self.tables.push((input, *saved));
                Ok(None)
            }
            Table::Foreign(lines) => Ok(Some(lines)),
        }
    }
}

/// The pieces of work of all inputs, one after another.
pub(crate) struct Jobs<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) settings: &'a Settings,
    pub(crate) meter: &'a Meter,
    next: usize,
    open: Option<Open>,
    pub(crate) findings: Findings,
}

/// A large input that is being read.
enum Open {
    Plain { file: Arc<Plain>, layout: Arc<Layout>, input: u32, done: u64, chunk: u32, rows: f64 },
    Stream { stream: Box<Stream>, layout: Arc<Layout>, input: u32, chunk: u32, rows: f64 },
}

impl<'a> Jobs<'a> {
    pub(crate) fn new(sources: &'a [Source], settings: &'a Settings, meter: &'a Meter) -> Self {
        Self { sources, settings, meter, next: 0, open: None, findings: Findings::default() }
    }

    /// Whether there may be more.
    pub(crate) fn ahead(&self) -> bool {
        self.open.is_some() || self.next < self.sources.len()
    }

    /// The next piece, and about how many rows it has.
    pub(crate) fn next(&mut self) -> Option<(Job, f64)> {
        loop {
            if let Some(found) = self.continued() {
                return Some(found);
            }
            if self.next >= self.sources.len() {
                return None;
            }
            let first = self.next;
            let mut bytes = 0;
            while self.next - first < TOGETHER && self.next < self.sources.len() {
                let source = &self.sources[self.next];
                if !matches!(source.at, Where::File(_)) || source.size > SMALL || bytes > SMALL {
                    break;
                }
                bytes += source.size;
                self.next += 1;
            }
            if self.next > first {
                return Some((Job::Small(index(first)..index(self.next)), precise(bytes) / BYTES));
            }
            self.next += 1;
            let input = index(first);
            if let Err(problem) = self.open(&self.sources[first], input) {
                self.findings.problems.push((input, problem));
            }
        }
    }

    fn continued(&mut self) -> Option<(Job, f64)> {
        match &mut self.open {
            None => None,
            Some(Open::Plain { file, layout, input, done, chunk, rows }) => {
                if *done >= file.size {
                    self.open = None;
                    return None;
                }
                let range = *done..(*done + PIECE).min(file.size);
                let at = Part { input: *input, chunk: *chunk };
                *done = range.end;
                *chunk += PARTS;
                let count = *rows * precise(range.end - range.start);
                Some((Job::Parts { file: Arc::clone(file), layout: Arc::clone(layout), range, at }, count))
            }
            Some(Open::Stream { stream, layout, input, chunk, rows }) => {
                if let Some(bytes) = stream.chunk(layout) {
                    let at = Part { input: *input, chunk: *chunk };
                    *chunk += 1;
                    let count = *rows * precise(bytes.len() as u64);
                    return Some((Job::Chunk { bytes, layout: Arc::clone(layout), at }, count));
                }
                let (input, problems) = (*input, std::mem::take(&mut stream.problems));
                if stream.given > 0 || problems.is_empty() {
                    self.findings.opened += 1;
                }
                self.findings.problems.extend(problems.into_iter().map(|p| (input, p)));
                self.open = None;
                None
            }
        }
    }

    /// Opens a large input.
    fn open(&mut self, source: &Source, input: u32) -> Result<(), String> {
        let (file, size) = match &source.at {
            Where::Nowhere(problem) => return Err(problem.clone()),
            Where::Standard => return self.pipe(Box::new(io::stdin()), source, input),
            Where::Pipe(path) => {
                let file = File::open(path).map_err(|e| reason(&e))?;
                return self.pipe(Box::new(file), source, input);
            }
            Where::File(path) => (File::open(path).map_err(|e| reason(&e))?, source.size),
        };
        let plain = Plain::new(file, size);
        let mut beginning = vec![0; stream::BEGINNING];
        let got = plain.fill(&mut beginning, 0).map_err(|e| reason(&e))?;
        beginning.truncate(got);
        match packed::form(&beginning[..got.min(packed::HEAD)]) {
            Form::Plain => {
                let whole = stream::beginning(&beginning);
                let layout = Arc::new(Layout::learn(whole, &source.name, self.settings));
                let rows = per_byte(whole);
                if layout.splittable() {
                    self.findings.learnt(input, &layout);
                    self.findings.opened += 1;
                    self.open = Some(Open::Plain { file: Arc::new(plain), layout, input, done: 0, chunk: 0, rows });
                } else {
                    let reader = Box::new(self.metered(plain.file.take(size)));
                    self.open = Some(self.stream(reader, source, input));
                }
            }
            Form::Parquet => {
                self.meter.bytes(usize::try_from(size).unwrap_or(0));
                if let Some(lines) = self.findings.parquet(plain.file, input)? {
                    self.open = Some(self.stream(lines, source, input));
                    self.findings.forms.push((input, "parquet".to_owned()));
                }
            }
            Form::Not(problem) => return Err(problem.to_owned()),
            form => {
                let reader =
                    packed::unpack(form, Box::new(self.metered(plain.file.take(size)))).map_err(|e| reason(&e))?;
                self.open = Some(self.stream(reader, source, input));
            }
        }
        Ok(())
    }

    /// Opens what can be read only once, from its beginning.
    fn pipe(&mut self, raw: Box<dyn Read + Send>, source: &Source, input: u32) -> Result<(), String> {
        let (head, whole) = packed::peek(Box::new(self.metered(raw))).map_err(|e| reason(&e))?;
        let reader = match packed::form(&head) {
            Form::Parquet => return Err("expected logs, got Parquet through a pipe: name the file instead".to_owned()),
            Form::Not(problem) => return Err(problem.to_owned()),
            form => packed::unpack(form, whole).map_err(|e| reason(&e))?,
        };
        self.open = Some(self.stream(reader, source, input));
        Ok(())
    }

    fn stream(&mut self, reader: Box<dyn Read + Send>, source: &Source, input: u32) -> Open {
        let mut stream = Box::new(Stream::new(reader));
        let layout = stream.layout(&source.name, self.settings);
        let rows = per_byte(stream.beginning());
        self.findings.learnt(input, &layout);
        Open::Stream { stream, layout, input, chunk: 0, rows }
    }

    fn metered<R>(&self, inner: R) -> Metered<R> {
        Metered { inner, meter: self.meter.clone() }
    }
}

/// Tells the meter what is read.
pub(crate) struct Metered<R> {
    pub(crate) inner: R,
    pub(crate) meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.bytes(count);
        Ok(count)
    }
}

/// Rows of each byte, as the beginning tells; never less than one row in a kilobyte.
fn per_byte(beginning: &[u8]) -> f64 {
    let lines = memchr::memchr_iter(b'\n', beginning).count().max(1);
    (precise(lines as u64) / precise(beginning.len().max(1) as u64)).max(1.0 / 1024.0)
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate of rows")]
fn precise(count: u64) -> f64 {
    count as f64
}
