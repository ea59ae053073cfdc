#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a jurist tries a convenant before anyone signs it: the table of cases of the example passes, a wrong expectation is named with its
line and explained, a narrower convenant fails the cases it forbids; and the difference of two versions says the same in words."""
import shutil
import time

from lib.basics import ROOT, check, equal, main, program, run
from lib.drenthe import House

DATA = ROOT / "tests" / "data" / "drenthe"
TABLE = DATA / "convenant-test.yaml"
WRONG = ('    zoals: vraag-wgs\n    doel: ""\n    verwacht: GEEN_DOEL doel.genoemd', '    zoals: vraag-wgs\n    doel: ""\n    verwacht: TOEGESTAAN')


def convenant(*words, **options):
    return run(program("knooppunt"), "convenant", *words, **options)


def line_of(text, piece):
    """The line on which the last line of a piece stands."""
    check(text.count(piece) == 1, "the piece is not once in the text:", piece)
    return text[:text.index(piece)].count("\n") + piece.count("\n") + 1


def edited(source, target, *edits):
    text = source.read_text()
    for old, new in edits:
        equal(text.count(old), 1, f"{old!r} in {source.name}")
        text = text.replace(old, new)
    target.write_text(text)
    return target


def example_test():
    began = time.monotonic()
    said = convenant("test", TABLE)
    took = time.monotonic() - began
    report = convenant("test", TABLE, "--json").json
    equal(said.out, f"{report['passed']} passed, 0 failed\n", "what the table of the example says")
    check(report["passed"] >= 150 and report["failed"] == 0 and len(report["cases"]) == report["passed"], "too few cases:", report["passed"])
    check(took < 1, "the table took as long as this:", took)
    equal(sorted({c["name"] for c in report["cases"] if not c["name"][:1].isupper()}), [], "names that are no sentence")
    equal(len({c["name"] for c in report["cases"]}), len(report["cases"]), "cases with a name of their own")


def wrong_test(folder):
    wrong = edited(TABLE, folder / "convenant-test.yaml", WRONG)
    line = line_of(wrong.read_text(), WRONG[1])
    said = convenant("test", wrong, expect=1)
    lines = said.out.splitlines()
    equal(lines[:3], [f"{wrong}:{line}: Een vraag zonder doel", "  verwacht: TOEGESTAAN", "  gekregen: GEEN_DOEL doel.genoemd"],
          "the case that does not hold")
    check("    GEWEIGERD: GEEN_DOEL. " in said.out and "Wat te doen: " in said.out, "no explanation:", said.out)
    check(lines[-1].endswith(" passed, 1 failed"), "the summary:", lines[-1])
    english = convenant("test", wrong, "--lang", "en", expect=1).out
    check("  expected: TOEGESTAAN\n  got: GEEN_DOEL doel.genoemd\n" in english and "What to do: " in english, "not in English:", english)
    failed = [c for c in convenant("test", wrong, "--json", expect=1).json["cases"] if not c["passed"]]
    equal([(c["line"], c["expected"], c["code"], c["rule"]) for c in failed], [(line, "TOEGESTAAN", "GEEN_DOEL", "doel.genoemd")], "as JSON")
    check("GEWEIGERD: GEEN_DOEL" in failed[0]["explanation"], "no explanation in JSON:", failed)
    # a rule that is named must be the one that refuses
    other = edited(TABLE, folder / "other-rule.yaml", (WRONG[0], WRONG[0].replace("doel.genoemd", "doel.kader")))
    check(" passed, 1 failed" in convenant("test", other, expect=1).out, "another rule of the same code passes")


def faults_test(folder):
    broken = edited(TABLE, folder / "broken.yaml", ("niet-aangesloten: [menso]\n", "niet-aangesloten: [menso]\nniet-open: [menso]\n"))
    line = line_of(broken.read_text(), "niet-open: [menso]")
    said = convenant("test", broken, expect=2)
    check(f"{broken}:{line}:1: the key niet-open is unknown here" in said.err, "a fault without its place:", said.err)
    for given, word in ((("--convenant", DATA / "register.yaml"), "no convenant"), (("--register", DATA / "convenant.yaml"), "no register"),
                        (("--kader", folder / "absent.yaml"), "no such file")):
        check(word in convenant("test", TABLE, *given, expect=(1, 2)).err, "a wrong file is not named:", given)
    far = shutil.copy(TABLE, folder / "far.yaml")
    check("convenant.yaml: there is no such file" in convenant("test", far, "--register", DATA / "register.yaml", expect=1).err,
          "nothing beside the table is not said")


def narrower_test(folder):
    """What a narrower version forbids is what its cases say and what the difference says."""
    two = edited(DATA / "convenant.yaml", folder / "convenant-2.yaml", ("volgnummer: 1\n", "volgnummer: 2\n"),
                 ("    doelen: [nazorg]\n", "    doelen: [nazorg]\n    berichten: [aanmelding, betrekken, fase, afsluiting, toestemming, antwoord]\n"))
    files = ("--register", DATA / "register.yaml")
    said = convenant("test", TABLE, *files, "--convenant", two, "--json", expect=1).json
    failed = [c for c in said["cases"] if not c["passed"]]
    check(failed and all(c["rule"] == "drenthe/nazorg.bericht" for c in failed if c["expected"] == "TOEGESTAAN"), "what fails:", failed)
    # both versions govern at once: each must allow
    both = convenant("test", TABLE, *files, "--convenant", DATA / "convenant.yaml", "--convenant", two, "--json", expect=1).json
    equal([c["line"] for c in both["cases"] if not c["passed"] and c["expected"] == "TOEGESTAAN"],
          [c["line"] for c in failed if c["expected"] == "TOEGESTAAN"], "what fails under two convenanten")
    words = convenant("diff", DATA / "convenant.yaml", two, "--lang", "nl").out
    equal(words, "Convenant drenthe: van versie 1 naar versie 2\n\nWordt verboden:\n  - In overleg nazorg mogen deze berichten niet meer: "
                 "beoordeling, verzoek, melding, aanvulling, terugkoppeling, correctie, bevestiging, instemmingsverzoek, instemming, "
                 "verstrekking, agenda, hernieuwing, bekendheidsvraag, bekendheidsantwoord.\n", "the difference in Dutch")
    back = convenant("diff", two, DATA / "convenant.yaml", "--lang", "en").out
    check("Becomes allowed:\n  + In overleg nazorg these messages are allowed: " in back and "forbidden" not in back, "and back:", back)
    there, back = (convenant("diff", *pair, "--json").json for pair in ((DATA / "convenant.yaml", two), (two, DATA / "convenant.yaml")))
    strip = ("what", "where", "subject", "detail")
    equal([[c[k] for k in strip] for c in there["forbidden"]], [[c[k] for k in strip] for c in back["allowed"]], "the difference and its mirror")
    equal((there["allowed"], back["forbidden"], there["old"]["sequence"], there["new"]["sequence"]), ([], [], 1, 2), "the rest of it")
    check(all(c["text"] for c in there["forbidden"]), "a change without its sentence:", there)
    same = convenant("diff", two, two).out
    check("Er verandert niets aan wat mag." in same, "two equal texts differ:", same)
    check("no convenant" in convenant("diff", DATA / "register.yaml", two, expect=2).err, "a register is compared")
    above = edited(two, folder / "above.yaml", ("grondslagen: [Bjsg 11a bis]", "grondslagen: [Convenant 3]"))
    check("above the kader" in convenant("diff", two, above, expect=2).err, "a convenant above the kader is compared")


def house_test(folder):
    """By the rules as they lie in a house, signed; for a table everybody has joined."""
    with House(folder, start=False) as house:
        note = house.dir / "rules" / "convenant-drenthe.note"
        convenant("sign", DATA / "convenant.yaml", "--key", house.dir / "stewards" / "beheerder-1.key", "--output", note)
        equal(convenant("test", TABLE, "--house", house.dir).out, convenant("test", TABLE).out, "by the rules of a house")
        check("niets" in convenant("diff", DATA / "convenant.yaml", note, "--house", house.dir).out, "the note differs from its text")


def test(folder):
    example_test()
    beside = folder / "beside"
    beside.mkdir()
    for name in ("register.yaml", "convenant.yaml"):
        shutil.copy(DATA / name, beside / name)
    wrong_test(beside)
    faults_test(folder)
    narrower_test(folder)
    house_test(folder)


if __name__ == "__main__":
    main(test)
