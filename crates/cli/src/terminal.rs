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
