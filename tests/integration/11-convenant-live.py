#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the convenant is published on the running house and holds at once; a narrower version takes away at once; too few signatures,
an old version, a text above the law do not come in. check, show and explain say what is the matter, with rule and article."""
import hashlib
import re

import lib.note as note
from lib.basics import check, equal, main
from lib.drenthe import CONVENANT, POLITIE, VEELPLEGERS, House, Scene


def next_version(text, **changes):
    number = int(re.search(r"^volgnummer: (\d+)$", text, re.M)[1])
    out = re.sub(r"^volgnummer: \d+$", f"volgnummer: {number + 1}", text, flags=re.M)
    out = re.sub(r'^vorige: ".*"$', f'vorige: "{hashlib.sha256(text.encode()).hexdigest()}"', out, flags=re.M)
    for was, becomes in changes.values():
        check(was in out, "not in the convenant:", was)
        out = out.replace(was, becomes)
    return out


def checks(house, folder):
    text = CONVENANT.read_text()
    path = folder / "proef.yaml"
    path.write_text(text)
    equal(house.run("convenant", "check", path).json["ok"], True, "the convenant")
    for was, becomes, what in (("naam: Convenant", "naaam: Convenant", "naaam"),
                               ("    levert: [identificerend, relaties]", "    levert: [identificerend, politiegegevens]", "kader"),
                               ("doelen: [veelplegers]", "doelen: [nieuwsgierigheid]", "nieuwsgierigheid")):
        check(was in text, "not in the convenant:", was)
        path.write_text(text.replace(was, becomes, 1))
        said = house.run("convenant", "check", path, json=False, expect=2)
        line = text.replace(was, becomes, 1)[:text.index(was)].count("\n") + 1
        place = re.search(rf"{re.escape(str(path))}:(\d+):(\d+): .*{what}", said.err + said.out)
        check(place and int(place[1]) == line, f"{path}:{line}: ... {what} expected in", said.err + said.out)


def test(folder):
    with House(folder) as house:
        checks(house, folder)
        om, politie = house.join("om"), house.join("politie")
        basis = ["--overleg", "veelplegersoverleg", "--regime", "OVERIG", *VEELPLEGERS, "--to", POLITIE]
        refused = om.run("casus", "notify", *basis, expect=3).json
        equal(refused["error"]["code"], refused["outcome"], "code")
        check(refused["outcome"] in ("GEEN_GRONDSLAG", "CONVENANT_ONGELDIG"), "without a convenant", refused)

        first = CONVENANT.read_text()
        path, signed = folder / "convenant.yaml", folder / "convenant.yaml.note"
        path.write_text(first)
        house.run("convenant", "publish", path, expect=2)
        om.run("convenant", "sign", path)
        house.run("convenant", "publish", signed, expect=1)  # one signature of the two it asks for
        om.run("convenant", "sign", signed)
        house.run("convenant", "publish", signed, expect=1)  # twice the same is one
        politie.run("convenant", "sign", signed)
        equal(house.run("convenant", "check", signed).json["ok"], True, "the signed convenant")
        pid = house.pid("core")
        house.run("convenant", "publish", signed)
        casus = om.run("casus", "notify", *basis).json["casus"]

        def ask(category, **options):
            return om.run("ask", "--casus", casus, "--to", POLITIE, "--category", category, *VEELPLEGERS, "--noodzaak", "aanpak",
                          "--question", "waar verblijft hij?", **options)

        def explain(category, language, **options):
            return om.run("convenant", "explain", "--casus", casus, "--to", POLITIE, "--category", category, *VEELPLEGERS, "--noodzaak",
                          "aanpak", "--lang", language, **options)

        ask("woonsituatie.onderdak")
        size = house.size()
        equal(explain("woonsituatie.onderdak", "nl").json["allowed"], True, "may I")
        no = explain("gezondheid", "nl", expect=3).json
        equal((no["allowed"], no["code"]), (False, "CATEGORIE_NIET_TOEGESTAAN"), "may I, about health")
        check("drenthe/veelplegers.categorie" in no["explanation"], "the rule is not named:", no["explanation"])
        check(re.search(r"WGS|Wpg|BGS", no["explanation"]), "no article in", no["explanation"])
        check(no["explanation"] != explain("gezondheid", "en", expect=3).json["explanation"], "English is Dutch")
        equal(house.size(), size, "entries that asking oneself made")
        for language, word in (("nl", "partijen"), ("en", "parties")):
            said = om.run("convenant", "show", "--lang", language, json=False)
            check("veelplegers" in said.out and word in said.out.lower(), f"convenant show --lang {language}", said.out[:2000])

        # A narrower version: the veelplegersoverleg no longer exchanges woonsituatie.
        narrow = next_version(first, a=("categorieen: [identificerend, bsn, woonsituatie, inkomen, politiegegevens, justitieel, toezicht, "
                                        "hulpverlening]\n    begin: VERZAMELEN\n  - regel: jeugdafdoening",
                                        "categorieen: [identificerend, bsn, inkomen, politiegegevens, justitieel, toezicht, hulpverlening]"
                                        "\n    begin: VERZAMELEN\n  - regel: jeugdafdoening"))
        house.agree(narrow, [om, politie], name="tweede")
        equal(ask("woonsituatie.onderdak", expect=3).json["questions"][0]["outcome"], "CATEGORIE_NIET_TOEGESTAAN", "asked under version 2")
        ask("politiegegevens")
        house.run("convenant", "publish", signed, expect=1)  # the old version does not come back
        om.run("node", "status")
        no = explain("woonsituatie.onderdak", "nl", expect=3).json
        equal(no["code"], "CATEGORIE_NIET_TOEGESTAAN", "the node's own decision under version 2")

        # A party leaves: from that version on it neither asks nor is asked. It comes back with another.
        without = re.sub(rf"^  - hoedanigheid: {POLITIE}\n(?:    .*\n)+", "", next_version(narrow), flags=re.M)
        check(POLITIE in narrow and f"hoedanigheid: {POLITIE}\n" not in without, "the party is not as this test reads it")
        without = without.replace(f", {POLITIE}]", "]")
        house.agree(without, [om, politie], name="derde")
        gone = om.run("ask", "--casus", casus, "--to", POLITIE, "--category", "politiegegevens", *VEELPLEGERS, "--noodzaak", "aanpak",
                      "--question", "waar verblijft hij?", expect=3).json["questions"][0]
        equal(gone["outcome"], "CONVENANT_ONGELDIG", "a partner asked that is a party no more")
        narrow = next_version(without, a=("partijen:\n", "partijen:\n" + re.search(rf"^  - hoedanigheid: {POLITIE}\n(?:    .*\n)+", first,
                                                                                  re.M)[0]))
        house.agree(narrow, [om, politie], name="vierde")
        ask("politiegegevens")

        # Above the law: signed or not, it does not come in.
        above = next_version(narrow, a=("levert: [identificerend, relaties]", "levert: [identificerend, relaties, politiegegevens]"))
        path.write_text(above)
        house.run("convenant", "check", path, expect=2)
        om.run("convenant", "sign", path, expect=2)
        equal(house.pid("core"), pid, "the core was restarted")
        house.restart()
        equal(ask("woonsituatie.onderdak", expect=3).json["questions"][0]["outcome"], "CATEGORIE_NIET_TOEGESTAAN", "after a restart")
        ask("politiegegevens")
        equal(note.text_of((folder / "vierde.yaml.note").read_bytes()).decode(), narrow, "the text that was signed")
        equal(house.verify()["ok"], True, "the log verifies")


main(test)
