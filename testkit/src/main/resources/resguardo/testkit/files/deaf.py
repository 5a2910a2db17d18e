"""A file system whose server answers all calls but some: deaf.py FOLDER read|write

read: it has a file f, whose content never comes. write: it is empty, and nothing that is to be made in it ever is.
Ends with its input, or when it is killed; then whoever waits gets an error. Speaks the kernel's own protocol
(linux/fuse.h), as no library for it is everywhere. Needs root and /dev/fuse.
"""
import ctypes, os, struct, sys, threading

LOOKUP, FORGET, GETATTR, SETATTR, MKNOD, MKDIR, OPEN, READ, STATFS, RELEASE = 1, 2, 3, 4, 8, 9, 14, 15, 17, 18
FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, CREATE, BATCH_FORGET = 25, 26, 27, 28, 29, 36, 35, 42
ENOENT, ENOSYS = 2, 38
ROOT, FILE = 1, 2

folder, mode = sys.argv[1].encode(), sys.argv[2]
unanswered = {"read": {READ}, "write": {MKNOD, MKDIR, CREATE}}[mode]
names = [(b".", ROOT, 4), (b"..", ROOT, 4)] + ([(b"f", FILE, 8)] if mode == "read" else [])

device = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % device
if libc.mount(b"deaf", folder, b"fuse", 6, options) != 0:
    sys.exit("cannot mount: " + os.strerror(ctypes.get_errno()))
print("mounted", flush=True)


def until_input_ends():
    sys.stdin.read()
    libc.umount2(folder, 2)  # MNT_DETACH
    os._exit(0)


threading.Thread(target=until_input_ends, daemon=True).start()


def attributes(inode):
    kind, size = (0o40755, 0) if inode == ROOT else (0o100644, 5)
    then = 1_600_000_000
    return struct.pack("<6Q10I", inode, size, 1, then, then, then, 0, 0, 0, kind, 1, 0, 0, 0, 4096, 0)


def listing():
    out = b""
    for offset, (name, inode, kind) in enumerate(names, 1):
        entry = struct.pack("<QQII", inode, offset, len(name), kind) + name
        out += entry + bytes(-len(entry) % 8)
    return out


def answer(operation, node, body):
    """An error's number, or what the kernel gets."""
    if operation == INIT:
        return struct.pack("<4I2H2I2H7I", 7, 31, 65536, 0, 12, 10, 65536, 1, 1, 0, *[0] * 7)
    if operation == LOOKUP:
        known = mode == "read" and body[:-1] == b"f"
        return struct.pack("<4Q2I", FILE, 0, 1, 1, 0, 0) + attributes(FILE) if known else ENOENT
    if operation in (GETATTR, SETATTR):
        return struct.pack("<QII", 1, 0, 0) + attributes(node)
    if operation in (OPEN, OPENDIR):
        return struct.pack("<QII", 7, 0, 0)
    if operation == READDIR:
        return listing() if struct.unpack("<QQ", body[:16])[1] == 0 else b""
    if operation in (RELEASE, RELEASEDIR, FLUSH):
        return b""
    if operation == STATFS:
        return struct.pack("<5Q4I", 9, 9, 9, 9, 9, 4096, 255, 4096, 0) + bytes(24)
    return ENOSYS


while True:
    try:
        message = os.read(device, 1 << 18)
    except OSError:
        break  # not mounted any more
    _, operation, unique, node = struct.unpack("<IIQQ", message[:24])
    if operation in unanswered:
        print("left without an answer:", operation, flush=True)
    elif operation not in (FORGET, BATCH_FORGET, INTERRUPT):
        result = answer(operation, node, message[40:])
        error, data = (-result, b"") if isinstance(result, int) else (0, result)
        os.write(device, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
