//! Shapes → verdicts, by the same knowledge as `diagnose`: once per shape and not per line.

use firstfault_calls::Shape;
use firstfault_engine::Options;
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Diagnosis, Layer};
use std::collections::HashMap;

/// How many shapes are judged, the most frequent ones first; a further one takes the verdict of the most frequent one with its
/// status and code. Some thousand verdicts take a second of one core.
const JUDGED: usize = 2_000;

/// The verdict on a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Whether it failed.
    pub failed: bool,
    /// What kind.
    pub bucket: Bucket,
    /// Which layer.
    pub layer: Option<Layer>,
    /// Cause id.
    pub cause: String,
    /// How sure.
    pub probability: f64,
    /// Which of the mined templates its message has: shapes of one template are one signature, whatever varies in their words.
    pub template: u32,
    /// All of the verdict; `None` where nothing failed.
    pub diagnosis: Option<Box<Diagnosis>>,
}

impl Judgement {
    /// Of a shape that did not fail.
    #[must_use]
    pub fn healthy() -> Self {
        Self {
            failed: false,
            bucket: Bucket::None,
            layer: None,
            cause: "none".to_owned(),
            probability: 1.0,
            template: 0,
            diagnosis: None,
        }
    }

    /// Of a shape that failed by a table's own count: nothing says how.
    #[must_use]
    pub fn counted() -> Self {
        Self { failed: true, cause: "unknown".to_owned(), probability: 0.0, ..Self::healthy() }
    }
}

/// Judges each shape, on all cores. `rows` says how many rows each shape has.
#[must_use]
pub fn judge(shapes: &[Shape], rows: &[u64], knowledge: &Knowledge) -> Vec<Judgement> {
    let mut order: Vec<usize> = (0..shapes.len()).filter(|i| shapes[*i].suspect && !shapes[*i].counted).collect();
    // Ties in the order of the shapes: the same inputs are judged alike on every machine.
    order.sort_by_key(|i| (std::cmp::Reverse(rows.get(*i).copied().unwrap_or(0)), *i));
    let rest = order.split_off(order.len().min(JUDGED));
    let mut judged: Vec<Judgement> =
        shapes.iter().map(|shape| if shape.counted { Judgement::counted() } else { Judgement::healthy() }).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parts: Vec<&[usize]> = order.chunks(order.len().div_ceil(threads).max(1)).collect();
    let verdicts: Vec<(usize, Judgement)> = std::thread::scope(|scope| {
        let work: Vec<_> = parts
            .into_iter()
            .map(|part| scope.spawn(move || part.iter().map(|i| (*i, one(&shapes[*i], knowledge))).collect::<Vec<_>>()))
            .collect();
        work.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    for (index, verdict) in verdicts {
        judged[index] = verdict;
    }
    let mut like: HashMap<(u16, &str), usize> = HashMap::new();
    let mut status: HashMap<u16, usize> = HashMap::new();
    for index in &order {
        like.entry((shapes[*index].status, shapes[*index].error_code.as_str())).or_insert(*index);
        status.entry(shapes[*index].status).or_insert(*index);
    }
    for index in rest {
        let shape = &shapes[index];
        let found = like.get(&(shape.status, shape.error_code.as_str())).or_else(|| status.get(&shape.status));
        judged[index] = match found {
            Some(like) => judged[*like].clone(),
            None => one(shape, knowledge),
        };
    }
    judged
}

/// The verdict on one shape, from its sample line alone.
fn one(shape: &Shape, knowledge: &Knowledge) -> Judgement {
    let verdict = firstfault_engine::diagnose(&shape.sample, Options::default(), knowledge);
    let Some(diagnosis) = verdict.calls.get(verdict.first).map(|judged| judged.diagnosis.clone()) else {
        return silent(shape);
    };
    if !diagnosis.failed {
        return silent(shape);
    }
    Judgement {
        failed: true,
        bucket: diagnosis.bucket,
        layer: diagnosis.layer,
        cause: diagnosis.cause.clone(),
        probability: diagnosis.probability,
        template: 0,
        diagnosis: Some(Box::new(diagnosis)),
    }
}

/// A line that the engine finds nothing wrong with: its status still counts.
fn silent(shape: &Shape) -> Judgement {
    match shape.status {
        500..=599 => Judgement { bucket: Bucket::Server, layer: Some(Layer::Backend), ..Judgement::counted() },
        400..=499 => Judgement { bucket: Bucket::Client, layer: Some(Layer::Client), ..Judgement::counted() },
        _ => Judgement::healthy(),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use firstfault_calls::Shape;
    use firstfault_knowledge::Knowledge;
    use firstfault_model::Bucket;

    fn shape(status: u16, sample: &str) -> Shape {
        Shape { status, suspect: true, sample: sample.to_owned(), ..Shape::default() }
    }

    #[test]
    fn shapes_are_judged_by_what_they_say_and_not_by_their_status() {
        let shapes = [
            shape(
                403,
                r#"{"status":403,"method":"GET","path":"/v1/x","error_code":"rate_limit_exceeded","message":"API rate limit exceeded"}"#,
            ),
            shape(
                200,
                r#"{"status":200,"method":"POST","path":"/v1/x","error_code":"INVALID_SESSION_ID","message":"Session expired or invalid"}"#,
            ),
            Shape { status: 200, ..Shape::default() },
            Shape { counted: true, suspect: true, ..Shape::default() },
        ];
        let judged = judge(&shapes, &[1, 1, 1, 1], &Knowledge::builtin());
        assert_eq!((judged[0].failed, judged[0].bucket), (true, Bucket::RateLimit));
        assert_eq!((judged[1].failed, judged[1].bucket), (true, Bucket::Auth));
        assert!(!judged[2].failed);
        assert!(judged[3].failed && judged[3].cause == "unknown");
    }

    #[test]
    fn beyond_the_limit_a_shape_takes_the_verdict_of_its_like() {
        let mut shapes = vec![shape(429, r#"{"status":429,"path":"/v1/x","message":"rate limit exceeded"}"#)];
        shapes.extend((0..super::JUDGED).map(|i| shape(429, &format!("{{\"status\":429,\"path\":\"/v1/{i}\"}}"))));
        shapes.push(shape(429, "cut"));
        let mut rows = vec![1; shapes.len()];
        rows[0] = 9;
        let judged = judge(&shapes, &rows, &Knowledge::builtin());
        assert_eq!(judged.last().map(|j| j.bucket), Some(Bucket::RateLimit));
    }
}
