//! Descriptions as a witness: what they say of a call joins what was observed of it.

use super::source;
use crate::args::Contracts;
use crate::{config, load};
use firstfault_contract::{Contract, Held, check, edit, facts};
use firstfault_model::{Call, Observations, Request};
use firstfault_report::contract::Against;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// The descriptions that calls are held against.
#[derive(Debug)]
pub struct Witness {
    /// Those that were named, in their order.
    given: Vec<(String, Contract)>,
    /// Those that the configuration names for a host, loaded when a call goes there.
    remembered: Vec<Remembered>,
    allow_remote: bool,
    now: Option<i64>,
}

#[derive(Debug)]
struct Remembered {
    host: String,
    file: PathBuf,
    loaded: OnceCell<Option<(String, Contract)>>,
}

impl Witness {
    /// The witness that the flags and the configuration ask for; `None` when there is none.
    ///
    /// # Errors
    /// Why a description that was named cannot be used, or what is wrong with the configuration.
    pub fn new(contracts: &Contracts, file: Option<&Path>, now: Option<i64>) -> Result<Option<Self>, String> {
        let allow_remote = contracts.remote.allow_remote;
        let load = |name: &String| Ok((name.clone(), source::load(name, allow_remote)?));
        let given = contracts.contract.iter().map(load).collect::<Result<Vec<_>, String>>()?;
        let remembered: Vec<Remembered> = config::contracts(file)?
            .into_iter()
            .map(|(host, file)| Remembered { host, file, loaded: OnceCell::new() })
            .collect();
        let is_silent = given.is_empty() && remembered.is_empty();
        Ok((!is_silent).then_some(Self { given, remembered, allow_remote, now }))
    }

    /// What the description of a call's API says of it, as reports show it.
    pub fn against(&self, call: &Call) -> Option<Against> {
        let (name, contract, held) = self.held(call)?;
        Some(Against {
            contract: name.to_owned(),
            operation: held.operation.and_then(|at| contract.operations.get(at)).map(|operation| operation.name()),
            findings: held.findings,
            mistakes: contract.mistakes.len(),
        })
    }

    /// The call held against the description that it belongs to: of those that were named the one that has its operation,
    /// else the first that knows its host; else the one that the configuration names for the host.
    fn held(&self, call: &Call) -> Option<(&str, &Contract, Held)> {
        let mut best: Option<(&str, &Contract, Held)> = None;
        for (name, contract) in self.given.iter().chain(self.remembered(call)) {
            let held = check(contract, call, self.now);
            if held.belongs && held.operation.is_some() {
                return Some((name, contract, held));
            }
            if held.belongs && best.is_none() {
                best = Some((name, contract, held));
            }
        }
        best
    }

    fn remembered(&self, call: &Call) -> Option<&(String, Contract)> {
        let host = call.request.as_ref()?.url.host.as_deref()?;
        let known = self.remembered.iter().find(|known| known.host.eq_ignore_ascii_case(host))?;
        let load = || {
            let name = known.file.display().to_string();
            match source::load(&name, self.allow_remote) {
                Ok(contract) => Some((name, contract)),
                Err(message) => {
                    load::complain(&format!("the contract of {host}: {message}"));
                    None
                }
            }
        };
        known.loaded.get_or_init(load).as_ref()
    }
}

impl firstfault_engine::Witness for Witness {
    fn observe(&self, call: &Call, observations: &mut Observations) {
        if let Some((_, contract, held)) = self.held(call) {
            facts::add(&held, contract, call, observations);
        }
    }

    fn correct(&self, call: &Call) -> Option<(Request, String)> {
        let (_, _, held) = self.held(call)?;
        edit::correct(call.request.as_ref()?, &held.findings)
    }
}
