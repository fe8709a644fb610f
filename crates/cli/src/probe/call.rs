//! Which call is probed: from a URL, a curl command, or what was pasted.

use super::args::Probe;
use crate::load;
use firstfault_engine::{Options, Verdict};
use firstfault_knowledge::Knowledge;
use firstfault_probe::Target;

/// What a person asks about.
#[derive(Debug)]
pub struct Asked {
    /// The call as it is sent.
    pub target: Target,
    /// What was pasted of it: its text and the verdict on it.
    pub pasted: Option<(load::Input, Verdict)>,
}

/// The files that a curl command names, read where it is typed.
struct Disk;

impl firstfault_curl::Files for Disk {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        // Standard input is not curl's here.
        if name == "-" { None } else { std::fs::read(name).ok() }
    }
}

/// Reads what was asked.
///
/// # Errors
/// What is wrong with it, and what was expected.
pub fn asked(
    options: &Probe,
    knowledge: &Knowledge,
    machine_clock: Option<i64>,
    witness: Option<&dyn firstfault_engine::Witness>,
) -> Result<Asked, String> {
    let input = match (&options.from, &options.case) {
        (Some(name), _) => Some(load::read(name).map_err(|message| format!("{name}: {message}"))?),
        (None, Some(case)) => Some(crate::case::evidence_of(case.as_deref(), knowledge)?),
        (None, None) => None,
    };
    let pasted = match input {
        None => None,
        Some(input) => {
            let engine = Options { machine_clock, witness, ..Options::default() };
            let verdict = firstfault_engine::diagnose(&input.text, engine, knowledge);
            if let Some(message) = &verdict.unreadable {
                return Err(format!("{}: {message}", input.name));
            }
            Some((input, verdict))
        }
    };
    let mut target = match (typed(options)?, &pasted) {
        (Some(target), _) => target,
        (None, Some((input, verdict))) => {
            let request = verdict.calls.get(verdict.first).and_then(|judged| judged.call.request.as_ref());
            let request = request.ok_or_else(|| {
                format!("{}: expected a call with its URL, found none in it; add the call: -- curl …", input.name)
            })?;
            let mut target = Target::from_request(request, &environment)
                .map_err(|problems| format!("{}: {}; add the call: -- curl …", input.name, problems.join("; ")))?;
            let values = target.headers.0.iter().map(|header| header.value.as_str());
            if values.chain([target.url.to_string().as_str()]).any(is_replaced) {
                let why = "a secret of it is replaced in the evidence; add the call as typed: -- curl …";
                target.unsendable = Some(why.to_owned());
            }
            target
        }
        (None, None) => {
            return Err("expected a URL, a call behind --, --from FILE or --case; found none of them".to_owned());
        }
    };
    if options.resolver.is_some() {
        target.connect.resolver = options.resolver;
    }
    Ok(Asked { target, pasted })
}

/// The call as typed, when one was.
fn typed(options: &Probe) -> Result<Option<Target>, String> {
    let arguments: Vec<String> = match (&options.url, options.command.as_slice()) {
        (Some(_), [_, ..]) => {
            return Err("expected either a URL or a call behind --, found both".to_owned());
        }
        (Some(url), []) => vec![url.clone()],
        (None, [first, rest @ ..]) if is_curl(first) => rest.to_vec(),
        (None, [first, ..]) => {
            return Err(format!("expected curl behind --, found {first:?}"));
        }
        (None, []) => return Ok(None),
    };
    target(&arguments).map(Some)
}

/// The call that curl's arguments make.
///
/// # Errors
/// What curl would refuse, or what cannot be sent as asked.
pub fn target(arguments: &[String]) -> Result<Target, String> {
    let parsed = firstfault_curl::parse(arguments, &Disk);
    let transfer = match parsed.transfers.as_slice() {
        [transfer] => transfer,
        [] => return Err(parsed.problems.join("; ")),
        [transfer, rest @ ..] => {
            load::complain(&format!("{} further calls of the command are left out", rest.len()));
            transfer
        }
    };
    Target::from_transfer(transfer, &environment).map_err(|problems| problems.join("; "))
}

/// True where the redactor has put its placeholder.
fn is_replaced(text: &str) -> bool {
    text.find('‹').is_some_and(|from| text[from..].contains('›'))
}

/// True for the name of curl, with or without its folder.
pub fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe")
}

/// The environment variables that decide on the way: those of proxies and certificates.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
