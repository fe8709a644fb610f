//! The vocabulary that every other crate speaks: calls, facts with their provenance, and the
//! ordered way that a request travels.
//!
//! This crate refuses to know any format, any rule and any I/O. Sizes are bytes, times are
//! milliseconds, wall-clock times are milliseconds since the Unix epoch.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod body;
mod call;
mod moment;
mod observation;
#[macro_use]
mod outcome;
mod case;
pub mod contract;
pub mod incident;
mod route;
pub mod said;
mod span;
mod status;
mod url;
mod verdict;
pub mod way;

pub use body::{BODY_LIMIT, Body};
pub use call::{Attribute, Call, Header, Headers, Message, MessageKind, Origin, Request, Response, Timings, Vantage};
pub use case::{
    Answered, Case, CaseClock, Direction, Piece, Questions, RankChange, Reproducible, SeenCall, StepMark, StepState,
};
pub use moment::rfc3339;
pub use observation::{Observations, Place, Text};
pub use outcome::{Bucket, Layer, LayerState, Owner, Retry};
pub use route::{is_id, route};
pub use span::{Problem, Span};
pub use status::status_names;
pub use url::Url;
pub use verdict::{Check, Diagnosis, Evidence, Explain, Fact, Fix, Hypothesis, LayerVerdict, Strength};
