//! Exceptions and stack traces.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| firstfault_fuzz::read(text, firstfault_intake::exceptions::read));
