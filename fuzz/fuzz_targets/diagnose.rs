//! The whole way: text in, verdict out.
#![no_main]

use firstfault_knowledge::Knowledge;
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(Knowledge::builtin);

libfuzzer_sys::fuzz_target!(|text: &str| {
    drop(firstfault_engine::diagnose(text, firstfault_engine::Options::default(), &KNOWLEDGE));
});
