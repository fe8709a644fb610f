//! Expected chains across systems: for each key the first step that is missing or failed, counted and named.
//!
//! Lines are seen by a [`Watch`], which keeps a few bytes of those that show a step; [`Watch::report`] sets the clocks
//! right and judges key by key.

mod clocks;
mod definition;
mod keys;
mod pattern;
#[cfg(test)]
mod tests;
mod watch;

pub use definition::{Definition, FlowError, SHIPPED};
pub use watch::{FlowLine, Watch};

use clocks::Clocks;
use definition::{Rule, Step};
use firstfault_calls::NO_TIME;
use firstfault_knowledge::Knowledge;
use firstfault_model::incident::ShortTimeout;
use firstfault_model::rfc3339;
use firstfault_model::way::{Example, Fault, Finding, FlowReport, FlowStep};
use keys::{End, Key, Scene, Wrong, judge};
use std::collections::{BTreeMap, HashMap};
use watch::{COMPLAINT, Event, Verdict};

/// A complaint belongs to a failure of the same system and key when it comes within so many milliseconds of it: loggers
/// write in batches.
const BESIDE: i64 = 1_000;
/// Keys that are shown of each finding.
const EXAMPLES: usize = 5;
/// How often ids that stand in one line are followed from one to the next.
const ROUNDS: usize = 4;

/// What became of every key of a flow in these lines.
#[must_use]
pub fn flow<'l>(
    definition: &Definition,
    lines: impl IntoIterator<Item = FlowLine<'l>>,
    knowledge: &Knowledge,
) -> FlowReport {
    let mut watch = Watch::new(definition, knowledge);
    for line in lines {
        watch.see(&line);
    }
    watch.report()
}

impl Watch<'_> {
    /// Judges what was seen.
    #[must_use]
    pub fn report(mut self) -> FlowReport {
        let events = self.resolved();
        let clocks = clocks::clocks(&self, &events);
        let scene = self.scene(&events, &clocks);
        let mut tally = Tally::new(self.definition.steps.len());
        for group in events.chunk_by(|a, b| a.key == b.key) {
            if group.iter().all(|event| event.witness == COMPLAINT) {
                continue;
            }
            let key = judge(group, &scene);
            tally.count(&self, group, &key);
        }
        let matched = events.iter().filter(|event| event.witness != COMPLAINT).count();
        tally.report(&self, &scene, matched)
    }

    fn verdict(&self, event: &Event) -> Option<&Verdict> {
        self.verdicts.get((event.verdict as usize).wrapping_sub(1))
    }

    /// The events in order of key and time, those with another id under the key that it leads to.
    fn resolved(&mut self) -> Vec<Event> {
        for _ in 0..ROUNDS {
            let known = self.links.len();
            for (a, b) in &self.joins {
                match (self.links.get(a).copied(), self.links.get(b).copied()) {
                    (Some(key), None) => drop(self.links.insert(*b, key)),
                    (None, Some(key)) => drop(self.links.insert(*a, key)),
                    _ => {}
                }
            }
            if self.links.len() == known {
                break;
            }
        }
        let mut events = std::mem::take(&mut self.events);
        let (links, unkeyed) = (&self.links, &mut self.unkeyed);
        events.retain_mut(|event| {
            if event.linked {
                match links.get(&event.key).copied().filter(|key| *key != 0) {
                    Some(key) => event.key = key,
                    None => {
                        *unkeyed += u64::from(event.witness != COMPLAINT);
                        return false;
                    }
                }
            }
            true
        });
        events.sort_unstable_by_key(|e| (e.key, e.begin, e.input, e.line, e.step, e.witness));
        events
    }

    fn scene<'a>(&'a self, events: &[Event], clocks: &'a Clocks) -> Scene<'a> {
        let mut shown = 0_u64;
        for event in events.iter().filter(|event| event.witness != COMPLAINT) {
            shown |= 1 << event.step;
        }
        let steps = self.definition.steps.len();
        let span = (0..steps)
            .map(|step| {
                let owners = self.services.iter().enumerate().filter(|(_, s)| s.owns >> step & 1 == 1);
                let right = |at: usize, time: i64| clocks.right(u16::try_from(at).unwrap_or(u16::MAX), time);
                owners
                    .filter(|(_, s)| s.first <= s.last)
                    .map(|(at, s)| (right(at, s.first), right(at, s.last)))
                    .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            })
            .collect();
        let unlogged = (0..steps).map(|step| shown >> step & 1 == 0 && shown >> step > 1).collect();
        Scene { definition: self.definition, clocks, span, unlogged }
    }
}

/// Identity of a finding: step, fault, rule, verdict's cause.
type Identity = (usize, Fault, u16, String);

struct Tally {
    report: FlowReport,
    findings: BTreeMap<Identity, (Finding, BTreeMap<u16, u64>)>,
    /// When each complete key began.
    whole: Vec<i64>,
    delays: Vec<Vec<i64>>,
}

impl Tally {
    fn new(steps: usize) -> Self {
        let report = FlowReport { steps: vec![FlowStep::default(); steps], ..FlowReport::default() };
        Self { report, findings: BTreeMap::new(), whole: Vec::new(), delays: vec![Vec::new(); steps] }
    }

    fn count(&mut self, watch: &Watch<'_>, group: &[Event], key: &Key<'_>) {
        let report = &mut self.report;
        report.keys += 1;
        match key.end {
            End::Complete => {
                report.complete += 1;
                report.recovered += u64::from(key.recovered);
                self.whole.push(key.first);
            }
            End::Broken => report.broken += 1,
            End::Pending => report.pending += 1,
            End::Before => report.before += 1,
            End::Unknown => report.unknown += 1,
        }
        let mut before: Option<i64> = None;
        for (number, taken) in key.taken.iter().enumerate() {
            let Some(at) = taken else { continue };
            report.steps[number].passed += 1;
            if let Some(before) = before {
                self.delays[number].push(at.saturating_sub(before));
            }
            before = Some(*at);
        }
        if let Some(waits) = key.waits.filter(|_| key.end == End::Pending) {
            report.steps[waits].pending += 1;
        }
        let Some(wrong) = &key.wrong else { return };
        report.steps[wrong.step].broken += 1;
        self.find(watch, group, key, wrong);
    }

    fn find(&mut self, watch: &Watch<'_>, group: &[Event], key: &Key<'_>, wrong: &Wrong<'_>) {
        let step = &watch.definition.steps[wrong.step];
        let tells = matches!(wrong.fault, Fault::Failed | Fault::Unheard);
        let verdict = watch.verdict(wrong.told).filter(|_| tells);
        let verdict = match verdict {
            Some(known) if known.attributed => verdict,
            _ if tells => complaint(watch, group, wrong).or(verdict),
            _ => verdict,
        };
        let number = match wrong.fault {
            Fault::Failed => wrong.told.rule,
            Fault::Unheard => u16::from(wrong.gave_up.is_some()),
            _ => 0,
        };
        let rule = rule(step, wrong.fault, number, verdict.map(|v| v.summary.as_str()));
        let attributed = verdict.filter(|v| v.failed && v.attributed);
        let patterns = match wrong.fault {
            Fault::Failed => step.failed.get(usize::from(number).wrapping_sub(1)).map_or(&[][..], |f| &f.verdict),
            _ => &[],
        };
        // What the flow file says, else what it names of the likely causes, else the likeliest one when it is likely enough.
        let judged = verdict.and_then(|v| watch::named(&v.causes, patterns));
        let judged = judged.or(attributed.and_then(|v| v.causes.first().map(String::as_str)));
        let cause = if rule.cause.is_empty() { judged.unwrap_or("unknown") } else { &rule.cause };
        let cause = cause.to_owned();
        let identity = (wrong.step, wrong.fault, number, cause.clone());
        let (finding, statuses) = self.findings.entry(identity).or_insert_with(|| {
            let finding = Finding {
                step: step.id.clone(),
                number: wrong.step,
                fault: wrong.fault,
                finding: rule.finding.clone(),
                owner: rule.owner.or(attributed.map(|v| v.owner)),
                layer: rule.layer.or(attributed.and_then(|v| v.layer)),
                bucket: attributed.map(|v| v.bucket),
                cause,
                next: rule.next.clone(),
                ..Finding::default()
            };
            (finding, BTreeMap::new())
        });
        finding.count += 1;
        finding.completed += u64::from(key.whole);
        if wrong.at != NO_TIME {
            let (first, last) = finding.seen.unwrap_or((wrong.at, wrong.at));
            finding.seen = Some((first.min(wrong.at), last.max(wrong.at)));
        }
        if tells && wrong.told.status != 0 {
            *statuses.entry(wrong.told.status).or_default() += 1;
        }
        if let Some((early, late)) = wrong.gave_up {
            give_up(finding, watch, early, late);
        }
        let example = example(watch, group, wrong);
        let place = finding.examples.partition_point(|known| (known.at, &known.key) < (example.at, &example.key));
        if place < EXAMPLES {
            if place == 0 {
                finding.said = verdict
                    .filter(|v| v.failed)
                    .map(|v| format!("{}: {}", watch.services[usize::from(wrong.told.service)].name, v.summary));
            }
            finding.examples.insert(place, example);
            finding.examples.truncate(EXAMPLES);
        }
    }

    fn report(mut self, watch: &Watch<'_>, scene: &Scene<'_>, matched: usize) -> FlowReport {
        let definition = watch.definition;
        let report = &mut self.report;
        report.name.clone_from(&definition.name);
        report.title.clone_from(&definition.title);
        report.key = definition.key.first().cloned().unwrap_or_default();
        report.lines = watch.lines;
        report.matched = matched as u64;
        report.unkeyed = watch.unkeyed;
        report.left_out = watch.left_out;
        report.clocks.clone_from(&scene.clocks.shown);
        let spans = scene.span.iter().flatten();
        report.span = spans.copied().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        for (number, step) in definition.steps.iter().enumerate() {
            let shown = &mut report.steps[number];
            shown.id.clone_from(&step.id);
            shown.title.clone_from(&step.title);
            shown.systems = watch.systems_of(number);
            let delays = &mut self.delays[number];
            delays.sort_unstable();
            shown.median = delays.get(delays.len() / 2).copied();
        }
        self.whole.sort_unstable();
        let whole = &self.whole;
        let mut findings: Vec<Finding> = self
            .findings
            .into_values()
            .map(|(mut finding, statuses)| {
                finding.statuses = statuses.into_iter().collect();
                finding.meanwhile = finding.seen.map_or(0, |(first, last)| {
                    (whole.partition_point(|t| *t <= last) - whole.partition_point(|t| *t < first)) as u64
                });
                finding
            })
            .collect();
        findings.sort_by(|a, b| {
            (b.count, a.number, a.fault, &a.finding, &a.cause).cmp(&(a.count, b.number, b.fault, &b.finding, &b.cause))
        });
        report.findings = findings;
        report.notes = notes(watch, scene, report);
        report.summary = summary(report, definition);
        self.report
    }
}

/// What else the system complained of while it failed: an exception beside a bare 500.
fn complaint<'w>(watch: &'w Watch<'_>, group: &[Event], wrong: &Wrong<'_>) -> Option<&'w Verdict> {
    let told = wrong.told;
    let about = |e: &&Event| {
        e.witness == COMPLAINT
            && e.service == told.service
            && (e.begin == NO_TIME || told.begin == NO_TIME || {
                let (from, to) = (told.begin.saturating_sub(BESIDE), told.end.saturating_add(BESIDE));
                (from..=to).contains(&e.begin)
            })
    };
    let verdicts = group.iter().filter(about).filter_map(|e| watch.verdict(e));
    let mut attributed = verdicts.filter(|v| v.failed && v.attributed);
    attributed.next()
}

/// Keeps the widest gap between giving up and being done.
fn give_up(finding: &mut Finding, watch: &Watch<'_>, early: &Event, late: &Event) {
    #[expect(clippy::cast_precision_loss, reason = "durations of days are far below 2^52 milliseconds")]
    let duration = |event: &Event| event.end.saturating_sub(event.begin) as f64;
    let name = |event: &Event| watch.services[usize::from(event.service)].name.clone();
    let (gave_up, answered) = (duration(early), duration(late));
    let known = finding.short_timeout.get_or_insert_with(|| ShortTimeout {
        gateway: name(early),
        gave_up,
        backend: name(late),
        answered,
        count: 0,
    });
    known.count += 1;
    if answered > known.answered {
        known.gave_up = gave_up;
        known.answered = answered;
    }
}

fn example(watch: &Watch<'_>, group: &[Event], wrong: &Wrong<'_>) -> Example {
    let hash = group.first().map_or(0, |event| event.key);
    let ids = watch.ids.get(&hash).map(|(number, value)| {
        let name = watch.definition.links.get(usize::from(*number)).cloned().unwrap_or_default();
        (name, value.to_string())
    });
    Example {
        key: watch.keys.get(&hash).map_or_else(String::new, ToString::to_string),
        at: wrong.at,
        ids: ids.into_iter().collect(),
        source: (watch.inputs.get(wrong.told.input as usize).cloned().unwrap_or_default(), wrong.told.line),
    }
}

/// What the flow file says of a fault; where it says nothing of a failure, the verdict does.
fn rule(step: &Step, fault: Fault, number: u16, said: Option<&str>) -> Rule {
    match fault {
        Fault::Missing => step.missing.clone(),
        Fault::Failed => step.failed.get(usize::from(number).wrapping_sub(1)).map_or_else(
            || {
                let finding = said.map_or_else(|| format!("{}: it failed", step.title), str::to_owned);
                Rule { finding, ..Rule::default() }
            },
            |failure| failure.rule.clone(),
        ),
        Fault::Unheard if number == 1 => step.gave_up.clone(),
        Fault::Unheard => step.unheard.clone(),
        Fault::Late => step.late.clone(),
        Fault::Duplicate => step.duplicate.clone(),
        Fault::OutOfOrder => step.out_of_order.clone(),
        Fault::Skipped => step.skipped.clone(),
    }
}

fn notes(watch: &Watch<'_>, scene: &Scene<'_>, report: &FlowReport) -> Vec<String> {
    let mut notes = Vec::new();
    for (number, step) in watch.definition.steps.iter().enumerate() {
        if scene.span[number].is_none() {
            notes.push(format!(
                "no line is of a system that takes the step \"{}\" ({}): what others say of it has to do",
                step.title, step.id
            ));
        } else if scene.unlogged[number] {
            notes.push(format!("no line shows the step \"{}\" ({}): it is taken for not logged", step.title, step.id));
        }
    }
    for (count, what) in [
        (watch.unkeyed, "show a step and carry no key"),
        (watch.untimed, "show a step and have no time"),
        (watch.left_out, "were beyond the bound and not looked at"),
    ] {
        if count > 0 {
            notes.push(format!("{count} lines {what}"));
        }
    }
    if report.keys == 0 && watch.lines > 0 {
        let mut names: HashMap<&str, ()> = HashMap::new();
        names.extend(watch.services.iter().map(|service| (service.name.as_str(), ())));
        let mut names: Vec<&str> = names.into_keys().collect();
        names.sort_unstable();
        names.truncate(12);
        notes.push(format!("no line shows a step of this flow; the systems in the logs are {}", names.join(", ")));
    }
    notes
}

fn summary(report: &FlowReport, definition: &Definition) -> String {
    if report.keys == 0 {
        return format!("No line shows a step of the flow {}.", report.name);
    }
    let Some(finding) = report.findings.first() else {
        return format!("None of {} keys of {} broke: {} went all the way.", report.keys, report.name, report.complete);
    };
    let since = finding.seen.map_or_else(String::new, |(first, _)| format!(", since {}", rfc3339(first)));
    let step = definition.steps.get(finding.number).map_or("", |step| step.title.as_str());
    format!(
        "{} of {} keys of {} broke; most often at step {}, {step}: {} ({} times{since}).",
        report.broken,
        report.keys,
        report.name,
        finding.number + 1,
        finding.finding,
        finding.count,
    )
}
