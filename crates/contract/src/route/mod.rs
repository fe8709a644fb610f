//! Which operation a call is, and what is wrong with the way there: host, scheme, base path, path, method.

mod host;
mod index;
mod names;
mod near;
mod placeholder;
mod target;
mod template;

use crate::description::{Contract, Operation};
use firstfault_model::Request;
use firstfault_model::contract::{Edit, Finding, Kind, Severity, Spot};
use index::{Base, Match};
use template::{Called, Segment, called};

pub(crate) use index::Index;
pub(crate) use names::{folded, slips};
pub(crate) use placeholder::{is_hidden, is_left_in, is_redacted, is_variable};

/// Where a request leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Routed {
    /// Index of the operation, where one fits.
    pub operation: Option<usize>,
    /// The parameters of the path, by name, as sent: percent-encoding is left.
    pub parameters: Vec<(String, String)>,
    /// See [`crate::Held::belongs`].
    pub belongs: bool,
    /// What is wrong with the way there.
    pub findings: Vec<Finding>,
}

/// Finds the operation of a request.
#[must_use]
pub(crate) fn route(contract: &Contract, request: &Request) -> Routed {
    let index = contract.routes();
    let target = target::Target::new(request);
    let segments = called(target.path);
    let hosted: Vec<usize> = (0..index.bases.len()).filter(|b| host::fits(&index.bases[*b], &request.url)).collect();
    let ours = host::known(&request.url).is_some() && hosted.iter().any(|b| index.bases[*b].host.is_some());
    // A host of nobody is held against all servers: behind a gateway or a mock the rest is the same.
    let foreign = hosted.is_empty();
    let all: Vec<usize> = (0..index.bases.len()).collect();
    let mut found = exact(contract, request, target.path, &segments, &hosted, false);
    if found.is_unfit() && target.open {
        found = exact(contract, request, target.path, &segments, &hosted, true);
    }
    if found.is_unfit() && hosted.len() < all.len() {
        let elsewhere = exact(contract, request, target.path, &segments, &all, false);
        if foreign || !elsewhere.is_unfit() {
            found = elsewhere;
        }
    }
    target::Way { contract, index, request, path: target.path, segments: &segments, hosted: &hosted, ours }.judge(found)
}

/// What was likely meant by a path whose parameters are no values of the operation that it matches: a template that has
/// more of the path as literals.
pub(crate) fn instead(contract: &Contract, request: &Request) -> Option<Finding> {
    let index = contract.routes();
    let target = target::Target::new(request);
    let segments = called(target.path);
    let fitting: Vec<usize> = (0..index.bases.len()).filter(|b| host::fits(&index.bases[*b], &request.url)).collect();
    let hosted = if fitting.is_empty() { (0..index.bases.len()).collect() } else { fitting };
    let Exact::Operation { matched, .. } = exact(contract, request, target.path, &segments, &hosted, target.open)
    else {
        return None;
    };
    let way =
        target::Way { contract, index, request, path: target.path, segments: &segments, hosted: &hosted, ours: true };
    way.instead(&way.nearest(), matched.template, matched.literal)
}

/// What a path matches behind the base paths of some servers.
#[derive(Debug)]
enum Exact<'p> {
    Nothing,
    /// The path is known, the method is not on it.
    Path {
        matched: Match<'p>,
        base: usize,
        methods: Vec<usize>,
    },
    /// All fits.
    Operation {
        matched: Match<'p>,
        base: usize,
        operation: usize,
    },
}

impl Exact<'_> {
    const fn is_unfit(&self) -> bool {
        !matches!(self, Self::Operation { .. })
    }
}

/// Matches a path behind the base paths of some servers; where it is open, the base path stands in a variable in front.
fn exact<'p>(
    contract: &Contract,
    request: &Request,
    path: &'p str,
    segments: &[Called<'p>],
    bases: &[usize],
    open: bool,
) -> Exact<'p> {
    let index = contract.routes();
    let mut nothing = Exact::Nothing;
    let mut tried: Vec<&[Segment]> = Vec::new();
    for &base in bases {
        let Base { segments: prefix, server, .. } = &index.bases[base];
        if tried.contains(&&prefix[..]) || !(open || begins(segments, prefix, server)) {
            continue;
        }
        tried.push(prefix);
        let mut rest = &segments[if open { 0 } else { prefix.len() }..];
        // `/v1/` is the root behind `/v1`.
        if let [root] = rest
            && root.raw.is_empty()
        {
            rest = &[];
        }
        let matches = index.matches(path, rest);
        for matched in matches {
            let template = &index.templates[matched.template];
            // Of servers with one base path, the first that the path is served from.
            let own = |b: &&usize| template.bases.contains(b) && index.bases[**b].segments == *prefix;
            let Some(&base) = bases.iter().find(own) else { continue };
            if !template.marks.iter().all(|mark| is_marked(request, mark)) {
                continue;
            }
            let operations = &template.operations;
            if let Some(operation) = operations.iter().find(|o| takes(&contract.operations[**o], request)) {
                return Exact::Operation { base, operation: *operation, matched };
            }
            match &mut nothing {
                Exact::Path { methods, .. } => methods.extend(operations),
                nothing => *nothing = Exact::Path { base, methods: operations.clone(), matched },
            }
        }
    }
    nothing
}

/// Whether an operation takes the method of a request; a request without one takes what there is.
fn takes(operation: &Operation, request: &Request) -> bool {
    request.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(&operation.method))
}

/// Whether a path begins with a base path.
fn begins(path: &[Called<'_>], base: &[Segment], server: &crate::Server) -> bool {
    path.len() >= base.len()
        && path.iter().zip(base).all(|(called, segment)| match segment {
            Segment::Literal(text) => *text == called.text,
            Segment::Parameter(name) | Segment::Rest(name) => {
                !called.raw.is_empty()
                    && server.variables.get(name).is_none_or(|v| v.is_empty() || v.iter().any(|v| *v == called.text))
            }
            Segment::Mixed(pieces) => template::captures(pieces, called.raw).is_some(),
        })
}

/// Whether a query parameter, a form field or a header field has a value that the path of an operation asks for.
fn is_marked(request: &Request, (name, value): &(String, String)) -> bool {
    let pair = |text: &str| {
        text.split('&').any(|pair| {
            let (n, v) = pair.split_once('=').unwrap_or((pair, ""));
            crate::percent::decode_form(n) == *name && crate::percent::decode_form(v) == *value
        })
    };
    request.url.query.as_deref().is_some_and(pair)
        || request.headers.first(name).is_some_and(|v| v == value)
        || request.body.as_ref().is_some_and(|b| pair(&b.text))
}
