"""Makes a tree of files that bite, and compares two trees to the last nanosecond, row by row.

    tree.py make FOLDER [ROW ...]        makes the rows, each in a folder of its own; without names, all that this user can make
    tree.py rows                         prints the rows and what they hold
    tree.py compare ONE OTHER [ROW ...]  prints "row<TAB>equal" or "row<TAB>first differences" for each row; exits with 1 if any differ

Run as root on a file system that takes extended attributes: what it cannot hold is told, and the row is not made.
"""
import errno, os, socket, stat, struct, sys

MIB = 1 << 20
ROWS = {}


def row(name, what):
    def keep(make):
        ROWS[name] = (what, make)
        return make
    return keep


def write(path, content=b"content", mtime_ns=1_600_000_000_123_456_789):
    with open(path, "wb") as out:
        out.write(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))


@row("names", "names: digits, space, newline, tab, backslash, leading `-`, quotes, `%`, 255 bytes")
def names(at):
    for n in [b"1", b"a-1", b"two words", b"new\nline", b"tab\tbed", b"back\\slash", b"-rf", b"'\"$x`", b"%41", b"%:x", b"*?[a]",
              b" ", b"...", b"\x01\x7f", b"n" * 255]:
        write(at + b"/" + n, n)
    write(at + b"/" + b"d" * 200 + b"-", b"x")
    os.mkdir(at + b"/" + b"e" * 255)
    write(at + b"/" + b"e" * 255 + b"/" + b"f" * 255, b"y")


@row("not-utf8", "names that are no UTF-8")
def not_utf8(at):
    os.mkdir(at + b"/d\xff\xfe")
    write(at + b"/d\xff\xfe/\x80in", b"x")
    write(at + b"/caf\xe9", b"latin")
    os.symlink(b"to \xff", at + b"/l\xff")


@row("nfc-nfd", "the same name in two Unicode forms")
def nfc_nfd(at):
    write(at + "/caf\u00e9".encode(), b"NFC")
    write(at + "/cafe\u0301".encode(), b"NFD")


@row("deep", "a path of more than 4096 bytes")
def deep(at):
    here = os.open(at, os.O_RDONLY)
    for _ in range(60):
        os.mkdir(b"d" * 100, dir_fd=here)
        below = os.open(b"d" * 100, os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = below
    with os.fdopen(os.open(b"bottom", os.O_WRONLY | os.O_CREAT, dir_fd=here), "w") as out:
        out.write("deep")
    os.symlink(b"bottom", b"link", dir_fd=here)
    os.link(b"bottom", b"second", src_dir_fd=here, dst_dir_fd=here)
    os.utime(b"bottom", ns=(5, 1_234_567_890_000_000_007), dir_fd=here)
    os.close(here)


@row("empty", "empty files and empty folders")
def empty(at):
    write(at + b"/file", b"")
    os.makedirs(at + b"/folder/in folder")


@row("symlinks", "symbolic links: loop, dangling, absolute, to a folder, of 4000 bytes; their own times and owners")
def symlinks(at):
    os.symlink(b"loop", at + b"/loop")
    os.symlink(b"nowhere", at + b"/dangling")
    os.symlink(b"/etc", at + b"/absolute")
    os.symlink(b"../symlinks", at + b"/folder")
    os.symlink(b"../../../../../../..", at + b"/up")
    os.symlink(b"t/" * 2000, at + b"/long")
    os.symlink(b"a//b/./c/", at + b"/untidy")
    os.lchown(at + b"/dangling", 1234, 4321)
    os.utime(at + b"/dangling", ns=(7, 1_111_111_111_222_222_222), follow_symlinks=False)


@row("hard-links", "hard links, to a file, a FIFO and a symbolic link, and one whose other name is outside of the set")
def hard_links(at):
    write(at + b"/b", b"shared")
    os.link(at + b"/b", at + b"/a")
    os.mkdir(at + b"/sub")
    os.link(at + b"/b", at + b"/sub/z")
    os.symlink(b"b", at + b"/link")
    os.link(at + b"/link", at + b"/link 2", follow_symlinks=False)
    os.mkfifo(at + b"/fifo")
    os.link(at + b"/fifo", at + b"/fifo 2")
    outside = os.path.dirname(os.path.dirname(at)) + b"/.outside-" + os.path.basename(os.path.dirname(at))
    write(at + b"/across", b"across")
    os.link(at + b"/across", outside)


@row("sparse", "sparse files: 10 GiB with 1 MiB of data, one hole, holes at both ends, 3000 parts")
def sparse(at):
    def holey(name, size, parts):
        with open(at + b"/" + name, "wb") as out:
            for offset, content in parts:
                out.seek(offset)
                out.write(content)
            out.truncate(size)
    noise = os.urandom(MIB)
    holey(b"10 GiB", 10 << 30, [(5 << 30, noise)])
    holey(b"all hole", 3 * MIB, [])
    holey(b"hole first", 2 * MIB, [(MIB, noise)])
    holey(b"hole last", 2 * MIB, [(0, noise[:100_000])])
    holey(b"odd end", 999_999, [(500_000, b"x" * 70_000), (999_000, b"end" * 333)])
    holey(b"many parts", 3000 * 65536, [(i * 65536 + 4096, noise[:4096]) for i in range(3000)])
    holey(b"large", 64 * MIB, [(i * 8 * MIB, noise) for i in range(1, 7)])


@row("xattrs", "extended attributes (user, trusted) of files, folders, links; binary and empty")
def xattrs(at):
    write(at + b"/f", b"x")
    os.setxattr(at + b"/f", b"user.text", b"value")
    os.setxattr(at + b"/f", b"user.binary", bytes(range(256)))
    os.setxattr(at + b"/f", b"user.empty", b"")
    os.setxattr(at + b"/f", b"trusted.one", b"t\n")
    os.mkdir(at + b"/d")
    os.setxattr(at + b"/d", b"user.of.folder", b"d" * 1500)
    os.symlink(b"f", at + b"/l")
    os.setxattr(at + b"/l", b"trusted.of.link", b"own", follow_symlinks=False)
    os.mkfifo(at + b"/p")
    os.setxattr(at + b"/p", b"trusted.of.fifo", b"p")
    os.utime(at + b"/f", ns=(3, 3_000_000_003))


@row("xattr-signs", "extended attributes with `=`, `%`, newline or no UTF-8 in their names")
def xattr_signs(at):
    write(at + b"/f", b"x")
    os.setxattr(at + b"/f", b"user.100%=all", b"1")
    os.setxattr(at + b"/f", b"user.caf\xe9 \n", b"odd name")


def acl(*entries):
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries)


NO_ID = 0xFFFFFFFF


@row("acls", "POSIX ACLs of files and folders, and default ACLs")
def acls(at):
    write(at + b"/f", b"x")
    os.chmod(at + b"/f", 0o640)
    os.setxattr(at + b"/f", b"system.posix_acl_access",
                acl((1, 6, NO_ID), (2, 4, 1000), (2, 7, 4_000_000), (4, 4, NO_ID), (8, 2, 77777), (16, 6, NO_ID), (32, 0, NO_ID)))
    os.mkdir(at + b"/d")
    os.setxattr(at + b"/d", b"system.posix_acl_access", acl((1, 7, NO_ID), (2, 5, 1001), (4, 5, NO_ID), (16, 5, NO_ID), (32, 1, NO_ID)))
    os.setxattr(at + b"/d", b"system.posix_acl_default", acl((1, 7, NO_ID), (2, 7, 1001), (4, 5, NO_ID), (16, 7, NO_ID), (32, 0, NO_ID)))
    write(at + b"/d/made in it", b"y")  # has an ACL from the folder
    write(at + b"/d/without", b"z")
    os.removexattr(at + b"/d/without", b"system.posix_acl_access")
    os.mkdir(at + b"/d/folder without")
    for name in (b"system.posix_acl_access", b"system.posix_acl_default"):
        os.removexattr(at + b"/d/folder without", name)


@row("capabilities", "file capabilities")
def capabilities(at):
    write(at + b"/ping", b"#!/bin/true\n")
    os.chown(at + b"/ping", 1234, 1235)
    os.chmod(at + b"/ping", 0o755)
    os.setxattr(at + b"/ping", b"security.capability", struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0))


@row("modes", "setuid, setgid, sticky, no permissions at all; owners without names, up to 2³²-2")
def modes(at):
    for mode in (0o4755, 0o2755, 0o6711, 0o1644, 0o000, 0o7777):
        name = at + b"/%04o" % mode
        write(name, b"x")
        os.chown(name, 1234, 4_000_000_000)
        os.chmod(name, mode)
    for mode in (0o1777, 0o2775, 0o3700, 0o000):
        name = at + b"/d%04o" % mode
        os.mkdir(name)
        os.chown(name, 4_294_967_294, 1235)
        os.chmod(name, mode)


@row("times", "times before 1970, to the nanosecond, after 2038, after 2106; of folders too")
def times(at):
    for seconds in (-2_000_000_000, -2, -1, 0, 1, 1_700_000_000, (1 << 31) + 5, 4_300_000_000, 9_000_000_000):
        for ns in (0, 1, 123_456_789, 999_999_999):
            name = at + b"/%d.%09d" % (seconds, ns)
            write(name, b"x", seconds * 10**9 + ns)
    os.mkdir(at + b"/folder")
    write(at + b"/folder/in it", b"x")
    os.utime(at + b"/folder", ns=(1, -86_400_000_000_001))


@row("special", "FIFOs and devices")
def special(at):
    os.mkfifo(at + b"/fifo", 0o640)
    os.mknod(at + b"/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(at + b"/loop", stat.S_IFBLK | 0o660, os.makedev(7, 300_000))
    os.chown(at + b"/null", 5, 6)
    os.utime(at + b"/fifo", ns=(9, 1_000_000_009))


@row("socket", "a socket")
def bound_socket(at):
    here = os.getcwd()
    os.chdir(at)  # its path has at most 108 bytes
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(b"socket")
    os.chdir(here)


@row("ordinary", "ordinary files and folders, small and large")
def ordinary(at):
    os.makedirs(at + b"/a/b")
    for i in range(300):
        write(at + b"/a/f%d" % i, b"content %d" % i * (i + 1))
    write(at + b"/a/b/large", os.urandom(3 * MIB + 77))
    write(at + b"/a/b/medium", os.urandom(700_000))
    write(at + b"/zeros", bytes(2 * MIB))  # written, so no hole


def make(root, wanted):
    os.makedirs(root, exist_ok=True)
    for name in wanted or ROWS:
        at = root + b"/" + name.encode()
        os.mkdir(at)
        try:
            ROWS[name][1](at)
        except OSError as cannot:
            if not wanted:
                os.system("rm -rf " + repr(os.fsdecode(at)))
                print("cannot make row %s here: %s" % (name, cannot), file=sys.stderr)
                continue
            raise
        os.utime(at, ns=(1_500_000_000_000_000_001,) * 2)
    os.utime(root, ns=(1_500_000_000_000_000_002,) * 2)


def data(fd, size):
    """The parts of a file that hold data, as pairs of where they begin and end."""
    parts, at = [], 0
    while at < size:
        try:
            start = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as none:
            if none.errno == errno.ENXIO:
                break
            raise
        at = os.lseek(fd, start, os.SEEK_HOLE)
        parts.append((start, at))
    return parts


def same_content(one, other, size):
    """What is data in one of them is the same in both; the rest is a hole in both."""
    for start, end in sorted(data(one, size) + data(other, size)):
        while start < end:
            n = min(MIB, end - start)
            if os.pread(one, n, start) != os.pread(other, n, start):
                return False
            start += n
    return True


def attributes(path):
    found = {}
    for name in os.listxattr(path, follow_symlinks=False):
        found[name] = os.getxattr(path, name, follow_symlinks=False)
    return found


def walk(root):
    """Every file below a folder: its name, where it can be reached just now, and its state."""
    def below(fd, name):
        for child in sorted(os.listdir(b"/proc/self/fd/%d" % fd)):
            reach = b"/proc/self/fd/%d/" % fd + child
            state = os.lstat(reach)
            yield name + b"/" + child, reach, state
            if stat.S_ISDIR(state.st_mode):
                inner = os.open(child, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
                yield from below(inner, name + b"/" + child)
                os.close(inner)
    yield b".", root, os.lstat(root)
    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    yield from below(top, b".")
    os.close(top)


ALLOCATED_MORE = 256 * 1024


def differences(one, other):
    first_one, first_other = {}, {}
    a, b = walk(one), walk(other)
    x, y = next(a, None), next(b, None)
    while x or y:
        if x is None or (y is not None and key(y[0]) < key(x[0])):
            yield y[0], "is not in the first"
            y = next(b, None)
            continue
        if y is None or key(x[0]) < key(y[0]):
            yield x[0], "is missing"
            x = next(a, None)
            continue
        for what in file_differences(x, y, first_one, first_other):
            yield x[0], what
        x, y = next(a, None), next(b, None)


def key(name):
    return name.split(b"/")


def file_differences(x, y, first_one, first_other):
    (name, here, s), (_, there, t) = x, y
    if stat.S_IFMT(s.st_mode) != stat.S_IFMT(t.st_mode):
        yield "another type"
        return
    for what, p, q in (("mode", oct(s.st_mode), oct(t.st_mode)), ("uid", s.st_uid, t.st_uid), ("gid", s.st_gid, t.st_gid),
                       ("mtime", s.st_mtime_ns, t.st_mtime_ns), ("device", s.st_rdev, t.st_rdev)):
        if p != q:
            yield "%s %s, not %s" % (what, q, p)
    p, q = attributes(here), attributes(there)
    for attribute in sorted(set(p) | set(q)):
        if p.get(attribute) != q.get(attribute):
            yield "attribute %r %s" % (attribute, "missing" if attribute not in q else "not in the first" if attribute not in p else "differs")
    if stat.S_ISLNK(s.st_mode) and os.readlink(here) != os.readlink(there):
        yield "points elsewhere"
    if not stat.S_ISDIR(s.st_mode):
        p = first_one.setdefault((s.st_dev, s.st_ino), name)
        q = first_other.setdefault((t.st_dev, t.st_ino), name)
        if p != q:
            yield "other hard links"
    if stat.S_ISREG(s.st_mode):
        if s.st_size != t.st_size:
            yield "size %d, not %d" % (t.st_size, s.st_size)
            return
        if t.st_blocks * 512 > s.st_blocks * 512 + ALLOCATED_MORE:
            yield "takes %d bytes on the disk, not %d" % (t.st_blocks * 512, s.st_blocks * 512)
        fd, gd = os.open(here, os.O_RDONLY), os.open(there, os.O_RDONLY)
        if not same_content(fd, gd, s.st_size):
            yield "other content"
        os.close(fd)
        os.close(gd)


def compare(one, other, wanted):
    bad = 0
    for name in wanted or [r for r in ROWS if os.path.lexists(one + b"/" + r.encode())]:
        here, there = one + b"/" + name.encode(), other + b"/" + name.encode()
        found = [(b".", "is missing")] if not os.path.isdir(there) else list(differences(here, there))
        bad |= bool(found)
        told = "; ".join("%s: %s" % (ascii(n[-60:])[2:-1], what) for n, what in found[:3])
        more = " (and %d more)" % (len(found) - 3) if len(found) > 3 else ""
        print("%s\t%s" % (name, told + more if found else "equal"))
    return bad


def main(words):
    if words[:1] == ["make"]:
        make(os.fsencode(os.path.abspath(words[1])), words[2:])
    elif words[:1] == ["compare"]:
        sys.exit(compare(os.fsencode(words[1]), os.fsencode(words[2]), words[3:]))
    elif words == ["rows"]:
        for name, (what, _) in ROWS.items():
            print("%s\t%s" % (name, what))
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
