"""Holds a restored folder against what is expected of it: check.py FOLDER EXPECTED.jsonl [loosely]; says what differs, and exits 1.
Loosely: only names, kinds and contents, for programs that restore nothing else; and of these not what they have no form for."""
import base64, hashlib, json, os, stat, sys, urllib.parse

folder, expected = sys.argv[1:3]
LOOSELY = "loosely" in sys.argv[3:]
KINDS = dict(f=stat.S_ISREG, d=stat.S_ISDIR, l=stat.S_ISLNK, h=stat.S_ISREG, p=stat.S_ISFIFO)
wrong = []


def raw(text):
    return urllib.parse.unquote_to_bytes(text[2:]) if text.startswith("%:") else text.encode()


def hold(name, what, found, wanted):
    if found != wanted:
        wrong.append(f"{name}: {what} is {found!r}, and not {wanted!r}")


def look(e, path):
    s = os.lstat(path)
    hold(e["name"], "kind", KINDS[e["type"]](s.st_mode), True)
    if e["type"] == "h":
        first = os.lstat(os.path.join(os.fsencode(folder), raw(e["link"])))
        hold(e["name"], "inode", (s.st_dev, s.st_ino), (first.st_dev, first.st_ino))
        return
    if e["type"] == "l":
        hold(e["name"], "link", os.readlink(path), raw(e["link"]))
    elif not LOOSELY:
        hold(e["name"], "mode", stat.S_IMODE(s.st_mode), e["mode"])
    if not LOOSELY:
        hold(e["name"], "time", s.st_mtime_ns, e["seconds"] * 10**9 + e["nanos"])
    if os.geteuid() == 0 and not LOOSELY:
        hold(e["name"], "owner", (s.st_uid, s.st_gid), (e["uid"], e["gid"]))
    if e["type"] == "f":
        hold(e["name"], "size", s.st_size, e["size"])
        with open(path, "rb") as file:
            hold(e["name"], "content", hashlib.sha256(file.read()).hexdigest(), e["sha256"])
        if e.get("sparse") and not LOOSELY:
            hold(e["name"], "sparse", s.st_blocks * 512 < s.st_size, True)
    for name, value in ({} if LOOSELY else e.get("attributes", {})).items():
        try:
            found = os.getxattr(path, name, follow_symlinks=False)
        except OSError as error:
            found = error
        hold(e["name"], name, found, base64.b64decode(value))


names = set()
for line in open(expected, encoding="utf-8"):
    e = json.loads(line)
    path = os.path.join(os.fsencode(folder), raw(e["name"]))
    names.add(path)
    try:
        look(e, path)
    except OSError as error:
        wrong.append(f"{e['name']}: {error}")
for parent, folders, files in os.walk(os.fsencode(folder)):
    wrong += [f"{name!r} was not expected" for name in folders + files if os.path.join(parent, name) not in names]
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
