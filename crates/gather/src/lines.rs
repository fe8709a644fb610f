//! All lines in order, for what follows single requests: one thread, and a filter at memory speed in front.

use crate::packed::{self, Form};
use crate::sources::{Source, Where};
use crate::stream::Stream;
use crate::{Error, Request, nothing, prepare, reason};
use firstfault_calls::{Input, Layout, Mapping};
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// One line of an input.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Index of the input.
    pub input: u32,
    /// Its number, from 1.
    pub number: u64,
    /// What it says, without its end; bytes that are no UTF-8 are replaced.
    pub text: &'a str,
    /// What the lines of this input are like.
    pub layout: &'a Layout,
}

/// Gives all lines in order, or those that hold one of `needles`, to `each`; returns what was read.
///
/// Packed inputs are unpacked within the same bounds as by [`crate::gather`]. Parquet files have no lines: that is a problem
/// of that input.
///
/// # Errors
/// When no input could be read at all.
pub fn lines(request: &Request, needles: &[&str], each: &mut dyn FnMut(Line<'_>)) -> Result<Vec<Input>, Error> {
    let (sources, settings) = prepare(request)?;
    let finders: Vec<_> = needles.iter().filter(|n| !n.is_empty()).map(memchr::memmem::Finder::new).collect();
    let mut inputs = Vec::new();
    let mut opened = 0;
    for (index, source) in sources.iter().enumerate() {
        let mut input = Input { name: source.name.clone(), ..Input::default() };
        match open(source) {
            Ok(reader) => {
                let mut stream = Stream::new(reader);
                let layout = stream.layout(&source.name, &settings);
                input.form.clone_from(&layout.form);
                let mut counted =
                    Counted { input: u32::try_from(index).unwrap_or(u32::MAX), layout: &layout, number: 0, given: 0 };
                while let Some(chunk) = stream.chunk(&layout) {
                    counted.chunk(&chunk, &finders, each);
                }
                input.lines = counted.number;
                input.read = counted.given;
                input.aside = counted.number - counted.given;
                opened += usize::from(stream.given > 0 || stream.problems.is_empty());
                input.problems = stream.problems;
                input.problems.extend(layout.problem());
            }
            Err(problem) => input.problems.push(problem),
        }
        inputs.push(input);
    }
    if opened == 0 { Err(nothing(inputs)) } else { Ok(inputs) }
}

/// What was understood of the beginning of each input, by name.
///
/// # Errors
/// When no input could be read at all.
pub fn mappings(request: &Request) -> Result<Vec<(String, Mapping)>, Error> {
    let (sources, settings) = prepare(request)?;
    let mut opened = 0;
    let mut found = Vec::new();
    let mut inputs = Vec::new();
    for source in &sources {
        let mut input = Input { name: source.name.clone(), ..Input::default() };
        let mapping = match open(source) {
            Ok(reader) => {
                opened += 1;
                let mut stream = Stream::new(reader);
                let layout = stream.layout(&source.name, &settings);
                layout.mapping(stream.beginning())
            }
            Err(problem) => {
                input.problems.push(problem.clone());
                Mapping { problem: Some(problem), ..Mapping::default() }
            }
        };
        found.push((source.name.clone(), mapping));
        inputs.push(input);
    }
    if opened == 0 { Err(nothing(inputs)) } else { Ok(found) }
}

struct Counted<'a> {
    input: u32,
    layout: &'a Arc<Layout>,
    /// Lines so far.
    number: u64,
    /// Lines that were handed on.
    given: u64,
}

impl Counted<'_> {
    fn chunk(&mut self, chunk: &[u8], finders: &[memchr::memmem::Finder<'_>], each: &mut dyn FnMut(Line<'_>)) {
        let mut done = 0;
        while done < chunk.len() {
            if !finders.is_empty() {
                let Some(hit) = finders.iter().filter_map(|f| f.find(&chunk[done..])).min() else { break };
                let hit = done + hit;
                let start = memchr::memrchr(b'\n', &chunk[done..hit]).map_or(done, |at| done + at + 1);
                self.number += count(&chunk[done..start]);
                done = start;
            }
            let end = memchr::memchr(b'\n', &chunk[done..]).map_or(chunk.len(), |at| done + at);
            self.number += 1;
            self.given += 1;
            let line = chunk[done..end].strip_suffix(b"\r").unwrap_or(&chunk[done..end]);
            let text = String::from_utf8_lossy(line);
            each(Line { input: self.input, number: self.number, text: &text, layout: self.layout });
            done = end + 1;
        }
        if done < chunk.len() {
            self.number += count(&chunk[done..]) + u64::from(chunk.last() != Some(&b'\n'));
        }
    }
}

fn count(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn open(source: &Source) -> Result<Box<dyn Read + Send>, String> {
    let raw: Box<dyn Read + Send> = match &source.at {
        Where::Nowhere(problem) => return Err(problem.clone()),
        Where::Standard => Box::new(io::stdin()),
        Where::Pipe(path) => Box::new(File::open(path).map_err(|e| reason(&e))?),
        Where::File(path) => Box::new(File::open(path).map_err(|e| reason(&e))?.take(source.size)),
    };
    let (head, whole) = packed::peek(raw).map_err(|e| reason(&e))?;
    match packed::form(&head) {
        Form::Parquet => Err("a Parquet file has no lines: name the logs that it was made from".to_owned()),
        Form::Not(problem) => Err(problem.to_owned()),
        form => packed::unpack(form, whole).map_err(|e| reason(&e)),
    }
}
