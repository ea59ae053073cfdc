#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 180
"""Goal: who attacks the transport gets nowhere, and an honest exchange goes on meanwhile.

A 100 MB frame, random bytes, half-open connections, an unknown key, squatted routing ids, a flood, malformed frames, chosen by a
stranger or by an admitted node: refused, without an entry where there is nobody to keep a log about, with memory bounded."""
import os
import re
import socket
import threading

import zmq

import lib.wire as wire
from lib.basics import LONG, SLOW, check, equal, main, wait_for
from lib.drenthe import House, Scene, answers, csv_of
from lib.peer import Line, Peer, z85_key


class Honest(threading.Thread):
    """Asks and wants its answers while others attack."""

    def __init__(self, scene):
        super().__init__()
        self.scene, self.ending, self.n, self.trouble = scene, threading.Event(), 0, None

    def run(self):
        try:
            while not self.ending.is_set():
                answered = answers(self.scene.ask("--wait", str(LONG)))
                equal(answered, {"politie-noord-nederland": ("GEGEVENS", {"woonsituatie.onderdak": "rustig"})}, "the honest answer")
                self.n += 1
        except Exception as e:  # told by end()
            self.trouble = e

    def end(self):
        before = self.n
        wait_for(lambda: self.trouble or self.n > before, "one more honest exchange after all attacks")
        self.ending.set()
        self.join()
        if self.trouble:
            raise self.trouble


def peak_kib(pid):
    return int(re.search(r"^VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read(), re.M)[1])


def closed(connection):
    """Whether the other side ended it, within the bound."""
    connection.settimeout(LONG)
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def raw(house):
    host, port = house.endpoint.removeprefix("tcp://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=LONG)


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(15) + b"\x00" + bytes(31)


def random_bytes(house):
    for n in (1, 64, 1000, 70000):
        with raw(house) as connection:
            try:
                connection.sendall(os.urandom(n))
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it hung up already
            closed(connection)


def half_open(house):
    """Connections that say nothing more are ended by the house; 100 MB announced in a handshake too."""
    silent, greeted, huge = raw(house), raw(house), raw(house)
    greeted.sendall(GREETING)
    huge.sendall(GREETING + b"\x06" + (100 << 20).to_bytes(8, "big") + b"\x05HELLO")
    for connection in (silent, greeted, huge):
        check(closed(connection), "a half-open connection is kept")
        connection.close()


def unknown_key(house, politie):
    keys = zmq.curve_keypair()
    server = z85_key(bytes.fromhex(fields_of(politie)["transport"]))
    with Line(house.endpoint, server, keys) as stranger:
        equal(stranger.event(zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_SUCCEEDED), zmq.EVENT_HANDSHAKE_FAILED_AUTH,
              "a stranger's handshake")
    wait_for(lambda: "unknown-key" in house.log(), "the stranger is in the operational log")
    # No mechanism at all.
    plain = zmq.Context().socket(zmq.DEALER)
    plain.linger = 0
    plain.connect(house.endpoint)
    plain.send(wire.frame(wire.PING, 1))
    equal(plain.poll(300), 0, "what a plaintext client is told")
    plain.close()


def fields_of(node):
    text = (node.home / "node.yaml").read_text()
    return {k: v.strip().strip('"') for k, v in re.findall(r"^(\w+): *(.*)$", text, re.M)}


def huge_frame(node):
    with Peer(node) as peer:
        peer.ask(wire.PING)
        peer.socket.send(wire.frame(wire.SUBMIT, 1) + bytes(100 << 20))
        peer.event(zmq.EVENT_DISCONNECTED, wait_ms=LONG * 1000)


def malformed_frames(node):
    with Peer(node) as peer:
        for bad in (b"", b"\x01", os.urandom(11), b"\x02" + wire.frame(wire.PING, 7)[1:], wire.frame(99, 7), wire.frame(wire.PING, 7, b"x"),
                    wire.frame(wire.RECEIPT, 7, b"x"), wire.frame(wire.CREDIT, 7, b"x"), b"\x01\x05\x00\x01" + bytes(8)):
            peer.socket.send(bad)
        peer.socket.send_multipart([wire.frame(wire.PING, 7), b"more", b"and more"])
        peer.socket.send_multipart([b"", wire.frame(wire.PING, 7)])
        equal(peer.answer(peer.send(wire.PING, correlation=4711))[0], wire.PONG, "the answer to an honest PING on the same connection")
        check(not [f for f in peer.kept if f[0] != wire.TROUBLE], "malformed frames were answered with more than TROUBLE:", peer.kept)


def squatters(house, politie, om):
    """A routing id is nobody's: two that want the same, or one like libzmq's own, harm nobody."""
    with Peer(om) as before:
        before.ask(wire.PING)
        with Peer(politie, routing_id=b"om") as one, Peer(politie, routing_id=b"om") as two, \
             Peer(politie, routing_id=b"\x01\x00\x00\x00\x01") as three:
            for peer in (one, two, three):
                peer.socket.sndtimeo = 0
                try:
                    peer.send(wire.PING)
                except zmq.Again:
                    pass
            before.ask(wire.PING)
            with Peer(om) as after:
                after.ask(wire.PING)


def flood(om, politie):
    """One node floods; it is told TE_SNEL and another is served at once."""
    with Peer(politie) as flooder, Peer(om) as other:
        other.ask(wire.PING)
        seen = set()

        def told():  # at most once a second
            for _ in range(4000):
                flooder.send(wire.PING)
            other.ask(wire.PING, wait_ms=3000 * SLOW)
            while frame := flooder.receive(100):
                if frame[0] == wire.TROUBLE:
                    seen.add(wire.decode(wire.TROUBLE_BODY, frame[2])["code"])
            return "TE_SNEL" in seen

        wait_for(told, "a flood is told TE_SNEL")


def many_lines(om, politie):
    """One key with more connections than a session table has room for pushes out only its own."""
    with Peer(om) as other:
        other.ask(wire.PING)
        lines = [Peer(politie) for _ in range(40)]
        for line in lines:
            line.ask(wire.PING)
        for line in lines:
            line.close()
        other.ask(wire.PING)


def test(folder):
    with House(folder, settings={"handshake_ms": 1000 * SLOW, "rate_per_node": 400, "rate_burst": 400}) as house:
        scene = Scene(house, "reclassering-nederland")
        scene.politie.serve(csv_of("rustig"))
        enemy = scene.others[0]  # an admitted node gone bad
        gate = house.pid("gate")
        roles = {role: house.pid(role) for role in ("gate", "core", "keeper")}
        honest = Honest(scene)
        honest.start()
        try:
            random_bytes(house)
            half_open(house)
            unknown_key(house, scene.politie)
            huge_frame(enemy)
            malformed_frames(enemy)
            squatters(house, enemy, scene.om)
            flood(scene.om, enemy)
            many_lines(scene.om, enemy)
        finally:
            honest.end()
        equal({role: house.pid(role) for role in roles}, roles, "processes after the attacks")
        check(peak_kib(gate) < 300 * 1024 * SLOW, f"the gate grew to {peak_kib(gate)} KiB")
        report = house.verify()
        equal(report["ok"], True, "the log verifies")
        equal(report["by_code"].get("SCHEMA_ONGELDIG", 0), 0, "entries about frames that are no messages")


main(test)
