"""Counts what leaks, what is redacted without need, and how fast the filter is. See bench/README.md.

    run.py PROGRAM FOLDER [leaks] [benign] [speed] [--all] [--seed N] [--list FILE]
"""

import base64
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import benign
import make

BATCH = 40
SHARES = 8
STREAM = "redact, all in one stream"
WINDOW = make.WINDOW
RUN = re.compile(r"[^\s\"'<>(){}\[\],;\\|`]{12,}")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
BENIGN_VALUES = 30_000
BENIGN_GOAL = 0.01
LOG_BYTES = 200_000_000
SCANNED_BYTES = 1_000_000


def show(what, value, goal=""):
    print(f"{what:<64} {value:>16}  {goal}", flush=True)


class Run:
    def __init__(self, program, folder, seed):
        self.program, self.folder, self.seed = os.path.abspath(program), folder, seed
        self.findings = []

    def ask(self, *arguments, stdin=None):
        """Everything that one run writes: standard output and standard error."""
        ran = subprocess.run([self.program, *arguments], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, cwd=self.folder)
        return ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace"), ran.returncode

    def path(self, name):
        return os.path.join(self.folder, name)


# ---- leaks ------------------------------------------------------------------------------------------------------------


class Watch:
    """Finds any twelve characters in a row of any planted secret, plain, percent-encoded or in base64."""

    def __init__(self, planted):
        self.planted = planted
        self.windows, self.awkward, self.short = {}, [], {}
        self.seen = {}
        for number, canary in enumerate(planted):
            for piece in canary.secret:
                if len(piece) < WINDOW:
                    self.short[piece] = number
                elif RUN.fullmatch(piece):
                    starts = [*range(0, min(len(piece) - WINDOW, 300) + 1), *range(300, len(piece) - WINDOW, WINDOW), len(piece) - WINDOW]
                    self.windows.update((piece[at:at + WINDOW], number) for at in starts)
                else:
                    self.awkward.append((piece, number))
        self.short_finder = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, self.short)) + r")(?![\w.])") if self.short else None

    def in_run(self, run):
        known = self.seen.get(run)
        if known is None:
            hits = {self.windows[run[at:at + WINDOW]] for at in range(len(run) - WINDOW + 1) if run[at:at + WINDOW] in self.windows}
            for piece in BASE64.findall(run):
                for start in range(0, 1 if len(piece) < 200 else 4):
                    plain = piece[start:].replace("-", "+").replace("_", "/")
                    text = base64.b64decode(plain + "=" * (-len(plain) % 4) if len(plain) % 4 != 1 else plain[:-1]).decode("latin-1")
                    hits |= {self.windows[text[at:at + WINDOW]] for at in range(len(text) - WINDOW + 1) if text[at:at + WINDOW] in self.windows}
            known = self.seen[run] = frozenset(hits)
        return known

    def leaks(self, out, among):
        """Numbers of the canaries that show in `out`; those that need a search of their own are sought `among` these."""
        hits = set()
        texts = [out]
        if "%" in out:
            texts += [urllib.parse.unquote(out), urllib.parse.unquote(urllib.parse.unquote(out)), urllib.parse.unquote_plus(out)]
        for text in texts:
            for run in set(RUN.findall(text)):
                hits |= self.in_run(run)
            if self.short_finder:
                hits |= {self.short[found] for found in self.short_finder.findall(text)}
        plain = []
        for text in texts if any(number in among for _, number in self.awkward) else []:
            if "&" in text:
                text = text.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'").replace("&amp;", "&")
            once = unescaped(text)
            plain += [text, once, unescaped(once)]
        for piece, number in self.awkward:
            if number in among:
                middle = len(piece) // 2
                for part in (piece[:WINDOW], piece[middle - 6:middle + 6], piece[-WINDOW:]):
                    if any(part in text for text in plain):
                        hits.add(number)
        return hits


def unescaped(text):
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")


def choices(help_text, option):
    """The values that the help names for an option."""
    found = re.search(rf"--{option} <[^\n]*\n(.*?)(?=\n\s+(?:-\w, )?--|\Z)", help_text, re.S)
    if not found:
        return []
    inline = re.search(r"\[possible values: ([^\]]*)\]", found[1])
    return [value.strip() for value in inline[1].split(",")] if inline else re.findall(r"^\s+- ([\w-]+):", found[1], re.M)


def ways(run):
    """Every way to have a diagnosis written, as the help tells them: name and arguments."""
    help_text = run.ask("diagnose", "--help")[0]
    out = [(f"diagnose --format {name}", ["diagnose", "--format", name]) for name in choices(help_text, "format")]
    out += [(f"diagnose --format {name} --verbose", ["diagnose", "--format", name, "--verbose"]) for name in ("text", "md")]
    out += [("diagnose --facts", ["diagnose", "--facts"])]
    out += [(f"diagnose --for {name}", ["diagnose", "--for", name]) for name in choices(help_text, "for")]
    out += [("diagnose --redact strict --format json", ["diagnose", "--redact", "strict", "--format", "json"])]
    out += [(f"diagnose --as {name} --verbose", ["diagnose", "--as", name, "--verbose"]) for name in ("har", "log", "curl-command")]
    return out


def leaks(run):
    planted = list(make.canaries(run.seed))
    for number, canary in enumerate(planted):
        with open(run.path(f"{number:05}.txt"), "w") as file:
            file.write(canary.text)
    watch = Watch(planted)
    # A name of a file says nothing about it: only what is known by its shape can be kept out of a message about it.
    alone = {kind["id"] for kind in make.read("kinds.toml")["kind"] if kind["alone"]}
    # Every way of writing is shown a share of its own of all that is planted; the filter, in one stream, is shown all of it.
    shares = [list(range(at, len(planted), 1 if run.all else SHARES)) for at in range(1 if run.all else SHARES)]
    show("canaries: kinds, places, planted", f"{len({c.kind for c in planted})} {len({c.place for c in planted})} {len(planted)}")
    total = 0
    jobs = []
    for name, arguments in ways(run):
        # A letter is about one failure: it takes one input.
        one = run.ask(*arguments, "00000.txt", "00001.txt")[2] == 2 and run.ask(*arguments, "00000.txt")[2] != 2
        jobs.append((name, (lambda batch, arguments=arguments: joined([run.ask(*arguments, f"{n:05}.txt") for n in batch])) if one else
                     (lambda batch, arguments=arguments: run.ask(*arguments, *(f"{n:05}.txt" for n in batch)))))
    has_filter = run.ask("redact", "--help")[2] == 0
    if has_filter:
        help_text = run.ask("redact", "--help")[0]

        def one_by_one(batch, *more):
            return joined([run.ask("redact", *more, f"{n:05}.txt") for n in batch])

        def reported(batch):
            written = run.path(f"report-{batch[0]}.json")
            out, errors, code = run.ask("redact", "--report", written, *(f"{n:05}.txt" for n in batch))
            with open(written) as file:
                return out + file.read(), errors, code

        jobs.append(("redact FILE", one_by_one))
        if "--redact" in help_text:
            jobs.append(("redact --redact strict FILE", lambda batch: one_by_one(batch, "--redact", "strict")))
        if "--check" in help_text:
            jobs.append(("redact --check FILE", lambda batch: one_by_one(batch, "--check")))
        if "--report" in help_text:
            jobs.append(("redact --report REPORT FILE…, and the report", reported))
        jobs.append((STREAM, lambda batch: run.ask("redact", stdin="\n".join(planted[n].text for n in batch).encode())))
    else:
        show("redact", "not there", "the filter is not in this build")
    jobs.append(("diagnose TEXT (an argument)", lambda batch: joined([run.ask("diagnose", planted[n].text) for n in batch[::4]])))
    jobs.append(("errors: a path that is none", lambda batch: joined([run.ask("diagnose", f"./{planted[n].value}") for n in batch if planted[n].kind in alone])))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for turn, (name, job) in enumerate(jobs):
            shown = range(len(planted)) if name == STREAM else shares[turn % len(shares)]
            batches = [shown[at:at + BATCH] for at in range(0, len(shown), BATCH)]
            started = time.perf_counter()
            found, crashed, written = set(), 0, 0
            for batch, (out, errors, code) in zip(batches, pool.map(job, batches)):
                crashed += code not in (0, 1, 2, 3)
                written += len(out)
                for where, text in (("", out), (" (standard error)", errors)):
                    for number in watch.leaks(text, set(batch)):
                        found.add(number)
                        run.findings.append((name + where, planted[number]))
            total += len(found)
            show(f"leaks: {name}", f"{len(found)} of {len(shown)}", f"goal: 0   {written / 1e6:.0f} MB in {time.perf_counter() - started:.0f} s" + (f"   {crashed} CRASHED" if crashed else ""))
    show("leaks: all ways together", str(total), "goal: 0")
    table("by kind", collections.Counter((f[1].kind for f in run.findings)))
    table("by place", collections.Counter((f[1].place for f in run.findings)))
    return total


def joined(results):
    return "\n".join(r[0] for r in results), "\n".join(r[1] for r in results), max((r[2] for r in results), default=0)


def table(what, counts):
    for name, count in counts.most_common(25):
        show(f"  leaks {what}: {name}", str(count))


# ---- what is redacted without need -----------------------------------------------------------------------------------


def needless(run):
    records = list(benign.records(run.seed, BENIGN_VALUES))
    if run.ask("redact", "--help")[2] != 0:
        show("benign: not measured", "-", "the filter is not in this build")
        return
    texts = [record["text"] for record in records]
    mark = "\n=== {} ===\n"
    out = run.ask("redact", stdin=("".join(mark.format(number) + text for number, text in enumerate(texts)) + "\n").encode())[0]
    parts = re.split(r"\n=== (\d+) ===\n", out)
    after = {int(parts[at]): parts[at + 1] for at in range(1, len(parts) - 1, 2)}
    values = changed = 0
    by_form, examples = collections.Counter(), collections.defaultdict(list)
    for number, record in enumerate(records):
        shown = after.get(number, "")
        values += len(record["values"])
        for value in record["values"]:
            if value not in shown:
                changed += 1
                by_form[record["form"]] += 1
                examples[record["form"]].append((value, record["text"], shown))
    show("benign: records, values", f"{len(records)} {values}")
    show("benign: values redacted without need", f"{changed} ({100 * changed / values:.2f} %)", f"goal: at most {100 * BENIGN_GOAL:.0f} %")
    for form, count in by_form.most_common(20):
        show(f"  benign: {form}", str(count))
    run.needless = examples


# ---- speed --------------------------------------------------------------------------------------------------------------

# Twenty of the formats that the filter knows, as the regular expressions that a person would write for ripgrep.
PATTERNS = [
    r"gh[pousr]_[A-Za-z0-9_]{20,255}", r"github_pat_[A-Za-z0-9_]{20,255}", r"glpat-[A-Za-z0-9_.-]{12,}", r"xox[abprs]-[A-Za-z0-9-]{10,}", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}", r"AIza[A-Za-z0-9_-]{35}", r"ya29\.[A-Za-z0-9_.-]{10,}", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    r"npm_[A-Za-z0-9]{36}", r"dop_v1_[a-f0-9]{64}", r"hf_[A-Za-z0-9]{34}", r"sk-ant-[A-Za-z0-9_-]{8,}", r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"(?i)bearer [A-Za-z0-9._~+/=-]{8,}", r"(?i)basic [A-Za-z0-9+/=]{8,}", r'''(?i)(?:password|passwd|secret|api[_-]?key|token)["']?[=:] ?["']?[^\s"'&,;]{6,}''', r"://[^/\s:@]+:[^/\s@]+@",
    r"(?i)set-cookie: [^;\s]+",
]


def hit_line(rng, number):
    token = f"{rng.getrandbits(256):064x}"
    return (f"2026-05-06T09:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z info request_id={rng.getrandbits(64):016x} method=GET "
            f'path=/v1/orders/{number % 1000003} status=200 duration_ms={number % 900} authorization="Bearer {token[:40]}" user_agent="okhttp/4.12.0"\n')


def miss_line(rng, number):
    return (f"2026-05-06T09:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z info request_id={rng.getrandbits(64):016x} method=GET "
            f'path=/v1/orders/{number % 1000003} status=200 duration_ms={number % 900} bytes={rng.getrandbits(16)} cache=hit region=eu-west-1 user_agent="okhttp/4.12.0"\n')


def timed(command, folder):
    """Seconds until the last byte came through a pipe: programs that see /dev/null may stop at the first line."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as child:
        while child.stdout.read(1 << 20):
            pass
        errors = child.stderr.read().decode()
        code = child.wait()
    took = time.perf_counter() - started
    if code not in (0, 1):
        raise SystemExit(f"{command[0]}: {errors.strip()[-400:]}")
    return took


def speed(run):
    if run.ask("redact", "--help")[2] != 0:
        show("speed: not measured", "-", "the filter is not in this build")
        return
    rg, scanner = shutil.which("rg"), shutil.which("detect-secrets")
    if not rg:
        show("speed: ripgrep", "not there", "apt-get install ripgrep")
    if not scanner:
        show("speed: detect-secrets", "not there", "pip install detect-secrets")
    for what, line in (("every line hits", hit_line), ("no line hits", miss_line)):
        rng, written, number = random.Random(run.seed), 0, 0
        name = run.path("speed.log")
        with open(name, "w") as file:
            while written < LOG_BYTES:
                lines = "".join(line(rng, number + at) for at in range(5000))
                file.write(lines)
                written += len(lines)
                number += 5000
        ours, theirs = [], []
        for _ in range(3):
            ours.append(timed([run.program, "redact", name], run.folder))
            if rg:
                theirs.append(timed([rg, "-N", "--passthru", "--no-config", "-r", "[redacted]", *(part for pattern in PATTERNS for part in ("-e", pattern)), name], run.folder))
        ours = statistics.median(ours)
        show(f"speed, {what}: redact", f"{written / ours / 1e6:.0f} MB/s")
        if rg:
            theirs = statistics.median(theirs)
            show(f"speed, {what}: ripgrep replacing 20 patterns", f"{written / theirs / 1e6:.0f} MB/s")
            show(f"speed, {what}: times as fast as ripgrep", f"{theirs / ours:.2f}", "goal: at least 1")
        if scanner:
            with open(name) as file:
                piece = file.read(SCANNED_BYTES)
            small = run.path("speed-small.log")
            with open(small, "w") as file:
                file.write(piece[:piece.rindex("\n") + 1])
            size = os.path.getsize(small)
            # Starting Python is no part of scanning: an empty file is measured beside it.
            empty = run.path("empty.log")
            open(empty, "w").close()
            slow = max(timed([scanner, "scan", "--no-verify", small], run.folder) - timed([scanner, "scan", "--no-verify", empty], run.folder), 1e-3)
            show(f"speed, {what}: detect-secrets", f"{size / slow / 1e6:.2f} MB/s", "its start not counted")
            show(f"speed, {what}: times as fast as detect-secrets", f"{(written / ours) / (size / slow):,.0f}", "goal: at least 1,000")
        os.remove(name)


def main():
    arguments = sys.argv[1:]
    listing = seed = None
    everything = "--all" in arguments
    if everything:
        arguments.remove("--all")
    if "--list" in arguments:
        at = arguments.index("--list")
        listing = arguments[at + 1]
        del arguments[at:at + 2]
    if "--seed" in arguments:
        at = arguments.index("--seed")
        seed = int(arguments[at + 1])
        del arguments[at:at + 2]
    run = Run(arguments[0], arguments[1], 7 if seed is None else seed)
    run.needless, run.all = {}, everything
    parts = arguments[2:] or ["leaks", "benign", "speed"]
    leaked = leaks(run) if "leaks" in parts else 0
    if "benign" in parts:
        needless(run)
    if "speed" in parts:
        speed(run)
    if listing:
        with open(listing, "w") as file:
            for name, canary in run.findings:
                file.write(json.dumps({"way": name, "kind": canary.kind, "place": canary.place, "value": canary.value, "text": canary.text}) + "\n")
            for form, examples in run.needless.items():
                for value, before, after in examples:
                    file.write(json.dumps({"form": form, "value": value, "before": before, "after": after}) + "\n")
    return 1 if leaked else 0


if __name__ == "__main__":
    sys.exit(main())
