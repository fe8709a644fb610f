#!/usr/bin/env python3
"""Holds valid calls and calls with one planted fault against real descriptions and counts what firstfault says first.

    quality.py DOCUMENTS --hold PROGRAM [--binary firstfault] [--seed N] [--operations N] [--each N] [--only WORD] [--failures N]

PROGRAM takes a description as its argument and calls as JSON lines, and answers each with a line of its findings
(crates/contract/examples/hold.rs). Ends with 1 when a bar is missed."""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

import calls
import har
from description import Description, Skip
from mutations import MUTATIONS, missing_header
from values import seeded

BAR = 0.97


class Told:
    """What was found of one document."""

    def __init__(self, path):
        self.path = path
        self.valid, self.mutants = [], []
        self.dropped = collections.Counter()
        self.refused = collections.Counter()


def generate(path, options):
    told = Told(path)
    description = Description(path)
    operations = list(description.operations())
    paths = calls.Paths(operations)
    rng = seeded(options.seed, os.path.basename(path))
    rng.shuffle(operations)
    live = [o for o in operations if not o.deprecated]
    # Operations that take a body have most to get wrong.
    live.sort(key=lambda o: not o.bodies)
    wanted = live[: options.operations * 2 // 3] + live[options.operations * 2 // 3 :][:: max(1, len(live) // options.operations)]
    for operation in wanted:
        if len(told.valid) >= options.operations:
            break
        try:
            told.valid.append(calls.make(operation, paths, rng))
        except Skip as reason:
            told.refused[str(reason)] += 1
    for operation in [o for o in operations if o.deprecated][:10]:
        try:
            call = calls.make(operation, paths, rng)
        except Skip:
            continue
        told.mutants.append(("deprecated operation", call, "request", {"deprecated"}, {"target", "method"}, ""))
        break
    for name, mutation in MUTATIONS.items():
        made = 0
        order = list(told.valid)
        rng.shuffle(order)
        for call in order:
            if made >= options.each:
                break
            # A generator of its own for every try, so that a change of one mutation leaves the others as they are.
            own = seeded(options.seed, path, name, call.operation.name)
            try:
                for mutant in mutation(call, paths, own):
                    told.mutants.append((name, mutant.call, mutant.half, mutant.kinds, mutant.spots, mutant.names))
                    made += 1
            except Skip as reason:
                told.dropped[name, str(reason)] += 1
    return told


def hold(program, path, lines):
    """The findings of each call."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([program, path], input=text, capture_output=True, text=True, timeout=600)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    if len(out) != len(lines):
        raise RuntimeError(f"{path}: {len(out)} answers for {len(lines)} calls: {done.stderr[-300:]}")
    return [one["findings"] for one in out]


def hardened(told):
    """A mutant of one header that is made required, and a file of the description that says so."""
    mutant = next((m for call in told.valid if (m := missing_header(call))), None)
    if not mutant:
        return [], None
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(told.valid[0].operation.description.raw, file)
    return [("answer: missing header", mutant.call, mutant.half, mutant.kinds, mutant.spots, mutant.names)], file.name


def right(findings, half, kinds, spots, names):
    if not findings:
        return False
    first = findings[0]
    said = " ".join([first["message"], first["fix"], first["expected"]])
    return first["half"] == half and first["kind"] in kinds and first["spot"].lower() in {s.lower() for s in spots} and names.lower() in said.lower()


def brief(finding):
    return f"{finding['severity']} {finding['half']} {finding['kind']} at {finding['spot']}: {finding['message']}; {finding['fix']} [{finding['rule']}]"


def show(path, line, findings, expected=None):
    print(f"--- {os.path.basename(path)}")
    if expected:
        name, half, kinds, spots, names = expected
        print(f"planted: {name}: {half} {'|'.join(sorted(kinds))} at {'|'.join(sorted(spots))}" + (f" naming {names}" if names else ""))
    for finding in findings[:4]:
        print("found:  ", brief(finding))
    if not findings:
        print("found:   nothing")
    print("call:   ", json.dumps(line)[:3000])


def command(binary, path, told):
    """What `contract check` says of a document's valid calls as an archive: calls read, calls broken."""
    with tempfile.NamedTemporaryFile("w", suffix=".har", delete=False) as file:
        json.dump(har.archive([c.lines() for c in told.valid]), file)
    try:
        done = subprocess.run([binary, "contract", "check", path, file.name, "--format", "json"], capture_output=True, text=True, timeout=120)
        try:
            said = json.loads(done.stdout)
        except ValueError:
            sys.exit(f"contract check {path}: {(done.stderr or done.stdout)[-300:]}")
        return said["calls"], said["broken"]
    finally:
        os.unlink(file.name)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("documents")
    arguments.add_argument("--hold", required=True)
    arguments.add_argument("--binary")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--operations", type=int, default=12)
    arguments.add_argument("--each", type=int, default=2, help="mutants of a kind and document")
    arguments.add_argument("--only", default="", help="a word of the kinds to make")
    arguments.add_argument("--document", default="", help="a word of the documents to take")
    arguments.add_argument("--failures", type=int, default=0)
    arguments.add_argument("--save", help="a file for every miss as JSON lines")
    options = arguments.parse_args()
    files = sorted(os.path.join(options.documents, f) for f in os.listdir(options.documents) if f.endswith((".json", ".yaml")) and options.document in f)
    kinds = collections.defaultdict(lambda: [0, 0])
    documents = valid = false = warned = left = read = broken = 0
    dropped, refused, documents_mutated = collections.Counter(), collections.Counter(), set()
    saved = open(options.save, "w", encoding="utf-8") if options.save else None
    spent = collections.Counter()
    for path in files:
        started = time.time()
        told = generate(path, options)
        spent["made"] += time.time() - started
        refused.update(told.refused)
        dropped.update(told.dropped)
        if not told.valid:
            continue
        documents += 1
        mutants = [m for m in told.mutants if options.only in m[0]]
        lines = [c.lines() for c in told.valid] + [m[1].lines() for m in mutants]
        started = time.time()
        found = hold(options.hold, path, lines)
        headers, copy = hardened(told)
        if copy:
            more = [m[1].lines() for m in headers]
            mutants, lines, found = mutants + headers, lines + more, found + hold(options.hold, copy, more)
            os.unlink(copy)
        spent["held"] += time.time() - started
        for line, findings in zip(lines, found[: len(told.valid)]):
            valid += 1
            wrong = [f for f in findings if f["severity"] == "error"]
            false += bool(wrong)
            warned += bool([f for f in findings if f["severity"] == "warning"])
            if findings and (left < options.failures or saved):
                left += 1
                if left <= options.failures:
                    show(path, line, findings)
                if saved:
                    saved.write(json.dumps({"document": path, "planted": None, "call": line, "findings": findings}) + "\n")
        for (name, _, half, accepted, spots, names), line, findings in zip(mutants, lines[len(told.valid) :], found[len(told.valid) :]):
            good = right(findings, half, accepted, spots, names)
            documents_mutated.add(path)
            kinds[name][0] += good
            kinds[name][1] += 1
            if not good:
                left += 1
                if left <= options.failures:
                    show(path, line, findings, (name, half, accepted, spots, names))
                if saved:
                    saved.write(json.dumps({"document": path, "planted": [name, half, sorted(accepted), sorted(spots), names], "call": line, "findings": findings}) + "\n")
        if options.binary:
            one = command(options.binary, path, told)
            read, broken = read + one[0], broken + one[1]
    print()
    for name in [*MUTATIONS, "answer: missing header", "deprecated operation"]:
        good, all_ = kinds[name] if name in kinds else (0, 0)
        print(f"{name:<34} {good:>5} of {all_:>5}  {100 * good / all_:6.1f} %" if all_ else f"{name:<34}     none made")
    good, all_ = (sum(k[i] for k in kinds.values()) for i in (0, 1))
    print(f"\n{'documents':<54} {documents:>7}")
    print(f"{'operations that could not be made':<54} {sum(refused.values()):>7}  most: {', '.join(f'{r} {n}' for r, n in refused.most_common(3))}")
    print(f"{'valid calls':<54} {valid:>7}")
    print(f"{'  with a finding of severity error':<54} {false:>7}  (bar 0)")
    print(f"{'  with a warning':<54} {warned:>7}")
    if options.binary:
        print(f"{'  read by contract check, of them broken':<54} {read:>7}  {broken} (bar 0)")
    print(f"{'tries dropped: still valid, or two names are fair':<54} {sum(dropped.values()):>7}")
    print(f"{'mutants':<54} {all_:>7}  of {len(documents_mutated)} documents (bar 1,000 of 30)")
    share = good / all_ if all_ else 0
    print(f"{'planted fault is the first finding':<54} {100 * share:>6.2f}%  (bar 97 %)")
    print(f"made in {spent['made']:.0f} s, held in {spent['held']:.0f} s", file=sys.stderr)
    whole = not options.only and not options.document
    sys.exit(1 if false or broken or (whole and (share < BAR or all_ < 1000 or len(documents_mutated) < 30)) else 0)


if __name__ == "__main__":
    main()
