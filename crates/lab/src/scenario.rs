//! One failure on purpose: its story, what a user sees, and what is really wrong.

use crate::World;
use firstfault_model::{Bucket, Layer};
use std::future::Future;
use std::io;
use std::pin::Pin;

/// One failure on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Unique, lower case with dashes: `expired-token`.
    pub name: &'static str,
    /// The system or kind it belongs to.
    pub family: Family,
    /// Who wants what, and what they see, in two sentences, without the answer.
    pub story: &'static str,
    /// What is really wrong.
    pub expected: Expected,
    /// How it is mended, for whoever has learned on it.
    pub fix: &'static str,
    /// Starts what it needs.
    pub start: fn(World) -> Starting,
}

/// A scenario that starts.
pub type Starting = Pin<Box<dyn Future<Output = io::Result<Symptom>> + Send>>;

/// The truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The bucket.
    pub bucket: Bucket,
    /// The layer that fails first. `None` where nothing fails (controls).
    pub layer: Option<Layer>,
    /// The cause, by its id; `none` for a control.
    pub cause: &'static str,
    /// Causes that are as right, where the words of two ids both hold; seldom.
    pub or: &'static [&'static str],
}

impl Expected {
    /// Nothing fails.
    pub const NOTHING: Self = Self { bucket: Bucket::None, layer: None, cause: "none", or: &[] };

    /// A failure with one right cause.
    #[must_use]
    pub const fn of(bucket: Bucket, layer: Layer, cause: &'static str) -> Self {
        Self { bucket, layer: Some(layer), cause, or: &[] }
    }

    /// The same, where other ids are as right.
    #[must_use]
    pub const fn or(self, or: &'static [&'static str]) -> Self {
        Self { or, ..self }
    }
}

impl Family {
    /// The word on the screen and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::OAuth => "oauth",
            Self::Gateway => "gateway",
            Self::Crm => "crm",
            Self::Chat => "chat",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Dns => "dns",
            Self::Proxy => "proxy",
            Self::Soft => "soft",
            Self::Sequence => "sequence",
        }
    }
}

/// Which system or kind a scenario belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Family {
    Alerts,
    OAuth,
    Gateway,
    Crm,
    Chat,
    Network,
    Tls,
    Dns,
    Proxy,
    Soft,
    Sequence,
}

/// What a user has in hand.
#[derive(Clone, Debug, Default)]
pub struct Symptom {
    /// The failing call: what stands behind `curl`, an argument each. Empty when there is only evidence.
    pub curl: Vec<String>,
    /// Further arguments for `firstfault probe`, such as `--resolver`.
    pub probe: Vec<String>,
    /// Environment of the call, such as `https_proxy`.
    pub environment: Vec<(String, String)>,
    /// What was pasted along: log lines of the systems, an exception. Empty when the call is all there is.
    pub evidence: String,
}

impl Symptom {
    /// A call, by its arguments.
    #[must_use]
    pub fn call<S: Into<String>>(arguments: impl IntoIterator<Item = S>) -> Self {
        Self { curl: arguments.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same with further arguments for `firstfault probe`.
    #[must_use]
    pub fn probed<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.probe.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }
}
