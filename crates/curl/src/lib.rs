//! curl's command line ⇄ requests: finds commands as people type them in sh, bash, zsh, cmd and
//! PowerShell, reads what they ask for, and writes a request as a command that a shell reads back
//! to the same bytes.
//!
//! Nothing here can fail: a command that curl would refuse is an input, and what is wrong with it
//! becomes a problem. This crate refuses to know verdicts, other tools' output and any I/O; files
//! that a command names are asked from [`Files`].

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cmd;
mod config;
mod encode;
mod expand;
mod export;
mod find;
mod form;
mod options;
mod parse;
mod posix;
mod powershell;
mod request;

pub use export::export;
pub use find::{command_at, split};
pub use parse::parse;

use firstfault_model::{Request, Span};

/// Which shell a command is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shell {
    /// sh, bash, zsh and their kin.
    #[default]
    Posix,
    /// Windows `cmd.exe`.
    Cmd,
    /// Windows PowerShell and PowerShell 7.
    PowerShell,
}

/// A curl command found in text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The shell that it is written for.
    pub shell: Shell,
    /// What curl gets, without its own name. Variables and `$( )` are kept as written; bytes that
    /// are no UTF-8 (`$'\xff'`) are replaced. PowerShell's own web commands are put in curl's words.
    pub arguments: Vec<String>,
    /// What curl reads on its standard input, where a here-document or here-string says so.
    pub stdin: Option<String>,
    /// True when a shell's prompt stands before it.
    pub prompted: bool,
    /// Where it stands, from `curl` on, with its here-documents.
    pub span: Span,
}

/// The files that commands name.
pub trait Files {
    /// The bytes of the file, `-` for the standard input; `None` when it is not known.
    fn read(&self, name: &str) -> Option<Vec<u8>>;
}

/// Knows no file.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

impl Files for Command {
    /// A command knows what stands on its own standard input.
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        (name == "-").then(|| self.stdin.as_ref().map(|text| text.clone().into_bytes())).flatten()
    }
}

/// What a command line asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// One for each URL, in order.
    pub transfers: Vec<Transfer>,
    /// What curl would refuse or ignore, in words with what was expected and found.
    pub problems: Vec<String>,
}

/// One request of a command with what curl does about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    /// The request. curl's own `User-Agent`, `Accept` and `Host` are not in it, so it is never `complete`.
    pub request: Request,
    /// The bytes of the body as they go on the wire; `None` without a body, and where a file of it is not known.
    pub bytes: Option<Vec<u8>>,
    /// `-L`: redirects are followed.
    pub follow: bool,
    /// `-k`: the certificate is not verified.
    pub insecure: bool,
    /// `-x`, as typed.
    pub proxy: Option<String>,
    /// What is printed.
    pub output: Output,
    /// Every option of this request by its long name, with its value, in order.
    pub options: Vec<(String, Option<String>)>,
    /// Files that the request needs and that [`Files`] does not know. Each stands in the request as `@name`.
    pub unread: Vec<String>,
    /// What is wrong with this request, in words.
    pub problems: Vec<String>,
}

impl Transfer {
    /// The last value of an option, by its long name without dashes; empty for one that takes none.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_deref().unwrap_or_default())
    }
}

/// What curl prints of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// `-v`
    pub verbose: bool,
    /// `-i`, or `-I`: fields are printed before the body.
    pub include: bool,
    /// `-s`
    pub silent: bool,
    /// `-S`
    pub show_error: bool,
    /// `-f`: no body is printed for a status of 400 and above.
    pub fail: bool,
    /// `--fail-with-body`
    pub fail_with_body: bool,
    /// `-o`, or `-O` as an empty name.
    pub file: Option<String>,
    /// `-w`
    pub write_out: Option<String>,
}

/// The first request of the command line `text`, which is known to be one (a prompt is not needed); `None`
/// when curl is not called or no URL is named. A body that comes from an unknown file is left out, because
/// a placeholder is no evidence. Parts have the span of the command within `text`.
#[must_use]
pub fn request_from_command(text: &str) -> Option<Request> {
    let command = split(text).into_iter().next().or_else(|| split(&format!("$ {text}")).into_iter().next())?;
    let mut transfer = parse(&command.arguments, &command).transfers.into_iter().next()?;
    place(&mut transfer, command.span);
    Some(transfer.request)
}

/// Gives every part of a transfer's request the place of its command, and takes out a body made of placeholders.
/// Fields that curl adds (a body's type, `Basic` made of `-u`) stand nowhere and keep line 0.
pub fn place(transfer: &mut Transfer, span: Span) {
    let request = &mut transfer.request;
    request.span = span;
    let typed =
        |value: &str| transfer.options.iter().any(|(_, given)| given.as_ref().is_some_and(|g| g.contains(value)));
    for field in request.headers.0.iter_mut().filter(|field| typed(&field.value)) {
        field.span = span;
    }
    if !transfer.unread.is_empty() {
        request.body = None;
    }
    if let Some(body) = request.body.as_mut() {
        body.span = span;
    }
}

#[cfg(test)]
mod tests;
