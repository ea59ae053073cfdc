#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a message without grondslag exits 3 with GEEN_GRONDSLAG and leaves exactly one entry; receipts of acceptance and of refusal
verify offline with only the house's public key, also by a second implementation; a receipt with one changed character exits 4."""
import random
import uuid

import lib.note as note
from lib.basics import check, equal, main, program, run
from lib.drenthe import House, Scene


def test(folder):
    receipts = folder / "bewijs"
    receipts.mkdir()
    with House(folder) as house:
        scene = Scene(house)
        before = house.size()
        refused = scene.ask("--receipt", receipts / "refused", basis=["--doel", "veelplegers"], expect=3)
        equal(refused.json["questions"][0]["outcome"], "GEEN_GRONDSLAG", "outcome")
        check("GEEN_GRONDSLAG" in refused.json["questions"][0]["error"]["code"], "code", refused.json)
        equal(house.size(), before + 1, "entries after a refusal")
        said = scene.ask(basis=["--doel", "veelplegers"], json=False, expect=3)
        check("GEEN_GRONDSLAG" in said.out + said.err, "the code is not shown to a person:", str(said))
        equal(house.size(), before + 2, "entries after two refusals")
        accepted = scene.ask("--receipt", receipts / "accepted")
        equal(house.size(), before + 3, "entries after a question that nobody took yet")
        key = receipts / "log.vkey"
        key.write_text((house.dir / "log.vkey").read_text())
        vkey = house.vkey
        ids = {name: result.json["questions"][0]["message_id"] for name, result in (("refused", refused), ("accepted", accepted))}

    # The house is gone: only the receipts and its public key are left.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}

    def verify(path, **options):
        return run(program("knooppunt"), "receipt", "verify", path, "--key", key, "--json", env=environment, **options)

    for name, rung, code in (("refused", "GEWEIGERD", "GEEN_GRONDSLAG"), ("accepted", "AANVAARD", "TOEGESTAAN")):
        seen = verify(receipts / name).json
        equal((seen["rung"], seen["code"], seen["message_id"]), (rung, code, ids[name]), f"what the {name} receipt says")
        ours = note.receipt_open((receipts / name).read_bytes(), vkey)
        equal((ours["rung"], ours["code"], str(uuid.UUID(bytes=ours["message_id"]))), (rung, code, ids[name]), "in Python")
        equal(ours["index"], seen["index"], "index")
        equal([f"{c} {r}" for c, r, _ in ours["findings"]], [" ".join(rule.split(" ")[:2]) for rule in seen["rules"]], "rules")
        check(bool(ours["findings"]) == (name == "refused"), "findings", ours["findings"])

    random.seed(4)
    for name in ("refused", "accepted"):
        good = bytearray((receipts / name).read_bytes())
        for at in sorted(random.sample(range(len(good)), 40)):
            bad = bytearray(good)
            bad[at] ^= 1 << random.randrange(7)
            (receipts / "changed").write_bytes(bad)
            verify(receipts / "changed", expect=4)
        for cut in (0, 1, len(good) // 2, len(good) - 1):
            (receipts / "changed").write_bytes(good[:cut])
            verify(receipts / "changed", expect=4)
    other = folder / "ander"
    other.mkdir()
    with House(other, start=False) as elsewhere:
        key.write_text(elsewhere.vkey + "\n")
    verify(receipts / "accepted", expect=4)


main(test)
