//! When failures began and ended, how they grew, and whether slow calls came before them.
//!
//! Two resolutions. The search works on small tables ([`tables`]): for every group of failing shapes and every value of
//! every attribute it looks for the stretch of time in which more calls fail than in the rest ([`scan`]). What it finds is
//! dated call by call ([`onset`], [`ramp`], [`lead`]). Everything is likelihood of failing calls among calls
//! ([`likelihood`]), so more traffic alone is nothing.

pub mod clock;
pub mod lead;
pub mod likelihood;
pub mod onset;
pub mod ramp;
pub mod scan;
pub mod tables;
