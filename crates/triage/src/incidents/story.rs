//! A found incident told: what kind, which layer, who is affected, how repeats feed it, which change did it.

use super::failing::Failing;
use super::series::{of_place, seen_all};
use super::{Found, Search};
use crate::changes::{self, Change};
use crate::first::first;
use crate::parallel::parts;
use crate::retries;
use crate::signatures::{self, Ask};
use crate::when::lead::{Duration, lead};
use crate::when::likelihood::Count;
use crate::{Judgement, isolate::Isolated};
use firstfault_calls::{Attribute, Calls};
use firstfault_model::incident::{Affected, Incident, Isolation, ReadInput, Representative, Signature, Triage};
use firstfault_model::{Bucket, Layer};
use std::collections::{BTreeMap, BTreeSet};

/// A change is "the" change when it is likelier than all else together.
const LIKELY: f64 = 0.5;
/// Failing share of a group that lies in one method and route for its signature to name them.
const ONE_PLACE: f64 = 0.999;

/// What was read, and how many failed.
pub fn totals(calls: &Calls, failing: &Failing, judged: &[Judgement], threads: usize) -> Triage {
    let counted = || (0..failing.calls.len()).filter(|shape| failing.counts[*shape]);
    let inputs = calls.inputs.iter().map(|input| ReadInput {
        name: input.name.clone(),
        form: input.form.clone(),
        lines: input.lines,
        unreadable: input.unreadable,
        problems: input.problems.clone(),
    });
    Triage {
        calls: counted().map(|shape| failing.calls[shape]).sum(),
        failed: counted().filter(|s| judged[*s].failed).map(|shape| failing.calls[shape]).sum(),
        unreadable_lines: calls.inputs.iter().map(|input| input.unreadable).sum(),
        span: seen_all(calls, threads),
        inputs: inputs.collect(),
        ..Triage::default()
    }
}

impl Search<'_> {
    /// Tells what was found.
    pub fn tell(&self, found: &Found, changes: &[Change]) -> Incident {
        let calls = self.calls;
        let mask = self.failing.mask(&found.groups);
        let inside = found.scope.rows(calls, self.threads);
        let during = found.onset.at..found.end.unwrap_or(self.span.end);
        let before = if found.compared { self.span.start..found.onset.at } else { self.span.end..self.span.end };
        let [usual, now] = self.whole(&inside, &mask, [&before, &during]);
        let mut incident = Incident {
            onset: found.onset.at,
            interval: found.onset.interval,
            end: found.end,
            course: found.form,
            isolation: found.isolated.iter().map(|set| self.isolation(set)).collect(),
            combinations_tried: found.tried,
            failures: found.rows.iter().map(|row| calls.weight(*row as usize)).sum(),
            calls: now.calls as u64,
            retries: retries::retries(calls, self.judged, &found.rows, found.onset.at),
            affected: self.affected(&found.rows),
            series: of_place(calls, &inside, &mask, &self.failing.counts, usual, &self.span, self.threads),
            ..Incident::default()
        };
        if found.compared && calls.weight.is_empty() {
            self.latency_lead(found, &inside, &mask, &mut incident);
        }
        incident.upstream = self.upstream(&found.rows);
        // One system alone says nothing about where a request failed first.
        if calls.dimension(Attribute::Service).is_some_and(|services| services.values.len() > 2) {
            let first = first(calls, self.judged, &found.rows);
            (incident.origins, incident.short_timeouts) = (first.origins, first.short_timeouts);
        }
        self.verdict(found, &inside, usual, now, &mut incident);
        incident.signatures = self.signatures(&mask, (&during, &before), &inside);
        incident.changes = changes::score(changes, calls, self.judged, &incident);
        incident.change = incident.changes.first().filter(|change| change.probability > LIKELY).cloned();
        incident
    }

    fn isolation(&self, set: &Isolated) -> Isolation {
        let share = |(failed, calls): (u64, u64)| if calls == 0 { 0.0 } else { failed as f64 / calls as f64 };
        let name = |(dimension, code): &(usize, u32)| {
            let dimension = &self.calls.dimensions[*dimension];
            (dimension.name.clone(), dimension.values.get(*code as usize).cloned().unwrap_or_default())
        };
        Isolation {
            attributes: set.set.iter().map(name).collect(),
            failures: set.inside.0,
            calls: set.inside.1,
            rate_inside: share(set.inside),
            rate_outside: share(set.outside),
            rate_before: share(set.before),
            share: share((set.inside.0, set.inside.0 + set.outside.0)),
            bits: set.bits,
        }
    }

    /// Distinct values among the failing calls.
    fn affected(&self, rows: &[u32]) -> Affected {
        let distinct = |attribute: Attribute| {
            let dimension = self.calls.dimension(attribute)?;
            let mut seen = vec![false; dimension.values.len()];
            rows.iter().for_each(|row| seen[dimension.codes.get(*row as usize) as usize] = true);
            Some(seen.iter().skip(1).filter(|seen| **seen).count() as u64).filter(|count| *count > 0)
        };
        Affected {
            users: distinct(Attribute::User),
            tenants: distinct(Attribute::Tenant),
            routes: distinct(Attribute::Route),
            hosts: distinct(Attribute::Host),
            regions: distinct(Attribute::Region),
            client_versions: distinct(Attribute::ClientVersion),
        }
    }

    /// The system called in turn by nearly all failing calls.
    fn upstream(&self, rows: &[u32]) -> Option<String> {
        let dimension = self.calls.dimension(Attribute::Upstream)?;
        let mut counts = vec![0_usize; dimension.values.len()];
        rows.iter().for_each(|row| counts[dimension.codes.get(*row as usize) as usize] += 1);
        let most = (1..counts.len()).max_by_key(|code| (counts[*code], std::cmp::Reverse(*code)))?;
        (counts[most] * 10 >= rows.len() * 9).then(|| dimension.values[most].clone())
    }

    /// Slow calls in the place of the incident before it began.
    fn latency_lead(&self, found: &Found, inside: &[bool], mask: &[bool], incident: &mut Incident) {
        let calls = self.calls;
        let kinds = calls.dimension(Attribute::Route).filter(|d| d.values.len() <= 10_000);
        let healthy = |row: &usize| {
            let shape = calls.shape[*row] as usize;
            inside[*row] && self.failing.counts[shape] && !mask[shape] && !self.judged[shape].failed
        };
        let duration = |row: usize| Duration {
            time: calls.time[row],
            took: calls.latency[row],
            kind: kinds.map_or(0, |kinds| kinds.codes.get(row)),
        };
        let durations =
            parts(calls.rows, self.threads, |rows| rows.filter(healthy).map(duration).collect::<Vec<Duration>>())
                .concat();
        let Some(lead) = lead(&durations, found.since.min(found.onset.at), found.onset.at) else { return };
        incident.latency_led_seconds = Some((found.onset.at - lead.since) as f64 / 1000.0);
        let place = found.scope.words(calls);
        let place = if place.is_empty() { "everywhere".to_owned() } else { place };
        incident.latency_led_where = Some(format!("{place}: {:.1} times slower", lead.times));
    }

    /// What kind and which layer: the verdicts of the failing shapes, each with the calls that it has beyond the usual.
    fn verdict(&self, found: &Found, inside: &[bool], usual: Count, now: Count, incident: &mut Incident) {
        let calls = self.calls;
        let scale = if usual.calls > 0.0 { now.calls / usual.calls } else { 0.0 };
        let mut excess = vec![0.0_f64; calls.shapes.len()];
        // What another system only passed on says less than the line of the one that failed on its own.
        let origin = self.origin(found, incident);
        for row in &found.rows {
            // The first attempt's error is the one that counts.
            let repeat = calls.attempt[*row as usize] > 1;
            excess[calls.shape[*row as usize] as usize] +=
                if repeat { 0.0 } else { calls.weight(*row as usize) as f64 };
        }
        if found.compared {
            for (excess, count) in excess.iter_mut().zip(self.failing_before(found, inside)) {
                *excess -= count as f64 * scale;
            }
        }
        let mut kinds: BTreeMap<(Bucket, Option<Layer>), f64> = BTreeMap::new();
        let mut causes: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let speaks = |shape: usize| origin.as_ref().is_none_or(|name| calls.shapes[shape].service == *name);
        let weighed = || excess.iter().enumerate().filter(|(shape, excess)| **excess > 0.0 && speaks(*shape));
        for (shape, excess) in weighed() {
            let verdict = &self.judged[shape];
            *kinds.entry((verdict.bucket, verdict.layer)).or_default() += excess;
        }
        let Some(((bucket, layer), _)) = kinds.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))) else {
            return;
        };
        let same = |shape: usize| self.judged[shape].bucket == *bucket && self.judged[shape].layer == *layer;
        for (shape, excess) in weighed().filter(|(shape, _)| same(*shape)) {
            let cause = causes.entry(self.judged[shape].cause.as_str()).or_default();
            *cause = (cause.0 + excess, cause.1 + excess * self.judged[shape].probability);
        }
        let Some((cause, (weight, sure))) = causes.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(a.0)))
        else {
            return;
        };
        incident.bucket = Some(*bucket).filter(|bucket| *bucket != Bucket::None);
        incident.layer = *layer;
        incident.cause = (*cause).to_owned();
        incident.probability = sure / weight.max(1e-9);
        let typical = weighed().filter(|(shape, _)| same(*shape) && self.judged[*shape].cause == *cause);
        let Some((shape, _)) = typical.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0))) else { return };
        let sample = &calls.shapes[shape];
        let diagnosis = self.judged[shape].diagnosis.clone();
        if let Some(diagnosis) = &diagnosis {
            incident.owner = Some(diagnosis.owner);
            incident.retry = Some(diagnosis.retry);
            incident.checks.clone_from(&diagnosis.checks);
        }
        if self.is_dependency(found, incident) {
            incident.layer = Some(Layer::Dependency);
        }
        if sample.sample.is_empty() {
            return;
        }
        incident.representative = Some(Representative {
            input: calls.inputs.get(sample.input as usize).map_or_else(String::new, |input| input.name.clone()),
            line: sample.line,
            text: sample.sample.clone(),
            way: Vec::new(),
            diagnosis,
        });
    }

    /// The system at which most of the requests failed on their own while others passed it on, if lines of it are among the
    /// failing ones.
    fn origin(&self, found: &Found, incident: &Incident) -> Option<String> {
        let all: u64 = incident.origins.iter().map(|origin| origin.count).sum();
        let first = incident.origins.first().filter(|first| first.count * 2 > all && !first.passed_on.is_empty())?;
        let services = self.calls.dimension(Attribute::Service)?;
        let code = services.values.iter().position(|value| *value == first.service)?;
        let among = found.rows.iter().any(|row| services.codes.get(*row as usize) as usize == code);
        among.then(|| first.service.clone())
    }

    /// Whether "the backend did not answer" is a dependency here: the failures are those of one system that was called in
    /// turn, while others that the same service calls are well. The line alone cannot tell, since a gateway and an
    /// application report both in the same words.
    fn is_dependency(&self, found: &Found, incident: &Incident) -> bool {
        let Some(dimension) = self.calls.dimensions.iter().position(|d| d.attribute == Some(Attribute::Upstream))
        else {
            return false;
        };
        let others = self.calls.dimensions[dimension].values.len() > 2;
        let by_upstream = |set: &Vec<(usize, u32)>| set.len() == 1 && set[0].0 == dimension;
        incident.bucket == Some(Bucket::Upstream)
            && incident.layer == Some(Layer::Backend)
            && others
            && !found.scope.sets.is_empty()
            && found.scope.sets.iter().all(by_upstream)
    }

    /// The failing calls of the place, put together by what they have in common.
    fn signatures(
        &self,
        mask: &[bool],
        (during, before): (&std::ops::Range<i64>, &std::ops::Range<i64>),
        inside: &[bool],
    ) -> Vec<Signature> {
        let ask = Ask { calls: self.calls, judged: self.judged, templates: self.templates, during, before };
        let rows = self.failing.rows.iter().map(|row| *row as usize);
        signatures::of(&ask, rows.filter(|row| inside[*row] && mask[self.calls.shape[*row] as usize]))
    }
}

/// The signature of a group's rows.
pub fn signature(search: &Search<'_>, group: usize, rows: impl Iterator<Item = usize>) -> Signature {
    let calls = search.calls;
    let mut by_shape: BTreeMap<u32, u64> = BTreeMap::new();
    let (method, route) = (calls.dimension(Attribute::Method), calls.dimension(Attribute::Route));
    let (mut methods, mut routes): (BTreeMap<u32, u64>, BTreeMap<u32, u64>) = (BTreeMap::new(), BTreeMap::new());
    let mut count = 0;
    for row in rows {
        let weight = calls.weight(row);
        count += weight;
        *by_shape.entry(calls.shape[row]).or_default() += weight;
        if let Some(method) = method {
            *methods.entry(method.codes.get(row)).or_default() += weight;
        }
        if let Some(route) = route {
            *routes.entry(route.codes.get(row)).or_default() += weight;
        }
    }
    let one = |values: &BTreeMap<u32, u64>| {
        let (code, most) = values.iter().max_by_key(|(code, weight)| (**weight, std::cmp::Reverse(**code)))?;
        (*most as f64 >= ONE_PLACE * count as f64 && *code > 0).then_some(*code as usize)
    };
    let shape = by_shape.iter().max_by_key(|(shape, weight)| (**weight, std::cmp::Reverse(**shape))).map(|(s, _)| *s);
    let shape = shape.or_else(|| search.failing.groups[group].first().copied()).unwrap_or(0) as usize;
    let (sample, verdict) = (&calls.shapes[shape], &search.judged[shape]);
    let method = one(&methods).and_then(|code| method.map(|d| d.values[code].clone()));
    let route = one(&routes).and_then(|code| route.map(|d| d.values[code].clone()));
    let message = firstfault_calls::mask(&sample.message);
    let services: BTreeSet<&str> = by_shape.keys().map(|s| calls.shapes[*s as usize].service.as_str()).collect();
    let service = services.first().filter(|name| services.len() == 1 && !name.is_empty()).map(|s| (*s).to_owned());
    let layer = verdict.layer.map_or("", Layer::word);
    let status = (sample.status > 0).then_some(sample.status);
    let key = format!(
        "{}\n{}\n{}\n{}\n{message}\n{layer}",
        method.as_deref().unwrap_or(""),
        route.as_deref().unwrap_or(""),
        sample.status,
        sample.error_code
    );
    Signature {
        id: format!("{:016x}", fnv(key.as_bytes())),
        method,
        route,
        status,
        error_code: (!sample.error_code.is_empty()).then(|| sample.error_code.clone()),
        message,
        service,
        bucket: Some(verdict.bucket).filter(|bucket| *bucket != Bucket::None),
        layer: verdict.layer,
        cause: verdict.cause.clone(),
        probability: verdict.probability,
        count,
        before: 0,
        seen: None,
        sample: calls.inputs.get(sample.input as usize).map(|input| (input.name.clone(), sample.line)),
    }
}

/// FNV-1a, 64 bits: an identity that is the same from run to run.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |state, b| (state ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
}
