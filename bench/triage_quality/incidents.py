#!/usr/bin/env python3
"""Runs `firstfault triage` over generated hours and holds the answers against their truth.

    incidents.py FOLDER --binary target/release/firstfault [--misses N]

FOLDER/NNN/ holds calls.*, changes.json and truth.json. What is counted:
  quiet      hours without incident of which none was reported (bar: all)
  onset      within 60 s
  isolation  an incident whose best set (or all of whose sets together) is one of the true ones, or covers the same
             failing calls; every true incident of the hour must be found
  change     the right one, or none where none did it
  bucket, layer
  amplification within 15 %, lead within 60 s, where the truth names one
"""

import argparse
import collections
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import reading

BARS = {"quiet": 1.0, "onset": 0.9, "isolation": 0.9, "change": 0.9, "bucket": 0.9, "layer": 0.9, "amplification": 0.9, "lead": 0.9}


def run(binary, folder):
    path = next(os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.startswith("calls"))
    command = [binary, "triage", path, "--changes", os.path.join(folder, "changes.json"), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"incidents": [], "error": (done.stderr or done.stdout)[:300]}


def time(value):
    return value if value is None or isinstance(value, (int, float)) else reading.milliseconds(value)


def inside(call, attributes):
    return all(str(call.get(name, "")) == str(value) for name, value in attributes.items())


def same_failures(failing, found, true):
    """Whether two lists of attribute sets hold the same failing calls, but for 3 % on either side."""
    mine = {i for i, call in enumerate(failing) if any(inside(call, s) for s in found)} if found else set(range(len(failing)))
    theirs = {i for i, call in enumerate(failing) if any(inside(call, s) for s in true)} if true else set(range(len(failing)))
    # Only failures of the kinds that make up the incident: others are noise that lies everywhere.
    kinds = collections.Counter((failing[i]["status"], failing[i].get("error_code")) for i in theirs)
    main = {kind for kind, count in kinds.items() if count >= 0.2 * max(kinds.values())}
    of = lambda s: {i for i in s if (failing[i]["status"], failing[i].get("error_code")) in main}
    mine, theirs = of(mine), of(theirs)
    return bool(theirs) and len(mine & theirs) >= 0.97 * max(len(mine), len(theirs))


def isolated(incident, true, failing):
    sets = [s["attributes"] for s in incident["isolation"]]
    if true == [{}] or not true:
        return not sets or same_failures(failing, sets, [])
    if not sets:
        return any(same_failures(failing, [], [t]) for t in true)
    return any(sets[0] == t or same_failures(failing, sets[:1], [t]) or same_failures(failing, sets, [t]) for t in true)


def judge(folder, truth, answer):
    """What is right: name of the measure → True or False; absent where it does not apply."""
    incidents = answer["incidents"]
    if truth["onset"] is None:
        return {"quiet": not incidents}
    marks = {name: False for name in ("onset", "isolation", "change", "bucket", "layer")}
    onset = time(truth["onset"])
    failing = [c for c in reading.calls(folder) if c["status"] >= 400 and c["time"] >= onset]
    of = [[i for i in incidents if isolated(i, true, failing)] for true in truth["isolates"]]
    marks["isolation"] = all(of)
    # The other measures are of the incident that is the true one, else of the greatest.
    one = (of[0] or incidents)[0] if incidents else None
    for name in ("bucket", "layer"):
        if truth[name] is None:
            del marks[name]
    if one:
        marks["onset"] = abs(time(one["onset"]["at"]) - onset) <= 60_000
        marks["change"] = (one["change"] or {}).get("id") == truth["change"]
        for name in ("bucket", "layer"):
            if name in marks:
                marks[name] = one[name] == truth[name]
        marks["alone"] = len(incidents) <= max(1, len(truth["isolates"]))
    if truth["amplification"] is not None:
        found = (one or {}).get("retry_amplification")
        marks["amplification"] = found is not None and abs(found / truth["amplification"] - 1) <= 0.15
    if truth["latency_led_seconds"] is not None:
        found = (one or {}).get("latency_led_seconds")
        marks["lead"] = found is not None and abs(found - truth["latency_led_seconds"]) <= 60
    elif one:
        marks["no lead"] = one.get("latency_led_seconds") is None
    return marks


def brief(truth, answer):
    wanted = {k: truth[k] for k in ("onset", "change", "isolates", "bucket", "layer", "failing_calls")}
    for name in ("amplification", "latency_led_seconds"):
        if truth[name] is not None:
            wanted[name] = truth[name]
    got = [
        {
            "onset": None if truth["onset"] is None else f"{(time(i['onset']['at']) - time(truth['onset'])) / 1000:+.0f} s",
            "change": (i["change"] or {}).get("id"),
            "isolation": [s["attributes"] for s in i["isolation"]],
            **{k: i.get(k) for k in ("bucket", "layer", "cause", "failures", "course", "end", "retry_amplification", "latency_led_seconds")},
        }
        for i in answer["incidents"]
    ]
    return f"    truth  {json.dumps(wanted)}\n" + "".join(f"    found  {json.dumps(g)}\n" for g in got or [answer.get("error")])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--binary", default="target/release/firstfault")
    parser.add_argument("--answers", help="answers kept before, one JSON document a line with its folder as `dir`")
    parser.add_argument("--misses", type=int, default=1000, help="how many misses to show")
    options = parser.parse_args()
    folders = sorted(os.path.join(options.folder, n) for n in os.listdir(options.folder) if os.path.isdir(os.path.join(options.folder, n)))
    if options.answers:
        kept = {os.path.basename(a["dir"]): a for a in map(json.loads, open(options.answers))}
        answers = [kept[os.path.basename(folder)] for folder in folders]
    else:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda folder: run(options.binary, folder), folders))
    totals, kinds, missed = collections.defaultdict(list), collections.defaultdict(lambda: collections.defaultdict(list)), []
    for folder, answer in zip(folders, answers):
        truth = json.load(open(os.path.join(folder, "truth.json")))
        marks = judge(folder, truth, answer)
        for name, right in marks.items():
            totals[name].append(right)
            kinds[truth["kind"]][name].append(right)
        wrong = [name for name, right in marks.items() if not right]
        if wrong:
            missed.append(f"{os.path.basename(folder)} {truth['kind']} ({truth['dialect']}): {', '.join(wrong)}\n{brief(truth, answer)}")
    for miss in missed[: options.misses]:
        print(miss)
    share = lambda rights: f"{sum(rights)}/{len(rights)}"
    names = sorted(totals, key=lambda n: (list(BARS) + ["alone", "no lead"]).index(n))
    width = max(map(len, kinds), default=10)
    print(f"{'':{width}} " + " ".join(f"{n:>13}" for n in names))
    for kind in sorted(kinds):
        print(f"{kind:{width}} " + " ".join(f"{share(kinds[kind][n]) if n in kinds[kind] else '':>13}" for n in names))
    print(f"{'all':{width}} " + " ".join(f"{share(totals[n]):>13}" for n in names))
    below = [n for n in names if n in BARS and sum(totals[n]) < BARS[n] * len(totals[n])]
    print("below the bar: " + ", ".join(below) if below else "every bar is met")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
