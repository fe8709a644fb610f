//! What can go wrong with a store, in words that say what to do.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why a store could not be read or changed.
#[derive(Debug)]
pub enum StoreError {
    /// There is no store at this place yet.
    Missing(PathBuf),
    /// The folder or file could not be made or opened.
    Unusable(PathBuf, String),
    /// The file is no database, or a damaged one.
    Damaged(PathBuf, String),
    /// It is the database of another program.
    Foreign(PathBuf),
    /// A later version of this program wrote it: found, known.
    Newer(PathBuf, i64, i64),
    /// It can only be read.
    ReadOnly(PathBuf),
    /// Another process writes and does not end.
    Locked(PathBuf),
    /// The disk is full.
    Full(PathBuf),
    /// No such case; others that are there.
    NoSuchCase(String, Vec<String>),
    /// There is no current case.
    NoCurrentCase,
    /// The case is closed.
    Closed(String),
    /// The case holds as much evidence as it can.
    TooMuch(String, u32),
    /// Anything else that the database says.
    Other(PathBuf, String),
}

impl StoreError {
    /// What the database says about the file at `path`.
    pub(crate) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(path, error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::Unusable(path, error.to_string()),
            _ => match error {
                // A value that is not what was written: the file was changed by something else.
                rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
                    Self::Damaged(path, error.to_string())
                }
                _ => Self::Other(path, error.to_string()),
            },
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => {
                write!(f, "{}: there is no store yet; `firstfault case open TITLE` makes it", path.display())
            }
            Self::Unusable(path, why) => write!(
                f,
                "{}: cannot open the store: {why}; mend that, or name another with --store PATH",
                path.display()
            ),
            Self::Damaged(path, why) => write!(
                f,
                "{0}: the store is damaged, or no store ({why}); nothing was changed. Copy the file and those beside it \
                 (-wal, -shm) to a safe place, then let `sqlite3 {0} .recover` write what can be read, or work on \
                 with another store (--store PATH)",
                path.display()
            ),
            Self::Foreign(path) => {
                write!(
                    f,
                    "{}: expected a store of firstfault, got the database of another program; nothing was changed. Name the store \
                     with --store PATH",
                    path.display()
                )
            }
            Self::Newer(path, found, known) => write!(
                f,
                "{}: a later version of firstfault wrote this store (its form is {found}, known up to {known}); \
                 nothing was changed. Update firstfault, or use another store (--store PATH)",
                path.display()
            ),
            Self::ReadOnly(path) => {
                write!(
                    f,
                    "{}: the store can only be read: no permission to write the file and its folder; nothing was changed. \
                     Get that permission, or work on a copy (--store PATH)",
                    path.display()
                )
            }
            Self::Locked(path) => {
                write!(
                    f,
                    "{}: waited for the store, but another process is writing it and did not end; nothing was changed. Try \
                     again, or look which process has the file open",
                    path.display()
                )
            }
            Self::Full(path) => write!(f, "{}: the disk is full; nothing was changed", path.display()),
            Self::NoSuchCase(wanted, near) if near.is_empty() => {
                write!(f, "expected the id of a case, got {wanted:?}; there are none yet: `firstfault case open TITLE`")
            }
            Self::NoSuchCase(wanted, near) => {
                write!(
                    f,
                    "expected the id of a case, got {wanted:?}; there are: {} (`firstfault case list`)",
                    near.join(", ")
                )
            }
            Self::NoCurrentCase => {
                f.write_str("no case is at hand: name one (`firstfault case list`), or `firstfault case open TITLE`")
            }
            Self::Closed(id) => {
                write!(f, "case {id} is closed; `firstfault case reopen {id}` if it fails again, or open another")
            }
            Self::TooMuch(id, limit) => {
                write!(f, "case {id} holds {limit} pieces of evidence already, the most that a case keeps")
            }
            Self::Other(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<StoreError> for String {
    fn from(error: StoreError) -> Self {
        error.to_string()
    }
}
