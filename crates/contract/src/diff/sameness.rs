//! Whether two schemas are the same with everything that they refer to: the fast way around what did not change.
//!
//! Pairs of reference targets are the nodes of a graph, and each is compared once. A pair differs when its own text does,
//! or when it leads to a pair that differs; circles of references end by that alone.

use super::place::{target, value};
use crate::description::{Contract, SchemaRef};
use serde_json::Value;
use std::collections::HashMap;

type Pair = (SchemaRef, SchemaRef);

pub(super) struct Sameness<'c> {
    old: &'c Contract,
    new: &'c Contract,
    known: HashMap<Pair, usize>,
    differs: Vec<bool>,
}

impl<'c> Sameness<'c> {
    pub fn new(old: &'c Contract, new: &'c Contract) -> Self {
        Self { old, new, known: HashMap::new(), differs: Vec::new() }
    }

    /// Whether what stands at two places is the same.
    pub fn same(&mut self, old: &SchemaRef, new: &SchemaRef) -> bool {
        let mut edges = Vec::new();
        self.compare(old, new, &mut edges) && edges.into_iter().all(|pair| !self.pair_differs(pair))
    }

    fn pair_differs(&mut self, pair: Pair) -> bool {
        if let Some(index) = self.known.get(&pair) {
            return self.differs[*index];
        }
        let first = self.differs.len();
        let mut work = vec![self.add(pair)];
        let mut back: Vec<Vec<usize>> = vec![Vec::new()];
        let mut differing = Vec::new();
        while let Some((index, (old, new))) = work.pop() {
            let mut edges = Vec::new();
            if !self.compare(&old, &new, &mut edges) {
                self.differs[index] = true;
                differing.push(index);
                continue;
            }
            for edge in edges {
                let to = if let Some(to) = self.known.get(&edge) {
                    *to
                } else {
                    work.push(self.add(edge));
                    back.push(Vec::new());
                    self.differs.len() - 1
                };
                if to >= first {
                    back[to - first].push(index);
                } else if self.differs[to] && !self.differs[index] {
                    self.differs[index] = true;
                    differing.push(index);
                }
            }
        }
        while let Some(index) = differing.pop() {
            for from in std::mem::take(&mut back[index - first]) {
                if !self.differs[from] {
                    self.differs[from] = true;
                    differing.push(from);
                }
            }
        }
        self.differs[first]
    }

    fn add(&mut self, pair: Pair) -> (usize, Pair) {
        let index = self.differs.len();
        self.known.insert(pair.clone(), index);
        self.differs.push(false);
        (index, pair)
    }

    /// Whether two places hold the same text; where both refer to something, the pair is an edge.
    fn compare(&self, old: &SchemaRef, new: &SchemaRef, edges: &mut Vec<Pair>) -> bool {
        match (value(self.old, old), value(self.new, new)) {
            (Some(a), Some(b)) => self.compare_values((a, old.document), (b, new.document), edges),
            _ => false,
        }
    }

    fn compare_values(&self, old: (&Value, usize), new: (&Value, usize), edges: &mut Vec<Pair>) -> bool {
        match (old.0, new.0) {
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, a)| {
                        let Some(b) = b.get(key) else { return false };
                        if let ("$ref", Value::String(a), Value::String(b)) = (key.as_str(), a, b) {
                            return self.compare_references((a, old.1), (b, new.1), edges);
                        }
                        self.compare_values((a, old.1), (b, new.1), edges)
                    })
            }
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.compare_values((a, old.1), (b, new.1), edges))
            }
            (a, b) => a == b,
        }
    }

    fn compare_references(&self, old: (&str, usize), new: (&str, usize), edges: &mut Vec<Pair>) -> bool {
        match (target(self.old, old.1, old.0), target(self.new, new.1, new.0)) {
            (Some(a), Some(b)) => {
                edges.push((a, b));
                true
            }
            (None, None) => old.0 == new.0,
            _ => false,
        }
    }
}
