#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: without the house a node says so (exit 5) and loses nothing: what was asked and answered waits in its outbox, on disk, and is
with the house after its return, once."""
from lib.basics import check, equal, main, wait_for
from lib.drenthe import House, Scene, csv_of


def test(folder):
    with House(folder) as house:
        scene = Scene(house)
        waiting = scene.ask().json["questions"][0]["message_id"]
        wait_for(lambda: [m for m in scene.politie.inbox() if m["message_id"] == waiting], "the question is in the inbox")
        house.stop()

        equal(scene.om.run("node", "status", "--timeout", "1", expect=5).json["reachable"], False, "reachable")
        scene.ask("--timeout", "1", expect=5)  # the casus can't be looked up: told, nothing sent
        asked = scene.ask("--regime", "OVERIG", "--timeout", "1", expect=5).json["questions"][0]
        equal((asked["outcome"], asked["exit"]), ("IN_OUTBOX", 5), "a question without the house")
        check(asked["error"]["remedy"] and asked["error"]["side"], "an error without side or remedy", asked)
        content = folder / "onderdak.json"
        content.write_text('{"gegeven": "bekend"}')
        scene.politie.run("answer", waiting, "--kind", "GEGEVENS", "--part", f"woonsituatie.onderdak={content}", "--timeout", "1", expect=5)
        equal(scene.om.run("node", "status", "--timeout", "1", expect=5).json["outbox"], 1, "outbox of the asker")
        equal(scene.politie.run("node", "status", "--timeout", "1", expect=5).json["outbox"], 2, "outbox: the answer, and before it the "
              "mandate of who gives it")

        house.start()
        for node in (scene.om, scene.politie):
            wait_for(lambda: node.run("node", "sync", expect=(0, 5)).json.get("outbox") == 0, f"the outbox of {node.organisation} is empty")
        answer = wait_for(lambda: [m for m in scene.om.inbox() if m["kind"] == "antwoord"], "the answer came")
        equal([m["in_reply_to"] for m in answer], [waiting], "answers")
        rungs = scene.om.run("ladder", asked["message_id"]).json
        equal(rungs[0]["name"], "AANVAARD", "the question from the outbox")
        server = scene.politie.serve(csv_of("bekend"))
        wait_for(lambda: server.handled() == [asked["message_id"]], "the question from the outbox comes, once")
        report = house.verify()
        equal(report["by_code"].get("HERHALING", 0), 0, "repetitions in the log")


main(test)
