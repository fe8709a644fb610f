//! Failing shapes in groups: what is searched for a rise.
//!
//! A fine group holds the shapes that say the same (status, error code, message template). A rise may be spread over many
//! of them, so there are wide groups too: those of one status, of one kind, and all.

use crate::Judgement;
use crate::parallel::parts;
use firstfault_calls::{Calls, Kind, mask};
use firstfault_model::Bucket;
use std::collections::BTreeMap;

/// Fine groups; what is rarer than these is one group more.
const FINE: usize = 48;

/// Shapes in groups.
#[derive(Clone, Debug, Default)]
pub struct Failing {
    /// By shape: whether it counts as a call.
    pub counts: Vec<bool>,
    /// By shape: the groups it is in, the fine one first; none for a healthy one.
    pub groups_of: Vec<Vec<u16>>,
    /// By group: its shapes.
    pub groups: Vec<Vec<u32>>,
    /// How many of the groups are fine ones. They come first.
    pub fine: usize,
    /// By shape: calls.
    pub calls: Vec<u64>,
    /// Rows of the shapes that are in a group, in their order.
    pub rows: Vec<u32>,
}

impl Failing {
    /// Groups the shapes of a table.
    #[must_use]
    pub fn new(calls: &Calls, judged: &[Judgement], threads: usize) -> Self {
        let shapes = &calls.shapes;
        let counts: Vec<bool> = shapes.iter().map(|shape| shape.kind == Kind::Call).collect();
        let fails = |shape: usize| counts[shape] && judged.get(shape).is_some_and(|j| j.failed);
        let weight = calls.calls_by_shape();
        let mut alike: BTreeMap<(u16, &str, u32, String), Vec<u32>> = BTreeMap::new();
        for (index, shape) in shapes.iter().enumerate().filter(|(index, _)| fails(*index)) {
            let template = judged[index].template;
            let words = if template == 0 { mask(&shape.message) } else { String::new() };
            let key = (shape.status, shape.error_code.as_str(), template, words);
            alike.entry(key).or_default().push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        let mut groups: Vec<Vec<u32>> = alike.into_values().collect();
        let count = |group: &Vec<u32>| group.iter().map(|shape| weight[*shape as usize]).sum::<u64>();
        groups.sort_by_key(|group| (std::cmp::Reverse(count(group)), group[0]));
        if groups.len() > FINE {
            let rest = groups.split_off(FINE - 1).concat();
            groups.push(rest);
        }
        let fine = groups.len();
        let all: Vec<u32> = groups.concat();
        let wide = |key: &dyn Fn(u32) -> (u16, Option<Bucket>)| {
            let mut of: BTreeMap<(u16, Option<&'static str>), Vec<u32>> = BTreeMap::new();
            for shape in &all {
                let (status, bucket) = key(*shape);
                of.entry((status, bucket.map(Bucket::word))).or_default().push(*shape);
            }
            of.into_values().collect::<Vec<_>>()
        };
        let by_status = wide(&|shape| (shapes[shape as usize].status, None));
        let by_bucket = wide(&|shape| (0, Some(judged[shape as usize].bucket)));
        let mut seen: Vec<Vec<u32>> = groups.iter().map(|group| sorted(group.clone())).collect();
        for group in by_status.into_iter().chain(by_bucket).chain([all]) {
            let group = sorted(group);
            if !group.is_empty() && groups.len() < 120 && !seen.contains(&group) {
                seen.push(group.clone());
                groups.push(group);
            }
        }
        let mut groups_of = vec![Vec::new(); shapes.len()];
        for (group, shapes) in groups.iter().enumerate() {
            for shape in shapes {
                groups_of[*shape as usize].push(u16::try_from(group).unwrap_or(u16::MAX));
            }
        }
        let fails: Vec<bool> = groups_of.iter().map(|groups| !groups.is_empty()).collect();
        let rows = parts(calls.rows, threads, |rows| {
            let shapes = (rows.start..).zip(&calls.shape[rows]);
            let failing = shapes.filter(|(_, shape)| fails[**shape as usize]);
            failing.map(|(row, _)| u32::try_from(row).unwrap_or(u32::MAX)).collect::<Vec<u32>>()
        });
        Self { counts, groups_of, groups, fine, calls: weight, rows: rows.concat() }
    }

    /// The fine groups that a group is made of.
    #[must_use]
    pub fn members(&self, group: usize) -> Vec<usize> {
        let mut members: Vec<usize> = self.groups[group]
            .iter()
            .filter_map(|s| self.groups_of[*s as usize].first())
            .map(|g| usize::from(*g))
            .collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    /// By shape: whether it is in one of these groups.
    #[must_use]
    pub fn mask(&self, groups: &[usize]) -> Vec<bool> {
        let mut mask = vec![false; self.groups_of.len()];
        for group in groups {
            for shape in &self.groups[*group] {
                mask[*shape as usize] = true;
            }
        }
        mask
    }
}

fn sorted(mut shapes: Vec<u32>) -> Vec<u32> {
    shapes.sort_unstable();
    shapes
}
