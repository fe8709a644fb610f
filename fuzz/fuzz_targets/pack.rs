//! A pack from a stranger: an archive, and documents in it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(files) = firstfault_pack::unzip(bytes) {
        drop(firstfault_pack::manifest(&files.first().map_or(Vec::new(), |file| file.bytes.clone())));
    }
    drop(firstfault_pack::manifest(bytes));
});
