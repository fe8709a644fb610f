//! What a handshake showed, as a step and as marks.

use super::chain::{Kind, Verdict, moment};
use super::ended::{Ended, Marks, Outcome, outcome};
use super::hello::{Flight, Version, suite};
use super::verify::ClientCertificate;
use super::{Handshake, mark};
use crate::{State, Step, Wrong};
use firstfault_model::Layer;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// How many names of a certificate become marks.
const NAMES: usize = 20;
/// How many CAs that a server accepts become marks.
const ACCEPTED: usize = 20;
/// From how many days before its end a certificate deserves a look.
const SOON: i64 = 14;
const DAY: i64 = 86_400;

/// All that was seen on the way.
pub(super) struct Seen {
    pub verdict: Option<Verdict>,
    pub asked: Option<ClientCertificate>,
    /// Subject and period of our own certificate.
    pub identity: Option<(String, i64, i64)>,
    /// The answer to an older offer.
    pub after: Option<Flight>,
    /// Seconds since the Unix epoch.
    pub now: i64,
}

/// A handshake that could not even begin.
pub(super) fn unprepared(value: &'static str, words: String, took: Duration) -> Handshake {
    let failed = Outcome { mark: value, wrong: Wrong::Local, words, more: Vec::new() };
    build(None, Some(&failed), Vec::new(), Vec::new(), None, took)
}

pub(super) fn handshake(result: Result<TlsStream<TcpStream>, Ended>, seen: Seen, took: Duration) -> Handshake {
    let (mut marks, mut details) = (Marks::new(), Vec::new());
    if let Some(verdict) = &seen.verdict {
        of_chain(verdict, result.is_err(), seen.now, &mut marks, &mut details);
    }
    if let Some(asked) = &seen.asked {
        of_demand(asked, &mut marks, &mut details);
    }
    if let Some(identity) = &seen.identity {
        of_identity(identity, seen.now, &mut marks, &mut details);
    }
    let stream = match result {
        Ok(stream) => stream,
        Err(ended) => {
            let mut failed = outcome(&ended, seen.asked.as_ref(), seen.after.as_ref());
            let fault = seen.verdict.as_ref().and_then(|verdict| verdict.faults.first());
            if let (Some(fault), true) = (fault, ended == Ended::Certificate) {
                failed = Outcome {
                    mark: fault.kind.mark(),
                    wrong: Wrong::Certificate,
                    words: fault.words.clone(),
                    more: Vec::new(),
                };
                if matches!(fault.kind, Kind::Expired | Kind::NotYetValid) {
                    let now = moment(seen.now);
                    details.push(format!(
                        "by this machine's clock it is {now}: a clock that is wrong makes a good certificate look so"
                    ));
                }
                let number = u8::from(rustls::AlertDescription::from(fault.kind.error()));
                details.push(format!(
                    "this side ended the handshake with alert {number} {}",
                    super::ended::alert_name(number)
                ));
            }
            return build(None, Some(&failed), marks, details, seen.asked, took);
        }
    };
    if let Some(verdict) = &seen.verdict {
        for fault in &verdict.faults {
            mark(&mut marks, "tls.ignored", fault.words.clone());
            mark(&mut marks, "probe.tls.ignored", fault.kind.mark());
        }
    }
    build(Some(stream), None, marks, details, seen.asked, took)
}

fn build(
    stream: Option<TlsStream<TcpStream>>,
    failed: Option<&Outcome>,
    mut marks: Marks,
    details: Vec<String>,
    asked: Option<ClientCertificate>,
    took: Duration,
) -> Handshake {
    let milliseconds = took.as_secs_f64() * 1000.0;
    let mut h2 = false;
    let (state, says) = match (&stream, failed) {
        (Some(stream), _) => {
            let (_, connection) = stream.get_ref();
            let version =
                connection.protocol_version().map(|version| Version(u16::from(version)).name()).unwrap_or_default();
            let cipher =
                connection.negotiated_cipher_suite().map(|own| suite(u16::from(own.suite()))).unwrap_or_default();
            let alpn = connection.alpn_protocol().map(|name| super::certificate::clean(&String::from_utf8_lossy(name)));
            h2 = alpn.as_deref() == Some("h2");
            let mut own = vec![("probe.tls".to_owned(), "ok".to_owned())];
            mark(&mut own, "probe.tls.version", version.clone());
            mark(&mut own, "probe.tls.cipher", cipher.clone());
            mark(&mut own, "probe.tls.alpn", alpn.clone().unwrap_or_else(|| "none".to_owned()));
            own.append(&mut marks);
            marks = own;
            let ignored = marks.iter().any(|(name, _)| name == "probe.tls.ignored");
            let soon = marks
                .iter()
                .any(|(name, days)| name == "probe.tls.days_left" && days.parse::<i64>().is_ok_and(|days| days < SOON));
            let state = if ignored || soon { State::Doubtful } else { State::Passed };
            (state, format!("{version}, {cipher}, {}", alpn.as_deref().unwrap_or("no ALPN")))
        }
        (None, Some(failed)) => {
            let mut own = failed.marks();
            own.append(&mut marks);
            marks = own;
            (State::Failed, failed.words.clone())
        }
        (None, None) => (State::Failed, String::new()),
    };
    let step = Step { layer: Layer::Network, name: "tls", state, milliseconds: Some(milliseconds), says, details };
    Handshake { stream, h2, asked, step, marks, failure: failed.map(Outcome::failure), milliseconds }
}

fn of_chain(verdict: &Verdict, failed: bool, now: i64, marks: &mut Marks, details: &mut Vec<String>) {
    mark(marks, "tls.chain.length", verdict.sent.to_string());
    if let Some(leaf) = verdict.certificates.first() {
        mark(marks, "probe.tls.subject", &leaf.subject);
        mark(marks, "probe.tls.issuer", &leaf.issuer);
        mark(marks, "probe.tls.not_before", moment(leaf.not_before));
        mark(marks, "probe.tls.not_after", moment(leaf.not_after));
        mark(marks, "probe.tls.days_left", (leaf.not_after.saturating_sub(now)).div_euclid(DAY).to_string());
        for name in leaf.names.iter().take(NAMES) {
            mark(marks, "probe.tls.san", name);
        }
        if let Some(url) = &leaf.issuer_url {
            mark(marks, "probe.tls.issuer_url", url);
        }
    }
    for (place, certificate) in verdict.certificates.iter().enumerate() {
        details.push(format!(
            "{place} {} by {}, {} to {}",
            certificate.subject,
            certificate.issuer,
            moment(certificate.not_before),
            moment(certificate.not_after)
        ));
    }
    if let Some(names) = verdict.certificates.first().map(|leaf| &leaf.names).filter(|names| !names.is_empty()) {
        details.push(format!("for {}", names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ")));
    }
    if let Some(root) = verdict.root {
        mark(marks, "probe.tls.root", root.mark());
        if root == super::chain::Root::Local {
            details.push("trusted only by a root that was added to this machine".to_owned());
        }
    }
    if let Some(product) = verdict.product {
        mark(marks, "probe.tls.intercepted", product);
        details.push(format!("issued by {product}, which opens TLS on the way"));
    }
    for fault in &verdict.faults {
        details.push(fault.words.clone());
    }
    if let (Some(first), true) = (verdict.faults.first(), failed) {
        mark(marks, "probe.tls.fault", &first.words);
        for fault in verdict.faults.iter().skip(1) {
            mark(marks, "probe.tls.also", fault.kind.mark());
        }
    }
    if failed && !verdict.faults.is_empty() {
        mark(marks, "probe.tls.roots", if verdict.given { "given" } else { "system" });
    }
    if let Some(sign) = verdict.sign {
        mark(marks, "probe.tls.missing_by", sign);
    }
    if let Some((begin, end)) = verdict.holds_between {
        let period = format!("{} to {}", moment(begin), moment(end));
        details.push(format!("with the clock between {period} the chain holds"));
        mark(marks, "probe.tls.holds_between", period);
    }
    for note in &verdict.notes {
        mark(marks, "probe.tls.note", note);
        details.push(note.clone());
    }
}

fn of_demand(asked: &ClientCertificate, marks: &mut Marks, details: &mut Vec<String>) {
    mark(marks, "tls.client_certificate_requested", "true");
    for name in asked.accepted.iter().take(ACCEPTED) {
        mark(marks, "probe.tls.client_ca", name);
    }
    let from = if asked.accepted.is_empty() { String::new() } else { format!(" of {}", asked.accepted.join(" or ")) };
    let sent = asked.sent.as_ref().map_or_else(|| "none was sent".to_owned(), |subject| format!("{subject} was sent"));
    details.push(format!("the server asks for a client certificate{from}; {sent}"));
    mark(marks, "probe.tls.client_certificate", if asked.sent.is_some() { "sent" } else { "none" });
    if asked.other_issuer {
        mark(marks, "probe.tls.client_certificate_issuer", "not_accepted");
        details.push("the client certificate is issued by none of these".to_owned());
    }
}

fn of_identity((subject, begin, end): &(String, i64, i64), now: i64, marks: &mut Marks, details: &mut Vec<String>) {
    let fault = match () {
        () if *end < now => "expired",
        () if *begin > now => "not_yet_valid",
        () => return,
    };
    mark(marks, "probe.tls.client_certificate_period", fault);
    details.push(format!("the client certificate {subject} holds from {} to {}", moment(*begin), moment(*end)));
}
