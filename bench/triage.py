"""Measures triage beside DuckDB and GoAccess on the same logs, in one run on one machine. See bench/README.md."""

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import time

import triage_data

BY = "route,tenant,region,status"
THREADS = 2
# The fairest and quickest way that DuckDB has: only the columns that are asked for, with their types, no sniffing.
DUCKDB = """
import duckdb, sys, time
connection = duckdb.connect()
connection.execute("set threads={threads}")
connection.execute("set enable_progress_bar=false")
started = time.perf_counter()
rows = connection.execute('''select route, tenant, region, status, count(*), count(*) filter (where status >= 400), {quantile}(duration_ms, 0.95)
  from read_json($1, format='newline_delimited', columns={{route:'VARCHAR', tenant:'VARCHAR', region:'VARCHAR', status:'USMALLINT', duration_ms:'FLOAT'}})
  group by all''', [sys.argv[1]]).fetchall()
print(time.perf_counter() - started, len(rows), sum(row[4] for row in rows), sum(row[5] for row in rows))
"""


def run(*command, accept=(0, 1, 3)):
    """Seconds, CPU seconds, peak MiB and output of one run."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accept:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def median(runs, *command):
    """The median of seconds and of CPU seconds, the largest peak, the last output."""
    done = [run(*command) for _ in range(runs)]
    return statistics.median(d[0] for d in done), statistics.median(d[1] for d in done), max(d[2] for d in done), done[-1][3]


def show(what, value, goal=""):
    print(f"{what:<66} {value:>12}  {goal}", flush=True)


def duckdb_seconds(file, runs):
    """DuckDB's best for the one query, of its two exact quantiles; its start and import are not counted."""
    best = None
    for quantile in ("quantile_cont", "quantile_disc"):
        code = DUCKDB.format(threads=THREADS, quantile=quantile)
        outs = [run(sys.executable, "-c", code, file, accept=(0,))[3].split() for _ in range(runs)]
        seconds = statistics.median(float(out[0]) for out in outs)
        show(f"DuckDB, the group-by alone, {THREADS} threads, {quantile}", f"{seconds:.2f} s")
        best = min(best or seconds, seconds)
    return best, [int(number) for number in outs[-1][1:]]


def calls(program, file, options):
    triage = [program, "triage", "--threads", str(THREADS)]
    # Once to have the file in the cache for everyone.
    run(*triage, "--by", BY, file)
    whole, cpu, peak, _ = median(options.runs, *triage, "--format", "json", file)
    table, table_cpu, table_peak, _ = median(options.runs, *triage, "--by", BY, file)
    show(f"the whole triage of {options.lines} NDJSON calls", f"{whole:.2f} s", f"{cpu:.2f} s of CPU")
    show("reading plus the group-by alone (--by)", f"{table:.2f} s", f"{table_cpu:.2f} s of CPU")
    show("peak memory of the whole triage", f"{peak:.0f} MiB", "goal: under 1024 for 2,000,000 calls")
    show("peak memory of --by", f"{table_peak:.0f} MiB")
    if importlib.util.find_spec("duckdb") is None:
        show("DuckDB", "left out", "not installed (pip install duckdb)")
    else:
        theirs, _ = duckdb_seconds(file, options.runs)
        show("the whole triage / DuckDB's one query", f"{whole / theirs:.2f}", "goal: at most 1.3")
        show("reading plus the group-by / DuckDB's one query", f"{table / theirs:.2f}", "goal: at most 0.8")
    return whole


def access_log(program, file, options):
    seconds, cpu, peak, _ = median(options.runs, program, "triage", "--threads", str(THREADS), "--format", "json", file)
    show(f"the whole triage of a combined access log of {options.lines} lines", f"{seconds:.2f} s", f"{cpu:.2f} s of CPU")
    show("peak memory", f"{peak:.0f} MiB")
    if options.no_goaccess or shutil.which("goaccess") is None:
        show("GoAccess", "left out", "" if options.no_goaccess else "not installed (apt-get install goaccess)")
        return
    report = file + ".json"
    theirs = run("goaccess", file, "--log-format=COMBINED", "--no-progress", "-o", report, accept=(0,))[0]
    show("GoAccess, one run", f"{theirs:.2f} s")
    show("times as fast as GoAccess", f"{theirs / seconds:.1f}", "goal: at least 25")


def large(program, folder, whole, options):
    file = os.path.join(folder, "large.ndjson")
    triage_data.write_ndjson(file, options.lines * 10)
    seconds, cpu, peak, _ = run(program, "triage", "--threads", str(THREADS), "--format", "json", file)
    show(f"the whole triage of {options.lines * 10} NDJSON calls", f"{seconds:.2f} s", f"{cpu:.2f} s of CPU")
    show("peak memory", f"{peak:.0f} MiB", "goal: under 2048 for 20,000,000 calls")
    show("time against ten times that of a tenth of the lines", f"{seconds / whole / 10:.2f}", "goal: at most 1")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("firstfault")
    parser.add_argument("folder")
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-goaccess", action="store_true")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    ndjson, access = os.path.join(options.folder, "calls.ndjson"), os.path.join(options.folder, "access.log")
    triage_data.write_ndjson(ndjson, options.lines)
    whole = calls(options.firstfault, ndjson, options)
    triage_data.write_access_log(access, options.lines)
    access_log(options.firstfault, access, options)
    if options.large:
        large(options.firstfault, options.folder, whole, options)


if __name__ == "__main__":
    main()
