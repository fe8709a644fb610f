//! docs/contract-diff.md lists the rules that there are, and every rule that the pairs meet is one of them.

use super::{PAIRS, difference, document};
use firstfault_contract::diff;
use firstfault_model::contract::{Half, Severity};
use serde_json::Value;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/contract-diff.md");
const PLACES: [&str; 8] = [
    "request-parameter-property",
    "request-parameter",
    "request-property",
    "request-body",
    "response-property",
    "response-body",
    "response-header-property",
    "response-header",
];

fn rows() -> Vec<String> {
    let said = |severity: Option<Severity>| severity.map_or_else(|| "–".to_owned(), |s| s.to_string());
    let row = |r: diff::Rule| format!("| `{}` | {} | {} | {} |", r.id, r.when, said(r.request), said(r.response));
    diff::rules().into_iter().map(row).collect()
}

#[test]
fn the_page_lists_every_rule() {
    let (_, rules) = PAGE.split_once("\n## Rules\n").unwrap();
    let listed: BTreeSet<&str> =
        rules.lines().filter(|l| l.starts_with("| `") && l.matches(" | ").count() == 3).collect();
    let rows = rows();
    let missing: Vec<&String> = rows.iter().filter(|row| !listed.contains(row.as_str())).collect();
    let gone: Vec<&&str> = listed.iter().filter(|row| !rows.iter().any(|r| r == **row)).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing {missing:#?}\nno rule any more {gone:#?}\n{}",
        rows.join("\n")
    );
}

#[test]
fn no_rule_is_listed_twice() {
    let rules = diff::rules();
    let ids: BTreeSet<&str> = rules.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids.len(), rules.len());
}

#[test]
fn pairs_meet_only_listed_rules() {
    let rules = diff::rules();
    for (file, text) in PAIRS {
        let pairs: Vec<Value> = serde_saphyr::from_str(text).unwrap();
        for pair in &pairs {
            for change in difference(&document(pair, &pair["old"]), &document(pair, &pair["new"])).changes {
                let id = change.rule.as_str();
                let general = PLACES.iter().find_map(|p| id.strip_prefix(p)).map(|rest| format!("*{rest}"));
                let rule = rules.iter().find(|r| r.id == id);
                let rule = rule.or_else(|| rules.iter().find(|r| Some(&r.id) == general.as_ref()));
                let rule = rule.unwrap_or_else(|| panic!("{file}: {}: {id} is not listed", pair["name"]));
                let listed = if change.half == Half::Request { rule.request } else { rule.response };
                // What was taken before and what not decides how grave a change of security is.
                if !id.contains("-security-") {
                    assert_eq!(listed, Some(change.severity), "{file}: {}: {id}", pair["name"]);
                }
            }
        }
    }
}
