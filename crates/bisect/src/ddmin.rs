//! Plain delta debugging (Zeller and Hildebrandt 2002, algorithm `ddmin`), to compare with.
//!
//! It takes the same smallest parts, in their order, then the characters of each long value that is left; it knows
//! no names and no structure, and never sends the same request twice.

use crate::asker::{Asker, Decision};
use crate::form::{Cut, Form};
use crate::oracle::{Candidate, Oracle};
use crate::part::Part;
use crate::report::Settings;
use crate::tree::Tree;

/// Values that are longer are cut character by character.
const SHORT: usize = 32;

/// What plain delta debugging came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// The last request that failed in the same way.
    pub form: Candidate,
    /// Its parts.
    pub needed: Vec<Part>,
    /// Requests that were sent.
    pub requests: u32,
    /// False when the budget ended first.
    pub finished: bool,
}

/// Runs `ddmin` within `settings.max_requests`, for a failure that comes with `rate` (each time when `None`).
pub async fn ddmin<O: Oracle>(failing: &Candidate, settings: &Settings, rate: Option<f64>, oracle: &mut O) -> Plain {
    let tree = Tree::of(failing, &[]);
    let mut asker = Asker::new(oracle, settings.clone());
    asker.strict = true;
    if let Some(rate) = rate {
        asker.intermittent(rate);
    }
    let whole = Form::whole(&tree);
    let mut form = whole.clone();
    let mut finished = asker.decide(failing).await != Decision::Spent;
    let parts = whole.leaves(&tree, &|_| false);
    let kept = minimize(&parts, &mut asker, &mut finished, |kept| {
        let gone: Vec<usize> = parts.iter().copied().filter(|part| !kept.contains(part)).collect();
        whole.without(&tree, &gone).render(&tree)
    })
    .await;
    let gone: Vec<usize> = parts.iter().copied().filter(|part| !kept.contains(part)).collect();
    form = form.without(&tree, &gone);
    for part in kept {
        let Some(value) = tree.value(part).filter(|value| value.chars().count() > SHORT) else { continue };
        let places: Vec<usize> = (0..value.chars().count()).collect();
        let before = form.clone();
        // A beginning of the same length stands for the characters that are kept.
        let left = minimize(&places, &mut asker, &mut finished, |kept| {
            before.cut(part, Cut::Slice(0, kept.len())).render(&tree)
        })
        .await;
        form = before.cut(part, Cut::Slice(0, left.len()));
    }
    let needed = form.leaves(&tree, &|_| false).into_iter().map(|number| tree.part(number)).collect();
    Plain { form: form.render(&tree), needed, requests: asker.requests, finished }
}

/// `ddmin` over the elements of a list.
async fn minimize<O: Oracle>(
    all: &[usize],
    asker: &mut Asker<'_, O>,
    finished: &mut bool,
    render: impl Fn(&[usize]) -> Candidate,
) -> Vec<usize> {
    let mut kept = all.to_vec();
    let mut parts = 2;
    while kept.len() > 1 && *finished {
        let size = kept.len().div_ceil(parts);
        let chunks: Vec<Vec<usize>> = kept.chunks(size).map(<[usize]>::to_vec).collect();
        let rests = chunks.iter().map(|chunk| kept.iter().copied().filter(|e| !chunk.contains(e)).collect::<Vec<_>>());
        let subsets = chunks.iter().cloned().map(|chunk| (chunk, 2));
        // With two parts the complements are the subsets.
        let complements = rests.filter(|_| chunks.len() > 2).map(|rest| (rest, parts.saturating_sub(1).max(2)));
        let mut next = None;
        for (candidate, then) in subsets.chain(complements) {
            match asker.decide(&render(&candidate)).await {
                Decision::Same => {
                    next = Some((candidate, then));
                    break;
                }
                Decision::Spent => {
                    *finished = false;
                    break;
                }
                Decision::Differs | Decision::Unsure => {}
            }
        }
        match next {
            Some((candidate, then)) => {
                kept = candidate;
                parts = then;
            }
            None if parts >= kept.len() => break,
            None => parts = (parts * 2).min(kept.len()),
        }
    }
    // The paper ends at one; whether none does too is one question more.
    if kept.len() == 1 && *finished && asker.decide(&render(&[])).await == Decision::Same {
        kept.clear();
    }
    kept
}
