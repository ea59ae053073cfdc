# SPDX-License-Identifier: EUPL-1.2
"""What the checks share: the files of the tree, and reporting "file:line: what is wrong" with exit code 1."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent.parent).resolve()
found = 0


def files():
    """Every file of the tree as a path from its root, sorted: what git knows or would add; without git, all but build/."""
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
        return sorted({n for n in names if n and (ROOT / n).is_file()})
    names = []
    for folder, folders, here in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in ("build", "__pycache__")]
        names += [os.path.relpath(os.path.join(folder, name), ROOT) for name in here]
    return sorted(names)


def lines(name):
    """The lines of a text file; none for a file that is not text."""
    data = (ROOT / name).read_bytes()
    if b"\0" in data:
        return []
    return data.decode(errors="replace").splitlines()


def fault(name, line, what):
    global found
    found += 1
    print(f"{name}:{line}: {what}")


def warn(name, line, what):
    print(f"{name}:{line}: warning: {what}")


def finish():
    sys.exit(1 if found else 0)
