//! Failing rows put together by what they have in common: method, route, status, code, message template, layer.

use super::templates;
use crate::Judgement;
use crate::spread::Spread;
use firstfault_calls::{Attribute, Calls, Codes, NO_TIME, Shape, text_hash};
use firstfault_model::incident::Signature;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::ops::Range;

/// Signatures given back, the most frequent ones.
const MOST: usize = 1_000;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The table.
    pub calls: &'a Calls,
    /// The verdicts by shape, with their templates.
    pub judged: &'a [Judgement],
    /// The templates that the verdicts name.
    pub templates: &'a [String],
    /// The time of the incident, in milliseconds since the Unix epoch.
    pub during: &'a Range<i64>,
    /// The time before it; empty when there is none.
    pub before: &'a Range<i64>,
}

/// Finds the templates of the messages of failing shapes and writes them into the verdicts; gives back their texts. `rows`
/// says how many rows each shape has.
#[must_use]
pub fn mine(shapes: &[Shape], rows: &[u64], judged: &mut [Judgement]) -> Vec<String> {
    let failing = |n: &usize| judged.get(*n).is_some_and(|judgement| judgement.failed);
    let indices: Vec<usize> = (0..shapes.len()).filter(failing).collect();
    let messages: Vec<(&str, u64)> =
        indices.iter().map(|n| (shapes[*n].message.as_str(), rows.get(*n).copied().unwrap_or(1))).collect();
    let mined = templates(&messages);
    for (n, template) in indices.iter().zip(&mined.of) {
        judged[*n].template = *template;
    }
    mined.texts
}

/// Failing rows of one method, route and shape.
#[derive(Clone, Copy, Debug)]
struct Tally {
    count: u64,
    before: u64,
    first: i64,
    last: i64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { count: 0, before: 0, first: i64::MAX, last: NO_TIME }
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.before += other.before;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// The failing ones of some rows (those of an isolating set, for example) as signatures, the most frequent one first. A row
/// without a time is in none.
#[must_use]
pub fn of(ask: &Ask<'_>, rows: impl Iterator<Item = usize>) -> Vec<Signature> {
    let calls = ask.calls;
    let failing: Vec<bool> = ask.judged.iter().map(|judgement| judgement.failed).collect();
    let method = calls.dimension(Attribute::Method);
    let route = calls.dimension(Attribute::Route);
    let code = |codes: Option<&Codes>, row: usize| codes.map_or(0, |codes| codes.get(row));
    // Method, route and shape as one number.
    let routes = route.map_or(1, |dimension| dimension.values.len().max(1) as u64);
    let shapes = calls.shapes.len().max(1) as u64;
    let mut tallies: HashMap<u64, Tally, BuildHasherDefault<Spread>> = HashMap::default();
    for row in rows {
        let (shape, time) = (&calls.shape[row], &calls.time[row]);
        let (during, before) = (ask.during.contains(time), ask.before.contains(time));
        if !(during || before) || failing.get(*shape as usize) != Some(&true) {
            continue;
        }
        let pair =
            u64::from(code(method.map(|d| &d.codes), row)) * routes + u64::from(code(route.map(|d| &d.codes), row));
        let weight = calls.weight(row);
        let (count, before) = (if during { weight } else { 0 }, if before { weight } else { 0 });
        let tally = tallies.entry(pair.wrapping_mul(shapes) + u64::from(*shape)).or_default();
        tally.add(&Tally { count, before, first: *time, last: *time });
    }
    let value = |attribute: Attribute, code: u32| {
        let found = calls.dimension(attribute).and_then(|dimension| dimension.values.get(code as usize));
        found.filter(|value| !value.is_empty()).cloned()
    };
    let mut by: BTreeMap<Identity<'_>, Vec<(u32, Tally)>> = BTreeMap::new();
    let number = |n: u64| u32::try_from(n).unwrap_or(0);
    for (key, tally) in tallies {
        let (pair, shape) = (key / shapes, number(key % shapes));
        let (method, route) = (number(pair / routes), number(pair % routes));
        if let Some(identity) = Identity::of(ask, method, route, shape) {
            by.entry(identity).or_default().push((shape, tally));
        }
    }
    let mut out: Vec<Signature> = by
        .into_iter()
        .filter_map(|(identity, mut shapes)| {
            // The shape with the most rows speaks for all of them.
            shapes.sort_by_key(|(shape, tally)| (Reverse(tally.count), Reverse(tally.before), *shape));
            let (leading, _) = shapes.first()?;
            let mut sum = Tally::default();
            shapes.iter().for_each(|(_, tally)| sum.add(tally));
            let mut signature = identity.signature(ask, *leading);
            signature.method = value(Attribute::Method, identity.method);
            signature.route = value(Attribute::Route, identity.route);
            signature.id = id(&signature);
            signature.count = sum.count;
            signature.before = sum.before;
            signature.seen = (sum.last != NO_TIME).then_some((sum.first, sum.last));
            Some(signature)
        })
        .collect();
    out.sort_by(|a, b| (b.count, b.before, &a.id).cmp(&(a.count, a.before, &b.id)));
    out.truncate(MOST);
    out
}

/// What makes failures one signature, whatever system wrote them down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity<'a> {
    method: u32,
    route: u32,
    status: u16,
    error_code: &'a str,
    template: u32,
    layer: Option<firstfault_model::Layer>,
}

impl<'a> Identity<'a> {
    fn of(ask: &Ask<'a>, method: u32, route: u32, shape: u32) -> Option<Self> {
        let (seen, judgement) = (ask.calls.shapes.get(shape as usize)?, ask.judged.get(shape as usize)?);
        let (status, error_code) = (seen.status, seen.error_code.as_str());
        Some(Self { method, route, status, error_code, template: judgement.template, layer: judgement.layer })
    }

    /// With all that the leading shape says; without method, route, id and counts.
    fn signature(&self, ask: &Ask<'_>, leading: u32) -> Signature {
        let (shape, judgement) = (&ask.calls.shapes[leading as usize], &ask.judged[leading as usize]);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let input = ask.calls.inputs.get(shape.input as usize);
        Signature {
            status: (self.status != 0).then_some(self.status),
            error_code: some(self.error_code),
            message: ask.templates.get(self.template as usize).cloned().unwrap_or_default(),
            service: some(&shape.service),
            bucket: Some(judgement.bucket),
            layer: self.layer,
            cause: judgement.cause.clone(),
            probability: judgement.probability,
            sample: input.map(|input| (input.name.clone(), shape.line)),
            ..Signature::default()
        }
    }
}

/// 16 hexadecimal digits from what makes the signature: the same in every run and for every set of inputs.
fn id(signature: &Signature) -> String {
    let status = signature.status.map(|status| status.to_string()).unwrap_or_default();
    let parts = [
        signature.method.as_deref().unwrap_or_default(),
        signature.route.as_deref().unwrap_or_default(),
        &status,
        signature.error_code.as_deref().unwrap_or_default(),
        &signature.message,
        signature.layer.map(firstfault_model::Layer::word).unwrap_or_default(),
    ];
    format!("{:016x}", text_hash(parts.join("\0").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Ask, mine, of};
    use crate::Judgement;
    use firstfault_calls::{Attribute, Calls, Codes, Dimension, Input, Shape};
    use firstfault_model::{Bucket, Layer};

    fn shape(status: u16, message: &str, line: u64) -> Shape {
        Shape { service: "orders".into(), status, message: message.into(), suspect: true, line, ..Shape::default() }
    }

    fn judged(failed: bool) -> Judgement {
        Judgement {
            failed,
            bucket: Bucket::Client,
            layer: Some(Layer::Backend),
            cause: "client.not_found".into(),
            probability: 0.9,
            template: 0,
            diagnosis: None,
        }
    }

    /// Rows of (time, shape, route); route 1 is `/a`, 2 is `/b`.
    fn table(rows: &[(i64, u32, u32)]) -> (Calls, Vec<Judgement>) {
        let shapes = vec![
            shape(200, "", 1),
            shape(404, "customer 42 not found in region north of the shop", 2),
            shape(404, "customer 9 not found in region south", 3),
            shape(404, "customer 7 not found in region south", 4),
            shape(409, "customer 7 not found in region south", 5),
        ];
        let routes: Vec<u32> = rows.iter().map(|row| row.2).collect();
        let calls = Calls {
            rows: rows.len(),
            time: rows.iter().map(|row| row.0).collect(),
            shape: rows.iter().map(|row| row.1).collect(),
            dimensions: vec![Dimension {
                name: "route".into(),
                attribute: Some(Attribute::Route),
                values: vec![String::new(), "/a".into(), "/b".into()],
                codes: Codes::pack(&routes, 3),
            }],
            shapes,
            inputs: vec![Input { name: "orders.log".into(), ..Input::default() }],
            ..Calls::default()
        };
        let judged = (0..5).map(|n| judged(n > 0)).collect();
        (calls, judged)
    }

    #[test]
    fn failing_rows_are_put_together_and_counted_before_and_during() {
        let rows =
            [(5, 2, 1), (100, 0, 1), (101, 2, 1), (103, 3, 1), (102, 3, 1), (104, 2, 2), (105, 4, 1), (999, 2, 1)];
        let (calls, mut judged) = table(&rows);
        let templates = mine(&calls.shapes, &[1, 1, 3, 2, 1], &mut judged);
        let ask = Ask { calls: &calls, judged: &judged, templates: &templates, during: &(100..200), before: &(0..100) };
        let found = of(&ask, 0..calls.rows);
        let seen: Vec<_> = found.iter().map(|s| (s.route.as_deref(), s.status, s.count, s.before, s.seen)).collect();
        assert_eq!(seen[0], (Some("/a"), Some(404), 3, 1, Some((5, 103))));
        assert_eq!(seen.len(), 3);
        assert_eq!(found[0].message, "customer <*> not found in region south");
        assert_eq!(found[0].service.as_deref(), Some("orders"));
        assert_eq!(found[0].layer, Some(Layer::Backend));
        // Shape 3 has two of the three rows.
        assert_eq!(found[0].sample, Some(("orders.log".to_owned(), 4)));
        let inside = of(&ask, 5..6);
        assert_eq!(inside.iter().map(|s| (s.route.as_deref(), s.count)).collect::<Vec<_>>(), [(Some("/b"), 1)]);
    }

    #[test]
    fn ids_do_not_depend_on_the_other_rows() {
        let (few, mut judged) = table(&[(100, 2, 1)]);
        let templates = mine(&few.shapes, &[], &mut judged);
        let during = 0..1000;
        let one = of(
            &Ask { calls: &few, judged: &judged, templates: &templates, during: &during, before: &(0..0) },
            0..few.rows,
        );
        let (many, _) = table(&[(100, 4, 2), (101, 3, 1), (102, 1, 0)]);
        let all = of(
            &Ask { calls: &many, judged: &judged, templates: &templates, during: &during, before: &(0..0) },
            0..many.rows,
        );
        assert_eq!(one[0].id.len(), 16);
        assert!(all.iter().any(|signature| signature.id == one[0].id));
        let mut ids: Vec<&str> = all.iter().map(|signature| signature.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }
}
