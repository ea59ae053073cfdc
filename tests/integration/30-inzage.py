#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: who may read what of the log: the officer by every filter, in words and with proof; a partner its own, all of it and no more; the
operator nothing, and that he took the log along is on record."""
import json

from lib.basics import check, equal, main, wait_for
from lib.drenthe import BSN, OM, POLITIE, RECLASSERING, TOEZICHT, VEELPLEGERS, House, Scene, csv_of

OFFICER = ["--as", TOEZICHT, "--person", "po-1", "--purpose", "rechtmatigheid"]


def exchanges(scene):
    """Answered, asked in haste, refused: the id of the question that was answered."""
    reclassering, _ = scene.others
    scene.politie.serve(csv=csv_of("tijdelijk adres"))
    asked = scene.ask("--wait", "20").json["questions"][0]
    scene.ask("--urgent", to=(RECLASSERING,))
    equal(scene.ask(category="nationaliteit", expect=3).json["questions"][0]["outcome"], "CATEGORIE_NIET_TOEGESTAAN", "the refused one")
    other = reclassering.run("casus", "notify", "--overleg", "veelplegersoverleg", "--regime", "OVERIG", *VEELPLEGERS, "--to", OM).json["casus"]
    return asked["message_id"], other


def officer_filters(zvhd, scene, question, other):
    def of(*filters):
        return zvhd.run("audit", "list", *OFFICER, *filters).json["records"]

    everything = of("--limit", "500")
    equal([r["index"] for r in everything], list(range(len(everything))), "without a filter: all entries, in order")
    tests = {
        ("--casus", scene.casus): lambda r: r.get("casus") == scene.casus,
        ("--casus", other): lambda r: r.get("casus") == other,
        ("--hoedanigheid", POLITIE): lambda r: POLITIE in [r.get("sender"), *r.get("recipient", [])],
        ("--functionary", "mdw-1"): lambda r: r.get("person") == "mdw-1",
        ("--code", "CATEGORIE_NIET_TOEGESTAAN"): lambda r: r["code"] == "CATEGORIE_NIET_TOEGESTAAN",
        ("--category", "woonsituatie"): lambda r: any(c.split(".")[0] == "woonsituatie" for c in r.get("category", [])),
        ("--grondslag", "Wpg 20"): lambda r: r.get("grondslag") == "Wpg 20",
        ("--doel", "veelplegers"): lambda r: r.get("doel") == "veelplegers",
        ("--overleg", "veelplegersoverleg"): lambda r: r.get("overleg") == "veelplegersoverleg",
        ("--kind", "AFGELEVERD"): lambda r: r["kind"] == "AFGELEVERD",
        ("--message", question): lambda r: r.get("message_id") == question,
        ("--urgent", "--from", "today"): lambda r: r.get("urgent"),
        ("--category", "woonsituatie", "--hoedanigheid", POLITIE, "--code", "TOEGESTAAN", "--from", "today", "--casus", scene.casus):
            lambda r: r["code"] == "TOEGESTAAN" and r.get("casus") == scene.casus and "woonsituatie.onderdak" in r.get("category", []) and
            POLITIE in [r["sender"], *r["recipient"]],
    }
    for filters, wanted in tests.items():
        expected = [r["index"] for r in everything if wanted(r)]
        check(expected, "nothing to be found by", filters)
        got = [r["index"] for r in of(*filters) if r["index"] < len(everything)]
        equal(got, expected, f"found by {filters}")
    equal(of("--until", "yesterday"), [], "entries of before the house was")
    paged = zvhd.run("audit", "list", *OFFICER, "--kind", "BERICHT", "--limit", "3", "--all").json["records"]
    equal([r["index"] for r in paged if r["index"] < len(everything)], [r["index"] for r in everything if r["kind"] == "BERICHT"], "page by page")
    return everything


def officer_words(house, zvhd, folder, everything, scene, question):
    answer = next(r for r in everything if r.get("type") == "antwoord")
    proof = folder / "regel.tlog-proof"
    shown = zvhd.run("audit", "show", str(answer["index"]), *OFFICER, "--lang", "nl", "--proof", proof, json=False).out
    for words in (f"regel {answer['index']}", "uitkomst: TOEGESTAAN.", "grondslag: Wpg 20", f"van (hoedanigheid): {POLITIE}", OM,
                  "woonsituatie.onderdak", "bewijs: staat in het log dat het huis heeft ondertekend"):
        check(words in shown, "not among the words:", words, shown)
    checked = house.run("receipt", "verify", proof, "--key", house.dir / "log.vkey").json
    equal((checked["index"], checked["message_id"]), (answer["index"], answer["message_id"]), "what the proof is of")
    about = zvhd.run("audit", "show", question, *OFFICER).json["records"]
    equal([r["kind"] for r in about][:2], ["BERICHT", "AFGELEVERD"], "the entries of a question")
    check(all(r["proof"].startswith("c2sp.org/tlog-proof@v1\n") for r in about), "an entry without proof")
    refused = next(r for r in everything if r["code"] == "CATEGORIE_NIET_TOEGESTAAN")
    check("categorie" in zvhd.run("audit", "show", str(refused["index"]), *OFFICER, "--lang", "nl", json=False).out, "why it was refused")
    zvhd.run("audit", "show", "999999", *OFFICER, expect=1)
    subject = zvhd.run("audit", "subject", "--casus", scene.casus, *OFFICER).json
    rows = {(r["recipient"], r["category"], r["source"], r["type"]): r for r in subject["disclosed"]}
    got = rows[(OM, "woonsituatie.onderdak", POLITIE, "antwoord")]
    equal((got["times"], got["doel"], got["grondslag"]), (1, "veelplegers", "Wpg 20"), "what the OM received")
    check((RECLASSERING, "woonsituatie.onderdak", OM, "verzoek") in rows and subject["refused"] >= 1, "who was asked", rows)
    check("nationaliteit" not in repr(rows), "what was refused is shown as disclosed")


def partner(zvhd, scene):
    """The police sees what it sent and received, all of it and nothing else; so does an L2; each reading is an entry."""
    reclassering, _ = scene.others
    for node, party in ((scene.politie, POLITIE), (reclassering, RECLASSERING)):
        own = node.run("audit", "list", "--own", "--purpose", "interne-controle", "--limit", "2", "--all").json["records"]
        every = zvhd.run("audit", "list", *OFFICER, "--hoedanigheid", party, "--limit", "500").json["records"]
        read = [r["index"] for r in own if r["index"] <= every[-1]["index"]]
        equal(read, [r["index"] for r in every if r["index"] <= own[-1]["index"]], f"what {party} sees of itself")
        check(len(read) > 3 and all(party in [r["sender"], *r.get("recipient", [])] for r in own), "another's record:", own)
        refused = node.run("audit", "list", "--purpose", "interne-controle", expect=3).json["error"]["code"]
        check(refused in ("MEDEWERKER_NIET_GEAUTORISEERD", "DEELNEMER_ONBEVOEGD"), "all of the log, for a partner:", refused)
    readings = zvhd.run("audit", "list", *OFFICER, "--kind", "INZAGE", "--limit", "500").json["records"]
    check(any("eigen=ja" in r.get("detail", []) and r["sender"] == POLITIE for r in readings), "a partner's reading is not on record")
    check(any(r["code"] != "TOEGESTAAN" and "inzagedoel=interne-controle" in r.get("detail", []) for r in readings), "nor a refused one")
    check(any("hoedanigheid=" + POLITIE in r.get("detail", []) for r in readings), "nor what was asked for")


def test(folder):
    with House(folder) as house:
        scene = Scene(house, "reclassering-nederland", "zvhd")
        zvhd = scene.others[1]
        question, other = exchanges(scene)
        zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
        everything = officer_filters(zvhd, scene, question, other)
        for text in ("tijdelijk adres", BSN, "Verzonnen"):
            check(text not in json.dumps(everything), "the log holds content:", text)
        officer_words(house, zvhd, folder, everything, scene, question)
        partner(zvhd, scene)
        house.export()
        house.export()
        exports = [r for r in zvhd.run("audit", "list", *OFFICER, "--kind", "BEHEER", "--limit", "500").json["records"] if r["type"] == "uitvoer"]
        equal(len(exports), 2, "exports on record")
        check(f"vanaf={0}" in exports[0]["detail"] and "vanaf=0" not in exports[1]["detail"], "what was exported", exports)
        house.kill("core")
        house.start()
        whole = wait_for(lambda: (s := house.status()["self_check"])["state"] == "heel" and s, "the house's check of its own log")
        check(whole["checked_entries"] > len(everything) and whole["fault"] == "", "what it checked:", whole)
        again = wait_for(lambda: (d := house.status()["self_check"]["decisions"])["checked_unix_ms"] and d, "its decisions taken again")
        check(again["agreed"] > 3 and again["odd"] == 0 and again["fault"] == "", "decisions taken again:", again)
        found = [c for c in house.run("doctor").json["checks"] if c["check"] in ("self-check", "decisions")]
        equal([c["verdict"] for c in found], ["ok", "ok"], "what doctor says of them")
        again = zvhd.run("audit", "list", *OFFICER, "--casus", scene.casus, "--kind", "BERICHT").json["records"]
        equal([r["index"] for r in again if r["index"] < len(everything)],
              [r["index"] for r in everything if r.get("casus") == scene.casus and r["kind"] == "BERICHT"], "found after a crash")


main(test)
