//! How far reading has come, told at most a few times a second.

use crate::sources::{Source, Where};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of the inputs, as they lie there (packed).
    pub bytes: u64,
    /// Bytes of all inputs; `None` when one of them is standard input.
    pub total: Option<u64>,
    /// Calls and events read.
    pub rows: u64,
}

/// What all threads add to.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    bytes: Arc<AtomicU64>,
    rows: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Meter {
    pub(crate) fn new(sources: &[Source]) -> Self {
        let endless = sources.iter().any(|s| matches!(s.at, Where::Standard));
        let total = sources.iter().fold(0_u64, |sum, s| sum.saturating_add(s.size));
        Self { bytes: Arc::default(), rows: Arc::default(), total: (!endless).then_some(total) }
    }

    pub(crate) fn bytes(&self, count: usize) {
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn rows(&self, count: usize) {
        self.rows.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn teller<'a>(&self, tell: &'a mut dyn FnMut(Progress)) -> Teller<'a> {
        Teller { meter: self.clone(), tell, last: Instant::now() }
    }
}

/// Tells how far it is, when it is time to.
pub(crate) struct Teller<'a> {
    meter: Meter,
    tell: &'a mut dyn FnMut(Progress),
    last: Instant,
}

impl Teller<'_> {
    /// Five times a second at most: quick enough for the eye, and rare enough to cost nothing.
    const PAUSE: Duration = Duration::from_millis(200);

    pub(crate) fn tick(&mut self) {
        if self.last.elapsed() >= Self::PAUSE {
            self.last = Instant::now();
            (self.tell)(Progress {
                bytes: self.meter.bytes.load(Ordering::Relaxed),
                total: self.meter.total,
                rows: self.meter.rows.load(Ordering::Relaxed),
            });
        }
    }
}
