//! Parameters of path, query, header and cookie against their descriptions.

use super::Asked;
use super::decode::{Pair, Reading, Written, cookies, pairs};
use super::types::best;
use crate::body;
use crate::description::{Credential, In, Operation, Parameter, SchemaRef};
use crate::explain::{self, Near};
use crate::finding::{new, quoted};
use crate::route::{folded, instead, is_hidden, is_left_in};
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use serde_json::Value;

/// Header fields that are no parameters (OpenAPI 3.2, section 4.12.1).
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];
/// Query parameters by which pages, mails and caches mark links; servers take them for nothing.
const TRACKING: [&str; 9] = ["gclid", "fbclid", "msclkid", "_ga", "_gl", "mc_cid", "mc_eid", "_", "callback"];
/// What is read of the findings of one value.
const FINDINGS_LIMIT: usize = 3;

/// Everything that is wrong with the parameters of a request.
pub(super) fn findings(asked: &Asked<'_>, out: &mut Vec<Finding>) {
    path(asked, out);
    let query = asked.request.url.query.as_deref().unwrap_or_default();
    let mut sent = pairs(query);
    let described = &asked.operation.parameters;
    let mut missing = Vec::new();
    for parameter in described.iter().filter(|p| p.place == In::Query) {
        let others = |name: &str| described.iter().any(|p| p.place == In::Query && p.name == name);
        let written = Reading::new(asked.contract, parameter).pairs(&mut sent, &others);
        match written {
            Written::Absent => missing.push(parameter),
            written => judge(asked, parameter, Spot::Query(parameter.name.clone()), written, query, out),
        }
    }
    if let Some(parameter) = described.iter().find(|p| p.place == In::QueryString) {
        whole_query(asked, parameter, query, out);
        sent.iter_mut().for_each(|pair| pair.used = true);
    }
    misnamed(asked, &mut sent, &mut missing, out);
    for parameter in missing.into_iter().filter(|p| p.required) {
        // A log may leave the query out.
        let seen = asked.request.complete || asked.request.url.query.is_some() || asked.request.url.host.is_some();
        let severity = if seen { Severity::Error } else { Severity::Warning };
        out.push(lacking(asked, parameter, Spot::Query(parameter.name.clone()), severity));
    }
    unknown(asked, &sent, out);
    if asked.request.complete {
        headers(asked, out);
        cookie(asked, out);
    }
}

fn path(asked: &Asked<'_>, out: &mut Vec<Finding>) {
    for (name, raw) in asked.path {
        let Some(parameter) = asked.operation.parameters.iter().find(|p| p.place == In::Path && p.name == *name) else {
            continue;
        };
        if is_left_in(&crate::percent::decode(raw)) {
            continue;
        }
        let before = out.len();
        let written = Reading::new(asked.contract, parameter).segment(raw);
        judge(asked, parameter, Spot::Path(name.clone()), written, raw, out);
        // A word that is no value here may be a slip of a literal, which another path has in this place.
        if out.len() > before
            && let Some(meant) = instead(asked.contract, asked.request)
        {
            out.truncate(before);
            out.push(meant);
            return;
        }
    }
}

fn headers(asked: &Asked<'_>, out: &mut Vec<Finding>) {
    let fields = &asked.request.headers;
    for parameter in asked.operation.parameters.iter().filter(|p| p.place == In::Header) {
        let name = &parameter.name;
        if NO_PARAMETERS.iter().any(|n| name.eq_ignore_ascii_case(n)) {
            continue;
        }
        let values: Vec<&str> = fields.every(name).map(|h| h.value.as_str()).collect();
        if !values.is_empty() {
            let value = values.join(", ");
            let written = Reading::new(asked.contract, parameter).field(&value);
            judge(asked, parameter, Spot::Header(name.clone()), written, "", out);
        } else if parameter.required {
            let described = |other: &str| {
                asked.operation.parameters.iter().any(|p| p.place == In::Header && p.name.eq_ignore_ascii_case(other))
            };
            let slip = fields.0.iter().find(|h| is_near(&h.name, name) && !described(&h.name));
            out.push(match slip {
                Some(field) => Finding {
                    expected: name.clone(),
                    got: quoted(&field.name),
                    message: format!("the header {} is named {name} in the contract", quoted(&field.name)),
                    fix: format!("rename {} to {name}", quoted(&field.name)),
                    edit: Some(Edit::Header(name.clone(), field.value.clone())),
                    ..at(asked, Kind::MisnamedParameter, Severity::Error, Spot::Header(name.clone()), &parameter.at)
                },
                None => lacking(asked, parameter, Spot::Header(name.clone()), Severity::Error),
            });
        }
    }
}

fn cookie(asked: &Asked<'_>, out: &mut Vec<Finding>) {
    let field = asked.request.headers.every("cookie").map(|h| h.value.as_str()).collect::<Vec<_>>().join("; ");
    let mut sent = cookies(&field);
    // Browsers' archives leave cookies out; then none at all is there.
    let hidden = is_hidden(&field);
    for parameter in asked.operation.parameters.iter().filter(|p| p.place == In::Cookie) {
        let spot = Spot::Cookie(parameter.name.clone());
        match Reading::new(asked.contract, parameter).pairs(&mut sent, &|_| true) {
            Written::Absent if parameter.required && !hidden => {
                out.push(lacking(asked, parameter, spot, Severity::Error));
            }
            Written::Absent => {}
            written => judge(asked, parameter, spot, written, "", out),
        }
    }
}

/// The whole query as one value (OpenAPI 3.2).
fn whole_query(asked: &Asked<'_>, parameter: &Parameter, query: &str, out: &mut Vec<Finding>) {
    let spot = || Spot::Query(parameter.name.clone());
    if query.is_empty() {
        if parameter.required {
            out.push(lacking(asked, parameter, spot(), Severity::Error));
        }
        return;
    }
    let Some(media) = &parameter.content else { return };
    let form = media.range == "application/x-www-form-urlencoded";
    let text = if form { query.into() } else { crate::percent::decode(query) };
    let body = firstfault_model::Body::bounded(&text, firstfault_model::Span::default());
    let content = std::slice::from_ref(media);
    let found = body::findings(asked.contract, None, content, Half::Request, Some(&media.range), Some(&body));
    out.extend(found.into_iter().take(FINDINGS_LIMIT).map(|f| Finding {
        kind: Kind::InvalidParameter,
        spot: match f.spot {
            Spot::Body(pointer) if form => Spot::Query(pointer.trim_start_matches('/').to_owned()),
            _ => spot(),
        },
        edit: None,
        ..f
    }));
}

/// Judges what a parameter is written as; `raw` is the text that it stands in.
fn judge(asked: &Asked<'_>, parameter: &Parameter, spot: Spot, written: Written, raw: &str, out: &mut Vec<Finding>) {
    let name = &parameter.name;
    if parameter.deprecated {
        out.push(Finding {
            got: name.clone(),
            message: format!("the {spot} is deprecated"),
            ..at(asked, Kind::Deprecated, Severity::Note, spot.clone(), &parameter.at)
        });
    }
    let values = match written {
        Written::Absent => return,
        Written::Otherwise(expected, corrected) => {
            let message = if expected == format!("{name} once") {
                format!("the {spot} is sent more than once")
            } else {
                format!("the {spot} is not written as the contract has it: {}", quoted(&expected))
            };
            let edit = corrected.filter(|_| matches!(spot, Spot::Query(_))).map(|v| Edit::Query(name.clone(), v));
            out.push(Finding {
                fix: format!("write it as {}", quoted(&expected)),
                expected: quoted(&expected),
                message,
                edit,
                ..at(asked, Kind::InvalidParameter, Severity::Error, spot, &parameter.at)
            });
            return;
        }
        Written::Values(values) => values,
    };
    let Some(schema) = parameter.schema.as_ref().or_else(|| parameter.content.as_ref()?.schema.as_ref()) else {
        return;
    };
    let value = best(asked.contract, Some(schema), values);
    if asked.contract.schemas.valid(schema, Half::Request, &value) || hides(&value) {
        return;
    }
    if value == Value::String(String::new()) && asked.says(&parameter.at, "allowEmptyValue") {
        return;
    }
    let operation = asked.operation.name();
    let found = explain::value(asked.contract, schema, Half::Request, &value, &|_| spot.clone(), Some(&operation));
    let plus = raw.contains('+') && holds_with_plus(asked, parameter, schema);
    let separated = parameter.explode && separated(&value);
    for finding in found.into_iter().take(FINDINGS_LIMIT) {
        let edit = match (finding.edit, &spot) {
            (Some(Edit::SetField(pointer, value)), Spot::Query(_)) if pointer.is_empty() => {
                text(&value).map(|v| Edit::Query(name.clone(), v))
            }
            _ => None,
        };
        let fix = if plus {
            "write + in the query as %2B: as it stands it is a space".to_owned()
        } else if separated {
            format!("write {name} once for each value: {name}=a&{name}=b")
        } else if finding.fix.is_empty() {
            format!("send {} as {}", name, finding.expected)
        } else {
            finding.fix
        };
        out.push(Finding { kind: Kind::InvalidParameter, spot: spot.clone(), edit, fix, ..finding });
    }
}

/// Whether the value is right once `+` is no space.
fn holds_with_plus(asked: &Asked<'_>, parameter: &Parameter, schema: &SchemaRef) -> bool {
    let mut sent = pairs(asked.request.url.query.as_deref().unwrap_or_default());
    let written = Reading::new(asked.contract, parameter).literally().pairs(&mut sent, &|_| true);
    let Written::Values(values) = written else { return false };
    values.iter().any(|v| asked.contract.schemas.valid(schema, Half::Request, v))
}

/// Whether a list has one text that is several with commas between.
fn separated(value: &Value) -> bool {
    matches!(value, Value::Array(items) if items.len() == 1 && items[0].as_str().is_some_and(|t| t.contains(',')))
}

/// Whether a redaction or a variable stands somewhere in a value.
fn hides(value: &Value) -> bool {
    match value {
        Value::String(text) => is_hidden(text),
        Value::Array(items) => items.iter().any(hides),
        Value::Object(members) => members.values().any(hides),
        _ => false,
    }
}

/// The text of a JSON value as a query has it.
fn text(json: &str) -> Option<String> {
    match serde_json::from_str(json).ok()? {
        Value::String(text) => Some(text),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// Parameters that are sent under a near name take the place of those that are missing.
fn misnamed<'a>(asked: &Asked<'a>, sent: &mut [Pair<'_>], missing: &mut Vec<&'a Parameter>, out: &mut Vec<Finding>) {
    missing.sort_by_key(|p| !p.required);
    missing.retain(|parameter| {
        let name = &parameter.name;
        let same = |sent: &str| {
            let sent = sent.strip_suffix("[]").unwrap_or(sent);
            sent == name || folded(sent) == folded(name)
        };
        let unused = |pair: &&mut Pair<'_>| !pair.used && !is_known_elsewhere(asked, &pair.name);
        let mut candidates: Vec<&mut Pair<'_>> = sent.iter_mut().filter(unused).collect();
        let at_best = candidates.iter().position(|p| same(&p.name));
        let Some(place) = at_best.or_else(|| candidates.iter().position(|p| is_near(&p.name, name))) else {
            return true;
        };
        let pair = candidates.swap_remove(place);
        pair.used = true;
        let got = pair.name.to_string();
        let severity = if parameter.required { Severity::Error } else { Severity::Warning };
        out.push(Finding {
            expected: name.clone(),
            message: format!("the query parameter {} is named {name} in the contract", quoted(&got)),
            fix: format!("rename {} to {name}", quoted(&got)),
            edit: Some(Edit::RenameQuery(got.clone(), name.clone())),
            got: quoted(&got),
            ..at(asked, Kind::MisnamedParameter, severity, Spot::Query(got), &parameter.at)
        });
        false
    });
}

/// Whether two names are meant to be one: written otherwise, or few slips apart.
fn is_near(sent: &str, name: &str) -> bool {
    explain::near(sent, name).is_some_and(|near| near < Near::Part)
}

/// Whether a query parameter is no parameter of the operation and still known: a key of a security scheme, or a mark of
/// links.
fn is_known_elsewhere(asked: &Asked<'_>, name: &str) -> bool {
    let key = |credential: &Credential| matches!(credential, Credential::ApiKey(In::Query, n) if n == name);
    asked.contract.schemes.values().any(|s| key(&s.credential))
        || TRACKING.contains(&name)
        || name.starts_with("utm_")
        || (name == "access_token" && !asked.operation.security.is_empty())
        // Signed URLs: the query carries the signature.
        || name.get(..6).is_some_and(|n| n.eq_ignore_ascii_case("x-amz-") || n.eq_ignore_ascii_case("x-goog"))
}

/// Query parameters that the operation does not have; servers may ignore them.
fn unknown(asked: &Asked<'_>, sent: &[Pair<'_>], out: &mut Vec<Finding>) {
    let mut told: Vec<&str> = Vec::new();
    for pair in sent.iter().filter(|p| !p.used) {
        let name = pair.name.as_ref();
        let marks = asked.operation.path.contains(&format!("{name}="));
        if told.contains(&name) || marks || is_hidden(name) || is_known_elsewhere(asked, name) {
            continue;
        }
        told.push(name);
        let operation = asked.operation.name();
        out.push(Finding {
            expected: described(asked.operation),
            got: quoted(name),
            message: format!("the query parameter {} is not one of {operation}", quoted(name)),
            fix: format!("leave out {}", quoted(name)),
            edit: Some(Edit::RemoveQuery(name.to_owned())),
            ..at(asked, Kind::UnknownParameter, Severity::Warning, Spot::Query(name.to_owned()), &asked.operation.at)
        });
    }
}

fn described(operation: &Operation) -> String {
    let names: Vec<&str> =
        operation.parameters.iter().filter(|p| p.place == In::Query).map(|p| p.name.as_str()).collect();
    if names.is_empty() { "no query parameters".to_owned() } else { quoted(&format!("one of {}", names.join(", "))) }
}

/// A required parameter that is not there, perhaps in another place.
fn lacking(asked: &Asked<'_>, parameter: &Parameter, spot: Spot, severity: Severity) -> Finding {
    let name = &parameter.name;
    let place = match spot {
        Spot::Header(_) => "header",
        Spot::Cookie(_) => "cookie",
        _ => "query parameter",
    };
    let elsewhere = if matches!(spot, Spot::Header(_)) {
        let query = asked.request.url.query.as_deref().unwrap_or_default();
        pairs(query).iter().any(|p| p.name.eq_ignore_ascii_case(name)).then_some("the query")
    } else {
        asked.request.headers.field(name).map(|_| "a header")
    };
    let message = match elsewhere {
        Some(there) => format!("the required {place} {name} is missing; it is sent in {there}"),
        None => format!("the required {place} {name} is missing"),
    };
    let only = only_value(asked, parameter);
    let edit = only.filter(|_| matches!(spot, Spot::Query(_))).map(|value| Edit::Query(name.clone(), value));
    Finding {
        expected: name.clone(),
        message,
        fix: format!("send the {place} {name}"),
        edit,
        ..at(asked, Kind::MissingParameter, severity, spot, &parameter.at)
    }
}

/// The one value that a schema takes.
fn only_value(asked: &Asked<'_>, parameter: &Parameter) -> Option<String> {
    let schema = asked.contract.schemas.get(parameter.schema.as_ref()?)?;
    let value = match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(value), _) => value,
        (None, Some(values)) if values.len() == 1 => &values[0],
        _ => return None,
    };
    text(&value.to_string())
}

fn at(asked: &Asked<'_>, kind: Kind, severity: Severity, spot: Spot, at: &SchemaRef) -> Finding {
    Finding { operation: Some(asked.operation.name()), ..new(asked.contract, kind, severity, spot, at) }
}
