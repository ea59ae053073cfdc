#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 180
"""Goal: a decision of the past can be taken again. A change of the convenant is live for the next message without a restart, and the
decisions under both versions come out as they did; what a version that is only proposed would have made of them is told."""
import datetime
import hashlib
import re

from lib.basics import check, equal, main
from lib.drenthe import CONVENANT, NAZORG, POLITIE, TOEZICHT, House, Scene

OFFICER = ["--as", TOEZICHT, "--person", "po-1", "--purpose", "rechtmatigheid"]
CATEGORY = "woonsituatie.overlast"


def narrowed(text):
    """In the veelplegersoverleg nothing about where one lives goes round any more."""
    rule = re.search(r"(?ms)^  - regel: veelplegers\n.*?(?=^  - regel:)", text)[0]
    changed = rule.replace("woonsituatie, ", "")
    check(changed != rule, "the example convenant is not as this test reads it")
    return text.replace(rule, changed)


def next_version(text):
    digest = hashlib.sha256(text.encode()).hexdigest()
    text = re.sub(r"(?m)^volgnummer: \d+$", "volgnummer: 2", text)
    return re.sub(r'(?m)^vorige: "\w+"$', f'vorige: "{digest}"', text)


def test(folder):
    with House(folder) as house:
        scene = Scene(house, "zvhd")
        (zvhd,) = scene.others
        zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)

        def replay(*words, **options):
            return zvhd.run("audit", "replay", *words, *OFFICER, **options)

        today = datetime.date.today().isoformat()
        first = scene.ask(category=CATEGORY).json["questions"][0]
        refused = scene.ask("--urgent", category="gezondheid", expect=3).json["questions"][0]
        told = replay("--since", today).json
        equal((told["differs"], told["broken"], told["gone"], told["flips"]), (0, 0, 0, []), "decisions taken again")
        check(told["agrees"] >= 3, "too few decisions were taken again:", told)

        # One of them, whole: what it rested on, and why.
        one = replay(str(refused["index"])).json
        equal((one["agrees"], one["differs"]), (1, 0), "one decision")
        check("gezondheid" in one["explanation"], "its derivation:", one["explanation"])
        text = replay(str(first["index"]), "--lang", "en", json=False).out
        check("the same 1" in text, "the account of one decision:", text)
        replay("0", expect=6)  # the rules came into force there: no decision
        replay("x", expect=2)
        replay(expect=2)

        # What a proposal would have made of them.
        old, new = folder / "old.yaml", folder / "new.yaml"
        old.write_text(CONVENANT.read_text())
        new.write_text(narrowed(next_version(CONVENANT.read_text())))
        proposed = zvhd.run("convenant", "diff", old, new, "--replay", today, *OFFICER).json
        check(proposed["forbidden"], "what the new version forbids:", proposed)
        flips = proposed["replay"]["flips"]
        equal([(f["index"], f["kind"], f["before"], f["after"]) for f in flips],
              [(first["index"], "verzoek", "TOEGESTAAN", "CATEGORIE_NIET_TOEGESTAAN")], "what would come out otherwise")
        check("veelplegers.categorie" in flips[0]["rule"] and POLITIE in flips[0]["text"], "why it would:", flips)
        text = zvhd.run("convenant", "diff", old, new, "--replay", today, *OFFICER, "--lang", "nl", json=False).out
        check(re.search(rf"(?m)^{first['index']} .*verzoek.*TOEGESTAAN +CATEGORIE_NIET_TOEGESTAAN", text), "the same in words:", text)
        same = zvhd.run("convenant", "diff", old, old, "--replay", today, *OFFICER).json
        equal(same["replay"]["flips"], [], "what the version in force would come to otherwise")

        # It comes into force: live for the next message, and the decisions of before stay what they were.
        running = house.pid("core")
        house.agree(new.read_text(), [scene.om, scene.politie], name="convenant-2")
        after = scene.ask(category=CATEGORY, expect=3).json["questions"][0]
        equal((after["outcome"], house.pid("core")), ("CATEGORIE_NIET_TOEGESTAAN", running), "asked under the new version, same process")
        told = replay("--since", today).json
        equal((told["differs"], told["broken"], told["flips"]), (0, 0, []), "decisions under two versions, taken again")
        for question in (first, after):
            equal(replay(str(question["index"])).json["agrees"], 1, "a decision under its own version")

        # Who may not read the log may not take its decisions again.
        zvhd.run("audit", "replay", "--since", today, "--as", NAZORG, "--person", "mdw-1", "--purpose", "rechtmatigheid", expect=3)
        listed = zvhd.run("audit", "list", *OFFICER, "--kind", "INZAGE").json["records"]
        check(any("herbeslissing=ja" in r.get("detail", []) for r in listed), "that decisions were taken again is not in the log:", listed[-1:])
        equal(house.verify()["ok"], True, "the log verifies offline")


if __name__ == "__main__":
    main(test)
