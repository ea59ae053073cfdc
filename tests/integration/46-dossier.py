#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a casus leaves the house as one file that a stranger checks with the log's key alone; every way of changing it is found; what was left
out is found with the log; a sample is drawn by the auditor's seed and by nobody else.
TIMEOUT: 240"""
import base64
import copy
import csv
import hashlib
import json
import re

import nacl.signing

from lib.basics import ROOT, SLOW, Failure, check, equal, main, program, run
from lib.drenthe import NAZORG, NAZORG_BASIS, OM, POLITIE, TOEZICHT, House, Scene

TARGETS = {"words", "purpose", "reader", "made"}  # what explains, and proves nothing


def verify(path, key, *more, expect=0):
    return run(program("knooppunt-verify"), path, "--key", key, *more, expect=expect)


class Stranger:
    """Who has the file, the key, and nothing else."""

    def __init__(self, folder, dossier, key):
        self.path, self.dossier, self.key = folder / "changed.json", dossier, key
        self.n = 0

    def rejects(self, changed, what, *more):
        self.path.write_text(json.dumps(changed))
        said = verify(self.path, self.key, "--quiet", *more, expect=4)
        check("DOES NOT HOLD" in said.out, f"{what}: no reason is given:", said.out)
        self.n += 1
        return said.out

    def accepts(self, changed, what):
        self.path.write_text(json.dumps(changed))
        check("holds:" in verify(self.path, self.key, "--quiet").out, what)


def places(value, path=()):
    """Every text and number in the file, with the way to it."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in TARGETS:
                yield from places(member, path + (key,))
    elif isinstance(value, list):
        for i, member in enumerate(value):
            yield from places(member, path + (i,))
    else:
        yield path, value


def changed_at(dossier, path, value):
    changed = copy.deepcopy(dossier)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


def each_value(stranger):
    """Each value that counts, made into another."""
    for path, value in places(stranger.dossier):
        other = value + 1 if isinstance(value, int) and not isinstance(value, bool) else None if value is True else None
        if isinstance(value, str):
            middle = len(value) // 2
            swapped = "B" if value[middle:middle + 1] != "B" else "C"
            other = value[:middle] + swapped + value[middle + 1:] if value else "x"
        stranger.rejects(changed_at(stranger.dossier, path, other), f"{'/'.join(map(str, path))} changed")


def each_character(stranger):
    """One receipt and one opening, a character at a time."""
    entry = stranger.dossier["entries"][0]
    receipt = entry["receipt"]
    for at in range(0, len(receipt), 1 + len(receipt) // 150):
        other = "A" if receipt[at] != "A" else "B"
        stranger.rejects(changed_at(stranger.dossier, ("entries", 0, "receipt"), receipt[:at] + other + receipt[at + 1:]), f"receipt, character {at}")
    for cut in (receipt[:-1], receipt + "\n", receipt.replace("\n", "\r\n"), receipt.replace("index ", "index 0")):
        stranger.rejects(changed_at(stranger.dossier, ("entries", 0, "receipt"), cut), "receipt in another form")
    opening = bytearray(base64.b64decode(entry["opening"]))
    for at in range(32):
        opening[at] ^= 1
        stranger.rejects(changed_at(stranger.dossier, ("entries", 0, "opening"), base64.b64encode(opening).decode()), f"opening, byte {at}")
        opening[at] ^= 1


def structure(stranger, other, log):
    """Entries and rules taken out, put in, moved, mixed."""
    good = stranger.dossier
    less = {**good, "entries": good["entries"][:1] + good["entries"][2:]}
    stranger.accepts(less, "a part of the entries is proven as far as it goes")
    check("is under the key of this casus and not in the dossier" in stranger.rejects(less, "an entry left out", "--log", log), "the reason")
    stranger.rejects({**good, "entries": good["entries"] + good["entries"][-1:]}, "an entry twice")
    stranger.rejects({**good, "entries": good["entries"][::-1]}, "entries in another order")
    stranger.rejects({**good, "entries": []}, "no entries")
    check("another casus" in stranger.rejects({**good, "entries": good["entries"] + [other["entries"][-1]]}, "an entry of another casus"), "the reason")
    stranger.rejects({**good, "casus": other["casus"]}, "another casus above it")
    for part in ("receipt", "opening", "fields"):
        mixed = copy.deepcopy(good)
        mixed["entries"][0][part], mixed["entries"][1][part] = mixed["entries"][1][part], mixed["entries"][0][part]
        stranger.rejects(mixed, f"{part} of two entries exchanged")
    for i in range(len(good["rules"])):
        check("is not in the dossier" in stranger.rejects({**good, "rules": good["rules"][:i] + good["rules"][i + 1:]}, "a rule taken out"), "the reason")
        stranger.rejects({**good, "rules": good["rules"] + [good["rules"][i]]}, "a rule twice")
    stranger.rejects({**good, "rules": good["rules"] + [{"kind": "kader", "sha256": "00" * 32, "note": "a\n\n\u2014 x y\n"}]}, "a rule put in")
    stranger.rejects({**good, "extra": 1}, "a member nobody knows")
    stranger.rejects({**good, "knooppunt": "dossier/v2"}, "another version")
    stranger.rejects({**good, "origin": "elders.example/log"}, "another log")
    refused = {**good, "entries": [e for e in good["entries"] if e["fields"]["code"] != "TOEGESTAAN"]}
    check("no allowed message" in stranger.rejects(refused, "only refusals", "--log", log), "the reason")
    stranger.rejects([], "no object")
    stranger.path.write_text("{")
    verify(stranger.path, stranger.key, expect=4)
    words = copy.deepcopy(good)
    words["entries"][0]["words"] = ["\x1b[2Janders"]
    stranger.accepts(words, "explanations prove nothing")
    shown = verify(stranger.path, stranger.key, "--explain").out
    check("\x1b" not in shown and "(explained)" in shown, "what explains is not marked, or reaches the terminal:", shown)


def witnesses(folder, stranger):
    """Cosignatures (cosignature/v1) on the checkpoint: one holds, one is missing, one is false."""
    def cosigned(secret, time, said=None):
        changed = copy.deepcopy(stranger.dossier)
        for entry in changed["entries"]:
            text = entry["receipt"].split("\n\n")[1] + "\n"
            signature = secret.sign(f"cosignature/v1\ntime {time}\n{text}".encode()).signature
            line = base64.b64encode(ids[secret] + (said or time).to_bytes(8, "big") + signature).decode()
            entry["receipt"] += f"\u2014 {names[secret]} {line}\n"
        return changed

    secrets = [nacl.signing.SigningKey.generate() for _ in range(2)]
    names = {s: f"getuige-{i}.example" for i, s in enumerate(secrets)}
    ids = {s: hashlib.sha256(names[s].encode() + b"\n\x04" + s.verify_key.encode()).digest()[:4] for s in secrets}
    public = {s: base64.b64encode(b"\x04" + s.verify_key.encode()).decode() for s in secrets}
    vkeys = [f"{names[s]}+{ids[s].hex()}+{public[s]}" for s in secrets]
    both = ["--witness", vkeys[0], "--witness", vkeys[1], "--quorum"]
    stranger.path.write_text(json.dumps(cosigned(secrets[0], 1795334400)))
    check("witnesses: 1 of 2" in verify(stranger.path, stranger.key, "--quiet", *both, "1").out, "one cosignature")
    check("1 cosignatures" in stranger.rejects(cosigned(secrets[0], 1795334400), "a quorum that is not met", *both, "2"), "the reason")
    check("0 cosignatures" in stranger.rejects(stranger.dossier, "a checkpoint nobody cosigned", *both, "1"), "the reason")
    check("does not hold" in stranger.rejects(cosigned(secrets[1], 1795334400, 1795334401), "a cosignature of another time", *both, "0"), "the reason")


def pack(folder, house, officer, key, log):
    """The folder for the privacy audit: all of it there, and the sample in it holds."""
    out = folder / "audit"
    officer.run("audit", "pack", "--seed", "audit 2027", "--n", "3", "--log", log, "--out", out, *house.look)
    names = {p.name for p in out.iterdir()}
    equal(names, {"LEESMIJ.txt", "beleid.csv", "autorisaties.csv", "autorisaties.html", "toelatingen.csv", "naleving.html", "naleving.csv",
                  "weigeringen.csv", "steekproef.json", "bewaartermijnen.csv", "vernietiging.csv"}, "the files of the pack")
    front = (out / "LEESMIJ.txt").read_text()
    for name in names - {"LEESMIJ.txt"}:
        check(f"{name}\n" in front and hashlib.sha256((out / name).read_bytes()).hexdigest() in front, "not in front:", name)
    rows = {name: list(csv.DictReader(open(out / name, newline=""))) for name in ("beleid.csv", "toelatingen.csv", "weigeringen.csv")}
    check({"kader", "register", "convenant"} <= {r["type"] for r in rows["beleid.csv"]}, "versions of the rules:", rows["beleid.csv"])
    equal([r["code"] for r in rows["weigeringen.csv"]], ["CATEGORIE_NIET_TOEGESTAAN", "GEEN_GRONDSLAG"], "refusals")
    check(any("medewerker=po-1" in r["detail"] and "klasse=toetsing" in r["detail"] for r in rows["toelatingen.csv"]), "the officer's mandate")
    check("po-1" in (out / "autorisaties.csv").read_text(), "the officer among the authorised")
    check("the seed draws these entries" in verify(out / "steekproef.json", key, "--log", log).out, "the sample in the pack")
    check((out / "LEESMIJ.txt").stat().st_mode & 0o077 == 0, "the pack is open to others")
    # Years later: what was destroyed is listed, of records read then.
    later, out = folder / "later.jsonl", folder / "audit-later"
    gone = {"kind": "VERNIETIGD", "code": "TOEGESTAAN", "time": "2031-05-01T08:00:00.000Z", "type": "casus", "casus": house.casus,
            "detail": ["berichten=4", "ingetrokken=0", "fase=VERZAMELEN", "termijn=casus"]}
    lines = (folder / "records.jsonl").read_text().splitlines()
    later.write_text("\n".join([*lines, json.dumps({"index": len(lines) + 100, **gone})]) + "\n")
    officer.run("audit", "pack", "--seed", "audit 2031", "--n", "3", "--log", log, "--out", out, "--rules", house.dir / "rules", later)
    equal([(r["casus"], r["detail"]) for r in csv.DictReader(open(out / "vernietiging.csv", newline=""))],
          [(house.casus, "; ".join(gone["detail"]))], "what was destroyed")


def words_agree():
    """The verifier is written a second time; the words it has for the same numbers may not differ."""
    own = (ROOT / "verify/record.c").read_text()
    theirs = (ROOT / "proto/record.c").read_text()
    equal([n for _, n in sorted((int(t), n) for t, n in re.findall(r'\[(\d+)\] = \{ "(\w+)"', own))],
          re.findall(r'^\t\[RECORD_\w+\] += \{ "(\w+)"', theirs, re.M), "the fields of a record")
    own = (ROOT / "verify/proof.c").read_text()
    kinds = re.findall(r"^\tENTRY_([A-Z]+) = \d+", (ROOT / "proto/entry.h").read_text(), re.M)
    codes = re.findall(r"CODE_([A-Z_]+) = \d+", (ROOT / "proto/code.h").read_text())
    equal(re.findall(r'"([A-Z]+)"', own.split("kinds[] =")[1].split("};")[0]), kinds, "the kinds of an entry")
    equal(re.findall(r'"([A-Z_]+)"', own.split("codes[] =")[1].split("};")[0]), codes, "the codes")


def usage(folder, path, key):
    for words in ([], ["--key", "nonsense"], ["--key", key, "--quorum", "x"], ["--key", key, "--witness", key], ["--what"]):
        run(program("knooppunt-verify"), path, *words, expect=2)
    run(program("knooppunt-verify"), "--key", key, expect=2)
    run(program("knooppunt-verify"), folder / "none.json", "--key", key, expect=1)
    check("exit status" in run(program("knooppunt-verify"), "--help").out, "help")


def sample(folder, house, officer, key, log):
    path, again, records = folder / "steekproef.json", folder / "again.json", folder / "records.jsonl"
    words = ["--n", "2", "--seed", "audit 2026", "--log", log, "--out"]
    said = officer.run("audit", "sample", *words, path, *house.look)
    equal(said.json["entries"], 2, "entries in the sample")
    officer.run("audit", "sample", *words, again, "--rules", house.dir / "rules", records)
    one, two = (json.loads(p.read_text()) for p in (path, again))
    equal([e["fields"]["index"] for e in one["entries"]], [e["fields"]["index"] for e in two["entries"]], "the same seed on the same log")
    equal({e["fields"]["kind"] for e in one["entries"]}, {"BERICHT"}, "what is drawn")
    check("the seed draws these entries" in verify(path, key, "--log", log).out, "the sample with the log")
    other = folder / "other.json"
    for seed in range(30):  # of few messages two seeds may well draw the same
        officer.run("audit", "sample", "--n", "2", "--seed", f"another {seed}", "--log", log, "--out", other, records)
        picked = json.loads(other.read_text())
        if [e["fields"]["index"] for e in picked["entries"]] != [e["fields"]["index"] for e in one["entries"]]:
            break
    else:
        raise Failure("thirty seeds draw the same")
    # Chosen by hand and said to be drawn: only the log tells.
    other.write_text(json.dumps({**picked, "sample": one["sample"]}))
    verify(other, key, "--quiet")
    check("seed draws" in verify(other, key, "--quiet", "--log", log, expect=4).out, "a sample that the seed does not draw")


def test(folder):
    words_agree()
    with House(folder) as house:
        scene = Scene(house, "zvhd")
        [zvhd] = scene.others
        question = scene.ask().json["questions"][0]["message_id"]
        scene.ask(category="gezondheid.psychisch", expect=3)
        scene.politie.run("inbox")
        scene.politie.run("read", question)
        scene.politie.run("answer", question, "--kind", "NIET_BEKEND")
        scene.om.run("inbox")
        # Of who is not on the casus: in its dossier, but under the house's key, with all that is of no casus.
        scene.ask(casus=scene.casus, to=(OM,), node=zvhd, basis=NAZORG_BASIS, expect=3)
        nazorg = zvhd.run("casus", "notify", *NAZORG_BASIS, "--regime", "OVERIG", "--overleg", "nazorg", "--klasse", "nazorg").json["casus"]
        zvhd.run("consent", nazorg, *NAZORG_BASIS, "--given", "2026-01-01")
        zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
        house.casus = scene.casus
        house.look = ["--as", TOEZICHT, "--person", "po-1", "--purpose", "rechtmatigheid"]
        key, log, path, other = house.dir / "log.vkey", house.export("log"), folder / "dossier.json", folder / "nazorg.json"

        said = zvhd.run("audit", "dossier", "--casus", scene.casus, "--log", log, "--key", key, "--out", path, *house.look).json
        check(said["entries"] >= 6 and said["missing_rules"] == 0, "the dossier:", said)
        zvhd.run("audit", "export", "--records", folder / "records.jsonl", "--evidence", *house.look)
        zvhd.run("audit", "dossier", "--casus", nazorg, "--log", log, "--out", other, folder / "records.jsonl")
        dossier = json.loads(path.read_text())
        check(any(e["fields"].get("sender") == NAZORG for e in dossier["entries"]), "the refusal of who is not on the casus is not in its dossier")
        text = verify(path, key, "--log", log).out
        for words in ("verzoek: TOEGESTAAN", "verzoek: CATEGORIE_NIET_TOEGESTAAN", "antwoord", "NIET_BEKEND", "Wpg 20", "woonsituatie.onderdak",
                      "none is missing", "no entry under the key of this casus is left out"):
            check(words in text, f"{words!r} is not in what the verifier shows:\n{text}")
        equal({r["kind"] for r in dossier["rules"]}, {"kader", "register", "convenant"}, "the rules in the dossier")
        check(any("Het convenant" in w or "convenant" in w for e in dossier["entries"] for w in e["words"]), "no rule in plain Dutch")
        for entry in dossier["entries"]:  # the receipts in it are receipts
            (folder / "one.tlog-proof").write_text(entry["receipt"])
            run(program("knooppunt"), "receipt", "verify", folder / "one.tlog-proof", "--key", key)
        check(b"J. Verzonnen" not in path.read_bytes() and b"999900407" not in path.read_bytes(), "a person in the dossier")

        stranger = Stranger(folder, dossier, key)
        each_value(stranger)
        if SLOW == 1:
            each_character(stranger)
        structure(stranger, json.loads(other.read_text()), log)
        check(stranger.n > 150, "hardly anything was tried:", stranger.n)
        witnesses(folder, stranger)
        usage(folder, path, key)
        sample(folder, house, zvhd, key, log)
        pack(folder, house, zvhd, key, log)

        # Records without evidence; a casus that is not there; a log that was tampered with.
        zvhd.run("audit", "export", "--records", folder / "bare.jsonl", *house.look)
        zvhd.run("audit", "dossier", "--casus", scene.casus, "--log", log, "--out", folder / "x", folder / "bare.jsonl", expect=2)
        zvhd.run("audit", "dossier", "--casus", question, "--log", log, "--out", folder / "x", folder / "records.jsonl", expect=6)
        tile = next(p for p in (log / "tile" / "entries").rglob("*") if p.is_file())
        data = bytearray(tile.read_bytes())
        leaf = base64.b64decode(dossier["entries"][1]["receipt"].split("\n")[1][len("extra "):])[-300:]
        data[data.index(leaf) + 9] ^= 1
        tile.write_bytes(data)
        zvhd.run("audit", "dossier", "--casus", scene.casus, "--log", log, "--out", folder / "x", folder / "records.jsonl", expect=4)
        verify(path, key, "--log", log, expect=4)


main(test)
