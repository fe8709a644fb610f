//! Commands as people and tools write them, from curl's manual, browsers' "Copy as cURL" and API guides.

use super::*;

/// Arguments of every command found, joined by `|`.
fn found(text: &str) -> Vec<String> {
    split(text).iter().map(|c| c.arguments.join("|")).collect()
}

#[test]
fn commands_are_found_as_each_shell_cuts_them() {
    for (text, expected) in [
        ("curl https://h.example/a?b=1", vec!["https://h.example/a?b=1"]),
        ("$ curl -sSLk 'https://h/' -H \"A: \\\"b\\\"\"", vec!["-sSLk|https://h/|-H|A: \"b\""]),
        ("# curl -v https://h/ # a remark", vec!["-v|https://h/"]),
        ("user@host:~/x$ curl -v https://h/ 2>&1 | grep -i date", vec!["-v|https://h/"]),
        ("[root@web ~]# curl -v https://h/", vec!["-v|https://h/"]),
        (
            "curl -X POST \\\n  https://h/ \\\n  -d '{\n  \"a\": \"it'\\''s\"\n}'\nHTTP/1.1 200 OK",
            vec!["-X|POST|https://h/|-d|{\n  \"a\": \"it's\"\n}"],
        ),
        ("$ curl -d '{\n> \"a\": 1\n> }' \\\n> https://h/", vec!["-d|{\n\"a\": 1\n}|https://h/"]),
        ("curl $'https://h/\\x41\\u00e9\\'\\n\\t\\101\\ud83d\\ude00'", vec!["https://h/Aé'\n\tA😀"]),
        (
            "curl -H \"Authorization: Bearer $(gcloud auth print-access-token --x \"a b\")\" \"${BASE}/v1\"",
            vec!["-H|Authorization: Bearer $(gcloud auth print-access-token --x \"a b\")|${BASE}/v1"],
        ),
        ("TOKEN=$(curl -s https://id/ -d a=1 | jq -r .token)", vec!["-s|https://id/|-d|a=1"]),
        (
            "curl -H \"A: $(curl -s https://in/)\" https://out/",
            vec!["-s|https://in/", "-H|A: $(curl -s https://in/)|https://out/"],
        ),
        ("A=1 B=2 sudo -u www time curl -I localhost:80", vec!["-I|localhost:80"]),
        ("docker compose exec -T web curl -s http://api:8080/health", vec!["-s|http://api:8080/health"]),
        ("kubectl exec -it pod -- sh -c 'curl -s \"http://svc/x y\"'", vec!["-s|http://svc/x y"]),
        ("cd /x && curl https://a/ ; curl https://b/ || echo no", vec!["https://a/", "https://b/"]),
        ("for i in 1 2; do curl -s https://h/$i; done", vec!["-s|https://h/$i"]),
        ("/usr/bin/curl -s https://h/ > out.json", vec!["-s|https://h/"]),
        (
            "curl -d \"$(cat <<EOF\n{\"a\": \"it's (ok\"}\nEOF\n)\" https://h/",
            vec!["-d|{\"a\": \"it's (ok\"}|https://h/"],
        ),
        // Chrome, "Copy as cURL (cmd)": now, and before 2023
        (
            "curl ^\"https://h/?a=1^&b=2^\" ^\n  -H ^\"a: ^\\^\"x^\\^\"^\" ^\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"50^%^\\^\"^}^\"",
            vec!["https://h/?a=1&b=2|-H|a: \"x\"|--data-raw|{\"a\":\"50%\"}"],
        ),
        (
            "curl \"https://h/?a=1^&b=2\" ^\n  --data-raw \"^{^\\^\"a^\\^\":1^}\" ^\n  --compressed",
            vec!["https://h/?a=1&b=2|--data-raw|{\"a\":1}|--compressed"],
        ),
        (
            "C:\\Users\\me>curl -d \"{\\\"a\\\":\\\"b c\\\"}\" \"https://h/?a&b\" > out.txt",
            vec!["-d|{\"a\":\"b c\"}|https://h/?a&b"],
        ),
        ("curl.exe -d \"{\"\"a\"\":1}\" https://h/", vec!["-d|{\"a\":1}|https://h/"]),
        // PowerShell
        (
            "PS C:\\> curl.exe -H 'a: it''s' `\n  -d '{\\\"a\\\":1}' https://h/",
            vec!["-H|a: it's|-d|{\"a\":1}|https://h/"],
        ),
        (
            "Invoke-RestMethod -Method Post -Uri 'https://h/x' -Headers @{ Authorization = \"Bearer t\"; 'X-A'='1' } -ContentType 'application/json' -Body '{\"a\":1}'",
            vec![
                "https://h/x|--header|Authorization: Bearer t|--header|X-A: 1|--header|Content-Type: application/json|--data-raw|{\"a\":1}|--request|POST|--location",
            ],
        ),
        (
            "Invoke-WebRequest -UseBasicParsing -Uri \"https://h/\" `\n-Headers @{\n\"accept\"=\"*/*\"\n  \"x\"=\"`\"q`\"\"\n}",
            vec!["https://h/|--header|accept: */*|--header|x: \"q\"|--location"],
        ),
        ("$ dokku run flows curl -v http://172.17.0.20:5678", vec!["-v|http://172.17.0.20:5678"]),
        // no commands
        ("curl is failing here", vec![]),
        ("curl: (60) SSL certificate problem: unable to get local issuer certificate", vec![]),
        ("$ apt install curl\nUser-Agent: curl/8.1.2", vec![]),
        ("I ran curl -v and it's broken", vec![]),
        ("Invoke-RestMethod : The remote server returned an error: (401) Unauthorized.", vec![]),
        ("$ curl --version", vec![]),
        // an apostrophe that never closes ends with its line
        ("curl -v https://h/it's\nnext line", vec!["-v|https://h/it's"]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn standard_input_is_read_from_here_documents() {
    for (text, expected) in [
        ("curl -d @- https://h/ <<'EOF'\n{\"a\": \"$x\"}\nEOF\nout", "{\"a\": \"$x\"}\n"),
        ("curl -d @- https://h/ <<-END\n\t{\\$a}\n\tEND\n", "{$a}\n"),
        ("cat <<EOF | curl -d @- https://h/\nx\nEOF", "x\n"),
        ("curl --json @- https://h/ <<< '{\"a\":1}'", "{\"a\":1}\n"),
    ] {
        let commands = split(text);
        assert_eq!(commands[0].stdin.as_deref(), Some(expected), "{text}");
        let body = request_from_command(text).unwrap().body.unwrap();
        let sent = if text.contains("--json") { expected.to_owned() } else { expected.replace('\n', "") };
        assert_eq!(body.text, sent, "{text}");
    }
}

#[test]
fn spans_cover_the_command() {
    let text = "see\n$ curl -v \\\n  https://h/ | jq .\nand\ncurl https://b/";
    let spans: Vec<(u32, &str)> = split(text).iter().map(|c| (c.span.line, &text[c.span.start..c.span.end])).collect();
    assert_eq!(spans, [(2, "curl -v \\\n  https://h/"), (5, "curl https://b/")]);
    assert_eq!(command_at(&text[4..]).map(|(_, lines)| lines), Some(2));
}

struct Folder;

impl Files for Folder {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        Some(match name {
            "body.json" => b"{\r\n \"a\": 1\n}\n".to_vec(),
            "a.png" => b"PNG".to_vec(),
            "fields" => b"X-A: 1\nX-B: 2\n".to_vec(),
            "conf" => b"# comment\nurl = \"https://conf/\\\"x\"\n-H \"X: y\"\nrequest: PUT\nsilent\n".to_vec(),
            _ => return None,
        })
    }
}

/// `METHOD URL [Name: value]… « body` of every transfer, then what is special.
fn shown(command: &str) -> String {
    let commands = split(command);
    let parsed = parse(&commands[0].arguments, &Folder);
    let mut out = Vec::new();
    for transfer in &parsed.transfers {
        let request = &transfer.request;
        let mut line = format!("{} {}", request.method.as_deref().unwrap_or("-"), request.url);
        for field in &request.headers.0 {
            line.push_str(&format!(" [{}: {}]", field.name, field.value));
        }
        if let Some(body) = &request.body {
            line.push_str(&format!(" « {}", body.text));
        }
        if !transfer.unread.is_empty() {
            line.push_str(&format!(" unread {}", transfer.unread.join(",")));
        }
        out.push(line);
    }
    out.join("\n")
}

const FORM: &str = "[Content-Type: application/x-www-form-urlencoded]";

#[test]
fn options_mean_what_the_manual_says() {
    for (command, expected) in [
        ("curl https://h", "GET https://h/".to_owned()),
        ("curl h.example:8080/x", "GET http://h.example:8080/x".to_owned()),
        ("curl -XPUT -HX:\\ y https://h/", "PUT https://h/ [X: y]".to_owned()),
        ("curl -d a=1 --data b=2 https://h/", format!("POST https://h/ {FORM} « a=1&b=2")),
        ("curl -d @body.json https://h/", format!("POST https://h/ {FORM} « {{ \"a\": 1}}")),
        ("curl --data-binary @body.json -H 'Content-Type: text/x' https://h/", "POST https://h/ [Content-Type: text/x] « {\r\n \"a\": 1\n}\n".to_owned()),
        ("curl --data-raw @body.json https://h/", format!("POST https://h/ {FORM} « @body.json")),
        ("curl -d @none.json https://h/", format!("POST https://h/ {FORM} « @none.json unread none.json")),
        ("curl -G -d q=1 --data-urlencode 'a b' 'https://h/?x=1#f'", "GET https://h/?x=1&q=1&a+b#f".to_owned()),
        ("curl --data-urlencode 'a=b c&d' --data-urlencode '=e=f' --data-urlencode n@a.png https://h/", format!("POST https://h/ {FORM} « a=b+c%26d&e%3Df&n=PNG")),
        ("curl --data-urlencode @a.png https://h/", format!("POST https://h/ {FORM} « PNG")),
        ("curl --json '{\"a\":' --json '1}' https://h/", "POST https://h/ [Content-Type: application/json] [Accept: application/json] « {\"a\":1}".to_owned()),
        ("curl -I https://h/", "HEAD https://h/".to_owned()),
        ("curl -T a.png https://h/up/", "PUT https://h/up/a.png « PNG".to_owned()),
        ("curl -u me:pw https://h/", "GET https://h/ [Authorization: Basic bWU6cHc=]".to_owned()),
        ("curl -u me:pw --digest https://h/", "GET https://h/".to_owned()),
        ("curl -u me:pw -H 'authorization: X' https://h/", "GET https://h/ [authorization: X]".to_owned()),
        ("curl https://me:p%40w@h/", "GET https://me:p%40w@h/ [Authorization: Basic bWU6cEB3]".to_owned()),
        ("curl --oauth2-bearer t https://h/", "GET https://h/ [Authorization: Bearer t]".to_owned()),
        ("curl -A x -e 'https://r/;auto' -b a=1 -b 'b=2; c=3' -r 0-9 -z 'Tue, 01 Jan 2024' https://h/", "GET https://h/ [Range: bytes=0-9] [User-Agent: x] [Referer: https://r/] [Cookie: a=1; b=2; c=3] [If-Modified-Since: Tue, 01 Jan 2024]".to_owned()),
        ("curl -H 'X;' -H 'Y:' -H 'Content-Type:' -d a https://h/", "POST https://h/ [X: ] « a".to_owned()),
        ("curl -H @fields https://h/", "GET https://h/ [X-A: 1] [X-B: 2]".to_owned()),
        ("curl https://a/ https://b/ -H 'X: 1' --next -d z https://c/", format!("GET https://a/ [X: 1]\nGET https://b/ [X: 1]\nPOST https://c/ {FORM} « z")),
        ("curl -K conf", "PUT https://conf/\"x [X: y]".to_owned()),
        ("curl https://h/a/./b/../c --url-query 'k=v w' --url-query +raw", "GET https://h/a/c?k=v+w&raw".to_owned()),
        ("curl --path-as-is https://h/a/../c", "GET https://h/a/../c".to_owned()),
        ("curl -X OPTIONS --request-target '*' https://h/", "OPTIONS https://h*".to_owned()),
        ("curl --variable t=s3 --variable f@a.png --expand-header 'A: {{t:b64}} {{f}}' https://h/", "GET https://h/ [A: czM= PNG]".to_owned()),
        ("curl --no-progress-meter --compressed --loca --resolve h:443:1.2.3.4 https://h/", "GET https://h/".to_owned()),
        ("curl 'https://h/{a,b}[1-3]'", "GET https://h/{a,b}[1-3]".to_owned()),
        ("curl -F 'a=1;type=text/x; charset=y' -F 'f=@a.png' --form-string 's=@x;y' https://h/", {
            let b = form::BOUNDARY;
            format!("POST https://h/ [Content-Type: multipart/form-data; boundary={b}] « --{b}\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/x; charset=y\r\n\r\n1\r\n--{b}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--{b}\r\nContent-Disposition: form-data; name=\"s\"\r\n\r\n@x;y\r\n--{b}--\r\n")
        }),
    ] {
        assert_eq!(shown(command), expected, "{command}");
    }
}

#[test]
fn what_curl_would_refuse_is_a_problem() {
    for (command, expected) in [
        (
            "curl --data=x https://h/",
            "expected a blank between --data and its value, found an equals sign, which curl refuses",
        ),
        ("curl --dat x https://h/", "expected one option of curl, found the ambiguous --dat"),
        ("curl --nonsense https://h/", "expected an option of curl, found --nonsense"),
        ("curl https://h/ -H", "expected a value behind --header, found the end"),
        ("curl -v -s", "expected a url, found none"),
    ] {
        let parsed = parse(&split(command)[0].arguments, &NoFiles);
        assert_eq!(parsed.problems, [expected], "{command}");
    }
    let parsed = parse(
        &split("curl -vLk -x p:1 -w '%{http_code}' -o /dev/null -m 5 -H 'Bearer x' https://h/")[0].arguments,
        &NoFiles,
    );
    let transfer = &parsed.transfers[0];
    assert!(transfer.follow && transfer.insecure && transfer.output.verbose);
    assert_eq!(
        (transfer.proxy.as_deref(), transfer.option("max-time"), transfer.output.file.as_deref()),
        (Some("p:1"), Some("5"), Some("/dev/null"))
    );
    assert_eq!(transfer.problems, ["expected `name: value` behind -H, found \"Bearer x\", which curl leaves out"]);
}

#[test]
fn exports_are_readable() {
    let request = request_from_command("curl -u a:b --json '{\"a\":\"it'\"'\"'s\"}' 'https://h/?a=1&b={c}'").unwrap();
    assert_eq!(
        export(&request, Shell::Posix),
        [
            "curl -X POST 'https://h/?a=1&b={c}' \\",
            "  --globoff \\",
            "  -H 'Authorization: Basic YTpi' \\",
            "  -H 'Content-Type: application/json' \\",
            "  -H 'Accept: application/json' \\",
            "  -d $'{\"a\":\"it\\'s\"}'",
        ]
    );
    assert_eq!(
        export(&request, Shell::Cmd),
        [
            "curl -X POST \"https://h/?a=1&b={c}\" ^",
            "  --globoff ^",
            "  -H \"Authorization: Basic YTpi\" ^",
            "  -H \"Content-Type: application/json\" ^",
            "  -H \"Accept: application/json\" ^",
            "  -d ^\"^{\\^\"a\\^\":\\^\"it's\\^\"^}^\"",
        ]
    );
    let lines = export(&request, Shell::PowerShell);
    assert_eq!(lines[0], "$PSNativeCommandArgumentPassing = 'Legacy'");
    assert_eq!(lines[6], "  -d '{\\\"a\\\":\\\"it''s\\\"}'");
}

/// A small generator (xorshift), so that the same requests are made every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }

    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.roll(most + 1)).map(|_| pieces[self.roll(pieces.len())]).collect()
    }
}

pub(crate) fn requests(count: usize, shell: Shell) -> Vec<Request> {
    const PIECES: &[&str] = &[
        "a", "Z", "0", " ", "'", "\"", "\\", "$", "`", "!", "%", "^", "&", "|", "<", ">", "(", ")", "{", "}", "[", "]",
        "#", ";", "@", "~", "*", "?", "=", "+", "é", "😀", "\\\"", "\\'", "$(x)", "${y}", "%PATH%", "''", "\"\"",
        "\\\\", "^\"", "//", "-d", "EOF", ":", ",",
    ];
    const CONTROLS: &[&str] = &["\n", "\t", "\r", "\r\n", "\u{1b}", "\u{7f}", "\\\n", "`\n", "^\n", "\u{1}"];
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut made = Vec::new();
    for _ in 0..count {
        let mut pieces = PIECES.to_vec();
        match shell {
            Shell::Posix => pieces.extend(CONTROLS),
            // cmd has no carriage return inside an argument.
            Shell::Cmd => pieces.extend(["\n", "\t"]),
            Shell::PowerShell => pieces.extend(["\n", "\t"]),
        }
        let path =
            dice.text(&["a", "/", "%20", "'", "(", ")", "!", "*", "$", "&", "~", "[1]", "{a}", "é", "..", "./"], 8);
        let query = dice.text(&["a=1", "&", "%", "'", "\\", "^", "|", "$x", "b={c}", "`"], 6);
        let text = format!("https://h.example:8443/{path}{}{query}", if query.is_empty() { "" } else { "?" });
        let mut request = Request { url: Url::parse(&text), ..Request::default() };
        request.method =
            Some(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "X-ODD"][dice.roll(8)].to_owned());
        for i in 0..dice.roll(4) {
            let value = dice.text(&pieces, 10).trim_start().to_owned();
            request.headers.push(
                ["X-A", "Content-Type", "Authorization", "x-b"][(i + dice.roll(2)) % 4],
                value,
                Span::default(),
            );
        }
        if dice.roll(2) == 0 {
            request.body = Some(firstfault_model::Body::bounded(&dice.text(&pieces, 30), Span::default()));
        }
        request.version = [None, Some("HTTP/1.1"), Some("HTTP/2")][dice.roll(3)].map(str::to_owned);
        made.push(request);
    }
    made
}

use firstfault_model::Url;

#[test]
fn an_export_is_read_back_to_the_same_request() {
    for shell in [Shell::Posix, Shell::Cmd, Shell::PowerShell] {
        for request in requests(3_000, shell) {
            let text = export(&request, shell).join("\n");
            let commands = split(&text);
            assert_eq!(commands.len(), 1, "{text}");
            // One line without anything of a shell's own is the same in all of them.
            if text.contains('\n') || text.contains("^\"") {
                assert_eq!(commands[0].shell, shell, "{text}");
            }
            let parsed = parse(&commands[0].arguments, &NoFiles);
            assert_eq!(parsed.problems, Vec::<String>::new(), "{text}");
            let back = &parsed.transfers[0].request;
            assert_eq!(back, &request, "{text}\n{:?}", commands[0].arguments);
        }
    }
}

#[test]
fn commands_cut_anywhere_are_read() {
    let text = "$ X=1 curl -X POST \"https://h/$(curl -s 'https://i/')\" \\\n -H $'a: \\u00e9\\'' -F 'f=@x;type=\"a\\\"b\"' -d @- <<EOF | jq\n{é}\nEOF\nPS C:\\> curl.exe -d '{\\\"a\\\":1}' `\n https://h/\nInvoke-RestMethod -Uri \"https://h/`$x\" -Headers @{ \"a\" = (f 'x'); b=\"`\"\" } -Body @'\n{}\n'@\ncurl ^\"https://h/^\" ^\n -d ^\"^{^\\^\"a^\\^\"^}^\"\n";
    for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
        for command in split(&text[..end]) {
            let _ = parse(&command.arguments, &command);
        }
        for start in (0..end).step_by(7).filter(|i| text.is_char_boundary(*i)) {
            let _ = split(&text[start..end]);
        }
    }
}

#[test]
fn hostile_text_is_read_in_bounded_time() {
    for piece in [
        "curl '",
        "curl \"",
        "curl $(",
        "curl x|",
        "\ncurl x '",
        "curl x <<A ",
        "`curl ",
        "$(curl ",
        "Invoke-RestMethod -Uri @{",
        "\nPS >curl.exe '",
        "curl ^\"",
        "\ncurl ^\" \"",
        "curl -d \"$(cat <<E\n",
    ] {
        let text = format!("curl x {}", piece.repeat(400_000 / piece.len()));
        // A quadratic scan would show as a test that hangs.
        assert!(split(&text).len() <= text.len(), "{piece:?}");
    }
}
