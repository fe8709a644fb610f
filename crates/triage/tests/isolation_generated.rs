//! Isolation on generated calls whose truth is known: several incidents at once, attributes that imply each other, failures
//! that were always there, failures everywhere, few failing calls, values that came with the incident, no history.
//!
//! The bar: of the cases of each kind, the share given in [`KINDS`] is answered with exactly the sets that were planted, or
//! with sets that cover the same failing calls, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use firstfault_calls::{Attribute, Calls, Codes, Dimension, Shape};
use firstfault_triage::isolate::{Ask, Isolated, isolate};
use std::collections::BTreeSet;

/// Numbers that look random, the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
    /// The first more often than the last.
    fn skewed(&mut self, end: usize) -> usize {
        let share = self.share();
        ((share * share * end as f64) as usize).min(end - 1)
    }
}

const NAMES: [Attribute; 11] = [
    Attribute::Method,
    Attribute::Route,
    Attribute::Upstream,
    Attribute::Tenant,
    Attribute::Role,
    Attribute::User,
    Attribute::ApiKey,
    Attribute::Region,
    Attribute::Host,
    Attribute::ClientVersion,
    Attribute::Release,
];
const METHOD: usize = 0;
const ROUTE: usize = 1;
const UPSTREAM: usize = 2;
const TENANT: usize = 3;
const ROLE: usize = 4;
const USER: usize = 5;
const KEY: usize = 6;
const REGION: usize = 7;
const HOST: usize = 8;
const CLIENT: usize = 9;
const RELEASE: usize = 10;

/// A planted incident: what its calls have in common and the share of them that fails.
struct Planted {
    set: Vec<(usize, u32)>,
    share: f64,
}

struct World {
    rows: Vec<([u32; 11], bool, bool)>,
}

struct Shapes {
    /// Calls in all; half of them before.
    calls: usize,
    /// A tenant that always failed.
    background: bool,
    /// A release that comes with the incident.
    deploy: bool,
    history: bool,
}

fn world(numbers: &mut Numbers, shapes: &Shapes, planted: &[Planted]) -> World {
    let usual: Vec<f64> = (0..12).map(|_| numbers.between(0.002, 0.03)).collect();
    let rows = (0..shapes.calls)
        .map(|n| {
            let now = n * 2 >= shapes.calls || !shapes.history;
            let mut row = [0_u32; 11];
            let route = numbers.skewed(12);
            row[ROUTE] = route as u32 + 1;
            // A route has one upstream, an upstream one to three routes; half of the routes have one method.
            row[UPSTREAM] = (route * 7 / 12) as u32 + 1;
            row[METHOD] = if route.is_multiple_of(2) { route as u32 % 4 + 1 } else { numbers.skewed(4) as u32 + 1 };
            let tenant = numbers.skewed(10);
            row[TENANT] = tenant as u32 + 1;
            row[KEY] = (tenant * 3 + numbers.below(tenant % 3 + 1)) as u32 + 1;
            row[USER] = (tenant * 40 + numbers.below(40)) as u32 + 1;
            row[ROLE] = numbers.skewed(3) as u32 + 1;
            let region = numbers.skewed(4);
            row[REGION] = region as u32 + 1;
            row[HOST] = (region * 3 + numbers.below(3)) as u32 + 1;
            row[CLIENT] = numbers.skewed(7) as u32 + 1;
            row[RELEASE] = if shapes.deploy && now && numbers.share() < 0.6 { 2 } else { 1 };
            let mut failed = numbers.share() < usual[route];
            failed |= shapes.background && tenant == 4 && numbers.share() < 0.7;
            for incident in planted.iter().filter(|_| now) {
                let inside = incident.set.iter().all(|(d, code)| row[*d] == *code);
                failed |= inside && numbers.share() < incident.share;
            }
            (row, now, failed)
        })
        .collect();
    World { rows }
}

fn calls(world: &World) -> Calls {
    let mut calls = Calls { rows: world.rows.len(), shapes: vec![Shape::default(); 2], ..Calls::default() };
    for (row, now, failed) in &world.rows {
        let _ = row;
        calls.time.push(if *now { 1000 } else { 0 });
        calls.shape.push(u32::from(*failed));
    }
    for (dimension, attribute) in NAMES.iter().enumerate() {
        let codes: Vec<u32> = world.rows.iter().map(|(row, _, _)| row[dimension]).collect();
        let most = codes.iter().max().copied().unwrap_or(0) as usize;
        let values = (0..=most).map(|v| if v == 0 { String::new() } else { format!("{v:04}") }).collect();
        calls.dimensions.push(Dimension {
            name: attribute.word().to_owned(),
            attribute: Some(*attribute),
            codes: Codes::pack(&codes, most + 1),
            values,
        });
    }
    calls
}

fn answer(calls: &Calls) -> Vec<Isolated> {
    let dimensions: Vec<usize> = (0..calls.dimensions.len()).collect();
    let rows: Vec<u32> = (0..).zip(&calls.shape).filter(|(_, shape)| **shape == 1).map(|(row, _)| row).collect();
    let ask = Ask {
        calls,
        failing: &[false, true],
        counts: &[true, true],
        rows: &rows,
        during: 1000..2000,
        before: 0..1000,
        dimensions: &dimensions,
    };
    isolate(&ask).0
}

/// The failing calls of the incident that a set covers.
fn covered(world: &World, set: &[(usize, u32)]) -> BTreeSet<usize> {
    world
        .rows
        .iter()
        .enumerate()
        .filter(|(_, (row, now, failed))| *now && *failed && set.iter().all(|(d, code)| row[*d] == *code))
        .map(|(n, _)| n)
        .collect()
}

fn right(world: &World, planted: &[Planted], said: &[Isolated]) -> bool {
    said.len() == planted.len()
        && planted
            .iter()
            .all(|p| said.iter().any(|s| s.set == p.set || covered(world, &s.set) == covered(world, &p.set)))
}

/// A set of attributes that do not imply each other, with enough calls.
fn pick(numbers: &mut Numbers, of: &[&[usize]]) -> Vec<(usize, u32)> {
    let dimensions = of[numbers.below(of.len())];
    let mut set: Vec<(usize, u32)> = dimensions
        .iter()
        .map(|d| {
            let end = match *d {
                ROUTE => 8,
                UPSTREAM => 6,
                TENANT | REGION => 4,
                CLIENT => 5,
                ROLE => 3,
                HOST => 9,
                METHOD => 3,
                _ => 1,
            };
            (*d, numbers.below(end) as u32 + 1)
        })
        .collect();
    set.sort_unstable();
    set
}

const SINGLE: &[&[usize]] = &[&[ROUTE], &[UPSTREAM], &[TENANT], &[REGION], &[CLIENT], &[HOST]];
const DOUBLE: &[&[usize]] =
    &[&[TENANT, ROUTE], &[TENANT, UPSTREAM], &[REGION, UPSTREAM], &[ROLE, ROUTE], &[CLIENT, REGION], &[TENANT, ROLE]];
const TRIPLE: &[&[usize]] =
    &[&[TENANT, ROUTE, ROLE], &[REGION, UPSTREAM, TENANT], &[CLIENT, REGION, TENANT], &[ROLE, UPSTREAM, REGION]];

/// A kind of case and the share of its cases that must be right.
const KINDS: &[(&str, f64)] = &[
    ("one attribute", 0.95),
    ("two attributes", 0.9),
    ("three attributes", 0.8),
    ("background", 0.9),
    ("few failing calls", 0.8),
    ("new release", 0.9),
    ("two incidents", 0.85),
    ("everywhere", 0.9),
    ("no history", 0.8),
    ("many calls", 0.9),
];

fn case(kind: &str, seed: u64) -> (World, Vec<Planted>) {
    let mut numbers = Numbers(seed.wrapping_mul(7919) + kind.len() as u64 * 104_729);
    let mut shapes = Shapes { calls: 16_000, background: false, deploy: false, history: true };
    let mut planted = Vec::new();
    let one = |numbers: &mut Numbers, of: &[&[usize]], low: f64| Planted {
        set: pick(numbers, of),
        share: numbers.between(low, 1.0),
    };
    match kind {
        "one attribute" => planted.push(one(&mut numbers, SINGLE, 0.15)),
        "two attributes" => planted.push(one(&mut numbers, DOUBLE, 0.3)),
        "three attributes" => {
            shapes.calls = 40_000;
            planted.push(one(&mut numbers, TRIPLE, 0.4));
        }
        "background" => {
            shapes.background = true;
            let of: Vec<&[usize]> = SINGLE.iter().chain(DOUBLE).filter(|of| !of.contains(&TENANT)).copied().collect();
            planted.push(one(&mut numbers, &of, 0.3));
        }
        "few failing calls" => {
            shapes.calls = 3_000;
            planted.push(one(&mut numbers, &[&[TENANT, ROUTE], &[ROUTE], &[CLIENT]], 0.6));
        }
        "new release" => {
            shapes.deploy = true;
            let set = if numbers.share() < 0.5 {
                vec![(RELEASE, 2)]
            } else {
                vec![(ROUTE, numbers.below(8) as u32 + 1), (RELEASE, 2)]
            };
            planted.push(Planted { set, share: numbers.between(0.3, 1.0) });
        }
        "two incidents" => {
            planted.push(one(&mut numbers, &[&[TENANT], &[REGION], &[TENANT, ROLE]], 0.4));
            planted.push(one(&mut numbers, &[&[UPSTREAM], &[CLIENT], &[ROUTE]], 0.4));
        }
        "no history" => {
            shapes.history = false;
            planted.push(one(&mut numbers, SINGLE, 0.3));
        }
        "many calls" => {
            shapes.calls = 150_000;
            let of: Vec<&[usize]> = SINGLE.iter().chain(DOUBLE).copied().collect();
            planted.push(one(&mut numbers, &of, 0.1));
        }
        _ => {}
    }
    let everywhere = Planted { set: Vec::new(), share: numbers.between(0.1, 0.6) };
    let world = if kind == "everywhere" {
        world(&mut numbers, &shapes, &[everywhere])
    } else {
        world(&mut numbers, &shapes, &planted)
    };
    (world, planted)
}

#[test]
fn planted_incidents_are_isolated() {
    let seeds: u64 = std::env::var("FIRSTFAULT_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(12);
    let mut short = Vec::new();
    for (kind, bar) in KINDS {
        let (mut hits, mut cases) = (0_u32, 0_u32);
        for seed in 0..seeds {
            let (world, planted) = case(kind, seed);
            // An incident that touches nobody is none.
            if planted.iter().any(|p| covered(&world, &p.set).len() < 12) {
                continue;
            }
            let table = calls(&world);
            let said = answer(&table);
            cases += 1;
            if right(&world, &planted, &said) {
                hits += 1;
            } else if std::env::var("FIRSTFAULT_SHOW").is_ok() {
                let words = |set: &[(usize, u32)]| {
                    set.iter().map(|(d, c)| format!("{}={c}", NAMES[*d].word())).collect::<Vec<_>>()
                };
                println!("{kind} {seed}");
                for p in &planted {
                    println!("   planted {:?} {:.2} failing {}", words(&p.set), p.share, covered(&world, &p.set).len());
                }
                for s in &said {
                    println!(
                        "   said {:?} {:?} outside {:?} before {:?} bits {:.1} {:?}",
                        words(&s.set),
                        s.inside,
                        s.outside,
                        s.before,
                        s.bits,
                        s.part_of
                    );
                }
            }
        }
        let share = f64::from(hits) / f64::from(cases.max(1));
        println!("{kind:<20} {hits} of {cases}");
        if share < *bar || cases == 0 {
            short.push(format!("{kind}: {share:.2} of {bar}"));
        }
    }
    assert!(short.is_empty(), "below the bar: {short:?}");
}

/// A table of two attributes, tenant and key, from rows of (tenant, key, now, failed, calls).
fn small(rows: &[(u32, u32, bool, bool, u32)], values: [&[&str]; 2]) -> Calls {
    let column = |attribute: Attribute, values: &[&str], codes: Vec<u32>| Dimension {
        name: attribute.word().to_owned(),
        attribute: Some(attribute),
        codes: Codes::pack(&codes, values.len()),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
    };
    Calls {
        rows: rows.len(),
        time: rows.iter().map(|row| if row.2 { 1000 } else { 0 }).collect(),
        shape: rows.iter().map(|row| u32::from(row.3)).collect(),
        weight: rows.iter().map(|row| row.4).collect(),
        shapes: vec![Shape::default(); 2],
        dimensions: vec![
            column(Attribute::ApiKey, values[1], rows.iter().map(|row| row.1).collect()),
            column(Attribute::Tenant, values[0], rows.iter().map(|row| row.0).collect()),
        ],
        ..Calls::default()
    }
}

/// Three tenants with a key each; all calls of the second fail now.
fn one_of_three() -> Vec<(u32, u32, bool, bool, u32)> {
    let healthy = |n: u32, now: bool| [(n, n, now, false, 990), (n, n, now, true, 10)];
    let mut rows: Vec<_> = [1, 2, 3].into_iter().flat_map(|n| healthy(n, false)).collect();
    rows.extend([1, 3].into_iter().flat_map(|n| healthy(n, true)));
    rows.push((2, 2, true, true, 1000));
    rows
}

#[test]
fn of_names_for_the_same_calls_the_more_general_one_is_said() {
    let table = small(&one_of_three(), [&["", "a", "b", "c"], &["", "ka", "kb", "kc"]]);
    let said = answer(&table);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].set, [(1, 2)], "the tenant, not its only key");
    assert_eq!((said[0].inside, said[0].outside, said[0].before), ((1000, 1000), (20, 2000), (10, 1000)));
    assert!(said[0].bits > 100.0);
}

#[test]
fn what_is_not_said_and_what_was_put_together_is_no_answer() {
    let mut rows = one_of_three();
    for row in &mut rows {
        row.0 = [0, 1, 0, 2][row.0 as usize];
    }
    let table = small(&rows, [&["", "a", "c"], &["", "ka", "(others)", "kc"]]);
    assert_eq!(answer(&table), []);
}

#[test]
fn nothing_is_isolated_where_nothing_failed_or_nothing_is_there() {
    assert_eq!(answer(&Calls::default()), []);
    let rows: Vec<_> = one_of_three().into_iter().filter(|row| !row.3).collect();
    assert_eq!(answer(&small(&rows, [&["", "a", "b", "c"], &["", "ka", "kb", "kc"]])), []);
}
