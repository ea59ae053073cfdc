#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the tour in README.md works as it stands there: its commands, in its order, in one shell. And what README.md links to exists."""
import os
import re
import subprocess

from lib.basics import BUILD, LONG, ROOT, check, equal, main, run

BUILD_LINE = "scripts/build release\n"  # what is built is what is tested here
EXPECTED = [  # in this order in what the tour prints
    "made a house in", "ready tcp://127.0.0.1:", "compare this phrase", "signed; 1 of 2 stewards so far", "zvhd is admitted",
    "reclassering-nederland is admitted", "the convenant is in force", "VERZAMELEN", "reclassering-3ro: accepted",
    '"bsn":"999900407"', "antwoord from reclassering-3ro", "GEGEVENS", "aangemeld bij beschermd wonen", "AANVAARD", "AFGELEVERD",
    "GEOPEND", "BEANTWOORD", "refused, CATEGORIE_NIET_TOEGESTAAN", "drenthe/nazorg.categorie", "exit status 3",
    "the receipt holds: AANVAARD", "the receipt holds: GEWEIGERD", "log: unchanged",
]


def tour(text):
    """The commands of the page, as one script for the build under test."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)
    check(len(blocks) > 5, "README.md has hardly any commands:", blocks)
    script = "".join(blocks)
    check(BUILD_LINE in script and "$PWD/build/release/" in script, "the tour no longer builds what it runs")
    return script.replace(BUILD_LINE, "").replace("$PWD/build/release/", f"{BUILD}/")


def follow(script, folder):
    """What the tour prints; whatever it started ends with it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KNOOPPUNT_")}
    shell = subprocess.Popen(["bash", "-euo", "pipefail", "-c", 'trap \'kill $(jobs -p) 2>/dev/null || true\' EXIT\n' + script], cwd=ROOT,
                             env={**environment, "TMPDIR": str(folder)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    try:
        said = shell.communicate(timeout=4 * LONG)[0].decode()
    except subprocess.TimeoutExpired:
        shell.terminate()
        raise
    equal(shell.returncode, 0, f"exit status of the tour, which printed\n{said}")
    return said


def test(folder):
    text = (ROOT / "README.md").read_text()
    said = follow(tour(text), folder)
    at = 0
    for words in EXPECTED:
        found = said.find(words, at)
        check(found >= 0, f"{words!r} is missing, or comes too early, in what the tour prints:\n{said}")
        at = found
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        check((ROOT / target).exists(), "README.md links to what is not there:", target)
    # A tour that no longer says the same thing is noticed: the same commands with another category are not refused.
    other = tour(text).replace("justitieel.strafvorderlijk", "woonsituatie.onderdak")
    check("exit status 3" not in follow(other, folder), "the refusal in the tour does not depend on what is asked")


if __name__ == "__main__":
    run("bash", "--version")
    main(test)
