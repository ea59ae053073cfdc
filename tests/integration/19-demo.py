#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: scripts/demo tells the nazorg story with real answers: what a partner's register says is what it shows, and nothing stays behind."""
import os
import re
import shutil

from lib.basics import BUILD, LONG, ROOT, check, equal, main, run

PARTNERS = ROOT / "tests" / "data" / "drenthe" / "partners"
STORY = [  # in this order
    "admitted by two stewards", "the convenant is in force", "refused, GEEN_GRONDSLAG", "drenthe/nazorg.toestemming",
    "dji-pi-noord: accepted", "justitieel.detentieverloop: vrij op 2026-12-15", "politie-noord-nederland: accepted",
    "reclassering-3ro: accepted", "ggz-drenthe: accepted", "WEIGERING", "gemeente-assen-sociaal-domein: accepted",
    "refused, DEELNEMER_ONBEVOEGD", "drenthe/nazorg.vrager", "nothing.", "the receipt holds: AANVAARD",
    "the receipt holds: GEWEIGERD", "log: unchanged", "entry 0 is not the one", "Seven questions",
]


def demo(folder, *options, **expected):
    environment = {**os.environ, "TMPDIR": str(folder)}
    return run(ROOT / "scripts" / "demo", "--build", BUILD, *options, env=environment, seconds=4 * LONG, **expected)


def test(folder):
    said = demo(folder).out
    at = 0
    for words in STORY:
        found = said.find(words, at)
        check(found >= 0, f"{words!r} is missing, or comes too early, in the story:\n{said}")
        at = found
    equal(said.count("admitted by two stewards"), 6, "partners that joined")
    equal(len(re.findall(r"^     \| antwoord from .*: GEGEVENS$", said, re.M)), 4, "partners that gave data")
    equal(list(folder.iterdir()), [], "what the demo left behind")

    # Nothing is canned: another register, another story.
    registers = folder / "registers"
    shutil.copytree(PARTNERS, registers)
    csv = registers / "dji.csv"
    check("geen adres na ontslag" in csv.read_text(), "the register of the story")
    csv.write_text(csv.read_text().replace("geen adres na ontslag", "tijdelijk adres bij een zus", 1))
    other = demo(folder, "--partners", registers).out
    check("woonsituatie.onderdak: tijdelijk adres bij een zus" in other, "a changed register does not show:\n", other)
    check("woonsituatie.onderdak: geen adres na ontslag" not in other, "the old answer still shows:\n", other)

    # A demo that goes wrong says so: with no register at all the story can't be told.
    broken = demo(folder, "--partners", folder, expect=None)
    check(broken.status not in (0, None), "a demo without registers succeeded:\n", broken.out)
    equal([p.name for p in folder.iterdir()], ["registers"], "what the demos left behind")
    equal(demo(folder, "--unknown", expect=2).status, 2, "an unknown option")


if __name__ == "__main__":
    main(test)
