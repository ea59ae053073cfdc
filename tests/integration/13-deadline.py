#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a question that stays unanswered past its deadline is not silence but a fact: TERMIJN on its ladder, with a receipt; an
answer in time leaves none, also when the house was away at the deadline."""
import datetime
import re

import lib.note as note
from lib.basics import ROOT, SLOW, check, equal, main, wait_for
from lib.drenthe import POLITIE, House, Scene, answers, csv_of


def soon(seconds):
    """A moment as text and in unix milliseconds."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z", int(at.timestamp() * 1000)


def rungs(scene, message):
    return {r["name"]: r for r in scene.om.run("ladder", message).json}


def termijn(scene, message):
    """The rung, once the head that covers its entry is signed."""
    rung = rungs(scene, message).get("TERMIJN")
    return rung and rung["receipt"] and rung


def hasty(folder):
    """A kader in which an urgent question leaves no time at all: a test can't wait for an hour."""
    text = (ROOT / "convenant" / "kader" / "nl.yaml").read_text()
    path = folder / "haast.yaml"
    path.write_text(re.sub(r"(?ms)^(spoed:.*?minimaal-uren: )\d+", r"\g<1>0", text, count=1))
    return path


def test(folder):
    with House(folder, kader=hasty(folder)) as house:
        scene = Scene(house)
        passed = scene.ask("--deadline", "2020-01-01", expect=3).json["questions"][0]
        hasty_one = scene.ask("--deadline", soon(60)[0], expect=3).json["questions"][0]
        equal(hasty_one["outcome"], "SCHEMA_ONGELDIG", "a minute to answer, and no urgency")
        equal(passed["outcome"], "TERMIJN_VERSTREKEN", "a deadline in the past")

        deadline, deadline_ms = soon(2 * SLOW)
        asked = scene.ask("--urgent", "--deadline", deadline).json["questions"][0]["message_id"]
        rung = wait_for(lambda: termijn(scene, asked), "TERMIJN on the ladder, with its receipt")
        check(deadline_ms <= rung["unix_ms"] < deadline_ms + 5000 * SLOW, "the time of TERMIJN", rung["unix_ms"] - deadline_ms)
        receipt = note.receipt_open(rung["receipt"].encode(), house.vkey)
        equal((receipt["kind"], [(f[0], f[2]) for f in receipt["findings"]]), ("TERMIJN", [("TERMIJN_VERSTREKEN", POLITIE)]),
              "the receipt, which says who let the term pass")

        away = scene.ask("--urgent", "--deadline", soon(2 * SLOW)[0]).json["questions"][0]["message_id"]
        house.stop()
        house.start()
        wait_for(lambda: rungs(scene, away).get("TERMIJN"), "TERMIJN for a deadline around a restart")

        server = scene.politie.serve(csv_of("bekend"))
        in_time = scene.ask("--urgent", "--deadline", soon(60)[0], "--wait", "30")
        equal(answers(in_time)[POLITIE][0], "GEGEVENS", "an answer in time")
        names = rungs(scene, in_time.json["questions"][0]["message_id"])
        check("BEANTWOORD" in names and "TERMIJN" not in names, "the ladder of an answer in time", sorted(names))
        check(server.handled(), "the handler saw nothing")
        equal(house.verify()["by_kind"]["TERMIJN"], 2, "TERMIJN entries in the log")


main(test)
