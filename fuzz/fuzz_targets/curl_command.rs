//! curl command lines in every shell's quoting: what is read is written and read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    for command in firstfault_curl::split(text) {
        drop(firstfault_curl::parse(&command.arguments, &firstfault_curl::NoFiles));
    }
});
