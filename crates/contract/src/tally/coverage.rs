//! Which operations, parameters and statuses calls have used.

use crate::percent::decode_form;
use crate::{Contract, In, Operation, StatusRange};
use firstfault_model::contract::Covered;
use firstfault_model::{Call, Request};

/// What was seen, by operation in the order of the description.
#[derive(Debug)]
pub struct Coverage(Vec<Covered>);

impl Coverage {
    /// Nothing seen yet.
    pub fn new(contract: &Contract) -> Self {
        Self(contract.operations.iter().map(covered).collect())
    }

    /// Adds a call to an operation.
    pub fn add(&mut self, contract: &Contract, operation: usize, call: &Call, broken: bool) {
        let Some((seen, described)) = self.0.get_mut(operation).zip(contract.operations.get(operation)) else { return };
        seen.calls += 1;
        seen.broken += usize::from(broken);
        if let Some(request) = &call.request {
            let names = query_names(request);
            for (parameter, (_, is_seen)) in described.parameters.iter().zip(&mut seen.parameters) {
                *is_seen = *is_seen || has(request, &names, parameter.place, &parameter.name);
            }
        }
        let Some(status) = call.status() else { return };
        if let Some(index) = matching(described, status)
            && let Some((_, count)) = seen.statuses.get_mut(index)
        {
            *count += 1;
        }
    }

    /// All of it.
    pub fn finish(self) -> Vec<Covered> {
        self.0
    }
}

fn covered(operation: &Operation) -> Covered {
    let place = |place: In| match place {
        In::Path => "path",
        In::Query | In::QueryString => "query",
        In::Header => "header",
        In::Cookie => "cookie",
    };
    Covered {
        operation: operation.name(),
        id: operation.id.clone(),
        calls: 0,
        broken: 0,
        parameters: operation.parameters.iter().map(|p| (format!("{} {}", place(p.place), p.name), false)).collect(),
        statuses: operation.responses.iter().map(|response| (response.status.to_string(), 0)).collect(),
    }
}

/// The description of a status: its own, that of its class, or the default, in this order.
fn matching(operation: &Operation, status: u16) -> Option<usize> {
    let wanted = [StatusRange::Code(status), StatusRange::Class(status / 100), StatusRange::Default];
    wanted.iter().find_map(|range| operation.responses.iter().position(|response| response.status == *range))
}

fn query_names(request: &Request) -> Vec<String> {
    let pairs = request.url.query.as_deref().unwrap_or_default().split('&');
    pairs.map(|pair| decode_form(pair.split('=').next().unwrap_or_default()).into_owned()).collect()
}

/// Whether a parameter was sent. The path fits its template, so its parameters are there.
fn has(request: &Request, query: &[String], place: In, name: &str) -> bool {
    match place {
        In::Path => true,
        In::QueryString => request.url.query.is_some(),
        // Lists and objects append to the name: `filter[status]`, `id[]`.
        In::Query => query
            .iter()
            .any(|sent| sent.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))),
        In::Header => request.headers.field(name).is_some(),
        In::Cookie => request.headers.every("cookie").any(|field| {
            field.value.split(';').any(|pair| pair.split('=').next().is_some_and(|sent| sent.trim() == name))
        }),
    }
}
