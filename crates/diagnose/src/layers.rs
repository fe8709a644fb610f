//! The strip of six layers: which the call got through, where it failed first, what is unknown.

use crate::outcome::status;
use firstfault_knowledge::Firing;
use firstfault_knowledge::compiled::Cause;
use firstfault_model::{Layer, LayerState, LayerVerdict, Observations};

/// The layers of a failed call. `failed` failed first; what is before it was passed, what is behind it is unknown
/// unless something proves passage.
#[must_use]
pub fn verdicts(
    observations: &Observations,
    failed: Layer,
    firings: &[Firing],
    cause: Option<&Cause<'_>>,
) -> Vec<LayerVerdict> {
    Layer::ALL
        .iter()
        .map(|&layer| {
            if layer == failed {
                let because = cause
                    .map_or_else(|| "the furthest point that the evidence shows".to_owned(), |c| lower_first(c.title));
                return LayerVerdict { layer, state: LayerState::Failed, because };
            }
            if let Some(because) = proof(observations, layer, firings) {
                return LayerVerdict { layer, state: LayerState::Passed, because };
            }
            if layer < failed {
                let because = format!("the call got as far as the {failed} layer");
                return LayerVerdict { layer, state: LayerState::Passed, because };
            }
            LayerVerdict { layer, state: LayerState::Unknown, because: "nothing in the evidence shows it".to_owned() }
        })
        .collect()
}

/// The layers of a call that did not fail.
#[must_use]
pub fn passed(observations: &Observations) -> Vec<LayerVerdict> {
    let answered = observations.has("status");
    Layer::ALL
        .iter()
        .map(|&layer| match (proof(observations, layer, &[]), answered && layer < Layer::Dependency) {
            (Some(because), _) => LayerVerdict { layer, state: LayerState::Passed, because },
            (None, true) => {
                LayerVerdict { layer, state: LayerState::Passed, because: "a success came back".to_owned() }
            }
            (None, false) => LayerVerdict {
                layer,
                state: LayerState::Unknown,
                because: "nothing in the evidence shows it".to_owned(),
            },
        })
        .collect()
}

/// Proof that the call got through a layer.
fn proof(observations: &Observations, layer: Layer, firings: &[Firing]) -> Option<String> {
    if let Some(firing) = firings.iter().find(|f| f.rule.passed.contains(&layer)) {
        return Some(firing.rule.because.to_owned());
    }
    let answered = status(observations).is_some_and(|s| s != 0);
    match layer {
        Layer::Client => None,
        Layer::Network if answered => {
            let status = observations.value("status").unwrap_or_default();
            Some(format!("an HTTP answer came back ({status})"))
        }
        Layer::Network => observations.has("connected").then(|| "the connection was made".to_owned()),
        Layer::Gateway => observations
            .value("backend")
            .map(|b| format!("the answer carries the mark of {b} behind it"))
            .or_else(|| {
                observations
                    .has("upstream.answered")
                    .then(|| "the gateway says that the service behind it answered".to_owned())
            }),
        Layer::Auth => (observations.has("validation.missing")
            || observations.has("validation.type")
            || observations.has("validation.unknown"))
        .then(|| "a field error is usually only checked once signed in".to_owned()),
        Layer::Backend | Layer::Dependency => None,
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        // An acronym such as CORS or DNS keeps its form.
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
