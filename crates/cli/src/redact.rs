//! `firstfault redact`: a filter that replaces secrets, block by block, in parallel.

use crate::args::Redact;
use crate::config;
use crate::exit::Exit;
use crate::load;
use firstfault_redact::{Cache, Finding, Policy, Redactor};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How much is read before a block is closed at the next line's end.
const BLOCK: usize = 1 << 20;
/// A line that is longer is cut, between two words where there are any.
const LONGEST: usize = 64 << 20;
/// How many secrets are replaced wherever they stand; later ones only where their context or shape shows them.
const REMEMBERED: usize = 2_000;

/// A block of the input and what was found in it.
type Block = (String, Vec<Finding>);

/// Runs `firstfault redact`.
pub fn run(options: &Redact) -> Exit {
    match filter(options) {
        Ok(exit) => exit,
        Err(message) => {
            load::complain(&message);
            Exit::WrongUse
        }
    }
}

fn filter(options: &Redact) -> Result<Exit, String> {
    let policy = config::policy(options.policy.config.as_deref(), options.policy.redact)?;
    let inputs = if options.inputs.is_empty() { vec!["-".to_owned()] } else { options.inputs.clone() };
    let mut redactor = Redactor::with(policy.clone());
    let mut out = std::io::BufWriter::with_capacity(BLOCK, std::io::stdout().lock());
    for name in &inputs {
        let input = load::open(name).map_err(|message| format!("{name}: {message}"))?;
        let done =
            through(input, &policy, &mut redactor, |text| options.check || out.write_all(text.as_bytes()).is_ok());
        done.map_err(|message| format!("{name}: {message}"))?;
    }
    // A closed pipe is success.
    let _ = out.flush();
    drop(out);
    let log = redactor.log();
    if options.check {
        let _ = std::io::stdout().lock().write_all(firstfault_report::redaction_text(log).as_bytes());
    }
    if let Some(path) = &options.report {
        let json = firstfault_report::redaction(log) + "\n";
        std::fs::write(path, json).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(if options.check && log.total() > 0 { Exit::Diagnosed } else { Exit::Nothing })
}

/// Sends an input through finders on every core and one redactor, in order. `put` takes what may go out and says
/// whether more is wanted.
fn through(
    input: Box<dyn Read + Send>,
    policy: &Policy,
    redactor: &mut Redactor,
    mut put: impl FnMut(&str) -> bool,
) -> Result<(), String> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    std::thread::scope(|scope| {
        let mut to_find: Vec<SyncSender<String>> = Vec::new();
        let mut found: Vec<Receiver<Block>> = Vec::new();
        for _ in 0..workers {
            let (send, texts) = sync_channel::<String>(2);
            let (blocks, receive) = sync_channel::<Block>(2);
            to_find.push(send);
            found.push(receive);
            scope.spawn(move || {
                let mut names = Cache::default();
                for text in texts {
                    let finding = firstfault_redact::find(&text, policy, &mut names);
                    if blocks.send((text, finding)).is_err() {
                        return;
                    }
                }
            });
        }
        // Blocks go to the finders in turn and come back in turn, so that their order needs no numbers.
        let reader = scope.spawn(move || -> Result<(), String> {
            let mut blocks = Blocks { input, rest: Vec::new(), done: false };
            for to in to_find.iter().cycle() {
                let Some(text) = blocks.next()? else { return Ok(()) };
                if to.send(text).is_err() {
                    return Ok(()); // nobody reads any more
                }
            }
            Ok(())
        });
        let mut out = String::with_capacity(BLOCK + BLOCK / 8);
        for from in found.iter().cycle() {
            let Ok((text, findings)) = from.recv() else { break };
            for finding in &findings {
                if redactor.learnt() >= REMEMBERED {
                    break;
                }
                redactor.remember_found(&text, finding);
            }
            out.clear();
            redactor.write(&text, findings, &mut out);
            if !put(&out) {
                break;
            }
        }
        drop(found);
        reader.join().unwrap_or_else(|_| Err("reading ended early".to_owned()))
    })
}

/// Cuts an input into texts that end where a line ends.
struct Blocks {
    input: Box<dyn Read + Send>,
    rest: Vec<u8>,
    done: bool,
}

impl Blocks {
    fn next(&mut self) -> Result<Option<String>, String> {
        loop {
            if let Some(end) = self.cut() {
                let tail = self.rest.split_off(end);
                let block = std::mem::replace(&mut self.rest, tail);
                return Ok(Some(text(block)));
            }
            if self.done {
                let block = std::mem::take(&mut self.rest);
                return Ok((!block.is_empty()).then(|| text(block)));
            }
            self.rest.reserve(BLOCK);
            let read =
                (&mut self.input).take(BLOCK as u64).read_to_end(&mut self.rest).map_err(|e| load::reason(&e))?;
            self.done = read < BLOCK;
        }
    }

    /// Where a block may end: after a line, but never inside a private key.
    fn cut(&self) -> Option<usize> {
        if self.rest.len() < BLOCK {
            return None;
        }
        let line_end = memchr::memrchr(b'\n', &self.rest).map(|i| i + 1);
        let end = match line_end {
            Some(end) => end,
            None if self.rest.len() < LONGEST => return None,
            None => memchr::memrchr2(b' ', b',', &self.rest).map_or(self.rest.len(), |i| i + 1),
        };
        let begun = memchr::memmem::rfind(&self.rest[..end], b"-----BEGIN ");
        match begun {
            Some(at)
                if at > 0
                    && end - at < 64 << 10
                    && memchr::memmem::find(&self.rest[at..end], b"-----END ").is_none() =>
            {
                // The key goes into the next block as a whole.
                Some(memchr::memrchr(b'\n', &self.rest[..at]).map_or(at, |i| i + 1)).filter(|at| *at > 0)
            }
            _ => Some(end),
        }
    }
}

fn text(block: Vec<u8>) -> String {
    String::from_utf8(block).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}
