//! Processes that share a store, and processes that are killed in the middle: what was confirmed is there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Ran, fresh, program, run};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Instant;

/// Evidence of a call that no other piece tells of.
fn evidence(mark: &str) -> String {
    format!(
        "GET /v1/orders HTTP/1.1\nHost: {mark}.example\n\nHTTP/1.1 401 Unauthorized\n\n{{\"message\":\"{mark}\"}}\n"
    )
}

/// The hosts of the pieces in a case, by number.
fn hosts(store: &str) -> Vec<String> {
    let shown = run(&["case", "show", "1", "--format", "json", "--store", store]);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap_or_else(|e| panic!("{e}: {}", shown.stderr));
    let pieces = document["evidence"].as_array().unwrap();
    pieces.iter().map(|p| p["diagnosis"]["call"]["url"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_was_confirmed_survives_two_hundred_kills() {
    let store = fresh("kills");
    assert_eq!(run(&["case", "open", "kills", "--store", &store]).code, Some(0));
    // How long one takes when nobody kills it: the kills are spread over that time and a little beyond.
    let began = Instant::now();
    for at in 0..8 {
        let ran = run(&["case", "add", "1", &evidence(&format!("calm{at}")), "--store", &store]);
        assert!(ran.stdout.starts_with("added piece"), "{}{}", ran.stdout, ran.stderr);
    }
    let usual = began.elapsed() / 8;
    let mut confirmed: Vec<(String, usize)> = Vec::new();
    let mut silent = 0;
    for at in 0..200_u32 {
        let mark = format!("kill{at}");
        let text = evidence(&mark);
        let mut child = program(&["case", "add", "1", &text, "--store", &store])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        // A word from the child ends the wait too, so that some die right after they confirmed.
        let first = told.recv_timeout(usual * (at % 40) / 32);
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap();
        let line = first.or_else(|_| told.try_recv().map_err(|_| mpsc::RecvTimeoutError::Timeout));
        match line.ok().and_then(|line| line.strip_prefix("added piece ")?.split(':').next()?.parse().ok()) {
            Some(piece) => confirmed.push((mark, piece)),
            None => silent += 1,
        }
    }
    let hosts = hosts(&store);
    for (mark, piece) in &confirmed {
        let there = hosts.get(piece - 1).is_some_and(|url| url.contains(&format!("{mark}.example")));
        assert!(there, "piece {piece} of {mark} was confirmed and is not there");
    }
    assert!(
        confirmed.len() >= 10 && silent >= 10,
        "{} confirmed, {silent} not: the kills are not spread",
        confirmed.len()
    );
    let checked = run(&["case", "check", "--store", &store]);
    assert!(checked.code == Some(0) && checked.stdout.contains("sound"), "{}{}", checked.stdout, checked.stderr);
    let more = run(&["case", "add", "1", &evidence("after"), "--store", &store]);
    assert!(more.stdout.starts_with("added piece"), "{}", more.stderr);
}

/// Starts them all before it waits for the first.
fn at_once(commands: &[Vec<String>]) -> Vec<Ran> {
    let children: Vec<_> = commands
        .iter()
        .map(|arguments| {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            program(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    children.into_iter().map(|child| Ran::from(child.wait_with_output().unwrap())).collect()
}

#[test]
fn eight_at_once_lose_nothing() {
    let store = fresh("eight");
    // They even make the store together.
    let open: Vec<Vec<String>> = (0..8)
        .map(|at| ["case", "open", &format!("case {at}"), "--store", &store].map(str::to_owned).to_vec())
        .collect();
    for ran in at_once(&open) {
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let add: Vec<Vec<String>> = (0..32)
        .map(|at| ["case", "add", "1", &evidence(&format!("many{at}x")), "--store", &store].map(str::to_owned).to_vec())
        .collect();
    for eight in add.chunks(8) {
        for ran in at_once(eight) {
            assert!(matches!(ran.code, Some(1 | 3)), "{:?}: {}", ran.code, ran.stderr);
            assert!(ran.stdout.starts_with("added piece"), "{}", ran.stdout);
        }
    }
    let hosts = hosts(&store);
    assert_eq!(hosts.len(), 32);
    for at in 0..32 {
        assert!(hosts.iter().any(|url| url.contains(&format!("many{at}x.example"))), "{at} is lost");
    }
    let list: Value =
        serde_json::from_str(&run(&["case", "list", "--format", "json", "--store", &store]).stdout).unwrap();
    assert_eq!(list["cases"].as_array().unwrap().len(), 8);
    // Once nobody works on it, all of it is in one file.
    assert!(!std::path::Path::new(&format!("{store}-wal")).exists());
}
