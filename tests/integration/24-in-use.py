#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the command in daily use: what it fills in, what it refuses before anything leaves, and who acted stands in the log."""
import os

from lib.basics import check, equal, main
from lib.drenthe import POLITIE, RECLASSERING, TOEZICHT, VEELPLEGERS, House, Scene
from lib.house import STEWARDS, Node


def stewards(house):
    """A derde gets no invitation; a key that is no steward's signs nothing; the same key twice is one steward."""
    refused = house.run("house", "invite", "halt", "--steward", STEWARDS[0], expect=2)
    check("derde" in refused.json["error"]["text"], "a derde invited:", refused.json)
    node = Node(house, "ggz-drenthe")
    phrase = node.join(house.invite("ggz-drenthe"))
    for _ in range(2):
        equal(house.admit("ggz-drenthe", phrase, STEWARDS[0]).json["admitted"], False, "admitted by one steward")
    renamed = house.base / "renamed.key"
    renamed.write_text((house.dir / "stewards" / f"{STEWARDS[0]}.key").read_text().replace(*STEWARDS))
    os.chmod(renamed, 0o600)
    house.admit("ggz-drenthe", phrase, renamed, expect=2)
    equal(node.status()["admitted"], False, "admitted by one key under two names")
    equal(house.admit("ggz-drenthe", phrase, STEWARDS[1]).json["admitted"], True, "admitted by two stewards")


def complexe_casus(scene, zvhd, reclassering, casus, text):
    """The way of a complex casus: assessed by an L1 on all four criteria before anything may be asked, and its steps are an L1's alone."""
    def step(node, *words, article, expect=0):
        said = node.run("casus", *words, "--grondslag", f"WGS 2.31({article})", "--doel", "complexe-casus", "--as",
                        "zvhd-procesregie" if node is zvhd else RECLASSERING, expect=expect).json
        return said["outcome"]

    def ask(expect):
        return zvhd.run("ask", "--casus", casus, "--to", RECLASSERING, "--category", "woonsituatie", "--subject", scene.subject, "--noodzaak",
                        "plan van aanpak", "--as", "zvhd-procesregie", "--grondslag", "WGS 2.31(3)", "--doel", "complexe-casus",
                        expect=expect).json["questions"][0]["outcome"]

    taken_up = ["assess", casus, "--outcome", "in-behandeling", "--motivation", text]
    equal(ask(3), "FASE_STAAT_NIET_TOE", "asked before the assessment")
    equal(step(reclassering, *taken_up, "--met", "a,b,c,d", article=2, expect=3), "DEELNEMER_ONBEVOEGD", "assessed by an L2")
    equal(step(zvhd, *taken_up, article=2, expect=3), "SCHEMA_ONGELDIG", "assessed without a word on the criteria")
    equal(step(zvhd, *taken_up, "--met", "a,b,c", article=2, expect=3), "SCHEMA_ONGELDIG", "taken up with three criteria met")
    equal(step(zvhd, *taken_up, "--met", "a,b,c,d", article=2), "TOEGESTAAN", "the assessment")
    equal(ask(3), "FASE_STAAT_NIET_TOE", "asked before collecting began")
    equal(step(reclassering, "phase", casus, "VERZAMELEN", article=3, expect=3), "DEELNEMER_ONBEVOEGD", "collecting begun by an L2")
    equal(step(reclassering, "involve", casus, "--add", POLITIE, article=4, expect=3), "DEELNEMER_ONBEVOEGD", "involved by an L2")
    equal(step(zvhd, "phase", casus, "VERZAMELEN", article=3), "TOEGESTAAN", "collecting begins")
    equal(ask(0), "TOEGESTAAN", "asked")
    equal(step(reclassering, "close", casus, "--reason", "doel-bereikt", article=8, expect=3), "DEELNEMER_ONBEVOEGD", "closed by an L2")
    equal(step(zvhd, "close", casus, "--reason", "doel-bereikt", article=8), "TOEGESTAAN", "closed")
    equal(ask(3), "CASUS_AFGESLOTEN", "asked after it was closed")


def test(folder):
    with House(folder) as house:
        scene = Scene(house, "reclassering-nederland", "zvhd")
        om, politie, (reclassering, zvhd) = scene.om, scene.politie, scene.others
        stewards(house)

        # The overleg gives the regime: an aanmelding by an L2 partner, for the ketenkamer.
        text = folder / "motivering.txt"
        text.write_text("per criterium")
        notified = reclassering.run("casus", "notify", "--overleg", "ketenkamer", "--grondslag", "WGS 2.31(1)", "--doel", "complexe-casus",
                                    "--to", "zvhd-procesregie", "--met", "a,b,c,d", "--motivation", text)
        show = zvhd.run("casus", "show", notified.json["casus"]).json
        equal((show["regime"], show["phase"]), ("WGS", "AANGEMELD"), "the casus")

        complexe_casus(scene, zvhd, reclassering, notified.json["casus"], text)

        # What does not leave: nobody named as the asker, somebody asked twice.
        size = house.size()
        said = zvhd.run("ask", "--casus", scene.casus, "--to", POLITIE, "--category", "woonsituatie", "--subject", scene.subject, expect=2)
        check("zvhd-nazorg" in said.json["error"]["text"], "which hoedanigheden there are is not said:", said.json)
        scene.ask(to=(POLITIE, POLITIE), expect=2)
        scene.subject.write_text("{}")
        scene.ask(expect=2)
        scene.subject.write_text('{"bsn": "999900407"}')
        equal(house.size(), size, "entries of what did not leave")
        said = om.run("ask", "--casus", scene.casus, "--to", POLITIE, "--category", "woonsituatie", "--subject", scene.subject, *VEELPLEGERS,
                      "--noodzaak", "over 999-900-407", expect=3)
        equal(said.json["questions"][0]["outcome"], "IDENTIFICATIE_IN_METADATA", "a BSN with dashes in the open")

        # Who answers is who is named: one home, two functionaries.
        politie.run("mandate", "grant", "mdw-2", "--role", "liaison")
        question = scene.ask().json["questions"][0]["message_id"]
        politie.run("inbox")
        politie.run("read", question, "--person", "mdw-2")
        politie.run("answer", question, "--kind", "NIET_BEKEND", "--person", "nobody", expect=2)
        politie.run("answer", question, "--kind", "NIET_BEKEND", "--person", "mdw-2")
        zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
        look = ["audit", "list", "--as", TOEZICHT, "--person", "po-1", "--purpose", "rechtmatigheid"]
        records = zvhd.run(*look, "--hoedanigheid", POLITIE, "--limit", "500").json["records"]
        who = {(r["kind"], r["type"]): r["person"] for r in records if r.get("sender") == POLITIE and r["kind"] in ("BERICHT", "GEOPEND")}
        equal(who.get(("BERICHT", "antwoord")), "mdw-2", "who answered, in the log")
        check(who and set(who.values()) == {"mdw-2"}, "who opened, in the log:", who)

        # A list is whole, however much waited.
        before = len(politie.inbox("--offline"))
        for _ in range(70):
            scene.ask()
        equal(len(politie.inbox()), before + 70, "questions in the inbox")

        # A misspelt word is no empty list.
        for wrong in (("--code", "GEEN_GRONSLAG"), ("--kind", "BERICHTEN")):
            zvhd.run(*look, *wrong, expect=2)


main(test)
