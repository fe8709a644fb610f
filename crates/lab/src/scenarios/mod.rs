//! Every scenario, a file for each family.

mod alerts;
mod chat;
mod crm;
mod dns;
mod kit;
mod network;
mod proxy;
mod sequence;
mod soft;
mod tls;

use crate::Scenario;

/// All of them, in the order in which they are listed.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let families: [&[Scenario]; 9] = [
        alerts::SCENARIOS,
        crm::SCENARIOS,
        chat::SCENARIOS,
        soft::SCENARIOS,
        sequence::SCENARIOS,
        network::SCENARIOS,
        tls::SCENARIOS,
        dns::SCENARIOS,
        proxy::SCENARIOS,
    ];
    families.concat()
}

/// The one of that name.
#[must_use]
pub fn find(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}
