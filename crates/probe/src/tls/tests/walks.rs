//! Whole walks to servers with TLS.

use super::pki::{leaf, root};
use super::servers::{Setup, rustls_server};
use crate::{Guard, Phase, State, Target, Terms, Walk, walk};
use firstfault_model::Url;
use rustls::version::TLS13;
use std::net::SocketAddr;
use std::time::Duration;

async fn walked(place: SocketAddr, method: &str) -> Walk {
    let url = Url::parse(&format!("https://api.example.test:{}/v1/me", place.port()));
    let mut target = Target { method: method.to_owned(), url, ..Target::default() };
    target.connect.insecure = true;
    target.connect.max_time = Duration::from_secs(20);
    let elsewhere = (("api.example.test".to_owned(), place.port()), ("127.0.0.1".to_owned(), place.port()));
    target.connect.elsewhere.push(elsewhere);
    let terms = Terms { rate: Some(f64::INFINITY), time: Duration::from_secs(60), ..Terms::default() };
    walk(&target, &mut Guard::new(terms)).await
}

#[tokio::test]
async fn a_demand_for_a_certificate_that_comes_late_is_a_matter_of_tls() {
    let (ca, clients) = (root("Example Root"), root("Example Clients"));
    let setup = Setup { demands_client_of: Some(&clients), only: Some(&TLS13), ..Setup::default() };
    let walk = walked(rustls_server(&ca.sign(&leaf()), setup).await, "GET").await;
    let failure = walk.exchanges[0].failure.as_ref().unwrap();
    assert_eq!(failure.phase, Phase::Tls, "{}", failure.words);
    let call = walk.call();
    assert_eq!(call.attribute("probe.http"), Some("tls"));
    let outcomes: Vec<&str> =
        call.attributes.iter().filter(|a| a.name == "probe.tls").map(|a| a.value.as_str()).collect();
    assert_eq!(outcomes, ["client_certificate_required"]);
    let step = walk.steps.iter().find(|step| step.name == "tls").unwrap();
    assert_eq!(step.state, State::Failed);
    assert!(step.details.iter().any(|line| line.contains("certificate_required")), "{:?}", step.details);
}

#[tokio::test]
async fn a_walk_that_sends_nothing_still_looks_at_tls() {
    let ca = root("Example Root");
    let walk = walked(rustls_server(&ca.sign(&leaf()), Setup::default()).await, "POST").await;
    assert_eq!((walk.requests, walk.exchanges.len()), (0, 0));
    let call = walk.call();
    assert_eq!(call.attribute("probe.tls"), Some("ok"));
    assert_eq!(call.attribute("probe.tls.versions"), Some("TLS 1.2, TLS 1.3"));
    assert_eq!(call.attribute("connected"), Some("true"));
    assert!(call.attribute("probe.http").is_none());
    assert!(call.timings.tls.is_some() && call.timings.total.is_none());
}
