//! How wide and in which colours text is laid out.

use crate::args::Colour;
use firstfault_report::Style;
use std::io::IsTerminal as _;

/// Columns for text that goes into a file or pipe.
const PIPE_WIDTH: usize = 80;
/// Lines longer than this are hard to read.
const WIDEST: usize = 100;

/// The style for standard output.
pub fn style(width: Option<usize>, color: Colour, verbose: bool) -> Style {
    let terminal = std::io::stdout().is_terminal();
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    let color = match color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let wanted = std::env::var_os("FORCE_COLOR").is_some_and(|v| !v.is_empty() && v != "0");
            let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
            !refused && (wanted || terminal && !dumb)
        }
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let chosen = width.or(if terminal { columns } else { None }).unwrap_or(PIPE_WIDTH);
    Style { width: chosen.clamp(20, WIDEST.max(width.unwrap_or(0))), color, verbose }
}

/// Which signs standard output can show: the locale says, and where it says nothing, a plain terminal can all the same.
pub fn signs() -> firstfault_report::triage::Signs {
    use firstfault_report::triage::Signs;
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let plain = locale.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        !name.contains("utf-8") && !name.contains("utf8") && (name == "c" || name == "posix" || name.contains('.'))
    });
    if plain && std::io::stdout().is_terminal() { Signs::Ascii } else { Signs::Unicode }
}
