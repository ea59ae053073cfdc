#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 180
"""Goal: a question for a partner that is away waits, also through a restart of the house, and is delivered when it comes.

What a partner took and did not acknowledge comes again; what its system died over is never handled twice and never forgotten."""
import os
import random
import select

from lib.basics import check, equal, main, wait_for
from lib.drenthe import POLITIE, House, Scene, answers, csv_of
from lib.peer import Peer
import lib.wire as wire


def rungs(scene, message):
    return [r["name"] for r in scene.om.run("ladder", message).json]


def waits_and_comes(house, scene):
    asked = [scene.ask().json["questions"][0]["message_id"] for _ in range(3)]
    equal(rungs(scene, asked[0]), ["AANVAARD"], "the ladder while the partner is away")
    house.restart()
    equal(rungs(scene, asked[0]), ["AANVAARD"], "the ladder after a restart")
    server = scene.politie.serve(csv_of("bekend"))
    wait_for(lambda: server.handled() == asked, "the questions come, in their order")
    wait_for(lambda: "BEANTWOORD" in rungs(scene, asked[2]), "the answer is with the house")
    check({"AANVAARD", "AFGELEVERD"} <= set(rungs(scene, asked[0])), "the ladder", rungs(scene, asked[0]))
    scene.om.run("inbox")
    wait_for(lambda: [m for m in scene.om.inbox() if m["kind"] == "antwoord" and m["in_reply_to"] == asked[2]], "the answer came back")
    server.end()
    house.servers.remove(server)


def taken_and_dropped(scene):
    """A node that takes a delivery and dies before it acknowledged gets it again; after the acknowledgement it does not."""
    asked = scene.ask().json["questions"][0]["message_id"].replace("-", "")
    for turn in range(3):
        with Peer(scene.politie) as peer:
            peer.credit(5)
            delivery = peer.delivery()
            check(delivery, f"no delivery at turn {turn}")
            _, header, _ = peer.open(delivery["envelope"], delivery["mandate"])
            equal(header["message_id"].hex(), asked, "the message delivered")
            if turn == 2:
                receipt = peer.submit(peer.acknowledge(header["message_id"]))
                equal((receipt["kind"], receipt["code"]), ("AFGELEVERD", "TOEGESTAAN"), "receipt of the acknowledgement")
                equal(peer.submit(peer.acknowledge(header["message_id"])), "al-ontvangen", "the same acknowledgement again")
    with Peer(scene.politie) as peer:
        peer.credit(5)
        peer.ask(wire.PING)
        equal(peer.delivery(300), None, "delivered again after the acknowledgement")


def dies_again_and_again(scene, chance):
    """serve is killed at random moments while questions come in."""
    asked = []
    server = scene.politie.serve(csv_of("bekend"))
    for _ in range(6):
        asked += [scene.ask().json["questions"][0]["message_id"] for _ in range(2)]
        select.select([], [], [], chance.random() * 0.15)  # anywhere between delivery and answer
        server.kill()
        scene.house.servers.remove(server)
        server = scene.politie.serve()
    last = scene.ask("--wait", "30")
    equal(answers(last)[POLITIE][0], "GEGEVENS", "served again at the end")
    asked.append(last.json["questions"][0]["message_id"])

    def settled():
        states = {m["message_id"]: m["state"] for m in scene.politie.inbox("--offline") if m["message_id"] in asked}
        return len(states) == len(asked) and not {"new", "handling"} & set(states.values()) and states

    states = wait_for(settled, "every question is done or shown as interrupted")
    handled = [m for m in server.handled() if m in asked]
    equal(len(handled), len(set(handled)), "messages that a handler saw, counted twice and once")
    done = {m for m, state in states.items() if state == "done"}
    check(done <= set(handled), "done without a handler:", done - set(handled))
    print(f"{len(asked)} asked, {len(done)} answered, {len(asked) - len(done)} interrupted and shown", flush=True)
    # A person hands an interrupted one in again: that, and nothing else, runs the handler a second time.
    interrupted = [m for m, state in states.items() if state == "interrupted"]
    server.end()
    scene.house.servers.remove(server)
    if interrupted:
        scene.politie.run("serve", "--handler", server.command, "--once", "--resume", interrupted[0])
        state = next(m["state"] for m in scene.politie.inbox("--offline") if m["message_id"] == interrupted[0])
        equal(state, "done", "an interrupted question, handed in again")


def test(folder):
    seed = int(os.environ.get("KNOOPPUNT_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}", flush=True)
    with House(folder) as house:
        scene = Scene(house)
        waits_and_comes(house, scene)
        taken_and_dropped(scene)
        # What the raw node took and acknowledged is not in the C node's inbox: it is settled for the house.
        (folder / "politie.handled").unlink()
        dies_again_and_again(scene, random.Random(seed))
        equal(house.verify()["ok"], True, "the log verifies")


main(test)
