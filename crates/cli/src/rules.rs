//! The knowledge that a command works with: the packs that the program was built with and the user's own on top;
//! and `firstfault rules`, which checks the latter.

use crate::args::Rules;
use crate::exit::Exit;
use crate::load;
use firstfault_engine::examples;
use firstfault_knowledge::{Knowledge, SourceFile};
use std::io::Write as _;

/// The files of the user's own folders.
pub fn own(folders: &[std::path::PathBuf]) -> Result<Vec<SourceFile>, String> {
    let mut files = Vec::new();
    for folder in folders {
        files.extend(load::packs(folder)?);
    }
    Ok(files)
}

/// The packs that the program was built with, and the user's own on top.
pub fn knowledge(folders: &[std::path::PathBuf]) -> Result<Knowledge, String> {
    if folders.is_empty() {
        return Ok(Knowledge::builtin());
    }
    Knowledge::from_sources(&Knowledge::sources_with(&own(folders)?)).map_err(|errors| lines(&errors))
}

/// Which knowledge that is, for a pack to name.
pub fn edition(
    folders: &[std::path::PathBuf],
    knowledge: &Knowledge,
) -> Result<firstfault_pack::documents::Edition, String> {
    Ok(firstfault_pack::edition(knowledge, &Knowledge::sources_with(&own(folders)?)))
}

pub fn lines(errors: &[firstfault_knowledge::PackError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Runs `firstfault rules`: the packs of some folders, checked with all of their examples.
pub fn check_rules(options: &Rules) -> Exit {
    let own = match own(&options.folders) {
        Ok(files) => files,
        Err(message) => {
            load::complain(&message);
            return Exit::WrongUse;
        }
    };
    let knowledge = match Knowledge::from_sources(&Knowledge::sources_with(&own)) {
        Ok(knowledge) => knowledge,
        Err(errors) => {
            load::complain(&lines(&errors));
            return Exit::WrongUse;
        }
    };
    let checked = examples::check(&own, &knowledge);
    let mut out = std::io::stdout().lock();
    for fault in &checked.faults {
        let _ = writeln!(out, "{fault}");
    }
    let _ = writeln!(
        out,
        "{} files, {} examples, {} do not do what they say",
        own.len(),
        checked.examples,
        checked.faults.len()
    );
    if checked.faults.is_empty() { Exit::Nothing } else { Exit::Diagnosed }
}
