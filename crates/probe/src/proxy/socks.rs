//! SOCKS 5 (RFC 1928) with user and password (RFC 1929).

use super::Asked;
use crate::Wrong;
use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const VERSION: u8 = 5;
const NO_PASSWORD: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

pub(super) async fn ask(stream: &mut TcpStream, host: &str, port: u16, credential: Option<&str>) -> Asked {
    match talk(stream, host, port, credential).await {
        Ok(asked) => asked,
        Err(error) => Asked::broken(&error),
    }
}

async fn talk(stream: &mut TcpStream, host: &str, port: u16, credential: Option<&str>) -> io::Result<Asked> {
    let nonsense = || Ok(Asked::failed("nonsense", Wrong::Protocol, "does not speak SOCKS 5"));
    let Some(target) = target(host, port) else {
        return Ok(Asked::failed("malformed", Wrong::Local, "was not asked: the name of the target is too long"));
    };
    let greeting: &[u8] =
        if credential.is_some() { &[VERSION, 2, NO_PASSWORD, PASSWORD] } else { &[VERSION, 1, NO_PASSWORD] };
    stream.write_all(greeting).await?;
    let mut choice = [0; 2];
    stream.read_exact(&mut choice).await?;
    match (choice, credential) {
        ([VERSION, NO_PASSWORD], _) => {}
        ([VERSION, PASSWORD], Some(credential)) => {
            let Some(message) = password(credential) else {
                let says = "was not told the password: user and password may have 255 bytes each";
                return Ok(Asked::failed("auth_failed", Wrong::Denied, says));
            };
            stream.write_all(&message).await?;
            let mut verdict = [0; 2];
            stream.read_exact(&mut verdict).await?;
            if verdict != [1, 0] {
                return Ok(Asked::failed("auth_failed", Wrong::Denied, "did not accept the user and password"));
            }
        }
        ([VERSION, NONE_ACCEPTABLE], None) => {
            return Ok(Asked::failed("auth_required", Wrong::Denied, "wants a user and password"));
        }
        ([VERSION, NONE_ACCEPTABLE], Some(_)) => {
            let says = "takes neither callers without a password nor those with user and password";
            return Ok(Asked::failed("auth_required", Wrong::Denied, says));
        }
        _ => return nonsense(),
    }
    stream.write_all(&target).await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [version, reply, _, kind] = head;
    if version != VERSION {
        return nonsense();
    }
    if reply != 0 {
        return Ok(refusal(reply));
    }
    // The address from which the proxy connects, and its port: read, so that the tunnel begins behind them.
    let length = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(stream.read_u8().await?),
        _ => return nonsense(),
    };
    let mut bound = vec![0; length + 2];
    stream.read_exact(&mut bound).await?;
    Ok(Asked::open())
}

/// RFC 1928 section 6.
fn refusal(reply: u8) -> Asked {
    let (word, wrong, says) = match reply {
        1 => ("general_failure", Wrong::Denied, "reports a general failure"),
        2 => ("not_allowed", Wrong::Denied, "does not allow this target by its rules"),
        3 => ("target_unreachable", Wrong::Denied, "reports that the target's network is unreachable"),
        4 => ("target_unreachable", Wrong::Denied, "reports that the target is unreachable"),
        5 => ("target_refused", Wrong::Denied, "reports that the target refused the connection"),
        6 => ("target_unreachable", Wrong::Denied, "reports that its packets did not reach the target (TTL expired)"),
        7 => ("unsupported", Wrong::Protocol, "does not know the command CONNECT"),
        8 => ("unsupported", Wrong::Protocol, "does not take this kind of address"),
        _ => ("general_failure", Wrong::Denied, "reports a failure that has no name"),
    };
    let mut asked = Asked::failed(word, wrong, says);
    asked.marks.push(("probe.proxy.socks_reply", reply.to_string()));
    asked
}

/// The request CONNECT, with an address or, for the proxy to look up, a name.
fn target(host: &str, port: u16) -> Option<Vec<u8>> {
    let mut bytes = vec![VERSION, 1, 0];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            bytes.push(1);
            bytes.extend(ip.octets());
        }
        Ok(IpAddr::V6(ip)) => {
            bytes.push(4);
            bytes.extend(ip.octets());
        }
        Err(_) => {
            bytes.push(3);
            bytes.push(u8::try_from(host.len()).ok()?);
            bytes.extend(host.bytes());
        }
    }
    bytes.extend(port.to_be_bytes());
    Some(bytes)
}

fn password(credential: &str) -> Option<Vec<u8>> {
    let (user, password) = credential.split_once(':').unwrap_or((credential, ""));
    let mut bytes = vec![1, u8::try_from(user.len()).ok()?];
    bytes.extend(user.bytes());
    bytes.push(u8::try_from(password.len()).ok()?);
    bytes.extend(password.bytes());
    Some(bytes)
}
