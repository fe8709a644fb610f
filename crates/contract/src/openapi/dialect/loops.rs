//! References that never end or grow without bound at one and the same value: those from a schema, or from a part that judges
//! the same value (`allOf` and its like), to another one.

use super::take_out;
use crate::description::SchemaRef;
use crate::openapi::reader::Reader;
use std::collections::HashMap;

/// The most schemas that one value may have to be held against.
const SCHEMA_LIMIT: u64 = 10_000;
/// The most references in a row at one value.
const ROW_LIMIT: usize = 400;

/// A reference to a schema at the same value.
#[derive(Clone, Copy)]
struct Edge {
    /// Index in the list of references.
    index: usize,
    target: usize,
    /// Whether it always counts: by `allOf` alone.
    always: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done(u64),
}

/// Takes out what never ends or grows without bound, with a mistake.
pub(super) fn cut(reader: &mut Reader<'_>, references: &[(SchemaRef, SchemaRef)]) {
    let mut nodes: HashMap<&SchemaRef, usize> = HashMap::new();
    for (_, target) in references {
        let next = nodes.len();
        nodes.entry(target).or_insert(next);
    }
    let mut edges: Vec<Vec<Edge>> = vec![Vec::new(); nodes.len()];
    for (index, (at, target)) in references.iter().enumerate() {
        let Some(&target) = nodes.get(target) else { continue };
        for (around, always) in around(at) {
            if let Some(&node) = nodes.get(&around) {
                edges[node].push(Edge { index, target, always });
            }
        }
    }
    let mut search =
        Search { edges: &edges, states: vec![State::New; nodes.len()], open: Vec::new(), faults: Vec::new() };
    for node in 0..nodes.len() {
        search.weigh(node);
    }
    for (index, message) in search.faults {
        let at = &references[index].0;
        reader.mistake(&at.child("$ref"), message);
        take_out(reader, at);
    }
}

/// The schemas around a place that judge the same value, itself first, and whether the place always counts for them.
fn around(at: &SchemaRef) -> Vec<(SchemaRef, bool)> {
    let mut out = vec![(at.clone(), true)];
    let (mut pointer, mut always) = (at.pointer.as_str(), true);
    while let Some((rest, last)) = pointer.rsplit_once('/') {
        pointer = match last {
            "not" | "if" | "then" | "else" => {
                always = false;
                rest
            }
            _ => match rest.rsplit_once('/') {
                Some((outer, "allOf")) => outer,
                Some((outer, "anyOf" | "oneOf" | "dependentSchemas")) => {
                    always = false;
                    outer
                }
                _ => break,
            },
        };
        out.push((SchemaRef { document: at.document, pointer: pointer.to_owned() }, always));
    }
    out
}

struct Search<'e> {
    edges: &'e [Vec<Edge>],
    states: Vec<State>,
    /// The way to the schema that is looked at: each with whether the reference that leads on always counts.
    open: Vec<(usize, bool)>,
    /// References that are to be taken out, and why.
    faults: Vec<(usize, String)>,
}

impl Search<'_> {
    /// How many schemas a value is held against with this one.
    fn weigh(&mut self, node: usize) -> u64 {
        match self.states[node] {
            State::Done(weight) => return weight,
            State::Open => return 1,
            State::New => {}
        }
        self.states[node] = State::Open;
        let mut weight = 1_u64;
        let edges = self.edges;
        for edge in &edges[node] {
            self.open.push((node, edge.always));
            let more = self.edge(*edge);
            self.open.pop();
            if weight + more > SCHEMA_LIMIT {
                let message = format!("expected references that expand to at most {SCHEMA_LIMIT} schemas, got more");
                self.faults.push((edge.index, message));
            } else {
                weight += more;
            }
        }
        self.states[node] = State::Done(weight);
        weight
    }

    fn edge(&mut self, edge: Edge) -> u64 {
        if self.states[edge.target] == State::Open {
            let way = self.open.iter().rev();
            let mut circle = way.scan(false, |done, (node, always)| {
                (!std::mem::replace(done, *node == edge.target)).then_some(*always)
            });
            if circle.all(|always| always) {
                self.faults.push((edge.index, "expected references that end, found a circle".to_owned()));
                return 0;
            }
            return 1;
        }
        if self.open.len() >= ROW_LIMIT && self.states[edge.target] == State::New {
            self.faults.push((edge.index, format!("expected at most {ROW_LIMIT} references in a row, got more")));
            return 0;
        }
        self.weigh(edge.target)
    }
}
