//! Logs of every form: learnt from any bytes, and read in two parts.
#![no_main]

use firstfault_calls::{Batch, Layout, Part, Settings};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let layout = Layout::learn(bytes, "fuzz.log", &Settings { year: Some(2026), ..Settings::default() });
    let mut batch = Batch::default();
    let (first, second) = bytes.split_at(layout.whole(bytes));
    layout.read(first, Part { input: 0, chunk: 0 }, &mut batch);
    layout.read(second, Part { input: 0, chunk: 1 }, &mut batch);
    drop((layout.mapping(bytes), firstfault_calls::merge(vec![batch])));
});
