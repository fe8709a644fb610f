//! Exit codes: part of the contract (docs/json.md).

/// What the process says when it ends. Where several inputs differ, the larger of 0, 1 and 3 wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Nothing failed.
    Nothing = 0,
    /// A failure was found and diagnosed.
    Diagnosed = 1,
    /// Wrong use or unreadable input.
    WrongUse = 2,
    /// A failure was found that the evidence cannot attribute; or the call was not sent, so that it is not known.
    Unattributed = 3,
    /// Our bug.
    Bug = 101,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
