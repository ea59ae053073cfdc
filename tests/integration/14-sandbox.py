#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: each process has given up what it does not need: system calls filtered, no new privileges, no core image, and no door that
belongs to another: only the gate has the network, only the core the store, only the keeper its folder. None of them is root.

A sanitizer's own work is what the filter forbids: in such builds only no_new_privs is there to be seen."""
import os
import pathlib
import pwd
import re

from lib.basics import SLOW, check, equal, main
from lib.drenthe import House, Scene
from lib.house import ROLES


def status(pid):
    return dict(re.findall(r"^(\w+):\s*(.*)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M))


def open_files(pid):
    out = {}
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            out[fd.name] = os.readlink(fd)
        except OSError:
            continue  # closed meanwhile
    return out


def internet_sockets():
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            found.add(f"socket:[{line.split()[9]}]")
    return found


def unprivileged(folder):
    """Started by root, the house becomes the user it is told to be, in all its processes, for good."""
    with House(folder, start=False) as house:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            house.set("user", "nobody")
            for path in (house.dir, *house.dir.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
            for path in (folder, folder.parent):
                path.chmod(0o711)  # to pass through, not to look around
        house.start()
        for role in ROLES:
            fields = status(house.pid(role))
            for ids in ("Uid", "Gid"):
                check("0" not in fields[ids].split(), f"the {role} still is root:", fields[ids])
            equal(int(fields["CapEff"], 16) | int(fields["CapPrm"], 16), 0, f"capabilities of the {role}")
        check(house.size() > 0, "the house of another user does nothing")


def test(folder):
    (folder / "user").mkdir()
    unprivileged(folder / "user")
    limits_and_doors(folder)


def limits_and_doors(folder):
    with House(folder) as house:
        scene = Scene(house)
        scene.ask()
        data, keeper = str(house.dir / "data"), str(house.dir / "keeper")
        for role in ("gate", "core", "keeper"):
            pid = house.pid(role)
            fields = status(pid)
            equal(fields["NoNewPrivs"], "1", f"no_new_privs of the {role}")
            files = open_files(pid)
            names = set(files.values())
            network = names & internet_sockets()
            check(bool(network) == (role == "gate"), f"internet sockets of the {role}:", sorted(network))
            check(any(n.startswith(data) for n in names) == (role == "core"), f"files of the store open in the {role}:", sorted(names))
            check(any(n.startswith(keeper) for n in names) == (role == "keeper"), f"the keeper's files open in the {role}:", sorted(names))
            kept = {n for n in names if n.startswith(str(house.dir / "keys"))}
            equal(kept, {str(house.dir / "keys" / "store.slots")} if role == "core" else set(), f"files of keys open in the {role}")
            if SLOW > 1:
                continue
            equal(fields["Seccomp"], "2", f"seccomp of the {role}")
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                equal(status(f"{pid}/task/{task.name}")["Seccomp"], "2", f"seccomp of a thread of the {role}")
            if role != "gate":  # libzmq keeps the transport key, in memory of its own
                check(int(fields["VmLck"].split()[0]) > 0, f"no memory of the {role} is locked: its keys may be swapped out")
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
            check(re.search(r"^Max core file size +0 +0 ", limits, re.M), f"core image of the {role}", limits)
            if os.geteuid():
                check(not os.access(f"/proc/{pid}/mem", os.R_OK), f"the {role} can be read by its own user")
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            check(b"secret" not in environment.lower(), f"a secret in the environment of the {role}")
        words = b"".join(pathlib.Path(f"/proc/{house.pid(r)}/cmdline").read_bytes() for r in ("parent", "gate", "core", "keeper"))
        secret = re.search(r"^secret: (\S+)", (house.dir / "keys" / "log.key").read_text(), re.M)[1]
        check(secret.encode() not in words, "a key on a command line")


main(test)
