//! Every scenario shows what its story says, over real sockets; names and causes hold.

use super::all;
use crate::systems::fetch::{self, Way};
use crate::{Expected, Ports, Reply, Scenario, Symptom, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firstfault_model::Bucket;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::collections::BTreeSet;
use std::net::ToSocketAddrs as _;
use std::sync::Arc;
use std::time::Duration;

/// Name, status that the user sees, and words of the answer or of the evidence.
pub(super) type Shown = (&'static str, u16, &'static [&'static str]);

/// What the arguments of a symptom ask for. Only what scenarios use.
struct Command {
    url: String,
    method: String,
    fields: Vec<(String, String)>,
    body: String,
    follow: bool,
    roots: Option<String>,
}

fn read(curl: &[String]) -> Command {
    let (mut url, mut method, mut body, mut follow, mut roots) = (String::new(), None, Vec::new(), false, None);
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut arguments = curl.iter().cloned();
    while let Some(argument) = arguments.next() {
        let mut next = || arguments.next().unwrap();
        match argument.as_str() {
            "-i" | "-s" | "-sS" | "-v" => {}
            "-I" => method = Some("HEAD".to_owned()),
            "-L" => follow = true,
            "-X" => method = Some(next()),
            "-H" => {
                let field = next();
                let (name, value) = field.split_once(':').unwrap();
                fields.push((name.to_owned(), value.trim().to_owned()));
            }
            "-A" => fields.push(("User-Agent".to_owned(), next())),
            "-b" => fields.push(("Cookie".to_owned(), next())),
            "-u" => fields.push(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(next())))),
            "-d" | "--data-raw" | "--json" => body.push(next()),
            "--cacert" => roots = Some(next()),
            other if other.starts_with("http") => url = other.to_owned(),
            other => panic!("expected an option that the tests know, found: {other}"),
        }
    }
    let given = |name: &str| fields.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    if !body.is_empty() && !given("content-type") {
        fields.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    }
    if !fields.iter().any(|(n, _)| n.eq_ignore_ascii_case("user-agent")) {
        fields.insert(0, ("User-Agent".to_owned(), "curl/8.5.0".to_owned()));
    }
    let method = method.unwrap_or_else(|| if body.is_empty() { "GET" } else { "POST" }.to_owned());
    Command { url, method, fields, body: body.join("&"), follow, roots }
}

/// Sends the call as curl would, and gives the last answer.
pub(super) async fn typed(symptom: &Symptom) -> Reply {
    let mut command = read(&symptom.curl);
    for _ in 0..5 {
        let (scheme, rest) = command.url.split_once("://").unwrap();
        let (authority, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let place = authority.to_socket_addrs().unwrap().find(std::net::SocketAddr::is_ipv4).unwrap();
        let target = if target.is_empty() { "/" } else { target };
        let mut request = format!("{} {target} HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\n", command.method);
        for (name, value) in &command.fields {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !command.body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", command.body.len()));
        }
        request.push_str(&format!("\r\n{}", command.body));
        let mut way = Way::plain(place, Duration::from_secs(20));
        if scheme == "https" {
            let pem = std::fs::read(command.roots.as_ref().unwrap()).unwrap();
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
            let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
            let host = authority.rsplit_once(':').unwrap().0.to_owned();
            way.tls = Some((Arc::new(config), ServerName::try_from(host).unwrap()));
        }
        let reply = fetch::ask(&way, request.as_bytes(), command.method == "HEAD").await.unwrap();
        let location = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        let Some((_, location)) = location.filter(|_| command.follow && (300..400).contains(&reply.status)) else {
            return reply;
        };
        let next =
            if location.starts_with('/') { format!("{scheme}://{authority}{location}") } else { location.clone() };
        if !next.contains(authority) {
            command.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        }
        if matches!(reply.status, 301..=303) && command.method == "POST" {
            command.method = "GET".to_owned();
            command.body.clear();
        }
        command.url = next;
    }
    panic!("expected an end of the redirects of {}", command.url);
}

/// Starts each, sends what its user sends, and looks for what its story says.
pub(super) async fn check(shown: &[Shown]) {
    for (name, status, words) in shown {
        let scenario = super::find(name).unwrap();
        let world = World::new(Ports::Any).unwrap();
        let symptom = (scenario.start)(world.clone()).await.unwrap();
        assert_eq!(world.writes(), Vec::<String>::new(), "{name}: nothing is written before the user calls");
        let reply = typed(&symptom).await;
        let fields: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let seen = format!("{fields}\n{}\n{}", String::from_utf8_lossy(&reply.body), symptom.evidence);
        assert_eq!(reply.status, *status, "{name}:\n{seen}");
        for word in *words {
            assert!(seen.contains(word), "{name}: expected {word:?}, found:\n{seen}");
        }
        assert!(!world.systems().is_empty(), "{name}: every system keeps a log");
    }
}

pub(super) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn names_are_unique_and_causes_exist() {
    let knowledge =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/causes.toml")).unwrap();
    let (mut causes, mut bucket) = (BTreeSet::new(), String::new());
    for line in knowledge.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            bucket = name.0.to_owned();
        } else if let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            causes.insert(format!("{bucket}.{}", name.trim()));
        }
    }
    let mut names = BTreeSet::new();
    for Scenario { name, story, fix, expected, .. } in all() {
        assert!(names.insert(name), "{name} is there twice");
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        assert!(name.bytes().all(fits), "{name}");
        assert!(!story.is_empty() && !fix.is_empty(), "{name}");
        let Expected { bucket, layer, cause, or } = expected;
        if cause == "none" {
            assert_eq!((bucket, layer), (Bucket::None, None), "{name}");
            continue;
        }
        assert!(layer.is_some(), "{name}");
        for cause in std::iter::once(&cause).chain(or) {
            assert!(causes.contains(*cause), "{name}: {cause} is no cause");
        }
    }
}
