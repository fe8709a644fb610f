//! `.http` and Hurl-style request files.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| drop(firstfault_intake::request_file::read(text)));
