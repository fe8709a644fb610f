//! curl commands, and PowerShell's own web commands, that stand alone: a request without an answer.
//!
//! This reader refuses to know curl's output; a command with output is taken by `curl_transcript` before it.

use crate::Taken;
use crate::lines::Lines;
use firstfault_curl::{parse, place};
use firstfault_model::{Call, Origin, Problem, Vantage};

/// How many lines one command may have, and how far into its first line it may begin.
const COMMAND_LINES: usize = 400;
const COMMAND_BYTES: usize = 256 << 10;
const HEAD_BYTES: usize = 4 << 10;

/// Takes the command that begins at line `at`: one call for each URL.
#[must_use]
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.text(at);
    if !names_a_command(first) {
        return None;
    }
    let (mut command, mut count) = firstfault_curl::command_at(first)?;
    if goes_on(first) {
        let mut end = at;
        let mut bytes = 0;
        while end < lines.len() && end < at + COMMAND_LINES && bytes < COMMAND_BYTES {
            bytes += lines.text(end).len() + 1;
            end += 1;
        }
        let (text, _) = lines.join(at, end);
        (command, count) = firstfault_curl::command_at(&text)?;
    }
    let (_, span) = lines.join(at, at + count);
    let parsed = parse(&command.arguments, &command);
    let mut taken = Taken { lines: count, ..Taken::default() };
    for problem in &parsed.problems {
        taken.problems.push(Problem::new(span, problem.clone()));
    }
    for mut transfer in parsed.transfers {
        place(&mut transfer, span);
        for problem in transfer.problems.iter().filter(|p| !parsed.problems.contains(p)) {
            taken.problems.push(Problem::new(span, problem.clone()));
        }
        let mut call = Call::new(Origin::CurlCommand, Vantage::Client);
        call.span = span;
        call.request = Some(transfer.request);
        taken.calls.push(call);
    }
    (!taken.calls.is_empty()).then_some(taken)
}

fn names_a_command(line: &str) -> bool {
    let head = &line.as_bytes()[..line.len().min(HEAD_BYTES)];
    memchr::memmem::find(head, b"curl").is_some()
        || [b"nvoke-".as_slice(), b"irm ", b"iwr "].iter().any(|name| memchr::memmem::find(head, name).is_some())
}

/// True when the command may need the lines below.
fn goes_on(line: &str) -> bool {
    let odd = |quote: u8| line.bytes().filter(|b| *b == quote).count() % 2 == 1;
    line.trim_end().ends_with(['\\', '^', '`', '{'])
        || odd(b'\'')
        || odd(b'"')
        || line.contains("<<")
        || line.contains("@{")
        || line.contains("$(")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::walk;

    #[test]
    fn commands_that_stand_alone_are_calls_without_response() {
        for (text, expected) in [
            ("curl -X POST https://h/ -d a=1\nnext", Some((1, "POST https://h/", Some("a=1")))),
            ("$ curl -X POST \\\n  https://h/ \\\n  -d @- <<EOF\n{}\nEOF\n", Some((5, "POST https://h/", Some("{}")))),
            ("curl -d @unknown.json https://h/", Some((1, "POST https://h/", None))),
            (
                "PS C:\\> Invoke-RestMethod -Uri https://h/ -Headers @{\n a = 'b'\n}\n",
                Some((3, "GET https://h/", None)),
            ),
            ("+ Invoke-RestMethod -Uri https://h/", None),
            ("curl: (6) Could not resolve host: h", None),
            ("User-Agent: curl/8.0", None),
        ] {
            let lines = walk::lines(text, 0, 1);
            let taken = read(&lines, 0);
            let found = taken.as_ref().map(|taken| {
                let request = taken.calls[0].request.as_ref().unwrap();
                (
                    taken.lines,
                    format!("{} {}", request.method.as_deref().unwrap(), request.url),
                    request.body.as_ref().map(|b| b.text.as_str()),
                )
            });
            let found = found.as_ref().map(|(n, r, b)| (*n, r.as_str(), *b));
            assert_eq!(found, expected, "{text}");
        }
    }
}
