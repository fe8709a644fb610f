//! Every scenario, a file for each family.

mod chat;
mod crm;
mod kit;
mod sequence;
mod soft;

use crate::Scenario;

/// All of them, in the order in which they are listed.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let families: [&[Scenario]; 4] = [crm::ALL, chat::ALL, soft::ALL, sequence::ALL];
    families.concat()
}

/// The one of that name.
#[must_use]
pub fn find(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}
