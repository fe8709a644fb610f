//! Changing a case, inside one transaction.

use crate::rows::{self, json};
use crate::seal::{self, Sealed, Sealer};
use crate::{PIECE_LIMIT, StoreError, read};
use firstfault_model::{Case, Direction, Questions, RankChange, Reproducible, SeenCall, StepMark};
use firstfault_redact::Policy;
use rusqlite::{OptionalExtension as _, ToSql, Transaction, params};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Longest title, in characters.
const TITLE_LIMIT: usize = 200;

/// A change that is not yet on the disk.
#[derive(Debug)]
pub struct Change<'c> {
    pub(crate) transaction: &'c Transaction<'c>,
    pub(crate) path: &'c Path,
}

/// A case to open.
#[derive(Clone, Copy, Debug)]
pub struct NewCase<'a> {
    /// What fails; it is redacted before it is stored.
    pub title: &'a str,
    /// What is redacted in it.
    pub policy: &'a Policy,
    /// Now, in milliseconds since the Unix epoch.
    pub opened: i64,
    /// When it was noticed.
    pub detected: i64,
}

/// A piece of evidence to add.
#[derive(Debug)]
pub struct NewPiece {
    /// What it came from.
    pub source: Sealed<String>,
    /// Now, in milliseconds since the Unix epoch.
    pub added: i64,
    /// Its text.
    pub text: Sealed<String>,
    /// How many bytes the input had.
    pub bytes: u64,
    /// How many of them are not in `text`.
    pub left_out: u64,
    /// The verdict on it as JSON; none for a note.
    pub verdict: Option<Sealed<String>>,
    /// The calls that it tells of.
    pub calls: Vec<Sealed<SeenCall>>,
}

impl Change<'_> {
    fn fault(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(self.path, error)
    }

    fn run(&self, sql: &str, values: &[&dyn ToSql]) -> Result<usize, StoreError> {
        self.transaction.execute(sql, values).map_err(|error| self.fault(&error))
    }

    /// Opens a case; its number.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_case(&mut self, new: NewCase<'_>) -> Result<u32, StoreError> {
        self.run(
            "INSERT INTO cases (id, title, opened, detected, key) VALUES (hex(randomblob(8)), '', ?1, ?2, randomblob(16))",
            params![new.opened, new.detected],
        )?;
        let number = u32::try_from(self.transaction.last_insert_rowid()).unwrap_or(u32::MAX);
        let mut sealer = self.sealer(number, new.policy.clone())?;
        let title = sealer.words(new.title, TITLE_LIMIT).0;
        self.run(
            "UPDATE cases SET id = ?2, title = ?3 WHERE number = ?1",
            params![number, rows::id(number, &title), title],
        )?;
        self.keep(number, &sealer)?;
        Ok(number)
    }

    /// A case as it stands, with what this change did so far.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn case(&self, number: u32) -> Result<Case, StoreError> {
        read::case(self.path, self.transaction, (number, read::BEGINNING))
    }

    /// What replaces the secrets of evidence for this case: the same secret by the same placeholder as in the pieces
    /// before it. [`Self::keep`] keeps what it gives out.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn sealer(&self, number: u32, policy: Policy) -> Result<Sealer, StoreError> {
        seal::of(self.path, self.transaction, number, policy)
    }

    /// Keeps the placeholders that `sealer` gave out, by digest under the key of the case; never a secret.
    ///
    /// # Errors
    /// What the database says.
    pub fn keep(&self, number: u32, sealer: &Sealer) -> Result<(), StoreError> {
        for (digest, placeholder) in sealer.placeholders() {
            self.run(
                "INSERT OR IGNORE INTO placeholders (of_case, digest, placeholder) VALUES (?1, ?2, ?3)",
                params![number, digest.to_be_bytes(), placeholder],
            )?;
        }
        Ok(())
    }

    /// Adds a piece of evidence: its number, and whether it is new. The same text is kept once.
    ///
    /// # Errors
    /// When the case is closed or full.
    pub fn add_piece(&mut self, number: u32, new: &NewPiece) -> Result<(u32, bool), StoreError> {
        let id = self.open_id(number)?;
        let sha256 = hex(&Sha256::digest(new.text.0.as_bytes()));
        let same = self
            .transaction
            .query_row(
                "SELECT number FROM evidence WHERE of_case = ?1 AND sha256 = ?2 AND bytes = ?3",
                params![number, sha256, rows::signed(new.bytes)],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.fault(&error))?;
        if let Some(piece) = same {
            return Ok((piece, false));
        }
        let piece = self.next("evidence", number)?;
        if piece > PIECE_LIMIT {
            return Err(StoreError::TooMuch(id, PIECE_LIMIT));
        }
        let calls: Vec<&SeenCall> = new.calls.iter().map(Sealed::value).collect();
        self.run(
            "INSERT INTO evidence (of_case, number, source, added, text, sha256, bytes, left_out, verdict, calls)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                number,
                piece,
                new.source.0,
                new.added,
                new.text.0,
                sha256,
                rows::signed(new.bytes),
                rows::signed(new.left_out),
                new.verdict.as_ref().map(Sealed::value),
                json(&calls),
            ],
        )?;
        Ok((piece, true))
    }

    /// Adds an answer to a check; its number.
    ///
    /// # Errors
    /// When the case is closed.
    pub fn add_answer(
        &mut self,
        number: u32,
        (check, outcome): (&str, Option<&str>),
        note: Option<&Sealed<String>>,
        at: i64,
    ) -> Result<u32, StoreError> {
        self.open_id(number)?;
        let answer = self.next("answers", number)?;
        self.run(
            "INSERT INTO answers (of_case, number, check_id, outcome, note, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![number, answer, check, outcome, note.map(Sealed::value), at],
        )?;
        Ok(answer)
    }

    /// Writes what a piece changed in the ranking.
    ///
    /// # Errors
    /// What the database says.
    pub fn piece_changed(&mut self, number: u32, piece: u32, changes: &[RankChange]) -> Result<(), StoreError> {
        self.run(
            "UPDATE evidence SET changes = ?3 WHERE of_case = ?1 AND number = ?2",
            params![number, piece, json(&changes)],
        )?;
        Ok(())
    }

    /// Writes what an answer changed in the ranking.
    ///
    /// # Errors
    /// What the database says.
    pub fn answer_changed(&mut self, number: u32, answer: u32, changes: &[RankChange]) -> Result<(), StoreError> {
        self.run(
            "UPDATE answers SET changes = ?3 WHERE of_case = ?1 AND number = ?2",
            params![number, answer, json(&changes)],
        )?;
        Ok(())
    }

    /// The ranking as it is now, and when the failure began, as far as the evidence tells; when the ranking first is
    /// clear, that is the moment.
    ///
    /// # Errors
    /// What the database says.
    pub fn set_ranking(
        &mut self,
        number: u32,
        ranking: &[(String, f64)],
        started: Option<i64>,
        clear_at: Option<i64>,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE cases SET ranking = ?2, started = ?3, clear = coalesce(clear, ?4) WHERE number = ?1",
            params![number, json(&ranking), started, clear_at],
        )?;
        Ok(())
    }

    /// Answers to the four questions and the direction; what is `None` stays as it was.
    ///
    /// # Errors
    /// When the case is closed.
    pub fn set_questions(
        &mut self,
        number: u32,
        [expected, actual, affected]: [Option<&Sealed<String>>; 3],
        (reproducible, direction): (Option<Reproducible>, Option<Direction>),
    ) -> Result<Questions, StoreError> {
        self.open_id(number)?;
        self.run(
            "UPDATE cases SET expected = coalesce(?2, expected), actual = coalesce(?3, actual),
               affected = coalesce(?4, affected), reproducible = coalesce(?5, reproducible),
               direction = coalesce(?6, direction) WHERE number = ?1",
            params![
                number,
                expected.map(Sealed::value),
                actual.map(Sealed::value),
                affected.map(Sealed::value),
                reproducible.map(Reproducible::word),
                direction.map(Direction::word),
            ],
        )?;
        Ok(self.case(number)?.questions)
    }

    /// When the failure was noticed.
    ///
    /// # Errors
    /// When the case is closed.
    pub fn set_detected(&mut self, number: u32, at: i64) -> Result<(), StoreError> {
        self.open_id(number)?;
        self.run("UPDATE cases SET detected = ?2 WHERE number = ?1", params![number, at])?;
        Ok(())
    }

    /// Marks a step by hand.
    ///
    /// # Errors
    /// When the case is closed.
    pub fn mark(&mut self, number: u32, mark: &StepMark, note: Option<&Sealed<String>>) -> Result<(), StoreError> {
        self.open_id(number)?;
        self.run(
            "INSERT OR REPLACE INTO steps (of_case, step, state, note, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![number, mark.step, mark.state.word(), note.map(Sealed::value), mark.at],
        )?;
        Ok(())
    }

    /// Closes a case.
    ///
    /// # Errors
    /// When it is closed already.
    pub fn close(
        &mut self,
        number: u32,
        resolution: &Sealed<String>,
        cause: Option<&str>,
        at: i64,
    ) -> Result<(), StoreError> {
        self.open_id(number)?;
        self.run(
            "UPDATE cases SET resolved = ?2, resolution = ?3, cause = ?4 WHERE number = ?1",
            params![number, at, resolution.0, cause],
        )?;
        Ok(())
    }

    /// Opens a closed case again: its clock runs on.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn reopen(&mut self, number: u32) -> Result<(), StoreError> {
        self.case(number)?;
        self.run(
            "UPDATE cases SET resolved = NULL, resolution = NULL, cause = NULL WHERE number = ?1",
            params![number],
        )?;
        Ok(())
    }

    /// The case that `who` works on from now on.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn take_up(&mut self, who: &str, number: u32) -> Result<(), StoreError> {
        self.run("INSERT OR REPLACE INTO at_hand (who, of_case) VALUES (?1, ?2)", params![who, number])?;
        Ok(())
    }

    /// The id of a case that is open.
    fn open_id(&self, number: u32) -> Result<String, StoreError> {
        let row: Option<(String, Option<i64>)> = self
            .transaction
            .query_row("SELECT id, resolved FROM cases WHERE number = ?1", [number], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(|error| self.fault(&error))?;
        match row {
            None => Err(StoreError::NoSuchCase(number.to_string(), Vec::new())),
            Some((id, Some(_))) => Err(StoreError::Closed(id)),
            Some((id, None)) => Ok(id),
        }
    }

    fn next(&self, table: &str, number: u32) -> Result<u32, StoreError> {
        let sql = format!("SELECT coalesce(max(number), 0) + 1 FROM {table} WHERE of_case = ?1");
        self.transaction.query_row(&sql, [number], |row| row.get(0)).map_err(|error| self.fault(&error))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
