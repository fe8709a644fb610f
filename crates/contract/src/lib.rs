//! An API's own description (OpenAPI, Swagger, JSON Schema) and what holding calls against it finds.
//!
//! A description is loaded once into a [`Contract`]; then each call costs microseconds. JSON Schema itself is judged by
//! the crate `jsonschema`; what is made of its answer, and everything around it, is here. This crate refuses to know
//! files, networks, rules and verdicts: what a description refers to is fetched by a [`Source`] that is handed in.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod baseline;
pub mod body;
mod check;
mod description;
pub mod diff;
mod document;
pub mod edit;
pub mod explain;
pub mod facts;
mod finding;
mod openapi;
mod percent;
mod route;
mod schema;
mod tally;

pub use baseline::Baseline;
pub use check::{Held, check};
pub use description::{
    Contract, Credential, Form, Header, In, Media, Operation, Parameter, RequestBody, Requirement, Response, SchemaRef,
    Scheme, Server, StatusRange, Style,
};
pub use diff::diff;
pub use document::{Document, Given, Source};
pub use openapi::load;
pub use tally::{Recorded, Tally};
