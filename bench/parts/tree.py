"""A tree of sources, in rounds; and what so many versions of it take in the store."""
import os
import shutil
import subprocess
import sys
import time

from parts.common import Medians, fresh, run, seconds, size_of
from parts.files import change, make_tree
from parts.programs import Ours, Servers

VERSIONS = 20


class Borg:
    """Its repositories are folders of this machine: it knows no S3."""

    def __init__(self, work):
        self.work = work
        self.env = dict(os.environ, BORG_BASE_DIR=str(work / "borg"), BORG_PASSPHRASE="bench")

    def repository(self, name):
        return self.work / f"borg-{name}"

    def __call__(self, *words, cwd=None):
        run("borg", *words, env=self.env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def init(self, name):
        self("init", "--encryption", "repokey-blake2", self.repository(name))

    def backup(self, name, version, tree):
        return seconds(lambda: self("create", f"{self.repository(name)}::{version}", tree))

    def restore(self, name, version, target):
        return seconds(lambda: self("extract", f"{self.repository(name)}::{version}", cwd=target))


class Contest:
    """All of them, on the same tree."""

    def __init__(self, work, tree, servers):
        self.work, self.tree, self.servers, self.target = work, tree, servers, work / "restored"
        self.restic, self.borg = servers.restic, Borg(work)
        self.native = Ours(servers.pipeline, "native", tree, work, "AUTO")
        self.jdk = Ours(servers.pipeline, "jdk", tree, work, "JDK")

    def restic_backup(self, name):
        return seconds(lambda: self.restic(name, "backup", self.tree))

    def restored(self, restore):
        fresh(self.target)
        return seconds(restore)

    def round(self, number):
        """Backs the tree up, restores it, and changes a hundredth of its files."""
        tree, target, row = self.tree, self.target, {}
        row["ours_first"], row["ours_unchanged"] = self.native.first_and_unchanged(number)
        row["jdk_first"], row["jdk_unchanged"] = self.jdk.first_and_unchanged(number)
        self.restic(number, "init")
        row["restic_first"], row["restic_unchanged"] = self.restic_backup(number), self.restic_backup(number)
        self.borg.init(number)
        row["borg_first"], row["borg_unchanged"] = self.borg.backup(number, 1, tree), self.borg.backup(number, 2, tree)
        row["tar_gzip"] = seconds(lambda: run("tar", "-czf", self.work / "tree.tgz", "-C", tree, "."))
        row["tar_pigz1"] = seconds(lambda: run("sh", "-c", f"tar -cf - -C {tree} . | pigz -1 > {self.work}/tree.tgz"))
        row["ours_query"] = self.restored(lambda: self.native.query(number, target))
        row["ours_restore"] = self.restored(lambda: self.native.restore(number, target))
        row["restic_restore"] = self.restored(lambda: self.restic(number, "restore", "latest", "--target", target))
        row["borg_restore"] = self.restored(lambda: self.borg.restore(number, 1, target))
        change(tree, 0.01, number)
        row["restic_changed"], row["borg_changed"] = self.restic_backup(number), self.borg.backup(number, 3, tree)
        row["ours_changed"] = self.native.changed(number, 2)
        shutil.rmtree(self.borg.repository(number))
        return row

    def stored(self):
        """The bytes that so many versions take, when a fiftieth of the files changes between each and the next."""
        name = "stored"
        self.restic(name, "init")
        self.borg.init(name)
        for version in range(1, VERSIONS + 1):
            self.native.changed(name, version)
            self.restic_backup(name)
            self.borg.backup(name, version, self.tree)
            change(self.tree, 0.02, 1000 + version)
        data = self.work / "minio/data"
        ours = sum(size_of(data / "resguardo" / kind / self.native.node / str(self.native.path(name)).strip("/"))
                   for kind in ("archives", "manifests"))
        return {"ours": ours, "restic": size_of(data / f"restic-{name}"), "borg": size_of(self.borg.repository(name))}


def bench_tree(work, rounds):
    tree = work / "tree"
    files, size = make_tree(tree)
    time.sleep(3)
    print(f"tree: {files} files, {size / 2**20:.0f} MiB", file=sys.stderr)
    medians = Medians()
    with Servers(work) as servers:
        contest = Contest(work, tree, servers)
        for number in range(rounds + 1):
            medians.add(contest.round(number))
        stored = contest.stored()
        peaks = servers.pipeline.peaks(agent="native", agent_jdk_deflater="jdk", fetch_worker="fetch-worker", coordinator="coordinator")
        return {"tree": {"files": files, "bytes": size}, "rounds": rounds, "deflater": servers.deflater("native"),
                "seconds": medians.all(), "stored_bytes": stored, "peak_rss_mib": peaks}
