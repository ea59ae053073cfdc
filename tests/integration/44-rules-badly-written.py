#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: whoever writes a kader, register, convenant, mandate or table of cases badly hears file, line, column and what is wrong, from
`convenant check` and from `convenant test`; whatever the bytes are, nothing crashes and nothing takes long."""
import re
import time

from lib.basics import ROOT, check, equal, main, program, run

DATA = ROOT / "tests" / "data" / "drenthe"
MANDATE = ("mandaat: mdw-0421\nhuis: drenthe\norganisatie: politie\nhoedanigheden: [politie-noord-nederland]\nrol: liaison\n"
           'klasse: uitvoering\nsleutel: "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"\nscreening: 2026-01-10\n'
           "training: 2026-02-01\nvan: 2026-02-01\ntot: 2027-02-01\n")
KADER = (ROOT / "convenant" / "kader" / "nl.yaml").read_text()
# a good text; a value at the top; a row's id and that of another row
KINDS = {
    "kader": (KADER, "naam: Wettelijk kader Zorg- en Veiligheidshuizen", ("soort: om\n", "soort: politie\n")),
    "register": ((DATA / "register.yaml").read_text(), "naam: Zorg- en Veiligheidshuis Drenthe",
                 ("  - organisatie: om\n", "  - organisatie: politie\n")),
    "convenant": ((DATA / "convenant.yaml").read_text(), "naam: Convenant Zorg- en Veiligheidshuis Drenthe (voorbeeld)",
                  ("- hoedanigheid: menso\n", "- hoedanigheid: cosis\n")),
    "mandaat": (MANDATE, "rol: liaison", ("[politie-noord-nederland]", "[politie-noord-nederland, politie-noord-nederland]")),
    "convenant-test": ((DATA / "convenant-test.yaml").read_text(), "convenant-test: drenthe",
                       ("  - uitgangspunt: aanmelding-wgs\n", "  - uitgangspunt: beoordeling-wgs\n")),
}
DEEP = "diep: " + "[" * 40 + "]" * 40 + "\n"


def convenant(verb, path, expect):
    began = time.monotonic()
    result = run(program("knooppunt"), "convenant", verb, path, "--kader", ROOT / "convenant" / "kader" / "nl.yaml", expect=expect)
    check(time.monotonic() - began < 5, f"convenant {verb} took long over", path)
    check("Sanitizer" not in result.err, "a sanitizer's report:", result.err)
    return result


def refused(path, data, what, line=None, verb="check"):
    path.write_bytes(data)
    said = convenant(verb, path, 2)
    equal(said.out, "", f"output about {path.name}")
    places = re.findall(rf"{re.escape(str(path))}:(\d+):(\d+): (.*)", said.err)
    check(places and all(int(row) > 0 and int(column) > 0 for row, column, _ in places), "no file:line:column in", said.err)
    check(any(what in text and line in (None, int(row)) for row, _, text in places), f"line {line}: {what!r} expected in", said.err)


def breakages(text, top, ids):
    """(name, bytes, what is said, its line) of one kind of file."""
    last = text.count("\n") + 1
    at = text.index(top)
    key = top.split(":")[0]
    good, end = text.encode(), len(text[:at + len(top)].encode())
    yield "unknown-key", text + "onbekend: 1\n", "the key onbekend is unknown", last
    yield "duplicate-key", text + top + "\n", "is already on line", last
    yield "wrong-type", text.replace(top, f"{key}: [a, b]", 1), "a text is expected", text[:at].count("\n") + 1
    yield "duplicate-id", text.replace(*ids, 1), "twice" if "aanmelding-wgs" not in ids[0] else "beoordeling-wgs", None
    yield "cycle", text + "lus: &a [*a]\n", "anchors (&)", last
    yield "alias", text + "lus: *a\n", "aliases (*)", last
    yield "deep", text + DEEP, "nested deeper than 16", last
    yield "large", text + "# en zo voort, regel na regel na regel na regel na regel na regel\n" * 160000, "larger than 1 MiB", None
    yield "truncated", text + "open: [1, 2", "not YAML", None
    yield "nul", good[:end] + b"\0" + good[end:], "can't be seen", text[:at].count("\n") + 1
    yield "not-utf8", good[:end] + b"\xff\xfe" + good[end:], "not UTF-8", text[:at].count("\n") + 1


def test(folder):
    for kind, (text, top, ids) in KINDS.items():
        path = folder / f"{kind}.yaml"
        path.write_text(text)
        said = convenant("check", path, 0).out
        check(f"a {kind} in good form" in said, "a good file:", said)
        for name, data, what, line in breakages(text, top, ids):
            refused(folder / f"{kind}-{name}.yaml", data if isinstance(data, bytes) else data.encode(), what, line)
    table = KINDS["convenant-test"]
    for name, data, what, line in breakages(*table):
        refused(folder / f"test-{name}.yaml", data if isinstance(data, bytes) else data.encode(), what, line, verb="test")
    for name, data in (("empty", b""), ("nothing", b"\n\n# niets\n"), ("binary", bytes(range(256)) * 64), ("brackets", b"[" * 100000),
                       ("list", b"- kader: nl\n"), ("large", b"x" * (12 << 20)), ("zeroes", b"\0" * 5000)):
        refused(folder / f"{name}.yaml", data, "its first key must be one of those words", 1)
    # A name on a register that follows itself up; the cycle is a cycle of rows here.
    text = KINDS["register"][0].replace("    soort: om\n", "    soort: om\n    opgevolgd: {door: [om-noord-nederland], per: 2026-10-01}\n", 1)
    line = text[:text.index("opgevolgd")].count("\n") + 1
    refused(folder / "register-succession.yaml", text.encode(), "om-noord-nederland would follow up itself", line)


main(test)
