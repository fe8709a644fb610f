//! What stands between: gateways in front of a backend, in the person of products, with one thing wrong each.

mod edge;
mod limits;
mod upstream;

use crate::systems::gateway::{self, Backend, Config, Product, Target};
use crate::{Expected, Scenario, Symptom, World};
use firstfault_model::{Bucket, Layer};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// All of them.
pub(super) fn all() -> Vec<Scenario> {
    [upstream::SCENARIOS, limits::SCENARIOS, edge::SCENARIOS].concat()
}

const fn upstream(layer: Layer, cause: &'static str) -> Expected {
    Expected { bucket: Bucket::Upstream, layer: Some(layer), cause, or: &[] }
}

const fn client(layer: Layer, cause: &'static str) -> Expected {
    Expected { bucket: Bucket::Client, layer: Some(layer), cause, or: &[] }
}

const fn lost() -> Expected {
    Expected { bucket: Bucket::Auth, layer: Some(Layer::Gateway), cause: "auth.credentials_stripped", or: &[] }
}

const fn nothing() -> Expected {
    Expected { bucket: Bucket::None, layer: None, cause: "none", or: &[] }
}

/// How long the annual report takes: longer than any gateway waits.
const SLOW: Duration = Duration::from_secs(31);

/// A backend that works, and a gateway in front of it, set up further by `with`.
async fn healthy(world: &World, product: Product, with: impl FnOnce(&mut Config)) -> io::Result<String> {
    let backend = Backend::start(world, SLOW).await?;
    behind(world, product, Target::At(backend.place()), with).await
}

/// A gateway in front of something; its URL.
async fn behind(world: &World, product: Product, to: Target, with: impl FnOnce(&mut Config)) -> io::Result<String> {
    let mut config = Config::to(product, to);
    with(&mut config);
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let place = gateway::start(world, config).await?;
    Ok(format!("{scheme}://{place}"))
}

/// Where nothing listens.
fn deserted(world: &World) -> io::Result<SocketAddr> {
    world.refusing("orders-backend", gateway::backend::PORT + 6)
}

/// `curl -i URL`
fn get(url: &str, path: &str) -> Symptom {
    Symptom::call(["-i".to_owned(), format!("{url}{path}")])
}

/// The same, with what the gateway logged when it was called before.
async fn get_with_log(world: &World, product: Product, url: &str, path: &str) -> io::Result<Symptom> {
    super::sent(url.trim_start_matches("http://"), "GET", path, &[]).await?;
    let mut symptom = get(url, path);
    symptom.evidence = world.logged(product.name()).join("\n");
    Ok(symptom)
}

#[cfg(test)]
mod tests;
