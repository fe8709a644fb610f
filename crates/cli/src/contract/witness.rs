//! Descriptions as a witness: what they say of a call joins what was observed of it.

use super::source;
use crate::args::Contracts;
use crate::{config, load};
use firstfault_contract::{Baseline, Contract, Held, Operation, check, edit, facts};
use firstfault_model::{Call, Observations, Request};
use firstfault_report::contract::Against;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// How many working calls are learned from.
const LEARNT: usize = 20_000;

/// The descriptions that calls are held against.
#[derive(Debug)]
pub struct Witness {
    /// Those that were named, in their order.
    given: Vec<(String, Contract)>,
    /// Those that the configuration names for a host, loaded when a call goes there.
    remembered: Vec<Remembered>,
    /// What calls looked like when they worked, and where that was seen.
    baseline: Option<(String, Baseline)>,
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
        let baseline = baseline(&contracts.baseline)?;
        let is_silent = given.is_empty() && remembered.is_empty() && baseline.is_none();
        Ok((!is_silent).then_some(Self { given, remembered, baseline, allow_remote, now }))
    }

    /// What the description of a call's API says of it, or calls that worked do, as reports show it.
    pub fn against(&self, call: &Call) -> Option<Against> {
        let mut against = self.held(call).map(|(name, contract, held)| Against {
            contract: name.to_owned(),
            operation: held.operation.and_then(|at| contract.operations.get(at)).map(Operation::name),
            findings: held.findings,
            mistakes: contract.mistakes.len(),
        });
        if let Some((name, baseline)) = &self.baseline {
            let findings = baseline.check(call);
            if let Some(first) = findings.first() {
                let (contract, operation) = (name.clone(), first.operation.clone());
                let known = against.get_or_insert_with(|| Against { contract, operation, ..Against::default() });
                // Where the description has spoken, habit has nothing to add.
                let told: Vec<_> = known.findings.iter().map(|f| (f.half, f.spot.clone())).collect();
                let new = findings
                    .into_iter()
                    .filter(|f| !told.iter().any(|(half, spot)| *half == f.half && *spot == f.spot));
                known.findings.extend(new);
            }
        }
        against
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

/// Learns from calls that worked.
fn baseline(files: &[String]) -> Result<Option<(String, Baseline)>, String> {
    let mut calls: Vec<Call> = Vec::new();
    for name in files {
        let input = load::read(name).map_err(|message| format!("{name}: {message}"))?;
        let before = calls.len();
        let read = firstfault_intake::every(&input.text, None, &mut |call| {
            if calls.len() < LEARNT {
                calls.push(call);
            }
        });
        if calls.len() == before {
            let why = read.unreadable.unwrap_or_else(|| "expected calls that worked, found none".to_owned());
            return Err(format!("{name}: {why}"));
        }
    }
    let learnt = (!files.is_empty()).then(|| Baseline::learn(calls.iter()));
    match learnt {
        Some(learnt) if learnt.operations().next().is_none() => {
            Err(format!("{}: expected calls that worked, found none that did", files.join(", ")))
        }
        learnt => Ok(learnt.map(|learnt| (files.join(", "), learnt))),
    }
}

impl firstfault_engine::Witness for Witness {
    fn observe(&self, call: &Call, observations: &mut Observations) {
        if let Some((_, contract, held)) = self.held(call) {
            facts::add(&held, contract, call, observations);
        }
        if let Some((_, baseline)) = &self.baseline {
            facts::add_baseline(&baseline.check(call), call, observations);
        }
    }

    fn correct(&self, call: &Call) -> Option<(Request, String)> {
        let (_, _, held) = self.held(call)?;
        edit::correct(call.request.as_ref()?, &held.findings)
    }
}
