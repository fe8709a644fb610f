//! Allowances: counted in windows, and told in the dialects of different gateways.

use crate::Reply;
use crate::systems::moment::Moment;
use std::time::{Duration, Instant};

/// An allowance.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Calls in a window.
    pub limit: u32,
    /// How long a window is.
    pub window: Duration,
    /// How many calls others have spent when the gateway starts.
    pub spent: u32,
    /// How much is left of the window then.
    pub ends_in: Duration,
    /// How it is told.
    pub dialect: Dialect,
    /// A body of the operator's own, instead of the product's.
    pub body: Option<&'static str>,
    /// The status of a refusal, where the operator can choose it (nginx: `limit_req_status`).
    pub status: Option<u16>,
}

/// In which fields an allowance is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Not at all.
    Silent,
    /// `Retry-After` in seconds.
    RetrySeconds,
    /// `Retry-After` as a date.
    RetryDate,
    /// `X-RateLimit-Limit`, `-Remaining`, and `-Reset` as seconds since the epoch.
    XRateLimit,
    /// Kong's: a window in the name, and the early draft beside it.
    Kong,
    /// `RateLimit-Limit`, `-Remaining`, `-Reset` (drafts 00 to 06).
    DraftThree,
    /// `RateLimit` and `RateLimit-Policy` as structured fields (drafts 07 and later).
    DraftOne,
}

/// An allowance at the moment of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    pub limit: u32,
    pub remaining: u32,
    pub window: Duration,
    /// Until the next window.
    pub left: Duration,
    pub dialect: Dialect,
    pub body: Option<&'static str>,
    pub status: Option<u16>,
}

/// The count of one gateway.
#[derive(Clone, Debug)]
pub(super) struct Count {
    spent: u32,
    ends: Instant,
}

impl Count {
    pub fn of(quota: &Quota) -> Self {
        Self { spent: quota.spent, ends: Instant::now() + quota.ends_in }
    }

    /// Takes one call off; `Err` when nothing is left.
    pub fn take(&mut self, quota: &Quota) -> Result<Spent, Spent> {
        let now = Instant::now();
        if now >= self.ends {
            (self.spent, self.ends) = (0, now + quota.window);
        }
        let allowed = self.spent < quota.limit;
        self.spent = self.spent.saturating_add(u32::from(allowed));
        let spent = Spent {
            limit: quota.limit,
            remaining: quota.limit.saturating_sub(self.spent),
            window: quota.window,
            left: self.ends.saturating_duration_since(now),
            dialect: quota.dialect,
            body: quota.body,
            status: quota.status,
        };
        if allowed { Ok(spent) } else { Err(spent) }
    }
}

impl Spent {
    /// Whether the window is a day or longer: an allowance, not a rate.
    pub fn daily(&self) -> bool {
        self.window >= Duration::from_secs(86_400)
    }

    /// The fields of an answer; `Retry-After` only where it is refused.
    pub fn tell(&self, reply: Reply, refused: bool) -> Reply {
        let seconds = self.left.as_secs().saturating_add(1);
        let (limit, remaining) = (self.limit.to_string(), self.remaining.to_string());
        let resets = || Moment::now().plus(i64::try_from(seconds).unwrap_or_default());
        let retry = |reply: Reply| if refused { reply.with("Retry-After", seconds.to_string()) } else { reply };
        match self.dialect {
            Dialect::Silent => reply,
            Dialect::RetrySeconds => retry(reply),
            Dialect::RetryDate if refused => reply.with("Retry-After", resets().http()),
            Dialect::RetryDate => reply,
            Dialect::XRateLimit => reply
                .with("X-RateLimit-Limit", limit)
                .with("X-RateLimit-Remaining", remaining)
                .with("X-RateLimit-Reset", resets().seconds().to_string()),
            Dialect::Kong => {
                let name = if self.daily() { "Day" } else { "Minute" };
                let reply = reply
                    .with(&format!("X-RateLimit-Limit-{name}"), limit.clone())
                    .with(&format!("X-RateLimit-Remaining-{name}"), remaining.clone())
                    .with("RateLimit-Limit", limit)
                    .with("RateLimit-Remaining", remaining)
                    .with("RateLimit-Reset", seconds.to_string());
                retry(reply)
            }
            Dialect::DraftThree => {
                let window = self.window.as_secs();
                let reply = reply
                    .with("RateLimit-Policy", format!("{limit};w={window}"))
                    .with("RateLimit-Limit", limit)
                    .with("RateLimit-Remaining", remaining)
                    .with("RateLimit-Reset", seconds.to_string());
                retry(reply)
            }
            Dialect::DraftOne => {
                let window = self.window.as_secs();
                reply
                    .with("RateLimit-Policy", format!("\"default\";q={limit};w={window}"))
                    .with("RateLimit", format!("\"default\";r={remaining};t={seconds}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Dialect, Quota};
    use crate::Reply;
    use std::time::Duration;

    #[test]
    fn a_window_is_spent_and_begins_again() {
        let (window, dialect) = (Duration::from_secs(60), Dialect::DraftOne);
        let quota = Quota { limit: 2, window, spent: 1, ends_in: window, dialect, body: None, status: None };
        let mut count = Count::of(&quota);
        assert_eq!(count.take(&quota).map(|spent| spent.remaining), Ok(0));
        let spent = count.take(&quota).unwrap_err();
        let told = spent.tell(Reply::empty(429), true).headers;
        assert_eq!(told[0].1, "\"default\";q=2;w=60");
        assert!(told[1].1.starts_with("\"default\";r=0;t="));
        let mut over = Count::of(&Quota { spent: 2, ends_in: Duration::ZERO, ..quota.clone() });
        assert_eq!(over.take(&quota).map(|spent| spent.remaining), Ok(1));
    }
}
