//! Which proxy: the flag, else the environment, unless the host is excepted; all as curl does it.

use crate::ProxyChoice;
use firstfault_model::Url;
use std::net::IpAddr;

/// curl's default port for a proxy (curl(1), `-x`).
const PORT: u16 = 1080;

/// Chooses the proxy for `url`. `flag` is `-x` (`""` means none), `noproxy` is `--noproxy` (it replaces the variable
/// `no_proxy`), `environment` gives variables by name. The reason names the flag or the variable, never its value.
/// The credential is decoded, `user:password`.
pub fn choose(
    url: &Url,
    flag: Option<&str>,
    noproxy: Option<&str>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> ProxyChoice {
    // Empty variables count as not set, as with curl.
    let read = |name: &str| environment(name).filter(|value| !value.is_empty());
    let host = url.host.as_deref().unwrap_or_default();
    let direct = |why: String| ProxyChoice::Direct { why };
    let scheme = url.scheme.as_deref().unwrap_or("http");
    let (value, source) = match flag {
        Some("") => return direct("-x \"\" says that no proxy is used".to_owned()),
        Some(value) => (value.to_owned(), "-x".to_owned()),
        None => {
            let lower = format!("{scheme}_proxy");
            let mut names = vec![lower.clone()];
            // A CGI program's HTTP_PROXY may be the header `Proxy` of a request: it is not believed.
            if scheme != "http" {
                names.push(lower.to_ascii_uppercase());
            }
            names.extend(["all_proxy".to_owned(), "ALL_PROXY".to_owned()]);
            let Some(found) = names.into_iter().find_map(|name| Some((read(&name)?, name))) else {
                let ignored = scheme == "http" && read("HTTP_PROXY").is_some();
                return direct(if ignored {
                    "HTTP_PROXY is set in upper case, which is not read for http".to_owned()
                } else {
                    crate::target::NO_PROXY_SET.to_owned()
                });
            };
            found
        }
    };
    let (exceptions, by) = match noproxy {
        Some(list) => (Some(list.to_owned()), "--noproxy"),
        None => match read("no_proxy") {
            Some(list) => (Some(list), "no_proxy"),
            None => (read("NO_PROXY"), "NO_PROXY"),
        },
    };
    if let Some(entry) = exceptions.as_deref().and_then(|list| excepted(host, list)) {
        return direct(format!("{by} has {entry}, so {source} is not used"));
    }
    parse(&value, source)
}

/// A proxy as it is written: `[scheme://][user[:password]@]host[:port]`.
fn parse(value: &str, why: String) -> ProxyChoice {
    let value = value.trim();
    let (scheme, rest) = match value.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), value),
    };
    let scheme = if scheme == "socks" { "socks4".to_owned() } else { super::harmless(&scheme) };
    // The last `@` ends the credential: what stands before it must never be taken for a host, however it is written.
    let (credential, place) = match rest.rsplit_once('@') {
        Some((credential, place)) => (Some(credential), place),
        None => (None, rest),
    };
    let place = place.split(['/', '?', '#']).next().unwrap_or_default();
    let parts = Url::parse(&format!("//{place}"));
    let credential = credential.filter(|text| !text.is_empty()).map(decoded);
    let port = parts.port.unwrap_or(if scheme == "https" { 443 } else { PORT });
    let mut host = parts.host.unwrap_or_default();
    // `user:password` without a host: what is no port is dropped.
    if host.parse::<IpAddr>().is_err()
        && let Some((before, _)) = host.split_once(':')
    {
        host = before.to_owned();
    }
    let host = super::harmless(&host);
    ProxyChoice::Via { scheme, host, port, credential, why }
}

/// The entry of the list that excepts `host`, in the words of the list.
fn excepted(host: &str, list: &str) -> Option<String> {
    if list.trim() == "*" {
        return Some("*".to_owned());
    }
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    if host.is_empty() {
        return None;
    }
    let address = host.parse::<IpAddr>().ok();
    list.split([',', ' ', '\t'])
        .filter(|entry| !entry.is_empty())
        .find(|entry| match address {
            Some(ip) => covers_address(entry, ip),
            None => covers_name(entry, host),
        })
        .map(super::harmless)
}

fn covers_name(entry: &str, host: &str) -> bool {
    let entry = entry.trim_end_matches('.');
    let entry = entry.strip_prefix('.').unwrap_or(entry).as_bytes();
    let host = host.as_bytes();
    if entry.is_empty() || entry.len() > host.len() {
        return false;
    }
    let (before, tail) = host.split_at(host.len() - entry.len());
    tail.eq_ignore_ascii_case(entry) && (before.is_empty() || before.ends_with(b"."))
}

fn covers_address(entry: &str, ip: IpAddr) -> bool {
    let (net, bits) = match entry.split_once('/') {
        Some((net, bits)) => match bits.parse::<u32>() {
            Ok(bits) => (net, Some(bits)),
            Err(_) => return false,
        },
        None => (entry, None),
    };
    let net = net.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match (net.parse::<IpAddr>(), ip) {
        (Ok(IpAddr::V4(net)), IpAddr::V4(ip)) => {
            let bits = bits.unwrap_or(32);
            bits <= 32 && (u32::from(net) ^ u32::from(ip)).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (Ok(IpAddr::V6(net)), IpAddr::V6(ip)) => {
            let bits = bits.unwrap_or(128);
            bits <= 128 && (u128::from(net) ^ u128::from(ip)).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Percent-decoding, as curl does it for user and password. What is no code stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
            && let Ok(value) = u8::try_from(high * 16 + low)
        {
            out.push(value);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
