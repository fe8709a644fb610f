//! What log shippers, orchestrators, CI systems and terminals put around a program's own words.
//!
//! This file knows the wrappers; it refuses to know what the wrapped words mean, and where it is not
//! sure that something is a wrapper it leaves it: a timestamp that belongs to a log format stays.

use crate::{records::level, time};
use std::borrow::Cow;

/// Length in bytes of the shipping prefix in front of the words of `line`, zero when there is none.
///
/// Wrappers may be stacked (`web-1  | Jul 19 10:22:41 lb2 haproxy[8841]: …`); four are taken at most.
#[must_use]
pub fn split(line: &str) -> usize {
    let mut at = 0;
    for _ in 0..4 {
        let rest = &line[at..];
        let Some(length) = WRAPPERS.iter().find_map(|wrapper| wrapper(rest)).filter(|length| *length > 0) else {
            break;
        };
        at += length;
    }
    at
}

/// The words inside a JSON wrapper of a container runtime (`{"log":"…\n","stream":"stderr",…}`,
/// Docker's json-file driver, Fluentd and Fluent Bit), when `line` is one.
///
/// The words are another line of any form, so they are to be read as if they stood there.
#[must_use]
pub fn unwrap(line: &str) -> Option<String> {
    // The pretest keeps this free for the millions of lines that are something else.
    let start = line.as_bytes().get(..24).unwrap_or(line.as_bytes());
    if first(start) != b'{' || memchr::memmem::find(line.as_bytes(), b"\"stream\"").is_none() {
        return None;
    }
    let (node, _) = crate::records::json::read(line.trim_start())?;
    let stream = node.get("stream")?.text()?;
    let words = node.get("log").or_else(|| node.get("message"))?.text()?;
    matches!(stream, "stdout" | "stderr").then(|| words.trim_end_matches(['\n', '\r']).to_owned())
}

/// `line` without terminal escapes: CSI and OSC sequences (ECMA-48), two-character escapes, and the
/// same sequences where a viewer has written the escape character out as `\u001b`, `\x1b`, `\033`,
/// `\e` or `^[`.
#[must_use]
pub fn strip_ansi(line: &str) -> Cow<'_, str> {
    let bytes = line.as_bytes();
    // Every written-out escape ends in `[` followed by a number or a final letter; most lines have none.
    if memchr::memchr3(0x1b, b'\\', b'^', bytes).is_none() && !line.contains('\u{9b}') {
        return Cow::Borrowed(line);
    }
    let mut kept = String::new();
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        match escape(&bytes[at..]) {
            Some(length) => {
                kept.push_str(&line[copied..at]);
                at += length;
                copied = at;
            }
            None => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(line);
    }
    kept.push_str(&line[copied..]);
    Cow::Owned(kept)
}

/// Length of the terminal escape that begins here. It ends at a character boundary of the line,
/// since every byte that it takes is ASCII or a whole character.
fn escape(bytes: &[u8]) -> Option<usize> {
    const WRITTEN: &[&[u8]] = &[b"\\u001b", b"\\u001B", b"\\x1b", b"\\x1B", b"\\033", b"\\e", b"^["];
    match *bytes.first()? {
        0x1b => match *bytes.get(1)? {
            b'[' => control_sequence(&bytes[2..]).map(|length| length + 2),
            // OSC, DCS and APC run to BEL or ST; a cut one is left as it is but for its introducer.
            b']' | b'P' | b'_' | b'^' => Some(2 + command_string(&bytes[2..]).unwrap_or(0)),
            b'(' | b')' => bytes.get(2).filter(|b| b.is_ascii()).map(|_| 3),
            0x20..=0x7e => Some(2),
            _ => Some(1),
        },
        // The C1 form of CSI, U+009B, is two bytes in UTF-8.
        0xc2 if bytes.get(1) == Some(&0x9b) => control_sequence(&bytes[2..]).map(|length| length + 2),
        b'\\' | b'^' => {
            let introducer = WRITTEN.iter().find(|written| bytes.starts_with(written))?.len();
            if bytes.get(introducer) != Some(&b'[') {
                return None;
            }
            // Written out, only what a terminal would surely have eaten: `[31m`, `[0;1m`, `[2K`.
            let length = control_sequence(&bytes[introducer + 1..])?;
            let last = bytes[introducer + length];
            matches!(last, b'm' | b'K' | b'J' | b'A'..=b'D' | b'G' | b'H').then_some(introducer + 1 + length)
        }
        _ => None,
    }
}

/// Length of the parameters, intermediates and final byte of a control sequence.
fn control_sequence(bytes: &[u8]) -> Option<usize> {
    let parameters = bytes.iter().take(64).take_while(|b| (0x20..=0x3f).contains(*b)).count();
    bytes.get(parameters).filter(|b| (0x40..=0x7e).contains(*b)).map(|_| parameters + 1)
}

fn command_string(bytes: &[u8]) -> Option<usize> {
    let window = &bytes[..bytes.len().min(4096)];
    let end = memchr::memchr2(0x07, 0x1b, window)?;
    if window[end] == 0x07 {
        return Some(end + 1);
    }
    (window.get(end + 1) == Some(&b'\\')).then_some(end + 2)
}

/// A wrapper at the start of a line: its length, when it is there.
type Wrapper = fn(&str) -> Option<usize>;

const WRAPPERS: &[Wrapper] = &[
    box_drawing,
    marker,
    stderr,
    compose,
    kubernetes,
    container_runtime,
    runner,
    platform,
    syslog,
    logcat,
    log_stream,
];

fn first(bytes: &[u8]) -> u8 {
    bytes.iter().copied().find(|b| !b.is_ascii_whitespace()).unwrap_or(0)
}

/// Bytes of `text` up to the first that is not allowed.
fn run(text: &str, allowed: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|b| allowed(*b)).count()
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// Adds the single space that ends a prefix, where it stands.
fn with_space(line: &str, at: usize) -> usize {
    at + usize::from(line.as_bytes().get(at) == Some(&b' '))
}

/// A date with a time (the year may be missing) and the one space after it.
fn dated(line: &str) -> Option<usize> {
    let stamp = time::stamp(line).filter(|stamp| stamp.dated && !line.starts_with('['))?;
    (line.as_bytes().get(stamp.len) == Some(&b' ')).then_some(stamp.len + 1)
}

/// Terraform draws a box around its diagnostics: `╷`, `│ Error: …`, `╵`.
fn box_drawing(line: &str) -> Option<usize> {
    let indent = run(line, |b| b == b' ');
    let rest = &line[indent..];
    if matches!(rest.trim_end(), "╷" | "╵" | "│") {
        return Some(line.len());
    }
    rest.starts_with("│ ").then_some(indent + "│ ".len())
}

/// Markers of one program: Dropwizard's `! ` before the lines of an exception, Flutter's `flutter: `
/// and `I/flutter ( 1234): ` (the latter is logcat's).
fn marker(line: &str) -> Option<usize> {
    if let Some(rest) = line.strip_prefix("! ") {
        return (!rest.trim().is_empty()).then_some(2);
    }
    line.starts_with("flutter: ").then_some("flutter: ".len())
}

/// Meteor marks what a program wrote to its standard error: `W20180728-20:18:03.413(3)? (STDERR) `.
fn stderr(line: &str) -> Option<usize> {
    if !line.starts_with(['W', 'E', 'I']) {
        return None;
    }
    let window = line.get(..48).unwrap_or(line);
    let end = window.find("? (STDERR) ")? + "? (STDERR) ".len();
    time::stamp(&line[1..]).map(|_| end)
}

/// Docker Compose (`web-1  | words`, `api_1 | words`) and Foreman (`12:00:01 web.1  | words`).
fn compose(line: &str) -> Option<usize> {
    let at = match time::stamp(line) {
        Some(stamp) if !stamp.dated && line[stamp.len..].starts_with(' ') => stamp.len + 1,
        _ => 0,
    };
    let rest = &line[at..];
    let name = run(rest, is_name);
    // Level words are columns of a log format (`ERROR | words`), not containers.
    if !rest.as_bytes().first()?.is_ascii_alphabetic() || level::of_text(&rest[..name]).is_some() {
        return None;
    }
    let spaces = run(&rest[name..], |b| b == b' ');
    if name > 80 || spaces == 0 || !rest[name + spaces..].starts_with('|') {
        return None;
    }
    let end = name + spaces + 1;
    let closed = end == rest.len() || rest.as_bytes()[end] == b' ';
    closed.then(|| with_space(line, at + end))
}

/// `kubectl logs --prefix` (`[pod/name/container] `), kubetail (`[web-7d4b9c6f5-abcde] `) and stern
/// (`web-7d4b9c6f5-abcde web `): only where the name is surely one of a pod.
fn kubernetes(line: &str) -> Option<usize> {
    if let Some(rest) = line.strip_prefix('[') {
        let name = run(rest, |b| is_name(b) || matches!(b, b'/' | b' ' | b':'));
        let inside = &rest[..name];
        if !rest[name..].starts_with("] ") {
            return None;
        }
        let pod = inside.strip_prefix("pod/").is_some_and(|rest| rest.contains('/'));
        return (pod || inside.split(' ').next().is_some_and(is_pod)).then_some(name + 3);
    }
    let name = run(line, is_name);
    if !is_pod(&line[..name]) || !line[name..].starts_with(' ') {
        return None;
    }
    let container = run(&line[name + 1..], is_name);
    let end = name + 1 + container;
    (container > 0 && line[end..].starts_with(' ')).then_some(end + 1)
}

/// True for `web-7d4b9c6f5-abcde`: a name, the template hash of a ReplicaSet, five random letters.
/// Kubernetes draws both from an alphabet without vowels, so that no words appear.
fn is_pod(name: &str) -> bool {
    let random =
        |part: &str| part.bytes().all(|b| b.is_ascii_digit() || (b.is_ascii_lowercase() && !b"aeiou".contains(&b)));
    let hash = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    let mut parts = name.rsplit('-');
    let (Some(last), Some(template), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    last.len() == 5
        && (8..=10).contains(&template.len())
        && hash(template)
        && template.bytes().any(|b| b.is_ascii_digit())
        && (random(last) || last.bytes().all(|b| b.is_ascii_lowercase()))
}

/// The Kubernetes CRI log format: `2016-10-06T00:17:09.669794202Z stdout F words`.
fn container_runtime(line: &str) -> Option<usize> {
    let at = dated(line)?;
    ["stdout F ", "stdout P ", "stderr F ", "stderr P "]
        .iter()
        .find(|s| line[at..].starts_with(**s))
        .map(|s| at + s.len())
}

/// CI runners: GitHub Actions and Azure Pipelines (`2024-01-01T00:00:00.0000000Z `, perhaps behind
/// the job and step that `gh run view --log` writes), GitLab (`2024-05-22T12:43:46.962646Z 00O `).
fn runner(line: &str) -> Option<usize> {
    let mut at = 0;
    let mut columns = line.match_indices('\t').take(2).map(|(tab, _)| tab + 1);
    if let (Some(_), Some(second)) = (columns.next(), columns.next())
        && second < 256
        && is_runner_time(&line[second..])
    {
        at = second;
    }
    let rest = &line[at..];
    if is_runner_time(rest) {
        let end = RUNNER_TIME.len();
        let words = rest[end..].trim_start();
        // Some log formats write seven digits too: then a level follows.
        let token = words.split(' ').next().unwrap_or_default().trim_matches(['[', ']', ':', '|']);
        return (at > 0 || level::of_text(token).is_none()).then(|| with_space(line, at + end));
    }
    let end = dated(line)?;
    let stream = line.as_bytes().get(end..end + 4)?;
    let gitlab = stream[0].is_ascii_digit() && stream[1].is_ascii_digit() && matches!(stream[2], b'O' | b'E');
    (gitlab && matches!(stream[3], b' ' | b'+')).then(|| with_space(line, end + 3 + usize::from(stream[3] == b'+')))
}

const RUNNER_TIME: &[u8; 28] = b"0000-00-00T00:00:00.0000000Z";

fn is_runner_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= RUNNER_TIME.len()
        && bytes.iter().zip(RUNNER_TIME).all(|(b, form)| if *form == b'0' { b.is_ascii_digit() } else { b == form })
        && matches!(bytes.get(RUNNER_TIME.len()), None | Some(b' '))
}

/// Hosting platforms: Heroku's Logplex (`TIME app[web.1]: `, `TIME heroku[router]: `) and Fly.io
/// (`TIME app[683d55df763148] hkg [info] `, with or without a bar).
fn platform(line: &str) -> Option<usize> {
    let at = dated(line)?;
    let rest = &line[at..];
    let name = run(rest, is_name);
    let inner = rest[name..].strip_prefix('[')?;
    let source = run(inner, is_name);
    let after = inner[source..].strip_prefix(']')?;
    let end = at + name + 1 + source + 1;
    if !matches!(&rest[..name], "app" | "heroku" | "runner" | "proxy" | "health" | "machine") {
        return None;
    }
    if after.starts_with(':') {
        return Some(with_space(line, end + 1));
    }
    let region = run(after.strip_prefix(' ')?, |b| b.is_ascii_lowercase());
    let bracket = after.get(1 + region..)?.strip_prefix(" [")?;
    let word = run(bracket, |b| b.is_ascii_alphabetic());
    if region != 3 || !bracket[word..].starts_with(']') {
        return None;
    }
    let mut end = with_space(line, end + 1 + region + 2 + word + 1);
    if line[end..].starts_with('|') {
        end = with_space(line, end + 1);
    }
    Some(end)
}

/// Syslog by RFC 5424 and RFC 3164, with or without its priority; journald writes the same form,
/// and rsyslog the same with an ISO time.
fn syslog(line: &str) -> Option<usize> {
    let priority = match line.strip_prefix('<') {
        Some(rest) => {
            let digits = run(rest, |b| b.is_ascii_digit());
            if digits == 0 || digits > 3 || !rest[digits..].starts_with('>') {
                return None;
            }
            digits + 2
        }
        None => 0,
    };
    let rest = &line[priority..];
    if let Some(header) = rest.strip_prefix("1 ").filter(|_| priority > 0) {
        return structured(header).map(|length| priority + 2 + length);
    }
    let at = priority + dated(rest)?;
    let iso = rest.as_bytes()[0].is_ascii_digit();
    // HOST TAG[PID]: — a time of any other program may stand before two words, so the tag must end
    // in a colon, and carry a process id where the time is not syslog's own.
    let host = run(&line[at..], |b| is_name(b) || b == b':');
    let tag_at = at + host + 1;
    if host == 0 || line.as_bytes().get(at + host) != Some(&b' ') || level::of_text(&line[at..at + host]).is_some() {
        return None;
    }
    let tag = run(&line[tag_at..], |b| is_name(b) || matches!(b, b'/' | b'(' | b')' | b'@' | b'\\'));
    let mut end = tag_at + tag;
    let pid = line[end..].strip_prefix('[').and_then(|inner| {
        let pid = run(inner, is_name);
        inner[pid..].starts_with(']').then_some(pid + 2)
    });
    end += pid.unwrap_or(0);
    let sure = priority > 0 || !iso || pid.is_some();
    if tag == 0 || !sure || !line[end..].starts_with(':') {
        return None;
    }
    Some(with_space(line, end + 1))
}

/// The rest of an RFC 5424 header: TIME HOST APP PROCID MSGID STRUCTURED-DATA.
fn structured(header: &str) -> Option<usize> {
    let mut at = 0;
    for _ in 0..5 {
        let field = run(&header[at..], |b| b != b' ');
        if field == 0 || header.as_bytes().get(at + field) != Some(&b' ') {
            return None;
        }
        at += field + 1;
    }
    let data = &header.as_bytes()[at..];
    if data.first() == Some(&b'-') {
        at += 1;
    } else {
        let mut quoted = false;
        let mut skip = false;
        let mut depth = 0_usize;
        let mut length = 0;
        for byte in data.iter().take(8192) {
            if depth == 0 && *byte != b'[' {
                break;
            }
            length += 1;
            match byte {
                _ if skip => skip = false,
                b'\\' => skip = true,
                b'"' => quoted = !quoted,
                b'[' if !quoted => depth += 1,
                b']' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if length == 0 || depth > 0 {
            return None;
        }
        at += length;
    }
    let at = with_space(header, at);
    // A byte order mark may announce UTF-8.
    Some(if header[at..].starts_with('\u{feff}') { at + '\u{feff}'.len_utf8() } else { at })
}

/// Android's logcat in its formats `brief`, `time`, `threadtime` and Android Studio's.
fn logcat(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let stamp = time::stamp(line).filter(|stamp| stamp.dated && bytes[0].is_ascii_digit());
    let mut at = stamp.map_or(0, |stamp| stamp.len);
    let stamped = stamp.is_some();
    if stamped {
        // Process and thread: `  1234  5678 `, `30249-30321/com.example `, or nothing.
        let ids = run(&line[at..], |b| b.is_ascii_digit() || matches!(b, b' ' | b'-'));
        at += ids;
        if line[at..].starts_with('/') {
            at += run(&line[at..], |b| b != b' ');
            at += run(&line[at..], |b| b == b' ');
        }
    }
    let letter = *line.as_bytes().get(at)?;
    if !matches!(letter, b'V' | b'D' | b'I' | b'W' | b'E' | b'F' | b'A') {
        return None;
    }
    let separator = *line.as_bytes().get(at + 1)?;
    if !(separator == b'/' || (stamped && separator == b' ')) {
        return None;
    }
    let tag_at = at + 2;
    let tag = run(&line[tag_at..], |b| is_name(b) || matches!(b, b'$' | b'/' | b':' | b'@'));
    let tag = line[tag_at..tag_at + tag].trim_end_matches(':').len();
    let mut end = tag_at + tag;
    end += run(&line[end..], |b| b == b' ');
    let mut numbered = false;
    if let Some(inner) = line[end..].strip_prefix('(') {
        let pid = run(inner, |b| b.is_ascii_digit() || b == b' ');
        if inner[pid..].starts_with(')') {
            numbered = true;
            end += pid + 2;
        }
    }
    // `E/Tag: ` alone may be anything, unless a time or a process id comes with it.
    if tag == 0 || !line[end..].starts_with(':') || !(stamped || numbered) {
        return None;
    }
    Some(with_space(line, end + 1))
}

/// `aws logs tail` puts the time and the log stream of a Lambda function in front.
fn log_stream(line: &str) -> Option<usize> {
    let at = dated(line)?;
    let stream = run(&line[at..], |b| b != b' ');
    let name = &line[at..at + stream];
    let lambda = name.len() < 128 && name.contains("/[") && name.contains(']');
    (lambda && line[at + stream..].starts_with(' ')).then_some(at + stream + 1)
}

#[cfg(test)]
mod tests {
    use super::{split, strip_ansi, unwrap};

    /// `‖` marks where the words begin.
    #[test]
    fn wrappers_are_measured() {
        // Forms from the documentation of docker compose, kubectl, stern, Heroku Logplex, flyctl,
        // RFC 3164 section 4.1.2, RFC 5424 section 6.5, logcat, GitHub Actions, GitLab Runner.
        for marked in [
            "web-1  | ‖listening on 8080",
            "api_1 | ‖",
            "db  | ‖2024-01-01 ERROR: relation does not exist",
            "12:00:01 web.1  | ‖started",
            "[pod/web-7d4b9c6f5-x2x9z/web] ‖panic: boom",
            "web-7d4b9c6f5-x2x9z web ‖panic: boom",
            "2016-10-06T00:17:09.669794202Z stdout F ‖log content",
            "2022-02-03T04:05:06.123456+00:00 app[worker.1]: ‖words",
            "2022-02-03T04:05:06.123456+00:00 heroku[router]: ‖at=error code=H12 desc=\"Request timeout\"",
            "2022-02-03T04:05:06.789 app[0a1b2c3d4e5f67] ams [info] | ‖TypeError: x",
            "2022-05-20T12:26:15Z proxy[37a0b2e1] ams [error]‖could not make HTTP request",
            "<34>Oct 11 22:14:15 mymachine su: ‖'su root' failed for lonvick on /dev/pts/8",
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - ‖\u{feff}'su root' failed",
            "<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"A]\\\"pp\"] ‖An event",
            "Feb  3 04:05:06 edge7 haproxy[311]: ‖192.0.2.7:4000 [03/Feb/2022:04:05:06.100] fe",
            "2023-07-19T10:22:41+0200 lb2 gunicorn[123]: ‖words",
            "02-03 04:05:06.789 W/System.err: ‖java.net.ConnectException",
            "02-03 04:05:06.789  1234  5678 E OkHttp: ‖<-- HTTP FAILED",
            "2022-12-29 04:00:18.823 30249-30321/com.example.app E/Retrofit: ‖boom",
            "W/System.err( 1234): ‖java.net.ConnectException",
            "2024-01-01T00:00:00.0000000Z ‖##[error]Process completed with exit code 1.",
            "build\tRun tests\t2024-01-01T00:00:00.0000000Z ‖curl: (6) Could not resolve host",
            "2024-05-22T12:43:46.962646Z 00O ‖Running with gitlab-runner",
            "2024-05-22T12:43:46.962646Z 01E+‖more",
            "│ ‖Error: creating resource",
            "╷‖",
            "! ‖java.net.SocketTimeoutException: Read timed out",
            "flutter: ‖04:05:06 loading",
            "W20220203-04:05:06.789(1)? (STDERR) ‖    at f (a.js:1:2)",
            "web-1  | Jul 19 10:22:41 lb2 app[1]: ‖x",
            "2024-01-01T00:00:00.123000+00:00 2024/01/01/[$LATEST]0a1b ‖START RequestId",
            // None of these is wrapped.
            "‖2022-02-03T04:05:06.7890000Z [WRN] words",
            "‖2022-02-03 04:05:06.789 ERROR 1 --- [main] o.a.Logger : words",
            "‖ERROR | something",
            "‖2022-02-03 04:05:06,789 | ERROR | name | words",
            "‖[2022-02-03T04:05:06.789Z] \"GET / HTTP/1.1\" 200",
            "‖>>> requests.get(url)",
            "‖| a | b |",
            "‖2020-01-01T00:00:00Z GET /x: failed",
            "‖Error: failed",
            "‖![image](x)",
            "‖",
        ] {
            let at = marked.find('‖').unwrap();
            let line = marked.replace('‖', "");
            // A byte order mark belongs to the header.
            let expected = if line[at..].starts_with('\u{feff}') { at + 3 } else { at };
            assert_eq!(split(&line), expected, "{line}");
        }
    }

    #[test]
    fn terminal_escapes_go() {
        for (line, expected) in [
            ("plain ^ and \\ stay", "plain ^ and \\ stay"),
            ("\u{1b}[31mERROR\u{1b}[0m x", "ERROR x"),
            ("\u{1b}]8;;https://x\u{7}link\u{1b}]8;;\u{7}", "link"),
            ("\u{1b}]0;title\u{1b}\\x", "x"),
            ("\\u001b[31mERROR\\u001b[0m", "ERROR"),
            ("^[[1;31mE^[[0m", "E"),
            ("\\x1b[2Kdone \\033[0m", "done "),
            ("\u{9b}31mred", "red"),
            ("[a-z]\\e[x", "[a-z]\\e[x"),
            ("cut \u{1b}[", "cut [".trim_end_matches('[')),
            ("é\u{1b}é", "éé"),
        ] {
            let stripped = strip_ansi(line);
            if line.starts_with("cut") {
                assert!(stripped.starts_with(expected), "{line}");
            } else {
                assert_eq!(stripped, expected, "{line}");
            }
        }
    }

    #[test]
    fn container_json_is_unwrapped() {
        let line = r#"{"log":"panic: \"x\"\n","stream":"stderr","time":"2024-01-01T00:00:00Z"}"#;
        assert_eq!(unwrap(line).as_deref(), Some("panic: \"x\""));
        assert_eq!(unwrap(r#"{"stream":"other","log":"x"}"#), None);
        assert_eq!(unwrap("{\"stream\""), None);
    }
}
