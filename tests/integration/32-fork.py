#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 240
"""Goal: no node accepts two histories. Two brokers run on copies of one house: the third node that meets both stops, with evidence; the
broker it told stops too. A broker that was set back, keeper and all, is caught by the first node that comes back to it."""
import os
import shutil

import lib.wire as wire
from lib.basics import LONG, check, equal, main, program, run, wait_for
from lib.drenthe import House, Scene
from lib.peer import Peer

QUICK = {"checkpoint_interval_s": 1}


def grow(node, n):
    """Entries by a node, without its memory: it sends what can't be read."""
    with Peer(node) as peer:
        for _ in range(n):
            verb, _ = peer.answer(peer.send(wire.SUBMIT, os.urandom(40)), LONG * 1000)
            equal(wire.NAMES[verb], "RECEIPT", "the answer to an unreadable message")


def grow_to(house, node, size):
    grow(node, size - house.size())
    equal(house.size(), size, "entries")


def witnessed(node):
    return node.run("audit", "witness", expect=(0, 4)).json["size"]


def sync_to(node, size):
    def there():
        node.run("node", "sync")
        return witnessed(node) >= size
    wait_for(there, f"{node.organisation} has witnessed {size} entries")


def evidence(node):
    found = sorted(node.home.glob("evidence/fork-*"))
    equal(len(found), 1, "folders of evidence")
    return found[0]


def judge(folder, vkey, **options):
    return run(program("knooppunt"), "audit", "witness", "--evidence", folder, "--key", vkey, "--json", **options)


def stopped(node):
    """Nothing goes out or comes in any more."""
    equal(node.status(expect=4)["stopped"], True, "node status")
    check("evidence/fork-" in node.run("audit", "witness", expect=4).json["why"], "audit witness says where the evidence is")
    node.run("node", "sync", expect=4)
    node.run("serve", "--once", json=False, expect=4)
    check(any(c["verdict"] == "wrong" and c["check"] == "log" for c in node.run("doctor", expect=1).json["checks"]), "doctor of the node")


def halted(house):
    fork = house.run("audit", "witness", expect=4).json["fork"]
    check("fork-shown" in house.log(), "the log of knooppuntd does not say it")
    found = {c["check"]: c["verdict"] for c in house.run("doctor", expect=1).json["checks"]}
    equal(found["witnesses"], "wrong", "doctor of the house")
    return fork


def two_brokers(folder, house, scene, dji):
    for node in (scene.om, scene.politie, dji):
        node.run("node", "sync")  # mandates are in
    house.stop()
    with House.copy(house, folder / "kopie") as copy:
        copy.start()
        house.start()
        scene.om.turn_to(copy)
        base = house.size()
        equal(copy.size(), base, "both begin with one history")
        sizes = base + 5 + base % 2, base + 12  # the first is odd: what a proof shows of such a head is enough for anyone
        grow_to(house, scene.politie, sizes[0])
        grow_to(copy, scene.om, sizes[1])
        sync_to(scene.politie, sizes[0])
        sync_to(scene.om, sizes[1])

        # The third meets both. It believes the one it met first, and has no further word with the other.
        sync_to(dji, sizes[0])
        dji.turn_to(copy)
        said = dji.run("node", "sync", expect=4).json["error"]
        equal((said["side"], said["stage"]), ("house", "fork"), "the error")
        stopped(dji)
        equal(judge(evidence(dji), house.vkey).json["verdict"], "fork", "the evidence, to who has nothing else")
        judge(evidence(dji), run_key(folder), expect=4)
        equal(witnessed(dji), sizes[0], "what the third node vouches for")
        dji.turn_to(house)
        stopped(dji)  # also towards the other, until a person has looked

        # The copy was told: it has stopped, with both heads, and stays so. Its own node gets no word in.
        fork = wait_for(lambda: copy.run("audit", "witness", expect=None).json["fork"], "the copy was told")
        equal(fork["shown"].split("\n")[1], str(sizes[0]), "the head that was shown")
        halted(copy)
        equal(copy.size(), sizes[1], "heads signed after that")
        refused = scene.om.run("casus", "notify", "--overleg", "veelplegersoverleg", "--regime", "OVERIG", "--grondslag", "Wpg 20",
                               "--doel", "veelplegers", "--timeout", "2", expect=5)
        check("AUDIT_NIET_BESCHIKBAAR" in str(refused) or "no answer" in str(refused), "why the copy takes nothing", str(refused))
        copy.restart()
        halted(copy)
        copy.run("audit", "witness", "--save", folder / "bewijs")
        equal(judge(folder / "bewijs", house.vkey).json["verdict"], "fork", "the evidence of the house")
        equal(house.run("audit", "witness").json["fork"], None, "the house that did not contradict itself")

    dji.run("audit", "witness", "--clear")
    dji.run("audit", "witness", "--clear", expect=6)
    sync_to(dji, sizes[0])
    # Who met the copy first is lost to the original in the same way.
    scene.om.turn_to(house)
    scene.om.run("node", "sync", expect=4)
    halted(house)


def run_key(folder):
    """Another log's public key."""
    other = folder / "ander"
    if not other.exists():
        other.mkdir()
        with House(other, start=False) as elsewhere:
            return elsewhere.vkey
    return (other / "huis" / "log.vkey").read_text().strip()


def set_back(folder):
    folder.mkdir()
    with House(folder, settings=QUICK) as house:
        politie = house.join("politie")
        sync_to(politie, house.size())
        house.stop()
        old = folder / "oud"
        for part in ("data", "keeper"):
            shutil.copytree(house.dir / part, old / part)
        house.start()
        politie.run("mandate", "grant", "mdw-2")
        sync_to(politie, house.size())
        size = house.size()
        house.stop()
        new = folder / "nieuw"
        for part in ("data", "keeper"):
            shutil.move(house.dir / part, new / part)
            shutil.copytree(old / part, house.dir / part)
        house.start()
        before = house.size()
        check(before < size, "the house was not set back")
        politie.run("mandate", "grant", "mdw-3", expect=4)  # before the message leaves, the house must prove its log
        stopped(politie)
        fork = halted(house)
        equal(fork["shown"].split("\n")[1], str(size), "the head that was shown")
        equal(house.size(), before, "heads signed by a house that was set back")
        equal(judge(evidence(politie), house.vkey, expect=6).json["verdict"], "unproven", "a log that became shorter")

        house.stop()
        for part in ("data", "keeper"):
            shutil.rmtree(house.dir / part)
            shutil.move(new / part, house.dir / part)
        house.start()
        equal(house.run("audit", "witness").json["fork"], None, "with the newest state in place")
        politie.run("audit", "witness", "--clear")
        politie.run("node", "sync")
        politie.run("mandate", "grant", "mdw-4")
        check(house.size() > size, "the house goes on")


def test(folder):
    set_back(folder / "terug")
    with House(folder, settings=QUICK) as house:
        scene = Scene(house, "dji")
        two_brokers(folder, house, scene, scene.others[0])


main(test)
