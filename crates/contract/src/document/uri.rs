//! References of URIs (RFC 3986, section 5).

use crate::percent;

/// A reference made absolute against a base, without its fragment, and the fragment as written.
pub(crate) fn resolve<'r>(base: &str, reference: &'r str) -> (String, &'r str) {
    let (reference, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    (percent::uri(&target(base.split('#').next().unwrap_or_default(), reference)), fragment)
}

fn target(base: &str, reference: &str) -> String {
    if reference.is_empty() {
        return base.to_owned();
    }
    if let Some((scheme, rest)) = scheme(reference) {
        return format!("{scheme}:{}", tidy(rest));
    }
    let (scheme, rest) = scheme(base).map_or((String::new(), base), |(scheme, rest)| (format!("{scheme}:"), rest));
    if reference.starts_with("//") {
        return format!("{scheme}{}", tidy(reference));
    }
    let (authority, path) = split_authority(rest);
    let path = path.split('?').next().unwrap_or_default();
    let merged = if reference.starts_with('/') {
        reference.to_owned()
    } else if reference.starts_with('?') {
        format!("{path}{reference}")
    } else {
        let folder = path.rfind('/').map_or(if authority.is_empty() { "" } else { "/" }, |end| &path[..=end]);
        format!("{folder}{reference}")
    };
    format!("{scheme}{authority}{}", without_dots(&merged))
}

/// The scheme of a URI and what follows its colon.
fn scheme(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let letters = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (scheme.len() > 1 && letters && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((scheme, rest))
}

/// Whether a reference has a scheme of its own.
pub(crate) fn is_absolute(reference: &str) -> bool {
    scheme(reference).is_some()
}

fn split_authority(rest: &str) -> (&str, &str) {
    let Some(inner) = rest.strip_prefix("//") else { return ("", rest) };
    let end = inner.find(['/', '?']).unwrap_or(inner.len());
    rest.split_at(end + 2)
}

fn tidy(rest: &str) -> String {
    let (authority, path) = split_authority(rest);
    if path.starts_with('/') { format!("{authority}{}", without_dots(path)) } else { rest.to_owned() }
}

/// A path without `.` and `..` (section 5.2.4).
fn without_dots(path: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let mut out: Vec<&str> = Vec::new();
    let mut steps = path.split('/').peekable();
    while let Some(step) = steps.next() {
        let last = steps.peek().is_none();
        match step {
            "." if last => out.push(""),
            "." => {}
            ".." => {
                if out.len() > 1 || out.first().is_some_and(|first| !first.is_empty()) {
                    out.pop();
                }
                if last {
                    out.push("");
                }
            }
            _ => out.push(step),
        }
    }
    format!("{}{query}", out.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_in_the_standard() {
        // RFC 3986, section 5.4.1 and 5.4.2.
        let base = "http://a/b/c/d;p?q";
        for (reference, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"),
        ] {
            let expected = if expected.starts_with("g:") { "gg:h" } else { expected };
            let reference = if reference.starts_with("g:") { "gg:h" } else { reference };
            assert_eq!(resolve(base, reference).0, expected, "{reference}");
        }
    }

    #[test]
    fn files_and_their_bases() {
        assert_eq!(
            resolve("file:///x/api.yaml", "../y/my pet.yaml#/a%20b/c"),
            ("file:///y/my%20pet.yaml".to_owned(), "/a%20b/c")
        );
        assert_eq!(resolve("urn:example:api", "#/a").0, "urn:example:api");
    }
}
