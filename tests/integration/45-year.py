#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the year 2020 of the Drenthe house: every published figure that can come from a log comes from the exchanges of tests/data/drenthe-2020,
which the real core plays again to the same figures; the others say why not. The page asks nothing of a network."""
import csv
import html.parser
import io
import json
import re

from lib.basics import BUILD, LONG, ROOT, check, equal, main, program, run

DATA = ROOT / "tests" / "data" / "drenthe-2020"
FIGURE = re.compile(r'  - \{tabel: (\S+), rij: "([^"]+)", kolom: (\S+), waarde: "([^"]+)"\}')
KINDS = {"year": ["--year", "2020"], "quarter": ["--period", "2020-Q3"], "month": ["--period", "2020-11"],
         "authorisations": ["--now", "2020-12-31"], "retention": ["--now", "2024-05-01"]}


def report(kind, folder, *more):
    return run(program("knooppunt"), "audit", "report", "--kind", kind, *KINDS[kind], *more, folder)


def cell(doc, table, row, column):
    [found] = [t for t in doc["tables"] if t["id"] == table]
    at = [c["id"] for c in found["columns"]].index(column)
    [cells] = [r["cells"] for r in found["rows"] if r["id"] == row]
    return cells[at]


def figures(doc):
    """Each published figure against ours, read apart from the program."""
    text = (DATA / "gepubliceerd.yaml").read_text()
    listed = FIGURE.findall(text)
    equal(len(listed), text.split("\nelders:")[0].count("waarde:"), "figures in gepubliceerd.yaml")
    check(len(listed) > 50, "hardly any figures:", len(listed))
    for table, row, column, value in listed:
        ours, published = cell(doc, table, row, column), cell(doc, table, row, f"{column}-gepubliceerd")
        if value.endswith("%"):
            equal(int(ours + 0.5), int(value[:-1]), f"{table} {row}")
            equal(published, float(value[:-1]), f"published {table} {row}")
        else:
            equal((ours, published), (int(value), int(value)), f"{table} {row}")
    check(any(f"Van {len(listed)} gepubliceerde" in n and f"komen er {len(listed)} overeen" in n for n in doc["notes"]), "the count of what agrees:", doc["notes"])
    [elsewhere] = [t for t in doc["tables"] if t["id"] == "elders"]
    check(len(elsewhere["rows"]) >= 10 and all(len(r["cells"][2]) > 15 for r in elsewhere["rows"]), "a figure from elsewhere without a reason")


class Page(html.parser.HTMLParser):
    """What a browser would fetch or run."""

    def __init__(self):
        super().__init__()
        self.wrong, self.tags = [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag in ("script", "link", "img", "iframe", "object", "embed", "a", "base", "form", "image", "use"):
            self.wrong.append(tag)
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "xlink:href", "srcset", "action", "style") or name.startswith("on")]


def forms(folder):
    for kind in KINDS:
        text = report(kind, DATA, "--html").out
        page = Page()
        page.feed(text)
        equal(page.wrong, [], f"what the page of {kind} would fetch or run")
        check(not re.search(r"https?:|//\w|url\(|@import", text), f"an address in the page of {kind}")
        check("default-src 'none'" in text and {"table", "main"} <= page.tags, f"the page of {kind}")
    check("svg" in page.tags or "svg" in report("year", DATA, "--html").out, "no plot")
    doc = json.loads(report("year", DATA, "--json").out)
    rows = list(csv.DictReader(io.StringIO(report("year", DATA, "--csv").out)))
    equal(len(rows), sum(len(t["rows"]) * (len(t["columns"]) - 1) for t in doc["tables"]), "lines of the CSV")
    equal([r["waarde"] for r in rows if (r["tabel"], r["rij"], r["kolom"]) == ("basis", "actief", "aantal")], ["127"], "a cell of the CSV")
    check(all(t["definition"] for t in doc["tables"]), "a table without its definition")
    text = report("year", DATA).out
    for table in doc["tables"]:
        check(table["title"] in text and table["definition"].split()[0] in text, "a table is not in the text:", table["id"])
    out = folder / "year.html"
    report("year", DATA, "--html", "--out", out)
    check(out.read_text().startswith("<!doctype html>"), "--out")


def small_cells():
    doc = json.loads(report("year", DATA, "--json", "--suppress", "5").out)
    for table in doc["tables"]:
        for i, column in enumerate(table["columns"]):
            if column["kind"] != "count" or column.get("published"):
                continue
            cells = [r["cells"][i] for r in table["rows"]]
            check(not any(isinstance(c, int) and 0 < c < 5 for c in cells), "a small cell is shown:", table["id"], cells)
            hidden = [c for c in (cells[:-1] if table.get("total") else cells) if isinstance(c, str)]
            check(not table.get("total") or len(hidden) != 1 or not any(isinstance(c, int) and c > 0 for c in cells[:-1]),
                  "one hidden cell beside a total:", table["id"], cells)


def plain(rows):
    """Casus numbers and places in the log are chance, and what else the house notes moves the places."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "CASUS", json.dumps(rows))
    return re.sub(r'"(\d+)"(, "cells": \[)"\1"', r'"ENTRY"\2"ENTRY"', re.sub(r'"id": ("\d+"), "cells": \[\1', r'"id": "ENTRY", "cells": ["ENTRY"', text))


def again(folder):
    """The same exchanges through the core of today: the same figures, and records that are decided, not typed."""
    played = folder / "played"
    played.mkdir()
    run(BUILD / "tests/year/play_year", DATA / "casussen.csv", played / "records.jsonl", cwd=ROOT / "tests", seconds=6 * LONG)
    for name in ("indeling.yaml", "gepubliceerd.yaml"):
        (played / name).write_text((DATA / name).read_text())
    for kind in KINDS:
        ours, theirs = (json.loads(report(kind, f, "--json").out)["tables"] for f in (DATA, played))
        equal([(t["id"], plain(t["rows"])) for t in theirs], [(t["id"], plain(t["rows"])) for t in ours], f"the report {kind} of what was played again")
    records = [json.loads(line) for line in (played / "records.jsonl").read_text().splitlines()]
    check(records[0]["purpose"] == "interne-controle" and len(records) > 1500, "the records:", records[0], len(records))
    check({"TOEGESTAAN", "CATEGORIE_NIET_TOEGESTAAN", "TERMIJN_VERSTREKEN"} <= {r["code"] for r in records[1:]}, "outcomes")
    # A year with one aanmelding less is not the published one.
    casussen = (DATA / "casussen.csv").read_text().splitlines(True)
    at = next(i for i, line in enumerate(casussen) if line.startswith("2020") and ",pga,GM0114," in line)
    (folder / "less.csv").write_text("".join(casussen[:at] + casussen[at + 1:]))
    run(BUILD / "tests/year/play_year", folder / "less.csv", played / "records.jsonl", cwd=ROOT / "tests", seconds=6 * LONG)
    doc = json.loads(report("year", played, "--json").out)
    equal(cell(doc, "basis", "aangemeld", "aantal"), 49, "notified, with one less")
    check(any("Wijkt af" in n and "aangemeld (50)" in n for n in doc["notes"]), "what differs is not said:", doc["notes"])


def usage(folder):
    for words in (["--kind", "decade"], ["--year", "20"], ["--kind", "month", "--year", "2020"], ["--period", "2020-13"], ["--suppress", "1"],
                  ["--csv", "--html"], ["--now", "ooit"]):
        run(program("knooppunt"), "audit", "report", *words, DATA, expect=2)
    run(program("knooppunt"), "audit", "report", folder, expect=2)
    broken = folder / "broken.jsonl"
    broken.write_text('{"index": 1}\n')
    said = run(program("knooppunt"), "audit", "report", broken, expect=2)
    check("broken.jsonl:1" in said.err, "where the fault is:", said.err)
    names = folder / "names.yaml"
    names.write_text("partners: 3\n")
    check("names.yaml:1:" in run(program("knooppunt"), "audit", "report", "--names", names, DATA, expect=2).err, "the place in the names")


def test(folder):
    figures(json.loads(report("year", DATA, "--json").out))
    forms(folder)
    small_cells()
    again(folder)
    usage(folder)


main(test)
