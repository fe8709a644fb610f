//! Log lines of servers and gateways.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| firstfault_fuzz::read(text, firstfault_intake::logs::read));
