//! Packs → one block of bytes: checks what the TOML form alone cannot show, then lays everything out so
//! that loading is a copy and looking up is a hash.
//!
//! Runs at build time for the packs in the source tree and at run time for `--rules DIR`.

use crate::compiled::{Cause, CheckSource, Condition, PackInfo, Rule, StatusInfo, Target, Test};
use crate::layout::{self, Block, PACK_BIT, Triggers};
use crate::pack::{self, CheckFile, Guide, PackError, PackFile, RowSource, RuleSource, Sentences, TableSource};
use crate::phrase::{self, Element};
use crate::words;
use firstfault_model::{Bucket, Layer, Place, Strength};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A named file of a knowledge folder.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path as shown in errors.
    pub name: String,
    /// Its text.
    pub text: String,
}

struct Builder<'s> {
    cause_numbers: BTreeMap<String, u16>,
    ids: BTreeSet<String>,
    rules: Vec<(Vec<u8>, Triggers)>,
    names: phrase::Names,
    marks: Vec<(u64, u32)>,
    errors: Vec<PackError>,
    file: &'s SourceFile,
    particular: bool,
}

/// The index key of a fact's presence.
#[must_use]
pub fn fact_key(key: &str) -> u64 {
    words::hash(format!("f\0{key}").as_bytes())
}

/// The index key of a fact with a value, without regard to case.
#[must_use]
pub fn fact_value_key(key: &str, value: &str) -> u64 {
    let value = if CASED.contains(&key) { value.to_owned() } else { value.to_ascii_lowercase() };
    words::hash(format!("f\0{key}\0{value}").as_bytes())
}

/// Facts whose values differ by case: HAProxy's `sH` (a time-out) is not `SH` (an abort).
pub const CASED: &[&str] = &["haproxy.termination"];

/// The index key of an error code, by words.
#[must_use]
pub fn code_key(words: &[u64]) -> u64 {
    let mut bytes = b"c\0".to_vec();
    for word in words {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    words::hash(&bytes)
}

/// The index key of a host (`exact`) or of a domain and all below it.
#[must_use]
pub fn host_key(host: &str, exact: bool) -> u64 {
    words::hash(format!("h\0{}\0{host}", u8::from(exact)).as_bytes())
}

/// Compiles files into a block. `causes.toml`, `sentences.toml`, `checks.toml` and `guide.toml` are known by their file
/// name; every other file is a pack. The guide is only checked: nothing of it is needed for a verdict.
///
/// # Errors
/// Every fault of every file, in order.
pub fn compile(files: &[SourceFile]) -> Result<Block, Vec<PackError>> {
    let mut errors = Vec::new();
    let find = |name: &str| files.iter().find(|f| pack::special(&f.name) == Some(name));
    let mut causes: Vec<(String, pack::CauseSource, Bucket)> = Vec::new();
    if let Some(file) = find("causes.toml") {
        match pack::parse_causes(&file.name, &file.text) {
            Ok(sections) => causes = flatten_causes(file, sections, &mut errors),
            Err(error) => errors.push(error),
        }
    }
    let mut sentences: BTreeMap<String, Sentences> = BTreeMap::new();
    if let Some(file) = find("sentences.toml") {
        match toml::from_str(&file.text) {
            Ok(map) => sentences = map,
            Err(error) => errors.push(pack::toml_error(&file.name, &file.text, &error)),
        }
    }
    let cause_numbers: BTreeMap<String, u16> =
        causes.iter().enumerate().filter_map(|(i, c)| Some((c.0.clone(), u16::try_from(i).ok()?))).collect();
    if let Some(file) = find("sentences.toml") {
        for id in sentences.keys().filter(|id| !cause_numbers.contains_key(*id)) {
            errors.push(PackError {
                file: file.name.clone(),
                line: 1,
                message: format!("expected a cause id, got {id:?}"),
            });
        }
    }

    let general = general(find("general.toml"), &cause_numbers, &mut errors);

    let parsed: Vec<(&SourceFile, PackFile)> = files
        .iter()
        .filter(|f| pack::special(&f.name).is_none())
        .filter_map(|file| match pack::parse(&file.name, &file.text) {
            Ok(pack) => Some((file, pack)),
            Err(error) => {
                errors.push(error);
                None
            }
        })
        .collect();

    let Some(first) = files.first() else { return Ok(Block::default()) };
    let mut builder = Builder {
        cause_numbers,
        ids: BTreeSet::new(),
        rules: Vec::new(),
        names: phrase::Names::default(),
        marks: Vec::new(),
        errors: Vec::new(),
        file: first,
        particular: false,
    };
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (number, (file, pack)) in parsed.iter().enumerate() {
        builder.file = file;
        builder.particular = ["vendors/", "gateways/", "frameworks/", "webhooks/", "dependencies/"]
            .iter()
            .any(|folder| file.name.contains(folder));
        if !names.insert(&pack.pack.name) {
            builder.fault(&pack.pack.name, "expected a pack name that no other file has".to_owned());
        }
        builder.pack(u32::try_from(number).unwrap_or(u32::MAX), pack);
    }
    let mut check_file = None;
    if let Some(file) = find("checks.toml") {
        builder.file = file;
        match toml::from_str::<CheckFile>(&file.text) {
            Ok(parsed) => check_file = Some(parsed),
            Err(error) => builder.errors.push(pack::toml_error(&file.name, &file.text, &error)),
        }
    }
    let checks = check_file.as_ref().map(|file| builder.checks(file)).unwrap_or_default();
    if let Some(file) = find("guide.toml") {
        builder.file = file;
        match toml::from_str::<Guide>(&file.text) {
            Ok(guide) => builder.guide(&guide, check_file.as_ref()),
            Err(error) => builder.errors.push(pack::toml_error(&file.name, &file.text, &error)),
        }
    }
    errors.append(&mut builder.errors);
    if !errors.is_empty() {
        return Err(errors);
    }

    let mut block = Block::default();
    let empty = Sentences::default();
    let cause_list: Vec<Cause<'_>> = causes
        .iter()
        .map(|(id, source, bucket)| {
            let words = sentences.get(id).unwrap_or(&empty);
            Cause {
                id,
                bucket: *bucket,
                layer: source.layer,
                owner: source.owner,
                retry: source.retry,
                title: &source.title,
                meaning: &source.meaning,
                clauses: words.clause.iter().map(String::as_str).collect(),
                client: &words.client,
                provider: &words.provider,
                plain: &words.plain,
                question: &words.question,
                missing: &words.missing,
                gives_way_to: general.get(id).cloned().unwrap_or_default(),
            }
        })
        .collect();
    block.causes = encode(&cause_list);
    let packs: Vec<PackInfo<'_>> = parsed
        .iter()
        .map(|(_, p)| PackInfo {
            name: &p.pack.name,
            title: &p.pack.title,
            source: &p.pack.source,
            layer: p.pack.layer,
            headers: p.pack.headers.iter().map(|mark| header_mark(mark)).collect(),
        })
        .collect();
    block.packs = encode(&packs);
    let mut statuses: Vec<StatusInfo<'_>> = parsed
        .iter()
        .flat_map(|(_, p)| &p.status)
        .filter_map(|(code, s)| {
            Some(StatusInfo {
                code: code.parse().ok()?,
                name: &s.name,
                registered: s.registered,
                meaning: &s.meaning,
                mistaken_for: &s.mistaken_for,
                first_look: &s.first_look,
                source: &s.source,
            })
        })
        .collect();
    statuses.sort_by_key(|s| s.code);
    block.statuses = encode(&statuses);
    block.checks = encode(&checks);
    block.slots = encode(&builder.names.slots);
    block.sets = encode(&builder.names.sets);
    layout::lay_out(&builder.rules, &builder.names.sets, &builder.marks, &mut block);
    Ok(block)
}

/// `general.toml`, its causes by number.
fn general(
    file: Option<&SourceFile>,
    cause_numbers: &BTreeMap<String, u16>,
    errors: &mut Vec<PackError>,
) -> BTreeMap<String, Vec<u16>> {
    let Some(file) = file else { return BTreeMap::new() };
    let map: BTreeMap<String, pack::General> = match toml::from_str(&file.text) {
        Ok(map) => map,
        Err(error) => {
            errors.push(pack::toml_error(&file.name, &file.text, &error));
            return BTreeMap::new();
        }
    };
    let mut out = BTreeMap::new();
    for (id, general) in map {
        let mut fault = |got: &str| {
            let line = file.text.lines().position(|l| l.contains(&format!("\"{id}\""))).map_or(1, |i| i + 1);
            let message = format!("{id}: expected a cause id, got {got:?}");
            errors.push(PackError { file: file.name.clone(), line, message });
        };
        if !cause_numbers.contains_key(&id) {
            fault(&id);
        }
        let mut numbers = Vec::new();
        for pattern in &general.gives_way_to {
            let before = numbers.len();
            let section = pattern.strip_suffix('*');
            let fits =
                |known: &str| section.map_or(known == pattern, |section| known.starts_with(section)) && known != id;
            numbers.extend(cause_numbers.iter().filter(|(known, _)| fits(known)).map(|(_, number)| *number));
            if numbers.len() == before {
                fault(pattern);
            }
        }
        out.insert(id, numbers);
    }
    out
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}

/// `NAME` or `NAME: VALUE` → lower-case name and value pattern.
fn header_mark(mark: &str) -> (&str, &str) {
    match mark.split_once(": ") {
        Some((name, value)) => (name.trim(), value.trim()),
        None => (mark.trim(), "*"),
    }
}

fn flatten_causes(
    file: &SourceFile,
    sections: BTreeMap<String, BTreeMap<String, pack::CauseSource>>,
    errors: &mut Vec<PackError>,
) -> Vec<(String, pack::CauseSource, Bucket)> {
    let mut out = Vec::new();
    for (section, causes) in sections {
        for (name, cause) in causes {
            let word = cause.bucket.clone().unwrap_or_else(|| section.clone());
            match Bucket::from_word(&word) {
                Some(bucket) => out.push((format!("{section}.{name}"), cause, bucket)),
                None => errors.push(PackError {
                    file: file.name.clone(),
                    line: 1,
                    message: format!("{section}.{name}: expected a bucket, got {word:?}"),
                }),
            }
        }
    }
    out
}

impl Builder<'_> {
    fn fault(&mut self, id: &str, message: String) {
        let line = pack::line_of(&self.file.text, id);
        self.errors.push(PackError { file: self.file.name.clone(), line, message: format!("{id}: {message}") });
    }

    /// The guide speaks of causes, buckets, layers and checks that there are.
    fn guide(&mut self, guide: &Guide, checks: Option<&CheckFile>) {
        for (id, cause) in &guide.cause {
            let named = cause.mistaken_for.iter().map(|m| m.cause.as_str()).chain([id.as_str()]);
            for unknown in named.filter(|id| !self.cause_numbers.contains_key(*id)).collect::<Vec<_>>() {
                self.fault(id, format!("expected a cause id, got {unknown:?}"));
            }
        }
        for (word, bucket) in &guide.bucket {
            if Bucket::from_word(word).is_none() {
                self.fault(word, "expected a bucket".to_owned());
            }
            let known = |id: &str| checks.is_some_and(|file| file.check.iter().any(|check| check.id == id));
            for id in bucket.checks.iter().filter(|id| !known(id)) {
                self.fault(word, format!("expected the id of a check, got {id:?}"));
            }
        }
        for word in guide.layer.keys().filter(|word| Layer::from_word(word).is_none()) {
            self.fault(word, "expected a layer".to_owned());
        }
        let answers = guide.envelope.iter().flat_map(|envelope| &envelope.answer);
        for answer in answers.filter(|answer| Bucket::from_word(&answer.bucket).is_none()) {
            self.fault(&answer.bucket, "expected a bucket".to_owned());
        }
    }

    fn pack(&mut self, number: u32, pack: &PackFile) {
        for host in &pack.pack.hosts {
            let host = host.to_ascii_lowercase();
            let key = match host.strip_prefix("*.") {
                Some(domain) => host_key(domain, false),
                None => host_key(&host, true),
            };
            self.marks.push((key, PACK_BIT | number));
        }
        for mark in &pack.pack.headers {
            let (name, _) = header_mark(mark);
            self.marks.push((fact_key(&format!("response.header.{}", name.to_ascii_lowercase())), PACK_BIT | number));
        }
        let default_source = &pack.pack.source;
        for rule in &pack.rule {
            if rule.matches.is_empty() || rule.silent.is_empty() {
                self.fault(&rule.id, "expected at least one `match` and one `silent` example".to_owned());
            }
            if !rule.id.starts_with(&pack.pack.name) {
                self.fault(&rule.id, format!("expected an id that starts with the pack's name {:?}", pack.pack.name));
            }
            self.rule(rule, &pack.pack.name, default_source);
        }
        for table in &pack.table {
            if table.matches.is_empty() || table.silent.is_empty() {
                self.fault(&table.id, "expected at least one `match` and one `silent` example".to_owned());
            }
            for (key, row) in &table.rows {
                self.row(table, key, row, &pack.pack.name, default_source);
            }
        }
        for (code, status) in &pack.status {
            if code.parse::<u16>().is_err() {
                self.fault(code, "expected a status code of three digits or 0".to_owned());
            }
            if !status.priors.is_empty() {
                let rule = RuleSource {
                    id: format!("status.{code}"),
                    status: vec![code.clone()],
                    supports: status.priors.clone(),
                    layer: status.layer,
                    group: "status".to_owned(),
                    because: format!("{code} {} by itself: {}", status.name, status.meaning),
                    source: if status.source.is_empty() { default_source.clone() } else { status.source.clone() },
                    ..RuleSource::default()
                };
                self.rule_with(&rule, &pack.pack.name, default_source, true);
            }
        }
    }

    fn row(&mut self, table: &TableSource, key: &str, row: &RowSource, pack: &str, default_source: &str) {
        let mut rule = RuleSource {
            id: format!("{}.{key}", table.id),
            places: table.places.clone(),
            status: table.status.clone(),
            when: table.when.clone(),
            unless: table.unless.clone(),
            supports: row.also.clone(),
            against: row.against.clone(),
            layer: row.layer,
            passed: row.passed.clone(),
            retry: row.retry,
            owner: row.owner,
            group: table.group.clone(),
            fails: table.fails,
            symptom: table.symptom,
            fault: table.fault,
            says: if row.says.is_empty() { table.says.replace("{key}", key) } else { row.says.clone() },
            because: table.because.replace("{key}", key).replace("{meaning}", &row.meaning),
            source: table.source.clone(),
            ..RuleSource::default()
        };
        match (&table.fact, table.code, table.text) {
            (Some(fact), false, false) => rule.when.insert(0, format!("{fact} = {key}")),
            (None, true, false) => rule.code = vec![key.to_owned()],
            (None, false, true) => rule.text = vec![key.to_owned()],
            _ => self.fault(&table.id, "expected exactly one of `fact`, `code = true`, `text = true`".to_owned()),
        }
        if rule.because.is_empty() {
            rule.because.clone_from(&row.meaning);
        }
        match (&row.cause, row.none) {
            (Some(cause), false) => {
                rule.supports.insert(cause.clone(), row.strength.unwrap_or(Strength::Decisive));
            }
            (None, true) => return,
            (None, false) if !row.also.is_empty() => {}
            _ => self.fault(&rule.id, "expected either `cause` or `none = true`".to_owned()),
        }
        self.rule_with(&rule, pack, default_source, false);
    }

    fn rule(&mut self, rule: &RuleSource, pack: &str, default_source: &str) {
        self.rule_with(rule, pack, default_source, false);
    }

    fn rule_with(&mut self, rule: &RuleSource, pack: &str, default_source: &str, prior: bool) {
        if !self.ids.insert(rule.id.clone()) {
            self.fault(&rule.id, "expected an id that no other rule has".to_owned());
        }
        let source = if rule.source.is_empty() { default_source } else { &rule.source };
        if source.is_empty() {
            self.fault(&rule.id, "expected a source, here or in [pack]".to_owned());
        }
        if rule.because.is_empty() {
            self.fault(&rule.id, "expected `because`".to_owned());
        }
        if rule.supports.is_empty() && rule.against.is_empty() && rule.passed.is_empty() && !rule.healthy && !rule.fails
        {
            self.fault(
                &rule.id,
                "expected `for`, `against`, `passed`, `fails` or `healthy`: it says nothing".to_owned(),
            );
        }
        let mut triggers = Triggers::default();
        for text in &rule.text {
            match phrase::parse(text, &mut self.names) {
                Ok(elements) => {
                    if let [Element::Word(_)] = elements[..]
                        && is_plain_word(text)
                    {
                        self.fault(
                            &rule.id,
                            format!("expected a phrase of two words or a code, got the plain word {text:?}"),
                        );
                    }
                    if rule.when.is_empty()
                        && rule.unless.is_empty()
                        && rule.status.is_empty()
                        && rule.code.is_empty()
                        && is_reason_phrase(&elements)
                    {
                        self.fault(
                            &rule.id,
                            format!(
                                "{text:?} is the name of a status: expected a `when` that says whose words these are"
                            ),
                        );
                    }
                    triggers.phrases.push(elements);
                }
                Err(message) => self.fault(&rule.id, message),
            }
        }
        let mut conditions = Vec::new();
        let codes: Vec<Vec<u64>> =
            rule.code.iter().map(|code| words::words(code).iter().map(|w| w.hash).collect()).collect();
        if !codes.is_empty() {
            if triggers.phrases.is_empty() {
                triggers.facts.extend(codes.iter().map(|code| code_key(code)));
            }
            conditions.push(Condition::Code(codes));
        }
        let mut status_ranges = Vec::new();
        for text in &rule.status {
            match status_range(text) {
                Some(range) => status_ranges.push(range),
                None => self.fault(&rule.id, format!("expected a status such as 403, 5xx or 520-527, got {text:?}")),
            }
        }
        if !rule.method.is_empty() {
            let methods = rule.method.iter().map(String::as_str).collect();
            conditions.push(Condition::Fact { key: "method", test: Test::Equals(methods), negated: false });
        }
        let mut facts: Vec<(&str, Test<'_>)> = Vec::new();
        for (list, negated) in [(&rule.when, false), (&rule.unless, true)] {
            for text in list {
                match fact_condition(text) {
                    Ok((key, test)) => {
                        if !negated {
                            facts.push((key, test.clone()));
                        }
                        conditions.push(Condition::Fact { key, test, negated });
                    }
                    Err(message) => self.fault(&rule.id, message),
                }
            }
        }
        if triggers.phrases.is_empty() && triggers.facts.is_empty() {
            // What the words claim is known last, so it is what such a rule waits for.
            let waits = facts.iter().any(|(key, _)| *key == "claims");
            let equality =
                facts.iter().filter(|(key, _)| !waits || *key == "claims").find_map(|(key, test)| match test {
                    Test::Equals(values) if values.iter().all(|v| !v.ends_with('*')) => Some((*key, values)),
                    _ => None,
                });
            if let Some((key, values)) = equality {
                triggers.facts.extend(values.iter().map(|value| fact_value_key(key, value)));
            } else if let Some((key, _)) = facts.iter().find(|(key, _)| !waits || *key == "claims") {
                triggers.facts.push(fact_key(key));
            } else if let Some(&(from, to)) = status_ranges.first()
                && status_ranges.len() == 1
                && from == to
            {
                triggers.facts.push(fact_value_key("status", &from.to_string()));
            } else if !status_ranges.is_empty() {
                triggers.facts.push(fact_key("status"));
            } else {
                self.fault(&rule.id, "expected at least one of `text`, `code`, `status`, `when`".to_owned());
            }
        }
        if facts.iter().any(|(key, _)| *key == "claims") && !(triggers.phrases.is_empty() && rule.code.is_empty()) {
            self.fault(
                &rule.id,
                "expected `claims` without `text` and `code`: what words claim is known after them".to_owned(),
            );
        }
        if !status_ranges.is_empty() {
            conditions.push(Condition::Status(status_ranges));
        }
        let mut places = 0;
        for place in &rule.places {
            match place_bit(place) {
                Some(bit) => places |= bit,
                None => {
                    self.fault(&rule.id, format!("expected body, header, message or request in `in`, got {place:?}"))
                }
            }
        }
        if places == 0 && !triggers.phrases.is_empty() {
            places = bit(Place::Body) | bit(Place::Header) | bit(Place::Message);
        }
        let supports = self.causes_of(&rule.id, &rule.supports);
        let opposes = self.targets_of(&rule.id, &rule.against);
        let compiled = Rule {
            id: &rule.id,
            pack,
            supports,
            opposes,
            conditions,
            places,
            layer: rule.layer,
            passed: rule.passed.clone(),
            retry: rule.retry,
            owner: rule.owner,
            group: &rule.group,
            fails: rule.fails,
            healthy: rule.healthy,
            symptom: rule.symptom,
            fault: rule.fault,
            says: &rule.says,
            because: &rule.because,
            source,
            prior,
            particular: self.particular,
        };
        let bytes = encode(&compiled);
        self.rules.push((bytes, triggers));
    }

    fn causes_of(&mut self, id: &str, map: &BTreeMap<String, Strength>) -> Vec<(u16, Strength)> {
        let mut out = Vec::new();
        for (cause, strength) in map {
            match self.cause_numbers.get(cause) {
                Some(number) => out.push((*number, *strength)),
                None => self.fault(id, format!("expected a cause id, got {cause:?}")),
            }
        }
        out
    }

    fn targets_of(&mut self, id: &str, map: &BTreeMap<String, Strength>) -> Vec<(Target, Strength)> {
        let mut out = Vec::new();
        for (name, strength) in map {
            let target = match name.strip_prefix("bucket:") {
                Some(bucket) => Bucket::from_word(bucket).map(Target::Bucket),
                None => self.cause_numbers.get(name).map(|n| Target::Cause(*n)),
            };
            match target {
                Some(target) => out.push((target, *strength)),
                None => self.fault(id, format!("expected a cause id or bucket:NAME, got {name:?}")),
            }
        }
        out
    }

    fn checks<'c>(&mut self, file: &'c CheckFile) -> Vec<CheckSource<'c>> {
        let mut out = Vec::new();
        for check in &file.check {
            if !matches!(check.risk.as_str(), "none" | "read" | "write") {
                self.fault(&check.id, format!("expected risk none, read or write, got {:?}", check.risk));
            }
            let mut conditions = Vec::new();
            for (list, negated) in [(&check.when, false), (&check.unless, true)] {
                for text in list {
                    match fact_condition(text) {
                        Ok((key, test)) => conditions.push(Condition::Fact { key, test, negated }),
                        Err(message) => self.fault(&check.id, message),
                    }
                }
            }
            let runs = !check.run.is_empty();
            if runs != check.outcomes.iter().any(|outcome| !outcome.seen.is_empty()) {
                self.fault(&check.id, "expected `run` and outcomes with `seen` together".to_owned());
            }
            let mut outcomes = Vec::new();
            for outcome in &check.outcomes {
                let mut causes = Vec::new();
                for cause in &outcome.confirms {
                    match self.cause_numbers.get(cause) {
                        Some(number) => causes.push(*number),
                        None => self.fault(&check.id, format!("expected a cause id, got {cause:?}")),
                    }
                }
                outcomes.push(causes);
            }
            out.push(CheckSource {
                id: &check.id,
                question: &check.question,
                seconds: check.seconds,
                risk: &check.risk,
                command: &check.command,
                conditions,
                outcomes,
                answers: check.outcomes.iter().map(|outcome| outcome.answer.as_str()).collect(),
                run: &check.run,
                seen: check.outcomes.iter().map(|o| o.seen.iter().map(String::as_str).collect()).collect(),
                strengths: check.outcomes.iter().map(|o| o.strength.unwrap_or(Strength::Strong)).collect(),
            });
        }
        out
    }
}

fn bit(place: Place) -> u8 {
    1 << place as u8
}

fn place_bit(word: &str) -> Option<u8> {
    Some(match word {
        "body" => bit(Place::Body),
        "header" => bit(Place::Header),
        "message" => bit(Place::Message),
        "request" => bit(Place::Request),
        "note" => bit(Place::Note),
        _ => return None,
    })
}

/// A single word of letters only, in one case: too common to be evidence. Codes in upper case or camel case pass.
fn is_plain_word(text: &str) -> bool {
    let text = text.trim();
    text.bytes().all(|b| b.is_ascii_lowercase()) && !text.starts_with("err") && !text.starts_with('e') || text.len() < 4
}

/// True for the names of statuses, which everybody prints: they say what the status says, and no more.
fn is_reason_phrase(elements: &[Element]) -> bool {
    const NAMES: &[&str] = &[
        "bad request",
        "unauthorized",
        "payment required",
        "forbidden",
        "not found",
        "method not allowed",
        "not acceptable",
        "request timeout",
        "conflict",
        "gone",
        "precondition failed",
        "payload too large",
        "request entity too large",
        "unsupported media type",
        "unprocessable entity",
        "unprocessable content",
        "locked",
        "too many requests",
        "internal server error",
        "bad gateway",
        "service unavailable",
        "service temporarily unavailable",
        "gateway timeout",
        "gateway time out",
        "server error",
        "internal error",
        "error",
        "failed",
    ];
    NAMES.iter().any(|name| words::words(name).iter().map(|w| Element::Word(w.hash)).eq(elements.iter().copied()))
}

fn status_range(text: &str) -> Option<(u16, u16)> {
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().ok()?;
        return Some((class * 100, class * 100 + 99));
    }
    if let Some((from, to)) = text.split_once('-') {
        return Some((from.trim().parse().ok()?, to.trim().parse().ok()?));
    }
    let code = text.trim().parse().ok()?;
    Some((code, code))
}

/// `key`, `key = a | b`, `key ~ phrase | phrase`, `key > n`, `key < n`.
fn fact_condition(text: &str) -> Result<(&str, Test<'_>), String> {
    let end = text.find([' ', '=', '~', '>', '<']).unwrap_or(text.len());
    let (key, rest) = text.split_at(end);
    if key.is_empty() {
        return Err(format!("expected a fact, got {text:?}"));
    }
    let rest = rest.trim();
    if rest.is_empty() {
        return Ok((key, Test::Present));
    }
    let (operator, value) = rest.split_at(1);
    let value = value.trim();
    let number = || value.parse::<f64>().map_err(|_| format!("{text:?}: expected a number, got {value:?}"));
    let list = || value.split('|').map(str::trim).filter(|v| !v.is_empty()).collect::<Vec<_>>();
    let test = match operator {
        "=" => Test::Equals(list()),
        "~" => {
            for phrase in list() {
                phrase::parse(phrase, &mut phrase::Names::default())?;
            }
            Test::Phrase(list())
        }
        ">" => Test::Greater(number()?),
        "<" => Test::Less(number()?),
        _ => return Err(format!("{text:?}: expected =, ~, > or < after the fact, got {operator:?}")),
    };
    Ok((key, test))
}
