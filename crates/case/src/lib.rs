//! A case as a value: all of its evidence judged together, checks answered by hand, the eleven steps of the work, the
//! clock, and how a person or a program reads it.
//!
//! The ranking of a case comes from judging what was observed in all of its pieces at once, with the answers as further
//! evidence; numbers that were shown earlier are never averaged. This crate refuses to know where a case is kept, and
//! reads no clock.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answers;
mod clock;
mod combine;
mod json;
mod keep;
mod lists;
mod markdown;
mod steps;
mod text;
mod verdict;
mod view;

pub use answers::{find_check, outcome};
pub use clock::{Spread, Stats, moment, span, stats};
pub use combine::combine;
pub use json::{document, list_document, stats_document};
pub use keep::{Kept, keep};
pub use lists::{list_text, stats_text};
pub use markdown::markdown;
pub use steps::{STEPS, Step, steps};
pub use text::{changes_text, next_text, standing_text, text};
pub use verdict::{CLEAR, CaseVerdict, Other, Worked, changes, judge};
pub use view::View;
