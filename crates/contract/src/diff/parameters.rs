//! Parameters of an operation.

use super::keywords::default_change;
use super::operations::anonymous;
use super::place::{Place, Schema};
use super::report::{Carrier, Report, Side, Spot};
use super::schemas;
use super::sunset::{self, Sunset};
use crate::description::{Contract, In, Operation, Parameter, Style};
use firstfault_model::contract::Half;

/// Compares the parameters of two operations.
pub(super) fn compare(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    let operation = new.name();
    let mut free: Vec<&Parameter> = new.parameters.iter().collect();
    let mut gone = Vec::new();
    let mut both = Vec::new();
    for parameter in &old.parameters {
        let name = renamed(parameter, old, new);
        match free.iter().position(|p| p.place == parameter.place && same_name(p, &name)) {
            Some(index) => both.push((parameter, free.remove(index))),
            None => gone.push(parameter),
        }
    }
    for parameter in gone {
        if let Some(index) = free.iter().position(|p| p.name.eq_ignore_ascii_case(&parameter.name)) {
            let other = free.remove(index);
            let message = format!("{} is expected in the {} now", noun(parameter), word(other.place));
            report.add("request-parameter-moved", Half::Request, &operation, Spot::New(&other.at), message);
            continue;
        }
        removed(report, &operation, parameter);
    }
    for parameter in free {
        let (rule, what) = match (parameter.place, parameter.required) {
            (In::Path, _) => ("new-request-path-parameter", "is new"),
            (_, true) => ("new-required-request-parameter", "is new and required"),
            (_, false) => ("new-optional-request-parameter", "is new and optional"),
        };
        let message = format!("{} {what}", noun(parameter));
        report.add(rule, Half::Request, &operation, Spot::New(&parameter.at), message);
    }
    for (old, new) in both {
        pair(report, &operation, old, new);
    }
}

/// The name that a parameter of the path has in the new template: the one at the same position.
fn renamed(parameter: &Parameter, old: &Operation, new: &Operation) -> String {
    let names = |path: &str| -> Vec<String> {
        path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
    };
    if parameter.place != In::Path || anonymous(&old.path) != anonymous(&new.path) {
        return parameter.name.clone();
    }
    let position = names(&old.path).iter().position(|name| *name == parameter.name);
    position.and_then(|at| names(&new.path).get(at).cloned()).unwrap_or_else(|| parameter.name.clone())
}

fn same_name(parameter: &Parameter, name: &str) -> bool {
    if parameter.place == In::Header { parameter.name.eq_ignore_ascii_case(name) } else { parameter.name == name }
}

const fn word(place: In) -> &'static str {
    match place {
        In::Path => "path",
        In::Query => "query",
        In::QueryString => "whole query",
        In::Header => "header",
        In::Cookie => "cookie",
    }
}

fn noun(parameter: &Parameter) -> String {
    match parameter.place {
        In::Header => format!("the request header {}", parameter.name),
        place => format!("the {} parameter {}", word(place), parameter.name),
    }
}

/// `x-sunset` of a parameter.
fn date(contract: &Contract, parameter: &Parameter, now: Option<i64>) -> Sunset {
    let place = Place::new(contract, &parameter.at);
    sunset::read(place.as_ref().and_then(|p| p.text("x-sunset")), now)
}

fn removed(report: &mut Report<'_>, operation: &str, old: &Parameter) {
    let noun = noun(old);
    let (rule, message) = match (old.deprecated, date(report.old, old, report.now)) {
        (false, _) => ("request-parameter-removed", format!("{noun} is gone")),
        (true, Sunset::None) => {
            ("request-parameter-removed-with-deprecation", format!("{noun} is gone; it was deprecated"))
        }
        (true, Sunset::Ahead(date)) => {
            ("request-parameter-removed-before-sunset", format!("{noun} is gone; its sunset is {date}"))
        }
        (true, Sunset::Over(date)) => {
            ("request-parameter-removed-after-sunset", format!("{noun} is gone; its sunset was {date}"))
        }
        (true, Sunset::Unread(text)) => {
            ("request-parameter-sunset-parse", format!("{noun} is gone; its sunset is {text}, which is no date"))
        }
    };
    report.add(rule, Half::Request, operation, Spot::Old(&old.at), message);
}

fn pair(report: &mut Report<'_>, operation: &str, old: &Parameter, new: &Parameter) {
    let noun = noun(new);
    let say = |report: &mut Report<'_>, rule: &str, what: &str| {
        report.add(rule, Half::Request, operation, Spot::New(&new.at), format!("{noun} {what}"));
    };
    if old.required != new.required {
        let (rule, aspect, what) = if new.required {
            ("request-parameter-became-required", "became-required", "is required now")
        } else {
            ("request-parameter-became-optional", "became-optional", "is optional now")
        };
        let severity = super::rules::of_aspect(rule, aspect, Half::Request);
        report.add_as(severity, rule, Half::Request, operation, Spot::New(&new.at), format!("{noun} {what}"));
    }
    let (before, after) = (date(report.old, old, report.now), date(report.new, new, report.now));
    match (old.deprecated, new.deprecated) {
        (false, true) => match after {
            Sunset::Unread(text) => {
                say(
                    report,
                    "request-parameter-sunset-parse",
                    &format!("is deprecated now, until {text}, which is no date"),
                );
            }
            _ => say(report, "request-parameter-deprecated", "is deprecated now"),
        },
        (true, false) => say(report, "request-parameter-reactivated", "is no longer deprecated"),
        (true, true) if before != Sunset::None && after == Sunset::None => {
            say(report, "request-parameter-sunset-deleted", "is still deprecated, and its sunset is gone");
        }
        _ => {}
    }
    if (old.style, old.explode) != (new.style, new.explode)
        && (composite(report.old, old) || composite(report.new, new))
    {
        say(
            report,
            "request-parameter-style-changed",
            &format!("is written as {} now, not as {}", style(new), style(old)),
        );
    }
    let side = |text: bool| Side {
        carrier: Carrier::Parameter,
        operation,
        noun: noun.clone(),
        text,
        exploded: new.explode && matches!(new.style, Style::Form | Style::Cookie),
    };
    match (&old.schema, &new.schema, &old.content, &new.content) {
        (Some(a), Some(b), _, _) => {
            if !old.required && !new.required {
                default(report, operation, &noun, (old, new));
            }
            schemas::compare(report, &side(true), a, b);
        }
        (_, _, Some(a), Some(b)) => {
            if let (Some(a), Some(b)) = (&a.schema, &b.schema) {
                schemas::compare(report, &side(false), a, b);
            }
        }
        (Some(_), None, None, Some(_)) => {
            say(report, "request-parameter-content-changed", "is a document of its own now");
        }
        (None, Some(_), Some(_), None) => {
            say(report, "request-parameter-content-changed", "is no document of its own any more");
        }
        _ => {}
    }
}

/// A default is what a call without the parameter means.
fn default(report: &mut Report<'_>, operation: &str, noun: &str, (old, new): (&Parameter, &Parameter)) {
    let value = |contract, parameter: &Parameter| {
        let place = Place::new(contract, parameter.schema.as_ref()?)?;
        place.get("default").or_else(|| Schema::open(place).place.get("default"))
    };
    if let Some((aspect, what)) = default_change(value(report.old, old), value(report.new, new)) {
        let rule = format!("request-parameter-{aspect}");
        report.add(&rule, Half::Request, operation, Spot::New(&new.at), format!("{noun} {what}"));
    }
}

/// Whether a parameter may be a list or an object: only those are written differently by style.
fn composite(contract: &Contract, parameter: &Parameter) -> bool {
    let Some(place) = parameter.schema.as_ref().and_then(|at| Place::new(contract, at)) else { return false };
    let types = Schema::open(place).types();
    types.contains("array") || types.contains("object")
}

fn style(parameter: &Parameter) -> String {
    let style = match parameter.style {
        Style::Form => "form",
        Style::Simple => "simple",
        Style::Label => "label",
        Style::Matrix => "matrix",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::TabDelimited => "tabDelimited",
        Style::DeepObject => "deepObject",
        Style::Cookie => "cookie",
    };
    if parameter.explode { format!("{style}, exploded") } else { style.to_owned() }
}
