#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: each profile of the records is what its schema says, holds what its standard asks and no more: no user in LDV, no necessity but in CSV, a
refusal no error; and what went in comes out, record for record."""
import csv
import io
import json

import jsonschema

from lib.basics import ROOT, check, equal, main, program, run
from lib.drenthe import POLITIE, TOEZICHT, House, Scene

SCHEMAS = {p.stem: json.loads(p.read_text()) for p in (ROOT / "client/report/schema").glob("*.json")}
NECESSITY = "aanpak bepalen in het overleg"


def export(profile, *more, **options):
    return run(program("knooppunt"), "audit", "export", "--profile", profile, *more, **options).out


def lines(profile, text):
    """Each line, valid against the schema; which refuses a line with a member more, or one of the required less."""
    validator = jsonschema.Draft202012Validator(SCHEMAS[profile])
    validator.check_schema(SCHEMAS[profile])
    found = list(csv.DictReader(io.StringIO(text, newline=""))) if profile == "csv" else [json.loads(line) for line in text.splitlines()]
    check(found, f"no lines in {profile}")
    for line in found:
        validator.validate(line)
    for member in SCHEMAS[profile]["required"]:
        check(not validator.is_valid({k: v for k, v in found[0].items() if k != member}), f"{profile} without {member} is valid")
    check(not validator.is_valid({**found[0], "naam": "x"}), f"{profile} with a name is valid")
    return found


def adl(records, text):
    decided = [r for r in records if ("rule_passed" in r or "rule_failed" in r) and "trace_id" in r]
    found = lines("adl", text)
    equal([f["attributes"]["adl.core.information"]["log"]["index"] for f in found], [r["index"] for r in decided], "one line per decision")
    equal([f["body"]["adl.core.response"]["decision"] for f in found], [r["code"] == "TOEGESTAAN" for r in decided], "the decisions")
    equal({f["status"] for f in found}, {"Unset"}, "a refusal is no error")
    equal(len({(f["trace_id"], f["span_id"]) for f in found}), len(found), "traces and spans are unique")
    [refused] = [f for f in found if f["body"]["adl.core.response"]["context"]["code"] == "CATEGORIE_NIET_TOEGESTAAN"]
    check(refused["body"]["adl.core.response"]["context"]["niet_nageleefd"], "the rule that refused")
    check(all(f["attributes"]["adl.core.policies"]["convenant"] for f in found if f["body"]["adl.core.request"]["action"]["name"] == "verzoek"),
          "the convenant that was decided with")


def ldv(records, text):
    processed = [r for r in records if r["kind"] == "BERICHT" and r["code"] == "TOEGESTAAN" and r.get("doel")]
    found = [f["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for f in lines("ldv", text)]
    equal([f["spanId"] for f in found], [r["span_id"] for r in processed], "one line per processing, none sampled out")
    equal([f["traceId"] for f in found], [r["trace_id"].replace("-", "") for r in processed], "the traces of the callers")
    equal([int(f["startTimeUnixNano"]) for f in found], [r["unix_ms"] * 10**6 for r in processed], "times")
    for word in {w for r in records for w in (r.get("person"), r.get("organisation"), r.get("sender"), r.get("casus"), r.get("role")) if w}:
        check(f'"{word}"' not in text, "LDV names who or which casus:", word)


def nen7513(records, text):
    found = lines("nen7513", text)
    acts = [r for r in records if (r.get("sender") or r.get("person")) and r.get("type")]
    equal([int(f["EventID"].rpartition("#")[2]) for f in found], [r["index"] for r in acts], "one line per act")
    by = {f["EventID"].rpartition("#")[2]: f for f in found}
    for r in acts:
        f = by[str(r["index"])]
        equal(f["EventOutcomeIndicator"], 0 if r["code"] == "TOEGESTAAN" else 4, "outcome")
        equal(f["users"][0]["userID"], r.get("person") or r.get("node", ""), "the user")
        equal(f["users"][0].get("purposeOfUse"), r.get("doel"), "the purpose")
        equal([p["participantObjectID"] for p in f["participants"] if p["participantObjectTypeCode"] == 3], r.get("recipient", []), "recipients")
    codes = {f["eventTypeCode"]: f["EventActionCode"] for f in found}
    for event, action in (("BERICHT/aanmelding", "C"), ("BERICHT/verzoek", "E"), ("BERICHT/antwoord", "R"), ("GEOPEND/geopend", "R"), ("INZAGE/inzage", "R")):
        equal(codes[event], action, f"action of {event}")


def fsc(records, text, oins):
    sent = [(r["message_id"], to) for r in records if r["kind"] == "BERICHT" and r["code"] == "TOEGESTAAN" for to in r.get("recipient", [])]
    found = lines("fsc", text)
    equal([f["transaction_id"] for f in found], [m for m, _ in sent], "one line per message and recipient")
    equal([f["destination"]["service_peer_id"] for f in found], [oins[to] for _, to in sent], "who received")
    check(all(f["grant_hash"] in records_of(records, f)["convenant"] for f in found), "the convenant as grant")


def records_of(records, line):
    return next(r for r in records if r.get("message_id") == line["transaction_id"] and r["kind"] == "BERICHT")


def table(records, text):
    found = lines("csv", text)
    equal([int(f["index"]) for f in found], [r["index"] for r in records], "one row per record")
    for f, r in zip(found, records):
        for name in ("kind", "code", "casus", "noodzaak", "message_id", "grondslag"):
            equal(f[name], r.get(name, ""), f"{name} of {r['index']}")
        equal(f["category"], "; ".join(r.get("category", [])), "categories")
    check(NECESSITY in text, "the necessity is not in the CSV")


def members(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                yield from value
            yield from members(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from members(value)


def mapping():
    """Each field that a schema allows stands on the page that says where it comes from, in the chapter of its profile."""
    chapters = {c.split(":")[0].split("\n")[0].lower().replace(" ", ""): c for c in (ROOT / "docs/exports.md").read_text().split("\n## ")[1:]}
    for profile, schema in SCHEMAS.items():
        for name in set(members(schema)) - {"properties", "additionalProperties", "id", "type", "origin", "index"}:
            check(f"`{name}`" in chapters[profile], f"docs/exports.md does not say where {profile} has it from:", name)


def refused(folder, bare):
    run(program("knooppunt"), "audit", "export", "--profile", "xml", bare, expect=2)
    run(program("knooppunt"), "audit", "export", bare, expect=2)
    run(program("knooppunt"), "audit", "export", "--profile", "csv", "--tiles", folder, expect=2)
    run(program("knooppunt"), "audit", "export", "--profile", "fsc", bare, expect=2)
    run(program("knooppunt"), "audit", "export", "--profile", "csv", folder / "nothing", expect=2)
    wrong = folder / "wrong.jsonl"
    wrong.write_text('{"index": 0}\n')
    check("wrong.jsonl:1" in run(program("knooppunt"), "audit", "export", "--profile", "csv", wrong, expect=2).err, "the place of a fault")
    # Records of a house that wrote no spans: said, not made up.
    old = ROOT / "tests/data/drenthe-2020"
    check("span_id" in run(program("knooppunt"), "audit", "export", "--profile", "nen7513", old, expect=2).err, "spans are made up")
    equal(len(export("csv", old).splitlines()), 1 + sum(1 for _ in open(old / "records.jsonl")) - 1, "rows of the year 2020")


def test(folder):
    with House(folder) as house:
        scene = Scene(house, "zvhd")
        [zvhd] = scene.others
        question = scene.ask().json["questions"][0]["message_id"]
        scene.ask(category="gezondheid.psychisch", expect=3)
        scene.politie.run("inbox")
        scene.politie.run("read", question)
        scene.politie.run("answer", question, "--kind", "NIET_BEKEND")
        scene.om.run("inbox")
        zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
        look = ["--as", TOEZICHT, "--person", "po-1", "--purpose", "gerechtelijke-procedure"]
        zvhd.run("audit", "list", *look)
        path = folder / "records.jsonl"
        said = zvhd.run("audit", "export", "--records", path, *look).json
        head, *records = [json.loads(line) for line in path.read_text().splitlines()]
        equal((head["purpose"], head["origin"], said["lines"]), ("gerechtelijke-procedure", "zvh.example/log-1", len(records)), "the head of the records")
        check(path.stat().st_mode & 0o077 == 0, "the records are open to others")
        check(len(records) > 15 and any(r["kind"] == "INZAGE" for r in records), "the records:", records[-1])

        register = folder / "zvhd" / "rules" / "register.note"
        oins = {}
        for part in register.read_text().split("hoedanigheden:\n", 1)[1].split("  - hoedanigheid: ")[1:]:
            organisation = part.split("organisatie: ")[1].split("\n")[0].strip()
            oin = register.read_text().split(f"organisatie: {organisation}\n")[1].split("oin: ")[1].split("\n")[0].strip(' "')
            oins[part.split("\n")[0].strip(' "')] = oin
        check(POLITIE in oins, "the OINs of the register:", len(oins))
        texts = {p: export(p, path, *(["--register", register] if p == "fsc" else [])) for p in SCHEMAS}
        adl(records, texts["adl"])
        ldv(records, texts["ldv"])
        nen7513(records, texts["nen7513"])
        fsc(records, texts["fsc"], oins)
        table(records, texts["csv"])
        for profile, text in texts.items():
            check(profile == "csv" or NECESSITY not in text, "what a sender typed is in", profile)
            check("999900407" not in text and "Verzonnen" not in text, "a person in", profile)

        # From the house at once, and the reading is in the log.
        out = folder / "out.csv"
        said = zvhd.run("audit", "export", "--profile", "csv", "--out", out, *look).json
        equal(said["lines"], len(out.read_text().splitlines()) - 1, "lines")
        last = zvhd.run("audit", "list", "--kind", "INZAGE", *look).json["records"]
        check(len(last) >= 3 and all("inzagedoel=gerechtelijke-procedure" in r["detail"] for r in last), "the reading is not in the log:", last)
        mapping()
        refused(folder, path)


main(test)
