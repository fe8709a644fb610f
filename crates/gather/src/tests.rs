//! What is read of files, whatever they are packed in and however they are cut.

use crate::plain::{LINE, PART, Plain};
use crate::{Error, Request, gather, lines};
use firstfault_calls::{Attribute, Calls, Key, Settings, by_status, group};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own for each test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("firstfault-gather-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

fn line(number: usize) -> String {
    let status = if number % 10 == 3 { 503 } else { 200 };
    let tenant = ["acme", "globex", "initech"][number % 3];
    format!(
        "{{\"timestamp\":\"2026-11-20T10:{:02}:{:02}Z\",\"method\":\"GET\",\"route\":\"/v1/orders\",\"status\":{status},\"tenant\":\"{tenant}\",\"duration_ms\":{},\"request_id\":\"r{number}\"}}\n",
        number / 60 % 60,
        number % 60,
        number % 100,
    )
}

fn log(count: usize) -> Vec<u8> {
    (0..count).map(line).collect::<String>().into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn read(inputs: &[String], threads: usize) -> Calls {
    gather(&Request { inputs: inputs.to_vec(), threads, ..Request::default() }, &mut |_| {}).unwrap()
}

/// Calls, failures and tenants.
fn sums(calls: &Calls) -> (u64, u64, usize) {
    let groups = group(calls, &[Key::Named("tenant")], &by_status(calls), 1).unwrap();
    (groups.iter().map(|g| g.calls).sum(), groups.iter().map(|g| g.failed).sum(), groups.len())
}

#[test]
fn parts_of_any_size_give_each_line_once() {
    let folder = Folder::new();
    let texts = ["a\nbb\n\nccc\n", "a\nbb\nccc", "\n\n\n", "", "one long line without an end", "x\n"];
    for text in texts {
        let path = folder.file("lines", text.as_bytes());
        let plain = Plain::new(std::fs::File::open(path).unwrap(), text.len() as u64);
        for part in 1..=text.len().max(1) {
            let mut all = Vec::new();
            let mut buffer = Vec::new();
            for start in (0..text.len()).step_by(part) {
                let lines = plain.lines(start as u64, (start + part) as u64, &mut buffer).unwrap();
                assert_eq!(lines.problem, None);
                all.extend_from_slice(&buffer[lines.start..]);
            }
            assert_eq!(String::from_utf8(all).unwrap(), text, "in parts of {part}");
        }
    }
}

#[test]
fn an_endless_line_is_cut_and_said_so() {
    let folder = Folder::new();
    let part = usize::try_from(PART).unwrap();
    let mut text = vec![b'x'; LINE + 3 * part];
    text.extend_from_slice(b"\n{\"status\":200}\n");
    let calls = read(&[folder.file("long", &text)], 2);
    assert_eq!((calls.rows, calls.inputs[0].unreadable), (1, 1));
    assert_eq!(calls.inputs[0].problems, ["a line is longer than 16 MiB: cut there"]);
}

#[test]
fn threads_and_packing_change_nothing() {
    let folder = Folder::new();
    let text = log(20_000);
    assert!(text.len() as u64 > 2 * PART);
    let plain = folder.file("a.log", &text);
    let one = read(std::slice::from_ref(&plain), 1);
    assert_eq!(sums(&one), (20_000, 2_000, 3));
    let shown = |calls: &Calls| format!("{:?}", Calls { inputs: Vec::new(), ..calls.clone() });
    let expected = shown(&one);
    for threads in [2, 5] {
        assert!(shown(&read(std::slice::from_ref(&plain), threads)) == expected, "{threads} threads");
    }
    // Two members, as appending to a packed log makes them.
    let cut = text.len() / 3;
    let members = [gzip(&text[..cut]), gzip(&text[cut..])].concat();
    let frames = [zstd::encode_all(&text[..cut], 1).unwrap(), zstd::encode_all(&text[cut..], 1).unwrap()].concat();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.iter().flat_map(|b| [*b, 0])).collect();
    for bytes in [members, frames, wide] {
        // The same name for all: where no field says, it is the service.
        let packed = folder.file("a.log", &bytes);
        let calls = read(&[packed], 2);
        assert_eq!(calls.inputs[0].problems, [""; 0]);
        assert!(shown(&calls) == expected);
    }
}

#[test]
fn a_folder_is_read_in_order_without_what_is_hidden() {
    let folder = Folder::new();
    folder.file("logs/b/1.log", &log(10));
    folder.file("logs/a.log", &gzip(&log(20)));
    folder.file("logs/.hidden.log", &log(40));
    folder.file("logs/.git/x.log", &log(40));
    folder.file("logs/picture", &[0; 100]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("..", folder.0.join("logs/b/up")).unwrap();
        std::os::unix::fs::symlink("../a.log", folder.0.join("logs/b/again.log")).unwrap();
    }
    let root = folder.path("logs");
    let calls = read(&[root.clone(), folder.path("logs/*.log"), folder.path("gone.log")], 2);
    assert_eq!(calls.rows, 30);
    let names: Vec<&str> = calls.inputs.iter().map(|i| i.name.strip_prefix(&folder.path("")).unwrap()).collect();
    assert_eq!(names, ["logs/a.log", "logs/b/1.log", "logs/picture", "gone.log"]);
    assert_eq!(calls.inputs[2].problems, ["expected logs, got binary data: not read"]);
    assert_eq!(calls.inputs[3].problems, ["no such file or folder"]);
}

#[test]
fn patterns_are_expanded_where_no_shell_did() {
    let folder = Folder::new();
    folder.file("x/1.log", &log(1));
    folder.file("x/deep/2.log", &log(2));
    folder.file("x/3.txt", &log(4));
    let count = |pattern: &str| read(&[folder.path(pattern)], 1).rows;
    assert_eq!(count("x/*.log"), 1);
    assert_eq!(count("x/**/*.log"), 3);
    assert_eq!(count("x/[0-9].*"), 5);
    let nothing = gather(&Request { inputs: vec![folder.path("y/*")], ..Request::default() }, &mut |_| {}).unwrap_err();
    assert!(nothing.to_string().ends_with("no file matches this pattern"), "{nothing}");
}

#[test]
fn what_cannot_be_read_is_fatal_only_when_nothing_else_is_there() {
    let folder = Folder::new();
    let request = |inputs: Vec<String>| Request { inputs, ..Request::default() };
    let error =
        gather(&request(vec![folder.path("no.log"), folder.file("z.zip", b"PK\x03\x04zip")]), &mut |_| {}).unwrap_err();
    assert_eq!(error.inputs.len(), 2);
    assert!(error.to_string().contains("no.log: no such file or folder (and 1 more"), "{error}");
    assert_eq!(gather(&request(Vec::new()), &mut |_| {}).unwrap_err(), Error { inputs: Vec::new() });
    let empty = gather(&request(vec![folder.file("empty.log", b"")]), &mut |_| {}).unwrap();
    assert_eq!(empty.rows, 0);
}

#[test]
fn cut_files_keep_what_was_read() {
    let folder = Folder::new();
    let text = log(5_000);
    let packed = gzip(&text);
    let calls = read(&[folder.file("cut.gz", &packed[..packed.len() - 100])], 2);
    assert!(calls.rows > 1_000 && calls.rows < 5_000, "{}", calls.rows);
    assert_eq!(calls.inputs[0].problems.len(), 2, "{:?}", calls.inputs[0].problems);
    assert!(calls.inputs[0].problems.contains(&"ends in the middle: what came before was read".to_owned()));
    let calls = read(&[folder.file("cut.log", &text[..text.len() - 20])], 2);
    // Half a line is read as far as it goes, or counted.
    assert_eq!(calls.rows as u64 + calls.inputs[0].unreadable, 5_000);
    assert_eq!(calls.inputs[0].problems, ["its last line has no end: it may be cut or still being written"]);
}

#[test]
fn a_bomb_is_bounded() {
    let folder = Folder::new();
    let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(b'\n'), 200 << 20), 3).unwrap();
    let calls = read(&[folder.file("bomb.zst", &bomb), folder.file("a.log", &log(3))], 2);
    assert_eq!(calls.rows, 3);
    assert!(calls.inputs[0].problems[0].contains("unpacks to more than 1100 times its size"), "{:?}", calls.inputs[0]);
    assert!(calls.inputs[0].lines > 60 << 20);
}

#[test]
fn ten_thousand_small_files_are_read() {
    let folder = Folder::new();
    for number in 0..10_000 {
        folder.file(&format!("many/{:02}/{number}.log", number % 50), line(number).as_bytes());
    }
    let mut told = 0;
    let request = Request { inputs: vec![folder.path("many")], ..Request::default() };
    let calls = gather(&request, &mut |progress| told += progress.rows).unwrap();
    assert_eq!(sums(&calls), (10_000, 1_000, 3));
    assert_eq!(calls.inputs.len(), 10_000);
    assert!(calls.inputs.iter().all(|i| i.read == 1 && i.form == "ndjson"));
}

#[test]
fn little_memory_gives_a_coarser_table_with_the_same_counts() {
    let folder = Folder::new();
    let mut text = String::new();
    for number in 0..60_000 {
        let user = format!(",\"user\":\"user-with-a-long-name-{}\"}}\n", number * 7_919 % 60_000);
        text.push_str(&line(number).replace("}\n", &user));
    }
    let inputs = vec![folder.file("a.log", text.as_bytes())];
    let with = |memory, threads| {
        gather(&Request { inputs: inputs.clone(), threads, memory, ..Request::default() }, &mut |_| {}).unwrap()
    };
    let whole = with(crate::MEMORY, 2);
    assert_eq!((whole.rows, whole.weight.len(), whole.inputs[0].problems.len()), (60_000, 0, 0));
    let small = with(2 << 20, 2);
    assert!(small.rows < 60_000 && small.bytes() < 2 << 20, "{} rows, {} bytes", small.rows, small.bytes());
    assert_eq!(sums(&small), sums(&whole));
    assert!(small.request.is_empty() && small.named("user").is_none());
    let note = &small.inputs[0].problems[0];
    assert!(
        note.starts_with("all calls together take more than the memory allowed (2 MiB)")
            && note.contains("user left out"),
        "{note}"
    );
    assert_eq!(small.inputs[0].lines, 60_000);
    assert!(format!("{small:?}") == format!("{:?}", with(2 << 20, 1)));
}

#[test]
fn what_is_not_asked_for_is_not_kept() {
    let folder = Folder::new();
    let text = String::from_utf8(log(3_000)).unwrap().replace("}\n", ",\"user\":\"u1\",\"host\":\"h1\"}\n");
    let inputs = vec![folder.file("a.log", text.as_bytes())];
    let all = read(&inputs, 2);
    let settings = Settings { only: Some(vec![Attribute::Tenant, Attribute::Host]), ..Settings::default() };
    let few = gather(&Request { inputs, settings, ..Request::default() }, &mut |_| {}).unwrap();
    assert_eq!(sums(&few), sums(&all));
    assert_eq!((few.status, few.shapes.len(), few.request.len()), (all.status.clone(), all.shapes.len(), 0));
    let names = |calls: &[firstfault_calls::Dimension]| calls.iter().map(|d| d.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&all.dimensions), ["service", "method", "route", "tenant", "user", "host"]);
    assert_eq!(names(&few.dimensions), ["service", "method", "route", "tenant", "host"]);
}

#[test]
fn a_saved_table_is_read_back_beside_logs() {
    let folder = Folder::new();
    let calls = read(&[folder.file("a.log", &log(500))], 1);
    let verdicts = vec![firstfault_columns::Verdict::default(); calls.shapes.len()];
    let mut bytes = Vec::new();
    firstfault_columns::write(&calls, &verdicts, &mut str::to_owned, &mut bytes).unwrap();
    let saved = folder.file("calls.parquet", &bytes);
    let both = read(&[saved, folder.file("b.log", &log(200))], 2);
    assert_eq!(sums(&both), (700, 70, 3));
    let inputs: Vec<(&str, u64)> = both.inputs.iter().map(|i| (i.form.as_str(), i.lines)).collect();
    assert_eq!(inputs, [("calls table", 0), ("ndjson", 200), ("ndjson", 500)]);
    assert!(both.inputs[2].name.ends_with("a.log"));
    let failing = both.shapes.iter().find(|s| s.status == 503 && s.service == "a").unwrap();
    assert_eq!((both.inputs[failing.input as usize].name.ends_with("a.log"), failing.line), (true, 4));
    let broken = folder.file("broken.parquet", &bytes[..bytes.len() / 2]);
    let calls = read(&[broken, folder.file("b.log", &log(200))], 2);
    assert!(calls.inputs[0].problems[0].contains("is no whole Parquet file"), "{:?}", calls.inputs[0]);
}

#[test]
fn lines_come_in_order_and_filtered() {
    let folder = Folder::new();
    let text = log(30_000);
    let inputs = vec![folder.file("a.log", &text), folder.file("b.gz", &gzip(&text)), folder.path("none")];
    let request = Request { inputs, ..Request::default() };
    let mut seen = Vec::new();
    let read = lines(&request, &[], &mut |line| seen.push((line.input, line.number, line.text.to_owned()))).unwrap();
    assert_eq!(seen.len(), 60_000);
    assert!(
        seen.iter()
            .take(30_000)
            .enumerate()
            .all(|(at, (_, number, text))| { *number == at as u64 + 1 && *text == line(at).trim_end() })
    );
    assert_eq!((read[1].lines, read[2].problems.len()), (30_000, 1));
    let mut hits = Vec::new();
    let needles = ["\"r29999\"", "\"r7\"", "\"r123\""];
    let read = lines(&request, &needles, &mut |line| {
        assert!(line.layout.record(line.text).is_some());
        hits.push((line.input, line.number));
    })
    .unwrap();
    assert_eq!(hits, [(0, 8), (0, 124), (0, 30_000), (1, 8), (1, 124), (1, 30_000)]);
    assert_eq!((read[0].lines, read[0].read), (30_000, 3));
}

#[test]
fn the_year_is_that_of_the_newest_file() {
    let source =
        |changed| crate::sources::Source { name: String::new(), at: crate::sources::Where::Standard, size: 0, changed };
    let year = |seconds: &[u64]| crate::sources::year(&seconds.iter().map(|s| source(*s)).collect::<Vec<_>>());
    assert_eq!(year(&[]), None);
    assert_eq!(year(&[1_795_255_200, 5]), Some(2026));
    assert_eq!(year(&[1_735_689_599]), Some(2024));
    assert_eq!(year(&[1_735_689_600]), Some(2025));
}
