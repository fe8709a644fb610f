//! Rows, dictionaries and shapes do not depend on who read what, and are bounded.

use super::dictionary::{Dictionary, LONGEST, OTHERS};
use crate::{Attribute, Batch, Calls, Layout, Part, Settings, merge};

fn lines(count: usize) -> Vec<String> {
    (0..count)
        .map(|i| {
            let status = if i % 7 == 0 { 500 } else { 200 };
            let words = ["", "connection refused", "quota of tenant exceeded"][i % 3];
            format!(
                r#"{{"ts":"2026-11-20T10:{:02}:{:02}Z","status":{status},"path":"/a/{i}","user":"u{}","tenant":"t{}","message":"{words}"}}"#,
                i / 60 % 60,
                i % 60,
                i * 31 % 977,
                i % 5
            )
        })
        .collect()
}

/// Reads chunks of lines, each by the thread that `who` says, in the order of `order`.
fn read(lines: &[String], threads: usize, order: &[usize], who: impl Fn(usize) -> usize) -> Calls {
    let layout = Layout::learn(lines[..50].join("\n").as_bytes(), "a.log", &Settings::default());
    let mut batches: Vec<Batch> = (0..threads).map(|_| Batch::default()).collect();
    for chunk in order {
        let part = lines[chunk * 100..(chunk + 1) * 100].join("\n");
        layout.read(part.as_bytes(), Part { input: 0, chunk: *chunk as u32 }, &mut batches[who(*chunk)]);
    }
    merge(batches)
}

#[test]
fn the_table_does_not_depend_on_the_threads() {
    let lines = lines(2000);
    let order: Vec<usize> = (0..20).collect();
    let one = format!("{:?}", read(&lines, 1, &order, |_| 0));
    let shuffled: Vec<usize> = (0..20).map(|i| i * 7 % 20).collect();
    assert_eq!(format!("{:?}", read(&lines, 3, &order, |chunk| chunk % 3)), one);
    assert_eq!(format!("{:?}", read(&lines, 4, &shuffled, |chunk| chunk * 5 % 4)), one);
    assert_eq!(format!("{:?}", read(&lines, 1, &shuffled, |_| 0)), one);
}

#[test]
fn a_full_dictionary_leaves_values_out_by_their_hash() {
    let mut all = Dictionary::new(1 << 20);
    let mut some = Dictionary::new(100);
    for i in 0..1000 {
        all.code(format!("value {i}").as_bytes());
    }
    for i in (0..1000).rev() {
        some.code(format!("value {i}").as_bytes());
    }
    let kept = |d: &Dictionary, level| {
        let mut kept: Vec<Vec<u8>> =
            (2..d.len() as u32).filter(|c| d.is_kept(*c, level)).map(|c| d.value(c).to_vec()).collect();
        kept.sort();
        kept
    };
    assert!(some.level > 0 && some.has_others());
    assert_eq!(kept(&some, some.level), kept(&all, some.level));
    assert!(kept(&some, some.level).len() <= 100);
    assert_eq!(some.value(1), OTHERS.as_bytes());
}

#[test]
fn values_are_bounded_and_whole() {
    let mut dictionary = Dictionary::new(100);
    let long = "\u{e9}".repeat(200);
    let code = dictionary.code(long.as_bytes());
    assert!(dictionary.value(code).len() <= LONGEST);
    assert!(std::str::from_utf8(dictionary.value(code)).is_ok());
    // As the beginning of a longer text, too, and whatever follows.
    for length in 1..40 {
        let text = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP";
        let alone = dictionary.code(&text.as_bytes()[..length]);
        assert_eq!(dictionary.code_of_beginning(text.as_bytes(), length), alone);
        assert_eq!(dictionary.value(alone), &text.as_bytes()[..length]);
    }
}

#[test]
fn too_many_messages_share_a_shape() {
    let word = |mut i: usize| {
        let mut word = String::new();
        for _ in 0..5 {
            word.push(char::from(b'a' + (i % 26) as u8));
            i /= 26;
        }
        word
    };
    let lines: Vec<String> = (0..45_000)
        .map(|i| format!("{{\"status\":500,\"path\":\"/a\",\"message\":\"broken {} {}\"}}", word(i), word(i * 7)))
        .collect();
    let layout = Layout::learn(lines[0].as_bytes(), "a.log", &Settings::default());
    let read = |threads: usize| {
        let mut batches: Vec<Batch> = (0..threads).map(|_| Batch::default()).collect();
        for (chunk, part) in lines.chunks(1000).enumerate() {
            layout.read(
                part.join("\n").as_bytes(),
                Part { input: 0, chunk: chunk as u32 },
                &mut batches[chunk % threads],
            );
        }
        merge(batches)
    };
    let (one, two) = (read(1), read(2));
    assert!(one.shapes.len() <= 20_001, "{}", one.shapes.len());
    assert!(one.shapes.iter().any(|s| s.message.contains("too many")));
    assert_eq!(one.shapes, two.shapes);
    assert_eq!(one.shape, two.shape);
}

#[test]
fn rows_of_counts_and_columns_of_tables() {
    let mut batch = Batch::default();
    batch.open(Part::default(), "table", None);
    for (total, failed) in [(100, 7), (50, 0), (3, 3)] {
        batch.begin();
        batch.set(Attribute::Tenant, b"acme");
        batch.set_own("product", b"shoes");
        batch.counts(total, failed);
        batch.finish(b"acme,shoes");
    }
    let calls = merge(vec![batch]);
    assert_eq!(calls.weight, [7, 93, 50, 3]);
    assert!(calls.shapes[calls.shape[0] as usize].counted && !calls.shapes[calls.shape[1] as usize].counted);
    let product = calls.named("product").unwrap();
    assert_eq!(
        (0..4).map(|r| product.values[product.codes.get(r) as usize].as_str()).collect::<Vec<_>>(),
        ["shoes"; 4]
    );
}
