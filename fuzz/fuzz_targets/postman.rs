//! Postman collections.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| drop(firstfault_intake::postman::read(text)));
