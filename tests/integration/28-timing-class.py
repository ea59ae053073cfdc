#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 180
"""Goal: who asks can't tell from the moment of the answer whether a partner knows nothing or says nothing: however long was looked for,
by a handler or by hand, both leave at the same step after the question came in. What says something does not wait for it."""
import json

from lib.basics import check, equal, main, wait_for
from lib.drenthe import BSN, POLITIE, House, Scene

STEP = 4000  # ms; wide enough for a busy machine
# Looks long for whom it knows and may not speak of; at once for whom it does not know.
HANDLER = """
import hashlib, json, sys
question = json.load(sys.stdin)
if question["question"]["betrokkene"]["bsn"] == "%s":
    hashlib.pbkdf2_hmac("sha256", b"look", b"long", 1_500_000)
    print(json.dumps({"answer": "GEEN_MEDEDELING"}))
else:
    print(json.dumps({"answer": "NIET_BEKEND"}))
""" % BSN


def took(scene, question):
    """Milliseconds from being accepted to being answered, by the clock of the house, as the asker sees them."""
    rungs = wait_for(lambda: (lambda r: "BEANTWOORD" in r and r)({r["name"]: r["unix_ms"] for r in scene.om.run("ladder", question).json}),
                     "an answer")
    return rungs["BEANTWOORD"] - rungs["AANVAARD"]


def test(folder):
    with House(folder) as house:
        scene = Scene(house)
        settings = scene.politie.home / "node.yaml"
        settings.write_text(settings.read_text() + f"withheld_step_s: {STEP // 1000}\n")
        other = folder / "onbekend.json"
        other.write_text(json.dumps({"bsn": "999990019", "naam": "K. Verzonnen"}))
        (folder / "handler.py").write_text(HANDLER)

        server = scene.politie.serve(handler=f"/usr/bin/python3 -BSE {folder}/handler.py")
        times = {"GEEN_MEDEDELING": [], "NIET_BEKEND": []}
        for kind, subject in (("GEEN_MEDEDELING", scene.subject), ("NIET_BEKEND", other)) * 2:
            times[kind].append(took(scene, scene.ask(subject=subject).json["questions"][0]["message_id"]))
        server.end()
        said = sorted(m["answer"] for m in scene.om.inbox() if m["kind"] == "antwoord")
        equal(said, ["NIET_BEKEND"] * 4, "what the asker is told")

        # By hand.
        for kind in times:
            question = scene.ask().json["questions"][0]["message_id"]
            wait_for(lambda: question in [m["message_id"] for m in scene.politie.inbox("--open")], "the question")
            equal(scene.politie.run("answer", question, "--kind", kind).json["outcome"], "TOEGESTAAN", "the answer by hand")
            times[kind].append(took(scene, question))
        for kind, all_ms in times.items():
            equal([ms // STEP for ms in all_ms], [1, 1, 1], f"steps that {kind} waited, of {times}")
            check(all(ms % STEP < STEP // 2 for ms in all_ms), f"{kind} leaves between steps:", times)

        # What says something leaves at once.
        question = scene.ask().json["questions"][0]["message_id"]
        wait_for(lambda: question in [m["message_id"] for m in scene.politie.inbox("--open")], "the question")
        scene.politie.run("decline", question)
        check(took(scene, question) < STEP, "a refusal waits for a step")

        # It is on disk and waits there: who stops loses nothing, and who hurries gains nothing.
        question = scene.ask().json["questions"][0]["message_id"]
        server = scene.politie.serve(handler="echo '{\"answer\": \"NIET_BEKEND\"}'")
        wait_for(lambda: scene.politie.status()["outbox"] == 1, "the answer is on disk")
        server.end()
        scene.politie.run("node", "sync")
        wait_for(lambda: scene.politie.run("inbox", "--open").json == [] and scene.politie.status()["outbox"] == 0, "it leaves")
        check(took(scene, question) >= STEP, "it left before its moment")


if __name__ == "__main__":
    main(test)
