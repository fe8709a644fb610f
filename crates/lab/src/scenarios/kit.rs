//! What several families need: the truth in short, calls to running systems, evidence from their logs.

use crate::scenario::{Expected, Starting, Symptom};
use crate::systems::crm;
use crate::{Asked, Reply, World};
use firstfault_model::{Bucket, Layer};
use std::sync::Arc;

/// The field that bears the key of an agent.
pub const AGENT: &str = "Authorization: Bearer crm_live_acme_agent_5f2c9a";
/// The field that says that a body is JSON.
pub const JSON: &str = "Content-Type: application/json";

/// A truth with one right cause.
pub const fn truth(bucket: Bucket, layer: Layer, cause: &'static str) -> Expected {
    Expected { bucket, layer: Some(layer), cause, or: &[] }
}

/// Nothing failed.
pub const HEALTHY: Expected = Expected { bucket: Bucket::None, layer: None, cause: "none", or: &[] };

/// A call to a healthy CRM: `{crm}` in the arguments is its base URL.
pub fn crm_call(world: World, arguments: &[&str]) -> Starting {
    broken_crm(world, arguments, |_| {})
}

/// A call to a CRM with faults.
pub fn broken_crm(world: World, arguments: &[&str], breaks: fn(&mut crm::Options)) -> Starting {
    let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
    Box::pin(async move {
        let mut options = crm::Options::default();
        breaks(&mut options);
        let crm = crm::start_with(&world, options).await?;
        Ok(with_places(&arguments, &[("{crm}", &crm.url(""))]))
    })
}

/// A call with the places of systems filled in.
pub fn with_places(arguments: &[impl AsRef<str>], places: &[(&str, &str)]) -> Symptom {
    let fill = |text: &_| {
        places.iter().fold(AsRef::<str>::as_ref(text).to_owned(), |text: String, (from, to)| text.replace(from, to))
    };
    Symptom::call(arguments.iter().map(fill).collect::<Vec<_>>())
}

/// What the systems wrote, in the order of time, as a person pastes it who has both logs.
pub fn logs(world: &World, systems: &[&str]) -> String {
    let moment = |line: &str| {
        let found = line.split('"').find(|part| part.len() == 24 && part.ends_with('Z') && part.contains('T'));
        found.map(str::to_owned).unwrap_or_default()
    };
    let mut lines: Vec<_> = systems.iter().flat_map(|system| world.logged(system)).map(|l| (moment(&l), l)).collect();
    lines.sort_by(|one, two| one.0.cmp(&two.0));
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

/// Has the CRM answer a path and what lies below it in another way, once the caller is known. What the CRM would refuse
/// without a key, it still refuses; OPTIONS stays true; other paths stay sound. A path that the CRM does not have becomes
/// one that can be read, or one for POST alone where `answer` says 405 to GET.
pub fn instead(
    options: &mut crm::Options,
    path: &'static str,
    answer: impl Fn(&Asked, &crm::Moment) -> Option<Reply> + Send + Sync + 'static,
) {
    options.before = Some(Arc::new(move |asked, moment| {
        if !asked.path.starts_with(path) {
            return None;
        }
        let new = !crm::has_route(&asked.path);
        if new && asked.method == "OPTIONS" {
            let read = answer(&Asked { method: "GET".to_owned(), ..asked.clone() }, moment)?;
            let allow = if read.status == 405 { "POST, OPTIONS" } else { "GET, HEAD, OPTIONS" };
            return Some(Reply::empty(204).with("Allow", allow).into());
        }
        if asked.method == "OPTIONS" {
            return None;
        }
        match crm::refuses_key(asked) {
            Some(refusal) if new => Some(refusal.into()),
            Some(_) => None,
            None => answer(asked, moment).map(Into::into),
        }
    }));
}

/// An answer in the place of another, of the same server and in JSON.
pub fn json_text(status: u16, body: &str) -> Reply {
    Reply::new(status, "application/json", body)
}
