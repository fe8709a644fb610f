//! Where the store is, what time it is, and who works: what the environment says.

use super::args::Shared;
use std::path::{Path, PathBuf};

/// The path of the store: the one that was named, else by the environment.
pub fn store(named: Option<&Path>) -> Result<PathBuf, String> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named.map(Path::to_owned).or_else(|| set("FIRSTFAULT_STORE")) {
        return Ok(path);
    }
    // The XDG base directory specification has a path that is not absolute ignored.
    let data = set("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let home = || set("HOME").or_else(|| set("USERPROFILE")).map(|home| home.join(".local").join("share"));
    let data = data.or_else(home).ok_or("expected HOME or XDG_DATA_HOME to be set; name a store with --store PATH")?;
    Ok(data.join("firstfault").join("cases.db"))
}

/// Milliseconds since the Unix epoch: `--now`, else FIRSTFAULT_NOW (both for tests and documents), else the machine's clock.
pub fn now(shared: &Shared) -> i64 {
    let set = || firstfault_intake::time::parse(&std::env::var("FIRSTFAULT_NOW").ok()?);
    shared.now.or_else(set).or_else(crate::diagnose::machine_clock).unwrap_or(0)
}

/// Each person has a case at hand.
pub fn who() -> String {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}
