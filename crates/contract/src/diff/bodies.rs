//! Request bodies, responses and their headers.

use super::report::{Carrier, Report, Side, Spot};
use super::schemas;
use crate::description::{Header, Media, Operation, Response, StatusRange};
use firstfault_model::contract::Half;

/// Compares what two operations take as a body.
pub(super) fn request(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    let name = new.name();
    let say = |report: &mut Report<'_>, rule: &str, spot: Spot<'_>, message: &str| {
        report.add(rule, Half::Request, &name, spot, message.to_owned());
    };
    let (old, new) = match (&old.body, &new.body) {
        (None, Some(new)) if new.required => {
            return say(report, "request-body-added-required", Spot::New(&new.at), "a request body is required now");
        }
        (None, Some(new)) => {
            return say(report, "request-body-added-optional", Spot::New(&new.at), "a request body is possible now");
        }
        (Some(old), None) => {
            return say(report, "request-body-removed", Spot::Old(&old.at), "no request body is taken any more");
        }
        (Some(old), Some(new)) => (old, new),
        (None, None) => return,
    };
    match (old.required, new.required) {
        (false, true) => {
            say(report, "request-body-became-required", Spot::New(&new.at), "the request body is required now")
        }
        (true, false) => {
            say(report, "request-body-became-optional", Spot::New(&new.at), "the request body is optional now")
        }
        _ => {}
    }
    let matched = matched(&old.content, &new.content, false);
    for media in matched.removed {
        let message = format!("the request body may not be {} any more", media.range);
        say(report, "request-body-media-type-removed", Spot::Old(&media.at), &message);
    }
    for media in matched.added {
        let message = format!("the request body may be {} now", media.range);
        say(report, "request-body-media-type-added", Spot::New(&media.at), &message);
    }
    let several = matched.pairs.len() > 1;
    for (a, b) in matched.pairs {
        let noun = if several { format!("the request body ({})", b.range) } else { "the request body".to_owned() };
        match (&a.schema, &b.schema) {
            (None, Some(_)) => {
                let message = format!("{noun} has a schema now");
                say(report, "request-body-media-type-schema-added", Spot::New(&b.at), &message);
            }
            (Some(_), None) => {
                let message = format!("{noun} has no schema any more");
                say(report, "request-body-media-type-schema-removed", Spot::New(&b.at), &message);
            }
            _ => {}
        }
        content(report, Carrier::Body, &name, noun, (a, b));
    }
}

/// Compares the schemas of two bodies of the same media type.
fn content(report: &mut Report<'_>, carrier: Carrier, operation: &str, noun: String, (old, new): (&Media, &Media)) {
    let mut side = Side { carrier, operation, noun, text: !is_json(&new.range), exploded: false };
    if let (Some(a), Some(b)) = (&old.schema, &new.schema) {
        schemas::compare(report, &side, a, b);
    }
    if let (Some(a), Some(b)) = (&old.item_schema, &new.item_schema) {
        side.noun = format!("each item of {}", side.noun);
        schemas::compare(report, &side, a, b);
    }
}

fn is_json(range: &str) -> bool {
    range == "application/json" || range.ends_with("+json")
}

/// Which media types of two bodies belong together.
struct Matched<'o, 'n> {
    pairs: Vec<(&'o Media, &'n Media)>,
    removed: Vec<&'o Media>,
    added: Vec<&'n Media>,
}

/// Matches media types by name and, where `related`, a general one with a special one of it.
fn matched<'o, 'n>(old: &'o [Media], new: &'n [Media], related: bool) -> Matched<'o, 'n> {
    let mut free: Vec<&Media> = new.iter().collect();
    let (mut pairs, mut left, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for media in old {
        match free.iter().position(|m| m.range == media.range) {
            Some(index) => pairs.push((media, free.remove(index))),
            None => left.push(media),
        }
    }
    for media in left {
        let found =
            free.iter().position(|m| related && (special(&media.range, &m.range) || special(&m.range, &media.range)));
        match found {
            Some(index) => pairs.push((media, free.remove(index))),
            // A range that holds it takes it still.
            None if new.iter().any(|m| holds(&m.range, &media.range)) => {}
            None => removed.push(media),
        }
    }
    Matched { pairs, removed, added: free }
}

/// Whether one media type is a special case of another: `application/problem+json` of `application/json`.
fn special(general: &str, special: &str) -> bool {
    let (Some((a, general)), Some((b, special))) = (general.split_once('/'), special.split_once('/')) else {
        return false;
    };
    a == b && special.rsplit_once('+').is_some_and(|(_, suffix)| suffix == general)
}

/// Whether a media range holds a media type: `image/*` holds `image/png`.
fn holds(range: &str, media: &str) -> bool {
    range == "*/*" || range.strip_suffix('*').is_some_and(|start| start.ends_with('/') && media.starts_with(start))
}

/// Compares what two operations answer.
pub(super) fn responses(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    let name = new.name();
    let success = |status: StatusRange| matches!(status, StatusRange::Code(200..=299) | StatusRange::Class(2));
    for response in &old.responses {
        if let Some(other) = described(&new.responses, response.status) {
            both(report, &name, response, other);
            continue;
        }
        let rule = if success(response.status) {
            "response-success-status-removed"
        } else {
            "response-non-success-status-removed"
        };
        let message = format!("the status {} is not described any more", response.status);
        report.add(rule, Half::Response, &name, Spot::Old(&response.at), message);
    }
    for response in new.responses.iter().filter(|r| old.responses.iter().all(|o| o.status != r.status)) {
        let rule = if success(response.status) {
            "response-success-status-added"
        } else {
            "response-non-success-status-added"
        };
        let message = format!("the status {} is described now", response.status);
        report.add(rule, Half::Response, &name, Spot::New(&response.at), message);
    }
}

/// The response that describes a status: by itself, or with its class.
fn described(all: &[Response], status: StatusRange) -> Option<&Response> {
    let find = |wanted: StatusRange| all.iter().find(|r| r.status == wanted);
    find(status).or_else(|| match status {
        StatusRange::Code(code) => find(StatusRange::Class(code / 100)),
        _ => None,
    })
}

fn both(report: &mut Report<'_>, name: &str, old: &Response, new: &Response) {
    headers(report, name, old, new);
    let status = old.status;
    let matched = matched(&old.content, &new.content, true);
    let say = |report: &mut Report<'_>, rule: &str, spot: Spot<'_>, message: String| {
        report.add(rule, Half::Response, name, spot, message);
    };
    for media in matched.removed {
        let message = format!("the response {status} is not {} any more", media.range);
        say(report, "response-media-type-removed", Spot::Old(&media.at), message);
    }
    for media in matched.added {
        let message = format!("the response {status} may be {} now", media.range);
        say(report, "response-media-type-added", Spot::New(&media.at), message);
    }
    let several = matched.pairs.len() > 1;
    for (a, b) in matched.pairs {
        if a.range != b.range {
            let special = special(&a.range, &b.range);
            let rule =
                if special { "response-media-type-name-specialized" } else { "response-media-type-name-generalized" };
            let message = format!("the response {status} is {} now, not {}", b.range, a.range);
            say(report, rule, Spot::New(&b.at), message);
        }
        let noun =
            if several { format!("the response {status} ({})", b.range) } else { format!("the response {status}") };
        match (&a.schema, &b.schema) {
            (None, Some(_)) => {
                say(
                    report,
                    "response-body-media-type-schema-added",
                    Spot::New(&b.at),
                    format!("{noun} has a schema now"),
                );
            }
            (Some(_), None) => {
                let message = format!("{noun} has no schema any more");
                say(report, "response-body-media-type-schema-removed", Spot::New(&b.at), message);
            }
            _ => {}
        }
        content(report, Carrier::Response, name, noun, (a, b));
    }
}

fn headers(report: &mut Report<'_>, operation: &str, old: &Response, new: &Response) {
    let status = old.status;
    let noun = |header: &Header| format!("the header {} of the response {status}", header.name);
    let find = |all: &'_ [Header], name: &str| all.iter().position(|h| h.name.eq_ignore_ascii_case(name));
    for header in &old.headers {
        let Some(index) = find(&new.headers, &header.name) else {
            let rule =
                if header.required { "required-response-header-removed" } else { "optional-response-header-removed" };
            let message =
                format!("{} is gone; it was {}", noun(header), if header.required { "required" } else { "optional" });
            report.add(rule, Half::Response, operation, Spot::Old(&header.at), message);
            continue;
        };
        let other = &new.headers[index];
        let (rule, what) = match (header.required, other.required) {
            (true, false) => ("response-header-became-optional", "is optional now"),
            (false, true) => ("response-header-became-required", "is required now"),
            _ => ("", ""),
        };
        if !rule.is_empty() {
            report.add(rule, Half::Response, operation, Spot::New(&other.at), format!("{} {what}", noun(other)));
        }
        if let (Some(a), Some(b)) = (&header.schema, &other.schema) {
            let side = Side { carrier: Carrier::Header, operation, noun: noun(other), text: true, exploded: false };
            schemas::compare(report, &side, a, b);
        }
    }
    for header in new.headers.iter().filter(|h| find(&old.headers, &h.name).is_none()) {
        let message = format!("{} is new", noun(header));
        report.add("response-header-added", Half::Response, operation, Spot::New(&header.at), message);
    }
}
