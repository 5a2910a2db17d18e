"""A reader of somebody who knows docs/format.md and nothing else: stranger.py BUCKET MANIFEST-KEY FOLDER [age-identity]."""
import base64, gzip, hashlib, json, os, subprocess, sys, urllib.parse, zlib

(bucket, key, folder), identity = (os.fsencode(word) for word in sys.argv[1:4]), sys.argv[4:5]
Z = dict(sha=hashlib.sha256(), index=hashlib.sha256(), entries=0)  # what adds up over all lines
times = []


def damaged(what):
    sys.exit(f"DAMAGED: {what}")

def raw(text):
    return urllib.parse.unquote_to_bytes(text[2:]) if text.startswith("%:") else text.encode()


def through(program, packed):
    return subprocess.run(program, input=packed, capture_output=True, check=True).stdout


def member(number, offset, length, size):
    archive = archives[number]
    with open(os.path.join(bucket, archive["key"].encode()), "rb") as file:
        file.seek(offset)
        packed = file.read(length)
    if archive["form"].get("encryptedTo"):
        packed = through(["age", "-d", "-i", *identity], packed)
    plain = through(["zstd", "-dc"], packed) if packed[:4] == b"\x28\xb5\x2f\xfd" else zlib.decompress(packed, 31)
    return plain if len(plain) == size else damaged(f"a member of {archive['key']}")


def after_header(block, entry):
    """Where the content begins in a block at whose begin an entry's header lies."""
    at = 0
    while True:
        size = int(block[at + 124:at + 135].rstrip(b"\0 ") or b"0", 8) if block[at + 124] < 128 else 0
        if block[at + 156:at + 157] != b"x":
            break
        at += 512 + -(-size // 512) * 512
    at += 512
    if "sp" in entry:  # the map counts as part of the header
        parts = int(block[at:block.index(b"\n", at)])
        text = b"\n".join(block[at:].split(b"\n", 2 * parts + 1)[:-1])
        at += -(-(len(text) + 1) // 512) * 512
    return at


def content(entry, place):
    stored = sum(length for _, length in entry["sp"]) if "sp" in entry else entry["z"]
    if "k" in place:
        for number, offset, length, size, digest in place["k"]:
            chunk = member(number, offset, length, size)
            yield chunk if hashlib.sha256(chunk).hexdigest() == digest else damaged(entry["n"])
    elif stored > 0:
        number, offset, length, size, start = place.get("c") or place["b"]
        block = member(number, offset, length, size)[start:]
        begin = 0 if "c" in place else after_header(block, entry)
        yield block[begin:begin + stored]


def file(path, entry, place):
    bytes_ = b"".join(content(entry, place))
    if hashlib.sha256(bytes_).hexdigest() != entry["d"]:
        damaged(entry["n"])
    with open(path, "wb") as out:
        for offset, length in entry.get("sp", [[0, entry["z"]]]):
            out.seek(offset)
            out.write(bytes_[:length])
            bytes_ = bytes_[length:]
        out.truncate(entry["z"])


def restore(path, entry, place):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    kind = entry["t"]
    if kind == "h":
        return os.link(os.path.join(folder, raw(entry["l"])), path, follow_symlinks=False)
    {"f": lambda: file(path, entry, place), "d": lambda: os.makedirs(path, exist_ok=True),
     "l": lambda: os.symlink(raw(entry["l"]), path), "p": lambda: os.mkfifo(path)}[kind]()
    if os.geteuid() == 0:
        os.chown(path, entry["u"], entry["g"], follow_symlinks=False)
    for name, value in entry.get("x", {}).items():
        os.setxattr(path, raw(name), base64.b64decode(value), follow_symlinks=False)
    if kind != "l":
        os.chmod(path, entry["m"])
    times.append((path, entry["s"] * 10**9 + entry["ns"]))


with gzip.open(os.path.join(bucket, key)) as lines:
    header = json.loads(next(lines))
    archives = {archive["number"]: archive for archive in header["archives"]}
    for line in lines:
        text, _, place = line.rstrip(b"\n").partition(b"\t")
        entry, Z["entries"], _ = json.loads(text), Z["entries"] + 1, (Z["sha"].update(text + b"\n"), Z["index"].update(line))
        if entry["t"] in "fdlhp" and not (entry["t"] == "f" and "d" not in entry):
            restore(os.path.join(folder, raw(entry["n"])), entry, json.loads(place or b"{}"))
for path, ns in reversed(times):  # what is in a folder comes after it, and would touch its time
    os.utime(path, ns=(ns, ns), follow_symlinks=False)
if header["format"] != 2 or Z["entries"] != header["totals"]["entries"] or Z["index"].hexdigest() != header["index"] \
        or Z["sha"].hexdigest() != header["totals"]["fingerprint"]:
    damaged("the manifest")
