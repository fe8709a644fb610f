//! A forward proxy as companies run them: Squid's answers and log, a list of names that it can reach, a password, rules.
//!
//! It reaches nothing but loopback: a name that it does not know it cannot resolve, whatever the machine's resolver says.

use super::{Opened, System, http_now, orders};
use crate::server::{Asked, Reply, read};
use crate::world::{Journal, World};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

const SYSTEM: &str = "squid";
const PRODUCT: &str = "squid/5.7";

/// For `firstfault lab`.
pub const SYSTEMS: &[System] = &[System {
    name: SYSTEM,
    port: 3128,
    what: "a forward proxy with a password (ada:lovelace): reaches orders.lab.test, blocks games.lab.test",
    start: |world| {
        Box::pin(async move {
            let orders =
                world.serve("orders", 3129, None, |asked| async move { orders::answer(&asked).into() }).await?;
            let rules = Rules::reaching(&[("orders.lab.test", 80, orders)]).with_password("ada:lovelace");
            let at = start(&world, 3128, rules.denying(&["games.lab.test"])).await?;
            let through = |user: &str, host: &str| {
                ["-x".to_owned(), format!("http://{user}{at}"), format!("http://{host}/v1/orders")]
            };
            Ok(Opened::at(at)
                .with("407", through("", "orders.lab.test"))
                .with("200", through("ada:lovelace@", "orders.lab.test"))
                .with("403 of the proxy", through("ada:lovelace@", "games.lab.test")))
        })
    },
}];

/// What a proxy lets through, and where to.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Host and port, and where that is on loopback.
    reaches: Vec<(&'static str, u16, SocketAddr)>,
    /// `user:password`.
    password: Option<&'static str>,
    denied: Vec<&'static str>,
    safe_ports: Option<Vec<u16>>,
    block_page: bool,
}

impl Rules {
    /// Reaches these and nothing else.
    #[must_use]
    pub fn reaching(reaches: &[(&'static str, u16, SocketAddr)]) -> Self {
        Self { reaches: reaches.to_vec(), ..Self::default() }
    }

    /// Only with this `user:password`.
    #[must_use]
    pub fn with_password(self, password: &'static str) -> Self {
        Self { password: Some(password), ..self }
    }

    /// Not to these hosts.
    #[must_use]
    pub fn denying(self, hosts: &[&'static str]) -> Self {
        Self { denied: hosts.to_vec(), ..self }
    }

    /// Tunnels to these ports alone, as Squid's `SSL_ports`.
    #[must_use]
    pub fn with_safe_ports(self, ports: &[u16]) -> Self {
        Self { safe_ports: Some(ports.to_vec()), ..self }
    }

    /// What is denied gets the page of a web filter in place of Squid's own.
    #[must_use]
    pub fn with_block_page(self) -> Self {
        Self { block_page: true, ..self }
    }
}

/// Starts it.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World, port: u16, rules: Rules) -> io::Result<SocketAddr> {
    let (rules, journal) = (Arc::new(rules), world.journal());
    world
        .raw(SYSTEM, port, move |stream| {
            let (rules, journal) = (rules.clone(), journal.clone());
            async move { converse(stream, &rules, &journal).await }
        })
        .await
}

/// Host and port of a request, and the rest of its target.
struct Wish {
    host: String,
    port: u16,
    target: String,
}

impl Wish {
    fn of(asked: &Asked) -> Option<Self> {
        let (authority, target, usual) = if asked.method == "CONNECT" {
            (asked.path.as_str(), String::new(), None)
        } else {
            let rest = asked.path.strip_prefix("http://")?;
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
            (authority, format!("{}{query}", if path.is_empty() { "/" } else { path }), Some(80))
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (authority, usual),
        };
        Some(Self { host: host.to_lowercase(), port: port?, target })
    }
}

async fn converse(mut stream: TcpStream, rules: &Rules, journal: &Journal) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let Some(asked) = read(&mut stream, &mut buffer).await? else { return Ok(()) };
        let wish = Wish::of(&asked);
        let refusal = match &wish {
            None => Some(page(
                &asked,
                400,
                "ERR_INVALID_URL 0",
                "Invalid URL",
                "Some aspect of the requested URL is incorrect.",
            )),
            Some(wish) => refused(&asked, wish, rules),
        };
        let refusal = match (refusal, wish) {
            (Some(reply), _) => reply,
            (None, None) => return Ok(()),
            (None, Some(wish)) => match reach(&wish, rules).await {
                Ok(target) if asked.method == "CONNECT" => {
                    log(journal, &asked, "TCP_TUNNEL/200", "HIER_DIRECT/127.0.0.1");
                    return tunnel(stream, target, &buffer).await;
                }
                Ok(target) => {
                    log(journal, &asked, "TCP_MISS/200", "HIER_DIRECT/127.0.0.1");
                    return forward(stream, target, &asked, &wish).await;
                }
                Err(Way::NoName) => no_name(&asked, &wish),
                Err(Way::Broken(error)) => no_connection(&asked, &wish, &error),
            },
        };
        let code = match refusal.status {
            403 | 407 => format!("TCP_DENIED/{}", refusal.status),
            400 => "NONE_NONE/400".to_owned(),
            other => format!("NONE_NONE/{other}"),
        };
        log(journal, &asked, &code, "HIER_NONE/-");
        stream.write_all(&refusal.bytes(&asked.method)).await?;
        // Squid keeps a connection after 407, so that the client can come again with its password.
        if refusal.status != 407 {
            return crate::systems::old_tls::end(stream).await;
        }
    }
}

fn log(journal: &Journal, asked: &Asked, code: &str, way: &str) {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (passed.as_secs(), passed.subsec_millis());
    let line =
        format!("{seconds}.{millis:03}      1 127.0.0.1 {code} 3921 {} {} - {way} text/html", asked.method, asked.path);
    journal.log(SYSTEM, line);
}

/// What the rules refuse: first who asks, then what for, in the order of Squid's usual configuration.
fn refused(asked: &Asked, wish: &Wish, rules: &Rules) -> Option<Reply> {
    let unsafe_port = rules.safe_ports.as_ref().is_some_and(|ports| !ports.contains(&wish.port));
    let denied = rules.denied.contains(&wish.host.as_str());
    if asked.method == "CONNECT" && unsafe_port {
        return Some(access_denied(asked));
    }
    if let Some(password) = rules.password {
        let given = asked.header("proxy-authorization").and_then(|value| value.strip_prefix("Basic "));
        if given.map(str::trim) != Some(base64(password.as_bytes()).as_str()) {
            return Some(page(
                asked,
                407,
                "ERR_CACHE_ACCESS_DENIED 0",
                "Cache Access Denied.",
                "Sorry, you are not currently allowed to request this from this cache until you have authenticated yourself.",
            )
            .with("Proxy-Authenticate", "Basic realm=\"Squid proxy-caching web server\"")
            .with("Connection", "keep-alive"));
        }
    }
    match (denied, rules.block_page) {
        (false, _) => None,
        (true, false) => Some(access_denied(asked)),
        (true, true) => Some(block_page(asked, wish)),
    }
}

fn access_denied(asked: &Asked) -> Reply {
    page(
        asked,
        403,
        "ERR_ACCESS_DENIED 0",
        "Access Denied.",
        "Access control configuration prevents your request from being allowed at this time. Please contact your service provider if you feel this is incorrect.",
    )
}

/// The page of a web filter.
fn block_page(asked: &Asked, wish: &Wish) -> Reply {
    let body = format!(
        "<!DOCTYPE html><html><head><title>Web Page Blocked</title></head><body><h1>Web Page Blocked!</h1><p>You have \
         tried to access a web page which is in violation of your Internet usage policy.</p><table><tr><td>Category:</td>\
         <td>Games</td></tr><tr><td>URL:</td><td>{}</td></tr><tr><td>Client IP:</td><td>127.0.0.1</td></tr></table>\
         <p>To have the rating of this web page re-evaluated please contact your administrator.</p></body></html>",
        escaped(&wish.host)
    );
    let _ = asked;
    Reply::new(403, "text/html", body).with("X-Frame-Options", "SAMEORIGIN").with("Connection", "close")
}

fn no_name(asked: &Asked, wish: &Wish) -> Reply {
    let words = format!(
        "Unable to determine IP address from host name <q>{}</q></b></p><p>The DNS server returned:</p><blockquote>Name \
         Error: The domain name does not exist.</blockquote><p><b>",
        escaped(&wish.host)
    );
    page(
        asked,
        503,
        "ERR_DNS_FAIL 0",
        &words,
        "This means that the cache was not able to resolve the hostname presented in the URL.",
    )
}

fn no_connection(asked: &Asked, wish: &Wish, error: &io::Error) -> Reply {
    let code = error.raw_os_error().unwrap_or(0);
    let words = format!("Connection to {} failed.", escaped(&wish.host));
    let more = "The system returned: <i>(111) Connection refused</i></p><p>The remote host or network may be down. Please try the request again.";
    page(asked, 503, &format!("ERR_CONNECT_FAIL {code}"), &words, more)
}

/// A page of Squid.
fn page(asked: &Asked, status: u16, code: &str, words: &str, more: &str) -> Reply {
    let url = escaped(&asked.path);
    let body = format!(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n<html><head>\n\
         <meta type=\"copyright\" content=\"Copyright (C) 1996-2021 The Squid Software Foundation and contributors\">\n\
         <title>ERROR: The requested URL could not be retrieved</title>\n</head><body>\n<div id=\"titles\">\n<h1>ERROR</h1>\n\
         <h2>The requested URL could not be retrieved</h2>\n</div>\n<hr>\n<div id=\"content\">\n<p>The following error was \
         encountered while trying to retrieve the URL: <a href=\"{url}\">{url}</a></p>\n<blockquote id=\"error\">\n<p><b>{words}\
         </b></p>\n</blockquote>\n<p>{more}</p>\n</div>\n<hr>\n<div id=\"footer\">\n<p>Generated by proxy ({PRODUCT})</p>\n\
         </div>\n</body></html>\n"
    );
    let mut reply = Reply::empty(status);
    reply.body = body.into_bytes();
    reply
        .with("Server", PRODUCT)
        .with("Mime-Version", "1.0")
        .with("Date", http_now())
        .with("Content-Type", "text/html;charset=utf-8")
        .with("X-Squid-Error", code)
        .with("Vary", "Accept-Language")
        .with("Content-Language", "en")
        .with("Via", format!("1.1 proxy ({PRODUCT})"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

enum Way {
    NoName,
    Broken(io::Error),
}

async fn reach(wish: &Wish, rules: &Rules) -> Result<TcpStream, Way> {
    let known = rules.reaches.iter().find(|(host, port, _)| *host == wish.host && *port == wish.port);
    let here = (wish.host == "127.0.0.1").then(|| SocketAddr::from(([127, 0, 0, 1], wish.port)));
    match known.map(|(.., at)| *at).or(here) {
        Some(at) => TcpStream::connect(at).await.map_err(Way::Broken),
        None if rules.reaches.iter().any(|(host, ..)| *host == wish.host) => {
            Err(Way::Broken(io::Error::from_raw_os_error(111)))
        }
        None => Err(Way::NoName),
    }
}

async fn tunnel(mut stream: TcpStream, mut target: TcpStream, early: &[u8]) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    target.write_all(early).await?;
    copy_bidirectional(&mut stream, &mut target).await.map(|_| ())
}

/// A request over plain HTTP, and whatever comes back; the connection ends with it.
async fn forward(mut stream: TcpStream, mut target: TcpStream, asked: &Asked, wish: &Wish) -> io::Result<()> {
    let mut head = format!("{} {} HTTP/1.1\r\n", asked.method, wish.target);
    for (name, value) in &asked.headers {
        if !name.to_lowercase().starts_with("proxy-") && !name.eq_ignore_ascii_case("connection") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str(&format!("Via: 1.1 proxy ({PRODUCT})\r\nConnection: close\r\n\r\n"));
    target.write_all(head.as_bytes()).await?;
    target.write_all(&asked.body).await?;
    tokio::io::copy(&mut target, &mut stream).await?;
    stream.shutdown().await
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let at = |i: usize| u32::from(part.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4_usize {
            let index = usize::try_from(bits >> (18 - 6 * i) & 63).unwrap_or(0);
            out.push(if i <= part.len() { char::from(LETTERS[index]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("ada:lovelace", "YWRhOmxvdmVsYWNl")]
        {
            assert_eq!(base64(text.as_bytes()), coded);
        }
    }
}
