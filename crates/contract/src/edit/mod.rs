//! Findings → the request as it should have been, where that is mechanical.

mod json;
mod pairs;

use crate::body::{Class, MediaType};
use firstfault_model::contract::{Edit, Finding, Half, Severity};
use firstfault_model::{Body, Request, Span, Url};

/// Applies the edits of all findings of severity error. Returns the corrected request and what was changed, as one
/// sentence without a full stop; `None` when nothing can be changed.
///
/// Bodies keep their formatting and order. Edits of a body that was cut, or that is neither JSON nor a form, are left out.
#[must_use]
pub fn correct(request: &Request, findings: &[Finding]) -> Option<(Request, String)> {
    let mut corrected = request.clone();
    let mut done: Vec<&str> = Vec::new();
    let mut edits: Vec<(&Edit, &Finding)> = findings
        .iter()
        .filter(|f| f.half == Half::Request && f.severity == Severity::Error)
        .filter_map(|f| Some((f.edit.as_ref()?, f)))
        .collect();
    // Pointers are those of the body as it was: inner edits first, then what moves whole parts.
    edits.sort_by_key(|(edit, _)| order(edit));
    for (edit, finding) in edits {
        if apply(&mut corrected, edit) && !done.contains(&finding.fix.as_str()) {
            done.push(&finding.fix);
        }
    }
    done.retain(|fix| !fix.is_empty());
    (corrected != *request).then(|| (corrected, done.join("; ")))
}

/// When an edit is applied: those of the whole body first, then by depth, moves last.
fn order(edit: &Edit) -> (u8, usize) {
    let depth = |pointer: &str| usize::MAX - pointer.matches('/').count();
    match edit {
        Edit::Body(_) => (0, 0),
        Edit::SetField(pointer, _) | Edit::RenameField(pointer, _) => (1, depth(pointer)),
        // From the end of a list to its beginning, so that indices stay.
        Edit::RemoveField(pointer) => (2, depth(pointer)),
        Edit::MoveField(from, _) => (3, depth(from)),
        Edit::Method(_)
        | Edit::Origin(_)
        | Edit::Path(_)
        | Edit::Header(..)
        | Edit::RenameQuery(..)
        | Edit::Query(..)
        | Edit::RemoveQuery(_) => (4, 0),
    }
}

/// Applies one edit. Returns whether it changed anything.
fn apply(request: &mut Request, edit: &Edit) -> bool {
    match edit {
        Edit::Method(method) => {
            request.method = Some(method.clone());
            true
        }
        Edit::Origin(origin) => {
            let url = Url::parse(origin);
            (request.url.scheme, request.url.host, request.url.port) = (url.scheme, url.host, url.port);
            let authority = origin.split_once("://").map_or(origin.as_str(), |(_, authority)| authority);
            if let Some(host) = request.headers.0.iter_mut().find(|h| h.name.eq_ignore_ascii_case("host")) {
                authority.trim_end_matches('/').clone_into(&mut host.value);
            }
            true
        }
        Edit::Path(path) => {
            let (path, query) = path.split_once('?').map_or((path.as_str(), None), |(p, q)| (p, Some(q.to_owned())));
            path.clone_into(&mut request.url.path);
            request.url.query = query.or(request.url.query.take());
            true
        }
        Edit::Header(name, value) => {
            match request.headers.0.iter_mut().find(|h| h.name.eq_ignore_ascii_case(name)) {
                Some(header) => header.value.clone_from(value),
                None => request.headers.push(name.clone(), value.clone(), Span::default()),
            }
            true
        }
        Edit::RenameQuery(from, to) => query(request, |query| pairs::rename(query, from, to)),
        Edit::Query(name, value) => query(request, |query| pairs::set(query, name, std::slice::from_ref(value))),
        Edit::RemoveQuery(name) => query(request, |query| pairs::remove(query, name)),
        Edit::Body(text) => body(request, |_| Some(text.clone())),
        Edit::RenameField(..) | Edit::SetField(..) | Edit::RemoveField(_) | Edit::MoveField(..) => {
            let class = request.headers.first("content-type").and_then(MediaType::parse).map(|t| t.class());
            match class {
                Some(Class::Form) => body(request, |text| pairs::field(text, edit)),
                Some(Class::Json) | None => body(request, |text| json::apply(text, edit)),
                _ => false,
            }
        }
    }
}

fn query(request: &mut Request, change: impl Fn(&str) -> Option<String>) -> bool {
    let Some(changed) = change(request.url.query.as_deref().unwrap_or_default()) else { return false };
    request.url.query = Some(changed).filter(|q| !q.is_empty());
    true
}

/// Changes the text of a body that is there whole, and the length that a header tells of it.
fn body(request: &mut Request, change: impl Fn(&str) -> Option<String>) -> bool {
    let Some(body) = request.body.as_ref().filter(|b| !b.truncated) else { return false };
    let Some(text) = change(&body.text) else { return false };
    if let Some(length) = request.headers.0.iter_mut().find(|h| h.name.eq_ignore_ascii_case("content-length")) {
        length.value = text.len().to_string();
    }
    request.body = Some(Body::bounded(&text, body.span));
    true
}
