//! What a field is: from its name, by a table, and from its values where the name does not settle it.
//!
//! A name is cut into words (`http.request.method`, `httpRequestMethod`, `HTTP_REQUEST_METHOD` are the same three), and
//! the longest ending of it that the table knows decides, as long as the words before it only say where the field was
//! kept (`attributes`, `resource`, `labels`, `x`). So one table serves nested, flattened and prefixed names.

mod client;
mod learn;
mod names;
mod route;
#[cfg(test)]
mod tests;
mod unit;
mod value;
mod words;

pub(crate) use client::client_of;
pub(crate) use learn::Learner;
pub use route::route;
pub(crate) use route::write_route;
pub(crate) use unit::Samples;
pub(crate) use value::{attempt, is_failure_level, last_number, millis, number, status, success};
pub(crate) use words::{is_harmless, is_nothing, tells_failure};

use crate::{Attribute, Settings};

/// Where the value of a field is kept while its line is read: one place per attribute and some for what is only part of one.
pub(crate) type Slot = u8;

/// Places beside those of the attributes.
pub(crate) mod slot {
    use super::Slot;
    use crate::Attribute;

    const BASE: Slot = 40;
    /// A path or URL with its ids: a route only once they are masked.
    pub const PATH: Slot = BASE;
    /// The error in a field of its own: words, or a code.
    pub const ERROR: Slot = BASE + 1;
    /// `success`, `ok`: whether it worked.
    pub const SUCCESS: Slot = BASE + 2;
    /// Status of gRPC, by number or name.
    pub const GRPC: Slot = BASE + 3;
    /// `GET /path HTTP/1.1`.
    pub const REQUEST_LINE: Slot = BASE + 4;
    /// Calls that a row of a table stands for.
    pub const TOTAL: Slot = BASE + 5;
    /// How many of them failed.
    pub const FAILED: Slot = BASE + 6;
    /// The service of a remote procedure call.
    pub const RPC_SERVICE: Slot = BASE + 7;
    /// Its procedure.
    pub const RPC_METHOD: Slot = BASE + 8;
    /// How many places there are.
    pub const COUNT: usize = BASE as usize + 9;

    /// The place of an attribute.
    pub const fn of(attribute: Attribute) -> Slot {
        attribute as Slot
    }
}

/// How a value is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// As written.
    #[default]
    Plain,
    /// A duration in seconds.
    Seconds,
    /// A duration in milliseconds.
    Millis,
    /// A duration in microseconds.
    Micros,
    /// A duration in nanoseconds.
    Nanos,
    /// A duration of which the name does not say the unit.
    Duration,
    /// A count of repeats: the attempt is one more.
    Repeats,
    /// A header `User-Agent`.
    Agent,
}

/// What a field was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Where its value goes.
    pub slot: Slot,
    /// How it is read.
    pub form: Form,
    /// Of several fields for one place, the lowest counts.
    pub rank: u16,
}

impl Meaning {
    /// The attribute that a person is told; `None` for what only helps to judge.
    pub fn attribute(self) -> Option<Attribute> {
        match self.slot {
            slot::PATH | slot::REQUEST_LINE | slot::RPC_METHOD => Some(Attribute::Route),
            slot::ERROR => Some(Attribute::Message),
            slot::GRPC => Some(Attribute::ErrorCode),
            slot => Attribute::ALL.get(usize::from(slot)).copied(),
        }
    }
}

/// The fields of one input: what the user said first, then the table, then the conventions of who wrote it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    map: Vec<(String, Attribute)>,
    total: Option<String>,
    failed: Option<String>,
    /// Units that the names do not say, learnt from the neighbours and the values.
    pub units: Vec<(String, Form)>,
    /// Names that are something else in this log than the table says.
    pub settled: Vec<(String, Option<Meaning>)>,
}

impl Names {
    /// Only what the user said.
    pub fn new(settings: &Settings) -> Self {
        Self {
            map: settings.map.clone(),
            total: settings.total.clone(),
            failed: settings.failed.clone(),
            units: Vec::new(),
            settled: Vec::new(),
        }
    }

    /// What the field of this name is. The name is as written, nested ones joined by dots; what the user maps may be all of
    /// it or its last parts.
    pub fn meaning(&self, name: &str) -> Option<Meaning> {
        let is_mapped =
            |mapped: &str| name.strip_suffix(mapped).is_some_and(|outer| outer.is_empty() || outer.ends_with('.'));
        if let Some((_, attribute)) = self.map.iter().find(|(mapped, _)| is_mapped(mapped)) {
            let form = names::look_up(name).filter(|m| m.slot == slot::of(*attribute)).map_or(
                match attribute {
                    Attribute::Latency | Attribute::UpstreamLatency => unit::of_name(name).unwrap_or(Form::Duration),
                    _ => Form::Plain,
                },
                |m| m.form,
            );
            return Some(self.settled(name, Meaning { slot: slot::of(*attribute), form, rank: 0 }));
        }
        if self.total.as_deref() == Some(name) {
            return Some(Meaning { slot: slot::TOTAL, form: Form::Plain, rank: 0 });
        }
        if self.failed.as_deref() == Some(name) {
            return Some(Meaning { slot: slot::FAILED, form: Form::Plain, rank: 0 });
        }
        if let Some((_, settled)) = self.settled.iter().find(|(known, _)| known == name) {
            return *settled;
        }
        let meaning = names::look_up(name)?;
        Some(self.settled(name, Meaning { rank: meaning.rank.saturating_add(1), ..meaning }))
    }

    /// Two sets of names with equal keys recognise alike.
    pub fn key(&self) -> u64 {
        let mut key = 1;
        for (name, attribute) in &self.map {
            key = crate::batch::mix(crate::batch::mix(key, crate::batch::hash(name.as_bytes())), *attribute as u64);
        }
        for name in [&self.total, &self.failed] {
            key = crate::batch::mix(key, name.as_ref().map_or(0, |n| crate::batch::hash(n.as_bytes())));
        }
        for (name, form) in &self.units {
            key = crate::batch::mix(crate::batch::mix(key, crate::batch::hash(name.as_bytes())), *form as u64);
        }
        for (name, meaning) in &self.settled {
            let what = meaning.map_or(0, |m| u64::from(m.slot) << 32 | u64::from(m.rank) << 8 | m.form as u64);
            key = crate::batch::mix(crate::batch::mix(key, crate::batch::hash(name.as_bytes())), what);
        }
        key
    }

    fn settled(&self, name: &str, meaning: Meaning) -> Meaning {
        if meaning.form != Form::Duration {
            return meaning;
        }
        let learnt = self.units.iter().find(|(known, _)| known == name);
        Meaning { form: learnt.map_or(Form::Duration, |(_, form)| *form), ..meaning }
    }
}
