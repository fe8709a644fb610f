//! Paths, parameters, bodies, responses, servers and security of OpenAPI 3.

use super::reader::Reader;
use crate::description::{
    Contract, Credential, Header, In, Media, Operation, Parameter, RequestBody, Requirement, Response, SchemaRef,
    Scheme, Server, StatusRange, Style,
};
use firstfault_model::Url;
use serde_json::Value;
use std::collections::BTreeMap;

/// Methods with a place of their own in a path item; other methods stand under `additionalOperations` (3.2).
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Reads everything but schemas into the contract.
pub(super) fn read(reader: &mut Reader<'_>, contract: &mut Contract) {
    let root = SchemaRef::default();
    contract.servers = servers(reader, &root);
    contract.schemes = schemes(reader, &root.child("components").child("securitySchemes"));
    let security = security(reader, &root).unwrap_or_default();
    let paths = root.child("paths");
    for path in reader.names(&paths) {
        if path.starts_with("x-") {
            continue;
        }
        let at = paths.child(&path);
        if !path.starts_with('/') {
            reader.mistake(&at, format!("expected a path that begins with a slash, got {path}"));
        }
        let Some(item) = reader.follow(at) else { continue };
        let shared = parameters(reader, &item.child("parameters"));
        let own_servers = servers(reader, &item);
        let mut found: Vec<(String, SchemaRef)> = METHODS
            .iter()
            .filter(|method| reader.has(&item, method))
            .map(|method| (method.to_ascii_uppercase(), item.child(method)))
            .collect();
        let additional = item.child("additionalOperations");
        found.extend(reader.names(&additional).into_iter().map(|m| (m.clone(), additional.child(&m))));
        for (method, at) in found {
            let mut operation = operation(reader, &at, &shared);
            operation.method = method;
            operation.path.clone_from(&path);
            if operation.servers.is_empty() {
                operation.servers.clone_from(&own_servers);
            }
            if !reader.has(&at, "security") {
                operation.security.clone_from(&security);
            }
            contract.operations.push(operation);
        }
    }
}

fn operation(reader: &mut Reader<'_>, at: &SchemaRef, shared: &[Parameter]) -> Operation {
    let own = parameters(reader, &at.child("parameters"));
    let overridden = |p: &Parameter| own.iter().any(|o| o.name == p.name && o.place == p.place);
    let mut all: Vec<Parameter> = shared.iter().filter(|p| !overridden(p)).cloned().collect();
    all.extend(own.iter().cloned());
    Operation {
        id: reader.string(at, "operationId"),
        servers: servers(reader, at),
        parameters: all,
        body: body(reader, &at.child("requestBody")),
        responses: responses(reader, &at.child("responses")),
        security: security(reader, at).unwrap_or_default(),
        deprecated: reader.flag(at, "deprecated"),
        sunset: reader.string(at, "x-sunset"),
        at: at.clone(),
        ..Operation::default()
    }
}

/// The servers of a document, path or operation.
fn servers(reader: &Reader<'_>, at: &SchemaRef) -> Vec<Server> {
    let list = at.child("servers");
    (0..reader.count(&list))
        .filter_map(|i| {
            let at = list.child(&i.to_string());
            let url = reader.string(&at, "url")?;
            let names = at.child("variables");
            let variables = reader.names(&names).into_iter().map(|name| {
                let values = reader.value(&names.child(&name).child("enum")).and_then(Value::as_array);
                let values = values.map(|v| v.iter().filter_map(Value::as_str).map(str::to_owned).collect());
                (name, values.unwrap_or_default())
            });
            let variables: BTreeMap<String, Vec<String>> = variables.collect();
            let description = reader.string(&at, "description").unwrap_or_default();
            Some(Server { description, variables, at: at.clone(), ..server(&url) })
        })
        .collect()
}

/// The parts of a server's URL.
fn server(url: &str) -> Server {
    let url = Url::parse(url);
    Server {
        scheme: url.scheme,
        host: url.host,
        port: url.port,
        base: url.path.trim_end_matches('/').to_owned(),
        ..Server::default()
    }
}

fn schemes(reader: &mut Reader<'_>, all: &SchemaRef) -> BTreeMap<String, Scheme> {
    let mut out = BTreeMap::new();
    for name in reader.names(all) {
        let Some(at) = reader.follow(all.child(&name)) else { continue };
        let text = |field: &str| reader.string(&at, field).unwrap_or_default();
        let credential = match text("type").as_str() {
            "apiKey" => Credential::ApiKey(place(&text("in")).unwrap_or_default(), text("name")),
            "http" => Credential::Http(text("scheme").to_ascii_lowercase()),
            "oauth2" => {
                let flows = at.child("flows");
                let scopes =
                    reader.names(&flows).into_iter().flat_map(|f| reader.names(&flows.child(&f).child("scopes")));
                Credential::OAuth2(scopes.collect())
            }
            "openIdConnect" => Credential::OpenIdConnect,
            "mutualTLS" => Credential::MutualTls,
            other => {
                let message = format!("expected apiKey, http, oauth2, openIdConnect or mutualTLS, got {other}");
                reader.mistake(&at, message);
                Credential::Unknown
            }
        };
        out.insert(name, Scheme { credential, at });
    }
    out
}

/// The alternatives of `security` below a place; `None` when it does not say.
fn security(reader: &Reader<'_>, at: &SchemaRef) -> Option<Vec<Vec<Requirement>>> {
    let list = reader.value(&at.child("security"))?.as_array()?;
    let scopes = |value: &Value| -> Vec<String> {
        value.as_array().map(|a| a.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
    };
    let alternative = |value: &Value| -> Vec<Requirement> {
        let names = value.as_object().into_iter().flatten();
        names.map(|(scheme, value)| Requirement { scheme: scheme.clone(), scopes: scopes(value) }).collect()
    };
    Some(list.iter().map(alternative).collect())
}

fn place(word: &str) -> Option<In> {
    Some(match word {
        "path" => In::Path,
        "query" => In::Query,
        "querystring" => In::QueryString,
        "header" => In::Header,
        "cookie" => In::Cookie,
        _ => return None,
    })
}

fn style(word: &str) -> Option<Style> {
    Some(match word {
        "form" => Style::Form,
        "simple" => Style::Simple,
        "label" => Style::Label,
        "matrix" => Style::Matrix,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        _ => return None,
    })
}

fn parameters(reader: &mut Reader<'_>, list: &SchemaRef) -> Vec<Parameter> {
    let mut out = Vec::new();
    for i in 0..reader.count(list) {
        let Some(at) = reader.follow(list.child(&i.to_string())) else { continue };
        let (name, word) = (reader.string(&at, "name"), reader.string(&at, "in"));
        let (Some(name), Some(place)) = (name, word.as_deref().and_then(place)) else {
            reader.mistake(&at, "expected a parameter with a name and in: path, query, header or cookie".to_owned());
            continue;
        };
        let usual = if matches!(place, In::Path | In::Header) { Style::Simple } else { Style::Form };
        let style = reader.string(&at, "style").and_then(|w| style(&w)).unwrap_or(usual);
        let explode = reader.value(&at.child("explode")).and_then(Value::as_bool);
        let content = content(reader, &at.child("content")).into_iter().next();
        out.push(Parameter {
            name,
            place,
            required: reader.flag(&at, "required") || place == In::Path,
            deprecated: reader.flag(&at, "deprecated"),
            style,
            explode: explode.unwrap_or(matches!(style, Style::Form | Style::Cookie)),
            schema: reader.has(&at, "schema").then(|| at.child("schema")),
            content,
            at,
        });
    }
    out
}

fn body(reader: &mut Reader<'_>, at: &SchemaRef) -> Option<RequestBody> {
    reader.value(at)?;
    let at = reader.follow(at.clone())?;
    Some(RequestBody { required: reader.flag(&at, "required"), content: content(reader, &at.child("content")), at })
}

fn content(reader: &mut Reader<'_>, all: &SchemaRef) -> Vec<Media> {
    let mut out = Vec::new();
    for range in reader.names(all) {
        let Some(at) = reader.follow(all.child(&range)) else { continue };
        let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let fields = at.child("encoding");
        let encoding = reader.names(&fields).into_iter().map(|name| {
            let field = fields.child(&name);
            let style = reader.string(&field, "style").and_then(|w| style(&w));
            let explode = reader.value(&field.child("explode")).and_then(Value::as_bool);
            (name, (style, explode, reader.string(&field, "contentType")))
        });
        let encoding = encoding.collect();
        let schema = reader.has(&at, "schema").then(|| at.child("schema"));
        let item_schema = reader.has(&at, "itemSchema").then(|| at.child("itemSchema"));
        out.push(Media { range, schema, item_schema, encoding, at });
    }
    out
}

fn responses(reader: &mut Reader<'_>, all: &SchemaRef) -> Vec<Response> {
    let mut out = Vec::new();
    for name in reader.names(all) {
        if name.starts_with("x-") {
            continue;
        }
        let Some(status) = status(&name) else {
            reader.mistake(&all.child(&name), format!("expected a status as 404, 4XX or default, got {name}"));
            continue;
        };
        let Some(at) = reader.follow(all.child(&name)) else { continue };
        let fields = at.child("headers");
        let mut headers = Vec::new();
        for name in reader.names(&fields) {
            let Some(at) = reader.follow(fields.child(&name)) else { continue };
            headers.push(Header {
                name,
                required: reader.flag(&at, "required"),
                explode: reader.flag(&at, "explode"),
                schema: reader.has(&at, "schema").then(|| at.child("schema")),
                at,
            });
        }
        out.push(Response { status, headers, content: content(reader, &at.child("content")), at });
    }
    out
}

/// `404`, `4XX` or `default`.
fn status(name: &str) -> Option<StatusRange> {
    if name.eq_ignore_ascii_case("default") {
        return Some(StatusRange::Default);
    }
    if let [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] = name.as_bytes() {
        return Some(StatusRange::Class(u16::from(class - b'0')));
    }
    name.parse().ok().filter(|code| (100..600).contains(code)).map(StatusRange::Code)
}
