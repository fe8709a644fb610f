//! Every way in which the program writes something, as its own help names them.

use super::make::Canary;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One way to have evidence written.
pub struct Way {
    pub name: String,
    /// How many secrets one turn is shown.
    pub batch: usize,
    /// Shows the bare values: only what is known by its shape can be kept out of a message about it.
    pub bare: bool,
    /// Which part of its share it is shown; 1 for all of it.
    pub one_in: usize,
    run: Box<dyn Fn(&Turn<'_>) -> Written + Send + Sync>,
}

impl Way {
    fn new(name: &str, batch: usize, run: impl Fn(&Turn<'_>) -> Written + Send + Sync + 'static) -> Self {
        Self { name: name.to_owned(), batch, bare: false, one_in: 1, run: Box::new(run) }
    }

    /// What comes of these secrets, whose evidence stands in files of these names in the folder.
    pub fn written(&self, turn: &Turn<'_>) -> Written {
        (self.run)(turn)
    }
}

/// What one turn is shown.
pub struct Turn<'a> {
    pub folder: &'a Path,
    pub canaries: &'a [&'a Canary],
    pub files: Vec<String>,
    /// A name of its own for what it writes.
    pub name: String,
}

/// Everything that was written, and what went wrong.
#[derive(Default)]
pub struct Written {
    pub parts: Vec<(String, Vec<u8>)>,
    pub faults: Vec<String>,
}

impl Turn<'_> {
    /// Runs the program once. Codes from 0 to 3 are its contract, and `expected` narrows them.
    fn ask(&self, written: &mut Written, arguments: &[&str], expected: &[i32]) {
        let output = command(self.folder, arguments).stdin(Stdio::null()).output().unwrap();
        written.add(output, arguments[0], expected);
    }

    fn files(&self) -> Vec<&str> {
        self.files.iter().map(String::as_str).collect()
    }

    /// A path of its own, where nothing is yet.
    fn fresh(&self, ending: &str) -> (PathBuf, String) {
        let name = format!("{}{ending}", self.name);
        (self.folder.join(&name), name)
    }
}

impl Written {
    fn add(&mut self, output: std::process::Output, what: &str, expected: &[i32]) {
        if !output.status.code().is_some_and(|code| expected.contains(&code)) {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: String = said.chars().take(300).collect();
            self.faults.push(format!("{what} ended with {}: {said}", output.status));
        }
        self.parts.push(("standard output".to_owned(), output.stdout));
        self.parts.push(("standard error".to_owned(), output.stderr));
    }

    /// Every byte of every file below a folder; the folder goes.
    fn add_files(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add_files(&path);
                continue;
            }
            self.parts.push((path.file_name().unwrap().display().to_string(), std::fs::read(&path).unwrap()));
        }
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// A judgement was made, or nothing there could be judged.
const JUDGED: &[i32] = &[0, 1, 2, 3];

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    command.args(arguments).current_dir(folder);
    for name in ["NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "FIRSTFAULT_STORE", "FIRSTFAULT_NOW"] {
        command.env_remove(name);
    }
    command
}

fn help(arguments: &[&str]) -> String {
    let output = command(Path::new("."), arguments).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The values that a help names for an option.
fn choices(help: &str, option: &str) -> Vec<String> {
    let mut lines = help.lines().skip_while(|line| !line.trim_start().starts_with(&format!("--{option} <")));
    assert!(lines.next().is_some(), "expected the help to name --{option}");
    let own = lines.take_while(|line| !line.trim_start().starts_with("--") && !line.trim_start().starts_with("-v,"));
    let mut values = Vec::new();
    for line in own.map(str::trim) {
        if let Some(list) = line.strip_prefix("[possible values: ").and_then(|rest| rest.strip_suffix(']')) {
            values.extend(list.split(", ").map(str::to_owned));
        } else if let Some((value, _)) = line.strip_prefix("- ").and_then(|rest| rest.split_once(':')) {
            values.push(value.to_owned());
        }
    }
    assert!(values.len() >= 2, "expected the values of --{option}");
    values
}

/// All ways that this build has.
pub fn all() -> Vec<Way> {
    let commands = help(&[]);
    let has = |name: &str| commands.lines().any(|line| line.trim_start().split(' ').next() == Some(name));
    let mut ways = diagnoses(&help(&["diagnose"]));
    ways.extend(filters());
    if has("pack") {
        ways.push(Way::new("pack, diagnose --pack", 1, packed));
    }
    if has("case") {
        let formats = choices(&help(&["case", "show"]), "format");
        ways.push(Way::new("case", 10, move |turn| case(turn, &formats)));
    }
    if has("contract") {
        for format in choices(&help(&["contract", "check"]), "format") {
            let name = format!("contract check --format {format}, diagnose --contract");
            ways.push(Way::new(&name, 10, move |turn| held(turn, &format)));
        }
    }
    ways.extend(explanations(&help(&["explain"])));
    ways.extend(mistakes());
    ways
}

fn diagnoses(help: &str) -> Vec<Way> {
    let mut ways: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |arguments: &[&str]| {
        ways.push((format!("diagnose {}", arguments.join(" ")), arguments.iter().map(|a| (*a).to_owned()).collect()));
    };
    let formats = choices(help, "format");
    assert!(formats.len() >= 10, "expected all formats, got {formats:?}");
    formats.iter().for_each(|format| add(&["--format", format]));
    add(&["--verbose"]);
    add(&["--format", "md", "--verbose"]);
    add(&["--facts"]);
    choices(help, "for").iter().for_each(|reader| add(&["--for", reader]));
    choices(help, "as").iter().for_each(|form| add(&["--as", form, "--verbose"]));
    add(&["--redact", "strict", "--format", "json"]);
    let ways = ways.into_iter().map(|(name, options)| {
        // A letter is about one failure: it takes one input.
        let letter = name.contains("--for") || ["issue", "jira", "email"].iter().any(|format| name.ends_with(format));
        Way::new(&name, if letter { 1 } else { 20 }, move |turn| {
            let mut written = Written::default();
            let options = options.iter().map(String::as_str);
            let arguments: Vec<&str> = std::iter::once("diagnose").chain(options).chain(turn.files()).collect();
            turn.ask(&mut written, &arguments, JUDGED);
            written
        })
    });
    let mut ways: Vec<Way> = ways.collect();
    ways.push(Way::new("diagnose TEXT", 1, |turn| {
        let mut written = Written::default();
        turn.ask(&mut written, &["diagnose", &turn.canaries[0].evidence], JUDGED);
        written
    }));
    ways.push(Way::new("diagnose, from standard input", 1, |turn| {
        through(turn, &["diagnose"], &turn.canaries[0].evidence, JUDGED)
    }));
    ways
}

/// Hands something to the program's standard input.
fn through(turn: &Turn<'_>, arguments: &[&str], input: &str, expected: &[i32]) -> Written {
    let mut command = command(turn.folder, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    });
    let mut written = Written::default();
    written.add(output, arguments[0], expected);
    written
}

fn filters() -> Vec<Way> {
    let filter = |name: &str, batch: usize, options: &'static [&'static str]| {
        Way::new(name, batch, move |turn| {
            let mut written = Written::default();
            let arguments: Vec<&str> =
                ["redact"].into_iter().chain(options.iter().copied()).chain(turn.files()).collect();
            turn.ask(&mut written, &arguments, &[0, 1]);
            written
        })
    };
    vec![
        filter("redact FILE", 1, &[]),
        filter("redact FILE…", 20, &[]),
        filter("redact --redact strict", 20, &["--redact", "strict"]),
        filter("redact --check", 20, &["--check"]),
        Way::new("redact --report", 20, |turn| {
            let (path, name) = turn.fresh(".json");
            let mut written = Written::default();
            let arguments: Vec<&str> = ["redact", "--report", &name].into_iter().chain(turn.files()).collect();
            turn.ask(&mut written, &arguments, &[0]);
            written.parts.push(("the report".to_owned(), std::fs::read(&path).unwrap()));
            let _ = std::fs::remove_file(path);
            written
        }),
        Way::new("redact, from standard input", 100, |turn| {
            let texts: Vec<&str> = turn.canaries.iter().map(|canary| canary.evidence.as_str()).collect();
            through(turn, &["redact"], &texts.join("\n"), &[0])
        }),
    ]
}

/// `explain` opens all that it could be asked for at each start, which takes a debug build long, and shows the same start
/// of its query by the same code each time: a share of a share is enough.
fn explanations(help: &str) -> Vec<Way> {
    let formats = choices(help, "format").into_iter().map(|format| {
        let name = format!("explain --format {format}");
        let mut way = Way::new(&name, 1, move |turn| {
            let mut written = Written::default();
            turn.ask(&mut written, &["explain", "--format", &format, &turn.canaries[0].evidence], &[0, 2]);
            written
        });
        way.one_in = 40;
        way
    });
    let mut ways: Vec<Way> = formats.collect();
    let mut by_value = Way::new("explain, by value", 1, |turn| {
        let mut written = Written::default();
        turn.ask(&mut written, &["explain", &turn.canaries[0].value], &[0, 2]);
        written
    });
    (by_value.bare, by_value.one_in) = (true, 4);
    ways.push(by_value);
    ways
}

/// Every byte of a pack, made by one command or the other.
fn packed(turn: &Turn<'_>) -> Written {
    let (path, name) = turn.fresh("");
    let mut written = Written::default();
    let turns = name.bytes().map(usize::from).sum::<usize>();
    let command = [["pack", "--out"], ["diagnose", "--pack"]][turns % 2];
    let arguments: Vec<&str> = command.into_iter().chain([name.as_str()]).chain(turn.files()).collect();
    turn.ask(&mut written, &arguments, JUDGED);
    written.add_files(&path);
    written
}

/// Calls held against a description that knows none of their paths, so that what they have is told.
fn held(turn: &Turn<'_>, format: &str) -> Written {
    let (path, name) = turn.fresh(".yaml");
    std::fs::write(&path, "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/v1: {get: {responses: {}}}}\n")
        .unwrap();
    let mut written = Written::default();
    let check = ["contract", "check", name.as_str(), "--verbose", "--format", format];
    let arguments: Vec<&str> = check.into_iter().chain(turn.files()).collect();
    turn.ask(&mut written, &arguments, JUDGED);
    let judged = ["diagnose", "--contract", name.as_str(), "--verbose"];
    let arguments: Vec<&str> = judged.into_iter().chain(turn.files()).collect();
    turn.ask(&mut written, &arguments, JUDGED);
    let _ = std::fs::remove_file(path);
    written
}

/// A case that is opened with the first piece, gets the others as evidence or as a note, and is shown.
fn case(turn: &Turn<'_>, formats: &[String]) -> Written {
    let (path, name) = turn.fresh("");
    std::fs::create_dir(&path).unwrap();
    let store = format!("{name}/cases.db");
    let mut written = Written::default();
    // What can be said of the whole is no matter here: 1 and 3 are verdicts.
    let mut ask = |arguments: &[&str]| {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--store", &store]).collect();
        turn.ask(&mut written, &arguments, JUDGED);
    };
    for (number, (canary, file)) in turn.canaries.iter().zip(turn.files()).enumerate() {
        match number % 5 {
            0 => ask(&["case", "open", canary.evidence.trim_end(), "--detected", "2026-05-06T09:20:00Z"]),
            1 => ask(&["case", "add", "--note", &canary.evidence]),
            _ => ask(&["case", "add", file]),
        }
    }
    for format in formats {
        ask(&["case", "show", "--verbose", "--format", format]);
        ask(&["case", "next", "--format", format]);
        ask(&["case", "list", "--format", format]);
    }
    written.add_files(&path);
    written
}

/// Mistakes on the command line: what is quoted of them is evidence too.
fn mistakes() -> Vec<Way> {
    let mut ways = vec![
        Way::new("error: an input that is none", 1, |turn| {
            let path = format!("./{}", turn.canaries[0].evidence);
            let mut written = Written::default();
            turn.ask(&mut written, &["redact", &path], &[2]);
            written
        }),
        Way::new("error: a value that an option has not", 1, |turn| {
            let mut written = Written::default();
            turn.ask(&mut written, &["diagnose", "--format", &turn.canaries[0].evidence], &[2]);
            written
        }),
    ];
    let bare: [(&str, &'static [&'static str]); 12] = [
        ("error: no such file, by value", &["diagnose", "./{}"]),
        ("error: no such input, by value", &["redact", "./{}"]),
        ("error: no such rules, by value", &["diagnose", "--rules", "./{}", "x"]),
        ("error: no such configuration, by value", &["redact", "--config", "./{}"]),
        ("error: no place for the report, by value", &["redact", "--report", "./none/{}"]),
        ("error: no such packs, by value", &["rules", "./{}"]),
        ("error: no such format, by value", &["diagnose", "--format", "{}"]),
        ("error: no such reader, by value", &["diagnose", "--for={}"]),
        ("error: no such width, by value", &["diagnose", "--width={}"]),
        ("error: no such option, by value", &["diagnose", "--{}"]),
        ("error: an option with the value, by value", &["redact", "--token={}"]),
        ("error: no such command, by value", &["{}"]),
    ];
    for (name, arguments) in bare {
        let mut way = Way::new(name, 1, move |turn| {
            let arguments: Vec<String> = arguments.iter().map(|a| a.replace("{}", &turn.canaries[0].value)).collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut written = Written::default();
            turn.ask(&mut written, &arguments, &[2]);
            written
        });
        way.bare = true;
        ways.push(way);
    }
    ways
}
