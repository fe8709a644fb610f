//! HAR, whole or cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| drop(firstfault_intake::har::read(text)));
