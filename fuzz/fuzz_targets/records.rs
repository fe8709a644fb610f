//! JSON lines, logfmt and application logs.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| firstfault_fuzz::read(text, firstfault_intake::records::read));
