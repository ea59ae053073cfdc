#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a partner joins with one file and one command; both sides see one phrase; two stewards admit, one is not enough.

A wrong phrase stops it; an invitation is good for one request; nobody is a node before the second signature."""
import re

from lib.basics import check, equal, main, wait_for
from lib.house import STEWARDS, House, Node


def test(folder):
    with House(folder) as house:
        politie, other = Node(house, "politie"), Node(house, "om")
        other.home = folder / "elders"
        invitation = house.invite("politie")
        phrase = politie.join(invitation, role="liaison", person="mdw-0421")
        check(re.fullmatch(r"\d{5}( \d{5}){3}", phrase), "phrase", phrase)
        equal(politie.join(invitation, role="liaison", person="mdw-0421"), phrase, "the phrase of the same request again")
        equal(politie.status()["admitted"], False, "admitted before anyone signed")

        joins = house.run("house", "joins").json
        equal([(j["organisation"], j["state"]) for j in joins], [("politie", "aangevraagd")], "join requests")
        shown = house.run("house", "admit", "politie", "--steward", STEWARDS[0], json=False, expect=2)
        check(phrase in shown.out, "the steward sees another phrase:", shown.out)
        house.admit("politie", "00000 00000 00000 00000", STEWARDS[0], expect=4)
        house.run("house", "admit", "om", "--steward", STEWARDS[0], "--yes", expect=(1, 6))

        # The invitation was used: whoever finds it can't come in with it.
        found = other.run("node", "join", invitation, "--person", "mdw-9", expect=None)
        check(found.status not in (0, None), "a used invitation is taken a second time", str(found))
        equal(len(house.run("house", "joins").json), 1, "join requests after the second try")

        equal(house.admit("politie", phrase, STEWARDS[0]).json["admitted"], False, "admitted by one steward")
        equal(house.admit("politie", phrase, STEWARDS[0]).json["admitted"], False, "admitted by one steward who signs twice")
        equal(politie.status()["admitted"], False, "the node holds itself admitted")
        size = house.size()
        equal(house.admit("politie", phrase, STEWARDS[1]).json["admitted"], True, "admitted by two stewards")
        wait_for(lambda: politie.status()["admitted"], "the node learns that it is admitted")
        check(house.size() > size, "the admission left no entry in the log")

        # Two requests at the same time: the register moves on under the second, which is signed anew.
        om, dji = Node(house, "om"), Node(house, "dji")
        phrases = {node.organisation: node.join(house.invite(node.organisation)) for node in (om, dji)}
        house.admit("om", phrases["om"], STEWARDS[0])
        house.admit("dji", phrases["dji"], STEWARDS[0])
        equal(house.admit("om", phrases["om"], STEWARDS[1]).json["admitted"], True, "om")
        equal(house.admit("dji", phrases["dji"], STEWARDS[1]).json["admitted"], False, "dji, on a register that moved on")
        equal(house.admit("dji", phrases["dji"], STEWARDS[0]).json["admitted"], True, "dji, signed anew by both")
        for node in (om, dji):
            wait_for(lambda: node.status()["admitted"], f"{node.organisation} is admitted")

        # What cannot be: an organisation that is not in the register, one that is a derde.
        house.run("house", "invite", "onbekend", "--steward", STEWARDS[0], expect=2)
        invited = house.run("house", "invite", "slachtofferhulp", "--steward", STEWARDS[0], json=False, expect=None)
        if invited.status == 0:
            path = folder / "derde.uitnodiging"
            path.write_text(invited.out)
            derde = Node(house, "slachtofferhulp")
            phrase = derde.join(path)
            for steward in STEWARDS:
                refused = house.admit("slachtofferhulp", phrase, steward, expect=None)
            check(refused.status != 0, "a derde was admitted as a node", str(refused))


main(test)
