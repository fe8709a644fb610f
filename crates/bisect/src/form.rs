//! Which parts of a request are there, and how long their values are: a form renders to a candidate.

use crate::json;
use crate::oracle::Candidate;
use crate::tree::{Kind, Tree};
use firstfault_model::Span;
use std::collections::BTreeMap;

/// A choice of parts. A part whose parent is gone is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    gone: Vec<bool>,
    cuts: BTreeMap<usize, Cut>,
}

/// A value that is not what the request had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Its characters from the first number up to the second.
    Slice(usize, usize),
    /// This many letters instead.
    Filler(usize),
    /// What another part holds.
    Copy(usize),
}

impl Form {
    /// Everything.
    pub(crate) fn whole(tree: &Tree) -> Self {
        Self { gone: vec![false; tree.nodes.len()], cuts: BTreeMap::new() }
    }

    /// True when a part is there.
    pub(crate) fn has(&self, tree: &Tree, number: usize) -> bool {
        let mut at = Some(number);
        while let Some(here) = at {
            if self.gone[here] {
                return false;
            }
            at = tree.nodes[here].parent;
        }
        true
    }

    /// Children that are there.
    pub(crate) fn children(&self, tree: &Tree, number: usize) -> Vec<usize> {
        tree.nodes[number].children.iter().copied().filter(|child| !self.gone[*child]).collect()
    }

    /// Without some parts; what held nothing else goes with them.
    pub(crate) fn without(&self, tree: &Tree, parts: &[usize]) -> Self {
        let mut form = self.clone();
        for &part in parts {
            form.drop_one(part);
            let mut at = tree.nodes[part].parent;
            while let Some(up) = at.filter(|up| form.children(tree, *up).is_empty()) {
                form.drop_one(up);
                at = tree.nodes[up].parent;
            }
        }
        form
    }

    /// Without some parts; what held them stays, empty.
    pub(crate) fn emptied(&self, parts: &[usize]) -> Self {
        let mut form = self.clone();
        parts.iter().for_each(|part| form.drop_one(*part));
        form
    }

    fn drop_one(&mut self, part: usize) {
        self.gone[part] = true;
        self.cuts.remove(&part);
    }

    /// With one part as wished: there or not.
    pub(crate) fn set(&mut self, part: usize, there: bool) {
        self.gone[part] = !there;
    }

    /// True when everything that is here is in the other form too, uncut.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        other.cuts.is_empty()
            && self.cuts.is_empty()
            && self.gone.iter().zip(&other.gone).all(|(here, there)| *here || !*there)
    }

    /// With another value.
    pub(crate) fn cut(&self, part: usize, cut: Cut) -> Self {
        let mut form = self.clone();
        form.cuts.insert(part, cut);
        form
    }

    /// How a value was changed.
    pub(crate) fn cut_of(&self, part: usize) -> Option<Cut> {
        self.cuts.get(&part).copied()
    }

    /// The smallest parts that are there: no child of theirs is. A list that is long stands for its items
    /// when `folded` says so.
    pub(crate) fn leaves(&self, tree: &Tree, folded: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let mut leaves = Vec::new();
        let mut open: Vec<usize> =
            (0..tree.nodes.len()).rev().filter(|n| tree.nodes[*n].parent.is_none() && !self.gone[*n]).collect();
        while let Some(number) = open.pop() {
            self.spread(tree, number, folded, &mut open, &mut leaves);
        }
        leaves
    }

    /// The smallest parts below one part, or the part itself.
    pub(crate) fn leaves_of(&self, tree: &Tree, part: usize, folded: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let mut leaves = Vec::new();
        let mut open = vec![part];
        while let Some(number) = open.pop() {
            self.spread(tree, number, folded, &mut open, &mut leaves);
        }
        leaves
    }

    fn spread(
        &self,
        tree: &Tree,
        part: usize,
        folded: &dyn Fn(usize) -> bool,
        open: &mut Vec<usize>,
        out: &mut Vec<usize>,
    ) {
        let children = self.children(tree, part);
        if children.is_empty() || folded(part) {
            out.push(part);
        } else {
            open.extend(children.into_iter().rev());
        }
    }

    /// The request of these parts.
    pub(crate) fn render(&self, tree: &Tree) -> Candidate {
        let mut request = tree.base.clone();
        let mut query: Vec<String> = Vec::new();
        let mut body = None;
        for (number, node) in tree.nodes.iter().enumerate() {
            if node.parent.is_some() || self.gone[number] {
                continue;
            }
            match &node.kind {
                Kind::Header(value) => {
                    let value = self.text(tree, number).unwrap_or_else(|| value.clone());
                    request.headers.push(node.name.clone(), value, Span::default());
                }
                Kind::Cookies => {
                    let cookies: Vec<String> =
                        self.children(tree, number).into_iter().map(|child| self.pair(tree, child)).collect();
                    if cookies.is_empty() {
                        continue;
                    }
                    request.headers.push(node.name.clone(), cookies.join("; "), Span::default());
                }
                Kind::Parameter(_) => query.push(self.pair(tree, number)),
                _ => body = Some(self.bytes(tree, number)),
            }
        }
        if !query.is_empty() {
            request.url.query = Some(query.join("&"));
        }
        Candidate::new(request, body)
    }

    /// One part as text.
    pub(crate) fn shown(&self, tree: &Tree, number: usize) -> String {
        match &tree.nodes[number].kind {
            Kind::Header(value) => value.clone(),
            Kind::Cookie(pair) | Kind::Parameter(pair) | Kind::Pair(pair) => {
                pair.split_once('=').map_or(pair.as_str(), |(_, value)| value).to_owned()
            }
            Kind::Cookies => {
                let cookies: Vec<String> = self.children(tree, number).iter().map(|c| self.pair(tree, *c)).collect();
                cookies.join("; ")
            }
            Kind::Section(_, content) => String::from_utf8_lossy(content).into_owned(),
            _ => String::from_utf8_lossy(&self.bytes(tree, number)).into_owned(),
        }
    }

    fn bytes(&self, tree: &Tree, number: usize) -> Vec<u8> {
        match &tree.nodes[number].kind {
            Kind::Bytes(bytes) => bytes.clone(),
            Kind::Multipart(boundary) => {
                let mut out = Vec::new();
                for child in self.children(tree, number) {
                    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
                    let Kind::Section(head, content) = &tree.nodes[child].kind else { continue };
                    if !head.is_empty() {
                        out.extend_from_slice(head);
                        out.extend_from_slice(b"\r\n");
                    }
                    out.extend_from_slice(b"\r\n");
                    match self.text(tree, child) {
                        Some(text) => out.extend_from_slice(text.as_bytes()),
                        None => out.extend_from_slice(content),
                    }
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
                out
            }
            Kind::Form => {
                let pairs: Vec<String> = self.children(tree, number).into_iter().map(|c| self.pair(tree, c)).collect();
                pairs.join("&").into_bytes()
            }
            Kind::Lines => {
                let lines: Vec<String> = self
                    .children(tree, number)
                    .into_iter()
                    .map(|child| self.text(tree, child).or_else(|| tree.value(child)).unwrap_or_default())
                    .collect();
                lines.concat().into_bytes()
            }
            Kind::Line(text) => self.text(tree, number).unwrap_or_else(|| text.clone()).into_bytes(),
            _ => {
                let mut out = String::new();
                self.json(tree, number, &mut out);
                out.into_bytes()
            }
        }
    }

    fn json(&self, tree: &Tree, number: usize, out: &mut String) {
        let (open, close) = match &tree.nodes[number].kind {
            Kind::Object(_) => ('{', '}'),
            Kind::Array(_) => ('[', ']'),
            Kind::Scalar(_, raw) => {
                match self.text(tree, number) {
                    Some(text) => out.push_str(&json::quote(&text)),
                    None => out.push_str(raw),
                }
                return;
            }
            _ => return,
        };
        out.push(open);
        for (position, child) in self.children(tree, number).into_iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            if let Kind::Object(Some(key)) | Kind::Array(Some(key)) | Kind::Scalar(Some(key), _) =
                &tree.nodes[child].kind
            {
                out.push_str(key);
                out.push(':');
            }
            // An item that is another one's copy; copies of copies are never made.
            let from = match self.cuts.get(&child) {
                Some(Cut::Copy(other)) => *other,
                _ => child,
            };
            self.json(tree, from, out);
        }
        out.push(close);
    }

    /// `name=value` with the value as cut.
    fn pair(&self, tree: &Tree, number: usize) -> String {
        let (Kind::Cookie(pair) | Kind::Parameter(pair) | Kind::Pair(pair)) = &tree.nodes[number].kind else {
            return String::new();
        };
        match (self.text(tree, number), pair.split_once('=')) {
            (Some(text), Some((name, _))) => format!("{name}={text}"),
            _ => pair.clone(),
        }
    }

    /// The value as cut; `None` when it is as it was.
    fn text(&self, tree: &Tree, number: usize) -> Option<String> {
        match *self.cuts.get(&number)? {
            Cut::Filler(count) => Some("a".repeat(count)),
            Cut::Copy(other) => tree.value(other),
            Cut::Slice(from, to) => {
                let value = tree.value(number)?;
                let mut kept: String = value.chars().skip(from).take(to.saturating_sub(from)).collect();
                if matches!(tree.nodes[number].kind, Kind::Parameter(_) | Kind::Pair(_)) {
                    // Half an escape is another fault.
                    if let Some(percent) = kept.rfind('%').filter(|at| kept.len() - at < 3) {
                        kept.truncate(percent);
                    }
                }
                Some(kept)
            }
        }
    }
}
