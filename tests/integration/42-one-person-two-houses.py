#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: one liaison works in two houses with one key and a mandate in each; what he signs for one is refused by the other, and so is
the other's mandate."""
import time
import uuid

import lib.note as note
import lib.wire as wire
from lib.basics import check, equal, main, wait_for
from lib.drenthe import CONVENANT, DATA, OM, POLITIE, VEELPLEGERS, House
from lib.house import STEWARDS, Node
from lib.peer import Peer

PERSON = "mdw-0421"
NOTIFY = ["casus", "notify", "--as", OM, "--person", PERSON, "--overleg", "veelplegersoverleg", "--regime", "OVERIG", *VEELPLEGERS,
          "--to", POLITIE]


def join(house, organisation, *options):
    """As House.join(), with further options of node join."""
    node = Node(house, organisation)
    phrase = node.run("node", "join", house.invite(organisation), "--person", PERSON, *options).json["phrase"]
    for steward in STEWARDS:
        house.admit(organisation, phrase, steward)
    wait_for(lambda: node.status()["admitted"], f"{organisation} is admitted")
    house.nodes[organisation] = node
    return node


def mandate(node):
    return (node.home / "mandates" / f"{PERSON}.note").read_bytes()


def verzoek(peer, casus):
    now = int(time.time() * 1000)
    header = peer.header(casus=uuid.UUID(casus).bytes, recipients=[POLITIE], regime="OVERIG", grondslag="Wpg 20", doel="veelplegers",
                         noodzaak="aanpak bepalen", overleg="veelplegersoverleg", categories=["woonsituatie.onderdak"],
                         person_role="betrokkene", deadline_unix_ms=now + 10 * 24 * 3600 * 1000)
    return peer.compose("verzoek", header, [({"category": "vraag"}, b'{"betrokkene": {}}', {POLITIE: peer.reading_key(POLITIE)})])


def test(folder):
    other = folder / "fryslan.yaml"
    template = (DATA / "register.yaml").read_text()
    equal(template.count("\nregister: drenthe\n"), 1, "the register's id in the template")
    other.write_text(template.replace("\nregister: drenthe\n", "\nregister: fryslan\n"))
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    with House(folder / "a") as a, House(folder / "b", register=other) as b:
        om_a, politie_a = join(a, "om"), a.join("politie")
        equal(Node(b, "om").run("node", "join", b.invite("om"), "--person", PERSON, "--person-from", politie_a.home, expect=2)
              .json["error"]["stage"], "keys", "a key that is not there")
        om_b, politie_b = join(b, "om", "--person-from", om_a.home), b.join("politie")
        key = [(node.home / "keys" / f"person-{PERSON}.key").read_bytes() for node in (om_a, om_b)]
        equal(key[0], key[1], "one key in both houses")
        said = [note.text_of(mandate(node)).decode() for node in (om_a, om_b)]
        check('huis: "drenthe"\n' in said[0] and 'huis: "fryslan"\n' in said[1], "which house a mandate is for", said)
        for house, nodes in ((a, [om_a, politie_a]), (b, [om_b, politie_b])):
            house.agree(CONVENANT.read_text(), nodes)
        casus_a, casus_b = om_a.run(*NOTIFY).json["casus"], om_b.run(*NOTIFY).json["casus"]

        with Peer(om_a) as in_a, Peer(om_b) as in_b:
            for_a = verzoek(in_a, casus_a)
            before = b.size()
            stolen = in_b.submit(for_a)  # the same bytes, the same person, the same key: the other house
            equal((stolen["kind"], stolen["code"]), ("BERICHT", "MEDEWERKER_NIET_GEAUTORISEERD"), "a message of the other house")
            equal(b.size(), before + 1, "the refusal is an entry")
            equal(in_a.submit(for_a)["rung"], "AANVAARD", "where it was meant for")
            equal(in_b.submit(verzoek(in_b, casus_b))["rung"], "AANVAARD", "his own message in the other house")
            brought = in_b.submit(in_b.by_node("mandaat", wire.encode(wire.MANDAAT, {"note": mandate(om_a)})))
            check(brought["code"] != "TOEGESTAAN", "a mandate of the other house was taken", brought)
        text = b.run("convenant", "check", om_a.home / "mandates" / f"{PERSON}.note", json=False, expect=2)
        check("a mandate for drenthe, and this is fryslan" in text.err, "what check says of it:", text.err)
        b.run("convenant", "check", om_b.home / "mandates" / f"{PERSON}.note")
        for house in (a, b):
            equal(house.verify()["ok"], True, "the log verifies")


main(test)
