//! Security schemes and what operations ask for.

use super::parameters::place;
use super::reader::Reader;
use crate::description::{Credential, Requirement, SchemaRef, Scheme};
use serde_json::Value;
use std::collections::BTreeMap;

/// The schemes below a place, of every version.
pub(super) fn schemes(reader: &mut Reader<'_>, all: &SchemaRef) -> BTreeMap<String, Scheme> {
    let mut out = BTreeMap::new();
    for name in reader.names(all) {
        if let Some(at) = reader.follow(all.child(&name)) {
            out.insert(name, Scheme { credential: credential(reader, &at), at });
        }
    }
    out
}

fn credential(reader: &mut Reader<'_>, at: &SchemaRef) -> Credential {
    let text = |field: &str| reader.string(at, field).unwrap_or_default();
    match text("type").as_str() {
        "apiKey" => match place(&text("in")) {
            Some(place) if !text("name").is_empty() => Credential::ApiKey(place, text("name")),
            _ => {
                reader.mistake(at, "expected an API key with a name and in: query, header or cookie".to_owned());
                Credential::Unknown
            }
        },
        "basic" => Credential::Http("basic".to_owned()),
        "http" => Credential::Http(text("scheme").to_ascii_lowercase()),
        "oauth2" => {
            // Swagger 2.0 has one flow, whose scopes stand in the scheme itself.
            let mut scopes = reader.names(&at.child("scopes"));
            let flows = at.child("flows");
            for flow in reader.names(&flows) {
                scopes.extend(reader.names(&flows.child(&flow).child("scopes")));
            }
            scopes.retain(|scope| !scope.starts_with("x-"));
            scopes.sort();
            scopes.dedup();
            Credential::OAuth2(scopes)
        }
        "openIdConnect" => Credential::OpenIdConnect,
        "mutualTLS" => Credential::MutualTls,
        other => {
            let message = format!("expected apiKey, http, oauth2, openIdConnect or mutualTLS, got {other}");
            reader.mistake(&at.child("type"), message);
            Credential::Unknown
        }
    }
}

/// The alternatives of `security` below a place; `None` when it does not say.
pub(super) fn requirements(
    reader: &mut Reader<'_>,
    at: &SchemaRef,
    schemes: &BTreeMap<String, Scheme>,
) -> Option<Vec<Vec<Requirement>>> {
    let at = at.child("security");
    let list = reader.value(&at)?.as_array()?;
    let scopes = |value: &Value| -> Vec<String> {
        value.as_array().map(|a| a.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
    };
    let alternative = |value: &Value| -> Vec<Requirement> {
        let names = value.as_object().into_iter().flatten();
        names.map(|(scheme, value)| Requirement { scheme: scheme.clone(), scopes: scopes(value) }).collect()
    };
    let alternatives: Vec<Vec<Requirement>> = list.iter().map(alternative).collect();
    for (i, alternative) in alternatives.iter().enumerate() {
        for requirement in alternative {
            // OpenAPI 3.2 lets a URI name a scheme.
            if !schemes.contains_key(&requirement.scheme) && !requirement.scheme.contains(['/', '#']) {
                let message = format!("expected the name of a security scheme, got {}", requirement.scheme);
                reader.mistake(&at.child(&i.to_string()).child(&requirement.scheme), message);
            }
        }
    }
    Some(alternatives)
}
