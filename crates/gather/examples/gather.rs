//! Reads inputs and prints the four-attribute group-by: what reading and aggregation cost without anything else.
//! `gather FILE… -- KEY…`

#![allow(clippy::print_stdout, clippy::expect_used)]

use firstfault_calls::{Key, by_status, group};
use firstfault_gather::{Request, gather};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at = arguments.iter().position(|a| a == "--").unwrap_or(arguments.len());
    let inputs = arguments[..at].to_vec();
    let keys: Vec<Key<'_>> = arguments[at..].iter().skip(1).map(|name| Key::Named(name)).collect();
    let started = Instant::now();
    let calls = gather(&Request { inputs, ..Request::default() }, &mut |_| {}).expect("something to read");
    let read = started.elapsed();
    let groups = group(&calls, &keys, &by_status(&calls), 2).expect("keys that are there");
    println!(
        "{} rows, {} MiB, {} shapes, {} groups",
        calls.rows,
        calls.bytes() >> 20,
        calls.shapes.len(),
        groups.len()
    );
    for dimension in &calls.dimensions {
        println!("  {} {} values", dimension.name, dimension.values.len());
    }
    for input in calls.inputs.iter().take(5) {
        println!(
            "  {} {} lines {} read {} unreadable {} {:?} {:?}",
            input.name,
            input.form,
            input.lines,
            input.read,
            input.unreadable,
            input.problems,
            input.examples.first()
        );
    }
    println!("read {read:?}, group {:?}", started.elapsed() - read);
}
