"""One large file that does not shrink, against the upload of the same file by MinIO's client."""
import os

from parts.common import Medians, seconds
from parts.programs import Ours, Servers

MEBIBYTE = 1024 * 1024
BYTES = 4096 * MEBIBYTE


def make_large_file(path):
    path.parent.mkdir()
    with open(path, "wb") as file:
        for _ in range(BYTES // MEBIBYTE):
            file.write(os.urandom(MEBIBYTE))


def bench_large(work, rounds):
    file = work / "large/file"
    make_large_file(file)
    medians = Medians()
    with Servers(work) as servers:
        ours = Ours(servers.pipeline, "large", file.parent, work, "AUTO")
        servers.mc("mb", "local/upload")
        for number in range(rounds + 1):
            row = {"ours": ours.first_and_unchanged(number)[0], "mc": seconds(lambda: servers.mc("cp", file, "local/upload/file"))}
            # Each round's would add up to more than many a disk has.
            for written in ("upload", "resguardo/archives"):
                servers.mc("rm", "--recursive", "--force", f"local/{written}/")
            medians.add(row)
        peaks = servers.pipeline.peaks(agent="large", fetch_worker="fetch-worker")
    return {"large_file": {"bytes": BYTES, **medians.all(), "peak_rss_mib": peaks}}
