#!/usr/bin/env python3
"""Writes hours of traffic with known truth: incidents of many kinds, and hours in which nothing is wrong.

    generate.py FOLDER --hours 200 --seed 1 [--kinds bad_release,night_rhythm]

Same seed, same bytes. FOLDER/NNN/ holds calls.* (one of eight dialects), changes.json (most of them unrelated) and
truth.json: onset (null = no incident), change (null = none did it), bucket, layer (null = not asked), isolates (a list of
incidents, each a list of attribute sets that are equally right), latency_led_seconds, amplification, failing_calls.
How the world behaves is in world.py, what goes wrong in kinds.py, how it is written in dialects.py.
"""

import argparse
import json
import os
import random

import dialects
import kinds
import world


def change_of_no_matter(rng, w):
    """A change of something else at any time: it must not be blamed."""
    kind = rng.choice(["config", "deploy", "flag"])
    return {
        "id": f"{kind}-{rng.randrange(16**5):05x}",
        "kind": kind,
        "at": w.moment(rng.uniform(w.start + 60, w.start + w.duration - 60)),
        "service": rng.choice(["docs", "web", "billing", "mailer", "search-indexer", "reports"]),
        "what": rng.choice(["unrelated", "copy changes", "bump dependencies", "new colours", "raise log level"]),
    }


def hour(folder, kind, seed):
    rng = random.Random(seed)
    w = world.World(rng, kinds.span(kind, rng))
    story = kinds.KINDS[kind](w, rng)
    calls = w.calls(story)
    needed = {name for sets in story.isolates for one in sets for name in one}
    dialect = rng.choice([d for d in dialects.DIALECTS if dialects.carries(d, needed) and d not in story.unfit])
    if rng.random() < 0.3:
        # Lines of several writers do not stand in order.
        calls.sort(key=lambda call: call["time"] + rng.uniform(0, 20))
    os.makedirs(folder, exist_ok=True)
    dialects.write(folder, dialect, calls, w, rng)
    changes = story.changes + [change_of_no_matter(rng, w) for _ in range(rng.randrange(4))]
    changes.sort(key=lambda change: change["at"])
    with open(os.path.join(folder, "changes.json"), "w") as out:
        json.dump(changes, out, indent=1)
    worded = dialects.worded(dialect)
    truth = {
        "kind": kind,
        "onset": None if story.onset is None else w.moment(story.onset),
        "end": None if story.end is None else w.moment(story.end),
        "dialect": dialect,
        "lines": len(calls),
        "change": story.change,
        "isolates": story.isolates,
        "bucket": story.bucket if worded else None,
        "layer": story.layer if worded else None,
        "latency_led_seconds": story.lead,
        "amplification": w.amplification(calls) if story.retries else None,
        "failing_calls": sum(bool(call.get("incident")) for call in calls),
    }
    with open(os.path.join(folder, "truth.json"), "w") as out:
        json.dump(truth, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--hours", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", help="only these, comma between them")
    options = parser.parse_args()
    names = options.kinds.split(",") if options.kinds else list(kinds.KINDS)
    for number in range(options.hours):
        kind = names[number % len(names)]
        hour(os.path.join(options.folder, f"{number:03}"), kind, f"{options.seed}/{number}/{kind}")


if __name__ == "__main__":
    main()
