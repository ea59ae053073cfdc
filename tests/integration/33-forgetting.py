#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the keys of a house stand apart from its data and are never set back unseen; what ends at the house ends at its nodes."""
import shutil

from lib.basics import check, equal, main, program, run
from lib.drenthe import POLITIE, VEELPLEGERS, House, Scene


def fails(house, *words):
    said = run(program("knooppuntd"), "--config", house.config, *words, expect=None)
    check(said.status != 0, "starts all the same:", str(said))
    return said.out + said.err


def keys_stand_apart(house):
    """Lost, or of another day: the house says which file, and does not start."""
    store = house.dir / "keys" / "store.slots"
    equal(store.stat().st_mode & 0o777, 0o600, "mode of the key store")
    house.stop()
    newest = store.read_bytes()
    check(not any(newest[4096 + 24:4096 + 96] in f.read_bytes() for f in (house.dir / "data").rglob("*") if f.is_file()),
          "a wrapped key in the data folder")
    store.unlink()
    check("key_store: " in fails(house, "--check"), "a lost key store is not named")
    store.write_bytes(newest[:4096] + bytes(len(newest) - 4096))
    store.chmod(0o600)
    check("key_store lacks" in fails(house), "an emptied key store is not named")
    store.write_bytes(newest)
    house.start()


def gone_at_the_node(scene):
    """Who is released from a casus keeps nothing of it here: not the messages, and not the key they lay under."""
    om, politie = scene.om, scene.politie
    asked = scene.ask().json["questions"][0]["message_id"]
    check(asked in [m["message_id"] for m in politie.inbox()], "the question did not come")
    politie.run("answer", asked, "--kind", "NIET_BEKEND")
    state = politie.home / "state"
    before = (state / "casus.slots").read_bytes()
    om.run("casus", "involve", scene.casus, "--release", POLITIE, *VEELPLEGERS)
    politie.inbox()  # what tells of it waits there until it is read
    for message in politie.inbox("--offline", "--new"):
        politie.run("read", message["message_id"])
    politie.run("node", "sync")
    equal(politie.inbox("--offline"), [], "the inbox of who left the casus")
    said = politie.run("inbox", "--offline", json=False).err
    check(scene.casus in said and "destroyed" in said, "inbox does not say what became of it:", said)
    doctor = {c["check"]: c for c in politie.run("doctor").json["checks"]}
    check("1 casussen" in doctor["destroyed"]["text"], "doctor on what was destroyed:", doctor["destroyed"])
    after = (state / "casus.slots").read_bytes()
    gone = [i for i in range(4096, len(before), 128) if any(before[i:i + 128]) and before[i + 24:i + 56] not in after]
    check(gone, "no key was overwritten")
    # The other side goes on.
    equal(om.run("casus", "show", scene.casus).json["casus"], scene.casus, "the casus of who stayed")
    check(any(m["kind"] == "antwoord" for m in om.inbox()), "the answer of who left is still the asker's")


def test(folder):
    with House(folder) as house:
        scene = Scene(house)
        gone_at_the_node(scene)
        keys_stand_apart(house)
        shutil.rmtree(scene.politie.home / "state")  # a node begins anew; its house knows it still
        scene.politie.run("node", "sync")


main(test)
