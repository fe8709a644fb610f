//! HTTP requests and responses as text.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| firstfault_fuzz::read(text, firstfault_intake::http_message::read));
