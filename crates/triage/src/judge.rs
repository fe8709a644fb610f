//! Shapes → verdicts, by the same knowledge as `diagnose`: once per shape and not per line.

use firstfault_calls::Shape;
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Diagnosis, Layer};

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
    /// Masked message: shapes of one template are one signature, whatever varies in their words.
    pub template: u32,
    /// All of the verdict; `None` where nothing failed.
    pub diagnosis: Option<Box<Diagnosis>>,
}

/// Judges each shape.
#[must_use]
pub fn judge(shapes: &[Shape], knowledge: &Knowledge) -> Vec<Judgement> {
    shapes
        .iter()
        .map(|shape| {
            let verdict = firstfault_engine::diagnose(&shape.sample, firstfault_engine::Options::default(), knowledge);
            let diagnosis = verdict.calls.get(verdict.first).map(|judged| judged.diagnosis.clone());
            let failed = shape.counted || diagnosis.as_ref().is_some_and(|d| d.failed);
            Judgement {
                failed,
                bucket: diagnosis.as_ref().map_or(Bucket::None, |d| d.bucket),
                layer: diagnosis.as_ref().and_then(|d| d.layer),
                cause: diagnosis.as_ref().map_or_else(|| "none".to_owned(), |d| d.cause.clone()),
                probability: diagnosis.as_ref().map_or(0.0, |d| d.probability),
                template: 0,
                diagnosis: diagnosis.filter(|_| failed).map(Box::new),
            }
        })
        .collect()
}
