#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the officer's manual answers its questions: its commands run as they stand there, in its order, and print what it shows (numbers, times and ids apart).
TIMEOUT: 180"""
import os
import re
import subprocess

from lib.basics import BUILD, LONG, ROOT, check, equal, main
from lib.drenthe import CONVENANT, GGZ, NAZORG, NAZORG_BASIS, TOEZICHT, House

PAGE = ROOT / "docs" / "officer.md"
SAME = [(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"), (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d{3}Z)?", "TIME"), (r"\d{4}-\d{2}-\d{2}", "TIME"), (r"\d+", "N"), (r"\s+", " ")]


def plain(line):
    for pattern, word in SAME:
        line = re.sub(pattern, word, line)
    return line.strip()


def scene(house):
    """A nazorg casus with consent: health data asked and given on toestemming, one question refused, one read."""
    zvhd, ggz = house.join("zvhd"), house.join("ggz-drenthe")
    house.agree(CONVENANT.read_text(), [zvhd, ggz])
    subject = house.base / "betrokkene.json"
    subject.write_text('{"bsn": "999900407"}')
    casus = zvhd.run("casus", "notify", *NAZORG_BASIS, "--regime", "OVERIG", "--overleg", "nazorg", "--klasse", "nazorg").json["casus"]
    zvhd.run("casus", "involve", casus, *NAZORG_BASIS, "--add", GGZ)
    zvhd.run("consent", casus, *NAZORG_BASIS, "--given", "2026-01-01")

    def ask(category, expect=0):
        return zvhd.run("ask", "--casus", casus, "--to", GGZ, "--category", category, "--subject", subject, *NAZORG_BASIS, "--noodzaak",
                        "plan voor terugkeer", expect=expect).json["questions"][0]["message_id"]

    question = ask("gezondheid.psychisch")
    ask("justitieel.detentieverloop", expect=3)
    ggz.run("inbox")
    ggz.run("read", question)
    answer = house.base / "antwoord.json"
    answer.write_text('{"behandeling": "ambulant"}')
    ggz.run("answer", question, "--kind", "GEGEVENS", "--part", f"gezondheid.psychisch={answer}", "--secrecy-basis", "toestemming")
    zvhd.run("inbox")
    zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
    return casus


def blocks(text):
    """(commands, what the page shows of their output) in order."""
    found = re.findall(r"^```sh\n(.*?)^```\n(?:\n?```\n(.*?)^```\n)?", text, re.M | re.S)
    check(len(found) >= 12, "the manual has hardly any commands:", len(found))
    return found


def follow(house, casus, found):
    """All commands in one shell; the output of each block apart."""
    script = "".join(f"echo '<<{i}>>'\n{commands}" for i, (commands, _) in enumerate(found))
    path = os.pathsep.join([f"{BUILD}/client/cli", f"{BUILD}/verify", os.environ["PATH"]])
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=house.base, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=4 * LONG, env={**house.environment(), "PATH": path, "casus": casus, "year2020": str(ROOT / "tests/data/drenthe-2020")})
    said = done.stdout.decode() + done.stderr.decode()
    equal(done.returncode, 0, f"exit status of the manual's commands, which printed\n{said}")
    return re.split(r"<<\d+>>\n", done.stdout.decode())[1:]


def shown(said, expected, commands):
    """Each line of the page, in order; "..." stands for lines left out."""
    lines, at = [plain(line) for line in said.splitlines()], 0
    for line in (plain(line) for line in expected.splitlines()):
        if line in ("...", ""):
            continue
        check(line in lines[at:], f"{line!r} is not, or too early, in what these commands print:\n{commands}\n{said}")
        at = lines.index(line, at) + 1


def test(folder):
    with House(folder) as house:
        casus = scene(house)
        found = blocks(PAGE.read_text())
        for (commands, expected), said in zip(found, follow(house, casus, found), strict=True):
            shown(said, expected, commands)
        dutch = (ROOT / "docs/nl/toezicht.md").read_text()
        for command in ("audit report", "audit dossier", "audit sample", "audit pack", "audit export --records", "audit export --profile", "knooppunt-verify"):
            check(command in dutch, "the Dutch page does not mention", command)
        check(NAZORG in "".join(e for _, e in found), "the manual shows nobody")


main(test)
