//! Two requests as one tree: what both have once, what they differ in twice, with a list of the differences.

use crate::form::Form;
use crate::oracle::Candidate;
use crate::part::{Part, Place};
use crate::report::Change;
use crate::tree::{Kind, Node, Tree};
use firstfault_model::{Request, Url};

/// One difference.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub part: Part,
    pub p: f64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Method,
    Target,
    /// Nodes of the tree: what the good request has here, and what the bad one has.
    Nodes(Option<usize>, Option<usize>),
}

/// A good and a bad request.
pub(crate) struct Delta {
    tree: Tree,
    good: Request,
    pub differences: Vec<Difference>,
}

impl Delta {
    /// `names` are those that the bad one's error message quotes.
    pub(crate) fn of(good: &Candidate, bad: &Candidate, names: &[String]) -> Self {
        let good = Tree::of(good, &[]);
        let bad = Tree::of(bad, names);
        let mut merge = Merge {
            tree: Tree { nodes: Vec::new(), base: bad.base.clone() },
            differences: Vec::new(),
            good: &good,
            bad: &bad,
        };
        if good.base.method != bad.base.method {
            merge.note(Place::Method, What::Method);
        }
        if target(&good.base) != target(&bad.base) {
            merge.note(Place::Target, What::Target);
        }
        let roots = |tree: &Tree| (0..tree.nodes.len()).filter(|n| tree.nodes[*n].parent.is_none()).collect::<Vec<_>>();
        merge.children(None, &roots(&good), &roots(&bad));
        let Merge { tree, mut differences, .. } = merge;
        // Of the differences about one or two matter, however unlikely they would be among all parts.
        let count = f64::from(u32::try_from(differences.len().max(1)).unwrap_or(u32::MAX));
        for difference in &mut differences {
            let part = &difference.part;
            let is_noise = part.place == Place::Header && difference.p <= 0.01;
            difference.p = difference.p.max(if is_noise { 0.02 } else { 0.4_f64.min(1.2 / count) }).min(0.95);
        }
        Self { tree, good: good.base, differences }
    }

    /// The bad request with only these of the differences, the rest as in the good one.
    pub(crate) fn render(&self, kept: &[bool]) -> Candidate {
        let mut form = Form::whole(&self.tree);
        let (mut method, mut place) = (None, None);
        for (difference, kept) in self.differences.iter().zip(kept) {
            match difference.what {
                What::Method if !kept => method = Some(self.good.method.clone()),
                What::Target if !kept => place = Some(self.good.url.clone()),
                What::Method | What::Target => {}
                What::Nodes(good, bad) => {
                    good.into_iter().for_each(|node| form.set(node, !kept));
                    bad.into_iter().for_each(|node| form.set(node, *kept));
                }
            }
        }
        let mut candidate = form.render(&self.tree);
        if let Some(method) = method {
            candidate.request.method = method;
        }
        if let Some(url) = place {
            candidate.request.url = Url { query: candidate.request.url.query.take(), ..url };
        }
        candidate
    }

    /// What one difference is, in both requests.
    pub(crate) fn change(&self, number: usize) -> Change {
        let difference = &self.differences[number];
        let (good, bad) = match difference.what {
            What::Method => (self.good.method.clone(), self.tree.base.method.clone()),
            What::Target => (Some(target(&self.good)), Some(target(&self.tree.base))),
            What::Nodes(good, bad) => {
                let shown = |node: Option<usize>| node.map(|node| Form::whole(&self.tree).shown(&self.tree, node));
                (shown(good), shown(bad))
            }
        };
        Change { part: difference.part.clone(), good, bad }
    }
}

fn target(request: &Request) -> String {
    Url { query: None, fragment: None, ..request.url.clone() }.to_string()
}

struct Merge<'a> {
    tree: Tree,
    differences: Vec<Difference>,
    good: &'a Tree,
    bad: &'a Tree,
}

impl Merge<'_> {
    fn note(&mut self, place: Place, what: What) {
        self.differences.push(Difference { part: Part { place, name: String::new() }, p: 0.5, what });
    }

    fn add(&mut self, parent: Option<usize>, node: &Node) -> usize {
        let number = self.tree.nodes.len();
        self.tree.nodes.push(Node { parent, children: Vec::new(), ..node.clone() });
        if let Some(parent) = parent {
            self.tree.nodes[parent].children.push(number);
        }
        number
    }

    /// A part with all below it.
    fn copy(&mut self, parent: Option<usize>, from: &Tree, node: usize) -> usize {
        let root = self.add(parent, &from.nodes[node]);
        let mut open: Vec<(usize, usize)> = from.nodes[node].children.iter().rev().map(|c| (root, *c)).collect();
        while let Some((parent, node)) = open.pop() {
            let number = self.add(Some(parent), &from.nodes[node]);
            open.extend(from.nodes[node].children.iter().rev().map(|child| (number, *child)));
        }
        root
    }

    fn children(&mut self, parent: Option<usize>, good: &[usize], bad: &[usize]) {
        let mut left: Vec<usize> = good.to_vec();
        let is_lines = parent.is_some_and(|p| matches!(self.tree.nodes[p].kind, Kind::Lines));
        // A line that was put in moves all behind it, so that equal ends are not compared by number.
        let tail = if is_lines { self.equal_tail(good, bad) } else { 0 };
        for (position, &node) in bad.iter().enumerate() {
            let is_tail = bad.len() - position <= tail;
            let other = if is_tail {
                left.iter().position(|g| *g == good[good.len() - (bad.len() - position)])
            } else {
                let most = left.len() - tail.min(left.len());
                left.iter().take(if is_lines { most } else { left.len() }).position(|g| self.same_slot(*g, node))
            };
            match other {
                Some(other) => {
                    let other = left.remove(other);
                    self.pair(parent, other, node);
                }
                None => {
                    let number = self.copy(parent, self.bad, node);
                    self.differ(None, Some(number));
                }
            }
        }
        for node in left {
            let number = self.copy(parent, self.good, node);
            self.differ(Some(number), None);
        }
    }

    fn equal_tail(&self, good: &[usize], bad: &[usize]) -> usize {
        good.iter().rev().zip(bad.iter().rev()).take_while(|(g, b)| self.equal(**g, **b)).count()
    }

    /// True for two parts that answer to the same name.
    fn same_slot(&self, good: usize, bad: usize) -> bool {
        let (good, bad) = (&self.good.nodes[good], &self.bad.nodes[bad]);
        let is_root = bad.parent.is_none() && bad.place == Place::Body;
        let names_equal =
            if bad.place == Place::Header { good.name.eq_ignore_ascii_case(&bad.name) } else { good.name == bad.name };
        good.place == bad.place && (is_root || names_equal)
    }

    fn equal(&self, good: usize, bad: usize) -> bool {
        let mut open = vec![(good, bad)];
        while let Some((g, b)) = open.pop() {
            let (good, bad) = (&self.good.nodes[g], &self.bad.nodes[b]);
            if format!("{:?}", good.kind) != format!("{:?}", bad.kind) || good.children.len() != bad.children.len() {
                return false;
            }
            open.extend(good.children.iter().copied().zip(bad.children.iter().copied()));
        }
        true
    }

    fn pair(&mut self, parent: Option<usize>, good: usize, bad: usize) {
        if self.equal(good, bad) {
            self.copy(parent, self.bad, bad);
            return;
        }
        let (g, b) = (&self.good.nodes[good], &self.bad.nodes[bad]);
        let same_kind = match (&g.kind, &b.kind) {
            (Kind::Multipart(one), Kind::Multipart(other)) => one == other,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        if same_kind && !g.children.is_empty() && !b.children.is_empty() {
            let number = self.add(parent, b);
            self.children(Some(number), &g.children.clone(), &b.children.clone());
            return;
        }
        let other = self.copy(parent, self.bad, bad);
        let one = self.copy(parent, self.good, good);
        self.differ(Some(one), Some(other));
    }

    fn differ(&mut self, good: Option<usize>, bad: Option<usize>) {
        let Some(node) = bad.or(good) else { return };
        let part = self.tree.part(node);
        self.differences.push(Difference { part, p: self.tree.nodes[node].p, what: What::Nodes(good, bad) });
    }
}
