//! Where a redirect leads, and what is lost on the way, as `curl -L` goes it.

use crate::guard::place;
use crate::target::Target;
use firstfault_model::{Response, Url};

/// The next request of a redirect.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// What is asked next.
    pub target: Target,
    /// What it changes, in words.
    pub changes: Vec<String>,
    /// The same as facts, as intake makes them of a transcript.
    pub marks: Vec<(String, String)>,
}

/// The request that follows a response; `None` when that is no redirect.
///
/// # Errors
/// When the redirect leads nowhere, in words.
pub fn next(target: &Target, response: &Response) -> Option<Result<Hop, String>> {
    let status = response.status.filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))?;
    let Some(location) = response.headers.first("location") else {
        return Some(Err(format!("expected a Location beside the status {status}, found none")));
    };
    let Some(url) = join(&target.url, location) else {
        return Some(Err("expected a Location that is a URL, found something else".to_owned()));
    };
    if !matches!(url.scheme.as_deref(), Some("http" | "https")) {
        let scheme = url.scheme.unwrap_or_default();
        return Some(Err(format!("expected a Location of http or https, found the scheme {scheme}")));
    }
    Some(Ok(hop(target, status, url)))
}

fn hop(from: &Target, status: u16, url: Url) -> Hop {
    let mut to = from.clone();
    to.url = url;
    let mut changes = Vec::new();
    let mut marks = vec![("redirect".to_owned(), status.to_string())];
    let mut change = |name: &str, value: String, words: String| {
        marks.push((format!("redirect.{name}"), value));
        changes.push(words);
    };

    // RFC 9110 section 15.4: 301 and 302 make POST a GET by custom, 303 everything but HEAD by definition.
    let to_get = match status {
        301 | 302 => from.method == "POST",
        303 => !matches!(from.method.as_str(), "GET" | "HEAD"),
        _ => false,
    };
    if to_get {
        if !from.connect.sticky_method {
            "GET".clone_into(&mut to.method);
        }
        to.body = None;
        to.headers.0.retain(|f| {
            !["content-length", "content-type", "transfer-encoding", "expect"]
                .contains(&f.name.to_ascii_lowercase().as_str())
        });
        if to.method != from.method {
            let value = format!("{} to {}", from.method, to.method);
            let words = format!("the method changes from {value}");
            change("method_changed", value, words);
        }
        if from.body.is_some() {
            change("body_dropped", "true".to_owned(), "the body is left behind".to_owned());
        }
    }
    let host = |url: &Url| url.host.clone().unwrap_or_default();
    let (same_host, same_scheme) = (from.url.host == to.url.host, from.url.scheme == to.url.scheme);
    if !same_host {
        let value = format!("{} to {}", host(&from.url), host(&to.url));
        let words = format!("the host changes from {value}");
        change("host_changed", value, words);
        to.connect.only = None;
        to.without_host = false;
        to.headers.0.retain(|field| !field.name.eq_ignore_ascii_case("host"));
    }
    if !same_scheme {
        let scheme = |url: &Url| url.scheme.clone().unwrap_or_default();
        let value = format!("{} to {}", scheme(&from.url), scheme(&to.url));
        let words = format!("the scheme changes from {value}");
        change("scheme_changed", value, words);
    }
    // curl gives credentials only to the same host, port and scheme (CVE-2022-27774).
    let stranger = from.authority() != to.authority() || !same_scheme;
    if stranger && !from.connect.trust_redirects {
        for name in ["authorization", "cookie"] {
            if to.headers.field(name).is_some() {
                to.headers.0.retain(|field| !field.name.eq_ignore_ascii_case(name));
                let words = format!("the field {name} is not sent to {}", host(&to.url));
                change("credential_dropped", name.to_owned(), words);
            }
        }
        to.connect.identity = if same_host { to.connect.identity } else { None };
    }
    if let Some(settings) = &from.connect.proxy_settings {
        to.connect.proxy = settings.choose(&to.url);
    }
    Hop { target: to, changes, marks }
}

/// One line about a redirect that is not followed.
pub(crate) fn described(hop: &Hop) -> String {
    let mut out = format!("it leads to {}", place(&hop.target.url));
    for change in &hop.changes {
        out.push_str("; ");
        out.push_str(change);
    }
    out
}

/// In what a redirect's target differs from what was asked: `slash` at the end of the path and nothing else, `scheme` and
/// nothing else, else `host`, `path`, `query` or `nothing`, whichever is first on the way.
pub(crate) fn differs(from: &Url, to: &Url) -> &'static str {
    let same_path = from.path == to.path;
    let slash = from.path.trim_end_matches('/') == to.path.trim_end_matches('/');
    if from.host != to.host {
        "host"
    } else if from.scheme != to.scheme {
        if slash { "scheme" } else { "path" }
    } else if same_path {
        if from.query == to.query { "nothing" } else { "query" }
    } else if slash && from.query == to.query {
        "slash"
    } else {
        "path"
    }
}

/// Resolves a reference (RFC 3986 section 5.2.2), with blanks made harmless as curl does.
#[must_use]
pub fn join(base: &Url, reference: &str) -> Option<Url> {
    let reference = reference.trim();
    if reference.len() > 16 << 10 || reference.chars().any(char::is_control) {
        return None;
    }
    let reference = reference.replace(' ', "%20");
    let scheme = base.scheme.as_deref().unwrap_or("http");
    let head = reference.split(['/', '?', '#']).next().unwrap_or_default();
    let mut url = if reference.contains("://") && head.ends_with(':') {
        Url::parse(&reference)
    } else if let Some((name, _)) = head.split_once(':') {
        // `mailto:x`, `app:callback`
        return Some(Url { scheme: Some(name.to_ascii_lowercase()), ..Url::default() });
    } else if reference.starts_with("//") {
        Url::parse(&format!("{scheme}:{reference}"))
    } else {
        let mut url = base.clone();
        let (rest, fragment) = reference.split_once('#').map_or((reference.as_str(), None), |(r, f)| (r, Some(f)));
        let (path, query) = rest.split_once('?').map_or((rest, None), |(p, q)| (p, Some(q)));
        if path.starts_with('/') {
            url.path = path.to_owned();
        } else if !path.is_empty() {
            let folder = base.path.rfind('/').map_or("/", |slash| base.path.get(..=slash).unwrap_or("/"));
            url.path = format!("{folder}{path}");
        }
        if !path.is_empty() || query.is_some() {
            url.query = query.map(str::to_owned);
        }
        url.fragment = fragment.map(str::to_owned);
        url
    };
    url.userinfo = None;
    url.remove_dots();
    url.host.is_some().then_some(url)
}

#[cfg(test)]
mod tests;
