#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 240
"""Goal: nodes cosign what the house publishes; receipts, checkpoints and exports carry the cosignatures; they verify with a policy that the
house or a node prints, and with other implementations (PyNaCl, Go); below the quorum nothing is verified, and it is said who is missing."""
import base64
import re
import time

import nacl.exceptions

import lib.note as note
from lib.basics import Failure, check, equal, main, program, run, wait_for
from lib.drenthe import House, Scene
from lib.go import go_checker


def receipt_verify(path, policy, **options):
    return run(program("knooppunt"), "receipt", "verify", path, "--policy", policy, "--json", **options)


def receipts_gather(scene, policy):
    """The receipt that comes at once has no cosignatures; the one that is asked for later has."""
    first = scene.house.base / "eerste.tlog-proof"
    message = scene.ask("--receipt", first).json["questions"][0]["message_id"]
    said = receipt_verify(first, policy, expect=4).json["error"]
    check("om" in said["text"] and "politie" in said["text"], "it is not said who is missing:", said)
    later = scene.om.home / "receipts" / f"{message}.AANVAARD.tlog-proof"

    def cosigned():
        for node in (scene.om, scene.politie):
            node.run("node", "sync")
        scene.om.run("ladder", message)
        return receipt_verify(later, policy, expect=(0, 4)).status == 0

    wait_for(cosigned, "the receipt gathers its cosignatures")
    seen = receipt_verify(later, policy).json
    equal((sorted(seen["witnesses"]), seen["rung"], seen["message_id"]), (sorted(scene.witnesses), "AANVAARD", message), "who cosigned")
    check(abs(seen["witnessed_unix_s"] - time.time()) < 3600, "when they did", seen)
    run(program("knooppunt"), "receipt", "verify", later, "--key", scene.house.vkey)
    return later


def spoilt(checkpoint):
    """One bit of the last signature line is another."""
    head, signature = checkpoint.rstrip(b"\n").rsplit(b" ", 1)
    raw = bytearray(base64.b64decode(signature))
    raw[-1] ^= 1
    return head + b" " + base64.b64encode(raw) + b"\n"


def last_name(checkpoint):
    return checkpoint.decode().rstrip("\n").rsplit("\n", 1)[1].split(" ")[1]


def second_implementation(scene, receipt, vkeys):
    """PyNaCl, from docs/protocol.md."""
    checkpoint = receipt.read_bytes().split(b"\n\n", 1)[1]
    note.verify(checkpoint, scene.house.vkey)
    for vkey in vkeys:
        check(abs(note.cosigned(checkpoint, vkey) - time.time()) < 3600, "the time of a cosignature")
    try:
        note.cosigned(spoilt(checkpoint), next(v for v in vkeys if last_name(checkpoint) == v.split("+")[0]))
    except nacl.exceptions.BadSignatureError:
        pass
    else:
        raise Failure("a changed cosignature verifies in Python")


def one_below(scene, receipt, policy):
    """One cosignature changed, one taken away, a witness more in the policy."""
    text = receipt.read_text()
    lines = text.rstrip("\n").split("\n")
    for name, changed in (("weg", lines[:-1]), ("dubbel", lines + lines[-1:])):
        path = scene.house.base / name
        path.write_text("\n".join(changed) + "\n")
        receipt_verify(path, policy, expect=4)
    path = scene.house.base / "veranderd"
    path.write_text("\n".join(lines[:-1] + [lines[-1][:-10] + ("A" if lines[-1][-10] != "A" else "B") + lines[-1][-9:]]) + "\n")
    receipt_verify(path, policy, expect=4)
    for bad in ("", "quorum none\nquorum none\n", policy.read_text() + "getuige x\n"):
        path.write_text(bad)
        receipt_verify(receipt, path, expect=2)


def test(folder):
    with House(folder, settings={"checkpoint_interval_s": 1}) as house:
        scene = Scene(house)
        for node in (scene.om, scene.politie):
            node.run("node", "sync")
        listed = wait_for(lambda: len((seen := house.run("audit", "witness").json)["witnesses"]) == 2 and seen, "both nodes are witnesses")
        equal(listed["fork"], None, "a house that nobody contradicted")
        scene.witnesses = [w["node"] for w in listed["witnesses"]]
        vkeys = [w["vkey"] for w in listed["witnesses"]]
        own = scene.om.run("audit", "witness").json
        check(own["vkey"] in vkeys and own["size"] > 0 and not own["stopped"], "what the node says of itself", own)
        check(own["vkey"].startswith(f'{own["node"]}.zvh.example/log-1+'), "the name of a witness's key", own)
        policy = folder / "beleid"
        policy.write_text(house.run("audit", "witness", "--policy", json=False).out)
        equal(scene.politie.run("audit", "witness", "--policy", json=False).out, policy.read_text(), "the policy a node prints")
        check(re.search(r"^group partners 2 ", policy.read_text(), re.M), "more than half of two is two:", policy.read_text())

        receipt = receipts_gather(scene, policy)
        second_implementation(scene, receipt, vkeys)
        one_below(scene, receipt, policy)

        head = house.run("audit", "checkpoint", "--witnessed").json["checkpoint"].encode()
        for vkey in vkeys:
            note.cosigned(head, vkey)
        (folder / "kop").write_bytes(head)
        go = go_checker(folder)
        for vkey in vkeys:
            run(go, "cosigned", house.dir / "log.vkey", vkey, folder / "kop")
        (folder / "kop").write_bytes(spoilt(head))
        run(go, "cosigned", house.dir / "log.vkey", next(v for v in vkeys if last_name(head) == v.split("+")[0]), folder / "kop", expect=1)
        house.run("audit", "export", "--tiles", folder / "log", "--witnessed")
        report = run(program("knooppunt"), "audit", "verify", folder / "log", "--policy", policy, "--json").json
        equal((report["ok"], report["cosigned"]), (True, 2), "the export under the policy")
        equal(house.run("audit", "verify", "--policy", policy).json["ok"], True, "the running house under the policy")
        third = folder / "strenger"
        dji = house.join("dji")
        third.write_text(policy.read_text().replace("quorum partners", "witness dji-getuige " +
                         dji.run("audit", "witness").json["vkey"] + "\ngroup alle all partners dji-getuige\nquorum alle"))
        said = run(program("knooppunt"), "audit", "verify", folder / "log", "--policy", third, "--json", expect=4).json
        check("dji-getuige" in said["error"]["text"], "it is not said who is missing:", said)

        # What was gathered outlives a restart, and a restart waits for the witnesses no longer than it was told.
        house.restart()
        for vkey in vkeys:
            note.cosigned(house.run("audit", "checkpoint", "--witnessed").json["checkpoint"].encode(), vkey)
        equal(len(house.run("audit", "witness").json["witnesses"]) >= 2, True, "witnesses after a restart")
        scene.ask()
        found = {c["check"]: c for c in house.run("doctor").json["checks"]}
        equal(found["witnesses"]["verdict"], "ok", "doctor")


main(test)
