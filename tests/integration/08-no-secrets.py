#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: neither the house's folders nor the memory of its processes hold what partners told each other: no answer, no question, no
BSN, no name. While they do hold what the house may know, which shows that the search finds things."""
import array
import json
import os
import pathlib
import re

from lib.basics import SLOW, check, equal, main
from lib.drenthe import BSN, POLITIE, House, Scene, answers, csv_of
from lib.house import ROLES

ANSWER, QUESTION, NAME = "KANARIE-ANTWOORD-7f3a", "KANARIE-VRAAG-91c4", "Kanarie van Verzonnen"
SECRETS = [ANSWER, QUESTION, NAME, BSN, "9999.00.407"]
PAGE = os.sysconf("SC_PAGE_SIZE")
SANITIZER_SHADOW = 1 << 36  # nothing else is that large


def spellings(text):
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")


def found_in(data, words=tuple(SECRETS)):
    return [word for word in words if any(s in data for s in spellings(word))]


def search_files(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            equal(found_in(path.read_bytes()), [], f"secrets in {path.relative_to(folder)}")


def present(pagemap, low, high):
    """The stretches of a mapping that hold anything: pages in memory or swapped out. The rest was never touched, or is a file's."""
    pagemap.seek(low // PAGE * 8)
    start = None
    for i, entry in enumerate(array.array("Q", pagemap.read((high - low) // PAGE * 8))):
        if entry >> 62 and start is None:
            start = low + i * PAGE
        elif not entry >> 62 and start is not None:
            yield start, low + i * PAGE
            start = None
    if start is not None:
        yield start, high


def memory(pid):
    """What a process holds in memory, in pieces that overlap a little."""
    with open(f"/proc/{pid}/mem", "rb", 0) as mem, open(f"/proc/{pid}/pagemap", "rb", 0) as pagemap:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            low, high, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            low, high = int(low, 16), int(high, 16)
            if "r" not in rights or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            if high - low >= SANITIZER_SHADOW:
                check(SLOW > 1, "a mapping too large to read:", line)
                continue
            for start, end in present(pagemap, low, high):
                for at in range(start, end, 1 << 22):
                    mem.seek(at)
                    yield mem.read(min((1 << 22) + 256, end - at))


def search_memory(house):
    for role in ROLES:
        if os.geteuid() != 0:
            try:
                open(f"/proc/{house.pid(role)}/mem", "rb").close()
                check(SLOW > 1, f"the memory of the {role} is open to its own user")
            except PermissionError:
                pass
            continue
        secrets, known = set(), False
        for data in memory(house.pid(role)):
            secrets.update(found_in(data))
            known = known or POLITIE.encode() in data or b"knooppunt" in data
        check(known, f"the search finds nothing at all in the {role}")
        equal(sorted(secrets), [], f"secrets in the memory of the {role}")


def test(folder):
    with House(folder, settings={"map_gib": 1, "segment_mib": 4}) as house:
        scene = Scene(house)
        scene.subject.write_text(json.dumps({"bsn": BSN, "naam": NAME}))
        scene.politie.serve(csv_of(ANSWER))
        for _ in range(3):
            got = answers(scene.ask("--question", QUESTION, "--wait", "30"))
            equal(got[POLITIE], ("GEGEVENS", {"woonsituatie.onderdak": ANSWER}), "the answer")
        search_memory(house)
        search_files(house.dir)
        house.restart()
        scene.ask("--question", QUESTION, "--wait", "30")
        search_memory(house)
        house.export()
        search_files(house.base / "export")
        equal(found_in(house.log().encode()), [], "secrets in the operational log")
        house.stop()
        search_files(house.dir)
        check(any(ANSWER.encode() in p.read_bytes() for p in [scene.politie.home.parent / "politie.csv"]), "the canary is nowhere")


main(test)
