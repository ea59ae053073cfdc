#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: docs/protocol.md is enough: a client written from it in another language asks our node and opens its answer, answers our
node's question, acknowledges, and checks every receipt; what it seals for another header does not open."""
import json
import time
import uuid

import lib.wire as wire
from lib.basics import LONG, check, equal, main, wait_for
from lib.drenthe import BSN, OM, POLITIE, House, Scene, answers, csv_of
from lib.peer import Peer

CATEGORY = "woonsituatie.onderdak"
QUESTION = json.dumps({"betrokkene": {"bsn": BSN}, "vraag": "waar verblijft hij?"}).encode()


def verzoek(peer, casus, **fields):
    return peer.header(**{"casus": casus, "recipients": [POLITIE], "regime": "OVERIG", "grondslag": "Wpg 20", "doel": "veelplegers",
                          "noodzaak": "aanpak bepalen", "overleg": "veelplegersoverleg", "categories": [CATEGORY],
                          "person_role": "betrokkene", "deadline_unix_ms": int(time.time() * 1000) + 3 * 86400000, **fields})


def python_asks_c(scene):
    """Python asks, our serve answers, Python opens."""
    casus = uuid.UUID(scene.casus).bytes
    scene.politie.serve(csv_of("laatst gezien in Assen"))
    with Peer(scene.om) as peer:
        key = peer.reading_key(POLITIE)
        header = verzoek(peer, casus)
        receipt = peer.submit(peer.compose("verzoek", header, [({"category": "vraag", "media_type": "application/json"}, QUESTION,
                                                                {POLITIE: key})]))
        equal((receipt["rung"], receipt["message_id"]), ("AANVAARD", header["message_id"]), "the house's receipt")
        peer.credit(10)
        while True:
            delivery = peer.delivery()
            check(delivery, "our node's answer did not come")
            kind, answer, parts = peer.open(delivery["envelope"], delivery["mandate"])
            acknowledged = peer.submit(peer.acknowledge(answer["message_id"]))
            equal(acknowledged["rung"], "AFGELEVERD", "receipt of the acknowledgement")
            if kind == "antwoord":
                break
        equal((answer["in_reply_to"], answer["sender"], answer["answer_kind"], answer["casus"]),
              (header["message_id"], POLITIE, "GEGEVENS", casus), "the answer's header")
        equal([(head["category"], content) for head, content in parts], [(CATEGORY, {"gegeven": "laatst gezien in Assen"})], "the answer")

        # The same parts under another header, signed by the same person: they do not open.
        header = verzoek(peer, casus)
        person = peer.person()
        other = wire.encode(wire.HEADER, {**header, "doel": "strafafdoening"})
        import lib.seal as seal
        part = seal.part_seal(other, OM, person[2], {"category": "vraag"}, QUESTION, [(POLITIE, key)])
        payload = wire.encode(wire.MESSAGE, {"header": wire.encode(wire.HEADER, header), "parts": [part]})
        equal(peer.submit(wire.seal_envelope("verzoek", payload, person[3]))["rung"], "AANVAARD", "relabelled parts, which the house "
              "cannot see")
    relabelled = str(uuid.UUID(bytes=header["message_id"]))
    wait_for(lambda: [m for m in scene.politie.inbox("--offline") if m["message_id"] == relabelled], "the relabelled question")
    read = scene.politie.run("read", relabelled, expect=None)
    if read.status == 0:
        equal(["trouble" in p for p in read.json["parts"]], [True], "a relabelled part opens")
    else:
        equal(read.status, 4, "reading relabelled parts")
    server = scene.house.servers.pop()
    server.end()


def c_asks_python(scene):
    """Our command asks and waits, Python opens and answers, our command opens."""
    import threading
    results = []
    asking = threading.Thread(target=lambda: results.append(scene.ask("--wait", "30", expect=None)))
    asking.start()
    with Peer(scene.politie) as peer:
        receipt = peer.introduce()
        equal((receipt["kind"], receipt["code"]), ("TOELATING", "TOEGESTAAN"), "receipt of the mandate")
        peer.credit(10)
        kind = None
        while kind != "verzoek":  # the aanmelding of the casus comes first
            delivery = peer.delivery(LONG * 1000)
            check(delivery, "our node's question did not come")
            kind, question, parts = peer.open(delivery["envelope"], delivery["mandate"])
            equal(peer.submit(peer.acknowledge(question["message_id"]))["rung"], "AFGELEVERD", "receipt of the acknowledgement")
        equal((question["sender"], question["categories"]), (OM, [CATEGORY]), "the question")
        equal((parts[0][0]["category"], parts[0][1]["betrokkene"]["bsn"]), ("vraag", BSN), "what was asked")
        header = peer.header(casus=question["casus"], recipients=[OM], exchange_id=question["exchange_id"],
                             in_reply_to=question["message_id"], regime=question["regime"], grondslag=question["grondslag"],
                             doel=question["doel"], overleg=question["overleg"], categories=[CATEGORY], answer_kind="GEGEVENS",
                             person_role="betrokkene")
        content = json.dumps({"gegeven": "volgens een ander programma"}).encode()
        head = {"category": CATEGORY, "source": "register", "reference_date": "2026-11-01", "media_type": "application/json"}
        receipt = peer.submit(peer.compose("antwoord", header, [(head, content, {OM: peer.reading_key(OM)})]))
        equal(receipt["findings"], [], "what the house has against the answer")
        asking.join()
    equal(answers(results[0]), {POLITIE: ("GEGEVENS", {CATEGORY: "volgens een ander programma"})}, "what our command shows")


def test(folder):
    with House(folder) as house:
        scene = Scene(house)
        c_asks_python(scene)
        python_asks_c(scene)
        equal(house.verify()["ok"], True, "the log verifies")


main(test)
