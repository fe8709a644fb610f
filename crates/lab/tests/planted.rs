//! The planted faults are what they say: they fail, their least parts fail alike, and none of these can go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use firstfault_lab::planted::{self, Part, Planted, answer, keep, parts};
use firstfault_lab::systems::outgoing::Outgoing;
use firstfault_lab::{Asked, Ports, World};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often a request fails as planted, of so many tries.
fn failures(planted: &Planted, request: &Asked, tries: u32) -> u32 {
    let fails = |_: &u32| planted.is_failure(&answer(planted, request));
    u32::try_from((0..tries).filter(fails).count()).unwrap()
}

/// What the part, or the part that a size is of, is called in a message.
fn called(part: &Part) -> String {
    match part {
        Part::Header(name) | Part::Parameter(name) => name.clone(),
        Part::Field(pointer) => pointer.rsplit('/').find(|step| step.parse::<u32>().is_err()).unwrap().to_owned(),
        Part::AtLeast(of, _) => called(of),
    }
}

#[test]
fn there_are_many_and_each_has_a_name_of_its_own() {
    let all = planted::all();
    assert!(all.len() >= 40, "{}", all.len());
    assert_eq!(all.iter().map(|one| one.name).collect::<BTreeSet<_>>().len(), all.len());
    for one in &all {
        assert!((5..=60).contains(&one.size()), "{}: {} parts", one.name, one.size());
    }
    assert!(all.iter().filter(|one| one.rate < 1.0).count() >= 4);
    assert!(all.iter().filter(|one| one.names).count() >= 15 && all.iter().filter(|one| !one.names).count() >= 15);
}

#[test]
fn the_least_parts_fail_alike_and_none_of_them_can_go() {
    for one in planted::all() {
        let tries = if one.rate < 1.0 { 400 } else { 1 };
        let always = failures(&one, &one.request, tries);
        let least = failures(&one, &one.smallest(), tries);
        let near = |count: u32| (f64::from(count) / f64::from(tries) - one.rate).abs() < 0.1;
        assert!(near(always) && near(least), "{}: {always} and {least} of {tries} at {}", one.name, one.rate);
        for n in 0..one.minimal.len() {
            let mut fewer = one.minimal.clone();
            match &mut fewer[n] {
                // One less of it, and it passes.
                Part::AtLeast(_, size) => *size -= 1,
                _ => drop(fewer.remove(n)),
            }
            let left = keep(&one.request, &fewer);
            assert_eq!(failures(&one, &left, tries), 0, "{}: it fails without {:?}", one.name, one.minimal[n]);
        }
    }
}

#[test]
fn the_request_without_the_fault_passes() {
    for one in planted::all() {
        // What every request needs stays; the fault is what is left of the least parts.
        let needed = ["Authorization", "Content-Type"].map(|name| Part::Header(name.to_owned()));
        let required =
            [Part::Field("/customerId".into()), Part::Field("/subject".into()), Part::Field("/currency".into())];
        let fault: Vec<_> = one.minimal.iter().filter(|p| !needed.contains(p) && !required.contains(p)).collect();
        assert!((1..=2).contains(&fault.len()), "{}: {fault:?}", one.name);
        let below = |part: &Part| {
            fault.iter().any(|of| match (of, part) {
                (Part::AtLeast(of, _), Part::Field(leaf)) => matches!(&**of, Part::Field(at) if leaf.starts_with(at)),
                (Part::AtLeast(of, _), part) => **of == *part,
                (of, part) => *of == part,
            })
        };
        let others: Vec<_> = parts(&one.request).into_iter().filter(|part| !below(part)).collect();
        let reply = answer(&one, &keep(&one.request, &others));
        assert_eq!(reply.status, 200, "{}: {}", one.name, String::from_utf8_lossy(&reply.body));
    }
}

#[test]
fn an_answer_names_a_part_where_it_says_so_and_none_elsewhere() {
    for one in planted::all().into_iter().filter(|one| one.rate >= 1.0 || one.names) {
        let reply = (0..50).map(|_| answer(&one, &one.request)).find(|reply| one.is_failure(reply)).unwrap();
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        let needed = |name: &str| ["Authorization", "Content-Type", "customerId", "subject"].contains(&name);
        let named = one.minimal.iter().map(called).filter(|name| !needed(name)).any(|name| text.contains(&name));
        assert_eq!(named, one.names, "{}: {text}", one.name);
    }
}

#[test]
fn over_a_socket_it_answers_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(Ports::Any).unwrap();
        for one in planted::all().into_iter().filter(|one| one.rate >= 1.0) {
            let place = planted::serve(&world, one.clone()).await.unwrap();
            let smallest = one.smallest();
            let query = if smallest.query.is_empty() { String::new() } else { format!("?{}", smallest.query) };
            let request = Outgoing {
                method: smallest.method.clone(),
                url: format!("http://{place}{}{query}", smallest.path),
                headers: smallest.headers.clone(),
                body: smallest.body.clone(),
                patience: Duration::from_secs(20),
            };
            let came = request.send().await;
            let here = answer(&one, &smallest);
            assert_eq!((came.status, came.body), (Some(here.status), here.body), "{}", one.name);
        }
        assert!(world.writes().is_empty(), "what fails writes nothing: {:?}", world.writes());
    });
}
