"""What bench/probe prints: the time of the TLS facts against a full run of the usual TLS scanner, and against one call of curl.

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


def seconds(command, accept=(0,)):
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    took = time.perf_counter() - begun
    if done.returncode not in accept:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[:400]}")
    return took, done.stdout.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("facts")
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
