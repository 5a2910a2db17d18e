"""What is backed up."""
import pathlib
import random
import shutil
import time

from parts.common import out

FILES = 15_000
BYTES = 200 * 1024 * 1024


def make_tree(folder):
    """Source files of this machine, up to so many files and bytes, in the order of their names."""
    sources = [out("go", "env", "GOROOT").strip() + "/src", "/usr/include", "/usr/lib/python3", "/usr/share", "/usr/lib"]
    files = size = 0
    for source in sources:
        for path in sorted(p for p in pathlib.Path(source).rglob("*") if p.is_file() and not p.is_symlink()):
            length = path.stat().st_size
            if files >= FILES or length > 1024 * 1024 or size + length > BYTES:
                continue
            target = folder / source.strip("/").replace("/", "_") / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            files, size = files + 1, size + length
    return files, size


def change(tree, share, seed):
    """Changes this share of the files, as an editor does."""
    rng = random.Random(seed)
    files = sorted(p for p in tree.rglob("*") if p.is_file())
    for path in rng.sample(files, int(len(files) * share)):
        with open(path, "a") as file:
            file.write(f"changed {seed} {rng.random()}\n")
    time.sleep(2.5)  # until the times of the files tell any later change


def make_small_files(folder, many):
    """So many files of 20 to 700 bytes, a thousand in each folder."""
    rng = random.Random(many)
    words = [f"w{rng.randrange(1 << 20):x}" for _ in range(5000)]
    for number in range(many):
        if number % 1000 == 0:
            parent = folder / f"d{number // 1000:04}"
            parent.mkdir(parents=True)
        text = " ".join(rng.choices(words, k=rng.randrange(2, 90)))
        (parent / f"file-{number:07}.txt").write_text(f"{text} {number}")
    time.sleep(3)
