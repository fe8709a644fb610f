//! Labelled failures and how often they are diagnosed right: shared by the test of the cases and by calibration.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use firstfault_engine::{Options, diagnose};
use firstfault_knowledge::Knowledge;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A labelled failure: what a person pasted, and every answer that an expert would accept.
pub struct Case {
    pub id: String,
    pub input: String,
    /// `none` for a healthy call.
    pub bucket: String,
    pub cause: String,
    pub accept: Vec<String>,
    pub accept_layers: Vec<String>,
    pub accept_retry: Vec<String>,
}

/// What was said of a case.
pub struct Answer {
    pub failed: bool,
    pub bucket: String,
    pub cause: String,
    pub second: Option<String>,
    pub layer: Option<String>,
    pub retry: String,
    pub probability: f64,
}

/// The folder of the project's own cases, or the one that `FIRSTFAULT_CASES` names.
pub fn folder() -> (PathBuf, bool) {
    match std::env::var_os("FIRSTFAULT_CASES") {
        Some(given) => (PathBuf::from(given), false),
        None => (PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases"), true),
    }
}

/// The cases of a folder, in order of name.
pub fn cases(folder: &Path) -> Vec<Case> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder of cases").map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    paths.iter().map(|path| case(path)).collect()
}

fn case(path: &Path) -> Case {
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).expect("a case is JSON");
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str| -> Vec<String> {
        value[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
    };
    Case {
        id: text("id"),
        input: text("input"),
        bucket: text("bucket"),
        cause: text("cause"),
        accept: list("accept"),
        accept_layers: list("accept_layers"),
        accept_retry: list("accept_retry"),
    }
}

/// The verdict on a case.
pub fn answer(case: &Case, knowledge: &Knowledge, options: Options) -> Answer {
    let verdict = diagnose(&case.input, options, knowledge);
    let Some(d) = verdict.calls.get(verdict.first).map(|judged| &judged.diagnosis) else {
        return Answer {
            failed: false,
            bucket: "none".to_owned(),
            cause: "none".to_owned(),
            second: None,
            layer: None,
            retry: String::new(),
            probability: 0.0,
        };
    };
    Answer {
        failed: d.failed,
        bucket: d.bucket.word().to_owned(),
        cause: d.cause.clone(),
        second: d.hypotheses.get(1).map(|h| h.cause.clone()),
        layer: d.layer.map(|l| l.word().to_owned()),
        retry: d.retry.word().to_owned(),
        probability: d.probability,
    }
}

/// Shares of right answers, and what they were sure of.
#[derive(Default)]
pub struct Figures {
    pub failing: f64,
    pub bucket: f64,
    pub cause: f64,
    pub top2: f64,
    pub layer: f64,
    pub retry: f64,
    pub overconfident: f64,
    pub controls: f64,
    pub controls_right: f64,
    /// Sum of the logarithmic losses, in nats.
    pub loss: f64,
    /// By tenth of probability: cases, sum of probabilities, right.
    pub bins: BTreeMap<u32, (f64, f64, f64)>,
    /// Wanted bucket and bucket that was said.
    pub confusion: BTreeMap<(String, String), usize>,
    /// Wanted cause and cause that was said, where it was wrong.
    pub wrong: BTreeMap<(String, String), Vec<String>>,
}

impl Figures {
    /// Counts one answer.
    pub fn add(&mut self, case: &Case, answer: &Answer) {
        let one = |yes: bool| f64::from(u8::from(yes));
        if case.bucket == "none" {
            self.controls += 1.0;
            self.controls_right += one(!answer.failed);
            if answer.failed {
                self.wrong.entry(("none".to_owned(), answer.cause.clone())).or_default().push(case.id.clone());
            }
            return;
        }
        let right = case.accept.contains(&answer.cause);
        self.failing += 1.0;
        self.cause += one(right);
        self.bucket += one(right || case.bucket == answer.bucket);
        self.top2 += one(right || answer.second.as_ref().is_some_and(|second| case.accept.contains(second)));
        self.layer += one(answer.layer.as_ref().is_some_and(|layer| case.accept_layers.contains(layer)));
        self.retry += one(case.accept_retry.contains(&answer.retry));
        self.overconfident += one(answer.probability >= 0.9 && !right);
        let sure = answer.probability.clamp(0.01, 0.99);
        self.loss -= if right { sure.ln() } else { (1.0 - sure).ln() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability times ten")]
        let bin = self.bins.entry(((answer.probability * 10.0) as u32).min(9)).or_default();
        *bin = (bin.0 + 1.0, bin.1 + answer.probability, bin.2 + one(right));
        let said = if right { case.bucket.clone() } else { answer.bucket.clone() };
        *self.confusion.entry((case.bucket.clone(), said)).or_default() += 1;
        if !right {
            self.wrong.entry((case.cause.clone(), answer.cause.clone())).or_default().push(case.id.clone());
        }
    }

    /// A count as a share of the failing cases.
    pub fn share(&self, hits: f64) -> f64 {
        hits / self.failing.max(1.0)
    }

    /// How far stated probabilities are from the shares that are right, 0 to 1: ten bins, weighted by their size.
    pub fn calibration_error(&self) -> f64 {
        self.bins.values().map(|(_, said, right)| (said - right).abs()).sum::<f64>() / self.failing.max(1.0)
    }

    /// The line of figures.
    pub fn line(&self) -> String {
        format!(
            "bucket={:.3} cause={:.3} top2={:.3} layer={:.3} retry={:.3} control={:.3} overconfident={:.3} ece={:.3} n={}",
            self.share(self.bucket),
            self.share(self.cause),
            self.share(self.top2),
            self.share(self.layer),
            self.share(self.retry),
            self.controls_right / self.controls.max(1.0),
            self.share(self.overconfident),
            self.calibration_error(),
            self.failing
        )
    }

    /// The reliability table: what was said, and how much of it was right.
    pub fn reliability(&self) -> String {
        use std::fmt::Write as _;
        let mut out = "probability   cases   said   right\n".to_owned();
        for (bin, (cases, said, right)) in &self.bins {
            let (from, to) = (f64::from(*bin) / 10.0, f64::from(bin + 1) / 10.0);
            let _ = writeln!(out, "{from:>4.1} – {to:.1}   {cases:>5}   {:.2}   {:.2}", said / cases, right / cases);
        }
        out
    }
}
