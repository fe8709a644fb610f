//! Every labelled failure of `cases/` as a pack: written, packed, unpacked and judged again from what is in it. The share
//! of packs that give the same verdict is printed. `FIRSTFAULT_CASES=DIR` takes another folder of the same form.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Bench, cases, root};
use firstfault_pack::{Finding, Refusal, Told, unzip, verify, zip};

#[test]
fn packs_of_the_cases_verify_to_the_same_verdict() {
    let folder = std::env::var_os("FIRSTFAULT_CASES").map_or_else(|| root().join("cases"), Into::into);
    let bench = Bench::new();
    let (mut made, mut same, mut bytes, mut asked, mut answered) = (0_u32, 0_u32, 0, 0_usize, 0_usize);
    let mut refused = 0;
    let mut largest = 0;
    for (id, input) in cases(&folder) {
        let pack = match bench.pack(&id, &input, Told::default()) {
            Ok(pack) => pack,
            Err(Refusal::NoCall) => continue,
            Err(refusal) => {
                println!("{id}: {refusal}");
                refused += 1;
                continue;
            }
        };
        made += 1;
        let archive = zip(&pack.files).unwrap();
        bytes += archive.len();
        largest = largest.max(archive.len());
        asked += pack.manifest.checklist.len();
        answered += pack.manifest.checklist.iter().filter(|item| !item.answers.is_empty()).count();
        let files = unzip(&archive).unwrap();
        assert_eq!(files, pack.files, "{id}");
        let found = verify("pack.zip", &files, &bench.knowledge, &bench.edition);
        assert_eq!(found.faults, [""; 0], "{id}");
        assert!(found.knowledge.as_ref().is_some_and(|k| k.same), "{id}");
        assert_eq!(found.result == Finding::Same, pack.manifest.replays, "{id}: the manifest says what verify finds");
        if found.result == Finding::Same {
            same += 1;
        } else {
            println!("{id}: {:?} became {:?}", found.recorded, found.judged);
        }
    }
    println!(
        "packs={made} same_verdict={:.4} mean_bytes={} largest={largest} answered={:.3} of {asked} questions",
        f64::from(same) / f64::from(made.max(1)),
        bytes / made.max(1) as usize,
        f64::from(u32::try_from(answered).unwrap()) / f64::from(u32::try_from(asked.max(1)).unwrap()),
    );
    assert_eq!(refused, 0, "the re-scan found what redaction left");
    assert!(made > 100, "expected the cases, found {made}");
    assert_eq!(same, made, "a pack that does not give its own verdict");
}
