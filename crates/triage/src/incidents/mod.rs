//! The loop: find the likeliest rise of failures, settle what belongs to it, where it is and when it began, take its calls
//! out, and look again at what remains.
//!
//! Rises with one place and one time are one incident, whatever statuses they show (an upstream's outage is 502, 503 and
//! 504). Failures that were there before and after alike are background.

mod background;
mod count;
mod failing;
mod find;
mod named;
mod scope;
mod series;
mod story;
#[cfg(test)]
mod tests;

use crate::Judgement;
use crate::changes::Change;
use crate::isolate::{Ask, Isolated, isolate};
use crate::parallel::threads;
use crate::when::clock::{Clock, span};
use crate::when::likelihood::{Count, odds_ratio, ratio};
use crate::when::onset::{At, Course, Turn};
use crate::when::ramp::ramp;
use crate::when::tables::{Source, Tables};
use failing::Failing;
use find::{LEAST_EXCESS, LEAST_ODDS, Rise, best, explained_by_traffic, rises};
use firstfault_calls::{Attribute, Calls};
use firstfault_model::incident::{Course as Form, Triage};
use scope::Scope;
use std::ops::Range;

/// What the user said.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--at TIME`: the onset, in milliseconds since the Unix epoch. Of a pre-aggregated table the step that holds it.
    pub at: Option<i64>,
}

/// Incidents that are looked for; what is left then is background.
const INCIDENTS: usize = 8;
/// Steps of the small tables: 10 s of an hour.
const STEPS: usize = 360;
/// Rises that may turn out to be nothing before the search ends.
const REFUSALS: usize = 24;
/// A group belongs to an incident when its excess there is sure by this many nats …
const BELONGS: f64 = 6.0;
/// … and this share of its whole excess lies there.
const BULK: f64 = 0.7;
/// Times that differ by less than this share of the span are one time, for groups of one incident.
const SAME_TIME: f64 = 0.05;
/// A place is comparable when it had this share of its present calls before.
const COMPARABLE: f64 = 0.25;
/// Onsets this near to each other's interval, in milliseconds, are one.
const NEAR: i64 = 60_000;
/// By how many nats a growth must explain the calls better than a step: one failure in three or four grows.
const GROWTH: f64 = 1.1;
/// By how many nats an end must be sure.
const ENDED: f64 = 10.0;
/// Without a time before to compare with, this share of all calls must fail for an incident: of failures that callers
/// make in any hour (client and auth), and of others.
const FROM_THE_START: (f64, f64) = (0.5, 0.2);

/// Everything that the search looks at.
struct Search<'a> {
    calls: &'a Calls,
    judged: &'a [Judgement],
    templates: &'a [String],
    failing: Failing,
    dimensions: Vec<usize>,
    span: Range<i64>,
    threads: usize,
    /// By row: whether it is a call.
    called: Vec<bool>,
    /// By row: whether it is the first attempt of a call and no incident explains it.
    open: Vec<bool>,
    /// By row: whether an incident explains it.
    taken: Vec<bool>,
}

/// What was found, before it is told.
#[derive(Clone, Debug)]
struct Found {
    groups: Vec<usize>,
    scope: Scope,
    isolated: Vec<Isolated>,
    tried: u64,
    onset: At,
    end: Option<i64>,
    form: Form,
    /// Begin of what was compared with.
    since: i64,
    /// Whether there was a time before.
    compared: bool,
    /// Failing rows.
    rows: Vec<u32>,
}

/// Many calls → incidents. `templates` are those that the verdicts name ([`mine`](crate::signatures::mine)).
#[must_use]
pub fn triage(
    calls: &Calls,
    judged: &[Judgement],
    templates: &[String],
    changes: &[Change],
    options: &Options,
) -> Triage {
    let threads = threads();
    let (first, last) = span(&calls.time).unwrap_or((0, 0));
    let failing = Failing::new(calls, judged, threads);
    let (called, open) = count::counted(calls, &failing.counts, threads);
    let skip = [Some(Attribute::UpstreamStatus)];
    let dimensions = (0..calls.dimensions.len()).filter(|d| !skip.contains(&calls.dimensions[*d].attribute)).collect();
    let mut search = Search {
        calls,
        judged,
        templates,
        failing,
        dimensions,
        span: first..last.saturating_add(1),
        threads,
        called,
        open,
        taken: vec![false; calls.rows],
    };
    let found = match options.at {
        Some(at) => search.at(at),
        None => search.all(),
    };
    let mut triage = story::totals(calls, &search.failing, judged, threads);
    triage.series = series::overall(calls, &search.failing, &search.span, threads);
    triage.background = background::background(&search, &found);
    triage.incidents = found.iter().map(|found| search.tell(found, changes)).collect();
    triage.incidents.sort_by(|a, b| b.failures.cmp(&a.failures).then(a.onset.cmp(&b.onset)));
    triage
}

impl Search<'_> {
    fn source(&self) -> Source<'_> {
        Source {
            calls: self.calls,
            counts: &self.failing.counts,
            groups: &self.failing.groups_of,
            group_count: self.failing.groups.len(),
            failing: &self.failing.rows,
            dimensions: &self.dimensions,
            threads: self.threads,
        }
    }

    /// Looks until nothing is left.
    fn all(&mut self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        if self.failing.groups.is_empty() {
            return found;
        }
        let clock = Clock::new(self.span.start, self.span.end - 1, STEPS);
        let mut tables = Tables::count(&self.source(), clock);
        let mut refused: Vec<crate::when::tables::Pair> = Vec::new();
        while found.len() < INCIDENTS && refused.len() < REFUSALS {
            let mut rises = rises(&tables, &self.failing);
            rises.retain(|rise| !refused.contains(&rise.pair));
            let Some(rise) = best(&rises, &self.failing).copied() else { break };
            if explained_by_traffic(&tables, self.calls, &rise) {
                refused.extend(rises.iter().filter(|r| r.pair.group == rise.pair.group).map(|r| r.pair));
                continue;
            }
            let Some(one) = self.settle(&tables, &rise) else {
                refused.push(rise.pair);
                continue;
            };
            self.take(&mut tables, &one.rows);
            match found.iter_mut().find(|earlier| self.same_story(earlier, &one)) {
                Some(earlier) => absorb(earlier, one),
                None => found.push(one),
            }
        }
        if found.is_empty() {
            found.extend(self.already_there());
        }
        found
    }

    /// Marks rows as explained.
    fn take(&mut self, tables: &mut Tables, rows: &[u32]) {
        for row in rows {
            self.taken[*row as usize] = true;
            self.open[*row as usize] = false;
        }
        tables.take(&self.source(), rows);
    }

    /// From a rise to an incident: which groups, where, when. `None` when it turns out to be nothing.
    fn settle(&self, tables: &Tables, rise: &Rise) -> Option<Found> {
        let clock = tables.clock;
        let mut during = clock.begin(rise.stretch.from)..clock.begin(rise.stretch.to).min(self.span.end);
        let mut before = self.compared_with(&during);
        let mut groups = self.failing.members(rise.pair.group);
        let slice = tables.slices[rise.pair.slice];
        let (mut isolated, mut tried) = self.isolated(&groups, &during, &before);
        let mut scope = Scope { sets: isolated.iter().map(|i| i.set.clone()).collect() };
        let belonging = self.belonging(tables, &groups, &scope, &during, &before);
        if belonging != groups {
            groups = belonging;
            (isolated, tried) = self.isolated(&groups, &during, &before);
            scope = Scope { sets: isolated.iter().map(|i| i.set.clone()).collect() };
        }
        let mask = self.failing.mask(&groups);
        // Dated where it can be compared: a place that had no calls before (a new release) says nothing about when.
        let place = self.comparable(&scope, slice, &mask, &during, &before);
        let course = self.course(&place, &mask);
        let compared = rise.stretch.from > 0 && course.index(during.start) > 0;
        let (mut onset, mut form) = (At { at: during.start, interval: (self.span.start, during.start) }, Form::Step);
        let stop = course.index(during.end);
        if compared {
            let from = 0;
            onset = course.turn(from..stop, Turn::Rise)?;
            if let Some(ramp) = ramp(&course, from..stop).filter(|ramp| ramp.nats > GROWTH) {
                (onset, form) = (ramp.onset, Form::Ramp);
            }
        } else if let Some(first) = course.moments().iter().find(|m| m.failed > 0) {
            onset = At { at: first.time, interval: (self.span.start, first.time) };
        }
        let end = self.end(&course, onset.at);
        if end.is_some() && form == Form::Step {
            form = Form::Spike;
        }
        during = onset.at..end.unwrap_or(self.span.end);
        before = self.compared_with(&during);
        let (finer, more) = self.isolated(&groups, &during, &before);
        if !finer.is_empty() || isolated.is_empty() {
            (isolated, tried) = (finer, tried.max(more));
            scope = Scope { sets: isolated.iter().map(|i| i.set.clone()).collect() };
        }
        let inside = scope.rows(self.calls, self.threads);
        let behind = during.end..self.span.end;
        let [now, then, behind] = self.counts(&inside, &mask, [&during, &before, &behind]);
        let excess = now.failed - now.calls * then.share();
        // A place that fails whenever it has calls (a batch that never works) is background, also when it first ran now.
        let alike = |other: Count| other.calls > 0.0 && odds_ratio(now, other) < LEAST_ODDS;
        if excess < LEAST_EXCESS || alike(then) || end.is_some() && alike(behind) {
            return None;
        }
        let rows = self.failing_rows(&inside, &mask, &during);
        Some(Found { groups, scope, isolated, tried, onset, end, form, since: before.start, compared, rows })
    }

    /// The time that a time is compared with: all before it, or, when there is none, all behind it.
    fn compared_with(&self, during: &Range<i64>) -> Range<i64> {
        if during.start > self.span.start { self.span.start..during.start } else { during.end..self.span.end }
    }

    /// What isolates groups; sets whose failing calls are explained already are left out.
    fn isolated(&self, groups: &[usize], during: &Range<i64>, before: &Range<i64>) -> (Vec<Isolated>, u64) {
        let mask = self.failing.mask(groups);
        let ask = Ask {
            calls: self.calls,
            failing: &mask,
            counts: &self.failing.counts,
            rows: &self.failing.rows,
            during: during.clone(),
            before: before.clone(),
            dimensions: &self.dimensions,
        };
        let (mut sets, tried) = isolate(&ask);
        if self.taken.contains(&true) {
            sets.retain(|set| {
                let inside = Scope { sets: vec![set.set.clone()] }.rows(self.calls, self.threads);
                let left = self.count(&inside, &mask, during).failed;
                left * 2.0 >= set.inside.0 as f64
            });
        }
        sets.iter_mut().for_each(|set| self.named(set, &mask, during, before));
        (sets, tried)
    }

    /// The groups whose excess lies in the place and time of an incident.
    fn belonging(
        &self,
        tables: &Tables,
        groups: &[usize],
        scope: &Scope,
        during: &Range<i64>,
        before: &Range<i64>,
    ) -> Vec<usize> {
        let inside = scope.rows(self.calls, self.threads);
        // Of each shape, so that all groups are counted at once.
        let [here_now, here_then] = self.tallies(&inside, [during, before]);
        let [all_now, all_then] = if scope.sets.is_empty() {
            [here_now.clone(), here_then.clone()]
        } else {
            self.tallies(&vec![true; self.calls.rows], [during, before])
        };
        let slack = ((self.span.end - self.span.start) as f64 * SAME_TIME) as i64;
        let mut belonging = groups.to_vec();
        for group in (0..self.failing.fine).filter(|group| !groups.contains(group)) {
            let mask = self.failing.mask(&[group]);
            let (now, then) = (here_now.of(&mask), here_then.of(&mask));
            if now.failed < 2.0 || now.share() <= then.share() || ratio(now, then) < BELONGS {
                continue;
            }
            if !scope.sets.is_empty() {
                let (all_now, all_then) = (all_now.of(&mask), all_then.of(&mask));
                let excess = now.failed - now.calls * then.share();
                if excess < BULK * (all_now.failed - all_now.calls * all_then.share()) {
                    continue;
                }
            }
            // Its own rise begins with the incident or within it, and is no better placed elsewhere.
            let of = |slice: usize| {
                let pair = tables.pair(group, slice)?;
                crate::when::scan::stretch(tables.failed(pair), tables.calls(slice))
            };
            let own = of(0);
            let begin = own.map_or(during.start, |own| tables.clock.begin(own.from));
            if begin + slack < during.start || begin > during.end {
                continue;
            }
            if scope.sets.is_empty() {
                let elsewhere = (1..tables.slices.len()).filter_map(of).map(|s| s.nats).fold(0.0, f64::max);
                if own.is_some_and(|own| elsewhere > 1.3 * own.nats) {
                    continue;
                }
            }
            belonging.push(group);
        }
        belonging.sort_unstable();
        belonging
    }

    /// The place in which times are found: the scope without attributes that say nothing about the time before, because
    /// they had hardly any calls then (a new release) or failed as much; else the slice in which the rise was seen; else
    /// everywhere.
    fn comparable(
        &self,
        scope: &Scope,
        slice: Option<(usize, u32)>,
        mask: &[bool],
        during: &Range<i64>,
        before: &Range<i64>,
    ) -> Scope {
        let length = |of: &Range<i64>| (of.end - of.start).max(1) as f64;
        let known = |set: &[(usize, u32)]| {
            let inside = Scope { sets: vec![set.to_vec()] }.rows(self.calls, self.threads);
            let [now, then] = self.counts(&inside, mask, [during, before]);
            let usual = then.calls / length(before) >= COMPARABLE * now.calls / length(during);
            then.calls >= 5.0 && usual && odds_ratio(now, then) >= LEAST_ODDS
        };
        if scope.sets.is_empty() || before.is_empty() {
            return scope.clone();
        }
        let sets: Vec<Vec<(usize, u32)>> = scope
            .sets
            .iter()
            .map(
                |set| if known(set) { set.clone() } else { set.iter().copied().filter(|one| known(&[*one])).collect() },
            )
            .filter(|set: &Vec<(usize, u32)>| !set.is_empty())
            .collect();
        if sets.len() == scope.sets.len() {
            return Scope { sets };
        }
        match slice {
            Some(one) if known(&[one]) => Scope { sets: vec![vec![one]] },
            _ => Scope::default(),
        }
    }

    /// When it ended, if the calls behind some time fail so much less that it must have.
    fn end(&self, course: &Course, onset: i64) -> Option<i64> {
        let (from, to) = (course.index(onset), course.moments().len());
        let at = course.turn(from..to, Turn::Fall)?;
        let cut = course.index(at.at);
        let (during, behind) = (course.count(from..cut), course.count(cut..to));
        let ended = ratio(during, behind) > ENDED && odds_ratio(during, behind) > 3.0;
        ended.then_some(at.at)
    }

    /// The incident that began at a time which the user knows.
    fn at(&self, at: i64) -> Vec<Found> {
        let mut times: Vec<i64> = Vec::new();
        if !self.calls.weight.is_empty() {
            times = self.calls.time.iter().copied().filter(|t| self.span.contains(t)).collect();
            times.sort_unstable();
            times.dedup();
        }
        // Of a table, the step that holds the time; of calls, all that follow.
        let during = match times.iter().rposition(|time| *time <= at) {
            Some(step) => times[step]..times.get(step + 1).copied().unwrap_or(self.span.end),
            None => at..self.span.end,
        };
        let before = self.compared_with(&during);
        let everywhere = vec![true; self.calls.rows];
        let rise = |group: &usize| {
            let mask = self.failing.mask(&[*group]);
            let [now, then] = self.counts(&everywhere, &mask, [&during, &before]);
            now.share() > then.share() && ratio(now, then) > BELONGS / 2.0
        };
        let mut groups: Vec<usize> = (0..self.failing.fine).filter(rise).collect();
        if groups.is_empty() {
            groups = (0..self.failing.fine).collect();
        }
        let mask = self.failing.mask(&groups);
        let (isolated, tried) = self.isolated(&groups, &during, &before);
        let onset = At { at: during.start, interval: (during.start, during.start) };
        let end = (during.end < self.span.end).then_some(during.end);
        let (since, compared) = (before.start, !before.is_empty());
        // Sets that have nothing in common are incidents of their own; nothing isolated is one everywhere.
        let alone = |index: usize| isolated.get(index).is_none_or(|set| set.part_of.is_none());
        (0..isolated.len().max(1))
            .filter(|index| alone(*index))
            .filter_map(|index| {
                let own = |(i, set): &(usize, &Isolated)| *i == index || set.part_of == Some(index);
                let isolated: Vec<Isolated> =
                    isolated.iter().enumerate().filter(own).map(|(_, set)| set.clone()).collect();
                let scope = Scope { sets: isolated.iter().map(|i| i.set.clone()).collect() };
                let inside = scope.rows(self.calls, self.threads);
                let rows = self.failing_rows(&inside, &mask, &during);
                let (groups, form) = (groups.clone(), Form::Step);
                (!rows.is_empty()).then_some(Found {
                    groups,
                    scope,
                    isolated,
                    tried,
                    onset,
                    end,
                    form,
                    since,
                    compared,
                    rows,
                })
            })
            .collect()
    }

    /// When failures neither rise nor fall but most calls fail, the log begins within an incident.
    fn already_there(&self) -> Option<Found> {
        use firstfault_model::Bucket::{Auth, Client};
        let all = (0..self.failing.fine).collect::<Vec<usize>>();
        let everywhere = vec![true; self.calls.rows];
        let mask = self.failing.mask(&all);
        let during = self.span.clone();
        let count = self.count(&everywhere, &mask, &during);
        let callers = |shape: &usize| matches!(self.judged[*shape].bucket, Client | Auth);
        let theirs: u64 = (0..mask.len()).filter(|s| mask[*s]).filter(callers).map(|s| self.failing.calls[s]).sum();
        let least = if theirs as f64 > count.failed / 2.0 { FROM_THE_START.0 } else { FROM_THE_START.1 };
        if count.failed < 3.0 || count.share() < least {
            return None;
        }
        let empty = during.end..during.end;
        let (isolated, tried) = self.isolated(&all, &during, &empty);
        // A tenant or a route that always fails is background.
        if !isolated.is_empty() && count.share() < FROM_THE_START.0 {
            return None;
        }
        let scope = Scope { sets: isolated.iter().map(|i| i.set.clone()).collect() };
        let inside = scope.rows(self.calls, self.threads);
        let rows = self.failing_rows(&inside, &mask, &during);
        let first = rows.iter().map(|row| self.calls.time[*row as usize]).min()?;
        let onset = At { at: first, interval: (self.span.start, first) };
        let since = empty.start;
        Some(Found {
            groups: all,
            scope,
            isolated,
            tried,
            onset,
            end: None,
            form: Form::Step,
            since,
            compared: false,
            rows,
        })
    }

    /// Whether a later find is more of an earlier one: the same failures at the same time (a remainder outside its place),
    /// or in the same place (it comes and goes).
    fn same_story(&self, earlier: &Found, later: &Found) -> bool {
        let mask = self.failing.mask(&earlier.groups);
        let bulk = |count: usize| count as f64 >= BULK * later.rows.len() as f64;
        if !bulk(later.rows.iter().filter(|row| mask[self.calls.shape[**row as usize] as usize]).count()) {
            return false;
        }
        let near = |a: i64, b: (i64, i64)| (b.0 - NEAR..=b.1 + NEAR).contains(&a);
        let same_time = near(later.onset.at, earlier.onset.interval) || near(earlier.onset.at, later.onset.interval);
        same_time || bulk(later.rows.iter().filter(|row| earlier.scope.holds(self.calls, **row as usize)).count())
    }
}

/// Puts a later find to an earlier one.
fn absorb(earlier: &mut Found, later: Found) {
    if later.onset.at < earlier.onset.at && later.rows.len() * 10 > earlier.rows.len() {
        earlier.onset = later.onset;
    }
    earlier.end = match (earlier.end, later.end) {
        (Some(a), Some(b)) => Some(a.max(b)),
        _ => None,
    };
    earlier.rows.extend(later.rows);
    earlier.rows.sort_unstable();
}
