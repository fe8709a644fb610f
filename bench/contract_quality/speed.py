#!/usr/bin/env python3
"""What loading large descriptions, naming the nearest path and checking calls cost, beside a Node and a Python validator.

    speed.py DOCUMENTS --hold PROGRAM [--peers FOLDER] [--seconds N] [--runs N]

The peers are installed into FOLDER (a temporary one without) by npm and pip; what cannot be had is said and left out."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import calls
from description import Description, Skip
from values import seeded

HERE = os.path.dirname(os.path.abspath(__file__))
LARGE = ("github.json", "stripe.json", "kubernetes.json")
NODE = ("openapi-backend@5.21.2", "ajv-formats@3.0.1")
PYTHON = ("openapi-core==0.23.1",)


def show(what, value, goal=""):
    print(f"{what:<66} {value:>14}  {goal}", flush=True)


def made(path, seed, count):
    """Valid calls of a document, half of them with a body where there are as many."""
    description = Description(path)
    operations = list(description.operations())
    paths, rng, out = calls.Paths(operations), seeded(seed, os.path.basename(path)), []
    rng.shuffle(operations)
    bodies = [o for o in operations if o.bodies]
    for operation in [*bodies[: count // 2], *[o for o in operations if not o.bodies], *bodies[count // 2 :]]:
        if len(out) == count:
            break
        try:
            out.append(calls.make(operation, paths, rng).lines())
        except Skip:
            continue
    return out


def run(command, text=None, environment=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=900, env={**os.environ, **(environment or {})})
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1:])
    return json.loads(done.stdout)


def installed(folder):
    """Which peers are there: name → command before the arguments, environment."""
    out = {}
    try:
        if not os.path.isdir(os.path.join(folder, "node_modules", "openapi-backend")):
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, *NODE], check=True, stdout=subprocess.DEVNULL)
        out["Node, openapi-backend with Ajv"] = (["node", "--max-old-space-size=4096", os.path.join(HERE, "peer_node.mjs")], {"PEERS": folder})
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"openapi-backend cannot be had, left out: {problem}", file=sys.stderr)
    try:
        site = os.path.join(folder, "python")
        if not os.path.isdir(os.path.join(site, "openapi_core")):
            subprocess.run([sys.executable, "-m", "pip", "install", "-qq", "--no-warn-conflicts", "--root-user-action", "ignore", "--target", site, *PYTHON], check=True, stdout=subprocess.DEVNULL)
        out["Python, openapi-core"] = ([sys.executable, os.path.join(HERE, "peer_python.py")], {"PYTHONPATH": site})
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"openapi-core cannot be had, left out: {problem}", file=sys.stderr)
    return out


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("documents")
    arguments.add_argument("--hold", required=True)
    arguments.add_argument("--peers")
    arguments.add_argument("--seconds", type=float, default=3)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        peers = installed(options.peers or folder)
        for name in LARGE:
            path = os.path.join(options.documents, name)
            if not os.path.exists(path):
                print(f"{name} is not there, left out", file=sys.stderr)
                continue
            lines = made(path, options.seed, options.calls)
            text = "".join(json.dumps(line) + "\n" for line in lines)
            file = os.path.join(folder, name + "l")
            with open(file, "w", encoding="utf-8") as out:
                out.write(text)
            runs = [run([options.hold, path, "--speed", str(options.seconds)], text) for _ in range(options.runs)]
            middle = lambda key: statistics.median(r[key] for r in runs)
            rate = middle("calls_per_second")
            size = statistics.mean(len(line["body"] or "") + len(line["response_body"] or "") for line in lines)
            print(f"\n{name}, {os.path.getsize(path) / 1e6:.1f} MB, {runs[0]['operations']} operations, {len(lines)} calls with {size:.0f} bytes of bodies each, the median of {options.runs} runs")
            show("loading", f"{middle('load_seconds'):.3f} s", "bar 1 s")
            peak = max(r["load_peak_mib"] or 0 for r in runs)
            show("loading: peak memory", f"{peak} MiB", "bar 300 MiB")
            show("nearest path: median", f"{middle('nearest_median_us'):.0f} µs")
            show("nearest path: the worst", f"{middle('nearest_worst_us'):.0f} µs", "bar 1 ms")
            show("peak memory with the schemas of these calls compiled", f"{max(r['peak_mib'] or 0 for r in runs)} MiB")
            show("first round, which compiles the schemas, per call", f"{1e6 * middle('first_round_seconds') / len(lines):.0f} µs")
            show("calls checked per second on one core", f"{rate:,.0f}", "bar 10,000")
            missed |= middle("load_seconds") >= 1 or peak >= 300 or middle("nearest_worst_us") >= 1000 or rate < 10_000
            for peer, (command, environment) in peers.items():
                try:
                    theirs = run([*command, path, file, str(options.seconds)], environment=environment)
                except (RuntimeError, subprocess.TimeoutExpired, ValueError) as problem:
                    show(f"{peer}", "failed", str(problem)[:120])
                    continue
                left = f"; {theirs['unable']} halves that it cannot compile left out" if theirs.get("unable") else ""
                show(f"{peer}: calls per second", f"{theirs['calls_per_second']:,.0f}", f"{theirs['refused']} of these valid calls refused{left}")
                show(f"times as fast as {peer}", f"{rate / theirs['calls_per_second']:.1f}")
                if "without_router" in theirs:
                    show("  its validators alone, told which operation: calls per second", f"{theirs['without_router']:,.0f}")
                    show("  times as fast, ours with routing", f"{rate / theirs['without_router']:.1f}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
