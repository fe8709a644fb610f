//! Loads descriptions and prints what it took: `load [--mistakes] FILE…`, one line of tab-separated values for each file.
//! Peak memory is that of the process so far: give one file at a time to measure it.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "an example speaks, and its arguments are those of a person"
)]

use firstfault_contract::{Given, Source, load};
use std::path::Path;
use std::time::Instant;

/// Files of this machine; nothing of the network.
struct Files;

impl Source for Files {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        let path = uri.strip_prefix("file://").ok_or("this is not a file")?;
        let path = path.replace("%20", " ");
        std::fs::read_to_string(path).map_err(|e| e.to_string())
    }
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mistakes = arguments.iter().any(|a| a == "--mistakes");
    arguments.retain(|a| a != "--mistakes");
    println!("file\tms\tpeak MiB\tform\toperations\tmistakes");
    for name in arguments {
        let text = std::fs::read_to_string(&name).expect("a readable file");
        let path = std::fs::canonicalize(Path::new(&name)).expect("a path");
        let uri = format!("file://{}", path.display());
        let start = Instant::now();
        let loaded = load(Given { uri: &uri, name: &name, text: &text }, &mut Files);
        let took = start.elapsed().as_secs_f64() * 1000.0;
        match loaded {
            Err(error) => println!("{name}\t{took:.1}\t{}\tERROR\t{error}", peak()),
            Ok(contract) => {
                let (form, operations) = (contract.form.name(), contract.operations.len());
                println!("{name}\t{took:.1}\t{}\t{form}\t{operations}\t{}", peak(), contract.mistakes.len());
                for mistake in contract.mistakes.iter().filter(|_| mistakes) {
                    println!("  {}:{}: {} ({})", mistake.file, mistake.line, mistake.message, mistake.pointer);
                }
            }
        }
    }
}

/// The most memory that the process has had, in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
