//! What calls looked like when they worked, learned without a description, and what another call has otherwise. What
//! calls had in common is habit and no promise: few calls make it a warning, and what is new is only noted.

mod differ;
mod operations;
mod seen;
mod shape;

use firstfault_model::Call;
use firstfault_model::contract::Finding;
use operations::Known;

/// How many working calls make a habit: what all of them had and another call lacks is an error from here on.
const HABIT: u32 = 3;
/// The most calls that are learned from.
const CALL_LIMIT: usize = 100_000;

/// Working calls by operation: what their requests and answers had in common.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    operations: Vec<Known>,
}

impl Baseline {
    /// Learns from the calls that were answered with a success or a redirect; others are left out.
    #[must_use]
    pub fn learn<'c>(calls: impl Iterator<Item = &'c Call>) -> Self {
        let working: Vec<&Call> = calls.filter(|call| works(call)).take(CALL_LIMIT).collect();
        Self { operations: operations::group(&working).into_iter().map(|group| Known::learn(&group)).collect() }
    }

    /// The operations that were learned, as `POST /tickets/{id}`, each with its calls.
    pub fn operations(&self) -> impl Iterator<Item = (String, u32)> {
        self.operations.iter().map(|known| (known.name(), known.request.calls))
    }

    /// What this call has otherwise than every working call of its operation, request first; nothing of a call whose
    /// operation was not learned. `rule` of each finding says of how many calls that was learned.
    #[must_use]
    pub fn check(&self, call: &Call) -> Vec<Finding> {
        let Some(request) = &call.request else { return Vec::new() };
        match operations::find(&self.operations, request) {
            Some(known) => differ::findings(known, call),
            None => Vec::new(),
        }
    }
}

fn works(call: &Call) -> bool {
    call.request.is_some() && matches!(call.status(), Some(200..=399))
}
