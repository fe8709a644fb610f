//! Paths and operations, of every version.

use super::reader::Reader;
use super::{content, parameters, security, servers, swagger};
use crate::description::{Contract, Form, Operation, Parameter, Requirement, SchemaRef, Server};
use std::collections::{BTreeMap, HashMap};

/// Methods with a place of their own in a path item; other methods stand under `additionalOperations` (3.2).
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What operations take from the document and their path.
struct Around {
    path: String,
    shared: Vec<Parameter>,
    servers: Vec<Server>,
    security: Vec<Vec<Requirement>>,
}

/// Reads everything but schemas into the contract.
pub(super) fn read(reader: &mut Reader<'_>, contract: &mut Contract) {
    let root = SchemaRef::default();
    let schemes = if contract.form == Form::Swagger2 {
        contract.servers = servers::swagger(reader);
        root.child("securityDefinitions")
    } else {
        contract.servers = servers::read(reader, &root);
        root.child("components").child("securitySchemes")
    };
    contract.schemes = security::schemes(reader, &schemes);
    let security = security::requirements(reader, &root, &contract.schemes).unwrap_or_default();
    let paths = root.child("paths");
    if !reader.value(&paths).is_some_and(serde_json::Value::is_object) && !can_lack_paths(reader, contract.form) {
        reader.mistake(&root, "expected paths, found none".to_owned());
    }
    for path in reader.names(&paths) {
        if path.starts_with("x-") {
            continue;
        }
        let at = paths.child(&path);
        if !path.starts_with('/') {
            reader.mistake(&at, format!("expected a path that begins with a slash, got {path}"));
        }
        let mut around = Around { path, shared: Vec::new(), servers: Vec::new(), security: security.clone() };
        item(reader, contract, at, &mut around);
    }
    repeated(reader, contract);
}

/// Whether a document may do without paths: from 3.1 on with components or webhooks.
fn can_lack_paths(reader: &Reader<'_>, form: Form) -> bool {
    let root = SchemaRef::default();
    matches!(form, Form::OpenApi31 | Form::OpenApi32)
        && (reader.has(&root, "components") || reader.has(&root, "webhooks"))
}

/// The operations of one path item; what stands beside its reference counts before what the reference leads to.
fn item(reader: &mut Reader<'_>, contract: &mut Contract, at: SchemaRef, around: &mut Around) {
    let mut items = Vec::new();
    if reader.has(&at, "$ref") {
        items.push(at.clone());
    }
    items.extend(reader.follow(at));
    let mut found: Vec<(String, SchemaRef)> = Vec::new();
    for item in &items {
        let list = item.child("parameters");
        let own = listed(reader, contract.form, &list);
        around.shared = parameters::together(&own, std::mem::take(&mut around.shared));
        if around.servers.is_empty() {
            around.servers = servers::read(reader, item);
        }
        let mut own: Vec<(String, SchemaRef)> = METHODS
            .iter()
            .filter(|method| reader.has(item, method))
            .map(|method| (method.to_ascii_uppercase(), item.child(method)))
            .collect();
        let additional = item.child("additionalOperations");
        own.extend(reader.names(&additional).into_iter().map(|m| (m.clone(), additional.child(&m))));
        own.retain(|(method, _)| !found.iter().any(|(known, _)| known == method));
        found.extend(own);
    }
    for (method, at) in found {
        // The standard has no references here; bundlers follow them all the same.
        let Some(at) = reader.follow(at) else { continue };
        if !reader.value(&at).is_some_and(serde_json::Value::is_object) {
            reader.mistake(&at, "expected an operation, got something else".to_owned());
            continue;
        }
        let operation = operation(reader, contract, method, at, around);
        contract.operations.push(operation);
    }
}

fn listed(reader: &mut Reader<'_>, form: Form, list: &SchemaRef) -> Vec<Parameter> {
    if form == Form::Swagger2 { swagger::parameters(reader, list) } else { parameters::read(reader, list) }
}

fn operation(
    reader: &mut Reader<'_>,
    contract: &Contract,
    method: String,
    at: SchemaRef,
    around: &Around,
) -> Operation {
    let own = listed(reader, contract.form, &at.child("parameters"));
    let mut all = parameters::together(&around.shared, own);
    parameters::agree(reader, &around.path, &at, &mut all);
    let own_servers = servers::read(reader, &at);
    let security = security::requirements(reader, &at, &contract.schemes);
    let mut operation = Operation {
        method,
        path: around.path.clone(),
        id: reader.string(&at, "operationId"),
        servers: if own_servers.is_empty() { around.servers.clone() } else { own_servers },
        parameters: all,
        security: security.unwrap_or_else(|| around.security.clone()),
        deprecated: reader.flag(&at, "deprecated"),
        sunset: reader.string(&at, "x-sunset"),
        at: at.clone(),
        ..Operation::default()
    };
    let all = at.child("responses");
    if contract.form == Form::Swagger2 {
        operation.body = swagger::body(reader, &at);
        let produces = swagger::media_types(reader, &at, "produces");
        operation.responses =
            content::responses(reader, &all, |reader, status, at| swagger::response(reader, status, at, &produces));
    } else {
        operation.body = content::body(reader, at.child("requestBody"));
        operation.responses = content::responses(reader, &all, content::response);
    }
    operation
}

/// Notes operations of the same name and paths that differ in the names of parameters alone.
fn repeated(reader: &mut Reader<'_>, contract: &Contract) {
    let mut names: HashMap<&str, &Operation> = HashMap::new();
    let mut paths: BTreeMap<(&str, String), &Operation> = BTreeMap::new();
    for operation in &contract.operations {
        if let Some(id) = &operation.id
            && let Some(first) = names.insert(id, operation)
        {
            let message =
                format!("expected an operationId of its own, got {id}, which is that of {}, too", first.name());
            reader.mistake(&operation.at.child("operationId"), message);
        }
        let parts = operation.path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
        let plain = parts.collect::<Vec<_>>().join("{}");
        match paths.get(&(operation.method.as_str(), plain.clone())) {
            Some(first) if first.path != operation.path => {
                let message =
                    format!("expected one path for each address, got {}, which is {}", operation.path, first.path);
                reader.mistake(&operation.at, message);
            }
            _ => {
                paths.insert((&operation.method, plain), operation);
            }
        }
    }
}
