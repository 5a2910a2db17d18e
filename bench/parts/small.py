"""One set of many small files, for each of some numbers."""
import pathlib
import shutil
import sys

from parts.common import fresh, same_content, seconds
from parts.files import make_small_files
from parts.programs import Ours, Servers

SMALL_FILES = (10_000, 100_000, 1_000_000)


def bench_small(work, rounds):
    """Each number once, whatever the rounds, with processes of its own, so that each has a peak of memory of its own."""
    rows = {}
    for many in SMALL_FILES:
        folder = fresh(work / f"of-{many}")
        tree, target = folder / "tree", folder / "restored"
        make_small_files(tree, many)
        wanted = f"{tree}/d{many // 2000:04}/file-{many // 2:07}.txt"
        with Servers(folder) as servers:
            ours = Ours(servers.pipeline, "small", tree, folder, "AUTO")
            row = {}
            row["ours_first"], row["ours_unchanged"] = ours.first_and_unchanged("all")
            fresh(target)
            inside = wanted[len(str(tree)) + 1:]
            row["ours_onefile"] = seconds(lambda: ours.restore("all", target, "--entry", inside))
            same_content(pathlib.Path(wanted), target / str(ours.path("all"))[1:] / inside)
            servers.restic("small", "init")
            row["restic_first"] = seconds(lambda: servers.restic("small", "backup", tree))
            row["restic_unchanged"] = seconds(lambda: servers.restic("small", "backup", tree))
            fresh(target)
            row["restic_onefile"] = seconds(lambda: servers.restic("small", "restore", "latest", "--target", target, "--include", wanted))
            same_content(pathlib.Path(wanted), target / wanted[1:])
            row = {key: round(value, 3) for key, value in row.items()}
            row["peak_rss_mib"] = servers.pipeline.peaks(agent="small", fetch_worker="fetch-worker")
            rows[str(many)] = row
            print(many, row, file=sys.stderr)
        shutil.rmtree(folder)
    return {"small_files": rows}
