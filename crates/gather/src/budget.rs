//! The tables of all rounds, kept below the memory that they may take.
//!
//! What goes first is what a verdict needs least: ids of requests, then single milliseconds, then the attribute with the
//! most values. What was given up is said. It depends on the rows alone, so the same inputs lose the same.

use firstfault_calls::{Attribute, Calls, Coarser, Dimension, Input, close, compact, compacted_rows, join};
use firstfault_columns::Saved;

/// Bytes that a row takes in a batch, about: fifteen, two ids, a dozen attributes, and room to grow.
const ROW: f64 = 100.0;

/// Steps of time that rows are put together in, in milliseconds. An onset is still found to the minute.
const STEPS: [i64; 4] = [1_000, 5_000, 15_000, 60_000];

/// What is given up first, the one with the most values before the others: who and where exactly.
const FIRST: [Attribute; 5] =
    [Attribute::User, Attribute::ClientIp, Attribute::ApiKey, Attribute::Host, Attribute::ClientVersion];

/// An attribute with fewer values saves nothing.
const FEW: usize = 16;

/// Tables so far.
pub(crate) struct Budget {
    memory: usize,
    threads: usize,
    tables: Vec<Calls>,
    /// How rows are put together from now on.
    how: Option<Coarser>,
}

impl Budget {
    pub(crate) const fn new(memory: usize, threads: usize) -> Self {
        Self { memory, threads, tables: Vec::new(), how: None }
    }

    /// How many rows a round may read: a quarter of the memory is for batches.
    #[expect(clippy::cast_precision_loss, reason = "an estimate of rows")]
    pub(crate) fn round(&self) -> f64 {
        (self.memory as f64 / 4.0 / ROW).max(10_000.0)
    }

    /// What is left for tables.
    const fn limit(&self) -> usize {
        self.memory / 4 * 3
    }

    pub(crate) fn push(&mut self, table: Calls) {
        self.tables.push(match &self.how {
            Some(how) => compact(table, how, self.threads),
            None => table,
        });
        if self.bytes() > self.limit() {
            // Tables know the same values: together they are smaller.
            let all = join(std::mem::take(&mut self.tables));
            let all = if all.bytes() > self.limit() { self.coarser(all) } else { all };
            self.tables.push(all);
        }
    }

    /// Takes the rows of a saved table; its own inputs come behind those that are there.
    pub(crate) fn saved(&mut self, saved: Saved, inputs: &mut Vec<Input>) -> Result<(), String> {
        let offset = inputs.len();
        let named =
            saved.inputs().iter().map(|i| Input { name: i.name.clone(), form: i.form.clone(), ..Input::default() });
        inputs.extend(named);
        for piece in saved {
            let mut piece = piece?;
            for shape in &mut piece.shapes {
                shape.input = shape.input.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
            }
            let own = std::mem::take(&mut piece.inputs);
            piece.inputs = vec![Input::default(); offset];
            piece.inputs.extend(own);
            self.push(piece);
        }
        Ok(())
    }

    /// All rows, and what was given up to keep them.
    pub(crate) fn finish(self) -> (Calls, Option<String>) {
        let words = self.how.map(|how| given_up(&how, self.memory));
        let mut calls = join(self.tables);
        close(&mut calls);
        (calls, words)
    }

    fn bytes(&self) -> usize {
        self.tables.iter().map(Calls::bytes).sum()
    }

    /// Makes a table smaller, and says how later ones are made smaller.
    fn coarser(&mut self, table: Calls) -> Calls {
        let how = self.how.take().unwrap_or_default();
        let table = compact(table, &how, self.threads);
        if table.bytes() <= self.limit() {
            self.how = Some(how);
            return table;
        }
        // Room is left, so that it is not done again with every round.
        let goal = self.limit() / 3 * 2;
        let plans = plans(&table, &how);
        let fits = plans.iter().find(|plan| estimate(&table, plan, self.threads) <= goal);
        let how = fits.or(plans.last()).cloned().unwrap_or(how);
        let table = compact(table, &how, self.threads);
        self.how = Some(how);
        table
    }
}

/// Ever coarser ways to put rows together.
fn plans(table: &Calls, how: &Coarser) -> Vec<Coarser> {
    // One of which not all values are named has more than any other.
    let is_open = |d: &Dimension| d.attribute.is_some_and(|a| table.open.contains(&a));
    let size = |d: &Dimension| if is_open(d) { usize::MAX } else { d.values.len() };
    let mut sizes: Vec<(bool, usize, &str)> = table
        .dimensions
        .iter()
        .filter(|d| size(d) > FEW)
        .map(|d| (d.attribute.is_some_and(|a| FIRST.contains(&a)), size(d), d.name.as_str()))
        .collect();
    // Those that go first in front, then those with the most values, then by name.
    sizes.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    let mut plans = Vec::new();
    let mut without = how.without.clone();
    let steps = STEPS.into_iter().filter(|step| *step > how.step);
    let first = how.step.max(STEPS[0]);
    let (before, behind) = sizes.split_at(sizes.iter().filter(|s| s.0).count());
    plans.push(Coarser { step: first, without: without.clone() });
    for (_, _, name) in before {
        without.push((*name).to_owned());
        plans.push(Coarser { step: first, without: without.clone() });
    }
    for step in steps {
        plans.push(Coarser { step, without: without.clone() });
    }
    let last = plans.last().map_or(first, |p| p.step);
    for (_, _, name) in behind {
        without.push((*name).to_owned());
        plans.push(Coarser { step: last, without: without.clone() });
    }
    plans
}

/// Bytes of the table if it was made coarser.
fn estimate(table: &Calls, how: &Coarser, threads: usize) -> usize {
    let (left, seen) = compacted_rows(table, how, threads);
    let kept = table.dimensions.iter().filter(|d| !how.without.contains(&d.name));
    let (row, words) = kept.fold((8 + 2 + 4 + 1 + 4 + 4, 0), |(row, words), d| {
        let text: usize = d.values.iter().map(|v| v.capacity() + size_of::<String>()).sum();
        (row + d.codes.width(), words + text)
    });
    let rows = u128::try_from(table.rows).unwrap_or(0) * left as u128 / (seen.max(1) as u128);
    usize::try_from(rows).unwrap_or(usize::MAX).saturating_mul(row).saturating_add(words)
}

fn given_up(how: &Coarser, memory: usize) -> String {
    let mut words = format!(
        "all calls together take more than the memory allowed ({} MiB): ids of requests were left out",
        memory >> 20
    );
    if how.step > 0 {
        words.push_str(&format!(", rows that are alike within {} s put together", how.step / 1_000));
    }
    if !how.without.is_empty() {
        words.push_str(&format!(", {} left out", how.without.join(", ")));
    }
    words.push_str("; --memory allows more");
    words
}
