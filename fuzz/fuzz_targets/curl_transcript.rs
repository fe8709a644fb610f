//! What curl and wget print.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| firstfault_fuzz::read(text, firstfault_intake::curl_transcript::read));
