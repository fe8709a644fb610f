//! Bodies and values by their violations alone, until they are explained.

use crate::description::{Contract, Media, Operation, SchemaRef};
use crate::finding::{new, quoted};
use firstfault_model::Body;
use firstfault_model::contract::{Finding, Half, Kind, Severity, Spot};
use serde_json::Value;

pub(super) fn value(
    contract: &Contract,
    at: &SchemaRef,
    half: Half,
    value: &Value,
    spot: &dyn Fn(&str) -> Spot,
    operation: Option<&str>,
) -> Vec<Finding> {
    let violations = contract.schemas.violations(at, half, value);
    let finding = |v: jsonschema::ValidationError<'static>| Finding {
        half,
        operation: operation.map(str::to_owned),
        message: quoted(&v.to_string()),
        ..new(contract, Kind::SchemaRule, Severity::Error, spot(v.instance_path().as_str()), at)
    };
    violations.into_iter().map(finding).collect()
}

pub(super) fn findings(
    contract: &Contract,
    operation: Option<&Operation>,
    content: &[Media],
    half: Half,
    _content_type: Option<&str>,
    body: Option<&Body>,
) -> Vec<Finding> {
    let (Some(media), Some(body)) = (content.first(), body) else { return Vec::new() };
    let (Some(at), Ok(json)) = (&media.schema, serde_json::from_str::<Value>(&body.text)) else { return Vec::new() };
    let name = operation.map(Operation::name);
    value(contract, at, half, &json, &|p| Spot::Body(p.to_owned()), name.as_deref())
}
