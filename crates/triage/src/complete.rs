//! The last step of a triage: what follows from its incidents once they are known.

use crate::Judgement;
use crate::clock::{Told, clock};
use crate::figures::figures;
use crate::questions::{answer, checks};
use firstfault_calls::Calls;
use firstfault_model::incident::Triage;

/// Fills in the seven figures of each service, and for each incident how long it took, what to do next and the fifteen
/// questions. Everything else of the triage must be there already, the names of its inputs too: commands quote them.
pub fn complete(triage: &mut Triage, calls: &Calls, judged: &[Judgement], told: Told) {
    triage.services = figures(calls, judged);
    let mut incidents = std::mem::take(&mut triage.incidents);
    for incident in &mut incidents {
        incident.clock = clock(incident, told);
        incident.checks = checks(incident, triage);
        incident.checklist = answer(incident, triage);
    }
    triage.incidents = incidents;
}
