#!/usr/bin/env python3
"""Loads every description of a folder and its folders: how many load, and what is said of those that do not.

    examples.py FOLDER --hold PROGRAM"""

import argparse
import os
import subprocess
import sys


def descriptions(folder):
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            if name.endswith((".json", ".yaml", ".yml")):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                # Files that others refer to are no descriptions of their own.
                if any(word in text for word in ("\nopenapi:", '"openapi"', "\nswagger:", '"swagger"')) or text.startswith(("openapi:", "swagger:")):
                    yield path


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--hold", required=True)
    options = arguments.parse_args()
    loaded = total = 0
    for path in descriptions(options.folder):
        done = subprocess.run([options.hold, path], input="", capture_output=True, text=True, timeout=60)
        total += 1
        loaded += done.returncode == 0
        if done.returncode:
            print(f"{os.path.relpath(path, options.folder)}: {done.stderr.strip()}")
    print(f"examples loaded: {loaded} of {total}")
    sys.exit(0 if loaded == total and total else 1)


if __name__ == "__main__":
    main()
