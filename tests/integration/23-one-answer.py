#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: one answer to one question: serve handles as many as it was told, LATER leaves the question open, an answer closes it for all."""
import json

from lib.basics import check, equal, main, program, run
from lib.drenthe import House, Scene

NOTHING = """echo '{"answer":"NIET_BEKEND"}'"""
LATER = """echo '{"answer":"LATER"}'"""


class Table:
    def __init__(self, scene):
        self.scene = scene

    def ask(self):
        return self.scene.ask().json["questions"][0]["message_id"]

    def serve(self, handler, *more):
        """What serve says of the questions it handled."""
        node = self.scene.politie
        result = run(program("knooppunt"), "serve", "--once", "--handler", handler, "--handler-timeout", "2", *more, "--home", node.home,
                     "--json", env=node.house.environment())
        return [json.loads(line) for line in result.out.splitlines()]

    def state(self, question):
        return next(m["state"] for m in self.scene.politie.inbox("--offline") if m["message_id"] == question)


def test(folder):
    with House(folder) as house:
        table = Table(Scene(house))
        # One at a time, when so told.
        questions = [table.ask() for _ in range(3)]
        equal([s["message_id"] for s in table.serve(NOTHING, "--max", "1")], questions[:1], "with --max 1")
        equal([s["message_id"] for s in table.serve(NOTHING)], questions[1:], "the others")

        # LATER leaves the question open; an answer closes it, for a person as well.
        question = table.ask()
        equal([s["outcome"] for s in table.serve(LATER)], ["answered"], "LATER")
        equal(table.state(question), "interrupted", "a question that is answered later")
        politie, size = table.scene.politie, house.size()
        equal(politie.run("answer", question, "--kind", "NIET_BEKEND").json["outcome"], "TOEGESTAAN", "the answer, later")
        for words in (("answer", question, "--kind", "WEIGERING"), ("decline", question), ("answer", question, "--kind", "LATER")):
            check("answered before" in politie.run(*words, expect=2).json["error"]["text"], "a second answer", words)
        equal(house.size(), size + 1, "entries of one answer")


main(test)
