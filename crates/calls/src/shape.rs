//! A shape: what lines have in common that would be judged alike, with one line as the sample.

/// What kind of line it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A call with its outcome.
    #[default]
    Call,
    /// A line about a call or about nothing in particular: it is evidence (for `trace`, for where a failure began), but it
    /// is not counted as a call.
    Event,
}

/// Lines that would be judged alike.
///
/// Two lines have one shape when they agree in kind, service, status, error code, upstream status, mark, level (error or
/// not) and the masked words of their message. A line that looks healthy (status below 400, no error code, no mark of
/// failure, no level of error, no word of failure in its message) has the shape of its kind, service and status alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Call or event.
    pub kind: Kind,
    /// Who wrote it.
    pub service: String,
    /// Status; 0 for none.
    pub status: u16,
    /// Code of the error, empty for none.
    pub error_code: String,
    /// Status of the system called in turn; 0 for none.
    pub upstream_status: u16,
    /// Response flags, termination state and the like, empty for none.
    pub mark: String,
    /// The message of the sample, at most 2 KiB; empty for a healthy shape.
    pub message: String,
    /// Whether it looks like a failure before it is judged.
    pub suspect: bool,
    /// Failing by the count of a pre-aggregated table: there is nothing to judge.
    pub counted: bool,
    /// Which of the inputs the sample is from.
    pub input: u32,
    /// The line of the sample, from 1.
    pub line: u64,
    /// The whole line, at most 16 KiB: the first one in the order of the inputs.
    pub sample: String,
}
