//! Lines → events of steps. Lines of any number are seen once and forgotten; what is kept of one that shows a step is
//! 64 bytes, and the text of each key once.

use super::definition::{Condition, Definition, Matcher, OutcomeOf};
use super::pattern::{any_status, phrase};
use crate::trace::read;
use firstfault_calls::{Attribute, NO_TIME, Record, mask_hash};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Layer, Owner};
use std::collections::{BTreeMap, HashMap};

/// Events beyond this many (about 700 MB with their keys) are counted and not kept.
const EVENT_LIMIT: usize = 6_000_000;
/// Ids that link lines to keys beyond this many are not kept.
const LINK_LIMIT: usize = 6_000_000;
/// Different lines that are judged by the rules of `diagnose`; the status decides for those beyond.
const JUDGED_LIMIT: usize = 5_000;
/// Systems told apart.
const SERVICE_LIMIT: usize = 4_000;

/// The witness of a line that shows no step and complains: it may say why a step failed.
pub(super) const COMPLAINT: u8 = u8::MAX;

/// One line of a log.
#[derive(Clone, Copy, Debug)]
pub struct FlowLine<'a> {
    /// Input as named.
    pub input: &'a str,
    /// From 1.
    pub line: u64,
    /// All of it.
    pub text: &'a str,
    /// Its fields.
    pub record: &'a Record,
}

/// What a line showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// Hash of the key, or of an id that leads to it.
    pub key: u64,
    /// Hash of the value that there may be only one of; 0 for none.
    pub once: u64,
    /// Begin and end by the system's own clock; [`NO_TIME`] where the line does not say.
    pub begin: i64,
    pub end: i64,
    pub line: u64,
    pub input: u32,
    /// Which of the verdicts, from 1; 0 for none.
    pub verdict: u32,
    pub service: u16,
    /// 0 for none.
    pub status: u16,
    /// Which of the step's rules for failures, from 1; 0 for none.
    pub rule: u16,
    pub step: u8,
    pub witness: u8,
    pub failed: bool,
    /// The key is not in the line: `key` is an id that leads to it.
    pub linked: bool,
    /// The line tells a duration.
    pub timed: bool,
}

/// What `diagnose` says of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub failed: bool,
    pub attributed: bool,
    /// The likeliest first: the one that was found, then others that are not unlikely.
    pub causes: Vec<String>,
    pub bucket: Bucket,
    pub layer: Option<Layer>,
    pub owner: Owner,
    pub summary: String,
}

/// A system and the time that its lines span.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub name: String,
    /// Bit n: its lines are looked at for step n.
    pub steps: u64,
    /// Bit n: it is the system of step n itself.
    pub owns: u64,
    pub first: i64,
    pub last: i64,
}

/// Sees lines. Several may each see a part of them; [`Watch::merge`] puts them together.
#[derive(Debug)]
pub struct Watch<'d> {
    pub(super) definition: &'d Definition,
    knowledge: &'d Knowledge,
    /// Plain names of key, links and single values: of the flow, and by step.
    names: Names,
    pub(super) inputs: Vec<String>,
    pub(super) services: Vec<Service>,
    service_of: HashMap<(String, u32), u16>,
    pub(super) events: Vec<Event>,
    pub(super) keys: HashMap<u64, Box<str>>,
    /// One further id of each key, with the index of its name.
    pub(super) ids: HashMap<u64, (u8, Box<str>)>,
    /// Hash of an id → hash of its key; 0 when it belongs to several.
    pub(super) links: HashMap<u64, u64>,
    /// Ids that stand in one line.
    pub(super) joins: Vec<(u64, u64)>,
    pub(super) verdicts: Vec<Verdict>,
    judged: HashMap<u64, u32>,
    pub(super) lines: u64,
    pub(super) unkeyed: u64,
    pub(super) untimed: u64,
    pub(super) left_out: u64,
    last_service: (String, u32, u16),
    last_input: usize,
}

#[derive(Debug)]
struct Names {
    key: Vec<String>,
    links: Vec<String>,
    step_key: Vec<Vec<String>>,
    once: Vec<Vec<String>>,
}

fn plain(names: &[String]) -> Vec<String> {
    names.iter().map(|name| read::plain_name(name)).collect()
}

impl<'d> Watch<'d> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(definition: &'d Definition, knowledge: &'d Knowledge) -> Self {
        let key = plain(&definition.key);
        let names = Names {
            links: plain(&definition.links),
            step_key: definition
                .steps
                .iter()
                .map(|step| if step.key.is_empty() { key.clone() } else { plain(&step.key) })
                .collect(),
            once: definition.steps.iter().map(|step| plain(&step.once)).collect(),
            key,
        };
        Self {
            definition,
            knowledge,
            names,
            inputs: Vec::new(),
            services: Vec::new(),
            service_of: HashMap::new(),
            events: Vec::new(),
            keys: HashMap::new(),
            ids: HashMap::new(),
            links: HashMap::new(),
            joins: Vec::new(),
            verdicts: Vec::new(),
            judged: HashMap::new(),
            lines: 0,
            unkeyed: 0,
            untimed: 0,
            left_out: 0,
            last_service: (String::new(), u32::MAX, 0),
            last_input: 0,
        }
    }

    /// Sees one line.
    pub fn see(&mut self, line: &FlowLine<'_>) {
        self.lines += 1;
        let input = self.input(line.input);
        let service = self.service(line.record, line.input, input);
        let mut duration = read::milliseconds(line.record, Attribute::Latency);
        let mut interval = read::interval(line.record, duration);
        if let (Some((begin, end)), Some(known)) = (interval, self.services.get_mut(usize::from(service))) {
            known.first = known.first.min(begin);
            known.last = known.last.max(end);
        }
        let steps = self.services.get(usize::from(service)).map_or(0, |known| known.steps);
        let mut found = Found::default();
        if steps != 0 {
            found = self.matching(line, steps, service);
        }
        let owns = self.services.get(usize::from(service)).map_or(0, |known| known.owns);
        if owns != 0 && !found.any() && complains(line.record) {
            let step = u8::try_from(owns.trailing_zeros()).unwrap_or(0);
            let verdict = self.judge(line, read::status(line.record, Attribute::Status).unwrap_or(0));
            found.hits.push((step, COMPLAINT, true, verdict, 0));
        }
        let links = self.links_of(line, found.any());
        let key = self.key_of(line, &found);
        if let Some(key) = key {
            self.remember(key, &links);
        }
        for pair in links.windows(2) {
            if key.is_none() && self.joins.len() < LINK_LIMIT {
                self.joins.push((pair[0].hash, pair[1].hash));
            }
        }
        if !found.any() {
            return;
        }
        if duration.is_none() {
            duration = read::duration(line.record, line.text);
            interval = read::interval(line.record, duration);
        }
        let (key, linked) = match (key, links.first()) {
            (Some(key), _) => (read::hash(&[key.as_bytes()]), false),
            (None, Some(link)) => (link.hash, true),
            (None, None) => {
                self.unkeyed += u64::from(found.shows());
                return;
            }
        };
        self.untimed += u64::from(interval.is_none());
        let (begin, end) = interval.unwrap_or((NO_TIME, NO_TIME));
        for (step, witness, failed, verdict, rule) in found.hits {
            if self.events.len() >= EVENT_LIMIT {
                self.left_out += 1;
                return;
            }
            let once = if witness == 0 { &self.names.once[usize::from(step)][..] } else { &[] };
            let once = read::named(line.record, line.text, once).map_or(0, |value| read::hash(&[value.as_bytes()]));
            self.events.push(Event {
                key,
                once,
                begin,
                end,
                line: line.line,
                input,
                verdict,
                service,
                status: read::told_status(line.record, line.text).unwrap_or(0),
                rule,
                step,
                witness,
                failed,
                linked,
                timed: duration.is_some(),
            });
        }
    }

    fn input(&mut self, name: &str) -> u32 {
        if self.inputs.get(self.last_input).is_some_and(|last| last == name) {
            return u32::try_from(self.last_input).unwrap_or(0);
        }
        let at = self.inputs.iter().position(|known| known == name).unwrap_or_else(|| {
            self.inputs.push(name.to_owned());
            self.inputs.len() - 1
        });
        self.last_input = at;
        u32::try_from(at).unwrap_or(0)
    }

    fn service(&mut self, record: &Record, input: &str, number: u32) -> u16 {
        let said = record.get(Attribute::Service).unwrap_or_default();
        if self.last_service.1 == number && self.last_service.0 == said {
            return self.last_service.2;
        }
        let at = match self.service_of.get(&(said.to_owned(), number)) {
            Some(at) => *at,
            None => self.new_service(record, input, number, said),
        };
        self.last_service = (said.to_owned(), number, at);
        at
    }

    fn new_service(&mut self, record: &Record, input: &str, number: u32, said: &str) -> u16 {
        let name = read::service(record, input);
        let base = input.rsplit(['/', '\\']).next().unwrap_or(input);
        let is = |globs: &[super::pattern::Glob]| {
            globs.iter().any(|glob| [name.as_str(), base, read::stem(input)].iter().any(|text| glob.matches(text)))
        };
        let (mut steps, mut owns) = (0_u64, 0_u64);
        for (number, step) in self.definition.steps.iter().enumerate() {
            steps |= u64::from(step.matchers.iter().any(|matcher| is(&matcher.systems))) << number;
            owns |= u64::from(is(&step.systems)) << number;
        }
        // A system that says who it is in several files is one system, as far as both names match the same steps.
        let same = self.services.iter().position(|s| s.name == name && s.steps == steps && s.owns == owns);
        let at = same.unwrap_or(self.services.len()).min(SERVICE_LIMIT);
        if at == self.services.len() {
            self.services.push(Service { name, steps, owns, first: i64::MAX, last: i64::MIN });
        }
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        self.service_of.insert((said.to_owned(), number), at);
        at
    }

    fn matching(&mut self, line: &FlowLine<'_>, steps: u64, service: u16) -> Found {
        let mut found = Found::default();
        let message = phrase(line.record.get(Attribute::Message).map_or(line.text, read::words_of));
        let status = read::told_status(line.record, line.text).unwrap_or(0);
        let definition = self.definition;
        for (number, step) in definition.steps.iter().enumerate().filter(|(number, _)| steps >> number & 1 == 1) {
            let hit = step.matchers.iter().find(|matcher| {
                self.writes(service, line.input, matcher) && matches(matcher, line.record, line.text, &message, status)
            });
            let Some(matcher) = hit else { continue };
            let (failed, verdict) = self.outcome(matcher, line, status);
            let rule = if failed { self.rule(number, line, status, verdict) } else { 0 };
            let number = u8::try_from(number).unwrap_or(u8::MAX);
            found.hits.push((number, matcher.witness, failed, verdict, rule));
        }
        found
    }

    fn writes(&self, service: u16, input: &str, matcher: &Matcher) -> bool {
        let name = self.services.get(usize::from(service)).map_or("", |s| s.name.as_str());
        let base = input.rsplit(['/', '\\']).next().unwrap_or(input);
        matcher.systems.iter().any(|glob| glob.matches(name) || glob.matches(base) || glob.matches(read::stem(input)))
    }

    fn outcome(&mut self, matcher: &Matcher, line: &FlowLine<'_>, status: u16) -> (bool, u32) {
        match matcher.outcome {
            OutcomeOf::Taken => return (false, 0),
            OutcomeOf::Failed => return (true, self.judge(line, status)),
            OutcomeOf::Judged => {}
        }
        if matcher.failure.as_ref().is_some_and(|failure| holds(failure, line, status)) {
            return (true, self.judge(line, status));
        }
        if let Some(success) = &matcher.success {
            let succeeded = holds(success, line, status);
            return (!succeeded, if succeeded { 0 } else { self.judge(line, status) });
        }
        let verdict = self.judge(line, status);
        match self.verdicts.get((verdict as usize).wrapping_sub(1)) {
            Some(known) => (known.failed, verdict),
            None => (is_failure(line.record, status), 0),
        }
    }

    /// The verdict on a line, from 1; lines that say the same are judged once.
    fn judge(&mut self, line: &FlowLine<'_>, status: u16) -> u32 {
        let kind = kind_of(line.record, status);
        if let Some(known) = self.judged.get(&kind) {
            return *known;
        }
        if self.judged.len() >= JUDGED_LIMIT {
            return 0;
        }
        let whole = firstfault_engine::diagnose(line.text, firstfault_engine::Options::default(), self.knowledge);
        let number = match whole.calls.get(whole.first).map(|judged| &judged.diagnosis) {
            Some(diagnosis) => {
                let mut causes = likely(diagnosis);
                if diagnosis.cause.starts_with("webhook.") {
                    // That it is a webhook is known here: what its sender met is asked of the error alone.
                    causes.splice(0..0, self.met(line));
                }
                self.verdicts.push(Verdict {
                    failed: diagnosis.failed,
                    attributed: diagnosis.attributed,
                    causes,
                    bucket: diagnosis.bucket,
                    layer: diagnosis.layer,
                    owner: diagnosis.owner,
                    summary: diagnosis.summary.clone(),
                });
                u32::try_from(self.verdicts.len()).unwrap_or(0)
            }
            None => 0,
        };
        self.judged.insert(kind, number);
        number
    }

    /// The likely causes of the error that a line quotes.
    fn met(&self, line: &FlowLine<'_>) -> Vec<String> {
        let names = ["error", "exception", "err", "cause", "reason"].map(str::to_owned);
        let Some(error) = quoted(line.text).or_else(|| read::named(line.record, line.text, &names)) else {
            return Vec::new();
        };
        let whole = firstfault_engine::diagnose(error, firstfault_engine::Options::default(), self.knowledge);
        let first = whole.calls.get(whole.first).map(|judged| &judged.diagnosis);
        first.filter(|d| d.failed && d.attributed).map(likely).unwrap_or_default()
    }

    fn rule(&self, step: usize, line: &FlowLine<'_>, status: u16, verdict: u32) -> u16 {
        let causes = self.verdicts.get((verdict as usize).wrapping_sub(1)).map_or(&[][..], |known| &known.causes);
        let mut words = None;
        let position = self.definition.steps[step].failed.iter().position(|rule| {
            any_status(&rule.status, status)
                && (rule.verdict.is_empty() || named(causes, &rule.verdict).is_some())
                && (rule.message.is_empty() || {
                    let words = words.get_or_insert_with(|| phrase(line.text));
                    rule.message.iter().any(|wanted| words.contains(wanted.as_str()))
                })
        });
        position.and_then(|at| u16::try_from(at + 1).ok()).unwrap_or(0)
    }

    fn key_of<'a>(&self, line: &FlowLine<'a>, found: &Found) -> Option<&'a str> {
        if let Some((step, ..)) = found.hits.first() {
            return read::named(line.record, line.text, &self.names.step_key[usize::from(*step)]);
        }
        read::in_fields(line.record, &self.names.key)
    }

    fn links_of<'a>(&self, line: &FlowLine<'a>, thorough: bool) -> Vec<Link<'a>> {
        let mut links: Vec<Link<'a>> = Vec::new();
        for (number, name) in self.names.links.iter().enumerate() {
            let one = std::slice::from_ref(name);
            let value =
                if thorough { read::named(line.record, line.text, one) } else { read::in_fields(line.record, one) };
            if let Some(value) = value.filter(|value| links.iter().all(|link| link.value != *value)) {
                let name = u8::try_from(number).unwrap_or(u8::MAX);
                links.push(Link { name, value, hash: read::hash(&[value.as_bytes()]) });
            }
        }
        links
    }

    fn remember(&mut self, key: &str, links: &[Link<'_>]) {
        let hash = read::hash(&[key.as_bytes()]);
        if self.keys.len() < EVENT_LIMIT {
            self.keys.entry(hash).or_insert_with(|| key.chars().take(200).collect());
        }
        // Of all lines the same id is kept, whichever of them a thread saw first.
        if let Some(link) = links.first() {
            let better = self.ids.get(&hash).is_none_or(|(name, value)| (link.name, link.value) < (*name, value));
            if better && (self.ids.len() < EVENT_LIMIT || self.ids.contains_key(&hash)) {
                self.ids.insert(hash, (link.name, link.value.chars().take(200).collect()));
            }
        }
        for link in links {
            if self.links.len() < LINK_LIMIT {
                let known = self.links.entry(link.hash).or_insert(hash);
                if *known != hash {
                    *known = 0;
                }
            }
        }
    }

    /// What two watches saw, as one. The order of the parts must be that of the inputs.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let inputs: Vec<u32> = other.inputs.iter().map(|name| self.input(name)).collect();
        let services: Vec<u16> = other.services.iter().map(|service| self.adopt(service)).collect();
        let verdicts: Vec<u32> = other
            .verdicts
            .into_iter()
            .map(|verdict| {
                let at = self.verdicts.iter().position(|known| *known == verdict).unwrap_or_else(|| {
                    self.verdicts.push(verdict);
                    self.verdicts.len() - 1
                });
                u32::try_from(at + 1).unwrap_or(0)
            })
            .collect();
        for event in other.events {
            if self.events.len() >= EVENT_LIMIT {
                self.left_out += 1;
                continue;
            }
            self.events.push(Event {
                input: inputs.get(event.input as usize).copied().unwrap_or(0),
                service: services.get(usize::from(event.service)).copied().unwrap_or(0),
                verdict: verdicts.get((event.verdict as usize).wrapping_sub(1)).copied().unwrap_or(0),
                ..event
            });
        }
        for (hash, text) in other.keys {
            self.keys.entry(hash).or_insert(text);
        }
        for (hash, id) in other.ids {
            let known = self.ids.entry(hash).or_insert_with(|| id.clone());
            // Whichever part came first in time does not matter: the same one is kept whatever the threads did.
            if id < *known {
                *known = id;
            }
        }
        for (link, key) in other.links {
            let known = self.links.entry(link).or_insert(key);
            if *known != key {
                *known = 0;
            }
        }
        self.joins.extend(other.joins);
        self.lines += other.lines;
        self.unkeyed += other.unkeyed;
        self.untimed += other.untimed;
        self.left_out += other.left_out;
        self
    }

    fn adopt(&mut self, other: &Service) -> u16 {
        let same = |s: &Service| s.name == other.name && s.steps == other.steps && s.owns == other.owns;
        let at = self.services.iter().position(same).unwrap_or_else(|| {
            self.services.push(Service { first: i64::MAX, last: i64::MIN, ..other.clone() });
            self.services.len() - 1
        });
        let known = &mut self.services[at];
        known.first = known.first.min(other.first);
        known.last = known.last.max(other.last);
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// How often the systems are there, by name: for the report's notes.
    pub(super) fn systems_of(&self, step: usize) -> Vec<String> {
        let mut names: BTreeMap<&str, ()> = BTreeMap::new();
        for service in self.services.iter().filter(|service| service.owns >> step & 1 == 1) {
            names.insert(&service.name, ());
        }
        names.into_keys().map(str::to_owned).collect()
    }
}

/// An id of a line that may lead to a key.
struct Link<'a> {
    name: u8,
    value: &'a str,
    hash: u64,
}

/// Steps that a line shows: step, witness, failed, verdict, rule.
#[derive(Default)]
struct Found {
    hits: Vec<(u8, u8, bool, u32, u16)>,
}

impl Found {
    fn any(&self) -> bool {
        !self.hits.is_empty()
    }

    /// It shows a step and does not only complain.
    fn shows(&self) -> bool {
        self.hits.iter().any(|(_, witness, ..)| *witness != COMPLAINT)
    }
}

fn matches(matcher: &Matcher, record: &Record, text: &str, message: &str, status: u16) -> bool {
    let method = record.get(Attribute::Method);
    if !matcher.methods.is_empty()
        && !method.is_some_and(|m| matcher.methods.iter().any(|one| one.eq_ignore_ascii_case(m)))
    {
        return false;
    }
    if !any_status(&matcher.status, status) {
        return false;
    }
    if !matcher.message.is_empty() && !matcher.message.iter().any(|words| message.contains(words.as_str())) {
        return false;
    }
    if matcher.without.iter().any(|words| message.contains(words.as_str())) {
        return false;
    }
    if !matcher.routes.is_empty() {
        let said = [read::path(record), record.get(Attribute::Route)];
        if !said.into_iter().flatten().any(|path| matcher.routes.iter().any(|glob| glob.matches(path))) {
            return false;
        }
    }
    fields_hold(&matcher.fields, record, text)
}

fn fields_hold(fields: &[(String, Vec<super::pattern::Glob>)], record: &Record, text: &str) -> bool {
    fields.iter().all(|(name, globs)| {
        read::named(record, text, &[read::plain_name(name)])
            .is_some_and(|value| globs.iter().any(|glob| glob.matches(value)))
    })
}

fn holds(condition: &Condition, line: &FlowLine<'_>, status: u16) -> bool {
    any_status(&condition.status, status)
        && fields_hold(&condition.fields, line.record, line.text)
        && (condition.message.is_empty() || {
            let words = phrase(line.text);
            condition.message.iter().any(|wanted| words.contains(wanted.as_str()))
        })
}

/// What stands in quotes behind `error=`.
fn quoted(text: &str) -> Option<&str> {
    let at = ["error=\"", "exception=\"", "err=\"", "cause=\""]
        .iter()
        .find_map(|name| text.find(name).map(|at| at + name.len()))?;
    let rest = &text[at..];
    rest.find('"').map(|end| &rest[..end]).filter(|words| !words.is_empty())
}

/// The likeliest cause that one of some patterns names.
pub(super) fn named<'c>(causes: &'c [String], patterns: &[super::pattern::Glob]) -> Option<&'c str> {
    causes.iter().find(|cause| patterns.iter().any(|glob| glob.matches(cause))).map(String::as_str)
}

/// Causes of at least this probability may be what a rule of the flow file means.
const LIKELY: f64 = 0.05;

fn likely(diagnosis: &firstfault_model::Diagnosis) -> Vec<String> {
    let ranked = diagnosis.hypotheses.iter().filter(|h| h.probability >= LIKELY).take(8);
    ranked.map(|hypothesis| hypothesis.cause.clone()).collect()
}

fn is_failure(record: &Record, status: u16) -> bool {
    status >= 400 || status == 0 && complains(record)
}

/// Whether its level says that something went wrong.
fn complains(record: &Record) -> bool {
    let level = record.get(Attribute::Level).unwrap_or_default().to_ascii_lowercase();
    ["err", "crit", "fatal", "alert", "emerg", "severe"].iter().any(|word| level.starts_with(word))
}

/// What a line says, without what varies: lines of one kind have one verdict.
fn kind_of(record: &Record, status: u16) -> u64 {
    let mut words: Vec<u8> = status.to_be_bytes().to_vec();
    for field in &record.fields {
        use Attribute::{ErrorCode, Level, Mark, Message, Method, Route, Service, UpstreamStatus};
        let telling = match field.attribute {
            Some(Service | ErrorCode | Level | UpstreamStatus | Mark | Method | Route) => {
                read::hash(&[field.value.as_bytes()])
            }
            Some(Message) => mask_hash(field.value.as_bytes()),
            None if tells_outcome(&field.name) => mask_hash(field.value.as_bytes()),
            _ => continue,
        };
        words.extend_from_slice(field.name.as_bytes());
        words.extend_from_slice(&telling.to_be_bytes());
    }
    read::hash(&[&words])
}

fn tells_outcome(name: &str) -> bool {
    let plain = read::plain_name(name);
    ["error", "err", "body", "response", "exception", "reason", "detail", "success", "result", "outcome", "fault"]
        .iter()
        .any(|word| plain.contains(word))
}
