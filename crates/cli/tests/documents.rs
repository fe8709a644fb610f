//! What README.md and docs/ show is what the program prints: each `$ firstfault …` in a `console` block is run and its
//! output compared. `FIRSTFAULT_BLESS=1 cargo test -p firstfault --test documents` writes the real output instead.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{root, run};

const DOCUMENTS: &[&str] =
    &["README.md", "docs/add-a-pack.md", "docs/evidence-packs.md", "docs/json.md", "docs/letters.md", "docs/packs.md"];

#[test]
fn shown_output_is_real() {
    let bless = std::env::var_os("FIRSTFAULT_BLESS").is_some();
    for name in DOCUMENTS {
        let path = root().join(name);
        let shown = std::fs::read_to_string(&path).unwrap();
        let real = with_real_output(&shown);
        if bless && shown != real {
            std::fs::write(&path, &real).unwrap();
        }
        let differs = shown.lines().zip(real.lines()).position(|(shown, real)| shown != real);
        let same = bless || shown == real;
        assert!(
            same,
            "{name}: from line {:?} on not what the program prints (FIRSTFAULT_BLESS=1 mends it)",
            differs.map(|n| n + 1)
        );
    }
}

/// The document with the output of each command in its `console` blocks.
fn with_real_output(document: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in document.lines() {
        let fence = line.starts_with("```");
        // Between the fences of a console block, everything but the commands is output.
        if !inside || fence || line.starts_with("$ ") {
            out.push_str(line);
            out.push('\n');
        }
        if fence {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ firstfault ").filter(|_| inside) {
            let ran = run(&command.split(' ').collect::<Vec<_>>());
            assert_ne!(ran.code, Some(2), "{command}: {}", ran.stderr);
            out.push_str(&ran.stdout);
        }
    }
    out
}

#[test]
fn shown_commands_exist() {
    for name in DOCUMENTS {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        let mut code = false;
        for line in text.lines() {
            if line.starts_with("```") {
                code = !code && matches!(line, "```sh" | "```console");
                continue;
            }
            let after = ["firstfault ", "cargo run --release -- "].iter().find_map(|program| line.split_once(program));
            let Some((_, arguments)) = after.filter(|_| code) else { continue };
            let subcommand = arguments.split(' ').next().unwrap();
            let help = run(&[subcommand, "--help"]);
            assert_eq!(help.code, Some(0), "{name} shows {line:?}: {}", help.stderr);
            for option in arguments.split(' ').filter(|argument| argument.starts_with("--")) {
                assert!(help.stdout.contains(option), "{name} shows {line:?}: {subcommand} has no {option}");
            }
        }
    }
}
