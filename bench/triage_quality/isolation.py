#!/usr/bin/env python3
"""Holds the isolation of `firstfault triage` against labelled cases of failures per attribute tuple and minute.

    isolation.py FOLDER --isolate target/release/examples/isolate_table [--misses N]

FOLDER holds tables (`min`, attributes, `value` failed of `cnt`) and truth.json: of each file the minute of the anomaly and
the attribute sets that isolate it. The minute is told, the history in the file is the baseline, nothing else is set. A set
counts as right when it is one of the true ones, attribute by attribute. Printed are F1 over the sets, the share of cases of
which all is right, and between which values F1 lies on random halves of the cases.
"""

import argparse
import json
import os
import random
import subprocess
import sys

BAR, AIM = 0.66, 0.75
MINUTE = 60_000
HALVES = 1000


def frozen(attributes):
    return frozenset((name, str(value)) for name, value in attributes.items())


def f1(marks):
    right, said, wanted = (sum(column) for column in zip(*marks))
    return 2 * right / (said + wanted) if said + wanted else 0.0


def answers(program, folder, cases):
    lines = "".join(f"{os.path.join(folder, c['file'])}\t{c['minute'] * 1000}\t{c['minute'] * 1000 + MINUTE}\n" for c in cases)
    done = subprocess.run([program, "cnt", "value"], input=lines, capture_output=True, text=True, check=True, timeout=600)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--isolate", default="target/release/examples/isolate_table", help="the example of crates/triage")
    parser.add_argument("--misses", type=int, default=0, help="how many misses to show")
    options = parser.parse_args()
    cases = json.load(open(os.path.join(options.folder, "truth.json")))
    marks, missed = [], []
    for case, answer in zip(cases, answers(options.isolate, options.folder, cases), strict=True):
        # Further parts of an incident are not incidents of their own.
        said = {frozen(s["attributes"]) for s in answer["sets"] if s.get("part_of") is None}
        wanted = {frozen(s) for s in case["isolates"]}
        marks.append((len(said & wanted), len(said), len(wanted)))
        if said != wanted:
            missed.append(f"{case['file']}\n    truth  {[dict(s) for s in wanted]}\n    found  {answer.get('error') or [dict(s) for s in said]}")
    print("\n".join(missed[: options.misses]), end="\n" if options.misses and missed else "")
    dice = random.Random(1)
    halves = sorted(f1(dice.sample(marks, len(marks) // 2)) for _ in range(HALVES)) if len(marks) > 1 else [f1(marks)]
    whole = sum(right == said == wanted for right, said, wanted in marks)
    value = f1(marks)
    print(f"isolation: F1 over sets         {value:.3f}  (bar {BAR}, aim {AIM})")
    print(f"isolation: cases all right      {whole}/{len(marks)}")
    print(f"isolation: F1 on random halves  {halves[len(halves) // 20]:.3f} to {halves[-1 - len(halves) // 20]:.3f} (nine in ten of them)")
    return 0 if value >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
