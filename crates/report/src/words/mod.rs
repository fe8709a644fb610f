//! The verdict in words for each audience: an engineer, a client, the provider, a manager.
//!
//! All four come from the same safe report, so they cannot contradict each other. They never blame the backend without
//! evidence that isolates it, and always say what would disprove the verdict or what is not known.

mod client;
mod engineer;
mod facts;
mod manager;
mod provider;
mod reproduce;

use crate::safe::{Call, Safe};
use crate::section::Section;

pub(crate) use facts::question;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever has to find or mend the fault: precise, with what was ruled out and what would disprove it.
    Engineer,
    /// A client without technical knowledge: calm, what happens next, what is lost and what is not.
    Client,
    /// Whoever runs the API: an escalation, with one question.
    Provider,
    /// Whoever decides: impact, who acts, when to expect what.
    Manager,
}

impl Audience {
    /// Every audience.
    pub const ALL: [Self; 4] = [Self::Engineer, Self::Client, Self::Provider, Self::Manager];
}

/// A letter before it has a format.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub title: String,
    pub lead: Vec<String>,
    pub sections: Vec<Section>,
}

/// What there is to say to an audience about the call that failed first; `None` where no call was read.
pub(crate) fn words(safe: &Safe, audience: Audience) -> Option<Words> {
    let report = safe.report();
    let call = report.calls.get(report.first)?;
    Some(match audience {
        Audience::Engineer => engineer::words(call),
        Audience::Client => client::words(call),
        Audience::Provider => provider::words(report, call),
        Audience::Manager => manager::words(report, call),
    })
}

/// The verdict for an engineer as one paragraph.
pub(crate) fn for_engineer(call: &Call) -> String {
    engineer::paragraph(call)
}

/// The verdict for a manager as three or four sentences.
pub(crate) fn for_manager(report: &crate::safe::Report, call: &Call) -> String {
    manager::sentences(report, call).join(" ")
}
