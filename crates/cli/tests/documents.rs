//! What README.md and docs/ show is what the program prints: each `$ firstfault …` in a `console` block is run and its
//! output compared. `FIRSTFAULT_BLESS=1 cargo test -p firstfault --test documents` writes the real output instead.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Ran, fresh, program, root, run};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "docs/add-a-pack.md",
    "docs/cases.md",
    "docs/contract.md",
    "docs/evidence-packs.md",
    "docs/json.md",
    "docs/lab.md",
    "docs/letters.md",
    "docs/packs.md",
    "docs/probe.md",
    "docs/triage.md",
];

#[test]
fn shown_output_is_real() {
    let bless = std::env::var_os("FIRSTFAULT_BLESS").is_some();
    for name in DOCUMENTS {
        let path = root().join(name);
        let shown = std::fs::read_to_string(&path).unwrap();
        let real = with_real_output(&shown, &fresh(&name.replace('/', "-")));
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
///
/// A document has a store of its own, and its commands run two minutes one after the other.
fn with_real_output(document: &str, store: &str) -> String {
    let mut minute = 20;
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
            let now = format!("2026-05-06T{:02}:{:02}:00Z", 9 + minute / 60, minute % 60);
            minute += 2;
            let mut program = program(&words(command));
            program.env("FIRSTFAULT_STORE", store).env("FIRSTFAULT_NOW", now);
            let ran = Ran::from(program.output().unwrap());
            assert_ne!(ran.code, Some(2), "{command}: {}", ran.stderr);
            out.push_str(&ran.stdout);
        }
    }
    out
}

/// The arguments of a command; one in double quotes may hold spaces.
fn words(command: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for (number, part) in command.split('"').enumerate() {
        if number % 2 == 1 {
            out.push(part);
        } else {
            out.extend(part.split(' ').filter(|word| !word.is_empty()));
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
            let arguments = arguments.split('#').next().unwrap_or(arguments);
            let depth =
                if ["case ", "lab ", "contract "].iter().any(|group| arguments.starts_with(group)) { 2 } else { 1 };
            let named = arguments.split_whitespace().take_while(|word| !word.starts_with('-'));
            let subcommand: Vec<&str> = named.take(depth).collect();
            let help = run(&[&subcommand[..], &["--help"]].concat());
            assert_eq!(help.code, Some(0), "{name} shows {line:?}: {}", help.stderr);
            for option in arguments.split(' ').filter(|argument| argument.starts_with("--")) {
                assert!(help.stdout.contains(option), "{name} shows {line:?}: {subcommand:?} has no {option}");
            }
        }
    }
}
