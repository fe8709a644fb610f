//! The answer to a preflight, held against what the browser asked for (Fetch, "CORS-preflight fetch").
//!
//! It refuses to know anything but the fields of the two messages.

use crate::sink::Sink;
use firstfault_model::{Request, Response};

/// Methods that need no leave.
const SIMPLE: [&str; 3] = ["GET", "HEAD", "POST"];

/// Says what a whole answer to a preflight does not allow, as `cors.refuses`.
pub(crate) fn read(out: &mut Sink, request: &Request, response: &Response) {
    let asked = request.method.as_deref().is_some_and(|m| m.eq_ignore_ascii_case("OPTIONS"));
    let (Some(origin), Some(method)) =
        (request.headers.first("origin"), request.headers.first("access-control-request-method"))
    else {
        return;
    };
    let answered = response.status.is_some_and(|s| (200..300).contains(&s)) && !response.headers.0.is_empty();
    if !asked || !answered {
        return;
    }
    let field = |name: &str| response.headers.first(name).map(str::trim);
    let listed = |name: &str, wanted: &str| {
        field(name).is_some_and(|list| list.split(',').any(|item| item.trim().eq_ignore_ascii_case(wanted)))
    };
    let mut refuse = |what: String| out.fact("cors.refuses", &what, response.span);
    match field("access-control-allow-origin") {
        Some("*") => {}
        Some(allowed) if allowed == origin => {}
        _ => return refuse(format!("the origin {origin}")),
    }
    if !SIMPLE.contains(&method)
        && !listed("access-control-allow-methods", method)
        && !listed("access-control-allow-methods", "*")
    {
        return refuse(format!("the method {method}"));
    }
    for wanted in request.headers.first("access-control-request-headers").unwrap_or_default().split(',') {
        let wanted = wanted.trim();
        // A star allows every header but Authorization.
        let by_star = listed("access-control-allow-headers", "*") && !wanted.eq_ignore_ascii_case("authorization");
        if !wanted.is_empty() && !by_star && !listed("access-control-allow-headers", wanted) {
            return refuse(format!("the header {wanted}"));
        }
    }
}
