//! Where an API lives: `servers` of OpenAPI 3; host, base path and schemes of Swagger 2.0.

use super::reader::Reader;
use crate::description::{SchemaRef, Server};
use crate::document::uri;
use crate::percent;
use firstfault_model::Url;
use serde_json::Value;
use std::collections::BTreeMap;

/// The servers of a document, path or operation.
pub(super) fn read(reader: &mut Reader<'_>, at: &SchemaRef) -> Vec<Server> {
    let list = at.child("servers");
    let mut out = Vec::new();
    for i in 0..reader.count(&list) {
        let at = list.child(&i.to_string());
        let Some(url) = reader.string(&at, "url") else {
            reader.mistake(&at, "expected a server with a url, found none".to_owned());
            continue;
        };
        let names = at.child("variables");
        let mut variables = BTreeMap::new();
        for name in reader.names(&names) {
            variables.insert(name.clone(), reader.strings(&names.child(&name), "enum").unwrap_or_default());
        }
        for name in braced(&url) {
            if !variables.contains_key(name) {
                let message =
                    format!("expected the variable {name} of the URL among the server's variables, found none");
                reader.mistake(&at, message);
            }
        }
        let name = reader.string(&at, "name").unwrap_or_default();
        let description = reader.string(&at, "description").unwrap_or(name);
        let base = reader.documents.get(at.document).map_or("", |d| d.uri.as_str());
        out.push(Server { description, variables, at: at.clone(), ..server(&url, base) });
    }
    out
}

/// The names between braces.
pub(super) fn braced(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The parts of a server's URL. A relative one is relative to where the document was fetched (OpenAPI 3.2, 4.6), which
/// tells something only when that was on the web.
fn server(url: &str, base: &str) -> Server {
    let relative = !uri::is_absolute(url) && !url.contains("://") && !url.starts_with('{');
    if relative && !base.starts_with("http") {
        let path = url.trim_start_matches('.').trim_matches('/');
        return Server { base: if path.is_empty() { String::new() } else { format!("/{path}") }, ..Server::default() };
    }
    let full = if relative { percent::decode(&uri::resolve(base, url).0).into_owned() } else { url.to_owned() };
    let (scheme, rest) = full.split_once("://").unwrap_or(("", &full));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    // A variable port has no number.
    let authority = authority.find(":{").map_or(authority, |at| &authority[..at]);
    let parsed = Url::parse(&format!("https://{authority}"));
    Server {
        scheme: Some(scheme.to_ascii_lowercase()).filter(|s| !s.is_empty() && !s.contains('{')),
        host: parsed.host,
        port: parsed.port,
        base: path.trim_end_matches('/').to_owned(),
        ..Server::default()
    }
}

/// The servers of Swagger 2.0: every scheme at the host; without a host only the base path is known.
pub(super) fn swagger(reader: &mut Reader<'_>) -> Vec<Server> {
    let root = SchemaRef::default();
    let (host, base) = (reader.string(&root, "host"), reader.string(&root, "basePath").unwrap_or_default());
    let base = base.trim_end_matches('/');
    let base = if base.is_empty() || base.starts_with('/') { base.to_owned() } else { format!("/{base}") };
    let at = root.child(if host.is_some() { "host" } else { "basePath" });
    let parsed = host.as_deref().map(|host| {
        let host = host.rsplit("://").next().unwrap_or(host).trim_end_matches('/');
        Url::parse(&format!("https://{host}"))
    });
    if let Some(written) = host.filter(|host| host.contains('/')) {
        reader.mistake(&at, format!("expected a host without scheme and path, got {written}"));
    }
    if parsed.is_none() && base.is_empty() {
        return Vec::new();
    }
    let schemes = reader.strings(&root, "schemes").filter(|s| !s.is_empty());
    let schemes = schemes.map_or(vec![None], |s| s.into_iter().map(|s| Some(s.to_ascii_lowercase())).collect());
    let server = |scheme| Server {
        scheme,
        host: parsed.as_ref().and_then(|url| url.host.clone()),
        port: parsed.as_ref().and_then(|url| url.port),
        base: base.clone(),
        at: at.clone(),
        ..Server::default()
    };
    schemes.into_iter().filter(|s| !matches!(s.as_deref(), Some("ws" | "wss"))).map(server).collect()
}

/// Media types below a place, lower case and without parameters; any when the description does not say.
pub(super) fn media_types(reader: &Reader<'_>, at: &SchemaRef, name: &str) -> Option<Vec<String>> {
    let types = reader.value(at)?.get(name)?.as_array()?;
    let types = types.iter().filter_map(Value::as_str).map(media_type).collect::<Vec<_>>();
    Some(types).filter(|types| !types.is_empty())
}

/// A media type or range without parameters, lower case.
pub(super) fn media_type(written: &str) -> String {
    written.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
