#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the nazorg story, end to end through the command: the coordinator asks five partners, four answer from their own registers,
one declines, what the convenant does not allow is refused with its rule, the officer sees who asked whom what, the log verifies."""
import csv
import datetime
import json

from lib.basics import check, equal, main, wait_for
from lib.drenthe import BSN, CONVENANT, DATA, DJI, GEMEENTE, GGZ, NAZORG, NAZORG_BASIS, NOODZAAK, POLITIE, RECLASSERING, TOEZICHT
from lib.drenthe import answers
from lib.house import House

PARTNERS = {DJI: ("dji", "dji.csv"), POLITIE: ("politie", "politie.csv"), RECLASSERING: ("reclassering-nederland", "reclassering.csv"),
            GGZ: ("ggz-drenthe", "ggz.csv"), GEMEENTE: ("gemeente-assen", "gemeente.csv")}
ASKED = "woonsituatie.onderdak"


def row_of(text):
    return next(row for row in csv.DictReader(text.splitlines()) if row["bsn"] == BSN)


def test(folder):
    with House(folder) as house:
        zvhd = house.join("zvhd", role="nazorgcoordinator", person="mdw-0421")
        servers = {}
        for hoedanigheid, (organisation, file) in PARTNERS.items():
            servers[hoedanigheid] = house.join(organisation, role="systeem").serve((DATA / "partners" / file).read_text())
        house.agree(CONVENANT.read_text(), [zvhd, house.nodes["dji"]])
        subject = folder / "betrokkene.json"
        subject.write_text(json.dumps({"bsn": BSN, "naam": "J. Verzonnen"}))

        casus = zvhd.run("casus", "notify", *NAZORG_BASIS, "--overleg", "nazorg", "--regime", "OVERIG", "--klasse", "nazorg",
                         *[w for h in PARTNERS for w in ("--to", h)]).json["casus"]
        shown = zvhd.run("casus", "show", casus).json
        equal((shown["phase"], shown["consent"], shown["circle"]), ("VERZAMELEN", False, sorted([NAZORG, *PARTNERS])), "the casus")

        def ask(*to, category=ASKED, **options):
            return zvhd.run("ask", "--casus", casus, *NAZORG_BASIS, *NOODZAAK, "--category", category, "--subject", subject, "--wait",
                            "30", *[w for h in to for w in ("--to", h)], **options)

        refused = ask(POLITIE, expect=3).json["questions"][0]
        equal(refused["outcome"], "GEEN_GRONDSLAG", "asked without consent")
        check("nazorg.toestemming" in refused["error"]["text"], "the rule is not named:", refused)
        yesterday = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
        zvhd.run("consent", casus, *NAZORG_BASIS, "--given", yesterday)

        expected = {}
        for hoedanigheid, (_, file) in PARTNERS.items():
            row = row_of((DATA / "partners" / file).read_text())
            expected[hoedanigheid] = (row["besluit"], {}) if row["besluit"] else ("GEGEVENS", {ASKED: row[ASKED]})
        equal(sorted(kind for kind, _ in expected.values()), ["GEGEVENS"] * 4 + ["WEIGERING"], "the registers of the story")
        collected = ask(*PARTNERS)
        equal(answers(collected), expected, "the answers")
        # Nothing is canned: another register, another answer.
        path = servers[DJI].csv_path
        path.write_text(path.read_text().replace("geen adres na ontslag", "tijdelijk adres bij een zus", 1))
        equal(answers(ask(DJI))[DJI][1], {ASKED: "tijdelijk adres bij een zus"}, "the answer after the register changed")

        refused = ask(POLITIE, category="gezondheid", expect=3).json["questions"][0]
        equal(refused["outcome"], "CATEGORIE_NIET_TOEGESTAAN", "the police is asked about health")
        check("drenthe/nazorg.categorie" in refused["error"]["text"], "the rule is not named:", refused)

        question = next(q for q in collected.json["questions"] if q["to"] == DJI)
        names = wait_for(lambda: [r["name"] for r in zvhd.run("ladder", question["message_id"]).json], "the ladder")
        for rung in ("AANVAARD", "AFGELEVERD", "BEANTWOORD"):
            check(rung in names, f"{rung} is missing on the ladder:", names)

        # The officer: needs a mandate of class toetsing, and a purpose; sees who, what, why, and not the answer; is logged.
        zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
        officer = ["audit", "list", "--as", TOEZICHT, "--person", "po-1", "--purpose", "rechtmatigheid"]
        listed = zvhd.run(*officer, "--casus", casus).json["records"]
        of_type = {}
        for record in (r for r in listed if r["kind"] == "BERICHT"):
            of_type.setdefault((record.get("type"), record["code"]), []).append(record)
        equal(len(of_type[("verzoek", "TOEGESTAAN")]), 6, "questions that the officer sees")
        equal(len(of_type[("antwoord", "TOEGESTAAN")]), 6, "answers that the officer sees")
        equal(len(of_type[("verzoek", "GEEN_GRONDSLAG")]), 1, "refusals for want of a basis that the officer sees")
        equal(len(of_type[("verzoek", "CATEGORIE_NIET_TOEGESTAAN")]), 1, "refusals of a category that the officer sees")
        equal([r["detail"] for r in of_type[("toestemming", "TOEGESTAAN")]], [["toestemming=gegeven", "door=betrokkene", f"sinds={yesterday}"]],
              "the consent on record")
        for text in ("tijdelijk adres", "999900407", "Verzonnen"):
            check(text not in json.dumps(listed), "the officer's list holds content:", text)
        inzage = zvhd.run(*officer, "--kind", "INZAGE").json["records"]
        check(inzage, "the officer's reading is not in the log")
        zvhd.run("audit", "list", "--as", NAZORG, "--person", "mdw-0421", "--purpose", "rechtmatigheid", "--casus", casus, expect=3)

        # Consent is withdrawn: nothing more may be asked, and what was asked under it stays as it was.
        zvhd.run("consent", casus, *NAZORG_BASIS, "--withdrawn")
        refused = ask(POLITIE, expect=3).json["questions"][0]
        equal(refused["outcome"], "GEEN_GRONDSLAG", "asked after consent was withdrawn")
        check("nazorg.toestemming" in refused["error"]["text"], "the rule is not named:", refused)
        equal([r["name"] for r in zvhd.run("ladder", question["message_id"]).json], names, "the ladder of what was asked before")

        report = house.verify()
        equal(report["ok"], True, "the log verifies offline")
        check(report["by_code"].get("GEEN_GRONDSLAG") == 2, "codes in the log", report)


main(test)
