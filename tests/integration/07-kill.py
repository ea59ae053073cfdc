#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 240
"""Goal: kill -9 of any of the four processes at any moment, under a running stream of questions: after a restart no acknowledged
message is lost, none reaches the handler twice, every receipt's entry is in the log, and the log verifies.

The moments come from a seed, which is printed; KNOOPPUNT_SEED repeats them."""
import base64
import os
import random
import select
import struct
import threading

from lib.basics import LONG, check, equal, main, wait_for
from lib.drenthe import OM, POLITIE, House, Scene, csv_of
from lib.house import ROLES


class Stream(threading.Thread):
    """Asks one question after the other, whatever happens to the house."""

    def __init__(self, scene, node, to, server):
        super().__init__()
        self.scene, self.node, self.to, self.server = scene, node, to, server
        self.category = "woonsituatie.onderdak"
        self.ending, self.trouble = threading.Event(), None
        self.asked, self.receipts, self.unanswered = [], [], 0

    def run(self):
        try:
            while not self.ending.is_set():
                result = self.scene.ask("--regime", "OVERIG", "--timeout", "1", node=self.node, to=[self.to],
                                        category=self.category, expect=(0, 5))
                for question in result.json.get("questions", []):
                    self.asked.append(question["message_id"])
                    if "receipt" in question:
                        self.receipts.append((question["index"], question["receipt"]))
                self.unanswered += result.status == 5
        except Exception as e:  # told by end()
            self.trouble = e

    def end(self):
        self.ending.set()
        self.join()
        if self.trouble:
            raise self.trouble

    def settle(self):
        """All that was asked reaches the handler, once."""
        wait_for(lambda: self.node.run("node", "sync").json["outbox"] == 0, "the outbox is empty")
        try:
            wait_for(lambda: set(self.asked) <= set(self.server.handled()), "every question reached the handler")
        finally:
            print(f"{self.node.organisation}: {len(self.asked)} asked, {len(self.receipts)} with a receipt at once, {self.unanswered} left "
                  f"in the outbox, not handled: {sorted(set(self.asked) - set(self.server.handled()))}", flush=True)
        handled = self.server.handled()
        equal(len(handled), len(set(handled)), "messages that a handler saw, counted twice and once")
        wait_for(lambda: self.server.node.run("node", "sync").json["outbox"] == 0, "every answer is with the house")


def entry_of(receipt):
    extra = base64.b64decode(next(line for line in receipt.split("\n") if line.startswith("extra "))[6:])
    statement = struct.unpack(">H", extra[33:35])[0]
    return extra[37 + statement:]


def entries(export):
    """All leaves of an export, in order."""
    out = []
    names = {}
    for path in (export / "tile" / "entries").rglob("*"):
        if path.is_file():
            relative = str(path.relative_to(export / "tile" / "entries"))
            number = int(relative.split(".p")[0].replace("/", "").replace("x", ""))
            if number not in names or ".p" not in relative:
                names[number] = path
    for number in sorted(names):
        data = names[number].read_bytes()
        while data:
            n = struct.unpack(">H", data[:2])[0]
            out.append(data[2:2 + n])
            data = data[2 + n:]
    return out


def test(folder):
    seed = int(os.environ.get("KNOOPPUNT_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)
    with House(folder) as house:
        scene = Scene(house)
        streams = [Stream(scene, scene.om, POLITIE, scene.politie.serve(csv_of("bekend"))),
                   Stream(scene, scene.politie, OM, scene.om.serve(csv_of("bekend", category="justitieel.strafvorderlijk")))]
        streams[1].category = "justitieel.strafvorderlijk"
        for stream in streams:
            stream.start()
        try:
            for turn, role in enumerate(chance.sample(2 * ROLES, 2 * len(ROLES))):
                chosen = chance.choice(streams)
                at = len(chosen.asked) + chance.randrange(1, 3)
                wait_for(lambda: chosen.trouble or len(chosen.asked) >= at, "the stream goes on")
                select.select([], [], [], chance.random() * 0.05)  # anywhere within a question's way
                print(f"kill {role} after {[len(s.asked) for s in streams]} questions", flush=True)
                house.kill(role)
                if turn == 3:  # away for so long that a question is left in the outbox
                    left = chosen.unanswered
                    wait_for(lambda: chosen.trouble or chosen.unanswered > left, "a question goes to the outbox")
                house.start()
                receipts = len(chosen.receipts)
                wait_for(lambda: chosen.trouble or len(chosen.receipts) > receipts, f"receipts again after the end of the {role}")
        finally:
            for stream in streams:
                stream.end()
        for stream in streams:
            stream.settle()

        report = house.verify()
        equal(report["ok"], True, "the log verifies")
        leaves = entries(house.base / "export")
        equal(len(leaves), report["size"], "leaves in the export")
        for index, receipt in streams[0].receipts + streams[1].receipts:
            check(leaves[index] == entry_of(receipt), f"entry {index} is not the one of its receipt")


main(test)
