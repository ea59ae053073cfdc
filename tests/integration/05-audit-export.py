#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 240
"""Goal: an exported log verifies with knooppunt and with an independent implementation (golang.org/x/mod); a copy with one flipped
bit, in any file, exits 4 and names the file or the first bad entry; so does one that misses a piece."""
import os
import random
import shutil

import lib.wire as wire
from lib.basics import LONG, check, equal, main, program, run
from lib.drenthe import House, Scene
from lib.go import go_checker
from lib.peer import Peer

FLIPS_PER_FILE = 6


def fill(scene):
    """More entries than one tile holds: an admitted node that sends what cannot be read."""
    with Peer(scene.politie) as peer:
        sent = [peer.send(wire.SUBMIT, os.urandom(40)) for _ in range(300)]
        for correlation in sent:
            verb, _ = peer.answer(correlation, LONG * 1000)
            equal(wire.NAMES[verb], "RECEIPT", "the answer to an unreadable message")


def test(folder):
    # The head of this export is not published, so not cosigned: a flip in the line of a key that is not given can't be found.
    with House(folder, settings={"checkpoint_interval_s": 86400}) as house:
        scene = Scene(house)
        scene.ask()
        early = folder / "checkpoint.early"
        early.write_text(house.run("audit", "checkpoint").json["checkpoint"])
        house.export()
        fill(scene)
        scene.ask()
        good = house.export()  # extends what lies there
        key = house.dir / "log.vkey"
        size = house.size()
        equal(house.run("audit", "verify").json["ok"], True, "the log of the running house")

    def verify(copy, *more, **options):
        return run(program("knooppunt"), "audit", "verify", copy, "--json", *(more or ("--key", key)), **options)

    report = verify(good).json
    equal((report["ok"], report["size"]), (True, size - 1), "the export; that it was made is an entry behind it")
    check(report["by_code"]["SCHEMA_ONGELDIG"] >= 300, "entries of unreadable messages", report)
    equal(verify(good, "--key", key, "--since", early).json["ok"], True, "the log extends the earlier checkpoint")
    (folder / "empty").write_bytes(b"")
    verify(good, "--key", key, "--since", folder / "empty", expect=2)
    go = go_checker(folder)
    run(go, "export", good)

    files = sorted(str(p.relative_to(good)) for p in good.rglob("*") if p.is_file())
    check({"checkpoint", "log.vkey", "tile/entries/000", "tile/0/000"} <= set(files), "files of the export", files)
    random.seed(5)
    copy = folder / "copy"
    shutil.copytree(good, copy)
    for name in files:
        data = (good / name).read_bytes()
        places = {0, len(data) - 1, *random.sample(range(len(data)), min(FLIPS_PER_FILE, len(data)))}
        for at in sorted(places):
            bad = bytearray(data)
            bad[at] ^= 1 << random.randrange(8)
            (copy / name).write_bytes(bad)
            own_key = name == "log.vkey"
            said = verify(copy, *(() if not own_key else ("--tiles", copy)), expect=4) if not own_key else \
                run(program("knooppunt"), "audit", "verify", copy, "--json", expect=4)
            equal(said.json["ok"], False, f"bit flipped at {at} of {name}")
            check(said.json.get("file") or "entry" in said.json, "neither file nor entry is named:", said.json)
            if name.startswith("tile/"):
                equal(said.json["file"], name, f"the file named after a flip at {at} of {name}")
        if name in ("tile/entries/000", "tile/0/000", "checkpoint"):
            run(go, "export", copy, expect=1)
        for cut in (data[:-1], data + b"\0", b""):
            (copy / name).write_bytes(cut)
            said = run(program("knooppunt"), "audit", "verify", copy, "--json", *(() if name == "log.vkey" else ("--key", key)), expect=4)
            equal(said.json["ok"], False, f"{name} with {len(cut)} of {len(data)} bytes")
        if name != "log.vkey":
            (copy / name).unlink()
            verify(copy, expect=4)
        (copy / name).write_bytes(data)
    equal(verify(copy).json["ok"], True, "the copy, put right again")
    # A flip in an entry names that entry.
    data = (good / "tile/entries/000").read_bytes()
    at, index = 0, 0
    while index < 17:
        at += 2 + int.from_bytes(data[at:at + 2], "big")
        index += 1
    bad = bytearray(data)
    bad[at + 2 + 130] ^= 4
    (copy / "tile/entries/000").write_bytes(bad)
    equal(verify(copy, expect=4).json["entry"], 17, "the first bad entry")
    verify(folder / "nowhere", expect=2)


main(test)
