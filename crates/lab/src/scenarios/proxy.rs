//! Forward proxies that want something, refuse something, or are in the way.

use crate::World;
use crate::scenario::{Expected, Family, Scenario, Symptom};
use crate::systems::authority::{Authority, Fault, server};
use crate::systems::forward_proxy::{Rules, start};
use crate::systems::{faults, orders};
use firstfault_model::{Bucket, Layer};
use std::io;
use std::net::SocketAddr;

const HOST: &str = "orders.lab.test";
const PATH: &str = "/v1/orders";

/// What the company's proxy reaches and lets through.
fn rules(at: SocketAddr, dead: SocketAddr, port: u16) -> Rules {
    let games = ("games.lab.test", port, at);
    Rules::reaching(&[(HOST, port, at), (HOST, 8443, at), ("dead.lab.test", port, dead), games])
        .with_password("ada:lovelace")
        .denying(&["games.lab.test"])
        .with_safe_ports(&[443, 563])
}

/// The family.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "proxy-no-password",
        family: Family::Proxy,
        story: "A build moved into the company's network. Every download fails with 407.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_auth"),
        fix: "Give the proxy a user and password: -U ada:lovelace.",
        start: |world| Box::pin(tunnelled(world, 8601, "", HOST)),
    },
    Scenario {
        name: "proxy-wrong-password",
        family: Family::Proxy,
        story: "The password of the proxy was changed. Calls that worked yesterday fail with 407.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_auth"),
        fix: "Use the new password.",
        start: |world| Box::pin(tunnelled(world, 8603, "ada:byron@", HOST)),
    },
    Scenario {
        name: "proxy-no-password-http",
        family: Family::Proxy,
        story: "A plain HTTP call from the company's network gets a 407 in HTML.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_auth"),
        fix: "Give the proxy a user and password: -U ada:lovelace.",
        start: |world| Box::pin(plain(world, 8605, "", HOST)),
    },
    Scenario {
        name: "proxy-denied",
        family: Family::Proxy,
        story: "One host cannot be reached through the proxy, all others can.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_refused"),
        fix: "Have the host allowed in the proxy's rules.",
        start: |world| Box::pin(tunnelled(world, 8607, "ada:lovelace@", "games.lab.test")),
    },
    Scenario {
        name: "proxy-block-page",
        family: Family::Proxy,
        story: "A call to one host gets a 403 with a page that is not the API's.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_refused").or(&["network.intercepted"]),
        fix: "Have the host allowed in the web filter.",
        start: |world| Box::pin(plain(world, 8609, "ada:lovelace@", "games.lab.test")),
    },
    Scenario {
        name: "proxy-port-denied",
        family: Family::Proxy,
        story: "A service on port 8443 cannot be called through the proxy, those on 443 can.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_refused"),
        fix: "Have the port added to those that the proxy tunnels to, or serve on 443.",
        start: |world| Box::pin(tunnelled(world, 8611, "ada:lovelace@", "orders.lab.test:8443")),
    },
    Scenario {
        name: "proxy-target-dead",
        family: Family::Proxy,
        story: "Through the proxy one service answers 503, all others work. The page names the proxy.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_failure")
            .or(&["upstream.connection_failure", "network.connection_refused"]),
        fix: "The service is down: the proxy cannot connect to it.",
        start: |world| Box::pin(plain(world, 8613, "ada:lovelace@", "dead.lab.test")),
    },
    Scenario {
        name: "proxy-target-dead-tunnel",
        family: Family::Proxy,
        story: "An HTTPS call through the proxy fails with 503 in answer to CONNECT.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_failure")
            .or(&["upstream.connection_failure", "network.connection_refused"]),
        fix: "The service is down: the proxy cannot connect to it.",
        start: |world| Box::pin(tunnelled(world, 8615, "ada:lovelace@", "dead.lab.test")),
    },
    Scenario {
        name: "proxy-no-name",
        family: Family::Proxy,
        story: "A name that works on the desk fails through the proxy with 503.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_failure")
            .or(&["network.dns_not_found"]),
        fix: "The proxy's own name server does not know the name: have it added there, or leave the host out \
                of the proxy.",
        start: |world| Box::pin(tunnelled(world, 8617, "ada:lovelace@", "staging.lab.test")),
    },
    Scenario {
        name: "proxy-down",
        family: Family::Proxy,
        story: "The proxy was moved. The client complains that it cannot connect, and names a port that is not \
                the API's.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_failure"),
        fix: "Use the new address of the proxy.",
        start: |world| Box::pin(down(world)),
    },
    Scenario {
        name: "proxy-forgotten-variable",
        family: Family::Proxy,
        story: "A laptop comes back from the office, and at home no call works. The command is the same.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_failure"),
        fix: "Unset https_proxy: it still names the office proxy.",
        start: |world| Box::pin(forgotten(world)),
    },
    Scenario {
        name: "proxy-is-a-web-server",
        family: Family::Proxy,
        story: "The address of the company's web server was entered as the proxy. HTTPS calls fail.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.proxy_failure"),
        fix: "Enter the address of the proxy.",
        start: |world| Box::pin(web_server(world)),
    },
    Scenario {
        name: "proxy-inspects-tls",
        family: Family::Proxy,
        story: "Through the proxy the client refuses the certificate of every host.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.intercepted").or(&["tls.client_trust_store"]),
        fix: "Trust the proxy's root on this machine, or have the host left out of inspection.",
        start: |world| Box::pin(inspected(world)),
    },
    Scenario {
        name: "proxy-healthy",
        family: Family::Proxy,
        story: "Someone suspects the proxy. The call is tried through it, with user and password.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(tunnelled(world, 8627, "ada:lovelace@", HOST)),
    },
    Scenario {
        name: "proxy-healthy-http",
        family: Family::Proxy,
        story: "A plain HTTP call goes through the proxy. Someone suspects it.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(plain(world, 8629, "ada:lovelace@", HOST)),
    },
    Scenario {
        name: "proxy-left-out",
        family: Family::Proxy,
        story: "https_proxy names a proxy that is gone, and NO_PROXY names the host. The call does not need the \
                proxy.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken: the host is left out of the proxy.",
        start: |world| Box::pin(left_out(world)),
    },
];

async fn secure(world: &World, authority: &Authority, port: u16, fault: Fault) -> io::Result<SocketAddr> {
    let config = server(authority.serves(&[HOST, "dead.lab.test", "games.lab.test"], fault)?)?;
    world.serve("orders", port, Some(config), |asked| async move { orders::answer(&asked).into() }).await
}

fn trusting(authority: &Authority, host: &str) -> [String; 3] {
    ["--cacert".to_owned(), authority.file().display().to_string(), format!("https://{host}{PATH}")]
}

/// `https://HOST` through the proxy.
async fn tunnelled(world: World, port: u16, user: &str, host: &str) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = secure(&world, &authority, port + 1, Fault::None).await?;
    let dead = world.refusing("dead", port + 100)?;
    let proxy = start(&world, port, rules(at, dead, 443)).await?;
    let through = ["-x".to_owned(), format!("http://{user}{proxy}")];
    Ok(Symptom::call(through.into_iter().chain(trusting(&authority, host))))
}

/// `http://HOST` through the proxy, which has a web filter.
async fn plain(world: World, port: u16, user: &str, host: &str) -> io::Result<Symptom> {
    let at = world.serve("orders", port + 1, None, |asked| async move { orders::answer(&asked).into() }).await?;
    let dead = world.refusing("dead", port + 100)?;
    let proxy = start(&world, port, rules(at, dead, 80).with_block_page()).await?;
    Ok(Symptom::call(["-x".to_owned(), format!("http://{user}{proxy}"), format!("http://{host}{PATH}")]))
}

async fn down(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let proxy = world.refusing("squid", 8619)?;
    let through = ["-x".to_owned(), format!("http://{proxy}")];
    Ok(Symptom::call(through.into_iter().chain(trusting(&authority, HOST))))
}

/// The service is there, and would be reached without the variable.
async fn forgotten(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = secure(&world, &authority, 8622, Fault::None).await?;
    let proxy = world.refusing("squid", 8621)?;
    let call = crate::systems::authority::call(HOST, at.port(), authority.file(), PATH);
    Ok(Symptom::call(call).variable("https_proxy", format!("http://{proxy}")))
}

/// nginx since 1.21.1 answers CONNECT with 405.
async fn web_server(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let proxy = world.serve("nginx", 8623, None, |asked| async move {
        match asked.method.as_str() {
            "CONNECT" => faults::nginx(405, "Not Allowed", "").with("Connection", "close").into(),
            _ => faults::nginx(404, "Not Found", "").into(),
        }
    });
    let through = ["-x".to_owned(), format!("http://{}", proxy.await?)];
    Ok(Symptom::call(through.into_iter().chain(trusting(&authority, HOST))))
}

/// The proxy answers in the name of every host, with certificates of its own.
async fn inspected(world: World) -> io::Result<Symptom> {
    let public = Authority::new(&world, "ca", "Lab")?;
    let names = ["Example Works Web Gateway Root", "Example Works Web Gateway TLS Inspection"].map(str::to_owned);
    let gateway = Authority::called(&world, "gateway-ca", "Example Works IT Security", &names)?;
    let at = secure(&world, &gateway, 8626, Fault::None).await?;
    let proxy = start(&world, 8625, Rules::reaching(&[(HOST, 443, at)])).await?;
    let through = ["-x".to_owned(), format!("http://{proxy}")];
    Ok(Symptom::call(through.into_iter().chain(trusting(&public, HOST))))
}

async fn left_out(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = secure(&world, &authority, 8632, Fault::None).await?;
    let proxy = world.refusing("squid", 8631)?;
    let call = crate::systems::authority::call(HOST, at.port(), authority.file(), PATH);
    let symptom = Symptom::call(call).variable("https_proxy", format!("http://{proxy}"));
    Ok(symptom.variable("no_proxy", "localhost,.lab.test"))
}
