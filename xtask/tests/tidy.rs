//! `cargo test` alone finds what `cargo xtask tidy` finds.

#[test]
fn the_repository_is_what_it_says() {
    let faults = xtask::tidy(&xtask::root());
    assert_eq!(faults, Ok(Vec::new()));
}
