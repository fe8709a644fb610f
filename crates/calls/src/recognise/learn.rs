//! What names alone do not say: learnt from their neighbours and from the first values.

use super::unit::{Convention, Samples};
use super::{Form, Meaning, Names, is_nothing, millis, number, slot};
use crate::Attribute;
use crate::quick::time::Clock;
use std::collections::BTreeMap;

/// Different names that are looked at.
const NAMES: usize = 1000;
/// Names that mean something else in the log of one system: a name that only it uses, the name in question, what it is there.
/// Sources: Traefik's and Kong's documentation of their access logs (both name the service that they call), Heroku's of its
/// router.
const DIALECTS: &[(&str, &str, Option<Attribute>)] = &[
    ("RouterName", "ServiceName", Some(Attribute::Upstream)),
    ("OriginStatus", "ServiceName", Some(Attribute::Upstream)),
    ("latencies.kong", "service.name", Some(Attribute::Upstream)),
    ("latencies.kong", "service.host", None),
    ("dyno", "service", Some(Attribute::Latency)),
    ("dyno", "host", None),
    ("dyno", "code", Some(Attribute::ErrorCode)),
    ("dyno", "desc", Some(Attribute::Message)),
    ("dyno", "fwd", Some(Attribute::ClientIp)),
];

/// The rank of what was only guessed: behind every name that says what it is.
const LAST: u16 = 30_000;

/// A field of which more is to be known than its name.
#[derive(Debug)]
struct Field {
    meaning: Meaning,
    samples: Samples,
    values: usize,
    fitting: usize,
    times: usize,
    numbers: usize,
}

/// The fields of the first lines.
#[derive(Debug, Default)]
pub(crate) struct Learner {
    fields: BTreeMap<String, Option<Field>>,
    clock: Clock,
    /// Whether a name says that it is the status.
    has_status: bool,
    /// Values of a field `code`, and how many of them could be a status.
    codes: BTreeMap<String, (usize, usize)>,
}

impl Learner {
    /// Takes one value of a field.
    pub fn see(&mut self, name: String, value: &[u8], names: &Names) {
        let room = self.fields.len() < NAMES;
        if name.rsplit('.').next() == Some("code") && (self.codes.len() < 16 || self.codes.contains_key(&name)) {
            let (values, fitting) = self.codes.entry(name.clone()).or_default();
            *values += 1;
            *fitting += usize::from(super::status(value).is_some_and(|s| (100..600).contains(&s)));
        }
        let field = match self.fields.entry(name) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) if room => {
                let meaning = names.meaning(new.key());
                self.has_status |= meaning.is_some_and(|m| m.slot == slot::of(Attribute::Status));
                let meaning = meaning.filter(|m| is_uncertain(*m));
                new.insert(meaning.map(|meaning| Field {
                    meaning,
                    samples: Samples::default(),
                    values: 0,
                    fitting: 0,
                    times: 0,
                    numbers: 0,
                }))
            }
            std::collections::btree_map::Entry::Vacant(_) => return,
        };
        let Some(field) = field else { return };
        if is_nothing(value) {
            return;
        }
        field.values += 1;
        field.samples.add(&String::from_utf8_lossy(value));
        let time = self.clock.parse(value, Some(2000)).is_some();
        let duration = millis(value, field.meaning.form);
        // A duration of thirty years is a moment.
        let ages = duration.is_some_and(|d| d >= 1e12) && matches!(field.meaning.form, Form::Seconds | Form::Millis);
        let fits = if field.meaning.slot == slot::of(Attribute::Time) { time } else { duration.is_some() && !ages };
        field.fitting += usize::from(fits);
        field.times += usize::from(time);
        field.numbers += usize::from(number(value).is_some());
    }

    /// Adds what was learnt to the names.
    pub fn settle(self, names: &mut Names) {
        let known: Vec<&str> = self.fields.keys().map(String::as_str).collect();
        let convention = Convention::of(&known);
        for (mark, name, attribute) in DIALECTS {
            if known.contains(mark) && known.contains(name) {
                let form = if *attribute == Some(Attribute::Latency) { Form::Duration } else { Form::Plain };
                let meaning = attribute.map(|a| Meaning { slot: slot::of(a), form, rank: 1 });
                names.settled.push(((*name).to_owned(), meaning));
            }
        }
        // `code` alone says nothing, but where there is no other status and its values could be one, it is.
        for (name, (values, fitting)) in self.codes {
            if !self.has_status && values == fitting && names.meaning(&name).is_none() {
                let meaning = Meaning { slot: slot::of(Attribute::Status), form: Form::Plain, rank: LAST };
                names.settled.push((name, Some(meaning)));
            }
        }
        for (name, field) in self.fields {
            let Some(field) = field else { continue };
            if field.values > 0 && field.fitting == 0 {
                names.settled.push((name, field.instead(convention)));
            } else if field.meaning.form == Form::Duration {
                names.units.push((name, field.samples.unit(convention)));
            }
        }
    }
}

/// Times and durations share names: `time` may be either, `request_time` too.
fn is_uncertain(meaning: Meaning) -> bool {
    [Attribute::Time, Attribute::Latency, Attribute::UpstreamLatency].iter().any(|a| slot::of(*a) == meaning.slot)
}

impl Field {
    /// What it is when none of its values is what its name says.
    fn instead(self, convention: Option<Convention>) -> Option<Meaning> {
        if self.meaning.slot == slot::of(Attribute::Time) {
            let all = self.numbers == self.values;
            let form = self.samples.unit(convention);
            return all.then_some(Meaning { slot: slot::of(Attribute::Latency), form, rank: LAST });
        }
        let all = self.times == self.values;
        all.then_some(Meaning { slot: slot::of(Attribute::Time), form: Form::Plain, rank: LAST })
    }
}
