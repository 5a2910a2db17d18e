"""What all parts of the bench need."""
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*words, env=None, **more):
    return subprocess.run([str(w) for w in words], check=True, env=env, **more)


def out(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def size_of(folder):
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def same_content(expected, found):
    if expected.read_bytes() != found.read_bytes():
        sys.exit(f"Failed to bench: {found} is not {expected}.")


class Medians:
    """Of what takes so many seconds in each round, but the first, in which all is cold."""

    def __init__(self):
        self.rounds = []

    def add(self, row):
        print({key: round(value, 2) for key, value in row.items()}, file=sys.stderr)
        self.rounds.append(row)

    def all(self):
        return {key: round(statistics.median(row[key] for row in self.rounds[1:]), 3) for key in self.rounds[0]}
