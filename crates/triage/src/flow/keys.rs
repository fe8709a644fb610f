//! One key: how far it came, and the first step at which something is wrong.

use super::clocks::Clocks;
use super::definition::Definition;
use super::watch::{COMPLAINT, Event};
use firstfault_calls::NO_TIME;
use firstfault_model::way::Fault;

/// How long a step may take where the flow file does not say.
const WITHIN: i64 = 300_000;
/// Clocks are written in whole seconds by many systems.
const TICK: i64 = 1_000;

/// What all keys have in common.
pub(super) struct Scene<'a> {
    pub definition: &'a Definition,
    pub clocks: &'a Clocks,
    /// By step: first and last time of the systems that take it, clocks set right; `None` when there is no line of them.
    pub span: Vec<Option<(i64, i64)>>,
    /// By step: no line shows it, although lines show later ones. It is not logged, and nobody misses it.
    pub unlogged: Vec<bool>,
}

/// How a key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    Broken,
    Pending,
    Before,
    Unknown,
}

/// What is wrong with a key.
#[derive(Clone, Debug)]
pub(super) struct Wrong<'e> {
    pub step: usize,
    pub fault: Fault,
    /// Clocks set right.
    pub at: i64,
    /// The line that tells of it: of the failure, else of what came last before.
    pub told: &'e Event,
    /// The line of whoever gave up, and the one that shows how long it took.
    pub gave_up: Option<(&'e Event, &'e Event)>,
}

/// One key.
#[derive(Clone, Debug)]
pub(super) struct Key<'e> {
    pub end: End,
    pub wrong: Option<Wrong<'e>>,
    /// When each step was taken, clocks set right.
    pub taken: Vec<Option<i64>>,
    /// The last step was taken.
    pub whole: bool,
    /// An attempt failed and a later one did not.
    pub recovered: bool,
    /// The step that it waits for.
    pub waits: Option<usize>,
    pub first: i64,
}

/// What the lines say of one step.
#[derive(Clone, Copy)]
enum State<'e> {
    Missing,
    Taken { by: &'e Event, unheard: Option<&'e Event>, recovered: bool },
    Failed { by: &'e Event },
}

/// Judges the events of one key, which are in order of time.
pub(super) fn judge<'e>(group: &'e [Event], scene: &Scene<'_>) -> Key<'e> {
    let steps = scene.definition.steps.len();
    let states: Vec<State<'e>> = (0..steps).map(|step| state(group, step, scene)).collect();
    let at =
        |event: &Event| if event.begin == NO_TIME { NO_TIME } else { scene.clocks.right(event.service, event.begin) };
    let first = group.iter().map(at).filter(|t| *t != NO_TIME).min().unwrap_or(NO_TIME);
    let mut key = Key {
        end: End::Complete,
        wrong: None,
        taken: vec![None; steps],
        whole: matches!(states.last(), Some(State::Taken { .. })),
        recovered: false,
        waits: None,
        first,
    };
    let begins = states.iter().position(|s| !matches!(s, State::Missing)).unwrap_or(steps);
    let ends = states.iter().rposition(|s| !matches!(s, State::Missing)).unwrap_or(0);
    let mut before: Option<&Event> = None;
    for (number, state) in states.iter().enumerate() {
        let step = &scene.definition.steps[number];
        match *state {
            State::Missing if step.optional || scene.unlogged[number] => {}
            State::Missing if scene.span[number].is_none() => {
                // There is no log of the system: what follows may tell, else nobody can.
                if number > ends && key.wrong.is_none() {
                    key.end = End::Unknown;
                    break;
                }
            }
            State::Missing if number < begins => {
                if began_before(number, begins, first, scene) {
                    key.end = End::Before;
                } else if let Some(told) = group.first() {
                    note(&mut key, Wrong { step: number, fault: Fault::Skipped, at: first, told, gave_up: None });
                }
            }
            State::Missing if number < ends => {
                if let Some(told) = before {
                    note(&mut key, Wrong { step: number, fault: Fault::Skipped, at: at(told), told, gave_up: None });
                }
            }
            State::Missing => {
                let Some(told) = before.filter(|_| key.wrong.is_none()) else { break };
                let left = scene.span[number].map_or(0, |(_, last)| last.saturating_sub(at(told)));
                if left < step.within.unwrap_or(WITHIN) {
                    key.end = End::Pending;
                    key.waits = Some(number);
                } else {
                    note(&mut key, Wrong { step: number, fault: Fault::Missing, at: at(told), told, gave_up: None });
                }
                break;
            }
            State::Failed { by } => {
                note(&mut key, Wrong { step: number, fault: Fault::Failed, at: at(by), told: by, gave_up: None });
            }
            State::Taken { by, unheard, recovered } => {
                key.recovered |= recovered;
                key.taken[number] = Some(at(by)).filter(|t| *t != NO_TIME);
                taken(&mut key, group, number, by, unheard, before, scene);
                before = Some(by);
            }
        }
    }
    if key.wrong.is_some() {
        key.end = End::Broken;
    }
    key
}

fn note<'e>(key: &mut Key<'e>, wrong: Wrong<'e>) {
    if key.wrong.is_none() {
        key.wrong = Some(wrong);
    }
}

/// What may be wrong with a step that was taken.
fn taken<'e>(
    key: &mut Key<'e>,
    group: &'e [Event],
    number: usize,
    by: &'e Event,
    unheard: Option<&'e Event>,
    before: Option<&Event>,
    scene: &Scene<'_>,
) {
    let step = &scene.definition.steps[number];
    let at = |event: &Event| scene.clocks.right(event.service, event.begin);
    if let Some(told) = unheard {
        let duration = |event: &Event| event.end.saturating_sub(event.begin);
        let gave_up = (told.timed && by.timed && duration(by) > duration(told)).then_some((told, by));
        note(key, Wrong { step: number, fault: Fault::Unheard, at: at(told), told, gave_up });
    }
    if let Some(before) = before.filter(|before| before.begin != NO_TIME && by.begin != NO_TIME) {
        let passed = at(by).saturating_sub(at(before));
        // How wrong the two clocks may be; two lines of one system have one clock.
        let unsure = if before.service == by.service {
            Some(0)
        } else {
            let of = |event: &Event| scene.clocks.unsure.get(usize::from(event.service)).copied().flatten();
            of(before).zip(of(by)).map(|(a, b)| a.saturating_add(b))
        };
        if step.within.is_some_and(|within| passed > within.saturating_add(unsure.unwrap_or(0))) {
            note(key, Wrong { step: number, fault: Fault::Late, at: at(by), told: by, gave_up: None });
        }
        if unsure.is_some_and(|unsure| passed < -TICK - unsure) {
            note(key, Wrong { step: number, fault: Fault::OutOfOrder, at: at(by), told: by, gave_up: None });
        }
    }
    if by.once != 0 {
        let again = group
            .iter()
            .find(|e| usize::from(e.step) == number && e.witness == 0 && !e.failed && e.once != 0 && e.once != by.once);
        if let Some(again) = again {
            note(key, Wrong { step: number, fault: Fault::Duplicate, at: at(again), told: again, gave_up: None });
        }
    }
}

/// Whether a step that is not there may have been taken before the logs of its system begin.
fn began_before(number: usize, begins: usize, first: i64, scene: &Scene<'_>) -> bool {
    let reach: i64 = scene.definition.steps[number + 1..=begins].iter().map(|step| step.within.unwrap_or(WITHIN)).sum();
    scene.span[number].is_some_and(|(from, _)| first == NO_TIME || first.saturating_sub(reach) < from)
}

/// What the lines say of a step: the system's own words first, then those of the witness nearest to it.
fn state<'e>(group: &'e [Event], step: usize, scene: &Scene<'_>) -> State<'e> {
    let mine = |e: &&Event| usize::from(e.step) == step && e.witness != COMPLAINT;
    let order = |e: &&Event| {
        (if e.begin == NO_TIME { i64::MAX } else { scene.clocks.right(e.service, e.begin) }, e.input, e.line)
    };
    let pick = |witness: u8, failed: bool| {
        group.iter().filter(mine).filter(|e| e.witness == witness && e.failed == failed).min_by_key(order)
    };
    let last = group.iter().filter(mine).map(|e| e.witness).max().unwrap_or(0);
    if let Some(by) = pick(0, false) {
        let mut unheard = None;
        let mut recovered = pick(0, true).is_some();
        for witness in 1..=last {
            match (pick(witness, false), pick(witness, true)) {
                (None, Some(failed)) => unheard = unheard.or(Some(failed)),
                (Some(_), Some(_)) => recovered = true,
                _ => {}
            }
        }
        return State::Taken { by, unheard, recovered };
    }
    if let Some(by) = pick(0, true) {
        return State::Failed { by };
    }
    for witness in 1..=last {
        match (pick(witness, false), pick(witness, true)) {
            (Some(by), failed) => return State::Taken { by, unheard: None, recovered: failed.is_some() },
            (None, Some(by)) => return State::Failed { by },
            _ => {}
        }
    }
    State::Missing
}
