"""Ratios, docs/benchmarks.md, and the tables of docs/sizing.md."""
import re

from parts.common import ROOT
from parts.small import SMALL_FILES
from parts.tree import VERSIONS

# What is compared, with what, which medians make the ratio, and what it is to be at most, where that is said; the names of
# ratios are what other programs read.
ROWS = [
    ("first_vs_restic", "first backup to MinIO", "ours_first", "restic to the same MinIO", "restic_first", 0.5),
    ("first_vs_borg", "first backup to MinIO", "ours_first", "borg to a folder", "borg_first", None),
    ("first_vs_pigz1", "first backup to MinIO", "ours_first", "`tar \\| pigz -1` to a file", "tar_pigz1", 1.0),
    ("first_vs_tar", "first backup to MinIO", "ours_first", "`tar czf` to a file", "tar_gzip", None),
    ("jdk_first_vs_restic", "first backup, JDK deflater", "jdk_first", "restic", "restic_first", None),
    ("jdk_first_vs_tar", "first backup, JDK deflater", "jdk_first", "`tar czf` to a file", "tar_gzip", None),
    ("unchanged_vs_restic", "unchanged round", "ours_unchanged", "restic", "restic_unchanged", 0.25),
    ("unchanged_vs_borg", "unchanged round", "ours_unchanged", "borg", "borg_unchanged", None),
    ("changed1pct_vs_restic", "1 % of the files changed", "ours_changed", "restic", "restic_changed", 0.35),
    ("changed1pct_vs_borg", "1 % of the files changed", "ours_changed", "borg", "borg_changed", None),
    ("restore_vs_restic", "`admin restore`", "ours_restore", "restic restore", "restic_restore", 0.7),
    ("restore_vs_borg", "`admin restore`", "ours_restore", "borg extract", "borg_restore", None),
    ("query_vs_restic", "query and `tar xzf`", "ours_query", "restic restore", "restic_restore", None),
]

# As above, for each number of small files; the names of ratios are those of the largest.
SMALL_ROWS = [
    ("million_first_vs_restic", "first backup", "ours_first", "restic_first", 0.7),
    ("million_unchanged_vs_restic", "unchanged round", "ours_unchanged", "restic_unchanged", 0.7),
    ("onefile_vs_restic", "one file of them restored", "ours_onefile", "restic_onefile", 0.5),
]

STORED = [("stored_vs_restic", "restic", 1.3), ("stored_vs_borg", "borg", None)]


def with_ratios(results):
    """Of all that was made."""
    ratio = {}
    if "seconds" in results:
        median, stored = results["seconds"], results["stored_bytes"]
        ratio.update({name: median[ours] / median[peer] for name, _, ours, _, peer, _ in ROWS})
        ratio.update({name: stored["ours"] / stored[peer] for name, peer, _ in STORED})
    if "small_files" in results:
        largest = results["small_files"][str(SMALL_FILES[-1])]
        ratio.update({name: largest[ours] / largest[peer] for name, _, ours, peer, _ in SMALL_ROWS})
    if "large_file" in results:
        ratio["large_vs_mc"] = results["large_file"]["ours"] / results["large_file"]["mc"]
    return {**results, **{key: round(value, 3) for key, value in ratio.items()}}


def line(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def goal(most):
    return "" if most is None else f"≤ {most}"


def head(*names):
    return "\n".join([line(*names), line(*("---" for _ in names))])


def tree(results):
    median, stored, peaks = (results[key] for key in ("seconds", "stored_bytes", "peak_rss_mib"))
    rows = [line(what, f"{median[ours]:.2f} s", peer_name, f"{median[peer]:.2f} s", f"**{results[name]:.2f}**", goal(most))
            for name, what, ours, peer_name, peer, most in ROWS]
    rows += [line(f"stored after {VERSIONS} versions, 2 % of the files changed each", f"{stored['ours'] / 2**20:.1f} MiB", peer,
                  f"{stored[peer] / 2**20:.1f} MiB", f"**{results[name]:.2f}**", goal(most)) for name, peer, most in STORED]
    return "\n".join([f"""## A tree of sources

{results['tree']['files']:,} files with {results['tree']['bytes'] / 2**20:.0f} MiB, medians of {results['rounds']} rounds after one that was not counted.
""", head("work", "Resguardo", "peer", "its time or size", "ratio", "goal"), *rows, f"""
Peak resident memory over all rounds: agent {peaks['agent']} MiB (with the JDK's deflater {peaks['agent_jdk_deflater']} MiB), fetch worker \
{peaks['fetch_worker']} MiB, coordinator {peaks['coordinator']} MiB.

Resguardo's time goes from the publication of the job to its end; its processes run all the time, as they do for users, and its
agent compresses by {results['deflater']} (level 1) where nothing else is said. A query's and a restore's time includes the start of
`bin/admin`. borg knows no S3: its repository (`repokey-blake2`, its own compression) is a folder on the same disk as MinIO's.
"""])


def small(results):
    sets = results["small_files"]
    rows = [line(f"{int(many):,}", what, f"{row[ours]:.2f} s", f"{row[peer]:.2f} s", f"**{row[ours] / row[peer]:.2f}**",
                 goal(most) if int(many) == SMALL_FILES[-1] else "")
            for many, row in sets.items() for _, what, ours, peer, most in SMALL_ROWS]
    peaks = {role: [row["peak_rss_mib"][role] for row in sets.values()] for role in ("agent", "fetch_worker")}
    return "\n".join(["""## Many small files

Files of 20 to 700 bytes, a thousand in each folder. Each number once, with processes just started; the peer is restic to the
same MinIO.
""", head("files", "work", "Resguardo", "restic", "ratio", "goal"), *rows, """
Peak resident memory, to be 192 MiB at most for the agent and 256 MiB for the worker, whatever the number of files:
""", head("files", "agent", "fetch worker"),
                      *(line(f"{int(many):,}", f"{agent} MiB", f"{worker} MiB")
                        for many, agent, worker in zip(sets, peaks["agent"], peaks["fetch_worker"])), f"""
```mermaid
xychart-beta
  title "Peak resident memory in MiB: agent (lower), fetch worker (upper)"
  x-axis "files" [{", ".join(f'"{int(many):,}"' for many in sets)}]
  y-axis "MiB" 0 --> 300
  line {peaks["agent"]}
  line {peaks["fetch_worker"]}
```
"""])


def large(results):
    file = results["large_file"]
    rate = {key: file["bytes"] / 2**20 / file[key] for key in ("ours", "mc")}
    return "\n".join([f"""## One large file that does not shrink

{file['bytes'] / 2**30:.0f} GiB of random bytes, medians of {results['rounds']} rounds; the peer is `mc cp` of the same file to the same MinIO, which only
uploads: Resguardo also cuts it into chunks, digests each, and carries it over the broker.
""", head("work", "Resguardo", "mc", "ratio", "goal"),
                      line("first backup", f"{file['ours']:.2f} s ({rate['ours']:.0f} MiB/s)", f"{file['mc']:.2f} s ({rate['mc']:.0f} MiB/s)",
                           f"**{results['large_vs_mc']:.2f}**", goal(1.25)), f"""
Peak resident memory: agent {file['peak_rss_mib']['agent']} MiB, fetch worker {file['peak_rss_mib']['fetch_worker']} MiB.
"""])


def benchmarks(results):
    machine = results["machine"]
    lie = ", ".join(f"{part} on {kind}" for part, kind in results["files_on"].items())
    parts = [make(results) for key, make in (("seconds", tree), ("small_files", small), ("large_file", large)) if key in results]
    return "\n".join([f"""# Benchmarks

Made by `make bench`: side by side on one machine ({machine['cores']} cores, {machine['java']}, restic {machine['restic']}, borg {machine['borg']}), real
RabbitMQ and real MinIO on the same machine. A ratio below 1 is faster (or smaller) than the peer; the goal is what was set out to
be reached. Absolute times say little on another machine; the ratios do. Where the files of all of them lay: {lie}.
""", *parts])


def sizing(page, results):
    """The page with its figures as they are now; as it is, where not all parts were ever made."""
    if not all(key in results for key in ("seconds", "small_files", "large_file")):
        return page
    peaks, median, file = results["peak_rss_mib"], results["seconds"], results["large_file"]
    many = results["small_files"][str(SMALL_FILES[-1])]
    files, size = f"{results['tree']['files']:,}", f"{results['tree']['bytes'] / 2**20:.0f} MiB"
    one, mass = f"{file['bytes'] / 2**30:.0f} GiB", "20 to 700 bytes each"
    memory = [head("process", "largest that was seen", "what it was doing")]
    for role in ("agent", "fetch_worker"):
        name, verb = role.replace("_", " "), "sending" if role == "agent" else "receiving"
        memory.append(line(name, f"{file['peak_rss_mib'][role]} MiB", f"{verb} one file of {one}"))
        memory.append(line(name, f"{many['peak_rss_mib'][role]} MiB", "a million small files"))
    memory.append(line("coordinator", f"{peaks['coordinator']} MiB", "the rounds of the benchmark"))
    rate = file["bytes"] / 2**20 / file["ours"]
    time = [head("what", "files", "bytes", "time"),
            line("first backup", files, size, f"{median['ours_first']:.2f} s"),
            line("first backup", f"{SMALL_FILES[-1]:,}", mass, f"{many['ours_first']:.2f} s"),
            line("first backup of what cannot be compressed", 1, one, f"{file['ours']:.2f} s ({rate:.0f} MiB/s)"),
            line("a round that finds nothing changed", files, size, f"{median['ours_unchanged']:.2f} s"),
            line("a round that finds nothing changed", f"{SMALL_FILES[-1]:,}", mass, f"{many['ours_unchanged']:.2f} s"),
            line("1 % of the files changed", files, size, f"{median['ours_changed']:.2f} s"),
            line("a restore of all", files, size, f"{median['ours_restore']:.2f} s"),
            line("a restore of one file", f"{SMALL_FILES[-1]:,}", mass, f"{many['ours_onefile']:.2f} s")]
    page = table(page, "Memory", memory)
    page = table(page, "Time", time)
    stored = (f"{VERSIONS} versions of the tree of {size}, of which 2 % changed each time, "
              f"took {results['stored_bytes']['ours'] / 2**20:.1f} MiB")
    return re.sub(r"\d+ versions of the tree of .*? took [0-9.]+ MiB", stored, page)


def table(page, title, rows):
    """The page with these in the place of the first table below this title."""
    return re.sub(rf"(## {title}\n\n)(?:\|.*\n)+", lambda found: found.group(1) + "\n".join(rows) + "\n", page)


def report(results):
    (ROOT / "docs/benchmarks.md").write_text(benchmarks(results))
    page = ROOT / "docs/sizing.md"
    page.write_text(sizing(page.read_text(), results))
