//! Violations of a schema → findings that a person understands: one for each thing that was done wrong.
//!
//! First faults of structure are sought, by trial: a field renamed, moved, wrapped or unwrapped, after which the value has
//! fewer violations, was misnamed or misplaced. What is left is explained fault by fault.

mod branch;
mod convert;
mod fault;
mod names;
mod notes;
mod plain;
mod repair;
mod words;

pub(crate) use names::{Near, near, nearest};
pub(crate) use words::{one_of, short, type_of};

use crate::description::{Contract, SchemaRef};
use fault::Fault;
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use serde_json::Value;

/// The most findings of one value.
const FINDING_LIMIT: usize = 50;

/// What is wrong with a value, the gravest first.
///
/// `spot` says where in the call a pointer into the value stands; `operation` is what findings are told to belong to.
#[must_use]
pub fn value(
    contract: &Contract,
    at: &SchemaRef,
    half: Half,
    value: &Value,
    spot: &dyn Fn(&str) -> Spot,
    operation: Option<&str>,
) -> Vec<Finding> {
    let told = Told { contract, at, half, spot, operation };
    let mut findings = Vec::new();
    if !contract.schemas.valid(at, half, value) {
        let faults = fault::faults(&contract.schemas, at, half, value);
        let mut repairs = repair::Repairs::new(&told, value, faults);
        repairs.run();
        let repair::Repairs { now, faults, moved, findings: found, .. } = repairs;
        findings = found;
        plain::explain(&told, &now, &faults, &moved, &mut findings);
    }
    notes::look(&told, value, &mut findings);
    findings.sort_by_key(|f| f.severity);
    findings.truncate(FINDING_LIMIT);
    findings
}

/// What every finding of one value has in common.
struct Told<'a> {
    contract: &'a Contract,
    at: &'a SchemaRef,
    half: Half,
    spot: &'a dyn Fn(&str) -> Spot,
    operation: Option<&'a str>,
}

/// The words of one finding.
#[derive(Default)]
struct Words {
    expected: String,
    got: String,
    message: String,
    fix: String,
}

impl Told<'_> {
    fn finding(&self, kind: Kind, pointer: &str, rule: &SchemaRef, words: Words, edit: Option<Edit>) -> Finding {
        // A response is what the server made: there is nothing to do about it in the request.
        let asks = self.half == Half::Request;
        let spot = (self.spot)(pointer);
        // The whole of a body is set as another body.
        let edit = edit.filter(|_| asks).map(|edit| match (edit, &spot) {
            (Edit::SetField(at, text), Spot::Body(whole)) if at.is_empty() && whole.is_empty() => Edit::Body(text),
            (edit, _) => edit,
        });
        Finding {
            kind,
            half: self.half,
            severity: Severity::Error,
            spot,
            operation: self.operation.map(str::to_owned),
            rule: self.contract.place(rule),
            line: self.contract.line(rule),
            expected: words.expected,
            got: words.got,
            message: words.message,
            fix: if asks { words.fix } else { String::new() },
            edit,
        }
    }

    fn whole(&self) -> Spot {
        (self.spot)("")
    }
}

/// Sets what stands at a pointer.
fn set(pointer: &str, value: &Value) -> Edit {
    Edit::SetField(pointer.to_owned(), value.to_string())
}

/// `, as a Card,` for a fault of one branch among several.
fn as_branch(fault: &Fault) -> String {
    fault.branch.as_ref().map(|b| format!(" (taken as {})", short(b))).unwrap_or_default()
}
