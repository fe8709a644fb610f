//! Which calls are calls of one operation: the same method, host and path but for segments that name one thing.

use super::seen::Seen;
use firstfault_model::{Call, Request, is_id};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// From how many paths that differ in one segment alone, and are answered alike, that segment is taken for a name.
const SIBLINGS: usize = 4;
/// How much of their fields such answers have in common.
const ALIKE: f64 = 0.8;
/// How deep fields are compared for that.
const OUTLINE_DEPTH: usize = 3;

/// A segment of a path; `None` where it varies.
type Template = Vec<Option<String>>;
/// Method, host and path.
type Key = (String, String, Template);
/// Calls by the path that they have.
type Groups<'c> = BTreeMap<Key, Vec<&'c Call>>;
/// Groups whose paths differ in one segment alone.
type Family<'c> = Vec<(Template, Vec<&'c Call>)>;

/// One operation that was seen working.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    method: String,
    host: String,
    template: Template,
    /// What its requests had in common.
    pub request: Seen,
    /// What its answers had in common, by status.
    pub responses: BTreeMap<u16, Seen>,
}

impl Known {
    pub fn learn(group: &Group<'_>) -> Self {
        let mut known = Self {
            method: group.method.clone(),
            host: group.host.clone(),
            template: group.template.clone(),
            ..Self::default()
        };
        for call in &group.calls {
            if let Some(request) = &call.request {
                known.request.learn_request(request);
            }
            if let (Some(response), Some(status)) = (&call.response, call.status()) {
                known.responses.entry(status).or_default().learn_response(response);
            }
        }
        known
    }

    /// `POST /tickets/{id}`.
    pub fn name(&self) -> String {
        let path: Vec<&str> = self.template.iter().map(|s| s.as_deref().unwrap_or("{id}")).collect();
        format!("{} {}", self.method, path.join("/"))
    }

    /// How many of its segments are fixed, when a path fits.
    fn fits(&self, path: &[&str]) -> Option<usize> {
        let fits = self.template.len() == path.len()
            && self.template.iter().zip(path).all(|(known, segment)| match known {
                Some(known) => known == segment,
                None => !segment.is_empty(),
            });
        fits.then(|| self.template.iter().flatten().count())
    }
}

/// The operation of a request: on the same host if it was seen there, with the most fixed segments.
pub(super) fn find<'k>(known: &'k [Known], request: &Request) -> Option<&'k Known> {
    let (method, host) = (method(request), host(request));
    let path: Vec<&str> = request.url.path.split('/').collect();
    known
        .iter()
        .filter(|k| k.method == method)
        .filter_map(|k| Some((k, (k.host == host, k.fits(&path)?))))
        .max_by_key(|(_, fit)| *fit)
        .map(|(k, _)| k)
}

/// Calls of one operation.
pub(super) struct Group<'c> {
    method: String,
    host: String,
    template: Template,
    calls: Vec<&'c Call>,
}

/// Calls by operation, in the order of method, host and path.
pub(super) fn group<'c>(calls: &[&'c Call]) -> Vec<Group<'c>> {
    let mut groups = Groups::new();
    for call in calls {
        let Some(request) = &call.request else { continue };
        let template = request.url.path.split('/').map(|s| (!is_id(s)).then(|| s.to_owned())).collect();
        groups.entry((method(request), host(request), template)).or_default().push(*call);
    }
    let longest = groups.keys().map(|(_, _, template)| template.len()).max().unwrap_or(0);
    for at in 0..longest {
        groups = with_names(groups, at);
    }
    groups.into_iter().map(|((method, host, template), calls)| Group { method, host, template, calls }).collect()
}

/// Joins groups whose paths differ in one segment alone where they are many and answered alike: `/users/alice` and
/// `/users/bob` are one operation, `/orders` and `/customers` are two.
fn with_names(groups: Groups<'_>, at: usize) -> Groups<'_> {
    let mut siblings: BTreeMap<Key, Family<'_>> = BTreeMap::new();
    for ((method, host, template), calls) in groups {
        let mut open = template.clone();
        if let Some(segment) = open.get_mut(at) {
            *segment = None;
        }
        siblings.entry((method, host, open)).or_default().push((template, calls));
    }
    let mut out = Groups::new();
    for ((method, host, open), family) in siblings {
        if family.len() >= SIBLINGS && answered_alike(&family) {
            let all = family.into_iter().flat_map(|(_, calls)| calls).collect();
            out.insert((method, host, open), all);
        } else {
            for (template, calls) in family {
                out.insert((method.clone(), host.clone(), template), calls);
            }
        }
    }
    out
}

fn answered_alike(family: &[(Template, Vec<&Call>)]) -> bool {
    let outlines: Vec<BTreeSet<String>> =
        family.iter().filter_map(|(_, calls)| calls.first()).map(|call| outline(call)).collect();
    let Some((first, others)) = outlines.split_first() else { return false };
    !first.is_empty()
        && others.iter().all(|other| {
            #[expect(clippy::cast_precision_loss, reason = "numbers of fields are small")]
            let common = first.intersection(other).count() as f64 / first.union(other).count() as f64;
            common >= ALIKE
        })
}

/// The fields of an answer, as far as its outline goes.
fn outline(call: &Call) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let body = call.response.as_ref().and_then(|response| response.body.as_ref());
    if let Some(value) = body.and_then(|body| serde_json::from_str(&body.text).ok()) {
        fields(&value, "", 0, &mut out);
    }
    out
}

fn fields(value: &Value, path: &str, depth: usize, out: &mut BTreeSet<String>) {
    if depth >= OUTLINE_DEPTH {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = format!("{path}/{name}");
                fields(value, &path, depth + 1, out);
                out.insert(path);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                fields(first, &format!("{path}/*"), depth + 1, out);
            }
        }
        _ => {}
    }
}

fn method(request: &Request) -> String {
    request.method.as_deref().unwrap_or("GET").to_ascii_uppercase()
}

fn host(request: &Request) -> String {
    request.url.host.as_deref().unwrap_or_default().to_ascii_lowercase()
}
