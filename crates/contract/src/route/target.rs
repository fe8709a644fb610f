//! What is wrong with the way to an operation.

use super::host::{self, Relation};
use super::index::{Index, Match};
use super::near::{Near, Step, has, nearest};
use super::placeholder::is_left_in;
use super::template::{Called, Segment};
use super::{Edit, Exact, Finding, Kind, Routed, Severity, Spot, exact};
use crate::description::{Contract, SchemaRef};
use crate::finding::{list, new, quoted};
use firstfault_model::Request;

/// What a slip may cost to be told from another API on a host that is nobody's.
const CLOSE: u32 = 170;
/// The same where the call shows no host.
const CLOSE_WITHOUT_HOST: u32 = 250;
/// By how much a path is nearer than the next one when it is the one that was meant.
const CLEAR: u32 = 15;
/// Paths that are named.
const NAMED: usize = 3;
/// Ends of paths that are pages and their parts, not calls.
const PAGES: [&str; 14] = [
    ".js", ".css", ".png", ".ico", ".svg", ".map", ".html", ".woff", ".woff2", ".jpg", ".jpeg", ".gif", ".webp", ".ttf",
];

/// The target of a request.
pub(super) struct Target<'r> {
    /// Its path.
    pub path: &'r str,
    /// Whether a variable stands in front of it that may hold the base path.
    pub open: bool,
}

impl<'r> Target<'r> {
    pub fn new(request: &'r Request) -> Self {
        let path = request.url.path.as_str();
        if path.starts_with("{{")
            && let Some((_, rest)) = path.split_once("}}")
        {
            return Self { path: rest, open: true };
        }
        Self { path, open: request.url.host.as_deref().is_some_and(|h| h.starts_with("{{")) }
    }
}

/// A request on its way.
pub(super) struct Way<'a> {
    pub contract: &'a Contract,
    pub index: &'a Index,
    pub request: &'a Request,
    pub path: &'a str,
    pub segments: &'a [Called<'a>],
    /// Servers that the host fits.
    pub hosted: &'a [usize],
    /// Whether the host is one of the description's.
    pub ours: bool,
}

impl Way<'_> {
    pub fn judge(&self, found: Exact<'_>) -> Routed {
        match found {
            Exact::Operation { matched, base, operation } => self.operation(&matched, base, operation),
            Exact::Path { matched, base, methods } => self.method(&matched, base, &methods),
            Exact::Nothing => self.nothing(),
        }
    }

    fn operation(&self, matched: &Match<'_>, base: usize, operation: usize) -> Routed {
        let mut routed = Routed { operation: Some(operation), ..self.belonging(matched, base) };
        if !routed.belongs {
            return Routed::default();
        }
        // What takes slashes takes misspelt literals, too.
        if self.index.templates[matched.template].segments.last().is_some_and(|s| matches!(s, Segment::Rest(_)))
            && matched.values.last().is_some_and(|v| v.contains('/'))
            && let Some(meant) = self.instead(&self.nearest(), matched.template, matched.literal)
        {
            routed.operation = None;
            routed.findings.push(meant);
            return routed;
        }
        routed.parameters = self.parameters(matched);
        for (name, value) in &routed.parameters {
            let text = crate::percent::decode(value);
            if is_left_in(&text) {
                let name = name.clone();
                let at = self.parameter(operation, &name);
                routed.findings.push(Finding {
                    operation: Some(self.contract.operations[operation].name()),
                    expected: format!("a value of {name}"),
                    got: quoted(&text),
                    message: format!(
                        "the path has the placeholder {} where the value of {name} belongs",
                        quoted(&text)
                    ),
                    fix: format!("put the value of {name} in place of {}", quoted(&text)),
                    ..new(self.contract, Kind::MissingPathParameter, Severity::Error, Spot::Path(name), &at)
                });
            }
        }
        routed
    }

    /// Whether a call with this path is one of the API, with what is wrong with its host and scheme.
    fn belonging(&self, matched: &Match<'_>, base: usize) -> Routed {
        let literal = matched.literal + self.index.bases[base].segments.len();
        let served = self.hosted.contains(&base);
        let mut routed = Routed { belongs: served || literal > 0, ..Routed::default() };
        if !served {
            routed.findings.extend(self.host(&self.index.templates[matched.template].bases));
        }
        if served && self.ours {
            routed.findings.extend(self.scheme());
        }
        routed
    }

    fn parameters(&self, matched: &Match<'_>) -> Vec<(String, String)> {
        let names = self.index.templates[matched.template].segments.iter().flat_map(Segment::names);
        names.zip(&matched.values).map(|(name, value)| (name.to_owned(), (*value).to_owned())).collect()
    }

    fn parameter(&self, operation: usize, name: &str) -> SchemaRef {
        let operation = &self.contract.operations[operation];
        let path = operation.parameters.iter().find(|p| p.place == crate::In::Path && p.name == name);
        path.map_or_else(|| operation.at.clone(), |p| p.at.clone())
    }

    /// What the host is beside the servers of a path.
    fn host(&self, bases: &[usize]) -> Option<Finding> {
        let host = host::known(&self.request.url)?;
        let servers = bases.iter().map(|b| &self.index.bases[*b].server).filter(|s| s.host.is_some());
        let (relation, server) = servers.map(|s| (host::relation(host, s), s)).min_by_key(|(relation, _)| *relation)?;
        let origin = host::origin(server, self.request.url.scheme.as_deref());
        let named = server.host.clone().unwrap_or_default();
        let got = self.request.url.port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let (kind, severity, message) = match relation {
            Relation::Environment => {
                let word = |found: Option<&str>| found.unwrap_or("production").to_ascii_lowercase();
                let (here, there) = (word(host::environment(host)), word(host::environment_of(server)));
                let message = if here == there {
                    format!("the host {got} is not of the environment that the contract describes")
                } else {
                    format!("the call goes to {here}, the contract describes {there}")
                };
                (Kind::WrongEnvironment, Severity::Error, message)
            }
            Relation::Near => {
                let message = format!("the host {got} is none of the contract's servers");
                (Kind::UnknownHost, Severity::Warning, message)
            }
            Relation::Local | Relation::Other => {
                let message = format!("the host {got} is none of the contract's servers; the rest was checked");
                (Kind::UnknownHost, Severity::Note, message)
            }
        };
        let edit = origin.clone().filter(|_| severity != Severity::Note).map(Edit::Origin);
        Some(Finding {
            expected: quoted(&named),
            got: quoted(&got),
            message,
            fix: origin.map(|o| format!("send it to {o}")).unwrap_or_default(),
            edit,
            ..new(self.contract, kind, severity, Spot::Target, &server.at)
        })
    }

    /// `http` where every server of the host is `https`.
    fn scheme(&self) -> Option<Finding> {
        let url = &self.request.url;
        let servers = || self.hosted.iter().map(|b| &self.index.bases[*b].server).filter(|s| s.host.is_some());
        let server = servers().next()?;
        let host = host::known(url)?;
        if url.scheme.as_deref() != Some("http")
            || host::is_local(host)
            || servers().any(|s| s.scheme.as_deref() != Some("https"))
        {
            return None;
        }
        Some(Finding {
            expected: "https".to_owned(),
            got: "http".to_owned(),
            message: "the call goes over http, the contract's server is https".to_owned(),
            fix: "call it over https".to_owned(),
            edit: host::origin(&crate::Server { host: Some(host.to_owned()), ..server.clone() }, None)
                .map(Edit::Origin),
            ..new(self.contract, Kind::WrongScheme, Severity::Error, Spot::Target, &server.at)
        })
    }

    /// Whether the request is none that descriptions speak of: a preflight is the browser's own (Fetch standard), and
    /// CONNECT is for the proxy. OPTIONS elsewhere is a call where a description has it at all.
    fn is_aside(&self) -> bool {
        let method = self.request.method.as_deref().unwrap_or_default();
        let preflight = || {
            self.request.headers.field("access-control-request-method").is_some()
                || !self.contract.operations.iter().any(|o| o.method.eq_ignore_ascii_case("OPTIONS"))
        };
        method.eq_ignore_ascii_case("CONNECT") || method.eq_ignore_ascii_case("OPTIONS") && preflight()
    }

    /// The path is known, the method is not on it.
    fn method(&self, matched: &Match<'_>, base: usize, methods: &[usize]) -> Routed {
        let mut routed = self.belonging(matched, base);
        let method = self.request.method.as_deref().unwrap_or_default();
        if !routed.belongs || self.is_aside() {
            routed.findings.clear();
            return routed;
        }
        let operations = &self.contract.operations;
        if method.eq_ignore_ascii_case("HEAD")
            && let Some(get) = methods.iter().find(|o| operations[**o].method.eq_ignore_ascii_case("GET"))
        {
            return self.operation(matched, base, *get);
        }
        let near = self.nearest();
        if let Some(finding) = self.instead(&near, matched.template, matched.literal) {
            routed.findings.push(finding);
            return routed;
        }
        let mut names: Vec<String> = methods.iter().map(|o| operations[*o].method.clone()).collect();
        names.dedup();
        let template = &self.index.templates[matched.template];
        let likely = likely(method, &names);
        // DELETE /customers, where DELETE is on /customers/{id}.
        let below = near.iter().find(|n| n.method && n.faults.iter().all(|s| *s == Step::NoValue));
        let fix = match (below, likely) {
            (Some(near), _) => {
                let path = &self.index.templates[near.template].path;
                format!("call {path}, which has {method}, or use {} here", list(&names, "or"))
            }
            (None, Some(other)) => format!("use {other}"),
            (None, None) => format!("use {}", list(&names, "or")),
        };
        let at = parent(&operations[methods[0]].at);
        routed.findings.push(Finding {
            expected: names.join(", "),
            got: quoted(method),
            message: format!(
                "{} is not a method of {}, which has {}",
                quoted(method),
                template.path,
                list(&names, "and")
            ),
            fix,
            edit: likely.filter(|_| below.is_none()).map(|m| Edit::Method(m.to_owned())),
            ..new(self.contract, Kind::UnknownMethod, Severity::Error, Spot::Method, &at)
        });
        routed
    }

    /// The nearest paths of the servers that the host fits, or of all.
    pub fn nearest(&self) -> Vec<Near> {
        let all: Vec<usize> = (0..self.index.bases.len()).collect();
        let bases = if self.hosted.is_empty() { &all } else { self.hosted };
        nearest(self.index, &self.contract.operations, bases, self.segments, self.request.method.as_deref())
    }

    /// Of near paths one that was meant rather than a template which took a misspelt or forgotten segment as a value.
    pub fn instead(&self, near: &[Near], template: usize, literal: usize) -> Option<Finding> {
        let base = |near: &Near| self.index.bases[near.base].segments.len();
        let meant =
            near.iter().find(|n| n.template != template && n.method && n.literal - base(n).min(n.literal) > literal)?;
        Some(self.finding(meant, &[]))
    }

    /// No path fits.
    fn nothing(&self) -> Routed {
        let near = self.nearest();
        let ignored = self.is_aside();
        let page = self.segments.last().is_some_and(|s| PAGES.iter().any(|end| s.text.ends_with(end)));
        let Some(best) = near.first() else {
            let mut routed = Routed { belongs: self.ours && !page, ..Routed::default() };
            if routed.belongs && !ignored {
                routed.findings.extend(self.scheme());
                routed.findings.push(self.unknown());
            }
            return routed;
        };
        let limit = if self.hosted.is_empty() { CLOSE } else { CLOSE_WITHOUT_HOST };
        let host = if self.hosted.is_empty() { self.host(&self.index.templates[best.template].bases) } else { None };
        let stranger = host.as_ref().is_some_and(|h| h.severity == Severity::Note) && !self.is_local();
        if !self.ours && (stranger || page || best.cost > limit) || (page && best.cost > limit) {
            return Routed::default();
        }
        let mut routed = Routed { belongs: true, ..Routed::default() };
        if ignored {
            return routed;
        }
        routed.findings.extend(host);
        if self.ours {
            routed.findings.extend(self.scheme());
        }
        let finding = self.finding(best, &near[1..]);
        if finding.kind == Kind::TrailingSlash
            && let Some(path) = &best.path
        {
            let segments = super::called(path);
            let found = exact(self.contract, self.request, path, &segments, &[best.base], false);
            if let Exact::Operation { matched, operation, .. } = found {
                routed.operation = Some(operation);
                routed.parameters = self.parameters(&matched);
            }
        }
        routed.findings.push(finding);
        routed
    }

    fn is_local(&self) -> bool {
        host::known(&self.request.url).is_none_or(host::is_local)
    }

    fn unknown(&self) -> Finding {
        let path = quoted(self.path);
        let at = SchemaRef { document: 0, pointer: "/paths".to_owned() };
        Finding {
            expected: "a path of the contract".to_owned(),
            message: format!("no path of the contract fits {path}, and none is near"),
            got: path,
            ..new(self.contract, Kind::UnknownPath, Severity::Error, Spot::Target, &at)
        }
    }

    /// What lies between the path and the nearest one.
    fn finding(&self, best: &Near, others: &[Near]) -> Finding {
        let template = &self.index.templates[best.template];
        let described = self.described(best);
        let got = quoted(self.path);
        let kind = kind(&best.faults);
        let operation = template.operations.iter().map(|o| &self.contract.operations[*o]);
        let named =
            operation.clone().find(|o| has(template, std::slice::from_ref(o), None) && self.is_method(&o.method));
        let first = operation.clone().next();
        let at = first.map(|o| parent(&o.at)).unwrap_or_default();
        let (spot, message) = match kind {
            Kind::WrongBasePath => {
                let message = if best.faults.contains(&Step::NoBase) {
                    format!("the path {got} lacks the base path or version: the contract has {described}")
                } else if best.faults.contains(&Step::Version) {
                    format!("the path {got} has another version: the contract has {described}")
                } else {
                    format!("the path {got} has more in front than the contract's {described}")
                };
                (Spot::Target, message)
            }
            Kind::TrailingSlash => {
                let message = if self.path.ends_with('/') {
                    format!("the path ends with a slash, the contract's {described} does not")
                } else {
                    format!("the path lacks the slash at the end of the contract's {described}")
                };
                (Spot::Target, message)
            }
            Kind::MissingPathParameter => {
                let name = best.missing.clone().unwrap_or_default();
                let message = format!("the path {got} has no value for {name} of {described}");
                (Spot::Path(name), message)
            }
            _ => {
                let mut names = vec![described.clone()];
                for near in others {
                    let name = self.described(near);
                    if !names.contains(&name) && names.len() < NAMED {
                        names.push(name);
                    }
                }
                let verb = if names.len() == 1 { "the nearest is" } else { "the nearest are" };
                (Spot::Target, format!("no path of the contract fits {got}; {verb} {}", list(&names, "and")))
            }
        };
        let clear = others.iter().all(|n| n.cost >= best.cost + CLEAR || n.path == best.path);
        let path = best.path.clone().filter(|_| clear && best.method);
        let fix = match (&path, &best.missing) {
            (Some(path), _) => format!("call {}", quoted(path)),
            (None, Some(name)) => format!("put the value of {name} in its place in {described}"),
            (None, None) => format!("call {described}"),
        };
        Finding {
            operation: named.map(crate::Operation::name),
            expected: quoted(&described),
            got,
            message,
            fix,
            edit: path.map(Edit::Path),
            ..new(self.contract, kind, Severity::Error, spot, &at)
        }
    }

    fn is_method(&self, method: &str) -> bool {
        self.request.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method))
    }

    /// A path of the description behind its base path.
    fn described(&self, near: &Near) -> String {
        format!("{}{}", self.index.bases[near.base].server.base, self.index.templates[near.template].path)
    }
}

/// The kind of finding that some steps are.
fn kind(faults: &[Step]) -> Kind {
    let all = |steps: &[Step]| faults.iter().all(|fault| steps.contains(fault));
    if all(&[Step::EndSlash]) {
        Kind::TrailingSlash
    } else if all(&[Step::EmptyValue, Step::NoValue]) {
        Kind::MissingPathParameter
    } else if all(&[Step::NoBase, Step::ExtraBase, Step::Version, Step::EndSlash]) {
        Kind::WrongBasePath
    } else {
        Kind::UnknownPath
    }
}

/// The one method that was likely meant.
fn likely<'m>(method: &str, known: &'m [String]) -> Option<&'m str> {
    let class = |method: &str| match method.to_ascii_uppercase().as_str() {
        "GET" | "HEAD" | "QUERY" => 0,
        "POST" | "PUT" | "PATCH" => 1,
        _ => 2,
    };
    // Nobody is told to delete what he wanted to read.
    if let [only] = known {
        return Some(only.as_str()).filter(|m| class(m) < 2);
    }
    let mut same = known.iter().filter(|m| class(m) == class(method) && class(m) < 2);
    same.next().filter(|_| same.next().is_none()).map(String::as_str)
}

/// The path that an operation stands under.
fn parent(at: &SchemaRef) -> SchemaRef {
    let pointer = at.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    SchemaRef { document: at.document, pointer: pointer.to_owned() }
}
