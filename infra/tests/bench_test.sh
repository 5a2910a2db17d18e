#!/usr/bin/env bash
# The figures of docs/benchmarks.md and docs/sizing.md are those of bench/results.json, as bench/run writes them.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v python3 > /dev/null; then
  echo "bench: there is no python3, which the benchmarks are written in"
  exit 0
fi
python3 -B - << 'CHECK'
import json
import pathlib
import sys

sys.path.insert(0, "bench")
from parts.report import benchmarks, sizing

results = json.loads(pathlib.Path("bench/results.json").read_text())
page = pathlib.Path("docs/sizing.md").read_text()
assert pathlib.Path("docs/benchmarks.md").read_text() == benchmarks(results), "docs/benchmarks.md has other figures than bench/results.json"
assert page == sizing(page, results), "docs/sizing.md has other figures than bench/results.json"
# Each figure is put in anew: with others, none of these lines stays.
other = json.loads(json.dumps(results), parse_int=lambda n: int(n) + 3, parse_float=lambda n: float(n) + 3)
other["small_files"] = {name: values for name, values in zip(results["small_files"], other["small_files"].values())}
overview = page.split("## Ten thousand registrations")[1].split("\n## ")[0]  # by make overview
figures = lambda text: [row for row in text.replace(overview, "").splitlines() if row.startswith("|") and (" MiB |" in row or " s |" in row or "MiB/s" in row)]
assert len(figures(page)) == 13, figures(page)
assert not set(figures(page)) & set(figures(sizing(page, other))), "a figure of docs/sizing.md is not made anew"
CHECK
echo "bench: docs/benchmarks.md and docs/sizing.md have the figures of bench/results.json"
