//! A walk along the layers: what each step measured.

use crate::Exchange;
use firstfault_model::{Attribute, Call, Layer, Origin, Span, Vantage};

/// What one walk measured, in the order of travel.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// The steps, for people.
    pub steps: Vec<Step>,
    /// The exchanges: redirects first, the last one is the call. Empty when no request was sent.
    pub exchanges: Vec<Exchange>,
    /// Facts of the steps, for rules: names are listed in docs/packs.md.
    pub marks: Vec<(String, String)>,
    /// What could not be tested, and why.
    pub untested: Vec<Untested>,
    /// Requests that were sent: exchanges that reached the phase of sending.
    pub requests: u32,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where on the way.
    pub layer: Layer,
    /// `dns`, `tcp`, `proxy`, `tls`, `http`, `clock`.
    pub name: &'static str,
    /// How it ended.
    pub state: State,
    /// How long it took, in milliseconds.
    pub milliseconds: Option<f64>,
    /// What was found, in one line.
    pub says: String,
    /// More, a line each.
    pub details: Vec<String>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should.
    Passed,
    /// Works, and something about it deserves a look: a certificate about to expire, one of two addresses dead.
    Doubtful,
    /// Not as it should.
    Failed,
}

/// What could not be tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untested {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

impl Walk {
    /// The call that was made, with everything measured as marks.
    #[must_use]
    pub fn call(&self) -> Call {
        let mut call = Call::new(Origin::Probe, Vantage::Client);
        if let Some(exchange) = self.exchanges.last() {
            call.request = Some(exchange.request.clone());
            call.response.clone_from(&exchange.response);
            call.timings = exchange.timings;
            call.started = Some(exchange.started);
            if let Some(failure) = &exchange.failure {
                call.mark("probe.failure.phase", failure.phase.word(), Span::default());
                call.mark("probe.failure.wrong", failure.wrong.word(), Span::default());
            }
        }
        let of_exchanges = self.exchanges.iter().flat_map(|exchange| &exchange.marks);
        for (name, value) in self.marks.iter().chain(of_exchanges) {
            call.attributes.push(Attribute { name: name.clone(), value: value.clone(), span: Span::default() });
        }
        call
    }
}
