//! What speaks on a port where TLS was expected, by its first bytes.

use super::certificate::clean;

/// A protocol by its first bytes: a word for a mark, and a name for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Protocol {
    pub mark: &'static str,
    pub name: &'static str,
}

const UNKNOWN: Protocol = Protocol { mark: "unknown", name: "a protocol that is not known here" };

/// First bytes, and whose they are. Sources: RFC 9112, 4253, 5321, 959, 1939, 3501, 6143, 6455; the protocol pages of the
/// products.
const BEGINNINGS: &[(&[u8], Protocol)] = &[
    (b"HTTP/", Protocol { mark: "http", name: "plain HTTP" }),
    (b"<!DOCTYPE", Protocol { mark: "http", name: "plain HTTP" }),
    (b"<!doctype", Protocol { mark: "http", name: "plain HTTP" }),
    (b"<html", Protocol { mark: "http", name: "plain HTTP" }),
    (b"<HTML", Protocol { mark: "http", name: "plain HTTP" }),
    (b"SSH-", Protocol { mark: "ssh", name: "SSH" }),
    (b"+OK", Protocol { mark: "pop3", name: "POP3" }),
    (b"* OK", Protocol { mark: "imap", name: "IMAP" }),
    (b"* BYE", Protocol { mark: "imap", name: "IMAP" }),
    (b"RFB ", Protocol { mark: "vnc", name: "VNC" }),
    (b"AMQP", Protocol { mark: "amqp", name: "AMQP" }),
    (b"-ERR", Protocol { mark: "redis", name: "Redis" }),
    (b"-DENIED", Protocol { mark: "redis", name: "Redis" }),
    (b"-NOAUTH", Protocol { mark: "redis", name: "Redis" }),
    (b"ERROR\r\n", Protocol { mark: "memcached", name: "memcached" }),
    (b"<?xml", Protocol { mark: "xmpp", name: "XMPP" }),
    (b"<stream:", Protocol { mark: "xmpp", name: "XMPP" }),
    (b"\xff\xfb", Protocol { mark: "telnet", name: "Telnet" }),
    (b"\xff\xfd", Protocol { mark: "telnet", name: "Telnet" }),
    (b"EInvalid", Protocol { mark: "postgresql", name: "PostgreSQL" }),
];

/// Whose bytes these are.
pub(super) fn protocol(bytes: &[u8]) -> Protocol {
    if let Some((_, protocol)) = BEGINNINGS.iter().find(|(begin, _)| bytes.starts_with(begin)) {
        return *protocol;
    }
    match bytes {
        // 220 greets in both; FTP servers say so (RFC 959, RFC 5321).
        [b'2' | b'4' | b'5', a, b, b' ' | b'-', rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
            let is_ftp = rest.windows(3).any(|part| part.eq_ignore_ascii_case(b"ftp"));
            if is_ftp { Protocol { mark: "ftp", name: "FTP" } } else { Protocol { mark: "smtp", name: "SMTP" } }
        }
        // A frame SETTINGS on stream 0 (RFC 9113 section 6.5).
        [0, 0, _, 4, _, 0, 0, 0, 0, ..] => Protocol { mark: "h2c", name: "plain HTTP/2" },
        // Length, sequence 0, protocol 10 or an error (MySQL, MariaDB: Initial Handshake Packet).
        [_, 0 | 1, 0, 0, 10 | 0xff, ..] => Protocol { mark: "mysql", name: "MySQL" },
        // An ErrorResponse with its length (PostgreSQL: Message Formats).
        [b'E', 0, 0, _, _, b'S', ..] => Protocol { mark: "postgresql", name: "PostgreSQL" },
        [0x80, _, 4, ..] => Protocol { mark: "ssl2", name: "SSL 2.0" },
        [5, 0 | 0xff] => Protocol { mark: "socks5", name: "SOCKS 5" },
        _ => UNKNOWN,
    }
}

/// The first line of what came, safe to show.
pub(super) fn first_line(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text: String = String::from_utf8_lossy(&line[..line.len().min(80)]).trim_end().to_owned();
    if text.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        return bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    }
    clean(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_known_by_their_first_bytes() {
        for (bytes, mark) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], "http"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "ssh"),
            (b"220 mail.example.com ESMTP Postfix\r\n", "smtp"),
            (b"220 (vsFTPd 3.0.5)\r\n", "ftp"),
            (b"\0\0\x12\x04\0\0\0\0\0", "h2c"),
            (b"J\0\0\0\x0a8.0.36\0", "mysql"),
            (b"", "unknown"),
            (b"\x16", "unknown"),
        ] {
            assert_eq!(protocol(bytes).mark, mark, "{bytes:?}");
        }
        assert_eq!(first_line(b"SSH-2.0-x\r\nmore"), "SSH-2.0-x");
        assert_eq!(first_line(b"\x1b[31mred"), "1b 5b 33 31 6d 72 65 64");
    }
}
