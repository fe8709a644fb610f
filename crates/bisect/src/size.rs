//! Lists by their length and values by theirs: binary search for the smallest that still fails, and whether it is the
//! size that matters or what is in it.

use crate::form::{Cut, Form};
use crate::oracle::Oracle;
use crate::part::Part;
use crate::report::{Threshold, Unit};
use crate::shrink::{Shrink, Spent};
use crate::tree::Kind;

/// Values up to this length stay as they are.
const SHORT: usize = 32;
/// What a value is cut to, when it can be cut.
const STUB: usize = 8;
/// From this length on, a value is searched for the passage that matters.
const SEARCHED: usize = 256;
/// So many items are found one by one by their position; where more are needed, groups are better.
const POSITIONS: usize = 12;

impl<O: Oracle> Shrink<'_, '_, O> {
    /// Searches a long list whose items cannot all go. The items that are left and may have parts that can go.
    pub(crate) async fn list(&mut self, list: usize) -> Result<Vec<usize>, Spent> {
        let mut pool = self.form.children(self.tree, list);
        // Where position means nothing, the likeliest to be needed stand in front.
        if matches!(self.tree.nodes[list].kind, Kind::Cookies | Kind::Multipart(_)) {
            pool.sort_by(|a, b| self.tree.nodes[*b].p.total_cmp(&self.tree.nodes[*a].p));
        }
        let all = pool.clone();
        // The items that the message is about, if it is about some.
        let named: Vec<usize> = all.iter().copied().filter(|item| self.tree.nodes[*item].about).collect();
        if !named.is_empty() && named.len() < all.len() && self.take(self.only(&all, &named, &[])).await? {
            if named.len() == 1 {
                return Ok(named);
            }
            pool = named;
        }
        let mut fixed: Vec<usize> = Vec::new();
        while fixed.len() < POSITIONS {
            if !fixed.is_empty() && self.take(self.only(&all, &fixed, &[])).await? {
                return Ok(fixed);
            }
            // `high` items fail in the same way together with those found before, `low` do not.
            let (mut low, mut high) = (0, pool.len());
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if self.fails(&self.only(&all, &fixed, &pool[..middle])).await? {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            if high == 0 {
                return Ok(fixed);
            }
            self.take(self.only(&all, &fixed, &pool[..high])).await?;
            let last = pool[high - 1];
            if fixed.is_empty() && high > 1 {
                if self.take(self.only(&all, &[last], &[])).await? {
                    return Ok(vec![last]);
                }
                self.be_strict();
                if high > 2 && self.is_by_count(last, pool[0]).await? {
                    let fewer = self.only(&all, &[], &pool[..high - 1]);
                    if self.fails(&fewer).await? {
                        // On the way a smaller one was taken for one that does not fail.
                        pool.truncate(high - 1);
                        continue;
                    }
                    self.frozen.insert(list);
                    self.mark(self.tree.part(list), Unit::Items, high, high - 1, &self.form.clone());
                    return Ok(Vec::new());
                }
            }
            fixed.push(last);
            pool.truncate(high - 1);
        }
        fixed.extend(pool);
        Ok(fixed)
    }

    /// Of all items of a list only some.
    fn only(&self, all: &[usize], some: &[usize], more: &[usize]) -> Form {
        let gone: Vec<usize> = all.iter().copied().filter(|n| !some.contains(n) && !more.contains(n)).collect();
        self.form.emptied(&gone)
    }

    /// True when the last item may hold anything: then it is the count, or the size of all.
    async fn is_by_count(&mut self, last: usize, first: usize) -> Result<bool, Spent> {
        let form = match &self.tree.nodes[last].kind {
            Kind::Cookie(_) | Kind::Section(..) | Kind::Line(_) => {
                let length = self.tree.value(last).map_or(0, |value| value.chars().count());
                self.form.cut(last, Cut::Filler(length))
            }
            _ => self.form.cut(last, Cut::Copy(first)),
        };
        self.fails(&form).await
    }

    /// Shortens a value that is needed.
    pub(crate) async fn value(&mut self, part: usize) -> Result<(), Spent> {
        if self.is_kept(part) || self.form.cut_of(part).is_some() {
            return Ok(());
        }
        let length = self.tree.value(part).map_or(0, |value| value.chars().count());
        if length <= SHORT || self.take(self.form.cut(part, Cut::Slice(0, STUB))).await? {
            return Ok(());
        }
        if self.fails(&self.form.cut(part, Cut::Filler(length))).await? {
            let (mut low, mut high) = (STUB, length);
            // A filler that short was not tried yet; what the value holds may have spoken before.
            if self.take(self.form.cut(part, Cut::Filler(STUB))).await? {
                return Ok(());
            }
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if self.fails(&self.form.cut(part, Cut::Filler(middle))).await? {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            self.take(self.form.cut(part, Cut::Filler(high))).await?;
            self.mark(self.tree.part(part), Unit::Characters, high, low, &self.form.clone());
            return Ok(());
        }
        if length < SEARCHED {
            return Ok(());
        }
        // What it holds matters: the shortest beginning, then the shortest end of that.
        let (mut low, mut high) = (STUB, length);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.fails(&self.form.cut(part, Cut::Slice(0, middle))).await? {
                high = middle;
            } else {
                low = middle;
            }
        }
        let (mut from, mut to) = (0, high);
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            if self.fails(&self.form.cut(part, Cut::Slice(middle, high))).await? {
                from = middle;
            } else {
                to = middle;
            }
        }
        if (from, high) != (0, length) {
            self.take(self.form.cut(part, Cut::Slice(from, high))).await?;
        }
        Ok(())
    }

    fn mark(&mut self, part: Part, unit: Unit, fails_at: usize, passes_at: usize, form: &Form) {
        let smallest = form.render(self.tree);
        self.thresholds.push(Threshold {
            part,
            unit,
            fails_at,
            passes_at,
            head_bytes: smallest.head_bytes(),
            body_bytes: smallest.body_bytes(),
        });
    }

    /// A value that is shorter than it was, with both lengths.
    pub(crate) fn shortened(&self, part: usize) -> Option<(Part, usize, usize)> {
        let length = self.tree.value(part)?.chars().count();
        let now = match self.form.cut_of(part)? {
            Cut::Slice(from, to) => to.saturating_sub(from).min(length),
            Cut::Filler(count) => count,
            Cut::Copy(_) => return None,
        };
        (now < length).then(|| (self.tree.part(part), length, now))
    }
}
