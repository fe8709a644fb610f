//! Where along the ways of many failing requests the failure began: lines of several systems that carry one trace or
//! request id are one request, and the deepest system that failed is where it began, counted once.
//!
//! The table has no order of calls, so systems are put in the order of travel by what their rows say: who names the
//! system it called, who marks what its upstream answered, whose calls take longer. Clocks play no part.

mod groups;
#[cfg(test)]
mod tests;

use crate::Judgement;
use crate::trace::tree::{AUTHS, GATEWAYS, STORES, has_word};
use firstfault_calls::{Attribute, Calls, Dimension};
use firstfault_model::incident::{Origination, ShortTimeout};
use firstfault_model::{Bucket, Layer};
use groups::groups;
use std::collections::BTreeMap;

/// Where failures began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct First {
    /// Layer, system and how many requests, most first.
    pub origins: Vec<Origination>,
    /// Systems that gave up before the one behind them answered.
    pub short_timeouts: Vec<ShortTimeout>,
}

/// Origins that are told apart.
const ORIGINS: usize = 50;

/// Where the failing `rows` began, along all rows that share a trace or request id with one of them. Rows without an id are
/// left out: nothing is known of their way.
#[must_use]
pub fn first(calls: &Calls, judged: &[Judgement], rows: &[u32]) -> First {
    let Some(services) = calls.dimension(Attribute::Service) else { return First::default() };
    let members = groups(calls, rows);
    let scene = Scene {
        calls,
        judged,
        services,
        upstreams: calls.dimension(Attribute::Upstream),
        upstream_status: calls.dimension(Attribute::UpstreamStatus),
    };
    let ranks = scene.ranks(&members);
    let mut origins: BTreeMap<(Option<Layer>, String), Counted> = BTreeMap::new();
    let mut gave_up: BTreeMap<(u32, u32), Vec<(f64, f64)>> = BTreeMap::new();
    for group in members.chunk_by(|a, b| a.0 == b.0) {
        let Some(origin) = scene.origin(group, &ranks) else { continue };
        let (count, passed_on) = origins.entry((origin.layer, origin.name)).or_default();
        *count += 1;
        for service in origin.passed_on {
            *passed_on.entry(service).or_default() += 1;
        }
        if let Some((early, late, times)) = origin.gave_up {
            gave_up.entry((early, late)).or_default().push(times);
        }
    }
    let name = |code: u32| services.values.get(code as usize).cloned().unwrap_or_default();
    let mut origins: Vec<Origination> = origins
        .into_iter()
        .map(|((layer, service), (count, passed_on))| {
            let mut passed_on: Vec<(String, u64)> =
                passed_on.into_iter().map(|(code, count)| (name(code), count)).collect();
            passed_on.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
            Origination { layer, service, count, passed_on }
        })
        .collect();
    origins.sort_by(|a, b| (b.count, a.layer, &a.service).cmp(&(a.count, b.layer, &b.service)));
    origins.truncate(ORIGINS);
    let mut short_timeouts: Vec<ShortTimeout> = gave_up
        .into_iter()
        .map(|((early, late), mut times)| {
            // The usual one of many: the median by the real duration.
            times.sort_by(|a, b| a.1.total_cmp(&b.1));
            let (gave_up, answered) = times[times.len() / 2];
            ShortTimeout { gateway: name(early), gave_up, backend: name(late), answered, count: times.len() as u64 }
        })
        .collect();
    short_timeouts.sort_by(|a, b| (b.count, &a.gateway, &a.backend).cmp(&(a.count, &b.gateway, &b.backend)));
    First { origins, short_timeouts }
}

/// How many requests, and at which further systems they failed.
type Counted = (u64, BTreeMap<u32, u64>);

/// A group of one request: its number and a row.
type Member = (u32, u32);

struct Scene<'a> {
    calls: &'a Calls,
    judged: &'a [Judgement],
    services: &'a Dimension,
    upstreams: Option<&'a Dimension>,
    upstream_status: Option<&'a Dimension>,
}

/// Where one request failed first.
struct Origin {
    layer: Option<Layer>,
    name: String,
    /// Further systems at which it failed.
    passed_on: Vec<u32>,
    /// Who gave up before whom, and after what times.
    gave_up: Option<(u32, u32, (f64, f64))>,
}

/// What the rows of one system say.
#[derive(Default)]
struct Kind {
    rows: u64,
    upstream: u64,
    gateway: bool,
    latency: (f64, u64),
}

impl Scene<'_> {
    fn service(&self, row: u32) -> u32 {
        self.services.codes.get(row as usize)
    }

    fn name(&self, code: u32) -> &str {
        self.services.values.get(code as usize).map_or("", String::as_str)
    }

    fn judgement(&self, row: u32) -> Option<&Judgement> {
        self.judged.get(*self.calls.shape.get(row as usize)? as usize)
    }

    fn failed(&self, row: u32) -> bool {
        self.judgement(row).is_some_and(|judgement| judgement.failed)
    }

    fn latency(&self, row: u32) -> Option<f64> {
        self.calls.latency.get(row as usize).map(|ms| f64::from(*ms)).filter(|ms| ms.is_finite())
    }

    fn said(&self, dimension: Option<&Dimension>, row: u32) -> Option<String> {
        let dimension = dimension?;
        dimension.values.get(dimension.codes.get(row as usize) as usize).filter(|value| !value.is_empty()).cloned()
    }

    /// The systems by code, each with its place on the way: a smaller one is nearer to the caller.
    fn ranks(&self, members: &[Member]) -> BTreeMap<u32, usize> {
        let mut kinds: BTreeMap<u32, Kind> = BTreeMap::new();
        let mut links: BTreeMap<(u32, String), u64> = BTreeMap::new();
        for (_, row) in members {
            let service = self.service(*row);
            let kind = kinds.entry(service).or_default();
            kind.rows += 1;
            let shape = self.calls.shapes.get(self.calls.shape[*row as usize] as usize);
            kind.gateway |= self.said(self.upstream_status, *row).is_some()
                || shape.is_some_and(|shape| shape.upstream_status > 0 || !shape.mark.is_empty());
            if let Some(upstream) = self.said(self.upstreams, *row) {
                kind.upstream += 1;
                *links.entry((service, upstream)).or_default() += 1;
            }
            if let Some(ms) = self.latency(*row) {
                kind.latency.0 += ms;
                kind.latency.1 += 1;
            }
        }
        let mut order: Vec<(u8, u64, u32)> = kinds
            .iter()
            .map(|(code, kind)| {
                let name = self.name(*code);
                let rank = if kind.gateway || has_word(name, &GATEWAYS) {
                    1
                } else if has_word(name, &AUTHS) {
                    2
                } else if has_word(name, &STORES) {
                    4
                } else {
                    3
                };
                let (sum, count) = kind.latency;
                #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
                let mean = if count == 0 { 0.0 } else { sum / count as f64 };
                // What is called takes less time than whoever waits for it.
                (rank, u64::MAX - u64::try_from(crate::trace::read::whole(mean)).unwrap_or(0), *code)
            })
            .collect();
        order.sort_unstable();
        let mut order: Vec<u32> = order.into_iter().map(|(_, _, code)| code).collect();
        for (caller, upstream) in links.keys() {
            let named = |code: &u32| code != caller && crate::trace::tree::is_named(upstream, self.name(*code));
            let from = order.iter().position(|code| code == caller);
            if let (Some(from), Some(to)) = (from, order.iter().position(named))
                && from > to
            {
                let moved = order.remove(from);
                order.insert(to, moved);
            }
        }
        // Who mostly tells of calls that it makes, to systems that are not here by that name, stands outside the gateway.
        let gateways = kinds.values().any(|kind| kind.gateway);
        let here = |caller: u32, upstream: &str| {
            kinds.keys().any(|other| *other != caller && crate::trace::tree::is_named(upstream, self.name(*other)))
        };
        let outside = |code: &u32| {
            let kind = &kinds[code];
            let calls_out = !kind.gateway && !has_word(self.name(*code), &GATEWAYS) && kind.upstream * 2 > kind.rows;
            gateways && calls_out && !links.keys().any(|(from, upstream)| from == code && here(*code, upstream))
        };
        let (mut outside, inside): (Vec<u32>, Vec<u32>) = order.into_iter().partition(outside);
        outside.extend(inside);
        outside.into_iter().enumerate().map(|(place, code)| (code, place)).collect()
    }

    fn origin(&self, group: &[Member], ranks: &BTreeMap<u32, usize>) -> Option<Origin> {
        let place = |row: u32| ranks.get(&self.service(row)).copied().unwrap_or(0);
        let mut failing: Vec<u32> = group.iter().map(|(_, row)| *row).filter(|row| self.failed(*row)).collect();
        failing.sort_by_key(|row| (std::cmp::Reverse(place(*row)), *row));
        let deepest = *failing.first()?;
        // The innermost one that gave up on a call that took longer failed on its own, whatever came of that call.
        let mut gave_up = None;
        for row in failing.iter().copied().filter(|row| self.gave_up(*row)) {
            let Some(waited) = self.latency(row) else { continue };
            let longer = group
                .iter()
                .map(|(_, other)| *other)
                .filter(|other| place(*other) > place(row))
                .filter_map(|other| self.latency(other).filter(|took| *took > waited).map(|took| (other, took)))
                .min_by_key(|(other, _)| (place(*other), *other));
            if let Some((behind, took)) = longer {
                gave_up = Some((row, behind, (waited, took)));
                break;
            }
        }
        let origin = gave_up.map_or(deepest, |(row, ..)| row);
        let service = self.service(origin);
        // A complaint of the same system may say better what it was.
        let own = failing.iter().copied().filter(|row| self.service(*row) == service);
        let told = own.filter_map(|row| self.judgement(row)).max_by(|a, b| a.probability.total_cmp(&b.probability))?;
        let mut layer = told.layer;
        if let Some((_, behind, _)) = gave_up
            && !self.failed(behind)
            && told.bucket == Bucket::Upstream
        {
            layer = Some(Layer::Gateway);
        }
        let before = |row: u32| {
            let name = self.name(self.service(row));
            place(row) < place(origin) && !self.is_between(row) && !has_word(name, &GATEWAYS) && !has_word(name, &AUTHS)
        };
        let gateways = group.iter().any(|(_, row)| self.is_between(*row));
        let outermost = group.iter().map(|(_, row)| place(*row)).min().unwrap_or(0);
        let called_by_backend = group.iter().any(|(_, row)| before(*row) && (!gateways || place(*row) > outermost));
        if layer == Some(Layer::Backend) && called_by_backend {
            layer = Some(Layer::Dependency);
        }
        let mut passed_on: Vec<u32> = failing.iter().map(|row| self.service(*row)).filter(|s| *s != service).collect();
        passed_on.sort_unstable();
        passed_on.dedup();
        let mut name = self.services.values.get(service as usize).cloned().unwrap_or_default();
        // A gateway that only passed on what a system without lines answered.
        if gave_up.is_none()
            && self.said(self.upstream_status, origin).and_then(|s| s.parse::<u16>().ok()).is_some_and(|s| s >= 400)
            && group.iter().all(|(_, row)| place(*row) <= place(origin))
            && let Some(upstream) = self.said(self.upstreams, origin)
            && told.layer != Some(Layer::Gateway)
        {
            passed_on.push(service);
            name = upstream;
        }
        let gave_up = gave_up.map(|(row, behind, times)| (self.service(row), self.service(behind), times));
        Some(Origin { layer, name, passed_on, gave_up })
    }

    fn is_between(&self, row: u32) -> bool {
        let shape = self.calls.shapes.get(self.calls.shape[row as usize] as usize);
        self.said(self.upstream_status, row).is_some()
            || shape.is_some_and(|s| s.upstream_status > 0 || !s.mark.is_empty())
    }

    fn gave_up(&self, row: u32) -> bool {
        let status = self.calls.status.get(row as usize).copied().unwrap_or(0);
        let cause = self.judgement(row).map_or("", |judgement| judgement.cause.as_str());
        matches!(status, 408 | 504 | 524 | 598) || cause.contains("timeout")
    }
}
