#!/usr/bin/env python3
"""Fetches the descriptions that documents.tsv lists into a folder, by the ordinary clients of their registries alone.

    get.py FOLDER

Packages stay in FOLDER/packages, so that a second run asks nobody. What cannot be had is said and left out.
"""

import glob
import gzip
import os
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))


def npm(folder, name, version):
    path = os.path.join(folder, name.lstrip("@").replace("/", "-") + f"-{version}.tgz")
    if not os.path.exists(path):
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"], check=True, stdout=subprocess.DEVNULL)
    return path


def pip(folder, name, version):
    pattern = os.path.join(folder, f"{name}-{version}.tar.gz")
    if not os.path.exists(pattern):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-binary", ":all:", "--no-deps", "-d", folder, f"{name}=={version}"]
        subprocess.run(command, check=True)
    return pattern


def crate(folder, name, version):
    home = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    pattern = os.path.join(home, "registry", "cache", "*", f"{name}-{version}.crate")
    if not glob.glob(pattern):
        subprocess.run(["cargo", "info", "-q", f"{name}@{version}"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return glob.glob(pattern)[0]


CLIENTS = {"npm": npm, "pip": pip, "crate": crate}


def listed():
    """File name, package and path of every document."""
    with open(os.path.join(HERE, "documents.tsv"), encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]


def get(folder):
    """The documents' paths, fetched where they are not there yet."""
    packages = os.path.join(folder, "packages")
    os.makedirs(packages, exist_ok=True)
    missing = {}
    for name, package, member in listed():
        if not os.path.exists(os.path.join(folder, name)):
            missing.setdefault(package, {})[member] = name
    for package, members in missing.items():
        client, _, spec = package.partition(":")
        try:
            with tarfile.open(CLIENTS[client](packages, *spec.rsplit("@", 1))) as archive:
                for entry in archive:
                    if entry.name in members:
                        text = archive.extractfile(entry).read()
                        text = gzip.decompress(text) if entry.name.endswith(".gz") else text
                        with open(os.path.join(folder, members.pop(entry.name)), "wb") as file:
                            file.write(text)
        except (OSError, subprocess.CalledProcessError, IndexError) as problem:
            print(f"{package} cannot be had: {problem}", file=sys.stderr)
        for member in members:
            print(f"{package} has no {member}", file=sys.stderr)
    return [os.path.join(folder, name) for name, _, _ in listed() if os.path.exists(os.path.join(folder, name))]


if __name__ == "__main__":
    print(len(get(sys.argv[1])), "documents")
