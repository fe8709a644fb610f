//! Which evidence of a hypothesis is worth showing: the strongest, and each fact once.

use firstfault_model::{Evidence, Hypothesis};

/// At most `pro` pieces for and `contra` against, strongest first; true for those in support. Two rules may rest on
/// the same line: a reader needs it once.
pub fn shown(hypothesis: &Hypothesis, pro: usize, contra: usize) -> Vec<(bool, &Evidence)> {
    let mut out: Vec<(bool, &Evidence)> = Vec::new();
    for (supports, list, limit) in [(true, &hypothesis.supports, pro), (false, &hypothesis.opposes, contra)] {
        let mut taken = 0;
        for evidence in list {
            let known = out.iter().any(|(_, e)| {
                e.fact == evidence.fact && (e.span.piece, e.span.line) == (evidence.span.piece, evidence.span.line)
            });
            if !known && taken < limit {
                out.push((supports, evidence));
                taken += 1;
            }
        }
    }
    out
}
