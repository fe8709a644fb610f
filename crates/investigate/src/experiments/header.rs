//! What happens with other header fields.

use super::{Experiment, Trial, usual};
use crate::Base;
use firstfault_model::{Headers, Span};
use firstfault_observe::is_secret_header;

/// As a browser calls itself: rules against robots go by this field.
pub(super) const USER_AGENT: Experiment =
    Experiment { run: "user-agent", trials: user_agent, until_works: true, read: usual };

/// Any form of answer is welcome.
pub(super) const ACCEPT_ANYTHING: Experiment =
    Experiment { run: "accept-anything", trials: accept_anything, until_works: true, read: usual };

/// Without each further field.
pub(super) const FEWER_HEADERS: Experiment =
    Experiment { run: "fewer-headers", trials: fewer_headers, until_works: true, read: usual };

/// What a browser asks before it calls from another origin.
pub(super) const PREFLIGHT: Experiment =
    Experiment { run: "preflight", trials: preflight, until_works: true, read: usual };

/// How many fields are left out one by one.
const FIELDS: usize = 4;
/// A browser's name, of the kind that every browser sends.
const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

fn set(headers: &mut Headers, name: &str, value: &str) {
    headers.0.retain(|header| !header.name.eq_ignore_ascii_case(name));
    headers.push(name, value, Span::default());
}

fn user_agent(base: &Base) -> Vec<Trial> {
    let sent = base.target.headers.first("user-agent").unwrap_or_default();
    let other = if sent.starts_with("Mozilla/") { "curl/8.5.0" } else { BROWSER };
    let mut target = base.target.clone();
    set(&mut target.headers, "User-Agent", other);
    let who = if other == BROWSER { "a browser" } else { "curl" };
    vec![Trial::new(format!("User-Agent of {who}"), target, "")]
}

fn accept_anything(base: &Base) -> Vec<Trial> {
    let narrow = |name: &str| base.target.headers.first(name).is_some_and(|value| value.trim() != "*/*");
    if !narrow("accept") && !narrow("accept-language") && !narrow("accept-charset") {
        return Vec::new();
    }
    let mut target = base.target.clone();
    target.headers.0.retain(|h| {
        !h.name.to_ascii_lowercase().starts_with("accept-") || h.name.eq_ignore_ascii_case("accept-encoding")
    });
    set(&mut target.headers, "Accept", "*/*");
    vec![Trial::new("Accept: */*", target, "")]
}

/// Fields without which a request still says the same.
fn fewer_headers(base: &Base) -> Vec<Trial> {
    let spare: Vec<&str> = base
        .target
        .headers
        .0
        .iter()
        .map(|header| header.name.as_str())
        .filter(|name| {
            let name = name.to_ascii_lowercase();
            !is_secret_header(&name)
                && !matches!(
                    name.as_str(),
                    "host" | "user-agent" | "accept" | "content-type" | "content-length" | "origin"
                )
        })
        .collect();
    let mut trials: Vec<Trial> = spare
        .iter()
        .take(FIELDS)
        .map(|name| {
            let mut target = base.target.clone();
            target.headers.0.retain(|header| header.name != *name);
            let version = name.to_ascii_lowercase().contains("version");
            Trial::new(format!("without {name}"), target, if version { "version" } else { "" })
        })
        .collect();
    if spare.len() > 1 {
        let mut target = base.target.clone();
        target.headers.0.retain(|header| !spare.contains(&header.name.as_str()));
        trials.push(Trial::new("without all further fields", target, ""));
    }
    trials
}

fn preflight(base: &Base) -> Vec<Trial> {
    if base.target.headers.first("origin").is_none() || base.target.method.eq_ignore_ascii_case("OPTIONS") {
        return Vec::new();
    }
    let mut target = super::credential::stripped(&base.target);
    target.body = None;
    target.unsendable = None;
    let named: Vec<String> = base
        .target
        .headers
        .0
        .iter()
        .map(|header| header.name.to_ascii_lowercase())
        .filter(|name| !matches!(name.as_str(), "origin" | "accept" | "user-agent" | "host" | "referer" | "cookie"))
        .collect();
    target.headers.0.retain(|header| header.name.eq_ignore_ascii_case("origin"));
    target.headers.push("Access-Control-Request-Method", base.target.method.clone(), Span::default());
    if !named.is_empty() {
        target.headers.push("Access-Control-Request-Headers", named.join(","), Span::default());
    }
    "OPTIONS".clone_into(&mut target.method);
    vec![Trial::new("the preflight of a browser", target, "")]
}
