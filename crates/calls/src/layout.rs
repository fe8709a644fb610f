//! What the form of an input is: learnt from its beginning, then the same for every thread that reads a part of it.

use crate::forms;
use crate::quick::{self, Kind as ValueKind, Leaf, Style};
use crate::recognise::{Learner, Meaning, Names, slot};
use crate::{Attribute, Batch, Field, Kind, Record};

/// Longest line that is read; longer ones are counted as unreadable.
pub(crate) const LINE: usize = 1 << 20;
/// Lines of the beginning that are looked at.
const LINES: usize = 200;

/// What the user said about the fields.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--map field=attribute`: by the name as written.
    pub map: Vec<(String, Attribute)>,
    /// `--total COLUMN` of a pre-aggregated table.
    pub total: Option<String>,
    /// `--failed COLUMN` of a pre-aggregated table.
    pub failed: Option<String>,
    /// The only attributes that are asked for; `None` for all. Of how calls ended the status is read in any case, and the
    /// words only with `error_code`.
    pub only: Option<Vec<Attribute>>,
    /// Whether all users and addresses are to be named; else, where there are very many, those of calls that may have
    /// failed are.
    pub name_all: bool,
    /// A year for times that have none; taken from the newest file, so that no clock is read here.
    pub year: Option<i32>,
}

/// The form of one input.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// `ndjson`, `logfmt`, `access log`, `csv`, …
    pub form: String,
    /// The service of its lines where no field says: from the name of the file.
    pub service: String,
    names: Names,
    year: Option<i32>,
    /// What else than NDJSON and logfmt it is.
    other: Option<forms::Form>,
    /// Tells layouts apart that read the same line differently.
    key: u64,
}

impl Layout {
    /// Looks at the first bytes of an input (up to 256 KiB, whole lines) and its name.
    #[must_use]
    pub fn learn(beginning: &[u8], name: &str, settings: &Settings) -> Self {
        Self::learn_within(beginning, name, settings, 0)
    }

    /// As [`Layout::learn`], for what stands inside `depth` wrappers.
    pub(crate) fn learn_within(beginning: &[u8], name: &str, settings: &Settings, depth: u8) -> Self {
        if let Some(other) = forms::detect(beginning, name, settings, depth) {
            return Self {
                form: other.word(),
                service: service_of(name),
                names: Names::new(settings),
                year: settings.year,
                other: Some(other),
                key: 0,
            };
        }
        let mut names = Names::new(settings);
        let (mut json, mut logfmt, mut other) = (0_usize, 0_usize, 0_usize);
        let mut learner = Learner::default();
        for line in lines(beginning).take(LINES) {
            let line = trim(line);
            let mut sink = |leaf: &Leaf<'_>| {
                learner.see(quick::name_of(leaf.path), &line[leaf.from..leaf.to], &names);
            };
            match style(line) {
                Some(Style::Json) => json += usize::from(quick::walk_json(line, &mut sink)),
                Some(Style::Logfmt) => logfmt += usize::from(quick::walk_logfmt(line, &mut sink)),
                None => other += usize::from(!line.is_empty()),
            }
        }
        learner.settle(&mut names);
        let form = if json >= logfmt && json >= other && json > 0 {
            "ndjson"
        } else if logfmt >= other && logfmt > 0 {
            "logfmt"
        } else {
            ""
        };
        let key = names.key();
        Self { form: form.to_owned(), service: service_of(name), names, year: settings.year, other: None, key }
    }

    /// One line as its fields; `None` when nothing can be made of it.
    #[must_use]
    pub fn record(&self, line: &str) -> Option<Record> {
        let bytes = trim(line.as_bytes());
        match &self.other {
            Some(form) => form.record(bytes, self.year),
            None => self.fields(bytes).or_else(|| forms::stray(bytes, self.year)),
        }
    }

    /// One line of NDJSON or logfmt as its fields.
    pub(crate) fn fields(&self, bytes: &[u8]) -> Option<Record> {
        let style = style(bytes)?;
        let mut fields: Vec<Field> = Vec::new();
        let mut best: Vec<(Meaning, usize)> = Vec::new();
        let mut sink = |leaf: &Leaf<'_>| {
            let name = quick::name_of(leaf.path);
            let value = quick::text(&bytes[leaf.from..leaf.to], leaf.kind);
            let nothing = leaf.kind == ValueKind::Word && crate::recognise::is_nothing(&value);
            if let Some(meaning) = self.names.meaning(&name)
                && !crate::recognise::is_nothing(&value)
            {
                match best.iter_mut().find(|(known, _)| known.slot == meaning.slot) {
                    Some((known, _)) if known.rank <= meaning.rank => {}
                    Some(known) => *known = (meaning, fields.len()),
                    None => best.push((meaning, fields.len())),
                }
            }
            let value = if nothing { String::new() } else { String::from_utf8_lossy(&value).into_owned() };
            fields.push(Field { name, attribute: None, value });
        };
        let whole = match style {
            Style::Json => quick::walk_json(bytes, &mut sink),
            Style::Logfmt => quick::walk_logfmt(bytes, &mut sink),
        };
        if !whole {
            return None;
        }
        let has = |slot| best.iter().any(|(m, _)| m.slot == slot);
        let (route, status) = (has(slot::of(Attribute::Route)), has(slot::of(Attribute::Status)));
        let message = has(slot::of(Attribute::Message));
        let code = has(slot::of(Attribute::ErrorCode));
        let routed =
            route || [slot::PATH, slot::REQUEST_LINE, slot::RPC_SERVICE, slot::RPC_METHOD].into_iter().any(has);
        let told =
            [slot::of(Attribute::Method), slot::of(Attribute::Latency), slot::GRPC, slot::SUCCESS, slot::REQUEST_LINE];
        let called = routed && told.into_iter().any(has);
        for (meaning, index) in &best {
            // A template is better than a path, and words of an error are a message only where there is none.
            let second = match meaning.slot {
                slot::PATH | slot::REQUEST_LINE | slot::RPC_METHOD => route,
                slot::ERROR => message,
                slot::GRPC => code,
                _ => false,
            };
            if !second {
                fields[*index].attribute = meaning.attribute();
            }
        }
        let mut clock = quick::time::Clock::default();
        let time = best
            .iter()
            .find(|(m, _)| m.slot == slot::of(Attribute::Time))
            .and_then(|(_, index)| clock.parse(fields[*index].value.as_bytes(), self.year));
        let kind = if status || called { Kind::Call } else { Kind::Event };
        Some(Record { kind, time, fields })
    }

    /// Whether it can be read in parts that begin at any line: not where a record may hold line breaks.
    #[must_use]
    pub fn splittable(&self) -> bool {
        self.other.as_ref().is_none_or(forms::Form::splittable)
    }

    /// Where the last whole record of `bytes`, which begin where a record begins, ends; 0 when there is none.
    #[must_use]
    pub fn whole(&self, bytes: &[u8]) -> usize {
        match &self.other {
            Some(form) => form.whole(bytes),
            None => memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1),
        }
    }

    /// What was understood, of the same beginning that it was learnt from.
    #[must_use]
    pub fn mapping(&self, beginning: &[u8]) -> forms::Mapping {
        forms::Mapping::of(self, self.other.as_ref(), beginning, self.year)
    }

    /// The wrapper that its lines are.
    pub(crate) fn wrapped(&self) -> Option<&forms::Wrapped> {
        match &self.other {
            Some(forms::Form::Wrapped(wrapped)) => Some(wrapped),
            _ => None,
        }
    }

    /// What is wrong with the whole of it: a text that is not UTF-8, a column that was asked for and is not there.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.other.as_ref().and_then(forms::Form::problem)
    }

    /// Reads whole lines into a batch. `part` orders what different threads read of one input.
    pub fn read(&self, chunk: &[u8], at: Part, batch: &mut Batch) {
        batch.open(at, &self.service, self.year);
        match &self.other {
            Some(form) => form.read(chunk, at.chunk == 0, self.year, batch),
            None => forms::read_lines(self, chunk, at.chunk == 0, self.year, batch),
        }
    }
}

impl forms::Lines for Layout {
    #[inline]
    fn line(&self, line: &[u8], batch: &mut Batch) -> bool {
        match &self.other {
            Some(form) => form.line(line, batch),
            None => self.read_line(line, batch),
        }
    }
}

impl Layout {
    /// Reads one line into the row of a batch; false when nothing can be made of it.
    #[inline]
    fn read_line(&self, line: &[u8], batch: &mut Batch) -> bool {
        if line.first() == Some(&b'{') {
            return quick::read(Style::Json, line, &self.names, self.key, batch);
        }
        // What is like a line that was logfmt is logfmt: no need to look at it twice.
        quick::read_known(Style::Logfmt, line, self.key, batch)
            || quick::looks_like_logfmt(line) && quick::read(Style::Logfmt, line, &self.names, self.key, batch)
    }
}

/// The lines of a text, the last one also when its end is missing.
pub(crate) fn lines(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let (line, rest) = match memchr::memchr(b'\n', text) {
            Some(end) => (&text[..end], &text[end + 1..]),
            None => (text, [].as_slice()),
        };
        text = rest;
        Some(line)
    })
}

/// A line without a byte order mark, spaces and NUL bytes around it.
pub(crate) fn trim(line: &[u8]) -> &[u8] {
    let mut line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    while let [b' ' | b'\t' | 0, rest @ ..] = line {
        line = rest;
    }
    while let [rest @ .., b' ' | b'\t' | b'\r' | 0] = line {
        line = rest;
    }
    line
}

/// How the fields of a line are written.
pub(crate) fn style(line: &[u8]) -> Option<Style> {
    if line.first() == Some(&b'{') {
        return Some(Style::Json);
    }
    quick::looks_like_logfmt(line).then_some(Style::Logfmt)
}

/// The name of a file without folders, endings, dates and numbers of rotation; of a file that is only numbered, the name of
/// its folder.
fn service_of(name: &str) -> String {
    let mut parts = name.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let file = parts.next().unwrap_or(name);
    let stem = |file: &str| {
        let stem = file.split('.').find(|part| !part.is_empty()).unwrap_or(file);
        stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_')).to_owned()
    };
    let found = std::iter::once(file).chain(parts.next()).map(stem).find(|stem| !stem.is_empty());
    found.unwrap_or_else(|| file.to_owned())
}

/// Which part of which input a chunk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Index of the input.
    pub input: u32,
    /// Index of the chunk in it. Line numbers are counted per chunk and put together when batches are merged.
    pub chunk: u32,
}
