//! What may be sent, and when: nothing with effects without consent, no credential to a stranger, not too fast, not too much.

use crate::clock::http_date;
use crate::exchange::Exchange;
use crate::http::now_ms;
use crate::pace::Pace;
use crate::target::Target;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The terms under which a system is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// `--allow-side-effects`
    pub consent: bool,
    /// Requests per second, instead of those of the whole process.
    pub rate: Option<f64>,
    /// `--budget`: how long all of it may take.
    pub time: Duration,
    /// `--max-requests`
    pub requests: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self { consent: false, rate: None, time: Duration::from_secs(20), requests: 30 }
    }
}

/// Keeps the terms.
#[derive(Debug)]
pub struct Guard {
    terms: Terms,
    pace: Pace,
    began: Instant,
    sent: u32,
    /// By host and port: not before.
    closed: BTreeMap<(String, u16), Instant>,
}

/// Why something is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was to be sent, in words.
    pub what: String,
    /// Why it is not, in words, with what would allow it.
    pub why: String,
    /// Of what kind.
    pub kind: Forbidden,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// A method that may change something.
    Method,
    /// A body that may change something.
    Body,
    /// A part of the request is not known.
    Unknown,
    /// A credential would go to a host that it was not given for, or in the clear.
    Credential,
    /// The server said when to come back.
    Wait(Duration),
    /// No request is left.
    Requests,
    /// No time is left.
    Time,
}

impl Forbidden {
    /// The word for it in marks.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Body => "body",
            Self::Unknown => "unknown",
            Self::Credential => "credential",
            Self::Wait(_) => "wait",
            Self::Requests => "requests",
            Self::Time => "time",
        }
    }
}

impl Guard {
    /// Begins now.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        let pace = terms.rate.map_or_else(Pace::of_process, Pace::per_second);
        Self { terms, pace, began: Instant::now(), sent: 0, closed: BTreeMap::new() }
    }

    /// Whether side effects are allowed.
    #[must_use]
    pub fn consent(&self) -> bool {
        self.terms.consent
    }

    /// Requests that are left.
    #[must_use]
    pub fn requests_left(&self) -> u32 {
        self.terms.requests.saturating_sub(self.sent)
    }

    /// Requests that were sent.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// Time that is left.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.terms.time.saturating_sub(self.began.elapsed())
    }

    /// Whether a request may be sent at all; `original` is the one that the user gave.
    ///
    /// # Errors
    /// With what is not sent, and why.
    pub fn permit(&self, target: &Target, original: &Target) -> Result<(), Refusal> {
        self.harmless(target, original)?;
        let what = shown(target);
        if self.requests_left() == 0 {
            let why = format!("the budget of {} requests is spent (--max-requests)", self.terms.requests);
            return Err(Refusal { what, why, kind: Forbidden::Requests });
        }
        if self.time_left().is_zero() {
            let why = format!("the budget of {} s is spent (--budget)", self.terms.time.as_secs_f64());
            return Err(Refusal { what, why, kind: Forbidden::Time });
        }
        self.open(target)
    }

    /// Whether a request has no effects and gives nothing away, whatever the budget.
    ///
    /// # Errors
    /// With what is not sent, and why.
    pub fn harmless(&self, target: &Target, original: &Target) -> Result<(), Refusal> {
        let what = shown(target);
        if let Some(why) = &target.unsendable {
            return Err(Refusal { what, why: why.clone(), kind: Forbidden::Unknown });
        }
        if self.terms.consent {
            return Ok(());
        }
        if !is_safe(&target.method) {
            let why = format!(
                "{} may change something on the server; it is sent only with --allow-side-effects",
                target.method
            );
            return Err(Refusal { what, why, kind: Forbidden::Method });
        }
        if target.body.as_ref().is_some_and(|body| !body.is_empty()) {
            let why =
                format!("a body with {} may have effects; it is sent only with --allow-side-effects", target.method);
            return Err(Refusal { what, why, kind: Forbidden::Body });
        }
        let Some(name) = credentials(target).into_iter().next() else { return Ok(()) };
        let why = if target.url.host != original.url.host {
            format!(
                "the {name} was given for {}, not for {}",
                original.url.host.as_deref().unwrap_or_default(),
                target.url.host.as_deref().unwrap_or_default()
            )
        } else if original.secure() && !target.secure() {
            format!("the {name} was given for https and would go in the clear")
        } else if target.connect.insecure && !original.connect.insecure && original.secure() {
            format!("the {name} would go to a server whose certificate is not checked")
        } else {
            return Ok(());
        };
        Err(Refusal { what, why, kind: Forbidden::Credential })
    }

    /// Refuses while the server wants to be left alone for longer than there is time.
    fn open(&self, target: &Target) -> Result<(), Refusal> {
        let wait = self.wait(target);
        if wait <= self.time_left() {
            return Ok(());
        }
        let seconds = wait.as_secs_f64().ceil();
        let why = format!(
            "the server asked to come back in {seconds} s (Retry-After), and {} s are left (--budget)",
            self.time_left().as_secs()
        );
        Err(Refusal { what: shown(target), why, kind: Forbidden::Wait(wait) })
    }

    /// How long the server of a target still wants to be left alone (Retry-After).
    #[must_use]
    pub fn wait(&self, target: &Target) -> Duration {
        let until = target.authority().and_then(|place| self.closed.get(&place).copied());
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Permits, and waits for the turn: the pace of the process, and what the server asked for.
    ///
    /// # Errors
    /// With what is not sent, and why.
    pub async fn turn(&mut self, target: &Target, original: &Target) -> Result<(), Refusal> {
        self.permit(target, original)?;
        tokio::time::sleep(self.wait(target)).await;
        // The turn is taken when it is used: one that was taken before a long wait would let a burst follow it.
        tokio::time::sleep(self.pace.take(Instant::now())).await;
        Ok(())
    }

    /// Learns from what was sent: counts it, and keeps a Retry-After.
    pub fn heed(&mut self, target: &Target, exchange: &Exchange) {
        if exchange.head.is_empty() {
            return;
        }
        self.sent = self.sent.saturating_add(1);
        let Some(response) = exchange.response.as_ref().filter(|r| r.status.is_some_and(|s| s >= 400)) else { return };
        let Some(wait) = response.headers.first("retry-after") else { return };
        let seconds = match wait.trim().parse::<u64>() {
            Ok(seconds) => Some(seconds),
            Err(_) => http_date(wait).and_then(|at| {
                let now = response.headers.first("date").and_then(http_date).unwrap_or(now_ms().div_euclid(1000));
                u64::try_from(at - now).ok()
            }),
        };
        if let (Some(seconds), Some(place)) = (seconds, target.authority()) {
            // A week is as good as never, and no overflow.
            self.closed.insert(place, Instant::now() + Duration::from_secs(seconds.min(7 * 86_400)));
        }
    }
}

/// Methods that only read (RFC 9110 section 9.2.1), without TRACE, which shows credentials.
#[must_use]
pub fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// What of a target may be a credential, by the names of its fields and parameters. Never a value.
#[must_use]
pub fn credentials(target: &Target) -> Vec<String> {
    const WORDS: &[&str] = &[
        "authorization",
        "cookie",
        "apikey",
        "token",
        "secret",
        "password",
        "passwd",
        "session",
        "credential",
        "signature",
        "auth",
        "jwt",
        "subscriptionkey",
        "accesskey",
        "privatekey",
        "csrf",
    ];
    let telling = |name: &str| {
        let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        bare == "key" || bare == "sig" || bare == "code" || WORDS.iter().any(|word| bare.contains(word))
    };
    let fields = target.headers.0.iter().map(|field| field.name.as_str());
    let query = target.url.query.as_deref().unwrap_or_default();
    let parameters = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let mut names: Vec<String> = fields.filter(|name| telling(name)).map(|name| format!("field {name}")).collect();
    names.extend(parameters.filter(|name| telling(name)).map(|name| format!("parameter {name}")));
    if target.connect.identity.is_some() {
        names.push("client certificate".to_owned());
    }
    names
}

/// Method and place, without the query.
pub(crate) fn shown(target: &Target) -> String {
    format!("{} {}", target.method, place(&target.url))
}

/// A URL without user and query, which may be secret.
pub(crate) fn place(url: &firstfault_model::Url) -> String {
    let mut url = url.clone();
    (url.userinfo, url.query, url.fragment) = (None, None, None);
    url.to_string()
}
