"""Measures firstfault beside programs that everybody has, in one run on one machine. See bench/README.md."""

import json
import os
import random
import statistics
import subprocess
import sys
import time

PROGRAM, FOLDER = sys.argv[1], sys.argv[2]
EXAMPLE = "examples/crm-400.txt"
JQ = "[.log.entries[]|select(.response.status>=400 or .response.status==0)]|length"
STARTS = 50
HAR_BYTES = 100_000_000
LINES = 1_000_000
FAILING = 0.02


def run(*command):
    """Seconds, CPU seconds, peak MiB and output of one run."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = child.stdout.read()
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def show(what, value, goal=""):
    print(f"{what:<58} {value:>16}  {goal}", flush=True)


def path(name):
    return os.path.join(FOLDER, name)


def cold_start():
    ours, theirs, peak = [], [], 0.0
    for _ in range(STARTS):
        theirs.append(run("curl", "--version")[0])
        seconds, _, mib, _ = run(PROGRAM, "diagnose", EXAMPLE)
        ours.append(seconds)
        peak = max(peak, mib)
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    show("cold start: one pasted transcript", f"{ours * 1e3:.2f} ms")
    show("cold start: curl --version", f"{theirs * 1e3:.2f} ms")
    show("cold start: ratio to curl --version", f"{ours / theirs:.2f}", "goal: at most 1")
    show("cold start: peak memory", f"{peak:.1f} MiB", "goal: under 32")


def write_har(file):
    """A HAR as Chrome saves it: indented, all headers of both sides, bodies of some kilobytes; 2 % of the entries fail."""
    rng = random.Random(7)
    words = ("order customer invoice address status created updated amount currency total pending shipped "
             "quantity price reference description warehouse region").split()

    def body():
        items = [{rng.choice(words): rng.randrange(10**6), rng.choice(words): " ".join(rng.choices(words, k=6))}
                 for _ in range(rng.randrange(4, 90))]
        return json.dumps({"items": items, "next": f"c_{rng.getrandbits(64):x}"})

    def headers(fields):
        return [{"name": name, "value": value} for name, value in fields.items()]

    def asked(method, path):
        cookies = "; ".join(f"{name}={rng.getrandbits(96):024x}" for name in ("sid", "_ga", "_gid", "consent", "csrf"))
        return {":authority": "shop.example.com", ":method": method, ":path": path, ":scheme": "https", "accept": "application/json, text/plain, */*",
                "accept-encoding": "gzip, deflate, br, zstd", "accept-language": "en-GB,en;q=0.9,de;q=0.8", "cache-control": "no-cache", "cookie": cookies,
                "origin": "https://shop.example.com", "pragma": "no-cache", "priority": "u=1, i", "referer": "https://shop.example.com/checkout",
                "sec-ch-ua": '"Chromium";v="136", "Google Chrome";v="136", "Not.A/Brand";v="99"', "sec-ch-ua-mobile": "?0",
                "sec-ch-ua-platform": '"Windows"', "sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin",
                "user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36"}

    def answered():
        return {"alt-svc": 'h3=":443"; ma=86400', "cache-control": "no-store", "cf-cache-status": "DYNAMIC", "cf-ray": f"{rng.getrandbits(64):016x}-FRA",
                "content-encoding": "br", "content-security-policy": "default-src 'self'; img-src 'self' data: https:; frame-ancestors 'none'",
                "content-type": "application/json; charset=utf-8", "date": "Tue, 06 May 2025 09:12:44 GMT", "etag": f'W/"{rng.getrandbits(64):x}"',
                "referrer-policy": "strict-origin-when-cross-origin", "server": "cloudflare", "strict-transport-security": "max-age=31536000; includeSubDomains",
                "vary": "accept-encoding, origin", "x-content-type-options": "nosniff", "x-frame-options": "DENY", "x-request-id": f"{rng.getrandbits(128):032x}"}

    written = failed = entries = 0
    file.write('{\n  "log": {\n    "version": "1.2",\n    "creator": {"name": "WebInspector", "version": "537.36"},\n    "pages": [],\n    "entries": [')
    while written < HAR_BYTES:
        fails = rng.random() < FAILING
        status = rng.choice([0, 400, 401, 403, 404, 429, 500, 502, 503, 504]) if fails else rng.choice([200, 200, 200, 201, 304])
        text = json.dumps({"error": {"code": rng.choice(words).upper(), "message": f"request {entries} was refused"}}) if fails else body()
        method, target = rng.choice(["GET", "GET", "POST"]), f"/api/{rng.choice(words)}/{rng.randrange(10**6)}"
        entry = {
            "_initiator": {"type": "script", "stack": {"callFrames": [{"functionName": name, "scriptId": "31", "url": "https://shop.example.com/assets/app.js",
                           "lineNumber": rng.randrange(9000), "columnNumber": rng.randrange(80)} for name in ("request", "dispatch", "load", "")]}},
            "_priority": "High", "_resourceType": "fetch", "cache": {}, "connection": "443",
            "request": {"method": method, "url": f"https://shop.example.com{target}", "httpVersion": "http/2.0", "headers": headers(asked(method, target)),
                        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
            "response": {"status": status, "statusText": "", "httpVersion": "http/2.0", "headers": headers(answered()) if status else [], "cookies": [],
                         "content": {"size": len(text), "mimeType": "application/json", "text": text} if status else {"size": 0, "mimeType": "x-unknown"},
                         "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 900, "_error": None if status else "net::ERR_CONNECTION_RESET"},
            "serverIPAddress": "192.0.2.10", "startedDateTime": f"2025-05-06T09:{entries // 60 % 60:02}:{entries % 60:02}.000Z", "time": 41.2,
            "timings": {"blocked": 1.1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 39, "receive": 1, "_blocked_queueing": 0.4},
        }
        text = ("," if entries else "") + "\n" + json.dumps(entry, indent=2)
        file.write(text)
        written += len(text)
        entries += 1
        failed += fails
    file.write("\n    ]\n  }\n}\n")
    return entries, failed


def har():
    with open(path("shop.har"), "w") as file:
        entries, failed = write_har(file)
    show("HAR: size, entries, failing", f"{os.path.getsize(file.name) // 10**6} MB {entries} {failed}")
    theirs, _, their_peak, counted = run("jq", JQ, file.name)
    assert int(counted) == failed, (counted, failed)
    ours, _, our_peak, out = min(run(PROGRAM, "diagnose", "--format", "json", file.name) for _ in range(3))
    summary = json.loads(out)["inputs"][0]
    assert (summary["calls"], summary["failed"]) == (entries, failed), summary
    show("HAR: diagnosed", f"{ours:.2f} s")
    show("HAR: jq counts the failing entries", f"{theirs:.2f} s")
    show("HAR: times as fast as jq", f"{theirs / ours:.1f}", "goal: at least 8")
    show("HAR: peak memory", f"{our_peak:.0f} MiB", "the file is read whole: 95 MiB of it are the input")
    show("HAR: peak memory of jq", f"{their_peak:.0f} MiB")
    if not os.environ.get("KEEP"): os.remove(file.name)


def json_line(rng, number):
    head = {"@timestamp": f"2025-05-06T09:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z", "service.name": "orders", "trace.id": f"{rng.getrandbits(128):032x}"}
    if rng.random() >= FAILING:
        return json.dumps({**head, "log.level": "info", "message": "request done", "http.request.method": "GET", "url.path": f"/v1/orders/{rng.randrange(10**6)}",
                           "http.response.status_code": 200, "event.duration": rng.randrange(10**8)})
    kind, message = rng.choice([
        ("java.net.SocketTimeoutException", "Read timed out"), ("java.net.ConnectException", "Connection refused"),
        ("org.springframework.web.client.HttpClientErrorException$TooManyRequests", "429 Too Many Requests"),
        ("com.example.StockException", f"no stock for item {rng.randrange(10**6)}")])
    return json.dumps({**head, "log.level": "error", "message": f"call failed: {message}", "error.type": kind, "error.message": message,
                       "error.stack_trace": f"{kind}: {message}\n\tat com.example.Client.call(Client.java:{rng.randrange(900)})\n\tat com.example.Main.main(Main.java:12)"})


def access_line(rng, number):
    status = rng.choice([404, 429, 500, 502, 503, 504]) if rng.random() < FAILING else 200
    took = 30.001 if status == 504 else rng.random() / 5
    return (f'10.0.{rng.randrange(256)}.{rng.randrange(256)} - - [06/May/2025:09:{number // 60000 % 60:02}:{number // 1000 % 60:02} +0000] '
            f'"GET /v1/orders/{rng.randrange(10**6)} HTTP/1.1" {status} {rng.randrange(5000)} "-" "okhttp/4.12.0" rt={took:.3f} urt="{took:.3f}"')


def lines(what, make):
    rng = random.Random(11)
    with open(path("lines.log"), "w") as file:
        file.writelines(make(rng, number) + "\n" for number in range(LINES))
    seconds, cpu, peak, _ = min(run(PROGRAM, "diagnose", "--format", "jsonl", file.name) for _ in range(3))
    size = os.path.getsize(file.name) / 2**20
    show(f"{what}: lines per second", f"{LINES / seconds:,.0f}")
    show(f"{what}: lines per second of one core", f"{LINES / cpu:,.0f}", "goal: at least 150,000")
    show(f"{what}: peak memory", f"{peak:.0f} MiB", f"of an input of {size:.0f} MiB")
    os.remove(file.name)


cold_start()
har()
lines("NDJSON", json_line)
lines("access log", access_line)
