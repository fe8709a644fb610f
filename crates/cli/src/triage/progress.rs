//! How far reading has come, on standard error: only where a person looks at it, and only when it takes long.

#![expect(clippy::print_stderr, reason = "this is the edge that speaks to people")]

use firstfault_gather::Progress;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Shorter than this and nobody wonders.
const QUIET: Duration = Duration::from_millis(700);

/// The line that is being shown.
pub struct Shown {
    since: Instant,
    terminal: bool,
    shown: bool,
}

impl Shown {
    pub fn new() -> Self {
        Self { since: Instant::now(), terminal: std::io::stderr().is_terminal(), shown: false }
    }

    pub fn show(&mut self, progress: &Progress) {
        if !self.terminal || self.since.elapsed() < QUIET {
            return;
        }
        self.shown = true;
        let done = progress.bytes >> 20;
        match progress.total {
            Some(total) if total > 0 => {
                eprint!("\r\x1b[Kreading: {done} of {} MiB, {} calls", total >> 20, progress.rows);
            }
            _ => eprint!("\r\x1b[Kreading: {done} MiB, {} calls", progress.rows),
        }
        let _ = std::io::stderr().flush();
    }

    pub fn clear(&mut self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
