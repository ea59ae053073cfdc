#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the overleg register in daily use: who sits at which overleg and when it meets, a question as the overleg asks it, a deadline
before the next meeting; a shorter one is not to be had from a partner than kader and convenant leave him."""
import datetime
import re

from lib.basics import check, equal, main, wait_for
from lib.drenthe import CONVENANT, DJI, NAZORG, NAZORG_BASIS, House

DAY = datetime.timedelta(days=1)
ANCHOR = datetime.date(2026, 1, 8)  # of the nazorg overleg in the example: each second thursday from then on


def meetings(start, n):
    day = max(start, ANCHOR)
    day += DAY * (-(day - ANCHOR).days % 14)
    return [str(day + 14 * i * DAY) for i in range(n)]


def received(node, asked):
    """The question as its partner reads it."""
    message = asked["questions"][0]["message_id"]
    wait_for(lambda: any(m["message_id"] == message for m in node.inbox()), "the question came")
    return node.run("read", message).json


def test(folder):
    with House(folder) as house:
        zvhd, dji = house.join("zvhd"), house.join("dji")
        house.agree(CONVENANT.read_text(), [zvhd, dji])
        subject = folder / "betrokkene.json"
        subject.write_text('{"naam": "J. Verzonnen"}')

        # Who sits where, and when.
        tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + DAY  # a meeting of today has begun
        listed = {o["overleg"]: o for o in zvhd.run("overleg", "list").json["overleggen"]}
        check(len(listed) >= 16, "overleggen", sorted(listed))
        equal(listed["nazorg"]["meetings"], meetings(tomorrow, 1), "the next meeting of nazorg")
        equal(listed["maatwerkoverleg"]["meetings"], [], "an overleg per casus has no days")
        shown = zvhd.run("overleg", "show", "nazorg", "--meetings", "4").json
        equal(shown["meetings"], meetings(tomorrow, 4), "the meetings of nazorg")
        equal((shown["regime"], shown["voorzitter"], NAZORG in shown["vaste"]), ("OVERIG", NAZORG, True), "nazorg")
        equal(sorted(t["template"] for t in shown["templates"]), ["basisvoorwaarden", "vrijlating"], "how nazorg asks")
        said = zvhd.run("overleg", "show", "nazorg", json=False).out
        check(re.search(rf"^bijeenkomsten +{meetings(tomorrow, 1)[0]}$", said, re.M) and "sjablonen" in said, "in words:", said)
        table = zvhd.run("overleg", "list", json=False).out
        check(re.search(rf"^nazorg +OVERIG +{NAZORG} +{meetings(tomorrow, 1)[0]} ", table, re.M), "the table:", table)
        equal(house.run("overleg", "show", "nazorg").json["meetings"], meetings(tomorrow, 3), "as the stewards see it")
        zvhd.run("overleg", "show", "borrel", expect=2)
        zvhd.run("overleg", "show", "nazorg", "--meetings", "1000", expect=2)

        # A question as the overleg asks it.
        casus = zvhd.run("casus", "notify", "--overleg", "nazorg", "--klasse", "nazorg", *NAZORG_BASIS, "--to", DJI).json["casus"]
        zvhd.run("consent", casus, "--given", "2026-01-02", *NAZORG_BASIS)
        ask = ["ask", "--casus", casus, "--to", DJI, "--subject", subject, *NAZORG_BASIS]
        for options, days in ((["--template", "basisvoorwaarden"], None), (["--template", "vrijlating"], 3)):
            asked = zvhd.run(*ask, *options).json
            question = received(dji, asked)
            want = next(t for t in shown["templates"] if t["template"] == options[1])
            equal(question["noodzaak"], want["noodzaak"], "noodzaak of the template")
            check(set(question["categories"]) <= set(want["categories"]) and question["categories"], "categories", question["categories"])
            equal(question["parts"][0]["content"], {"betrokkene": {"naam": "J. Verzonnen"}, "vraag": want["question"]}, "the question")
            deadline = datetime.datetime.fromtimestamp(question["deadline_unix_ms"] / 1000, datetime.timezone.utc)
            if days:
                check(abs(deadline - datetime.datetime.now(datetime.timezone.utc) - 3 * DAY) < DAY / 24, "three days:", deadline)
            else:  # the first meeting that leaves a day
                equal(str(deadline), meetings(tomorrow + DAY, 1)[0] + " 00:00:00+00:00", "before the next meeting")
        # What is said on the line goes before what the template says.
        own = zvhd.run(*ask, "--template", "vrijlating", "--category", "woonsituatie.onderdak", "--noodzaak", "eigen reden", "--question", "waar?",
                       "--deadline", "overleg").json
        question = received(dji, own)
        equal((question["noodzaak"], question["categories"], question["parts"][0]["content"]["vraag"]),
              ("eigen reden", ["woonsituatie.onderdak"], "waar?"), "own words")
        equal(question["deadline_unix_ms"] % 86400000, 0, "the start of the day of the meeting")
        # A deadline before the next meeting of the overleg of the casus, without a template.
        plain = zvhd.run(*ask, "--category", "justitieel.detentieverloop", "--noodzaak", "terugkeer", "--deadline", "overleg").json
        equal(received(dji, plain)["deadline_unix_ms"], question["deadline_unix_ms"], "the same meeting")
        zvhd.run(*ask, "--template", "zomaar", expect=2)
        zvhd.run(*ask, "--template", "vrijlating", "--overleg", "ketenkamer", expect=2)
        zvhd.run(*ask, "--category", "woonsituatie", "--noodzaak", "x", "--deadline", "gauw", expect=2)
        zvhd.run(*ask, "--category", "woonsituatie", "--noodzaak", "x", "--overleg", "maatwerkoverleg", "--deadline", "overleg", expect=2)


main(test)
