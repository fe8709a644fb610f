//! The configuration file: what a user settles once.
//!
//! ```toml
//! [redact]
//! mode = "strict"                # or "secrets", the default
//! allow = ["pk_live_published"]  # values that stay, and names whose values are no secrets
//! deny = ["x-partner-pass"]      # values that go wherever they stand, and names whose values are secrets
//!
//! [contract]                     # the description of the API that answers at a host; files beside this one
//! "api.example.com" = "crm.yaml"
//! ```

use crate::args::RedactMode;
use firstfault_redact::Policy;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    redact: Redact,
    contract: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Redact {
    mode: Mode,
    allow: Vec<String>,
    deny: Vec<String>,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Secrets,
    Strict,
}

/// What to redact: by the flag, else by the file that was named, else by the user's own file.
///
/// # Errors
/// Why the file could not be read, and where in it.
pub fn policy(file: Option<&Path>, flag: Option<RedactMode>) -> Result<Policy, String> {
    let redact = read(file)?.1.redact;
    let strict = flag.map_or(redact.mode == Mode::Strict, |mode| mode == RedactMode::Strict);
    Ok(Policy { personal: strict, allow: redact.allow, deny: redact.deny })
}

/// The descriptions of APIs by host. Names of files are relative to the folder of the configuration.
///
/// # Errors
/// Why the file could not be read, and where in it.
pub fn contracts(file: Option<&Path>) -> Result<Vec<(String, PathBuf)>, String> {
    let (path, read) = read(file)?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(read.contract.into_iter().map(|(host, name)| (host, folder.join(name))).collect())
}

/// The configuration, and the file that it is.
fn read(named: Option<&Path>) -> Result<(PathBuf, File), String> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match own() {
            Some(path) if path.is_file() => path,
            _ => return Ok((PathBuf::new(), File::default())),
        },
    };
    let text =
        std::fs::read_to_string(&path).map_err(|e| format!("{}: {}", path.display(), crate::load::reason(&e)))?;
    let read = toml::from_str(&text).map_err(|e| format!("{}: {}", path.display(), e.to_string().trim_end()))?;
    Ok((path, read))
}

/// `$XDG_CONFIG_HOME/firstfault/config.toml`, by default below `~/.config`.
fn own() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("firstfault/config.toml"))
}
