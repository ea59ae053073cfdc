#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a version of a convenant that may not come in is refused by the running house, with the reason, and the one in force stays in
force; a volmacht comes in only with the signature of who gives it; and where two convenanten govern an overleg, each must allow."""
import hashlib
import re

import lib.note as note
import lib.peer as peer
from lib.basics import check, equal, main
from lib.drenthe import CONVENANT, DATA, OM, POLITIE, House

SECOND = DATA / "convenant-huiselijk-geweld.yaml"
BASIS = ["--as", OM, "--grondslag", "Wpg 20", "--doel", "huiselijk-geweld"]
ASK = ["--noodzaak", "veiligheid van het gezin", "--question", "wat is er bekend?"]


def follows(text, *edits):
    """The next version of a convenant's text."""
    number = int(re.search(r"^volgnummer: (\d+)$", text, re.M)[1])
    out = re.sub(r"^volgnummer: \d+$", f"volgnummer: {number + 1}", text, flags=re.M)
    out = re.sub(r'^vorige: ".*"$', f'vorige: "{hashlib.sha256(text.encode()).hexdigest()}"', out, flags=re.M)
    for was, becomes in edits:
        equal(out.count(was), 1, f"{was!r} in the convenant")
        out = out.replace(was, becomes)
    return out


class Publisher:
    """Publishes texts with the signatures of any of the partners, made without the program."""

    def __init__(self, house, *nodes):
        self.house = house
        self.keys = {}
        for node in nodes:
            name, _, secret = peer.keyfile(node.home / "keys" / "organisation.key")
            self.keys[node.organisation] = (name, secret)

    def publish(self, text, *signers, expect=0):
        path = self.house.base / "versie.note"
        path.write_bytes(note.sign(text.encode(), *[self.keys[s] for s in signers]))
        return self.house.run("convenant", "publish", path, json=False, expect=expect)

    def refused(self, text, *signers, why):
        said = self.publish(text, *signers, expect=(1, 2))
        check(why in said.err, f"{why!r} expected in", said.err)


def test(folder):
    with House(folder) as house:
        om, politie, amw = house.join("om"), house.join("politie"), house.join("amw-drenthe")
        publisher = Publisher(house, om, politie, amw)
        first = CONVENANT.read_text()
        publisher.publish(first, "om", "politie")
        casus = om.run("casus", "notify", "--overleg", "jco-huiselijk-geweld", "--regime", "OVERIG", *BASIS, "--to", POLITIE).json["casus"]

        def ask(category, **options):
            return om.run("ask", "--casus", casus, "--to", POLITIE, "--category", category, *BASIS, *ASK, **options)

        # What may not come in, and what is in force meanwhile.
        second = follows(first, ("quorum: 2\n", "quorum: 2\n# tweede versie\n"))
        publisher.refused(second, "om", why="1 of the 2 signatures")
        publisher.refused(second, "om", "om", why="stands twice")
        publisher.refused(follows(first, ("tot: 2029-03-01", "tot: 2025-06-01")), "om", "politie", why="expired: valid until 2025-06-01")
        publisher.refused(follows(first, ("levert: [identificerend, bsn, woonsituatie, politiegegevens, relaties]",
                                          "levert: [identificerend, gezondheid]")), "om", "politie", why="see its row soort: politie (WGS 2.27(1))")
        publisher.refused(first.replace("quorum: 2", "quorum: 1"), "om", "politie", why="volgnummer 1 is not above 1")
        publisher.refused(second.replace('vorige: "', 'vorige: "0', 1).replace('"\nvan', 'x"\nvan', 1), "om", "politie", why="vorige:")
        ask("relaties")
        publisher.publish(second, "om", "politie")
        publisher.refused(first, "om", "politie", why="volgnummer 1 is not above 2")  # the old one, with good signatures
        publisher.refused(follows(second).replace("volgnummer: 3", "volgnummer: 4"), "om", "politie", why="leaves out versions")
        ask("relaties")

        # A second convenant for the same overleg. Its volmacht asks for the signature of who gives it.
        text = SECOND.read_text()
        publisher.refused(text, "om", "politie", why="volmacht veilig-thuis-voor-amw: not signed by amw-drenthe")
        ask("relaties")
        publisher.publish(text, "om", "politie", "amw-drenthe")
        said = om.run("convenant", "show", json=False).out
        check("Convenant Aanpak huiselijk geweld" in said and "Convenant Zorg- en Veiligheidshuis Drenthe" in said, "both in force", said[:500])
        check("Volmacht veilig-thuis-voor-amw: veilig-thuis-drenthe namens amw-drenthe" in said, "the volmacht", said[-600:])
        narrower = follows(text, ("categorieen: [identificerend, bsn, woonsituatie, politiegegevens, justitieel, relaties, toezicht]",
                                  "categorieen: [identificerend, bsn, woonsituatie, politiegegevens, justitieel, toezicht]"))
        publisher.publish(narrower, "om", "politie")  # the row of the volmacht stays as it was signed
        no = ask("relaties", expect=3).json["questions"][0]
        equal(no["outcome"], "CATEGORIE_NIET_TOEGESTAAN", "what the second does not allow, though the first does")
        no = om.run("convenant", "explain", "--casus", casus, "--to", POLITIE, "--category", "relaties", *BASIS, "--noodzaak", "x",
                    expect=3).json
        check("huiselijk-geweld-drenthe/justitieel.categorie" in no["explanation"], "the rule of the second:", no["explanation"])
        ask("woonsituatie")  # both allow it
        house.restart()
        equal(ask("relaties", expect=3).json["questions"][0]["outcome"], "CATEGORIE_NIET_TOEGESTAAN", "after a restart")
        ask("woonsituatie")

        # Its parties take it back: from that moment on nothing goes on it, while the other still holds.
        publisher.publish(follows(narrower, ("tot: 2028-03-01\n", "tot: 2028-03-01\ningetrokken: 2026-01-01\n")), "om", "politie")
        equal(ask("woonsituatie", expect=3).json["questions"][0]["outcome"], "CONVENANT_ONGELDIG", "under a convenant that is withdrawn")
        equal(house.verify()["ok"], True, "the log verifies")


main(test)
