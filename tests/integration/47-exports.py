#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: each profile of the records is what its schema says, holds what its standard asks and no more: no user in LDV, no necessity but in CSV, a
refusal no error; and what went in comes out, record for record. Each field that BIO2, NEN 7513 and LDV ask for has its place. Who gets an
export knows its betrokkenen by pseudonyms of his own."""
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


def attributes_of(line):
    [span] = line["resourceSpans"][0]["scopeSpans"][0]["spans"]
    return {a["key"]: a["value"]["stringValue"] for a in span["attributes"]}


def subjects(folder, records, path):
    """One key per recipient: the same casus and role are one pseudonym under it, and another under another."""
    ids = {}
    for recipient in ("po", "fg", "po"):
        key = folder / f"{recipient}.key"
        text = export("ldv", path, "--subjects", key)
        check(key.stat().st_mode & 0o077 == 0, "the key of the pseudonyms is open to others")
        found = {f["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["spanId"]: attributes_of(f) for f in lines("ldv", text)}
        by_role = {}
        for r in records:
            attributes = found.get(r["span_id"], {})
            equal("dpl.core.data_subject_id" in attributes, bool(attributes and r.get("person_role")), f"a subject in {r['index']}")
            if attributes and r.get("person_role"):
                by_role.setdefault((r["casus"], r["person_role"]), set()).add(attributes["dpl.core.data_subject_id"])
        check(by_role and all(len(v) == 1 for v in by_role.values()), "one pseudonym per casus and role:", by_role)
        now = {p for v in by_role.values() for p in v}
        equal(len(now), len(by_role), "a pseudonym of two")
        equal(ids.setdefault(recipient, now), now, "the next export to the same recipient")
        people = {p["participantObjectID"] for f in lines("nen7513", export("nen7513", path, "--subjects", key)) for p in f["participants"]
                  if p["participantObjectTypeCode"] == 1}
        equal(now - people, set(), "the same in NEN 7513")
    equal(ids["po"] & ids["fg"], set(), "two recipients have somebody in common")
    equal({i.split("-")[0] for i in ids["po"]} & {i.split("-")[0] for i in ids["fg"]}, set(), "the name of the key")
    (folder / "other.key").write_text("no key")
    run(program("knooppunt"), "audit", "export", "--profile", "ldv", "--subjects", folder / "other.key", path, expect=2)


def values(at, path):
    """All that stands at a path; a list on the way means each of its members, and a list of attributes each by its key."""
    if isinstance(at, list):
        if path and at and "key" in at[0] and (named := [a["value"]["stringValue"] for a in at if a["key"] == path[0]]):
            return named
        return [v for a in at for v in values(a, path)] if path else [at] * bool(at)
    if not path:
        return [at]
    return values(at[path[0]], path[1:]) if isinstance(at, dict) and path[0] in at else []


def each_field_has_its_place(folder, path, records):
    """tests/data/log-fields.csv against what the house wrote; what the scene had no occasion for is added to one record."""
    whole = folder / "whole.jsonl"
    text = path.read_text().splitlines()
    at = next(i for i, line in enumerate(text) if '"antwoord"' in line and '"BERICHT"' in line)
    text[at] = json.dumps({**json.loads(text[at]), "secrecy_basis": ["gezondheid=toestemming"], "on_behalf_of": POLITIE})
    whole.write_text("\n".join(text) + "\n")
    found = {"record": [json.loads(line) for line in text[1:]] + records}
    found |= {p: lines(p, export(p, whole, "--subjects", folder / "po.key")) for p in ("ldv", "nen7513")}
    page = (ROOT / "docs/exports.md").read_text()
    rows = list(csv.DictReader(line for line in (ROOT / "tests/data/log-fields.csv").open() if not line.startswith("#")))
    equal({r["standard"] for r in rows}, {"BIO2", "NEN 7513", "LDV", "R37"}, "the standards")
    check(len(rows) > 70, "the fields:", len(rows))
    for row in rows:
        if row["place"] == "none":
            said = [p for p in page.split("\n## ") if p.startswith(row["standard"])][0].split("Not given:")[1]
            check(f"`{row['name']}`" in said, "docs/exports.md does not say why it is not given:", row)
        else:
            there = [v for line in found[row["place"]] for v in values(line, row["name"].split("/")) if v not in ("", None)]
            check(there, "a field without a place:", row)


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
        subjects(folder, records, path)
        each_field_has_its_place(folder, path, zvhd.run("audit", "show", question, *look).json["records"])
        refused(folder, path)


main(test)
