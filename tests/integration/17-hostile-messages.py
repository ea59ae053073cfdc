#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: an admitted node that misbehaves gains nothing: unreadable bytes, a forged or missing signature, a replay, the same id with
other bytes, another's envelope, another's casus: each refused with its code, one entry and a receipt; a restart forgets none of it.

And none of it costs an honest node its message: an id is burnt only by who may use it."""
import os
import time
import uuid

import lib.wire as wire
from lib.basics import check, equal, main
from lib.drenthe import OM, POLITIE, House, Scene
from lib.peer import Peer

CATEGORY = "woonsituatie.onderdak"


def verzoek(peer, casus, **fields):
    header = peer.header(**{"casus": casus, "recipients": [POLITIE], "regime": "OVERIG", "grondslag": "Wpg 20", "doel": "veelplegers",
                            "noodzaak": "aanpak bepalen", "overleg": "veelplegersoverleg", "categories": [CATEGORY],
                            "person_role": "betrokkene", "deadline_unix_ms": int(time.time() * 1000) + 3 * 86400000, **fields})
    return header


def question(peer, key, header, **options):
    return peer.compose("verzoek", header, [({"category": "vraag"}, b'{"betrokkene": {}}', {POLITIE: key})], **options)


def refused(receipt, code, what):
    check(isinstance(receipt, dict), f"{what}: no receipt but", receipt)
    equal((receipt["kind"], receipt["code"]), ("BERICHT", code), what)
    return receipt


def unreadable(om, size, good):
    """Each leaves one entry, without an id, with the digest of what came."""
    envelope = wire.decode(wire.ENVELOPE, good)
    bad = [b"", b"\0", os.urandom(500), good[:-1], good + b"\0", good + b"\x22\x00", good + good,
           wire.encode(wire.ENVELOPE, {**envelope, "type": "application/vnd.knooppunt.onzin.v1+protobuf"}),
           wire.encode(wire.ENVELOPE, {**envelope, "payload": envelope["payload"][:-1]}),
           wire.lengthy(2, envelope["payload"]) + wire.lengthy(1, envelope["type"].encode()) + good[good.index(b"\x1a"):]]
    before = size()
    for data in bad:
        receipt = om.submit(data)
        refused(receipt, "SCHEMA_ONGELDIG", f"unreadable: {data[:20]!r}")
        equal(receipt["message_id"], bytes(16), "an id that nobody could read")
    equal(size(), before + len(bad), "entries of what cannot be read")


def test(folder):
    with House(folder) as house:
        scene = Scene(house, "reclassering-nederland")
        casus = uuid.UUID(scene.casus).bytes
        with Peer(scene.om) as om, Peer(scene.others[0]) as other:
            key = om.reading_key(POLITIE)
            equal(other.introduce()["code"], "TOEGESTAAN", "another's honest mandate")
            first = question(om, key, verzoek(om, casus))
            unreadable(om, house.size, first)

            # Signatures.
            header = verzoek(om, casus)
            honest = question(om, key, header)
            envelope = wire.decode(wire.ENVELOPE, honest)
            forged = dict(envelope["signatures"][0], signature=bytes(64))
            refused(om.submit(wire.encode(wire.ENVELOPE, {**envelope, "signatures": [forged]})), "HANDTEKENING_ONGELDIG", "a forged signature")
            twice = wire.encode(wire.ENVELOPE, {**envelope, "signatures": envelope["signatures"] * 2})
            refused(om.submit(twice), "HANDTEKENING_ONGELDIG", "two signatures where one is meant")
            refused(om.submit(question(om, key, header, seed=os.urandom(32))), "HANDTEKENING_ONGELDIG", "somebody else's key")
            refused(om.submit(question(om, key, verzoek(om, casus, mandate=os.urandom(32)))), "MEDEWERKER_NIET_GEAUTORISEERD",
                    "a mandate nobody gave")
            # Another node with my envelope: not its to send, and it does not burn the id.
            stolen = other.submit(honest)
            check(stolen["code"] != "TOEGESTAAN", "another node sent my message", stolen)
            equal(om.submit(honest)["rung"], "AANVAARD", "my own message after all that")

            # Replays.
            again = refused(om.submit(honest), "HERHALING", "the same bytes again")
            size = house.size()
            equal(om.submit(honest)["index"], again["index"], "entry of the third time")
            equal(house.size(), size, "entries of a repetition that is known")
            reply = refused(om.submit(question(om, key, {**header, "noodzaak": "anders"})), "HERHALING", "the same id, other bytes")
            check(reply["index"] > again["index"], "no entry of its own for other bytes", reply)
            stolen = other.submit(honest)
            check(stolen["code"] != "TOEGESTAAN", "another node replayed my message", stolen)

            # Who is not on the casus learns nothing, not even that it exists.
            mine = other.header(casus=os.urandom(16), recipients=[OM], regime="OVERIG", grondslag="Wpg 20", doel="veelplegers",
                                noodzaak="nieuwsgierig", overleg="veelplegersoverleg", categories=[CATEGORY], person_role="betrokkene",
                                deadline_unix_ms=int(time.time() * 1000) + 3 * 86400000)
            secret_casus = uuid.UUID(scene.notify([POLITIE])).bytes
            seen = []
            for c in (mine["casus"], secret_casus):
                h = {**mine, "casus": c, "message_id": other.header()["message_id"]}
                envelope = other.compose("verzoek", h, [({"category": "vraag"}, b"{}", {OM: other.reading_key(OM)})])
                seen.append(refused(other.submit(envelope), "NIET_BETROKKEN_BIJ_CASUS", "a casus one is not on")["findings"])
            equal(seen[0], seen[1], "what an outsider learns of a casus that exists and of one that does not")
            for c in (mine["casus"], secret_casus):
                verb, body = other.ask(wire.FETCH, wire.encode(wire.FETCH_BODY, {"what": "casus", "id": c}))
                equal((verb, wire.decode(wire.TROUBLE_BODY, body)["code"]), (wire.TROUBLE, "NIET_BEKEND"), "fetching a casus one is not on")
            verb, body = other.ask(wire.FETCH, wire.encode(wire.FETCH_BODY, {"what": "ladder", "id": header["message_id"]}))
            equal(verb, wire.TROUBLE, "another's ladder")

            # Times.
            now = int(time.time() * 1000)
            refused(om.submit(question(om, key, verzoek(om, casus, not_after_unix_ms=now - 1, created_unix_ms=now - 1000))),
                    "TERMIJN_VERSTREKEN", "a message past its term")
            refused(om.submit(question(om, key, verzoek(om, casus, created_unix_ms=now + 400000, not_after_unix_ms=now + 500000))),
                    "TERMIJN_VERSTREKEN", "a message from the future")
            refused(om.submit(question(om, key, verzoek(om, casus, noodzaak="over 999900407"))), "IDENTIFICATIE_IN_METADATA", "a BSN in the open")

        house.restart()
        with Peer(scene.om) as om:
            refused(om.submit(honest), "HERHALING", "a replay after a restart")
            equal(om.submit(first)["rung"], "AANVAARD", "a message that was never sent whole")
        report = house.verify()
        equal(report["ok"], True, "the log verifies")


main(test)
