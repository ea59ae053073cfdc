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
from lib.drenthe import House, Scene, csv_of
from lib.house import ROLES


class Stream(threading.Thread):
    """Asks one question after the other, whatever happens to the house."""

    def __init__(self, scene):
        super().__init__()
        self.scene, self.ending, self.trouble = scene, threading.Event(), None
        self.asked, self.receipts, self.unanswered = [], [], 0

    def run(self):
        try:
            while not self.ending.is_set():
                result = self.scene.ask("--timeout", "1", expect=(0, 5))
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
        server = scene.politie.serve(csv_of("bekend"))
        stream = Stream(scene)
        stream.start()
        try:
            wait_for(lambda: stream.trouble or len(stream.receipts) >= 2, "the stream runs")
            for role in chance.sample(ROLES, 4) + [chance.choice(ROLES)]:
                at = len(stream.asked) + chance.randrange(3)
                wait_for(lambda: stream.trouble or len(stream.asked) >= at, "the stream goes on")
                select.select([], [], [], chance.random() * 0.05)  # anywhere within a question's way
                print(f"kill {role} after {len(stream.asked)} questions", flush=True)
                house.kill(role)
                house.start()
                receipts = len(stream.receipts)
                wait_for(lambda: stream.trouble or len(stream.receipts) > receipts, f"receipts again after the end of the {role}")
        finally:
            stream.end()
        wait_for(lambda: scene.om.run("node", "sync").json["outbox"] == 0, "the outbox is empty")
        missing = lambda: set(stream.asked) - set(server.handled())
        try:
            wait_for(lambda: not missing(), "every question reached the handler")
        finally:
            print(f"{len(stream.asked)} asked, {len(stream.receipts)} with a receipt at once, {stream.unanswered} left in the outbox, "
                  f"not handled: {sorted(missing())}", flush=True)
        handled = server.handled()
        equal(len(handled), len(set(handled)), "messages that a handler saw, counted twice and once")
        wait_for(lambda: scene.politie.run("node", "sync").json["outbox"] == 0, "every answer is with the house")

        report = house.verify()
        equal(report["ok"], True, "the log verifies")
        leaves = entries(house.base / "export")
        equal(len(leaves), report["size"], "leaves in the export")
        for index, receipt in stream.receipts:
            check(leaves[index] == entry_of(receipt), f"entry {index} is not the one of its receipt")


main(test)
