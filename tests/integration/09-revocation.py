#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the stewards take a node out of the register: from that moment it is deaf and mute, without a restart, open connection or not,
and the others go on. One steward can't. A mandate that ends ends at its minute."""
import datetime
import hashlib
import re

import zmq

import lib.note as note
import lib.wire as wire
from lib.basics import SLOW, check, equal, main, wait_for
from lib.drenthe import House, Scene, csv_of
from lib.house import STEWARDS
from lib.peer import Peer


def without_node(text, node):
    """The next version of a register text, that node taken out."""
    row = re.compile(rf'^  - node: "{node}"\n(?:    .*\n)*', re.M)
    check(row.search(text), f"no node {node} in the register")
    number = int(re.search(r"^volgnummer: (\d+)$", text, re.M)[1])
    after = row.sub("", text)
    after = re.sub(r"^volgnummer: \d+$", f"volgnummer: {number + 1}", after, flags=re.M)
    return re.sub(r'^vorige: "[0-9a-f]{64}"$', f'vorige: "{hashlib.sha256(text.encode()).hexdigest()}"', after, flags=re.M)


def revoke(house, node):
    path = house.base / "register.yaml"
    signed = house.base / "register.yaml.note"
    path.write_text(without_node(note.text_of((house.dir / "rules" / "register.note").read_bytes()).decode(), node))
    house.run("convenant", "sign", path, "--key", house.dir / "stewards" / f"{STEWARDS[0]}.key")
    house.run("convenant", "publish", signed, expect=1)
    house.run("convenant", "sign", signed, "--key", house.dir / "stewards" / f"{STEWARDS[1]}.key")
    house.run("convenant", "publish", signed)
    house.run("convenant", "publish", signed, expect=(0, 1))


def soon(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def test(folder):
    with House(folder) as house:
        scene = Scene(house, "reclassering-nederland")
        scene.others[0].serve(csv_of("bekend"))
        scene.ask("--wait", "30", to=["reclassering-3ro"])

        # A mandate until a moment in the near future.
        scene.om.run("mandate", "grant", "mdw-2", "--role", "medewerker", "--until", soon(2 * SLOW))
        equal(scene.ask("--person", "mdw-2").status, 0, "asked under the mandate")

        def expired():
            result = scene.ask("--person", "mdw-2", expect=(0, 3, 2))
            return result.status and result

        last = wait_for(expired, "the mandate ends")
        if last.status == 3:
            equal(last.json["questions"][0]["outcome"], "MEDEWERKER_NIET_GEAUTORISEERD", "asked after the mandate's end")
        scene.ask("--person", "mdw-1")

        pid = house.pid("core")
        with Peer(scene.politie) as peer:
            equal(peer.ask(wire.PING)[0], wire.PONG, "the node before")
            peer.credit(10)
            revoke(house, "politie")
            wait_for(lambda: silent(peer), "the open connection is deaf")
        with Peer(scene.politie) as again:
            equal(again.event(zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_SUCCEEDED), zmq.EVENT_HANDSHAKE_FAILED_AUTH,
                  "a new connection of a revoked node")
        refused = scene.politie.run("node", "status", "--timeout", "2", expect=None)
        check(refused.status == 5 or not refused.json["admitted"], "the node holds itself admitted", str(refused))
        scene.ask("--wait", "30", to=["reclassering-3ro"])
        equal(house.pid("core"), pid, "restarted")
        house.restart()
        scene.ask("--wait", "30", to=["reclassering-3ro"])
        with Peer(scene.politie) as again:
            equal(again.event(zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_SUCCEEDED), zmq.EVENT_HANDSHAKE_FAILED_AUTH,
                  "a revoked node after a restart")
        equal(house.verify()["ok"], True, "the log verifies")


def silent(peer):
    """Whether a PING stays without a PONG; a node that is revoked may be told so or cut off."""
    try:
        peer.socket.sndtimeo = 100
        correlation = peer.send(wire.PING)
    except zmq.Again:
        return True
    frame = peer.receive(300)
    return frame is None or frame[0] != wire.PONG or frame[1] != correlation


main(test)
