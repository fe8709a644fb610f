//! `firstfault lab quiz`: a symptom is shown, the learner says bucket, layer and cause, and is told why.

use super::args::Quiz;
use super::list::{paragraph, verdict};
use super::seen::seen;
use super::start::told;
use super::{find, print, runtime};
use crate::{rules, terminal};
use firstfault_knowledge::Knowledge;
use firstfault_lab::{Ports, Scenario, World, scenarios};
use firstfault_model::{Bucket, Layer};
use firstfault_report::Style;
use firstfault_report::paint::{Ink, paint};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many causes there are to choose from.
const CHOICES: usize = 5;
/// How often an answer that is none is asked for again.
const PATIENCE: usize = 5;

/// Runs it.
pub fn run(options: &Quiz) -> Result<(), String> {
    let knowledge = rules::knowledge(&options.common.rules)?;
    let style = terminal::style(options.common.layout.width, options.common.layout.color, false);
    let mut chance = Chance(options.seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| u64::from(passed.subsec_nanos()))
    }));
    let chosen = match &options.name {
        Some(name) => vec![find(name)?],
        None => {
            let mut all = scenarios::all();
            chance.shuffle(&mut all);
            all.truncate(options.count);
            all
        }
    };
    runtime()?.block_on(async {
        let mut score = Score::default();
        for (number, scenario) in chosen.iter().enumerate() {
            print(&format!(
                "{}\n",
                paint(&format!("Question {} of {}", number + 1, chosen.len()), Ink::Bold, style.color)
            ));
            if !question(scenario, &knowledge, &mut chance, &mut score, style).await? {
                break;
            }
        }
        let Score { asked, bucket, layer, cause } = score;
        print(&format!("Right of {asked}: bucket {bucket}, layer {layer}, cause {cause}\n"));
        Ok(())
    })
}

#[derive(Default)]
struct Score {
    asked: u32,
    bucket: u32,
    layer: u32,
    cause: u32,
}

/// One question; false when the learner has had enough.
async fn question(
    scenario: &Scenario,
    knowledge: &Knowledge,
    chance: &mut Chance,
    score: &mut Score,
    style: Style,
) -> Result<bool, String> {
    let world = World::new(Ports::Any).map_err(|error| format!("lab: {error}"))?;
    let symptom = (scenario.start)(world.clone()).await.map_err(|error| error.to_string())?;
    print(&told(scenario, &symptom, style));
    let mut came = String::new();
    match seen(&symptom).await {
        Ok(lines) => lines.iter().for_each(|line| came.push_str(&format!("  {line}\n"))),
        Err(message) => came.push_str(&format!("  not sent: {}\n", firstfault_report::one_line(&message, 300))),
    }
    print(&format!("{came}\n"));

    let expected = scenario.expected;
    let none = "nothing failed".to_owned();
    let buckets = Bucket::FAILURES.iter().map(|bucket| bucket.word().to_owned()).chain([none.clone()]).collect();
    let Some(bucket) = ask("Which bucket?", buckets).await? else { return Ok(false) };
    let layers = Layer::ALL.iter().map(|layer| layer.word().to_owned()).chain([none.clone()]).collect();
    let Some(layer) = ask("Which layer failed first?", layers).await? else { return Ok(false) };
    let causes = choices(scenario, knowledge, chance);
    let shown = causes.iter().map(|cause| titled(cause, knowledge)).collect();
    let Some(cause) = ask("Which cause?", shown).await? else { return Ok(false) };

    score.asked += 1;
    let right_bucket = Bucket::FAILURES.get(bucket).copied().unwrap_or(Bucket::None) == expected.bucket;
    let right_layer = Layer::ALL.get(layer).copied() == expected.layer;
    let right_cause = causes.get(cause).is_some_and(|cause| *cause == expected.cause || expected.or.contains(cause));
    score.bucket += u32::from(right_bucket);
    score.layer += u32::from(right_layer);
    score.cause += u32::from(right_cause);
    let mark = |right: bool, what: &str| {
        let (sign, ink) = if right { ("✓", Ink::Green) } else { ("✗", Ink::Red) };
        format!("{} {what}", paint(sign, ink, style.color))
    };
    let (bucket, layer, cause) = (mark(right_bucket, "bucket"), mark(right_layer, "layer"), mark(right_cause, "cause"));
    let mut out = format!("\n  {bucket}  {layer}  {cause}\n");
    paragraph(&mut out, "scenario", scenario.name, style);
    paragraph(&mut out, "verdict", &verdict(scenario), style);
    if let Some(known) = knowledge.causes.iter().find(|known| known.id == expected.cause) {
        paragraph(&mut out, "means", &format!("{}: {}", known.title, known.meaning), style);
    }
    paragraph(&mut out, "fix", scenario.fix, style);
    if expected.layer.is_some() {
        paragraph(&mut out, "more", &format!("firstfault explain {}", expected.cause), style);
    }
    print(&format!("{out}\n"));
    Ok(true)
}

fn titled(cause: &str, knowledge: &Knowledge) -> String {
    let known = knowledge.causes.iter().find(|known| known.id == cause);
    known.map_or_else(|| "nothing failed".to_owned(), |known| format!("{cause}  {}", known.title))
}

/// The right cause among others, of the same bucket as far as there are some, in an order of chance.
fn choices<'k>(scenario: &Scenario, knowledge: &'k Knowledge, chance: &mut Chance) -> Vec<&'k str> {
    let expected = scenario.expected;
    let right = knowledge.causes.iter().find(|cause| cause.id == expected.cause).map_or("none", |cause| cause.id);
    let mut others: Vec<_> =
        knowledge.causes.iter().filter(|cause| cause.id != right && !expected.or.contains(&cause.id)).collect();
    chance.shuffle(&mut others);
    // A stable sort: chance decides within each rank.
    others.sort_by_key(|cause| (Some(cause.layer) != expected.layer, cause.bucket != expected.bucket));
    let mut out: Vec<&str> = others.iter().map(|cause| cause.id).take(CHOICES - 1).chain([right]).collect();
    chance.shuffle(&mut out);
    out
}

/// The number of the choice, from 0; `None` when the learner ends it or standard input does.
async fn ask(question: &str, choices: Vec<String>) -> Result<Option<usize>, String> {
    let mut out = format!("{question}\n");
    for (number, choice) in choices.iter().enumerate() {
        out.push_str(&format!("  {}  {choice}\n", number + 1));
    }
    print(&out);
    for _ in 0..PATIENCE {
        print("> ");
        let Some(answer) = line().await? else { return Ok(None) };
        if matches!(answer.as_str(), "q" | "quit" | "exit") {
            return Ok(None);
        }
        let number = answer.parse().ok().and_then(|number: usize| number.checked_sub(1));
        let by_word = || choices.iter().position(|choice| choice.split_whitespace().next() == Some(answer.as_str()));
        match number.filter(|number| *number < choices.len()).or_else(by_word) {
            Some(choice) => return Ok(Some(choice)),
            None => print(&format!("expected a number from 1 to {}, or q to end\n", choices.len())),
        }
    }
    Ok(None)
}

/// A line of standard input, while the systems go on; `None` at its end.
async fn line() -> Result<Option<String>, String> {
    let read = tokio::task::spawn_blocking(|| {
        let mut text = String::new();
        std::io::stdin().read_line(&mut text).map(|count| (count > 0).then(|| text.trim().to_owned()))
    });
    read.await.map_err(|error| error.to_string())?.map_err(|error| format!("standard input: {error}"))
}

/// Numbers of chance from a seed (SplitMix64), so that the same seed gives the same questions.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Fisher and Yates.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let among = u64::try_from(last + 1).unwrap_or(1);
            items.swap(last, usize::try_from(self.next() % among).unwrap_or(0));
        }
    }
}
