//! Every call of files, folders, patterns and standard input, one after the other.

use crate::{diagnose, load};
use firstfault_intake::Form;
use firstfault_model::Call;
use firstfault_redact::Redactor;

/// What comes, in the order of the inputs.
pub enum Read<'a> {
    /// An input has ended: its name, and what could not be read of it.
    Input(&'a str, Vec<String>),
    /// A call of the input of that name.
    Call(&'a str, &'a Call),
}

/// How reading went.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// False when an input could not be opened at all.
    pub whole: bool,
}

/// Hands every call on, healthy ones too. `take` says whether something of the call is kept to be shown: then its secrets
/// are learnt. One input is in memory at a time, and of a HAR or a log no more than one call beside it.
///
/// # Errors
/// When there is no input.
pub fn each(
    inputs: &[String],
    form: Option<Form>,
    redactor: &mut Redactor,
    take: &mut dyn FnMut(Read<'_>) -> bool,
) -> Result<Done, String> {
    let inputs = diagnose::names(inputs);
    let request = firstfault_gather::Request { inputs, ..firstfault_gather::Request::default() };
    let names = firstfault_gather::names(&request).map_err(|error| error.to_string())?;
    let mut done = Done { whole: true };
    for name in &names {
        let input = match load::read(name) {
            Ok(input) => input,
            Err(message) => {
                load::complain(&format!("{name}: {message}"));
                done.whole = false;
                take(Read::Input(name, vec![message]));
                continue;
            }
        };
        if input.text.len() <= diagnose::LEARN_FROM {
            redactor.learn_text(&input.text);
        }
        let read = firstfault_intake::every(&input.text, form, &mut |call| {
            if take(Read::Call(name, &call)) {
                redactor.learn(&call);
            }
        });
        let mut problems: Vec<String> = read
            .problems
            .into_iter()
            .map(|problem| match problem.span.line {
                0 => problem.message,
                line => format!("line {line}: {}", problem.message),
            })
            .collect();
        problems.extend(read.unreadable.filter(|_| problems.is_empty()));
        take(Read::Input(name, problems));
    }
    Ok(done)
}
