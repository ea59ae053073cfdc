#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 180
"""Goal: a partner's handler can do nothing wrong for others: whatever it prints, however it ends, the question is answered, or left for a
person; never half answered, never asked twice. What a handler is given is what docs/integrating.md says."""
import json
import re

from lib.basics import ROOT, check, equal, main, wait_for
from lib.drenthe import BSN, POLITIE, House, Scene, answers

GOOD = '{"answer": "GEGEVENS", "parts": [{"category": "woonsituatie.onderdak", "content": {"gegeven": "thuis"}, "source": "register"}]}'
BAD = {  # what a handler does: what is said of it
    "exit 7": "exit status 7",
    "kill -SEGV $$": "signal 11",
    "kill -STOP $$": "did not finish in time",
    "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done": "too much",
    "echo no JSON": "not a JSON object",
    "echo '{\"answer\": \"MISSCHIEN\"}'": "must be GEGEVENS",
    "echo '" + GOOD.replace('"source"', '"sorce"') + "'": 'unknown key "sorce"',
    "echo '" + GOOD.replace("onderdak", "overlast") + "'": "CATEGORIE_NIET_GEVRAAGD",
    "exec >&-; cat >/dev/null": "printed nothing",
    "exec >&-; kill -STOP $$": "did not finish in time",
}


def documented():
    """The keys of the question in docs/integrating.md."""
    page = (ROOT / "docs" / "integrating.md").read_text()
    return json.loads(re.search(r"^```json\n(.*?)^```$", page, re.M | re.S).group(1))


def test(folder):
    with House(folder) as house:
        scene = Scene(house)
        (folder / "good.json").write_text(GOOD)
        seen = folder / "question.json"

        # What it is given.
        server = scene.politie.serve(handler=f"cat >{seen}; cat {folder}/good.json")
        equal(answers(scene.ask("--question", "Waar?", "--wait", "30"))[POLITIE][0], "GEGEVENS", "the answer of a good handler")
        given, told = json.loads(seen.read_text()), documented()
        equal(sorted(given), sorted(told), "keys of a question")
        equal(sorted(given["from"]), sorted(told["from"]), "keys of its sender")
        equal((given["question"]["betrokkene"]["bsn"], given["question"]["vraag"]), (BSN, "Waar?"), "the sealed part of the question")
        server.end()

        # What goes wrong stays here, is said, and is for a person.
        for command, said in BAD.items():
            message = scene.ask().json["questions"][0]["message_id"]
            result = scene.politie.run("serve", "--once", "--handler", command, "--handler-timeout", "2", expect=0)
            lines = [json.loads(line) for line in result.out.splitlines()]
            equal([line["message_id"] for line in lines], [message], f"questions handled by {command!r}")
            check(said in lines[0]["why"], f"{command!r} should be said to be {said!r}:", lines)
            state = {m["message_id"]: m["state"] for m in scene.politie.inbox("--offline")}
            equal(state[message], "interrupted", f"state of the question after {command!r}")
        # None of them is handed to a handler again by itself ...
        before = seen.stat().st_mtime_ns
        again = scene.politie.run("serve", "--once", "--handler", f"cat >{seen}; cat {folder}/good.json")
        equal((again.out, seen.stat().st_mtime_ns), ("", before), "an interrupted question was handled again")
        # ... but when a person says so.
        scene.politie.run("serve", "--once", "--resume", message, "--handler", f"cat >{seen}; cat {folder}/good.json")
        wait_for(lambda: "BEANTWOORD" in [rung["name"] for rung in scene.om.run("ladder", message).json], "the resumed question is answered")


if __name__ == "__main__":
    main(test)
