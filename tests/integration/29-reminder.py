#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a day before its deadline the partner is reminded of a question that waits: it says so where the partner looks first, and the
asker sees that it was done. What is urgent for one node stands at the top, and only what waits for it."""
import datetime

from lib.basics import SLOW, check, equal, main, wait_for
from lib.drenthe import POLITIE, House, Scene


def at(**later):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**later)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def test(folder):
    with House(folder) as house:
        scene = Scene(house)
        late = scene.ask("--deadline", at(days=10)).json["questions"][0]["message_id"]
        soon = scene.ask("--deadline", at(days=1, seconds=8 * SLOW)).json["questions"][0]["message_id"]
        declined = scene.ask("--deadline", at(days=2)).json["questions"][0]["message_id"]

        def waiting():
            return scene.politie.inbox("--open", "--offline")

        wait_for(lambda: len(scene.politie.inbox("--open")) == 3, "the questions")
        scene.politie.run("decline", declined)
        equal([m["message_id"] for m in waiting()], [soon, late], "what waits, most urgent first")
        check(not any(m.get("reminded") for m in waiting()), "reminded too early")

        server = scene.politie.serve(handler="false", kind="correctie")  # stays connected, and is given no question
        reminded = wait_for(lambda: [m["message_id"] for m in waiting() if m.get("reminded")], "a reminder")
        equal(reminded, [soon], "what the partner is reminded of")
        server.end()
        equal([m["state"] for m in waiting()], ["new", "new"], "what a handler for other kinds made of the questions")
        rungs = {r["name"]: r for r in scene.om.run("ladder", soon).json}
        equal(rungs["HERINNERD"]["hoedanigheid"], POLITIE, "who was reminded, as the asker sees it")
        check("TERMIJN" not in rungs, "a reminder is no deadline:", rungs)


if __name__ == "__main__":
    main(test)
