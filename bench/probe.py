"""What bench/probe prints: the time of a whole probe and of the TLS facts against one call of curl, and of the TLS facts against a full run
of the usual TLS scanner; and how long the program takes to start.

All of it on one loopback server with TLS 1.2 and 1.3, in one run, the programs in turn, whole processes from start to exit.
"""

import argparse
import json
import os
import shutil
import ssl
import statistics
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "localhost"
# Where a private copy of the scanner may lie; else the one on PATH.
SCANNER = os.environ.get("SSLYZE", "sslyze")


def certificates(folder):
    """A root, and a server's certificate that it signed."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem",
            "-days", "30", "-subj", "/O=Bench/CN=Bench Root")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={HOST}")
    with open(os.path.join(folder, "server.ext"), "w", encoding="utf-8") as file:
        file.write(f"subjectAltName=DNS:{HOST}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-out", "server.pem", "-days", "30", "-extfile", "server.ext")


class Answer(BaseHTTPRequestHandler):
    """A healthy endpoint."""
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, at once: else both clients wait 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        body = b'{"status":"ok"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    """Shakes hands on the thread of the connection, so that one that waits holds up no other."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Answer)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
        self.context.set_alpn_protocols(["http/1.1"])

    def finish_request(self, request, client_address):
        request.settimeout(10)
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


# What says where to connect must not come from outside.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}

TRANSCRIPT = """> GET /v1/me HTTP/1.1
> Host: api.example.com
>
< HTTP/1.1 401 Unauthorized
< Content-Type: application/json
<
{"error":"invalid_token","error_description":"The access token expired"}
"""


def seconds(command, accept=(0,)):
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
    took = time.perf_counter() - begun
    if done.returncode not in accept:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[:400]}")
    return took, done.stdout.decode(errors="replace")


def milliseconds(name, runs):
    print(f"{name:<50}{statistics.median(runs) * 1000:8.1f} ms")


def whole(firstfault, root, port, runs):
    """A whole probe of a healthy endpoint, in turn with one call of curl of the same."""
    url = f"https://{HOST}:{port}/v1/me"
    call = ["curl", "-sS", "--cacert", root, "-o", os.devnull, url]
    probe_command = [firstfault, "probe", "--format", "json", "--", "curl", "--cacert", root, url]
    probe, curl, extra = [], [], []
    for _ in range(runs):
        took, printed = seconds(probe_command)
        document = json.loads(printed)
        probe.append(took)
        curl.append(seconds(call)[0])
        # The second step of TLS is the survey: hellos on connections of their own, while the call itself is made.
        survey = [step for step in document["steps"] if step["step"] == "tls"][1:]
        extra.append(sum(step["milliseconds"] or 0 for step in survey) / 1000)
    if document["stopped"] != "nothing_failed" or document["requests"] != 1:
        sys.exit(f"expected one request and no failure, found: {printed}")
    names = [f"{step['step']} {step['milliseconds'] or 0:.1f}" for step in document["steps"]]
    ours, theirs, more = (statistics.median(times) for times in (probe, curl, extra))
    print(f"a probe, whole: median of {runs}")
    milliseconds("  firstfault probe of a healthy HTTPS endpoint", probe)
    milliseconds("  one curl call of the same", curl)
    milliseconds("  its own extra round trips: the survey of TLS", extra)
    print(f"  steps of the last run, ms: {', '.join(names)}")
    print(f"  probe / curl                                    {ours / theirs:8.2f}")
    print(f"  (probe - extra) / curl, at most 1.5             {(ours - more) / theirs:8.2f}")


def start(firstfault, folder, runs):
    """Cold start against that of curl."""
    paste = os.path.join(folder, "paste.txt")
    with open(paste, "w", encoding="utf-8") as file:
        file.write(TRANSCRIPT)
    version, diagnose, curl = [], [], []
    for _ in range(runs):
        version.append(seconds([firstfault, "--version"])[0])
        diagnose.append(seconds([firstfault, "diagnose", paste], accept=(1,))[0])
        curl.append(seconds(["curl", "--version"])[0])
    print(f"cold start: median of {runs}")
    milliseconds("  firstfault --version", version)
    milliseconds("  firstfault diagnose, one transcript", diagnose)
    milliseconds("  curl --version", curl)
    print(f"  firstfault --version / curl --version           {statistics.median(version) / statistics.median(curl):8.2f}")
    print(f"  firstfault diagnose / curl --version            {statistics.median(diagnose) / statistics.median(curl):8.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("facts")
    parser.add_argument("firstfault")
    parser.add_argument("folder")
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--scanner-runs", type=int, default=3)
    options = parser.parse_args()
    certificates(options.folder)
    server = Server(options.folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    root = os.path.join(options.folder, "root.pem")

    facts_command = [options.facts, HOST, str(port), root]
    curl_command = ["curl", "-sS", "--noproxy", "*", "--cacert", root, "-o", os.devnull, f"https://{HOST}:{port}/"]
    facts, curl = [], []
    for _ in range(options.runs):
        took, printed = seconds(facts_command)
        facts.append(took)
        curl.append(seconds(curl_command)[0])
    for fact in ("probe.tls = ok", "probe.tls.versions = TLS 1.2, TLS 1.3", "probe.tls.san = localhost", "probe.tls.root = given"):
        if fact not in printed:
            sys.exit(f"the facts lack {fact}:\n{printed}")
    ours = statistics.median(facts)
    print(f"TLS facts: median of {options.runs} runs                    {ours * 1000:8.1f} ms")
    print(f"one curl call to the same server                  {statistics.median(curl) * 1000:8.1f} ms")

    whole(options.firstfault, root, port, options.runs)
    start(options.firstfault, options.folder, options.runs)

    if shutil.which(SCANNER) is None:
        print("scanner: left out, sslyze is not installed (pip install sslyze, or SSLYZE=/path/to/sslyze)")
    else:
        report = os.path.join(options.folder, "sslyze.json")
        scans = []
        for _ in range(options.scanner_runs):
            # It ends with 1 when the server is not as Mozilla recommends: a finding, not a failure.
            scans.append(seconds([SCANNER, f"--json_out={report}", f"{HOST}:{port}"], accept=(0, 1))[0])
        with open(report, encoding="utf-8") as file:
            result = json.load(file)
        if result["server_scan_results"][0]["scan_status"] != "COMPLETED":
            sys.exit("sslyze did not complete its scan")
        version = result.get("sslyze_version", "?")
        theirs = statistics.median(scans)
        print(f"sslyze {version}, a full run: median of {options.scanner_runs}          {theirs * 1000:8.1f} ms")
        print(f"TLS facts: times as fast as the scanner           {theirs / ours:8.1f}")


if __name__ == "__main__":
    main()
