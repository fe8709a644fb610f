//! One round of reading: pieces of work go to the threads until enough rows are on their way, then the batches come back.
//!
//! Where a round ends depends on the inputs alone, never on which thread was quicker: so the table is always the same.

use crate::jobs::{Findings, Job, Jobs};
use crate::meter::{Meter, Teller};
use crate::packed::{self, Form};
use crate::plain::{PART, Plain};
use crate::reason;
use crate::sources::{Source, Where};
use crate::stream::{self, Stream};
use firstfault_calls::{Batch, Layout, Part, Settings};
use std::fs::File;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};

/// What one thread, or the opening of inputs, found out.
pub(crate) type Report = Findings;

/// Reads until about `rows` rows are read or nothing is left.
pub(crate) fn run(jobs: &mut Jobs<'_>, rows: f64, threads: usize, told: &mut Teller<'_>) -> (Vec<Batch>, Vec<Report>) {
    let (sources, settings, meter) = (jobs.sources, jobs.settings, jobs.meter);
    let (sender, receiver) = sync_channel::<Job>(threads * 2);
    let receiver = Mutex::new(receiver);
    let mut batches = Vec::new();
    let mut reports = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| Worker::new(sources, settings, meter).work(&receiver))).collect();
        let mut ahead = rows;
        while ahead > 0.0 {
            let Some((job, count)) = jobs.next() else { break };
            ahead -= count.max(1.0);
            if sender.send(job).is_err() {
                break;
            }
            told.tick();
        }
        drop(sender);
        for worker in workers {
            match worker.join() {
                Ok((batch, report)) => {
                    batches.push(batch);
                    reports.push(report);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        told.tick();
    });
    reports.push(std::mem::take(&mut jobs.findings));
    (batches, reports)
}

struct Worker<'a> {
    sources: &'a [Source],
    settings: &'a Settings,
    meter: &'a Meter,
    batch: Batch,
    buffer: Vec<u8>,
    report: Report,
}

impl<'a> Worker<'a> {
    fn new(sources: &'a [Source], settings: &'a Settings, meter: &'a Meter) -> Self {
        let (mut batch, buffer, report) = (Batch::default(), Vec::new(), Report::default());
        if let Some(only) = &settings.only {
            batch.keep_only(only);
        }
        if settings.name_all {
            batch.name_all();
        }
        Self { sources, settings, meter, batch, buffer, report }
    }

    fn work(mut self, jobs: &Mutex<Receiver<Job>>) -> (Batch, Report) {
        loop {
            // Held only while one piece is taken.
            let job = match jobs.lock() {
                Ok(receiver) => receiver.recv(),
                Err(_) => break,
            };
            let Ok(job) = job else { break };
            let before = self.batch.rows();
            match job {
                Job::Parts { file, layout, range, at } => {
                    let begins = range.clone().step_by(PART as usize);
                    for (begin, chunk) in begins.zip(at.chunk..) {
                        self.part(&file, &layout, begin..(begin + PART).min(range.end), Part { chunk, ..at });
                    }
                }
                Job::Chunk { bytes, layout, at } => layout.read(&bytes, at, &mut self.batch),
                Job::Small(range) => range.for_each(|input| self.small(input)),
            }
            self.meter.rows(self.batch.rows() - before);
        }
        (self.batch, self.report)
    }

    fn part(&mut self, file: &Plain, layout: &Layout, range: std::ops::Range<u64>, at: Part) {
        let last = range.end >= file.size;
        self.meter.bytes(usize::try_from(range.end - range.start).unwrap_or(0));
        let mut buffer = std::mem::take(&mut self.buffer);
        match file.lines(range.start, range.end, &mut buffer) {
            Ok(lines) => {
                layout.read(&buffer[lines.start..], at, &mut self.batch);
                if let Some(problem) = lines.problem {
                    self.report.problems.push((at.input, problem));
                }
            }
            Err(error) => self.report.problems.push((at.input, reason(&error))),
        }
        self.buffer = buffer;
        if last && let Some(problem) = ending(file) {
            self.report.problems.push((at.input, problem));
        }
    }

    /// Reads a small file whole.
    fn small(&mut self, input: u32) {
        let source = &self.sources[input as usize];
        let Where::File(path) = &source.at else { return };
        self.meter.bytes(usize::try_from(source.size).unwrap_or(0));
        let file = match File::open(path) {
            Ok(file) => Plain::new(file, source.size),
            Err(error) => return self.problem(input, reason(&error)),
        };
        self.buffer.resize(usize::try_from(source.size).unwrap_or(0), 0);
        match file.fill(&mut self.buffer, 0) {
            Ok(got) => self.buffer.truncate(got),
            Err(error) => return self.problem(input, reason(&error)),
        }
        match packed::form(&self.buffer[..self.buffer.len().min(packed::HEAD)]) {
            Form::Plain => {
                let layout = Layout::learn(stream::beginning(&self.buffer), &source.name, self.settings);
                layout.read(&self.buffer, Part { input, chunk: 0 }, &mut self.batch);
                self.report.opened += 1;
                if let Some(problem) = ending(&file) {
                    self.problem(input, problem);
                }
                self.report.learnt(input, &layout);
            }
            Form::Parquet => match self.report.parquet(file.file, input) {
                Ok(Some(lines)) => {
                    self.drain(Stream::new(lines), input, &source.name);
                    self.report.forms.push((input, "parquet".to_owned()));
                }
                Ok(None) => {}
                Err(problem) => self.problem(input, problem),
            },
            Form::Not(problem) => self.problem(input, problem.to_owned()),
            form => {
                let bytes = std::io::Cursor::new(std::mem::take(&mut self.buffer));
                match packed::unpack(form, Box::new(bytes)) {
                    Ok(reader) => self.drain(Stream::new(reader), input, &source.name),
                    Err(error) => self.problem(input, reason(&error)),
                }
            }
        }
    }

    fn drain(&mut self, mut stream: Stream, input: u32, name: &str) {
        let layout: Arc<Layout> = stream.layout(name, self.settings);
        let mut chunk = 0;
        while let Some(bytes) = stream.chunk(&layout) {
            layout.read(&bytes, Part { input, chunk }, &mut self.batch);
            chunk += 1;
        }
        if stream.given > 0 || stream.problems.is_empty() {
            self.report.opened += 1;
        }
        self.report.learnt(input, &layout);
        for problem in stream.problems {
            self.problem(input, problem);
        }
    }

    fn problem(&mut self, input: u32, problem: String) {
        self.report.problems.push((input, problem));
    }
}

/// What the end of a file says about whoever writes it.
fn ending(file: &Plain) -> Option<String> {
    let now = file.file.metadata().map_or(file.size, |m| m.len());
    if now > file.size {
        return Some(format!("is still being written: read up to its first {} bytes", file.size));
    }
    let mut last = [b'\n'];
    let got = file.fill(&mut last, file.size.saturating_sub(1)).ok()?;
    (file.size > 0 && got == 1 && last != *b"\n")
        .then(|| "its last line has no end: it may be cut or still being written".to_owned())
}
