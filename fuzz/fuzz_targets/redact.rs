//! Text in which secrets may stand: replacing twice replaces nothing more.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut redactor = firstfault_redact::Redactor::new();
    let once = redactor.text(text);
    assert_eq!(redactor.text(&once), once);
});
