//! Operations that are deprecated, or whose last day has passed: by the description, or by the answer itself
//! (`Sunset`, RFC 8594; `Deprecation`, RFC 9745).

use super::{Asked, date};
use crate::finding::{new, quoted};
use firstfault_model::contract::{Finding, Kind, Severity, Spot};
use firstfault_model::rfc3339;

/// `started` is when the call was made, `now` the time of asking, both in milliseconds since the Unix epoch.
pub(super) fn findings(asked: &Asked<'_>, started: Option<i64>, now: Option<i64>, out: &mut Vec<Finding>) {
    let name = asked.operation.name();
    let header = |field: &str| asked.response.and_then(|r| r.headers.first(field)).map(str::to_owned);
    let told = header("sunset");
    let spot = if told.is_some() { Spot::Header("Sunset".to_owned()) } else { Spot::Target };
    let found = |severity, spot, message, fix: &str| Finding {
        operation: Some(name.clone()),
        message,
        fix: fix.to_owned(),
        ..new(asked.contract, Kind::Deprecated, severity, spot, &asked.operation.at)
    };
    if let Some(written) = told.as_ref().or(asked.operation.sunset.as_ref())
        && let Some(end) = date::parse(written)
    {
        let day = rfc3339(end).chars().take(10).collect::<String>();
        let passed = |time: Option<i64>| time.is_some_and(|t| t >= end);
        let (severity, message) = if passed(started.or(now)) {
            (Severity::Error, format!("{name} is no longer served since {day}"))
        } else if passed(now) {
            (Severity::Error, format!("{name} was served until {day}, which has passed since this call"))
        } else {
            (Severity::Note, format!("{name} is served until {day} only"))
        };
        out.push(Finding {
            expected: format!("a call before {day}"),
            got: started.or(now).map(rfc3339).unwrap_or_default(),
            ..found(severity, spot, message, "move to what replaces it")
        });
    } else if asked.operation.deprecated {
        let message = format!("{name} is deprecated");
        out.push(found(Severity::Note, Spot::Target, message, "move to what replaces it"));
    } else if let Some(written) = header("deprecation").filter(|w| !w.trim().eq_ignore_ascii_case("false")) {
        let message = format!("the answer says that {name} is deprecated");
        let spot = Spot::Header("Deprecation".to_owned());
        out.push(Finding { got: quoted(&written), ..found(Severity::Note, spot, message, "move to what replaces it") });
    }
}
