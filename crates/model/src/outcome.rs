//! The closed lists of the vocabulary: layers, buckets, owners, retry advice.

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used on screen and in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value that a word names.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// Where along the way, in order of travel. The order of the variants is the order of travel:
    /// "failed first" is the smallest failed layer.
    Layer {
        /// The program that makes the call.
        Client = "client",
        /// DNS, TCP, forward proxies, TLS.
        Network = "network",
        /// Load balancers, CDNs, API gateways, reverse proxies.
        Gateway = "gateway",
        /// Who the caller is and what it may do.
        Auth = "auth",
        /// The application that owns the endpoint.
        Backend = "backend",
        /// What the application calls in turn: databases, other services.
        Dependency = "dependency",
    }
}

words! {
    /// What is known of one layer.
    LayerState {
        /// The call got past it.
        Passed = "passed",
        /// It failed there first.
        Failed = "failed",
        /// The evidence does not say.
        Unknown = "unknown",
    }
}

words! {
    /// What kind of failure.
    Bucket {
        /// The request as formed cannot succeed.
        Client = "client",
        /// Who the caller is, or what it may do.
        Auth = "auth",
        /// Too much, too fast, or the allowance is used up.
        RateLimit = "rate_limit",
        /// Network, TLS, gateway, dependency.
        Upstream = "upstream",
        /// The application itself.
        Server = "server",
        /// Nothing failed.
        None = "none",
    }
}

impl Bucket {
    /// The five kinds of failure, in order of travel.
    pub const FAILURES: [Self; 5] = [Self::Client, Self::Auth, Self::RateLimit, Self::Upstream, Self::Server];
}

words! {
    /// Who has to act.
    Owner {
        /// Whoever makes the call.
        Caller = "caller",
        /// Whoever runs the API.
        Provider = "provider",
        /// Whoever runs what lies between.
        Path = "path",
    }
}

words! {
    /// Whether sending the same request again can help.
    Retry {
        /// Fix first; the same request fails the same way.
        Never = "never",
        /// Transient; try again with growing pauses.
        Backoff = "backoff",
        /// Wait until the limit resets.
        Wait = "wait",
    }
}
