//! What happens on other paths of the same API, and with other methods on the same one.

use super::{Came, Experiment, Trial, usual, words_of};
use crate::Base;
use firstfault_diagnose::UNCLEAR;
use firstfault_model::Response;
use firstfault_probe::Target;

/// OPTIONS on the same path: which methods does it have?
pub(super) const ALLOWED_METHODS: Experiment =
    Experiment { run: "allowed-methods", trials: options, until_works: false, read: read_allowed };

/// A path beside it that surely is not there.
pub(super) const NONSENSE_PATH: Experiment =
    Experiment { run: "nonsense-path", trials: nonsense, until_works: false, read: usual };

/// The paths that people mean when they type this one: a slash more or less, another or no version, another case.
pub(super) const SIBLING_PATH: Experiment =
    Experiment { run: "sibling-path", trials: siblings, until_works: true, read: read_siblings };

/// The path above: the collection of a thing.
pub(super) const PARENT_PATH: Experiment =
    Experiment { run: "parent-path", trials: parent, until_works: false, read: read_parent };

/// Other things that the collection above it lists; possible once the collection was read.
pub(super) const SIBLING_THING: Experiment =
    Experiment { run: "sibling-thing", trials: other_things, until_works: true, read: usual };

/// Paths that most services have.
pub(super) const OTHER_ENDPOINT: Experiment =
    Experiment { run: "other-endpoint", trials: others, until_works: true, read: read_others };

/// Without the query, then without each of its parameters.
pub(super) const FEWER_PARAMETERS: Experiment =
    Experiment { run: "fewer-parameters", trials: fewer_parameters, until_works: true, read: usual };

/// How many parameters are left out one by one.
const PARAMETERS: usize = 4;

/// A read of another path: no body goes along.
fn read_of(base: &Base, path: &str) -> Target {
    let mut target = base.target.clone();
    path.clone_into(&mut target.url.path);
    target.url.query = None;
    as_read(&mut target);
    target
}

/// Makes a safe read of a request.
fn as_read(target: &mut Target) {
    if !target.method.eq_ignore_ascii_case("HEAD") {
        "GET".clone_into(&mut target.method);
    }
    target.body = None;
    // A read of its own is whole, whatever is not known of the call.
    target.unsendable = None;
    target
        .headers
        .0
        .retain(|h| !h.name.eq_ignore_ascii_case("content-type") && !h.name.eq_ignore_ascii_case("content-length"));
}

fn options(base: &Base) -> Vec<Trial> {
    if base.target.method.eq_ignore_ascii_case("OPTIONS") {
        return Vec::new();
    }
    let mut target = base.target.clone();
    as_read(&mut target);
    "OPTIONS".clone_into(&mut target.method);
    let mut trials = vec![Trial::new("OPTIONS on the same path", target, "")];
    if !matches!(base.target.method.as_str(), "GET" | "HEAD") {
        // Where OPTIONS says nothing, a read of the same path tells whether it is there.
        trials.push(Trial::new("GET on the same path", read_of(base, &base.target.url.path), "reads"));
    }
    trials
}

/// `lists-sent` or `lists-others` where a method list came; then of the read of the same path.
fn read_allowed(base: &Base, came: &[Came]) -> Vec<String> {
    let listed = came.iter().find_map(|c| {
        let headers = &c.exchange.response.as_ref()?.headers;
        headers.first("allow").or_else(|| headers.first("access-control-allow-methods")).map(str::to_owned)
    });
    let mut words = Vec::new();
    // That most services answer OPTIONS with nothing of use tells nothing of this one.
    if let Some(list) = listed {
        let has = list
            .split(',')
            .any(|method| method.trim() == "*" || method.trim().eq_ignore_ascii_case(&base.target.method));
        words.push(if has { "lists-sent" } else { "lists-others" }.to_owned());
    }
    if let Some(read) = came.iter().find(|c| c.trial.word == "reads") {
        if read.works() {
            words.push("reads".to_owned());
        }
        if read.status().is_some_and(|status| status != 404) {
            words.push("path-known".to_owned());
        } else if read.same(base) {
            words.push("path-unknown".to_owned());
        }
    }
    if words.is_empty() {
        words.push(UNCLEAR.to_owned());
    }
    words
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn nonsense(base: &Base) -> Vec<Trial> {
    let mut parts = segments(&base.target.url.path);
    // A folder that is refused: its own rule refuses what is in it too, a missing index does not.
    if base.status() == Some(403) && base.target.url.path.ends_with('/') && !parts.is_empty() {
        let path = format!("/{}/firstfault-no-such-path", parts.join("/"));
        return vec![Trial::new(format!("{path}, which surely is not there"), read_of(base, &path), "")];
    }
    // Beside the endpoint and not beside the thing: `/users/999` has `/users/{id}` around it.
    while parts.len() > 1 && is_id(parts[parts.len() - 1]) {
        parts.pop();
    }
    parts.pop();
    parts.push("firstfault-no-such-path");
    let path = format!("/{}", parts.join("/"));
    vec![Trial::new(format!("{path}, which surely is not there"), read_of(base, &path), "")]
}

/// True for what names one thing.
fn is_id(segment: &str) -> bool {
    firstfault_diagnose::route(&format!("/{segment}")) == "/{id}"
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix(['v', 'V'])
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn siblings(base: &Base) -> Vec<Trial> {
    let path = &base.target.url.path;
    if path == "/" {
        return Vec::new();
    }
    let mut out: Vec<(String, &'static str)> = Vec::new();
    if let Some(cut) = cut_off(base) {
        out.push((format!("{cut}{path}"), "cut"));
    }
    match path.strip_suffix('/') {
        Some(shorter) => out.push((shorter.to_owned(), "slash")),
        None => out.push((format!("{path}/"), "slash")),
    }
    let parts = segments(path);
    match parts.iter().position(|part| is_version(part)) {
        Some(at) => {
            let number: u32 = parts[at][1..].split('.').next().and_then(|n| n.parse().ok()).unwrap_or(1);
            for other in [number + 1, number.saturating_sub(1)] {
                if other > 0 {
                    let mut parts: Vec<String> = parts.iter().map(|p| (*p).to_owned()).collect();
                    parts[at] = format!("v{other}");
                    out.push((format!("/{}", parts.join("/")), "version"));
                }
            }
        }
        None => {
            for prefix in ["/v1", "/api", "/api/v1"] {
                if !path.starts_with(&format!("{prefix}/")) {
                    out.push((format!("{prefix}{path}"), "prefix"));
                }
            }
        }
    }
    let lower = path.to_ascii_lowercase();
    if lower != *path {
        out.push((lower, "case"));
    }
    out.into_iter()
        .map(|(path, word)| {
            let mut target = read_of(base, &path);
            // The same question on another path: its parameters belong to it.
            target.url.query.clone_from(&base.target.url.query);
            Trial::new(path, target, word)
        })
        .collect()
}

/// The beginning of the path that something on the way takes off, by the path that the answer names.
fn cut_off(base: &Base) -> Option<&str> {
    let named = firstfault_observe::path_behind(base.call.request.as_ref()?, base.response()?)?;
    base.target.url.path.strip_suffix(named.as_str())
}

/// A sibling is there when anything but "not found" or the call's own answer comes.
fn read_siblings(base: &Base, came: &[Came]) -> Vec<String> {
    if let Some(told) = came.iter().find(|c| c.works()) {
        return words_of(base, told);
    }
    let there = came.iter().find(|c| {
        c.status().is_some_and(|status| !matches!(status, 404 | 405 | 410 | 500..) && !(300..400).contains(&status))
            && !c.same(base)
    });
    match there {
        Some(told) => vec!["there".to_owned(), format!("{}-there", told.trial.word)],
        // What the way takes off was written twice, and the service has no such path either.
        None if came.iter().any(|c| c.trial.word == "cut") => vec!["not-cut".to_owned()],
        // People have more ways to mistype a path than are tried here.
        None => vec![UNCLEAR.to_owned()],
    }
}

/// The path of the collection that a thing belongs to.
fn above(base: &Base) -> Option<String> {
    let mut parts = segments(&base.target.url.path);
    // Above `/x/1/` lies `/x/1`, which is a sibling.
    if parts.len() < 2 || base.target.url.path.ends_with('/') {
        return None;
    }
    parts.pop();
    let only_prefix = parts.iter().all(|part| is_version(part) || *part == "api");
    (!only_prefix).then(|| format!("/{}", parts.join("/")))
}

fn parent(base: &Base) -> Vec<Trial> {
    above(base).map(|path| Trial::new(path.clone(), read_of(base, &path), "")).into_iter().collect()
}

/// The usual words, and `lists-it` or `lists-others` where a list came that has the thing, or only others.
fn read_parent(base: &Base, came: &[Came]) -> Vec<String> {
    let mut words = usual(base, came);
    let listed = came.iter().find(|c| c.works()).and_then(|c| c.exchange.response.as_ref()).map(listed_ids);
    if let (Some(listed), Some(own)) = (listed, segments(&base.target.url.path).last()) {
        match (listed.iter().any(|id| id == own), listed.is_empty()) {
            (true, _) => words.push("lists-it".to_owned()),
            (false, false) => words.push("lists-others".to_owned()),
            (false, true) => {}
        }
    }
    words
}

/// How many other things are read.
const THINGS: usize = 2;

fn other_things(base: &Base) -> Vec<Trial> {
    let (Some(above), Some(own)) = (above(base), segments(&base.target.url.path).last().copied()) else {
        return Vec::new();
    };
    let Some((_, response)) = base.known.iter().find(|(path, _)| *path == above) else { return Vec::new() };
    let mut ids = listed_ids(response);
    ids.retain(|id| id != own);
    ids.dedup();
    ids.into_iter()
        .take(THINGS)
        .map(|id| {
            let path = format!("{above}/{id}");
            Trial::new(path.clone(), read_of(base, &path), "")
        })
        .collect()
}

/// The ids of the things in a list as JSON: the values of `"id"`, in their order, as far as they can stand in a path as
/// they are.
fn listed_ids(response: &Response) -> Vec<String> {
    let mut out = Vec::new();
    let Some(body) = &response.body else { return out };
    let mut rest = body.text.as_str();
    while let Some(at) = rest.find("\"id\"") {
        rest = &rest[at + "\"id\"".len()..];
        let Some(value) = rest.trim_start().strip_prefix(':').map(str::trim_start) else { continue };
        let id: String = match value.strip_prefix('"') {
            Some(text) => text.chars().take_while(|c| *c != '"').collect(),
            None => value.chars().take_while(char::is_ascii_digit).collect(),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        if !id.is_empty() && id.len() <= 64 && id.chars().all(plain) && id.chars().any(|c| c != '.') {
            out.push(id);
        }
        if out.len() >= LISTED {
            break;
        }
    }
    out
}

/// How many ids of a list are read.
const LISTED: usize = 500;

fn others(base: &Base) -> Vec<Trial> {
    let parts = segments(&base.target.url.path);
    let mut paths = vec!["/health".to_owned(), "/".to_owned()];
    if let Some(version) = parts.iter().find(|part| is_version(part)) {
        paths.insert(1, format!("/{version}"));
    }
    paths
        .into_iter()
        .filter(|path| *path != base.target.url.path)
        .take(3)
        .map(|path| Trial::new(path.clone(), read_of(base, &path), ""))
        .collect()
}

/// Of several endpoints: one that works tells most, then one that fails as the call does, then one that answers at all.
/// That a path is not there says nothing, since nobody promised it.
fn read_others(base: &Base, came: &[Came]) -> Vec<String> {
    let missing = |c: &&Came| matches!(c.status(), Some(404 | 405));
    let told = came
        .iter()
        .find(|c| c.works())
        .or_else(|| came.iter().find(|c| c.same(base)))
        .or_else(|| came.iter().find(|c| !missing(c)));
    told.map_or_else(|| vec![UNCLEAR.to_owned()], |told| words_of(base, told))
}

fn fewer_parameters(base: &Base) -> Vec<Trial> {
    let Some(query) = base.target.url.query.as_deref().filter(|query| !query.is_empty()) else { return Vec::new() };
    let pairs: Vec<&str> = query.split('&').collect();
    let with = |kept: Vec<&str>| {
        let mut target = base.target.clone();
        target.url.query = (!kept.is_empty()).then(|| kept.join("&"));
        target
    };
    let mut trials = Vec::new();
    if pairs.len() > 1 {
        for (at, pair) in pairs.iter().enumerate().take(PARAMETERS) {
            let kept = pairs.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, p)| *p).collect();
            let name = pair.split('=').next().unwrap_or_default();
            trials.push(Trial::new(format!("without the parameter {name}"), with(kept), "one"));
        }
    }
    trials.push(Trial::new("without the query", with(Vec::new()), ""));
    trials
}
