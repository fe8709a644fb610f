//! The store on a real disk: what is kept, what is refused, and what is left alone.

use crate::{NewCase, NewPiece, Sealer, Store, StoreError, VERSION};
use firstfault_model::{Case, Direction, RankChange, Reproducible, SeenCall, StepMark, StepState};
use firstfault_redact::Policy;
use std::path::PathBuf;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(30);

/// A place of this test's own, where nothing is; it is gone with the test.
struct Place(PathBuf);

impl std::ops::Deref for Place {
    type Target = std::path::Path;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl AsRef<std::path::Path> for Place {
    fn as_ref(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = self.0.parent().and_then(std::path::Path::parent) {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn place(name: &str) -> Place {
    let folder = std::env::temp_dir().join(format!("firstfault-store-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    Place(folder.join("firstfault").join("cases.db"))
}

fn sealer() -> Sealer {
    Sealer::seeded(Policy::default(), [7; 16], Vec::new())
}

fn open(store: &mut Store, title: &str) -> u32 {
    let policy = &Policy::default();
    store.change::<_, StoreError>(|c| c.open_case(NewCase { title, policy, opened: 5, detected: 4 })).unwrap()
}

fn piece(text: &str) -> NewPiece {
    let call = SeenCall { failed: true, started: Some(3), headline: "GET /".to_owned(), ..SeenCall::default() };
    NewPiece {
        source: sealer().words("a.txt", 200),
        added: 7,
        text: sealer().text(text),
        bytes: text.len() as u64,
        left_out: 0,
        verdict: sealer().json("{\"schema\":\"x\"}"),
        calls: vec![sealer().call(call)],
    }
}

fn add(store: &mut Store, case: u32, text: &str) -> Result<(u32, bool), StoreError> {
    store.change(|change| change.add_piece(case, &piece(text)))
}

#[test]
fn what_goes_in_comes_out() {
    let path = place("all");
    let mut store = Store::open(&path, SOON).unwrap();
    let number = open(&mut store, "Tickets fail");
    assert_eq!(add(&mut store, number, "one").unwrap(), (1, true));
    assert_eq!(add(&mut store, number, "two").unwrap(), (2, true));
    assert_eq!(add(&mut store, number, "one").unwrap(), (1, false), "the same text is kept once");
    let change = RankChange { cause: "a.b".to_owned(), before: None, after: Some(0.5) };
    store
        .change::<_, StoreError>(|c| {
            let seal = |text: &str| sealer().words(text, 100);
            let (expected, affected, note) = (seal("201"), seal("all"), seal("why"));
            c.set_questions(
                number,
                [Some(&expected), None, Some(&affected)],
                (Some(Reproducible::Sometimes), Some(Direction::Webhook)),
            )?;
            c.set_questions(number, [None, None, None], (None, None))?;
            let answer = c.add_answer(number, ("decode-token", Some("yes")), Some(&note), 9)?;
            c.answer_changed(number, answer, std::slice::from_ref(&change))?;
            c.piece_changed(number, 2, std::slice::from_ref(&change))?;
            c.mark(number, &StepMark { step: 7, state: StepState::NotNeeded, note: None, at: 9 }, Some(&note))?;
            c.set_ranking(number, &[("a.b".to_owned(), 0.95)], Some(3), Some(11))?;
            c.set_ranking(number, &[("a.b".to_owned(), 0.97)], Some(3), Some(12))?;
            c.take_up("anna", number)
        })
        .unwrap();
    drop(store);

    let store = Store::existing(&path, SOON).unwrap();
    store.check().unwrap();
    assert_eq!(store.find(None, "anna").unwrap(), number);
    let case: Case = store.case(number).unwrap();
    assert_eq!((case.id.as_str(), case.title.as_str()), ("1-tickets-fail", "Tickets fail"));
    assert_eq!(case.questions.expected.as_deref(), Some("201"), "what is not given stays");
    assert_eq!(case.questions.direction, Some(Direction::Webhook));
    assert_eq!(case.clock.clear, Some(11), "clear is the first time");
    assert_eq!((case.clock.started, case.clock.detected), (Some(3), 4));
    assert_eq!(case.ranking, [("a.b".to_owned(), 0.97)]);
    assert_eq!(case.pieces.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(case.pieces[1].changes, [change]);
    assert_eq!(case.pieces[0].sha256, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
    assert_eq!(case.answers[0].note.as_deref(), Some("why"));
    assert_eq!((case.marks[0].step, case.marks[0].state), (7, StepState::NotNeeded));
    let all = store.everything(number).unwrap();
    assert_eq!(all.texts, [("1-a.txt".to_owned(), "one".to_owned()), ("2-a.txt".to_owned(), "two".to_owned())]);
    assert_eq!(all.case.answers, case.answers);
    let heads = store.cases().unwrap();
    assert_eq!((heads.len(), heads[0].pieces), (1, 2));
}

#[test]
fn only_redacted_text_reaches_the_disk() {
    let path = place("canary");
    let mut store = Store::open(&path, SOON).unwrap();
    let number = open(&mut store, "password=titleCanary01");
    let text = "HTTP/1.1 401\nAuthorization: Bearer tokenCanary02tokenCanary02\n";
    add(&mut store, number, text).unwrap();
    let case = store.case(number).unwrap();
    assert!(!case.pieces[0].text.contains("Canary"), "{}", case.pieces[0].text);
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    for file in folder.flatten() {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(6).any(|w| w == b"Canary"), "{}", file.path().display());
    }
}

#[test]
fn a_secret_keeps_its_placeholder_over_all_pieces_of_a_case() {
    let path = place("placeholders");
    let mut store = Store::open(&path, SOON).unwrap();
    let (one, two) = (open(&mut store, "one"), open(&mut store, "two"));
    let mut say = |case: u32, text: &str| {
        store
            .change::<_, StoreError>(|change| {
                let mut sealer = change.sealer(case, Policy::default())?;
                let text = sealer.text(text).value().clone();
                change.keep(case, &sealer)?;
                Ok(text)
            })
            .unwrap()
    };
    let first = say(one, "password=firstSecret77");
    let other = say(one, "password=otherSecret88");
    assert_ne!(first, other, "two secrets of two pieces are two");
    assert_eq!(say(one, "password=firstSecret77"), first, "the same secret is the same in a later piece");
    assert_eq!(say(two, "password=otherSecret88"), first, "another case counts for itself");
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let keys: i64 = connection.query_row("SELECT count(DISTINCT key) FROM cases", [], |row| row.get(0)).unwrap();
    let digests: i64 =
        connection.query_row("SELECT count(DISTINCT digest) FROM placeholders", [], |row| row.get(0)).unwrap();
    assert_eq!((keys, digests), (2, 3), "the same secret has another digest in another case");
}

#[test]
fn a_change_that_fails_changes_nothing() {
    let path = place("rollback");
    let mut store = Store::open(&path, SOON).unwrap();
    let number = open(&mut store, "x");
    let failed = store.change::<(), StoreError>(|change| {
        change.add_piece(number, &piece("lost"))?;
        change.add_piece(99, &piece("no such case"))?;
        Ok(())
    });
    assert!(matches!(failed, Err(StoreError::NoSuchCase(..))), "{failed:?}");
    assert!(store.case(number).unwrap().pieces.is_empty());
}

#[test]
fn cases_are_found_by_number_id_and_words() {
    let path = place("find");
    let mut store = Store::open(&path, SOON).unwrap();
    assert!(matches!(store.find(None, "anna"), Err(StoreError::NoCurrentCase)));
    for title in ["Tickets fail", "Tickets are slow", "Payments refused"] {
        open(&mut store, title);
    }
    for (reference, number) in
        [("1", 1), ("#2", 2), ("3-payments-refused", 3), ("3-pay", 3), ("payments", 3), ("tickets-slow", 2)]
    {
        assert_eq!(store.find(Some(reference), "anna").unwrap(), number, "{reference}");
    }
    for (reference, near) in [("tickets", "1-tickets-fail"), ("4", "3-payments-refused"), ("9-payments", "3-payments")]
    {
        let error = store.find(Some(reference), "anna").unwrap_err().to_string();
        assert!(error.contains(near), "{error}");
    }
}

#[test]
fn a_closed_case_takes_nothing_until_it_is_opened_again() {
    let path = place("closed");
    let mut store = Store::open(&path, SOON).unwrap();
    let number = open(&mut store, "x");
    let words = sealer().words("done", 10);
    let close = |store: &mut Store| store.change::<_, StoreError>(|c| c.close(number, &words, Some("a.b"), 20));
    close(&mut store).unwrap();
    assert!(matches!(close(&mut store), Err(StoreError::Closed(_))));
    assert!(matches!(add(&mut store, number, "late"), Err(StoreError::Closed(_))));
    assert_eq!(store.case(number).unwrap().clock.resolved, Some(20));
    store.change::<_, StoreError>(|c| c.reopen(number)).unwrap();
    add(&mut store, number, "late").unwrap();
    assert_eq!(store.case(number).unwrap().cause, None);
}

#[test]
fn another_writer_is_waited_for_and_then_named() {
    let path = place("locked");
    let mut store = Store::open(&path, SOON).unwrap();
    let number = open(&mut store, "x");
    let mut other = Store::open(&path, SOON).unwrap();
    store
        .change::<_, StoreError>(|_| {
            let error = add(&mut other, number, "while the first writes").unwrap_err();
            assert!(matches!(error, StoreError::Locked(_)), "{error:?}");
            // Reading goes on meanwhile.
            assert_eq!(other.cases()?.len(), 1);
            Ok(())
        })
        .unwrap();
    add(&mut other, number, "afterwards").unwrap();
}

#[test]
fn a_store_of_a_later_form_is_left_alone() {
    let path = place("newer");
    drop(Store::open(&path, SOON).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(&path, SOON).unwrap_err();
    assert!(matches!(error, StoreError::Newer(_, found, known) if found == known + 1), "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn other_and_damaged_files_are_left_alone() {
    let path = place("foreign");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(connection);
    assert!(matches!(Store::open(&path, SOON), Err(StoreError::Foreign(_))));

    let path = place("text");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "these are somebody's notes and no database\n".repeat(100)).unwrap();
    let error = Store::open(&path, SOON).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(..)), "{error:?}");
    assert!(error.to_string().contains(".recover") && error.to_string().contains("nothing was changed"));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("these are"));
}

#[test]
fn damage_inside_is_found() {
    let path = place("damaged");
    let mut store = Store::open(&path, SOON).unwrap();
    let number = open(&mut store, "x");
    for at in 0..40 {
        add(&mut store, number, &format!("{at} {}", "evidence ".repeat(500))).unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 9000].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let store = Store::existing(&path, SOON).unwrap();
    let found = store.check().and_then(|()| store.case(number).map(|_| ()));
    assert!(matches!(found, Err(StoreError::Damaged(..))), "{found:?}");
    drop(store);
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "looking changes nothing");
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let path = place("modes");
    let mut store = Store::open(&path, SOON).unwrap();
    open(&mut store, "x");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut files = 0;
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap().flatten() {
        assert_eq!(mode(&file.path()), 0o600, "{}", file.path().display());
        files += 1;
    }
    assert!(files >= 2, "expected the store and its log, found {files} files");
}

#[test]
fn a_missing_store_says_how_to_make_one() {
    let error = Store::existing(&place("missing"), SOON).unwrap_err();
    assert!(matches!(error, StoreError::Missing(_)) && error.to_string().contains("case open"), "{error}");
}

#[test]
fn a_folder_is_no_store() {
    let path = place("folder");
    std::fs::create_dir_all(&path).unwrap();
    for opened in [Store::open(&path, SOON), Store::existing(&path, SOON)] {
        let error = opened.unwrap_err();
        assert!(matches!(error, StoreError::Unusable(..)) && error.to_string().contains("got a folder"), "{error}");
    }
}
