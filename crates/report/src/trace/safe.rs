//! A trace with its secrets replaced, its control characters made visible, and everything bounded.

use crate::safe::{clean, diagnosis, one_line};
use firstfault_model::incident::{Hop, ShortTimeout};
use firstfault_model::way::{Attempts, Clock, Trace, Translation};
use firstfault_redact::Redactor;

/// Characters of a name, an id, a path.
const NAME: usize = 200;
/// Characters of a sentence or message.
const MESSAGE: usize = 1_000;
/// Lines of the way.
const HOPS: usize = 1_000;

/// A trace that may be shown.
#[derive(Clone, Debug)]
pub struct SafeTrace(Trace);

impl SafeTrace {
    /// Redacts and bounds every string of a trace.
    #[must_use]
    pub fn new(mut trace: Trace, redactor: &mut Redactor) -> Self {
        // Every field is named, so that a new one cannot be forgotten here.
        let Trace {
            id,
            also,
            lines: _,
            left_out: _,
            hops,
            failed: _,
            first: _,
            layer: _,
            bucket: _,
            cause: _,
            probability: _,
            owner: _,
            summary,
            unseen,
            translations,
            short_timeouts,
            attempts,
            clocks,
            checks,
            diagnosis: verdict,
            notes,
        } = &mut trace;
        // Ids that correlate are not secret; they are only made harmless.
        *id = one_line(id, NAME);
        also.iter_mut().for_each(|one| *one = one_line(one, NAME));
        hops.truncate(HOPS);
        hops.iter_mut().for_each(|one| hop(one, redactor));
        safe(summary, MESSAGE, redactor);
        unseen.iter_mut().for_each(|name| safe(name, NAME, redactor));
        for Translation { service, status: _, upstream, upstream_status: _ } in translations {
            safe(service, NAME, redactor);
            safe(upstream, NAME, redactor);
        }
        short_timeouts.iter_mut().for_each(|one| short_timeout(one, redactor));
        for Attempts { service, what, count: _, last_failed: _ } in attempts {
            safe(service, NAME, redactor);
            safe(what, NAME, redactor);
        }
        clocks.iter_mut().for_each(|one| clock(one, redactor));
        for check in checks {
            safe(&mut check.question, MESSAGE, redactor);
            if let Some(command) = &mut check.command {
                *command = clean(&redactor.command(command));
            }
        }
        if let Some(verdict) = verdict {
            diagnosis(verdict, redactor);
        }
        notes.iter_mut().for_each(|note| safe(note, MESSAGE, redactor));
        Self(trace)
    }

    /// The trace.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.0
    }
}

pub(crate) fn safe(text: &mut String, limit: usize, redactor: &mut Redactor) {
    *text = one_line(&redactor.text(text), limit);
}

pub(crate) fn clock(clock: &mut Clock, redactor: &mut Redactor) {
    let Clock { service, offset: _, bounds: _, because } = clock;
    safe(service, NAME, redactor);
    safe(because, MESSAGE, redactor);
}

pub(crate) fn short_timeout(one: &mut ShortTimeout, redactor: &mut Redactor) {
    let ShortTimeout { gateway, gave_up: _, backend, answered: _, count: _ } = one;
    safe(gateway, NAME, redactor);
    safe(backend, NAME, redactor);
}

fn hop(hop: &mut Hop, redactor: &mut Redactor) {
    let Hop {
        service,
        layer: _,
        at: _,
        skew: _,
        duration: _,
        what,
        status: _,
        failed: _,
        origin: _,
        message,
        verdict: _,
        depth: _,
        source,
    } = hop;
    safe(service, NAME, redactor);
    safe(what, NAME, redactor);
    safe(message, MESSAGE, redactor);
    safe(&mut source.0, NAME, redactor);
}
