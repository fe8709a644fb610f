//! A flow file: the chain of steps that is expected, what shows each of them, and what it means when one is missing.
//!
//! Parse → check → compile, as packs are: unknown fields, unknown causes and twisted patterns are refused with their
//! place, what was expected and the nearest name. docs/flows.md lists the fields.

use super::pattern::{Glob, StatusPattern, nearest, phrase};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Layer, Owner};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// More steps than a chain has that a person would write down.
const STEP_LIMIT: usize = 32;
/// More witnesses than a step has.
const TOLD_LIMIT: usize = 16;

/// The flow files that ship with the product: name and text.
pub const SHIPPED: [(&str, &str); 2] = [
    ("chat-to-ticket", include_str!("../../../../knowledge/flows/chat-to-ticket.toml")),
    ("order-to-fulfilment", include_str!("../../../../knowledge/flows/order-to-fulfilment.toml")),
];

/// A fault of a flow file: where, what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowError {
    /// File as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub message: String,
}

impl std::fmt::Display for FlowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// An expected chain.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// Names of the field that correlates, as written.
    pub key: Vec<String>,
    /// Names of further ids by which a line without the key is found to belong to one.
    pub links: Vec<String>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// One step of a chain.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// In words.
    pub title: String,
    /// The systems that take it.
    pub systems: Vec<Glob>,
    /// Names of the key in this step's lines, where they are other ones.
    pub key: Vec<String>,
    /// The time that it may take after the step before, in milliseconds.
    pub within: Option<i64>,
    /// Whether it may be missing.
    pub optional: bool,
    /// Names of the field of which each key has one value: more are duplicates.
    pub once: Vec<String>,
    /// What shows it. The first are the system's own words; those behind are what others say of it, nearest first.
    pub matchers: Vec<Matcher>,
    /// What a failure means, first match counts.
    pub failed: Vec<Failure>,
    /// What other faults mean.
    pub missing: Rule,
    /// It happened, and its answer got lost.
    pub unheard: Rule,
    /// It happened, and whoever asked had given up before.
    pub gave_up: Rule,
    /// Too late.
    pub late: Rule,
    /// More than once.
    pub duplicate: Rule,
    /// Before the step that must come first.
    pub out_of_order: Rule,
    /// Missing, although what follows from it is there.
    pub skipped: Rule,
}

/// Which lines show a step.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// 0 for the system's own words, else how far from it the witness stands.
    pub witness: u8,
    /// Who writes them.
    pub systems: Vec<Glob>,
    /// One of these word sequences is in the message.
    pub message: Vec<String>,
    /// None of these is.
    pub without: Vec<String>,
    /// These fields have one of these values.
    pub fields: Vec<(String, Vec<Glob>)>,
    /// Method.
    pub methods: Vec<String>,
    /// Route or path.
    pub routes: Vec<Glob>,
    /// Status.
    pub status: Vec<StatusPattern>,
    /// How it is known whether the step went well.
    pub outcome: OutcomeOf,
    /// What success is, where it is said.
    pub success: Option<Condition>,
    /// What failure is, where it is said.
    pub failure: Option<Condition>,
}

/// How it is known whether a step went well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeOf {
    /// By the verdict of `diagnose` on the line.
    #[default]
    Judged,
    /// Such a line means that the step was taken, whatever came of it.
    Taken,
    /// Such a line means that the step failed.
    Failed,
}

/// A condition on a line.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// Status is one of these.
    pub status: Vec<StatusPattern>,
    /// One of these word sequences is in the line.
    pub message: Vec<String>,
    /// These fields have one of these values.
    pub fields: Vec<(String, Vec<Glob>)>,
}

/// What a fault means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// In words.
    pub finding: String,
    /// Who has to act.
    pub owner: Option<Owner>,
    /// Which layer.
    pub layer: Option<Layer>,
    /// Cause id; empty: as judged.
    pub cause: String,
    /// What to do next.
    pub next: String,
}

/// What a failure of certain lines means.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// Status is one of these.
    pub status: Vec<StatusPattern>,
    /// One of these word sequences is in the line.
    pub message: Vec<String>,
    /// The cause that `diagnose` finds is one of these.
    pub verdict: Vec<Glob>,
    /// What it means.
    pub rule: Rule,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Words {
    fn list(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSource {
    name: Spanned<String>,
    #[serde(default)]
    title: String,
    key: Spanned<Words>,
    #[serde(default)]
    links: Words,
    #[serde(default)]
    step: Vec<Spanned<StepSource>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepSource {
    id: Spanned<String>,
    #[serde(default)]
    title: String,
    system: Spanned<Words>,
    #[serde(default)]
    key: Words,
    within: Option<Spanned<String>>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    once: Words,
    #[serde(default)]
    seen: Vec<MatcherSource>,
    #[serde(default)]
    told: Vec<MatcherSource>,
    #[serde(default)]
    failed: Vec<FailureSource>,
    missing: Option<RuleSource>,
    unheard: Option<RuleSource>,
    gave_up: Option<RuleSource>,
    late: Option<RuleSource>,
    duplicate: Option<RuleSource>,
    out_of_order: Option<RuleSource>,
    skipped: Option<RuleSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatcherSource {
    #[serde(default)]
    system: Words,
    #[serde(default)]
    message: Words,
    #[serde(default)]
    without: Words,
    #[serde(default)]
    fields: BTreeMap<String, Words>,
    #[serde(default)]
    method: Words,
    #[serde(default)]
    route: Words,
    status: Option<Spanned<Words>>,
    #[serde(default)]
    outcome: OutcomeOf,
    success: Option<ConditionSource>,
    failure: Option<ConditionSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionSource {
    status: Option<Spanned<Words>>,
    #[serde(default)]
    message: Words,
    #[serde(default)]
    fields: BTreeMap<String, Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailureSource {
    status: Option<Spanned<Words>>,
    #[serde(default)]
    message: Words,
    #[serde(default)]
    verdict: Words,
    finding: String,
    owner: Option<Spanned<String>>,
    layer: Option<Spanned<String>>,
    cause: Option<Spanned<String>>,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSource {
    finding: String,
    owner: Option<Spanned<String>>,
    layer: Option<Spanned<String>>,
    cause: Option<Spanned<String>>,
    #[serde(default)]
    next: String,
}

/// A fault at a place of the text.
type Fault = (Range<usize>, String);

impl Definition {
    /// The shipped flow of a name.
    #[must_use]
    pub fn shipped(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// What to say when a name is neither a file nor a shipped flow.
    #[must_use]
    pub fn unknown(name: &str) -> String {
        let names: Vec<&str> = SHIPPED.iter().map(|(known, _)| *known).collect();
        let hint = nearest(name, &names).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        format!("expected a flow file or one of the flows {}, got {name}{hint}", names.join(", "))
    }

    /// Reads a flow file.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(file: &str, text: &str, knowledge: &Knowledge) -> Result<Self, FlowError> {
        let source: FileSource = toml::from_str(text).map_err(|error| {
            let place = error.span().unwrap_or(0..0);
            at(file, text, (place, with_hint(error.message())))
        })?;
        compile(source, knowledge).map_err(|fault| at(file, text, fault))
    }
}

fn at(file: &str, text: &str, (place, message): Fault) -> FlowError {
    let before = text.get(..place.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    FlowError { file: file.to_owned(), line, column, message }
}

/// ``unknown field `wihtin`, expected one of `name`, …`` with the nearest of them.
fn with_hint(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((found, known)) if message.starts_with("unknown") => match nearest(found, known) {
            Some(near) => format!("{message}; did you mean `{near}`?"),
            None => message.to_owned(),
        },
        _ => message.to_owned(),
    }
}

fn compile(source: FileSource, knowledge: &Knowledge) -> Result<Definition, Fault> {
    let name_at = source.name.span();
    let key_at = source.key.span();
    let name = source.name.into_inner();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err((name_at, format!("expected a name of small letters, digits and dashes, got {name:?}")));
    }
    let key = source.key.into_inner().list();
    if key.iter().all(|one| one.trim().is_empty()) {
        return Err((key_at, "expected the name of the field that correlates, got none".to_owned()));
    }
    if source.step.len() < 2 || source.step.len() > STEP_LIMIT {
        let got = source.step.len();
        return Err((name_at, format!("expected 2 to {STEP_LIMIT} tables [[step]], got {got}")));
    }
    let mut steps: Vec<Step> = Vec::new();
    for one in source.step {
        let place = one.span();
        let one = step(one.into_inner(), place.clone(), knowledge)?;
        if steps.iter().any(|before| before.id == one.id) {
            return Err((place, format!("expected a step of its own id, got {} a second time", one.id)));
        }
        steps.push(one);
    }
    let title = if source.title.is_empty() { name.clone() } else { source.title };
    Ok(Definition { name, title, key, links: source.links.list(), steps })
}

fn step(source: StepSource, place: Range<usize>, knowledge: &Knowledge) -> Result<Step, Fault> {
    let id_at = source.id.span();
    let id = source.id.into_inner();
    let system_at = source.system.span();
    let systems = globs(source.system.into_inner().list());
    if systems.is_empty() {
        return Err((system_at, format!("expected a pattern for the systems of step {id}, got none")));
    }
    if source.seen.is_empty() {
        return Err((place, format!("expected a table [[step.seen]] that says what shows step {id}, got none")));
    }
    let within = source.within.map(|given| duration(given.as_ref()).map_err(|m| (given.span(), m))).transpose()?;
    if source.told.len() > TOLD_LIMIT {
        let got = source.told.len();
        return Err((place, format!("expected at most {TOLD_LIMIT} tables [[step.told]] in step {id}, got {got}")));
    }
    let mut matchers = Vec::new();
    for one in source.seen {
        matchers.push(matcher(one, 0, &systems, id_at.clone())?);
    }
    for (number, one) in source.told.into_iter().enumerate() {
        let witness = u8::try_from(number + 1).unwrap_or(1);
        matchers.push(matcher(one, witness, &[], id_at.clone())?);
    }
    let mut failed = Vec::new();
    for one in source.failed {
        failed.push(Failure {
            status: statuses(one.status)?,
            message: phrases(one.message),
            verdict: globs(one.verdict.list()),
            rule: rule_of(one.finding, one.owner, one.layer, one.cause, one.next, knowledge)?,
        });
    }
    let title = if source.title.is_empty() { id.clone() } else { source.title };
    let rule = |given: Option<RuleSource>, or: String| match given {
        Some(r) => rule_of(r.finding, r.owner, r.layer, r.cause, r.next, knowledge),
        None => Ok(Rule { finding: or, ..Rule::default() }),
    };
    Ok(Step {
        missing: rule(source.missing, format!("{title}: it never happened"))?,
        unheard: rule(source.unheard, format!("{title}: done, and the answer was lost"))?,
        gave_up: rule(source.gave_up, format!("{title}: done, after whoever asked had given up"))?,
        late: rule(source.late, format!("{title}: too late"))?,
        duplicate: rule(source.duplicate, format!("{title}: more than once"))?,
        out_of_order: rule(source.out_of_order, format!("{title}: before the step that must come first"))?,
        skipped: rule(source.skipped, format!("{title}: not there, although what follows from it is"))?,
        id,
        title,
        systems,
        key: source.key.list(),
        within,
        optional: source.optional,
        once: source.once.list(),
        matchers,
        failed,
    })
}

fn matcher(source: MatcherSource, witness: u8, own: &[Glob], place: Range<usize>) -> Result<Matcher, Fault> {
    let given = globs(source.system.list());
    let systems = if given.is_empty() { own.to_vec() } else { given };
    let status_given = source.status.is_some();
    let matcher = Matcher {
        witness,
        systems,
        message: phrases(source.message),
        without: phrases(source.without),
        fields: fields(source.fields),
        methods: source.method.list(),
        routes: globs(source.route.list()),
        status: statuses(source.status)?,
        outcome: source.outcome,
        success: source.success.map(condition).transpose()?,
        failure: source.failure.map(condition).transpose()?,
    };
    let open = matcher.message.is_empty()
        && matcher.fields.is_empty()
        && matcher.methods.is_empty()
        && matcher.routes.is_empty()
        && !status_given;
    if open {
        return Err((place, "expected message, fields, method, route or status in seen and told, got none".to_owned()));
    }
    Ok(matcher)
}

fn condition(source: ConditionSource) -> Result<Condition, Fault> {
    Ok(Condition { status: statuses(source.status)?, message: phrases(source.message), fields: fields(source.fields) })
}

fn rule_of(
    finding: String,
    owner: Option<Spanned<String>>,
    layer: Option<Spanned<String>>,
    cause: Option<Spanned<String>>,
    next: String,
    knowledge: &Knowledge,
) -> Result<Rule, Fault> {
    let owner = owner.map(|given| one_of(&given, "an owner", &OWNERS, Owner::from_word)).transpose()?;
    let layer = layer.map(|given| one_of(&given, "a layer", &LAYERS, Layer::from_word)).transpose()?;
    let cause = match cause {
        Some(given) => {
            if knowledge.cause_number(given.as_ref()).is_none() {
                let known: Vec<&str> = knowledge.causes.iter().map(|cause| cause.id).collect();
                let hint = nearest(given.as_ref(), &known).map_or_else(String::new, |n| format!("; did you mean {n}?"));
                let found = given.as_ref();
                return Err((given.span(), format!("expected a cause id of causes.toml, got {found:?}{hint}")));
            }
            given.into_inner()
        }
        None => String::new(),
    };
    Ok(Rule { finding, owner, layer, cause, next })
}

const OWNERS: [&str; 3] = ["caller", "provider", "path"];
const LAYERS: [&str; 6] = ["client", "network", "gateway", "auth", "backend", "dependency"];

fn one_of<T>(
    given: &Spanned<String>,
    what: &str,
    known: &[&str],
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Fault> {
    read(given.as_ref()).ok_or_else(|| {
        let found = given.as_ref();
        let hint = nearest(found, known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        (given.span(), format!("expected {what} ({}), got {found:?}{hint}", known.join(", ")))
    })
}

fn globs(list: Vec<String>) -> Vec<Glob> {
    list.iter().filter(|one| !one.is_empty()).map(|one| Glob::new(one)).collect()
}

fn phrases(words: Words) -> Vec<String> {
    words.list().iter().map(|one| phrase(one)).filter(|one| one.trim() != "").collect()
}

fn fields(source: BTreeMap<String, Words>) -> Vec<(String, Vec<Glob>)> {
    source.into_iter().map(|(name, values)| (name, globs(values.list()))).collect()
}

fn statuses(given: Option<Spanned<Words>>) -> Result<Vec<StatusPattern>, Fault> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let place = given.span();
    given
        .into_inner()
        .list()
        .iter()
        .map(|one| {
            StatusPattern::read(one).ok_or_else(|| {
                (place.clone(), format!("expected a status such as \"401\", \"4xx\" or \"none\", got {one:?}"))
            })
        })
        .collect()
}

/// `90s`, `5m`, `1h`, `250ms`, `2d` in milliseconds.
fn duration(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let number: Option<i64> = text[..digits].parse().ok();
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .filter(|ms| (1..=31 * 86_400_000).contains(ms))
        .ok_or_else(|| format!("expected a time up to 31 days such as \"90s\", \"5m\" or \"1h\", got {text:?}"))
}
