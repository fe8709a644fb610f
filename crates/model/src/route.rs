//! Paths without what varies in them.

/// A path with its ids replaced by `{id}`.
#[must_use]
pub fn route(path: &str) -> String {
    path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment }).collect::<Vec<_>>().join("/")
}

/// True for a path segment that names one thing: it holds a digit and is no version such as `v1`.
#[must_use]
pub fn is_id(segment: &str) -> bool {
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let dated = segment.len() == 10 && segment.as_bytes().get(4) == Some(&b'-');
    !version
        && !dated
        && segment.bytes().any(|b| b.is_ascii_digit())
        && (segment.len() > 3 || segment.bytes().all(|b| b.is_ascii_digit()))
        || segment.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_lose_what_varies() {
        assert_eq!(route("/v1/users/12345/orders/ord_9fK2"), "/v1/users/{id}/orders/{id}");
        assert_eq!(route("/services/data/v54.0/query"), "/services/data/v54.0/query");
    }
}
