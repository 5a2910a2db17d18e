"""Servers and programs as users start them, and what they say about themselves."""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

from parts.common import ROOT, out, run

PATIENCE = 1800

# The last version of MinIO's client; built like MinIO itself, as its makers publish no binaries any more.
MC = "github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9"


def facts(script, folder):
    lines = out(ROOT / "infra/servers" / script, "start", folder).splitlines()
    return dict(line.split("=", 1) for line in lines)


def minio_client():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "resguardo"
    candidates = [os.environ.get("RESGUARDO_MC"), cache / "mc"]
    found = next((c for c in candidates if c and os.access(c, os.X_OK)), None)
    if not found:
        print(f"building MinIO's client into {cache} (once, some minutes)", file=sys.stderr)
        run("go", "install", MC, env={**os.environ, "GOBIN": str(cache)})
    return found or cache / "mc"


class Pipeline:
    """The programs of bin/, as a user starts them."""

    def __init__(self, work, broker, store):
        self.work, self.env = work, dict(os.environ, RESGUARDO_AMQP_URI=broker)
        self.processes = {}
        self.activity = work / "activity.jsonl"
        self.start("coordinator", "coordinator", RESGUARDO_STORE=store)
        self.start("fetch-worker", "fetch-worker", RESGUARDO_STORE=store)
        self.start("logger", "admin", "logs", "--follow", "--json", output=self.activity)
        self.admin("list")
        time.sleep(3)  # until the logger listens

    def start(self, name, program, *arguments, output=None, **env):
        with open(output or self.work / f"{name}.log", "w") as log:
            words = [str(ROOT / "bin" / program), *map(str, arguments)]
            self.processes[name] = subprocess.Popen(
                words, env={**self.env, **env}, stdout=log, stderr=log if output is None else subprocess.DEVNULL)

    def admin(self, *arguments):
        run(ROOT / "bin/admin", *arguments, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def lines(self):
        return [json.loads(line) for line in self.activity.read_text().splitlines() if line.endswith("}")]

    def ended(self, node, path, words, many):
        """The seconds that so many jobs of a path took, from their publication to their end."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            began, took = {}, []
            for line in self.lines():
                if line.get("node") != node or line.get("path") != path or "job" not in line:
                    continue
                at = datetime.datetime.fromisoformat(line["time"][:26].rstrip("Z").ljust(26, "0"))
                if line["what"].startswith("published the job"):
                    began[line["job"]] = at
                elif line["by"]["role"] == "fetch-worker" and line["what"].startswith(words) and line["job"] in began:
                    took.append((at - began[line["job"]]).total_seconds())
            if len(took) >= many:
                return took[:many]
            time.sleep(0.2)
        sys.exit(f"Failed to bench: {node} was not {words!r} {many} times within {PATIENCE} s.")

    def peak(self, name):
        status = pathlib.Path(f"/proc/{self.processes[name].pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024

    def peaks(self, **names):
        return {called: self.peak(name) for called, name in names.items()}

    def stop(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()


class Ours:
    """One agent over one tree. Each round backs it up under a path of its own, so that each has a first backup."""

    def __init__(self, pipeline, node, tree, work, deflater):
        self.pipeline, self.node, self.tree, self.work = pipeline, node, tree, work
        pipeline.start(node, "agent", "--node", node, "--allow", work, "--cache", work / f"cache-{node}", "--deflater", deflater)
        time.sleep(4)  # until it has been seen

    def path(self, name):
        path = self.work / f"{self.node}-{name}"
        if not path.exists():
            path.symlink_to(self.tree)
        return path

    def register(self, name):
        self.pipeline.admin("publish", "register", "--node", self.node, "--path", self.path(name), "--freq", "2", "--wait")

    def unregister(self, name):
        self.pipeline.admin("publish", "unregister", "--node", self.node, "--path", self.path(name), "--wait")

    def first_and_unchanged(self, name):
        self.register(name)
        first = self.pipeline.ended(self.node, str(self.path(name)), "committed", 1)[0]
        unchanged = self.pipeline.ended(self.node, str(self.path(name)), "unchanged", 2)[1]
        self.unregister(name)
        return first, unchanged

    def changed(self, name, versions):
        """The seconds of the version that this makes, where there are so many of them then."""
        self.register(name)
        took = self.pipeline.ended(self.node, str(self.path(name)), "committed", versions)[versions - 1]
        self.unregister(name)
        return took

    def query(self, name, target, *more):
        run(ROOT / "bin/admin", "publish", "query", "--node", self.node, "--path", self.path(name), "--save-to-file",
            self.work / "query.tgz", *more, env=self.pipeline.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        run("tar", "-xzpf", self.work / "query.tgz", "-C", target)

    def restore(self, name, target, *more):
        run(ROOT / "bin/admin", "restore", "--node", self.node, "--path", self.path(name), "--to", target, *more,
            env=self.pipeline.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Servers:
    """A broker, a store and the programs, for one part of the bench."""

    def __init__(self, work):
        self.work = work
        broker, self.minio = facts("rabbitmq", work / "rabbitmq"), facts("minio", work / "minio")
        self.env = dict(os.environ, AWS_ACCESS_KEY_ID=self.minio["access_key"], AWS_SECRET_ACCESS_KEY=self.minio["secret_key"],
                        RESTIC_PASSWORD="bench", RESTIC_CACHE_DIR=str(work / "restic-cache"))
        self.pipeline = Pipeline(work, broker["amqp_uri"], self.minio["store_uri"])

    def restic(self, name, *words):
        run("restic", "-q", "-r", f"s3:{self.minio['endpoint']}/restic-{name}", *words, env=self.env, stdout=subprocess.DEVNULL)

    def mc(self, *words):
        """MinIO's own client, which knows the store as `local`."""
        address = self.minio["endpoint"].replace("://", f"://{self.minio['access_key']}:{self.minio['secret_key']}@")
        run(minio_client(), "--quiet", "--config-dir", self.work / "mc", *words, env={**self.env, "MC_HOST_local": address},
            stdout=subprocess.DEVNULL)

    def deflater(self, node):
        log = (self.work / f"{node}.log").read_text().splitlines()
        return next(line for line in log if "compresses by" in line).rsplit(" ", 1)[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pipeline.stop()
        for server in ("rabbitmq", "minio"):
            run(ROOT / "infra/servers" / server, "stop", self.work / server)
