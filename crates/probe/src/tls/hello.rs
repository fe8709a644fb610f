//! ClientHellos made by hand, and what a server says before anything is encrypted: ServerHello, Certificate,
//! CertificateRequest, alerts (RFC 8446 section 4, RFC 5246 section 7.4, RFC 6101 for SSL 3.0).
//!
//! No library offers what old servers want, so the bytes are made here. Nothing secret is ever exchanged on such a
//! connection: it ends with the server's first flight. Lengths from the wire are hostile: each is checked against what is
//! there, and a flight against a bound.

/// How much of a server's first flight is read, in bytes: long lists of accepted CAs take tens of thousands.
pub(super) const FLIGHT_BYTES: usize = 192 << 10;
/// How many certificates and names of CAs are kept.
const LIST: usize = 64;

/// A version of the protocol by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub u16);

impl Version {
    pub(super) const SSL3: Self = Self(0x0300);
    pub(super) const TLS10: Self = Self(0x0301);
    pub(super) const TLS11: Self = Self(0x0302);
    pub(super) const TLS12: Self = Self(0x0303);
    pub(super) const TLS13: Self = Self(0x0304);

    /// Its name, as the RFCs write it.
    pub(super) fn name(self) -> String {
        match self {
            Self(0x0002) => "SSL 2.0".to_owned(),
            Self::SSL3 => "SSL 3.0".to_owned(),
            Self::TLS10 => "TLS 1.0".to_owned(),
            Self::TLS11 => "TLS 1.1".to_owned(),
            Self::TLS12 => "TLS 1.2".to_owned(),
            Self::TLS13 => "TLS 1.3".to_owned(),
            Self(other) => format!("version 0x{other:04x}"),
        }
    }
}

/// Cipher suites, best first, with the names of the IANA registry: what clients offered from SSL 3.0 to TLS 1.2.
const OLD_SUITES: &[(u16, &str)] = &[
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
    (0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
    (0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
    (0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA"),
    (0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    (0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"),
    (0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"),
    (0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"),
    (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
    (0x0005, "TLS_RSA_WITH_RC4_128_SHA"),
    (0x0004, "TLS_RSA_WITH_RC4_128_MD5"),
    (0x0009, "TLS_RSA_WITH_DES_CBC_SHA"),
];
/// Those of TLS 1.3 (RFC 8446 appendix B.4).
const NEW_SUITES: &[(u16, &str)] = &[
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    (0x1304, "TLS_AES_128_CCM_SHA256"),
    (0x1305, "TLS_AES_128_CCM_8_SHA256"),
];
/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3).
const RENEGOTIATION: u16 = 0x00ff;

/// The name of a cipher suite.
pub(super) fn suite(number: u16) -> String {
    let named = OLD_SUITES.iter().chain(NEW_SUITES).find(|(n, _)| *n == number);
    named.map_or_else(|| format!("cipher suite 0x{number:04x}"), |(_, name)| (*name).to_owned())
}

/// A hello for exactly one version, or, below TLS 1.3, for that version and all before it: the server picks.
pub(super) struct Hello<'a> {
    pub version: Version,
    /// For SNI; `None` for addresses.
    pub host: Option<&'a str>,
    pub alpn: &'a [&'a str],
    pub random: [u8; 32],
}

impl Hello<'_> {
    /// The record to send.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let new = self.version >= Version::TLS13;
        let mut body = Vec::with_capacity(512);
        body.extend(self.version.min(Version::TLS12).0.to_be_bytes());
        body.extend(self.random);
        // TLS 1.3 in the form that middleboxes take for a resumed session (RFC 8446 appendix D.4).
        let session: &[u8] = if new { &self.random } else { &[] };
        put8(&mut body, session);
        let mut suites = Vec::new();
        for (number, _) in if new { NEW_SUITES } else { OLD_SUITES } {
            suites.extend(number.to_be_bytes());
        }
        if !new {
            suites.extend(RENEGOTIATION.to_be_bytes());
        }
        put16(&mut body, &suites);
        put8(&mut body, &[0]);
        if self.version > Version::SSL3 {
            let extensions = self.extensions(new);
            put16(&mut body, &extensions);
        }
        let mut message = vec![1];
        message.extend(&u32::try_from(body.len()).unwrap_or(0).to_be_bytes()[1..]);
        message.extend(body);
        let mut record = vec![22];
        // The version of the record of a first hello is that of the oldest that is hoped for (RFC 5246 appendix E.1).
        record.extend(self.version.min(Version::TLS10).0.to_be_bytes());
        put16(&mut record, &message);
        record
    }

    fn extensions(&self, new: bool) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(host) = self.host {
            let mut name = vec![0];
            put16(&mut name, host.as_bytes());
            extension(&mut out, 0, |body| put16(body, &name));
        }
        // x25519, secp256r1, secp384r1, secp521r1
        extension(&mut out, 10, |body| put16(body, &[0, 29, 0, 23, 0, 24, 0, 25]));
        extension(&mut out, 11, |body| put8(body, &[0]));
        if self.version >= Version::TLS12 {
            // ecdsa and rsa_pss with SHA-2, ed25519, rsa_pkcs1 with SHA-2, and SHA-1 with which old servers sign
            let schemes =
                [4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 8, 7, 8, 9, 8, 10, 8, 11, 4, 1, 5, 1, 6, 1, 2, 3, 2, 1, 2, 2];
            extension(&mut out, 13, |body| put16(body, &schemes));
        }
        if !self.alpn.is_empty() {
            let mut names = Vec::new();
            for name in self.alpn {
                put8(&mut names, name.as_bytes());
            }
            extension(&mut out, 16, |body| put16(body, &names));
        }
        if new {
            extension(&mut out, 43, |body| put8(body, &Version::TLS13.0.to_be_bytes()));
            extension(&mut out, 45, |body| put8(body, &[1]));
            // No share at all: the server answers with the group that it would like (RFC 8446 section 4.2.8), and
            // neither side computes a key.
            extension(&mut out, 51, |body| put16(body, &[]));
        } else {
            extension(&mut out, 23, |_| {});
        }
        out
    }
}

fn put8(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(u8::try_from(bytes.len()).unwrap_or(0));
    out.extend(bytes);
}

fn put16(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u16::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
    out.extend(bytes);
}

fn extension(out: &mut Vec<u8>, number: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    fill(&mut body);
    out.extend(number.to_be_bytes());
    put16(out, &body);
}

/// What a server has said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flight {
    pub version: Option<Version>,
    pub suite: Option<u16>,
    pub alpn: Option<String>,
    /// DER, as sent; only before TLS 1.3, where they are not encrypted.
    pub certificates: Vec<Vec<u8>>,
    /// The CAs of a CertificateRequest, as DER names.
    pub asks_for: Option<Vec<Vec<u8>>>,
    /// Number of an alert that ended it.
    pub alert: Option<u8>,
    /// Nothing more comes unencrypted, or unasked.
    pub done: bool,
    /// These bytes are no TLS.
    pub foreign: bool,
}

/// Reads all that has come so far, from its beginning.
pub(super) fn read(bytes: &[u8]) -> Flight {
    let mut flight = Flight::default();
    let mut messages = Vec::new();
    let mut rest = Reader(bytes);
    if !looks_like_tls(bytes) {
        flight.foreign = !bytes.is_empty();
        return flight;
    }
    while let Some((kind, major)) = rest.u8().zip(rest.u8()) {
        if major != 3 {
            flight.foreign = flight.version.is_none();
            break;
        }
        let Some(content) = rest.u8().and_then(|_| rest.vector16()) else { break };
        match kind {
            21 => {
                // Warnings do not end a handshake: unrecognized_name was sent as one (RFC 6066 section 3).
                if let [level, number] = content
                    && (*level == 2 || *number == 0)
                {
                    flight.alert = Some(*number);
                    flight.done = true;
                }
            }
            22 => messages.extend_from_slice(content),
            // What follows is encrypted.
            20 | 23 => {
                flight.done = true;
                break;
            }
            _ => break,
        }
        if flight.done {
            break;
        }
    }
    read_messages(&messages, &mut flight);
    flight
}

/// True for the first bytes of a record of SSL 3.0 to TLS 1.3.
pub(super) fn looks_like_tls(bytes: &[u8]) -> bool {
    match bytes {
        [kind, major, ..] => (20..=24).contains(kind) && *major == 3,
        [kind] => (20..=24).contains(kind),
        [] => false,
    }
}

fn read_messages(bytes: &[u8], flight: &mut Flight) {
    let mut rest = Reader(bytes);
    while let Some((kind, body)) = rest.u8().zip(rest.vector24()) {
        match kind {
            2 => server_hello(body, flight),
            11 => certificates(body, flight),
            13 => flight.asks_for = Some(accepted(body, flight.version).unwrap_or_default()),
            14 => flight.done = true,
            _ => {}
        }
        if flight.version.is_some_and(|version| version >= Version::TLS13) {
            flight.done = true;
        }
    }
}

fn server_hello(body: &[u8], flight: &mut Flight) {
    let mut rest = Reader(body);
    flight.version = rest.u16().map(Version);
    let after_session = rest.take(32).and_then(|_| rest.vector8());
    flight.suite = after_session.and_then(|_| rest.u16());
    let extensions = rest.u8().and_then(|_| rest.vector16()).unwrap_or_default();
    let mut rest = Reader(extensions);
    while let Some((number, body)) = rest.u16().zip(rest.vector16()) {
        match number {
            43 => flight.version = Reader(body).u16().map(Version).or(flight.version),
            16 => {
                let name = Reader(body).vector16().and_then(|list| Reader(list).vector8());
                flight.alpn = name
                    .map(|name| String::from_utf8_lossy(name).chars().filter(|c| !c.is_control()).take(40).collect());
            }
            _ => {}
        }
    }
}

fn certificates(body: &[u8], flight: &mut Flight) {
    let mut rest = Reader(Reader(body).vector24().unwrap_or_default());
    while let Some(certificate) = rest.vector24() {
        if flight.certificates.len() < LIST {
            flight.certificates.push(certificate.to_vec());
        }
    }
}

/// The CAs of a CertificateRequest before TLS 1.3 (RFC 5246 section 7.4.4).
fn accepted(body: &[u8], version: Option<Version>) -> Option<Vec<Vec<u8>>> {
    let mut rest = Reader(body);
    rest.vector8()?;
    if version >= Some(Version::TLS12) {
        rest.vector16()?;
    }
    let mut rest = Reader(rest.vector16()?);
    let mut names = Vec::new();
    while let Some(name) = rest.vector16() {
        if names.len() < LIST {
            names.push(name.to_vec());
        }
    }
    Some(names)
}

/// Bytes from the wire, taken from the front; nothing is taken that is not there.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).and_then(|bytes| bytes.first().copied())
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes)
    }

    fn vector8(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    fn vector24(&mut self) -> Option<&'a [u8]> {
        let (high, low) = (self.u8()?, self.u16()?);
        self.take((usize::from(high) << 16) | usize::from(low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut record = vec![kind, 3, 1];
        put16(&mut record, content);
        record
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut message = vec![kind];
        message.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
        message.extend(body);
        message
    }

    fn old_flight() -> Vec<u8> {
        let mut hello = vec![3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 0x2f, 0]);
        let mut messages = message(2, &hello);
        messages.extend(message(11, &[0, 0, 8, 0, 0, 2, 9, 9, 0, 0, 0]));
        messages.extend(message(13, &[1, 1, 0, 6, 0, 4, 0x30, 2, 5, 0]));
        messages.extend(message(14, &[]));
        // Fragmented over records, as servers with small buffers send it.
        messages.chunks(11).flat_map(|part| record(22, part)).collect()
    }

    #[test]
    fn a_flight_is_read_as_it_comes() {
        let bytes = old_flight();
        let whole = read(&bytes);
        assert_eq!((whole.version, whole.suite, whole.done), (Some(Version::TLS10), Some(0x2f), true));
        assert_eq!(whole.certificates, [vec![9, 9], vec![]]);
        assert_eq!(whole.asks_for, Some(vec![vec![0x30, 2, 5, 0]]));
        for cut in 0..bytes.len() {
            assert!(!read(&bytes[..cut]).done, "cut at {cut}");
        }
        let alert = read(&record(21, &[2, 70]));
        assert_eq!((alert.alert, alert.done, alert.foreign), (Some(70), true, false));
        assert_eq!(read(&record(21, &[1, 112])).alert, None, "a warning does not end it");
        assert!(read(b"HTTP/1.1 400 Bad Request\r\n").foreign);
    }

    #[test]
    fn hostile_bytes_never_panic() {
        let bytes = old_flight();
        let mut state = 1_u32;
        for round in 0..20_000 {
            let mut bytes = bytes.clone();
            for _ in 0..=round % 4 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = usize::try_from(state >> 8).unwrap() % bytes.len();
                bytes[at] = u8::try_from(state & 0xff).unwrap();
            }
            let flight = read(&bytes);
            assert!(flight.certificates.len() <= LIST);
        }
        assert_eq!(read(&[22, 3, 3, 0xff, 0xff, 2, 0xff, 0xff, 0xff]).version, None);
    }

    #[test]
    fn hellos_are_records_that_hold_what_they_say() {
        for version in [Version::SSL3, Version::TLS10, Version::TLS12, Version::TLS13] {
            let hello = Hello { version, host: Some("api.example.com"), alpn: &["h2"], random: [1; 32] };
            let bytes = hello.bytes();
            let mut outer = Reader(&bytes);
            assert_eq!(outer.u8(), Some(22));
            outer.u16();
            let mut inner = Reader(outer.vector16().unwrap());
            assert_eq!(inner.u8(), Some(1));
            let body = inner.vector24().unwrap();
            assert!(outer.0.is_empty() && inner.0.is_empty());
            assert_eq!(Reader(body).u16(), Some(version.min(Version::TLS12).0));
        }
    }
}
