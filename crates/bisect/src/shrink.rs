//! The smallest request that still fails in the same way.
//!
//! First all at once that nothing speaks for (what the message names and what usually must be there stays), then by
//! group testing, lists by their length, values by theirs; then each remaining part alone, until none can go; at the
//! end the form is sent once more.

use crate::asker::{Asker, Decision};
use crate::form::Form;
use crate::groups::{Atom, Groups};
use crate::oracle::{Answer, Candidate, Oracle};
use crate::prior::is_credential;
use crate::report::{Confidence, Outcome, Report, Settings, Threshold};
use crate::tree::{Kind, Tree};
use std::collections::BTreeSet;

/// Parts below this chance go in the first try.
const JUMP: f64 = 0.3;
/// The chance of a part of which it is known that something below or beside it is needed.
const LIKELY: f64 = 0.95;
/// How often the whole search is begun again because the failure turned out to be intermittent.
const RESTARTS: u32 = 2;

/// Finds the smallest request that fails as `failing` does.
pub async fn smallest<O: Oracle>(failing: &Candidate, settings: &Settings, oracle: &mut O) -> Report {
    let mut asker = Asker::new(oracle, settings.clone());
    let base = match crate::base::measure(&mut asker, failing, settings).await {
        Ok(base) => base,
        Err(outcome) => return blank(outcome, failing, &asker),
    };
    let tree = Tree::of(failing, &base.names);
    let whole = Form::whole(&tree);
    let mut shrink = Shrink {
        tree: &tree,
        settings,
        form: whole.clone(),
        history: vec![whole],
        others: Vec::new(),
        unfolded: BTreeSet::new(),
        frozen: BTreeSet::new(),
        thresholds: Vec::new(),
        unproven: BTreeSet::new(),
        later: Vec::new(),
        asker,
    };
    shrink.run(base.confidence).await
}

pub(crate) fn blank<O: Oracle>(outcome: Outcome, form: &Candidate, asker: &Asker<'_, O>) -> Report {
    Report {
        outcome,
        form: form.clone(),
        needed: Vec::new(),
        needless: Vec::new(),
        changes: Vec::new(),
        unproven: Vec::new(),
        thresholds: Vec::new(),
        shortened: Vec::new(),
        notes: Vec::new(),
        requests: asker.requests,
        candidates: asker.candidates,
        saved: asker.saved,
        unsure: asker.unsure,
        confidence: Confidence::default(),
    }
}

/// The budget is spent.
pub(crate) struct Spent;

pub(crate) struct Shrink<'a, 'o, O: Oracle> {
    pub tree: &'a Tree,
    pub settings: &'a Settings,
    /// The smallest form so far that failed in the same way.
    pub form: Form,
    /// Every form that did, the whole request first.
    history: Vec<Form>,
    /// Forms that did not, until the failure is known to be intermittent.
    others: Vec<Form>,
    /// Long lists whose items are parts of their own by now.
    pub unfolded: BTreeSet<usize>,
    /// Lists and values whose size is what matters: they are one part.
    pub frozen: BTreeSet<usize>,
    pub thresholds: Vec<Threshold>,
    unproven: BTreeSet<usize>,
    /// Long lists that cannot go: they are searched when everything else has gone, because sizes add up.
    later: Vec<usize>,
    asker: Asker<'o, O>,
}

impl<O: Oracle> Shrink<'_, '_, O> {
    async fn run(&mut self, mut confidence: Confidence) -> Report {
        let mut restarts = 0;
        let outcome = loop {
            let finished = self.reduce().await.is_ok();
            if finished && restarts == 0 && self.contradicts_itself().await {
                restarts += 1;
                if let Some(rate) = self.rate_of_whole(&mut confidence).await {
                    self.begin_again(rate, &mut confidence);
                    if self.rewind().await {
                        continue;
                    }
                }
            }
            // The final form once more, whatever is known of it.
            let (same, asked, words) = self.confirm().await;
            confidence.asked += asked;
            confidence.same += same;
            if same > 0 || asked == 0 {
                break if finished && asked > 0 { Outcome::Minimal } else { Outcome::Unfinished };
            }
            if restarts >= RESTARTS || self.asker.is_spent() {
                self.fall_back().await;
                break Outcome::Lost(words);
            }
            restarts += 1;
            // It failed and now does not: perhaps it never failed each time. What was asked says how often it does.
            let rate = self.rate_of_whole(&mut confidence).await;
            let Some(rate) = rate else {
                self.fall_back().await;
                break Outcome::Lost(words);
            };
            self.begin_again(rate, &mut confidence);
            if !self.rewind().await {
                break Outcome::Lost(words);
            }
        };
        self.report(outcome, confidence)
    }

    /// True when a form failed although a larger one did not, and the larger one fails after all: then the failure comes
    /// only sometimes.
    async fn contradicts_itself(&mut self) -> bool {
        if self.asker.rate().is_some() {
            return false;
        }
        let larger = self.others.iter().find(|other| self.history.iter().any(|form| form.is_within(other))).cloned();
        let Some(larger) = larger else { return false };
        let reply = self.asker.raw(&larger.render(self.tree)).await;
        reply.is_some_and(|reply| reply.answer == Answer::Same)
    }

    fn begin_again(&mut self, rate: f64, confidence: &mut Confidence) {
        self.asker.intermittent(rate);
        confidence.rate = Some(rate);
        self.thresholds.clear();
        self.frozen.clear();
        self.unfolded.clear();
        self.later.clear();
        self.others.clear();
    }

    fn report(&self, outcome: Outcome, mut confidence: Confidence) -> Report {
        let tree = self.tree;
        let left = self.form.leaves(tree, &|number| self.frozen.contains(&number));
        let whole = Form::whole(tree);
        let needless = whole
            .leaves(tree, &|number| !self.form.has(tree, number) || self.frozen.contains(&number))
            .into_iter()
            .filter(|number| !self.form.has(tree, *number))
            .map(|number| tree.part(number))
            .collect();
        let shortened = left.iter().filter_map(|number| self.shortened(*number)).collect();
        if self.asker.rate().is_some() {
            // Each part that remains rests on one decision, and so does the form itself.
            let decisions = f64::from(u32::try_from(left.len() + 1).unwrap_or(u32::MAX));
            confidence.sure = Some((1.0 - decisions * self.settings.error).max(0.0));
        }
        Report {
            outcome,
            needed: left.iter().map(|number| tree.part(*number)).collect(),
            needless,
            unproven: left.iter().filter(|n| self.unproven.contains(n)).map(|n| tree.part(*n)).collect(),
            thresholds: self.thresholds.clone(),
            shortened,
            confidence,
            ..blank(Outcome::Unfinished, &self.form.render(tree), &self.asker)
        }
    }

    /// All of it once; `Err` when the budget ends on the way.
    async fn reduce(&mut self) -> Result<(), Spent> {
        self.asker.strict = false;
        let folded = |number: usize| self.tree.is_long(number) && !self.unfolded.contains(&number);
        let atoms = self.atoms(self.form.leaves(self.tree, &folded));
        let jump = self.tree.has_named().then_some(JUMP);
        let mut groups = Groups::new(atoms, self.asker.target(), jump);
        self.test_groups(&mut groups).await?;
        while let Some(list) = self.later.pop() {
            self.unfolded.insert(list);
            let left = self.list(list).await?;
            self.asker.strict = false;
            groups.add(self.below(left));
            self.test_groups(&mut groups).await?;
        }
        self.asker.refine();
        self.asker.strict = true;
        for leaf in self.form.leaves(self.tree, &|number| self.frozen.contains(&number)) {
            self.value(leaf).await?;
        }
        self.each_alone().await
    }

    pub(crate) fn atoms(&self, parts: Vec<usize>) -> Vec<Atom> {
        parts
            .into_iter()
            .map(|id| {
                let below = self.tree.nodes[id].children.iter().map(|child| 1.0 - self.tree.nodes[*child].p);
                // Of a list the items are counted together.
                let p = match &self.tree.nodes[id] {
                    node if node.about => node.p.max(0.9),
                    _ if self.tree.is_long(id) => 1.0 - below.product::<f64>(),
                    node => node.p,
                };
                Atom { id, p: p.clamp(0.005, 0.95) }
            })
            .collect()
    }

    async fn test_groups(&mut self, groups: &mut Groups) -> Result<(), Spent> {
        groups.aim(self.asker.target());
        while let Some(set) = groups.next() {
            if self.take(self.form.without(self.tree, &set)).await? {
                groups.needless(&set);
            } else if let Some(part) = groups.needs(&set) {
                self.one(part, groups).await?;
            }
        }
        Ok(())
    }

    /// A part that cannot go with what holds nothing else: perhaps its container has to stay, or what is in it matters.
    async fn one(&mut self, part: usize, groups: &mut Groups) -> Result<(), Spent> {
        let tree = self.tree;
        let holder = tree.nodes[part]
            .parent
            .filter(|up| tree.nodes[*up].kind.can_be_empty() && self.form.children(tree, *up).len() == 1);
        if let Some(holder) = holder
            && self.take(self.form.emptied(&[part])).await?
        {
            groups.add([Atom { id: holder, p: LIKELY }]);
            return Ok(());
        }
        let children = self.form.children(tree, part);
        if children.is_empty() {
            return Ok(());
        }
        if tree.nodes[part].kind.can_be_empty() && self.take(self.form.emptied(&children)).await? {
            return Ok(());
        }
        self.later.push(part);
        Ok(())
    }

    /// The smallest parts of some that are left of a list.
    fn below(&self, parts: Vec<usize>) -> Vec<Atom> {
        let folded = |number: usize| self.tree.is_long(number) && !self.unfolded.contains(&number);
        let leaves = parts.into_iter().flat_map(|part| self.form.leaves_of(self.tree, part, &folded)).collect();
        self.atoms(leaves)
    }

    /// Every part that is there, left out alone, until none can go.
    async fn each_alone(&mut self) -> Result<(), Spent> {
        loop {
            let mut changed = false;
            let mut left = self.form.leaves(self.tree, &|number| self.frozen.contains(&number));
            // The likeliest to go first: what is found needed before another part goes has to be tried again.
            left.sort_by(|a, b| self.tree.nodes[*a].p.total_cmp(&self.tree.nodes[*b].p));
            for part in left {
                if self.frozen.contains(&part) || !self.form.has(self.tree, part) {
                    continue;
                }
                let stays = self.tree.nodes[part].parent.is_some_and(|up| self.tree.nodes[up].kind.can_be_empty());
                let smaller = if stays { self.form.emptied(&[part]) } else { self.form.without(self.tree, &[part]) };
                self.unproven.remove(&part);
                match self.decide(&smaller).await {
                    Decision::Same => {
                        self.keep(smaller);
                        changed = true;
                    }
                    Decision::Differs => {}
                    Decision::Unsure => {
                        self.unproven.insert(part);
                    }
                    Decision::Spent => return Err(Spent),
                }
            }
            if !changed {
                return Ok(());
            }
        }
    }

    async fn decide(&mut self, form: &Form) -> Decision {
        self.asker.decide(&form.render(self.tree)).await
    }

    fn keep(&mut self, form: Form) {
        self.history.push(form.clone());
        self.form = form;
    }

    /// True when the form fails in the same way.
    pub(crate) async fn fails(&mut self, form: &Form) -> Result<bool, Spent> {
        match self.decide(form).await {
            Decision::Same => Ok(true),
            Decision::Differs | Decision::Unsure => {
                if self.asker.rate().is_none() {
                    self.others.push(form.clone());
                }
                Ok(false)
            }
            Decision::Spent => Err(Spent),
        }
    }

    /// Tries a form and keeps it when it fails in the same way.
    pub(crate) async fn take(&mut self, form: Form) -> Result<bool, Spent> {
        let same = self.fails(&form).await?;
        if same {
            self.keep(form);
        }
        Ok(same)
    }

    /// From here on decisions are results.
    pub(crate) fn be_strict(&mut self) {
        self.asker.strict = true;
    }

    /// True for a value that is never cut.
    pub(crate) fn is_kept(&self, part: usize) -> bool {
        let name = &self.tree.nodes[part].name;
        let is_type = |n: &str| n.eq_ignore_ascii_case("content-type") || n.eq_ignore_ascii_case("host");
        let cookie = matches!(self.tree.nodes[part].kind, Kind::Cookie(_));
        is_credential(name) && !cookie
            || is_type(name)
            || self.settings.keep.iter().any(|k| k.eq_ignore_ascii_case(name))
    }

    /// The final form again: how often it failed alike, how often it was asked, and what came instead.
    async fn confirm(&mut self) -> (u32, u32, String) {
        let candidate = self.form.render(self.tree);
        // So often that a failure of this rate is missed no more often than the settings allow.
        let most = self.asker.rate().map_or(1, |rate| repeats(rate, self.settings.error));
        let mut asked = 0;
        let mut words = String::new();
        for _ in 0..most {
            let Some(reply) = self.asker.raw(&candidate).await else { break };
            match reply.answer {
                Answer::Same => return (1, asked + 1, String::new()),
                Answer::Unsure(_) => continue,
                other => words = crate::base::words(&other),
            }
            asked += 1;
        }
        (0, asked, words)
    }

    /// How often the whole request fails by now; `None` when it no longer does.
    async fn rate_of_whole(&mut self, confidence: &mut Confidence) -> Option<f64> {
        let whole = Form::whole(self.tree).render(self.tree);
        let (mut same, mut asked) = (0, 0);
        for _ in 0..self.settings.base_repeats {
            match self.asker.raw(&whole).await?.answer {
                Answer::Same => same += 1,
                Answer::Unsure(_) => continue,
                other => self.asker.usual(&other),
            }
            asked += 1;
        }
        confidence.asked += asked;
        confidence.same += same;
        (same > 0).then(|| crate::base::rate(confidence.same, confidence.asked))
    }

    /// Goes back to the smallest form that stands the stricter test.
    async fn rewind(&mut self) -> bool {
        while let Some(form) = self.history.last().cloned() {
            match self.decide(&form).await {
                Decision::Same => {
                    self.form = form;
                    return true;
                }
                Decision::Spent => return false,
                Decision::Differs | Decision::Unsure => {
                    // Halving, since each step back may cost many requests.
                    let left = self.history.len() / 2;
                    self.history.truncate(left);
                }
            }
        }
        self.form = Form::whole(self.tree);
        self.history = vec![self.form.clone()];
        true
    }

    /// The last form that still fails in the same way, or the whole request.
    async fn fall_back(&mut self) {
        while self.history.len() > 1 {
            let left = self.history.len() / 2;
            self.history.truncate(left);
            let Some(form) = self.history.last().cloned() else { break };
            self.form = form;
            let candidate = self.form.render(self.tree);
            match self.asker.raw(&candidate).await {
                Some(reply) if reply.answer != Answer::Same => {}
                _ => return,
            }
        }
        self.form = Form::whole(self.tree);
    }
}

/// How often something of this rate has to be asked so that it is missed with a chance of at most `error`.
pub(crate) fn repeats(rate: f64, error: f64) -> u32 {
    let mut missed = 1.0;
    let mut count = 0;
    while missed > error && count < 200 {
        missed *= 1.0 - rate;
        count += 1;
    }
    count.max(1)
}
