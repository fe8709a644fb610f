//! Requests of ours against plain delta debugging, over planted faults. `bench/README.md` explains the figures.

mod planted;

use firstfault_bisect::{Answer, Outcome, Settings, ddmin, smallest};
use planted::{KINDS, Server, answer, plant, run};
use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let settings = Settings { max_requests: 5_000, ..Settings::default() };
    let mut out = std::io::stdout().lock();
    let (mut ours_all, mut plain_all, mut cases, mut minimal, mut wrong, mut plain_minimal) = (0, 0, 0, 0, 0, 0);
    let (mut ours_parts, mut plain_parts) = (0, 0);
    writeln!(
        out,
        "{:<14}{:>6}{:>10}{:>10}{:>9}{:>10}{:>16}",
        "fault", "cases", "ours", "ddmin", "fewer", "minimal", "ddmin minimal"
    )?;
    for (kind, count) in KINDS {
        let (mut ours, mut plain, mut least, mut plain_least) = (0, 0, 0, 0);
        for seed in 0..*count {
            let case = plant(kind, seed);
            let report = run(smallest(&case.request, &settings, &mut Server::new(&case)));
            ours += report.requests;
            let fits = case.parts.is_none_or(|parts| parts == report.needed.len());
            let fails = answer(&case, &report.form) == Answer::Same;
            wrong += u32::from(!fails);
            least += u32::from(fits && fails && report.outcome == Outcome::Minimal);
            let rate = (case.rate < 1.0).then_some(case.rate);
            let old = run(ddmin::ddmin(&case.request, &settings, rate, &mut Server::new(&case)));
            plain += old.requests;
            plain_least += u32::from(old.finished && case.parts.is_none_or(|parts| parts == old.needed.len()));
            if std::env::args().nth(1).as_deref() == Some("--each") {
                writeln!(
                    out,
                    "  {kind} {seed}: {} against {}, {} parts left of {:?}, {:?}",
                    report.requests,
                    old.requests,
                    report.needed.len(),
                    case.parts,
                    report.outcome
                )?;
            }
        }
        writeln!(
            out,
            "{kind:<14}{count:>6}{:>10.1}{:>10.1}{:>8.0}%{:>10}{:>16}",
            f64::from(ours) / *count as f64,
            f64::from(plain) / *count as f64,
            100.0 * (1.0 - f64::from(ours) / f64::from(plain)),
            format!("{least}/{count}"),
            format!("{plain_least}/{count}"),
        )?;
        ours_all += ours;
        plain_all += plain;
        if !kind.ends_with("size") {
            ours_parts += ours;
            plain_parts += plain;
        }
        cases += count;
        minimal += least;
        plain_minimal += plain_least;
    }
    let fewer = |ours: u32, plain: u32| 100.0 * (1.0 - f64::from(ours) / f64::from(plain));
    writeln!(
        out,
        "\nrequests, sizes left out: {ours_parts} against {plain_parts}, {:.0} % fewer",
        fewer(ours_parts, plain_parts)
    )?;
    writeln!(
        out,
        "requests, all:            {ours_all} against {plain_all}, {:.0} % fewer",
        fewer(ours_all, plain_all)
    )?;
    writeln!(out, "minimal results:          {minimal} of {cases}; ddmin {plain_minimal}")?;
    writeln!(out, "results that do not fail: {wrong}")
}
