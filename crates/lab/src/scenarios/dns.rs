//! Names that lead nowhere, or somewhere else. The lab's own name server is asked, through `--resolver`.

use crate::World;
use crate::scenario::{Expected, Family, Scenario, Symptom};
use crate::systems::authority::{Authority, Fault, server};
use crate::systems::name_server::{REFUSED, SERVFAIL, Says, Zone, start};
use crate::systems::orders;
use firstfault_model::{Bucket, Layer};
use std::io;
use std::net::SocketAddr;

const PATH: &str = "/v1/orders";
/// The zone as it should be.
const ORDERS: fn() -> Zone = || {
    vec![
        ("orders.lab.test", Says::here()),
        ("web.lab.test", Says::Alias("orders.lab.test")),
        ("www.lab.test", Says::Alias("web.lab.test")),
    ]
};

/// The family.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "dns-no-such-name",
        family: Family::Dns,
        story: "A service was taken away a month ago. One job still calls its name.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_not_found"),
        fix: "Call the name of the service that took its place.",
        start: |world| Box::pin(asked(world, 8531, "legacy.lab.test", ORDERS)),
    },
    Scenario {
        name: "dns-typo",
        family: Family::Dns,
        story: "A host name was typed into a new configuration. The call fails before it is sent.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_not_found"),
        fix: "The name is orders.lab.test.",
        start: |world| Box::pin(asked(world, 8533, "ordres.lab.test", ORDERS)),
    },
    Scenario {
        name: "dns-short-name",
        family: Family::Dns,
        story: "A call that works inside the cluster is tried on a laptop. The host is not found there.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_not_found"),
        fix: "Use the whole name: orders.lab.test.",
        start: |world| Box::pin(asked(world, 8535, "orders", ORDERS)),
    },
    Scenario {
        name: "dns-server-failure",
        family: Family::Dns,
        story: "All calls to one domain fail, other domains work. The name server answers with an error.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_failure"),
        fix: "Whoever runs the zone has to mend it: its servers answer SERVFAIL.",
        start: |world| {
            Box::pin(asked(world, 8537, "orders.lab.test", || vec![("orders.lab.test", Says::Fails(SERVFAIL))]))
        },
    },
    Scenario {
        name: "dns-refused",
        family: Family::Dns,
        story: "A new machine uses a name server of another department. No name resolves.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_failure"),
        fix: "Use a name server that answers this network, or have the machine allowed there.",
        start: |world| {
            Box::pin(asked(world, 8539, "orders.lab.test", || vec![("orders.lab.test", Says::Fails(REFUSED))]))
        },
    },
    Scenario {
        name: "dns-no-answer",
        family: Family::Dns,
        story: "Every call takes seconds and fails before a connection is made.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_failure"),
        fix: "The name server does not answer: mend it, or use another one.",
        start: |world| Box::pin(asked(world, 8541, "orders.lab.test", || vec![("orders.lab.test", Says::Silence)])),
    },
    Scenario {
        name: "dns-no-address",
        family: Family::Dns,
        story: "The domain receives mail, and a call to it fails before a connection is made.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_not_found"),
        fix: "The name has no address: add an A record, or call the name that has one.",
        start: |world| Box::pin(asked(world, 8543, "lab-mail.test", || vec![("lab-mail.test", Says::Nothing)])),
    },
    Scenario {
        name: "dns-alias-to-nowhere",
        family: Family::Dns,
        story: "A campaign site of last year is called again. Its name is an alias.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.dns_not_found"),
        fix: "The alias points to a name that is gone: point it to one that exists.",
        start: |world| {
            Box::pin(asked(world, 8545, "campaign.lab.test", || {
                vec![("campaign.lab.test", Says::Alias("campaign-2024.hosting.test"))]
            }))
        },
    },
    Scenario {
        name: "dns-stale-address",
        family: Family::Dns,
        story: "The service moved, and its name did not follow. The old machine refuses the connection.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_refused"),
        fix: "Point the name to the new machine.",
        start: |world| Box::pin(stale(world)),
    },
    Scenario {
        name: "dns-wrong-address",
        family: Family::Dns,
        story: "The name was pointed to a new load balancer. Since then the certificate is said to be for \
                another name.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.hostname_mismatch")
            .or(&["client.wrong_environment"]),
        fix: "The name leads to another team's load balancer: correct the record.",
        start: |world| Box::pin(wrong_address(world)),
    },
    Scenario {
        name: "dns-only-ipv6",
        family: Family::Dns,
        story: "The service got a new name. From one machine nothing can be reached under it.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_refused")
            .or(&["network.unreachable"]),
        fix: "The name has an IPv6 address alone, and the service listens on IPv4: add an A record.",
        start: |world| Box::pin(asked(world, 8551, "orders.lab.test", || vec![("orders.lab.test", Says::here_v6())])),
    },
    Scenario {
        name: "dns-healthy",
        family: Family::Dns,
        story: "Someone says that the name does not resolve. The call is tried again.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(asked(world, 8553, "orders.lab.test", ORDERS)),
    },
    Scenario {
        name: "dns-alias",
        family: Family::Dns,
        story: "The name is an alias of an alias. Someone suspects it.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken: the aliases lead to an address.",
        start: |world| Box::pin(asked(world, 8555, "www.lab.test", ORDERS)),
    },
];

/// A call of `http://HOST` while the orders service runs and the name server says what `zone` holds. Of two ports one is
/// the name server's, the next the service's.
async fn asked(world: World, port: u16, host: &str, zone: fn() -> Zone) -> io::Result<Symptom> {
    let names = start(&world, port, zone()).await?;
    let at = world.serve("orders", port + 1, None, |asked| async move { orders::answer(&asked).into() }).await?;
    Ok(through(names, [format!("http://{host}:{}{PATH}", at.port())]))
}

fn through<const N: usize>(names: SocketAddr, curl: [String; N]) -> Symptom {
    Symptom::call(curl).probed(["--resolver".to_owned(), names.to_string()])
}

async fn stale(world: World) -> io::Result<Symptom> {
    let names = start(&world, 8547, ORDERS()).await?;
    let at = world.refusing("orders", 8548)?;
    Ok(through(names, [format!("http://orders.lab.test:{}{PATH}", at.port())]))
}

/// Another service answers, with a certificate and a page of its own.
async fn wrong_address(world: World) -> io::Result<Symptom> {
    let names = start(&world, 8549, ORDERS()).await?;
    let authority = Authority::new(&world, "ca", "Lab")?;
    let config = server(authority.serves(&["wiki.lab.test"], Fault::None)?)?;
    let at = world
        .serve("wiki", 8550, Some(config), |_| async { crate::systems::faults::nginx(404, "Not Found", "").into() });
    let url = format!("https://orders.lab.test:{}{PATH}", at.await?.port());
    Ok(through(names, ["--cacert".to_owned(), authority.file().display().to_string(), url]))
}
