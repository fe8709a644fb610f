//! The form of the store and how an older form becomes the present one.

use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The present form, `PRAGMA user_version`.
pub const VERSION: i64 = 1;
/// Marks the file as ours, `PRAGMA application_id`: the letters `ffca`.
pub const APPLICATION: i64 = 0x6666_6361;

/// What makes each form out of the one before it, from nothing on. A released step never changes.
const MIGRATIONS: [&str; 1] = [FIRST];

/// Times are milliseconds since the Unix epoch. Every text is redacted; `placeholders` holds keyed digests of secrets,
/// never the secrets, and each case has a key of its own.
const FIRST: &str = "
CREATE TABLE cases (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  expected TEXT, actual TEXT, reproducible TEXT, affected TEXT, direction TEXT,
  started INTEGER, opened INTEGER NOT NULL, detected INTEGER NOT NULL, clear INTEGER, resolved INTEGER,
  resolution TEXT, cause TEXT,
  ranking TEXT NOT NULL DEFAULT '[]',
  key BLOB NOT NULL CHECK (length(key) = 16)
) STRICT;
CREATE TABLE evidence (
  of_case INTEGER NOT NULL REFERENCES cases (number),
  number INTEGER NOT NULL,
  source TEXT NOT NULL,
  added INTEGER NOT NULL,
  text TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  left_out INTEGER NOT NULL,
  verdict TEXT,
  calls TEXT NOT NULL,
  changes TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (of_case, number)
) STRICT;
CREATE TABLE answers (
  of_case INTEGER NOT NULL REFERENCES cases (number),
  number INTEGER NOT NULL,
  check_id TEXT NOT NULL,
  outcome TEXT,
  note TEXT,
  at INTEGER NOT NULL,
  changes TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (of_case, number)
) STRICT;
CREATE TABLE steps (
  of_case INTEGER NOT NULL REFERENCES cases (number),
  step INTEGER NOT NULL CHECK (step BETWEEN 1 AND 11),
  state TEXT NOT NULL,
  note TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (of_case, step)
) STRICT;
CREATE TABLE placeholders (
  of_case INTEGER NOT NULL REFERENCES cases (number),
  digest BLOB NOT NULL,
  placeholder TEXT NOT NULL,
  PRIMARY KEY (of_case, digest)
) STRICT;
CREATE TABLE at_hand (
  who TEXT PRIMARY KEY,
  of_case INTEGER NOT NULL REFERENCES cases (number)
) STRICT;
";

/// The form of a file that is open, nothing in it changed; 0 for an empty one. All of it is read at one moment: another
/// process may be making the store right now.
pub fn found(path: &Path, connection: &Connection) -> Result<i64, StoreError> {
    let moment = connection.unchecked_transaction().map_err(|error| StoreError::of(path, &error))?;
    found_within(path, &moment)
}

/// The same inside a transaction.
fn found_within(path: &Path, connection: &Connection) -> Result<i64, StoreError> {
    let number = |sql: &str| {
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|error| StoreError::of(path, &error))
    };
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    if application != APPLICATION && (tables > 0 || version != 0) {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if version > VERSION {
        return Err(StoreError::Newer(path.to_owned(), version, VERSION));
    }
    Ok(version)
}

/// Brings a file to the present form, in one transaction.
pub fn migrate(path: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    let fault = |error: rusqlite::Error| StoreError::of(path, &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    // Another process may have done it while this one waited.
    let version = found_within(path, &transaction)?;
    for step in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(fault)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(fault)?;
    transaction.pragma_update(None, "user_version", VERSION).map_err(fault)?;
    transaction.commit().map_err(fault)
}
