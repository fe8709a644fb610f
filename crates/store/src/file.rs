//! Opening the file: its folder and permissions, the settings of the connection, and its form.

use crate::change::Change;
use crate::{StoreError, schema};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
}

impl Store {
    /// Opens the store at `path` for reading and writing, and makes it where there is none: its folder for its owner
    /// alone (0700), its files likewise (0600). Waits at most `patience` where others write.
    ///
    /// # Errors
    /// Why it cannot be used. A file of a later form, of another program, or a damaged one is left as it is.
    pub fn open(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        create(path).map_err(|error| {
            let why = match error.kind() {
                std::io::ErrorKind::PermissionDenied => "no permission to make it".to_owned(),
                _ => error.to_string(),
            };
            StoreError::Unusable(path.to_owned(), why)
        })?;
        Self::existing(path, patience)
    }

    /// Opens the store at `path`, which must be there. One that cannot be written can still be read.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn existing(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        readable(path)?;
        match Self::connect(path, patience) {
            // In a folder that cannot be written SQLite cannot share its memory; a file at rest needs none.
            Err(StoreError::Unusable(..) | StoreError::ReadOnly(_)) if !beside(path, "-wal").exists() => {
                Self::at_rest(path)
            }
            opened => opened,
        }
    }

    fn connect(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let fault = |error: rusqlite::Error| StoreError::of(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(fault)?;
        connection.busy_timeout(patience).map_err(fault)?;
        let version = schema::found(path, &connection)?;
        let read_only = connection.is_readonly("main").map_err(fault)?;
        if !read_only {
            write_ahead(&connection, patience).map_err(fault)?;
        }
        // FULL: a commit that was told is on the disk, whatever happens to the machine.
        connection
            .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")
            .map_err(fault)?;
        if version < schema::VERSION && !read_only {
            schema::migrate(path, &mut connection)?;
        }
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Opens a file that nobody writes and nobody can write.
    fn at_rest(path: &Path) -> Result<Self, StoreError> {
        let fault = |error: rusqlite::Error| StoreError::of(path, &error);
        let mut address = "file:".to_owned();
        for byte in path.as_os_str().as_encoded_bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
                address.push(char::from(*byte));
            } else {
                address.push_str(&format!("%{byte:02x}"));
            }
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(address + "?immutable=1", flags).map_err(fault)?;
        schema::found(path, &connection)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Runs `work` in one transaction that nobody else writes in. What it did is kept when it returns `Ok`, and then it
    /// is on the disk; otherwise nothing of it is.
    ///
    /// # Errors
    /// What `work` returns, or why the store cannot be written.
    pub fn change<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let path = self.path.clone();
        let fault = |error: rusqlite::Error| E::from(StoreError::of(&path, &error));
        if self.connection.is_readonly("main").map_err(fault)? {
            return Err(StoreError::ReadOnly(path).into());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        let done = work(&mut Change { transaction: &transaction, path: &path })?;
        transaction.commit().map_err(fault)?;
        Ok(done)
    }

    /// Looks through the whole file for damage.
    ///
    /// # Errors
    /// What is damaged.
    pub fn check(&self) -> Result<(), StoreError> {
        let fault = |error: rusqlite::Error| StoreError::of(&self.path, &error);
        let found: String =
            self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(fault)?;
        if found != "ok" {
            return Err(StoreError::Damaged(self.path.clone(), found));
        }
        let lost: i64 = self
            .connection
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
            .map_err(fault)?;
        if lost > 0 {
            return Err(StoreError::Damaged(self.path.clone(), format!("{lost} rows belong to no case")));
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What the system says of the file, in better words than SQLite has.
fn readable(path: &Path) -> Result<(), StoreError> {
    let unusable = |why: &str| Err(StoreError::Unusable(path.to_owned(), why.to_owned()));
    match std::fs::File::open(path).and_then(|file| file.metadata()) {
        Ok(file) if file.is_dir() => unusable("expected a file, got a folder"),
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound => Err(StoreError::Missing(path.to_owned())),
            std::io::ErrorKind::PermissionDenied => unusable("no permission to read it"),
            std::io::ErrorKind::NotADirectory => unusable("a part of its path is a file, not a folder"),
            _ => unusable(&error.to_string()),
        },
    }
}

/// Turns write-ahead logging on. SQLite does not wait for others here, so this does.
fn write_ahead(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    let began = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Ok(_) => return Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && began.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Makes the folder and an empty file where there is none; SQLite gives the files beside it the same permissions.
fn create(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    match file.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A file that SQLite keeps beside the store.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
