//! Reading cases.

use crate::rows::{from_json, word};
use crate::{Sealer, Store, StoreError, seal};
use firstfault_model::{Answered, Case, CaseClock, Direction, Piece, Questions, Reproducible, StepMark, StepState};
use firstfault_redact::Policy;
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::path::Path;

/// A case in a list: without its evidence, answers and marks.
#[derive(Clone, Debug)]
pub struct Head {
    /// The case; its lists are empty.
    pub case: Case,
    /// How many pieces of evidence it has.
    pub pieces: usize,
}

/// All that a case holds, for a pack: every text redacted, in the order in which it came.
#[derive(Clone, Debug)]
pub struct Everything {
    /// The case: questions, clock, answers, marks, and the pieces with their verdicts and observations; their texts are below.
    pub case: Case,
    /// The redacted texts of its evidence: a name that is unique in the case and safe as a file name, and the text.
    pub texts: Vec<(String, String)>,
}

/// How much of a text is read where the text itself is not asked for, in characters.
pub const BEGINNING: u32 = 400;

const COLUMNS: &str = "number, id, title, expected, actual, reproducible, affected, direction, opened, detected, clear, \
                       resolved, resolution, cause, ranking, started";

impl Store {
    fn fault(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(self.path(), error)
    }

    /// A case with all that it holds, but for the texts of its evidence: of each only the beginning.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn case(&self, number: u32) -> Result<Case, StoreError> {
        // One moment for all of it, whoever writes meanwhile.
        let moment = self.connection.unchecked_transaction().map_err(|error| self.fault(&error))?;
        case(self.path(), &moment, (number, BEGINNING))
    }

    /// All that a case holds, for a pack.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn everything(&self, number: u32) -> Result<Everything, StoreError> {
        let moment = self.connection.unchecked_transaction().map_err(|error| self.fault(&error))?;
        let mut case = case(self.path(), &moment, (number, u32::MAX))?;
        let texts = case.pieces.iter_mut().map(|piece| (file_name(piece), std::mem::take(&mut piece.text))).collect();
        Ok(Everything { case, texts })
    }

    /// What replaces secrets for this case, to read or hand on what it holds: the same secret by the same placeholder.
    /// What it gives out is not kept.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn sealer(&self, number: u32, policy: Policy) -> Result<Sealer, StoreError> {
        seal::of(self.path(), &self.connection, number, policy)
    }

    /// Every case, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn cases(&self) -> Result<Vec<Head>, StoreError> {
        let fault = |error: rusqlite::Error| self.fault(&error);
        let sql = format!(
            "SELECT {COLUMNS}, (SELECT count(*) FROM evidence WHERE of_case = cases.number) FROM cases ORDER BY number DESC"
        );
        let mut rows = self.connection.prepare(&sql).map_err(fault)?;
        let heads = rows
            .query_map([], |row| Ok(Head { case: head(row)?, pieces: row.get::<_, u32>(16)? as usize }))
            .map_err(fault)?;
        heads.collect::<Result<_, _>>().map_err(fault)
    }

    /// The number of the case that `reference` names: its number, its id, or the beginning of its id or of the words in
    /// it, as long as that fits one alone. Without a reference, the case that `who` works on.
    ///
    /// # Errors
    /// When there is none, with others that are near.
    pub fn find(&self, reference: Option<&str>, who: &str) -> Result<u32, StoreError> {
        let fault = |error: rusqlite::Error| self.fault(&error);
        let Some(reference) = reference else {
            let at_hand = self
                .connection
                .query_row("SELECT of_case FROM at_hand WHERE who = ?1", [who], |row| row.get(0))
                .optional()
                .map_err(fault)?;
            return at_hand.ok_or(StoreError::NoCurrentCase);
        };
        let mut rows = self.connection.prepare("SELECT number, id FROM cases ORDER BY number DESC").map_err(fault)?;
        let ids: Vec<(u32, String)> = rows
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(fault)?
            .collect::<Result<_, _>>()
            .map_err(fault)?;
        let wanted = reference.trim_start_matches('#').to_ascii_lowercase();
        let exact = ids.iter().find(|(number, id)| *id == wanted || number.to_string() == wanted);
        if let Some((number, _)) = exact {
            return Ok(*number);
        }
        let words = |id: &str| id.split_once('-').map_or_else(String::new, |(_, words)| words.to_owned());
        let begins = |id: &str| {
            !wanted.is_empty() && (id.starts_with(&wanted) && wanted.contains('-') || words(id).starts_with(&wanted))
        };
        let fitting: Vec<&(u32, String)> = ids.iter().filter(|(_, id)| begins(id)).collect();
        if let [(number, _)] = fitting.as_slice() {
            return Ok(*number);
        }
        let shares = |id: &str| wanted.split('-').any(|word| word.len() > 2 && id.contains(word));
        let mut near: Vec<String> =
            ids.iter().filter(|(_, id)| begins(id) || shares(id)).map(|(_, id)| id.clone()).collect();
        if near.is_empty() {
            near = ids.into_iter().map(|(_, id)| id).collect();
        }
        near.truncate(3);
        Err(StoreError::NoSuchCase(reference.to_owned(), near))
    }
}

/// `2-gateway.log`: the piece's number and the last part of what it came from, in letters that no system minds.
fn file_name(piece: &Piece) -> String {
    let last = piece.source.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' })
        .take(60)
        .collect();
    let safe = safe.trim_matches(['-', '.']);
    let safe = if safe.is_empty() { "input" } else { safe };
    let suffix = if safe.contains('.') { "" } else { ".txt" };
    format!("{}-{safe}{suffix}", piece.number)
}

/// A case with all that it holds, as the connection sees it; of each text so many characters.
pub fn case(path: &Path, connection: &Connection, (number, of_text): (u32, u32)) -> Result<Case, StoreError> {
    let fault = |error: rusqlite::Error| StoreError::of(path, &error);
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE number = ?1");
    let case = connection.query_row(&sql, [number], head).optional().map_err(fault)?;
    let mut case = case.ok_or_else(|| StoreError::NoSuchCase(number.to_string(), Vec::new()))?;
    let mut rows = connection
        .prepare(
            "SELECT number, source, added, substr(text, 1, ?2), sha256, bytes, left_out, verdict, calls, changes
             FROM evidence WHERE of_case = ?1 ORDER BY number",
        )
        .map_err(fault)?;
    case.pieces = rows.query_map([number, of_text], piece).map_err(fault)?.collect::<Result<_, _>>().map_err(fault)?;
    let mut rows = connection
        .prepare("SELECT check_id, outcome, note, at, changes FROM answers WHERE of_case = ?1 ORDER BY number")
        .map_err(fault)?;
    case.answers = rows.query_map([number], answer).map_err(fault)?.collect::<Result<_, _>>().map_err(fault)?;
    let mut rows = connection
        .prepare("SELECT step, state, note, at FROM steps WHERE of_case = ?1 ORDER BY step")
        .map_err(fault)?;
    case.marks = rows.query_map([number], mark).map_err(fault)?.collect::<Result<_, _>>().map_err(fault)?;
    Ok(case)
}

fn head(row: &Row<'_>) -> rusqlite::Result<Case> {
    Ok(Case {
        number: row.get(0)?,
        id: row.get(1)?,
        title: row.get(2)?,
        questions: Questions {
            expected: row.get(3)?,
            actual: row.get(4)?,
            reproducible: word(5, row.get(5)?, Reproducible::from_word)?,
            affected: row.get(6)?,
            direction: word(7, row.get(7)?, Direction::from_word)?,
        },
        clock: CaseClock {
            started: row.get(15)?,
            opened: row.get(8)?,
            detected: row.get(9)?,
            clear: row.get(10)?,
            resolved: row.get(11)?,
        },
        resolution: row.get(12)?,
        cause: row.get(13)?,
        ranking: from_json(14, &row.get::<_, String>(14)?)?,
        ..Case::default()
    })
}

fn piece(row: &Row<'_>) -> rusqlite::Result<Piece> {
    Ok(Piece {
        number: row.get(0)?,
        source: row.get(1)?,
        added: row.get(2)?,
        text: row.get(3)?,
        sha256: row.get(4)?,
        bytes: row.get::<_, i64>(5)?.unsigned_abs(),
        left_out: row.get::<_, i64>(6)?.unsigned_abs(),
        verdict: row.get(7)?,
        calls: from_json(8, &row.get::<_, String>(8)?)?,
        changes: from_json(9, &row.get::<_, String>(9)?)?,
    })
}

fn answer(row: &Row<'_>) -> rusqlite::Result<Answered> {
    Ok(Answered {
        check: row.get(0)?,
        outcome: row.get(1)?,
        note: row.get(2)?,
        at: row.get(3)?,
        changes: from_json(4, &row.get::<_, String>(4)?)?,
    })
}

fn mark(row: &Row<'_>) -> rusqlite::Result<StepMark> {
    Ok(StepMark {
        step: row.get(0)?,
        state: word(1, row.get(1)?, StepState::from_word)?.unwrap_or(StepState::Open),
        note: row.get(2)?,
        at: row.get(3)?,
    })
}
