#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a house is made with one command and started with one command; it says when it is ready, how it is, and stops in good order.

A wrong configuration is told with file, line and column, all faults at once, before anything is started."""
import os
import re
import stat

from lib.basics import check, equal, main, program, run
from lib.house import House, children


def starts_and_stops(folder):
    with House(folder, start=False) as house:
        for path in [*house.dir.glob("keys/*"), *house.dir.glob("stewards/*")]:
            if path.name != "transport.cert":
                equal(stat.S_IMODE(path.stat().st_mode), 0o600, f"mode of {path.name}")
        house.run("house", "init", "--example", "drenthe", expect=1)
        house.run("house", "status", expect=5)
        run(program("knooppuntd"), "--config", house.config, "--check")

        house.start()
        equal(len(children(house.daemon.pid)), 3, "processes beside the parent")
        check(house.endpoint.startswith("tcp://127."), "endpoint", house.endpoint)
        equal(house.status()["endpoint"], house.endpoint, "endpoint in the status")
        check(house.size() > 0, "the log is empty after the first start")
        second = run(program("knooppuntd"), "--config", house.config, expect=None)
        check(second.status not in (0, None), "a second daemon starts in the same house", str(second))
        house.status()

        size = house.size()
        house.stop()
        house.run("house", "status", expect=5)
        before = house.endpoint
        house.start()
        equal(house.endpoint, before, "endpoint after a restart")
        check(house.size() >= size, "the log shrank")
        equal(house.verify()["ok"], True, "the log verifies")


def tells_faults(folder):
    with House(folder, start=False) as house:
        good = house.config.read_text()
        lines = good.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("data_dir")) + 1
        for text, line, what in (
            (good + "vreemd: 1\n", len(lines) + 1, "vreemd"),
            (good + "rate_per_node: snel\n", len(lines) + 1, "rate_per_node"),
            (good + "rate_per_node: 0\n", len(lines) + 1, "rate_per_node"),
            (good.replace("tcp://", "udp://"), lines.index(next(x for x in lines if x.startswith("listen"))) + 1, "listen"),
            (good.replace("keeper_dir: keeper", "keeper_dir: data/keeper"), at + 1, "keeper_dir"),
            (good + "data_dir: elsewhere\n", len(lines) + 1, "data_dir"),
            (good + "\tx\n", None, ""),
        ):
            house.config.write_text(text)
            said = run(program("knooppuntd"), "--config", house.config, "--check", expect=None)
            check(said.status != 0, "accepted:", text)
            place = re.search(rf"{re.escape(os.fspath(house.config))}:(\d+):(\d+): .*{what}", said.err + said.out)
            check(place, "no file:line:column in", said.err + said.out)
            if line:
                equal(int(place[1]), line, f"line of the fault in {what}")
            started = run(program("knooppuntd"), "--config", house.config, expect=None)
            equal(started.status != 0, True, "starts with a wrong configuration")
        house.config.write_text(good + "vreemd: 1\nrate_per_node: 0\n")
        said = run(program("knooppuntd"), "--config", house.config, "--check", expect=None)
        check("vreemd" in said.err + said.out and "rate_per_node" in said.err + said.out, "not all faults at once:", str(said))
        house.config.write_text(good)
        (house.dir / "keys" / "log.key").chmod(0o644)
        said = run(program("knooppuntd"), "--config", house.config, "--check", expect=None)
        check(said.status != 0 and "log.key" in said.err + said.out, "a log key that others can read is accepted", str(said))


def test(folder):
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    starts_and_stops(folder / "a")
    tells_faults(folder / "b")


main(test)
