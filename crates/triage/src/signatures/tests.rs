//! What is one template and what is not; that order plays no part; hostile messages.

use super::{Mined, id, templates};

fn mined(messages: &[&str]) -> Mined {
    let counted: Vec<(&str, u64)> = messages.iter().map(|message| (*message, 1)).collect();
    templates(&counted)
}

fn template(mined: &Mined, n: usize) -> &str {
    &mined.texts[mined.of[n] as usize]
}

/// All of these are one template, and this is it.
fn one(messages: &[&str], text: &str) {
    let mined = mined(messages);
    for (n, message) in messages.iter().enumerate() {
        assert_eq!(template(&mined, n), text, "{message}");
    }
    assert_eq!(mined.texts, [text]);
}

/// No two of these are one template.
fn apart(messages: &[&str]) {
    let mined = mined(messages);
    assert_eq!(mined.texts.len(), messages.len(), "{:?}", mined.texts);
}

#[test]
fn messages_that_differ_in_values() {
    one(&["customer 42 not found", "customer 99 not found"], "customer <*> not found");
    one(&["column \"a\" does not exist", "column \"b\" does not exist"], "column <*> does not exist");
    one(&["timeout after 30000 ms", "timeout after 5 s"], "timeout after <*>");
    one(
        &[
            r#"{"error":{"code":"NOT_FOUND","message":"customer c_8812 was not found"}}"#,
            r#"{"error":{"code":"NOT_FOUND","message":"customer c_11 was not found"}}"#,
        ],
        r#"{"error":{"code":"NOT_FOUND","message":"customer c_<*> was not found"}}"#,
    );
}

#[test]
fn messages_that_say_different_things() {
    apart(&["Connection refused", "Connection reset by peer"]);
    apart(&["token expired", "token revoked", "invalid signature"]);
    apart(&["connect ECONNREFUSED 10.0.0.7:5432", "connect ETIMEDOUT 10.0.0.7:5432"]);
    apart(&[
        "payment declined: insufficient_funds",
        "payment declined: card_expired",
        "payment declined: do_not_honor",
    ]);
    apart(&[
        "java.lang.NullPointerException: cannot invoke the method of this object",
        "java.lang.IllegalStateException: cannot invoke the method of this object",
    ]);
    apart(&[
        r#"{"error":{"code":"RATE_LIMITED","message":"no"}}"#,
        r#"{"error":{"code":"QUOTA_USED","message":"no"}}"#,
    ]);
    apart(&["request failed with status code 500", "request failed with status code 404"]);
    apart(&["Deadlock found; try restarting transaction", "Lock wait timeout; try restarting transaction"]);
}

#[test]
fn codes_stay_apart_however_many_there_are() {
    let codes =
        "insufficient_funds card_expired do_not_honor lost_card stolen_card fraud limit invalid_pin pickup other";
    for form in [
        r#"{"error":{"code":"X","message":"your card was declined by the issuer of it"}}"#,
        r#"{\"code\":\"X\",\"message\":\"your card was declined by the issuer\"}"#,
        r#"{"type":"X","title":"the request was not good enough"}"#,
        "the payment of this order failed, code=X now",
        "the payment of this order failed (reason: X) now",
    ] {
        let messages: Vec<String> = codes.split(' ').map(|code| form.replace('X', code)).collect();
        apart(&messages.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn names_and_words_that_vary_are_values() {
    one(
        &[
            "cannot reach the host crm.example.com now",
            "cannot reach the host auth.example.com now",
            "cannot reach the host db.internal now",
        ],
        "cannot reach the host <*> now",
    );
    let users = ["alice", "bob", "carol", "dave", "erin", "frank"];
    let messages: Vec<String> = users.iter().map(|user| format!("account of user {user} is locked")).collect();
    one(&messages.iter().map(String::as_str).collect::<Vec<_>>(), "account of user <*> is locked");
}

#[test]
fn lists_and_explanations_have_any_length() {
    one(&["asked to delete blk_1 blk_2 blk_3", "asked to delete blk_7"], "asked to delete blk_<*>");
    one(&["sent 850 bytes to it", "sent 1190 bytes (1.16 KB) to it"], "sent <*> to it");
}

#[test]
fn the_order_of_messages_does_not_matter() {
    let mut messages: Vec<String> = Vec::new();
    for n in 0..60 {
        messages.push(format!("customer {n} not found"));
        messages.push(format!("host h{n}.example.com did not answer in time"));
        messages.push(format!("job {} of queue {} stopped", ["red", "green", "blue"][n % 3], ["a", "b"][n % 2]));
        messages.push(format!("account of user {} is locked", "abcdefgh".repeat(1 + n % 8)));
    }
    let forward: Vec<(&str, u64)> = messages.iter().map(|m| (m.as_str(), 1)).collect();
    let first = templates(&forward);
    // 7 and 240 have no common divisor: every message once, in another order.
    let order: Vec<usize> = (0..messages.len()).map(|n| n * 7 % messages.len()).collect();
    let shuffled: Vec<(&str, u64)> = order.iter().map(|n| forward[*n]).collect();
    let second = templates(&shuffled);
    assert_eq!(first.texts, second.texts);
    for (place, n) in order.iter().enumerate() {
        assert_eq!(second.of[place], first.of[*n]);
    }
    assert_eq!(first, templates(&forward));
}

#[test]
fn what_was_together_stays_together_when_more_comes() {
    let few = [
        "customer 42 not found",
        "customer 99 not found",
        "host a.example.com did not answer",
        "host b.example.com did not answer",
    ];
    let more: Vec<&str> =
        few.iter().copied().chain(["disk full", "host c.example.com did not answer", "tenant x is unknown"]).collect();
    let (first, second) = (mined(&few), mined(&more));
    for n in 0..few.len() {
        assert_eq!(template(&first, n), template(&second, n));
    }
}

#[test]
fn hostile_messages() {
    let long = "x".repeat(3 << 20);
    let spaced = "a b1 ".repeat(1 << 18);
    let quotes = "\"'`".repeat(1 << 16);
    let parentheses = "<*> (<*>) ( ) ".repeat(1 << 14);
    let messages = [
        "",
        "\0",
        "\0\0 \0",
        "17",
        "18",
        long.as_str(),
        spaced.as_str(),
        quotes.as_str(),
        parentheses.as_str(),
        "<*>",
        " . .. ... ",
    ];
    let mined = mined(&messages);
    assert_eq!(mined.of.len(), messages.len());
    assert_eq!(mined.of[3], mined.of[4]);
    assert!(mined.texts.iter().all(|text| text.len() <= 2048));
    assert_eq!(templates(&[]), Mined::default());
}

#[test]
fn the_number_of_templates_is_bounded() {
    let messages: Vec<String> = (0..100_100_u32).map(letters).collect();
    let counted: Vec<(&str, u64)> = messages.iter().map(|m| (m.as_str(), 1)).collect();
    let mined = templates(&counted);
    assert!(mined.texts.len() <= 100_001);
    assert!(mined.of.iter().all(|of| (*of as usize) < mined.texts.len()));
}

/// A number as three words that share nothing.
fn letters(mut n: u32) -> String {
    let mut out = String::new();
    for part in ["", " ", " "] {
        out.push_str(part);
        for _ in 0..2 {
            out.push(char::from(b'g' + u8::try_from(n % 17).unwrap()));
            n /= 17;
        }
    }
    out
}

#[test]
fn ids_are_stable() {
    assert_eq!(id("customer <*> not found"), id("customer <*> not found"));
    assert_ne!(id("customer <*> not found"), id("tenant <*> not found"));
    // Written down once, on purpose: an id that people put into tickets must not change.
    assert_eq!(id("customer <*> not found"), "ecf6fbd5d34c7c55");
}
