//! The canonical attributes of a call: the names under which every log's fields are known to triage.

macro_rules! attributes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// A canonical attribute of a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attribute { $($(#[$doc])* $variant,)+ }

        impl Attribute {
            /// Every attribute, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in flags, JSON and Parquet files.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The attribute of that name.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

attributes! {
    /// When the call began.
    Time = "time",
    /// The system that wrote the line; the name of its file where no field says.
    Service = "service",
    /// Method token of the request.
    Method = "method",
    /// Route template: ids of the path replaced by `{id}`, unless the log names its own template.
    Route = "route",
    /// Status code of the answer.
    Status = "status",
    /// A code for the error that programs read.
    ErrorCode = "error_code",
    /// What the line says in words.
    Message = "message",
    /// The system that was called in turn.
    Upstream = "upstream",
    /// The status that the system called in turn gave.
    UpstreamStatus = "upstream_status",
    /// The customer on whose behalf.
    Tenant = "tenant",
    /// Role or permission group of the caller.
    Role = "role",
    /// Who.
    User = "user",
    /// Name of the key or of the client credential (never the secret).
    ApiKey = "api_key",
    /// Address of the caller.
    ClientIp = "client_ip",
    /// Region.
    Region = "region",
    /// Availability zone.
    Zone = "zone",
    /// Machine, pod or container that answered.
    Host = "host",
    /// The calling program, without its version.
    Client = "client",
    /// The calling program with its version (`User-Agent`).
    ClientVersion = "client_version",
    /// Version of the service that answered.
    Release = "release",
    /// Feature flag or experiment.
    Flag = "flag",
    /// Id of the request.
    RequestId = "request_id",
    /// Id of the trace.
    TraceId = "trace_id",
    /// Span of the trace.
    SpanId = "span_id",
    /// The span that caused it.
    ParentId = "parent_id",
    /// Idempotency key.
    IdempotencyKey = "idempotency_key",
    /// Which attempt, from 1.
    Attempt = "attempt",
    /// Duration in milliseconds.
    Latency = "latency",
    /// Duration of the system called in turn, in milliseconds.
    UpstreamLatency = "upstream_latency",
    /// Severity of the line.
    Level = "level",
    /// What a gateway marks of how it ended: response flags, termination state, response code details.
    Mark = "mark",
    /// Seconds to wait, as the answer said.
    RetryAfter = "retry_after",
}

impl Attribute {
    /// The attributes that a table keeps as dimensions, to group and isolate by.
    pub const DIMENSIONS: &'static [Self] = &[
        Self::Service,
        Self::Method,
        Self::Route,
        Self::Upstream,
        Self::UpstreamStatus,
        Self::Tenant,
        Self::Role,
        Self::User,
        Self::ApiKey,
        Self::ClientIp,
        Self::Region,
        Self::Zone,
        Self::Host,
        Self::Client,
        Self::ClientVersion,
        Self::Release,
        Self::Flag,
    ];
}
