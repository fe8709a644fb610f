//! The tables behind one-line recognisers: error numbers, gRPC codes, TLS alerts, reason phrases.
//! It refuses to know where in a message they stand.

/// The name of a numeric error of the operating system or of `getaddrinfo`, by its absolute value.
///
/// Linux `errno.h`, the BSD and macOS numbers that no Linux network call returns, Winsock
/// (`10061`) and its resolver (`11001`). `resolver` tells `[Errno -2]` (EAI_NONAME) from ENOENT.
pub(super) fn errno_name(number: i64) -> Option<&'static str> {
    Some(match number {
        -2 | 8 => "EAI_NONAME",
        -3 => "EAI_AGAIN",
        -4 => "EAI_FAIL",
        -5 => "EAI_NODATA",
        -3008 | 11001 => "ENOTFOUND",
        -3001 | 11002 => "EAI_AGAIN",
        11004 => "EAI_NODATA",
        1 => "EPERM",
        2 => "ENOENT",
        9 => "EBADF",
        11 => "EAGAIN",
        12 => "ENOMEM",
        13 | 10013 => "EACCES",
        22 => "EINVAL",
        24 | 10024 => "EMFILE",
        23 => "ENFILE",
        28 => "ENOSPC",
        32 | -32 => "EPIPE",
        48 | 98 | -98 | 10048 => "EADDRINUSE",
        49 | 99 | -99 | 10049 => "EADDRNOTAVAIL",
        50 | 100 | 10050 => "ENETDOWN",
        51 | 101 | -101 | 10051 => "ENETUNREACH",
        53 | 103 | 10053 => "ECONNABORTED",
        54 | 104 | -54 | -104 | -4077 | 10054 => "ECONNRESET",
        105 | 10055 => "ENOBUFS",
        57 | 107 | 10057 => "ENOTCONN",
        60 | 110 | -60 | -110 | -4039 | 10060 => "ETIMEDOUT",
        61 | 111 | -61 | -111 | -4078 | 10061 => "ECONNREFUSED",
        112 | 10064 => "EHOSTDOWN",
        65 | 113 | -65 | -113 | 10065 => "EHOSTUNREACH",
        10035 => "EWOULDBLOCK",
        115 => "EINPROGRESS",
        _ => return None,
    })
}

/// True for the names of errors that a network call can end with.
pub(super) fn is_errno(word: &str) -> bool {
    matches!(
        word,
        "ECONNREFUSED"
            | "ECONNRESET"
            | "ECONNABORTED"
            | "ETIMEDOUT"
            | "ESOCKETTIMEDOUT"
            | "ENOTFOUND"
            | "EAI_AGAIN"
            | "EAI_NONAME"
            | "EAI_NODATA"
            | "EAI_FAIL"
            | "EAI_FAMILY"
            | "EAI_SERVICE"
            | "EAI_ADDRFAMILY"
            | "EAI_MEMORY"
            | "EPIPE"
            | "EHOSTUNREACH"
            | "EHOSTDOWN"
            | "ENETUNREACH"
            | "ENETDOWN"
            | "ENETRESET"
            | "EADDRINUSE"
            | "EADDRNOTAVAIL"
            | "EMFILE"
            | "ENFILE"
            | "ENOBUFS"
            | "ENOMEM"
            | "ENOSPC"
            | "EACCES"
            | "EPERM"
            | "EPROTO"
            | "ENOTCONN"
            | "ECANCELED"
            | "EAGAIN"
            | "EWOULDBLOCK"
            | "EINPROGRESS"
            | "EISCONN"
            | "EINVAL"
            | "EMSGSIZE"
            | "EAFNOSUPPORT"
            | "EPROTONOSUPPORT"
            | "ENOENT"
    )
}

/// A gRPC status by its name in any spelling: `UNAVAILABLE`, `DeadlineExceeded`, `PERMISSION_DENIED`.
pub(super) fn grpc_number(name: &str) -> Option<u8> {
    const NAMES: [&str; 17] = [
        "ok",
        "cancelled",
        "unknown",
        "invalidargument",
        "deadlineexceeded",
        "notfound",
        "alreadyexists",
        "permissiondenied",
        "resourceexhausted",
        "failedprecondition",
        "aborted",
        "outofrange",
        "unimplemented",
        "internal",
        "unavailable",
        "dataloss",
        "unauthenticated",
    ];
    if name.len() > 24 {
        return None;
    }
    let plain: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    let plain = if plain == "canceled" { "cancelled" } else { plain.as_str() };
    NAMES.iter().position(|n| *n == plain).and_then(|i| u8::try_from(i).ok())
}

/// The number of a TLS alert by its name in any spelling (RFC 8446 section 6).
///
/// `words` may go on after the name: the longest name that it begins with counts.
pub(super) fn tls_alert(words: &str) -> Option<u8> {
    const ALERTS: &[(&str, u8)] = &[
        ("closenotify", 0),
        ("unexpectedmessage", 10),
        ("badrecordmac", 20),
        ("recordoverflow", 22),
        ("handshakefailure", 40),
        ("badcertificate", 42),
        ("unsupportedcertificate", 43),
        ("certificaterevoked", 44),
        ("revokedcertificate", 44),
        ("certificateexpired", 45),
        ("expiredcertificate", 45),
        ("certificateunknown", 46),
        ("unknowncertificate", 46),
        ("illegalparameter", 47),
        ("unknownca", 48),
        ("unknowncertificateauthority", 48),
        ("accessdenied", 49),
        ("decodeerror", 50),
        ("errordecodingmessage", 50),
        ("decrypterror", 51),
        ("errordecryptingmessage", 51),
        ("protocolversion", 70),
        ("insufficientsecurity", 71),
        ("internalerror", 80),
        ("inappropriatefallback", 86),
        ("usercanceled", 90),
        ("missingextension", 109),
        ("unsupportedextension", 110),
        ("unrecognizedname", 112),
        ("unrecognisedname", 112),
        ("badcertificatestatusresponse", 113),
        ("unknownpskidentity", 115),
        ("certificaterequired", 116),
        ("noapplicationprotocol", 120),
    ];
    let plain: String =
        words.chars().take(48).filter(|c| !matches!(c, ' ' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    ALERTS.iter().filter(|(name, _)| plain.starts_with(name)).max_by_key(|(name, _)| name.len()).map(|(_, n)| *n)
}

/// What Node's certificate codes stand for in OpenSSL's words (`X509_verify_cert_error_string`).
pub(super) fn verify_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "CERT_HAS_EXPIRED" => "certificate has expired",
        "CERT_NOT_YET_VALID" => "certificate is not yet valid",
        "CERT_REVOKED" => "certificate revoked",
        "CERT_UNTRUSTED" => "certificate not trusted",
        "CERT_REJECTED" => "certificate rejected",
        "DEPTH_ZERO_SELF_SIGNED_CERT" => "self-signed certificate",
        "SELF_SIGNED_CERT_IN_CHAIN" => "self-signed certificate in certificate chain",
        "UNABLE_TO_GET_ISSUER_CERT" => "unable to get issuer certificate",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" => "unable to get local issuer certificate",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE" => "unable to verify the first certificate",
        "UNABLE_TO_GET_CRL" => "unable to get certificate CRL",
        "ERR_TLS_CERT_ALTNAME_INVALID" => "hostname mismatch",
        _ => return None,
    })
}

/// The reason phrase of a status code (RFC 9110, RFC 6585 and the registered others), lower case.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "ok",
        201 => "created",
        202 => "accepted",
        204 => "no content",
        301 => "moved permanently",
        302 => "found",
        303 => "see other",
        304 => "not modified",
        307 => "temporary redirect",
        308 => "permanent redirect",
        400 => "bad request",
        401 => "unauthorized",
        402 => "payment required",
        403 => "forbidden",
        404 => "not found",
        405 => "method not allowed",
        406 => "not acceptable",
        407 => "proxy authentication required",
        408 => "request timeout",
        409 => "conflict",
        410 => "gone",
        411 => "length required",
        412 => "precondition failed",
        413 => "payload too large",
        414 => "uri too long",
        415 => "unsupported media type",
        417 => "expectation failed",
        421 => "misdirected request",
        422 => "unprocessable",
        423 => "locked",
        424 => "failed dependency",
        425 => "too early",
        426 => "upgrade required",
        428 => "precondition required",
        429 => "too many requests",
        431 => "request header fields too large",
        451 => "unavailable for legal reasons",
        500 => "internal server error",
        501 => "not implemented",
        502 => "bad gateway",
        503 => "service unavailable",
        504 => "gateway timeout",
        505 => "http version not supported",
        507 => "insufficient storage",
        511 => "network authentication required",
        _ => "\u{0}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_spelling() {
        assert_eq!(grpc_number("DeadlineExceeded"), Some(4));
        assert_eq!(grpc_number("UNAVAILABLE"), Some(14));
        assert_eq!(tls_alert("TLSV1_ALERT"), None);
        assert_eq!(tls_alert("handshake failure (_ssl.c:1)"), Some(40));
        assert_eq!(tls_alert("unknown_ca"), Some(48));
        assert_eq!(tls_alert("UNKNOWN_CERTIFICATE_AUTHORITY"), Some(48));
        assert_eq!(tls_alert("certificate unknown"), Some(46));
        assert_eq!(errno_name(-2), Some("EAI_NONAME"));
        assert_eq!(errno_name(10061), Some("ECONNREFUSED"));
    }
}
