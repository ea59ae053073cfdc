#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the documents are true to the programs: commands and options exist, every log event and setting is explained, the refusal codes have
their numbers, the examples in JSON are JSON, the tests that are named exist, and each requirement that is said to hold has one."""
import json
import re

from lib.basics import ROOT, check, equal, main, program, run

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "nl").glob("*.md")),
         *[ROOT / p / "README.md" for p in ("bench", "client/cli", "docs/examples")]]


def sources(*folders):
    return "".join(p.read_text() for folder in folders for p in sorted((ROOT / folder).rglob("*.[ch]")))


def commands_test():
    """Every `knooppunt noun verb --option` that a page shows can be typed."""
    verbs, known = {}, {}
    for noun, verb in re.findall(r'^\t\{ "([a-z]+)", (?:"([a-z]+)"|NULL), "', (ROOT / "client/cli/commands.c").read_text(), re.M):
        verbs.setdefault(noun, set()).add(verb)
    shown = 0
    for page in PAGES:
        text = re.sub(r"'[^'\n]*'", "QUOTED", re.sub(r"\\\n\s*", "", page.read_text()))
        for call in re.findall(r"(?<![\w/.-])knooppunt ([a-z]+(?: [^\n`|#)]*)?)", text):
            words = call.split()
            if words[0] not in verbs:
                check(not re.search(rf"`knooppunt {words[0]}|^knooppunt {words[0]}", text, re.M), f"{page.name}: no such command:", call)
                continue
            noun = words[0]
            if verbs[noun] != {""}:
                if len(words) < 2 or "," in words[1] or not re.fullmatch("[a-z]+", words[1]):
                    continue
                check(words[1] in verbs[noun], f"{page.name}: no such verb:", call)
            command = tuple(words[:1 if verbs[noun] == {""} else 2])
            if command not in known:
                known[command] = run(program("knooppunt"), *command, "--help").out.split("\nexample:")[0]
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", call):
                check(re.search(rf"{option}(?![\w-])", known[command]), f"{page.name}: {' '.join(command)} has no {option}:", call)
            shown += 1
    check(shown > 40, "hardly any command was found in the documents:", shown)


def operating_test():
    page = (ROOT / "docs/operating.md").read_text()
    events = set(re.findall(r'log_(?:error|warn|info)\("([^"]+)"', sources("daemon", "base", "proto")))
    check(len(events) > 30, "the events are not written as this test reads them:", events)
    equal(sorted(e for e in events if f"`{e}`" not in page), [], "log events that docs/operating.md does not explain")
    told = set(re.findall(r"^\| `([a-z_]+)`", page.split("## Ports and limits")[1], re.M))
    settings = set(re.findall(r'^\t\{ "([a-z_]+)", CONF_', (ROOT / "daemon/conf/items.c").read_text(), re.M))
    equal(sorted(told - settings), [], "settings in docs/operating.md that do not exist")
    manual = (ROOT / "docs/man/knooppuntd.8").read_text()
    equal(sorted(s for s in settings if f"\n.B {s}\n" not in manual), [], "settings that knooppuntd(8) does not explain")


def protocol_test():
    page = (ROOT / "docs/protocol.md").read_text()
    enum = re.search(r"CODE_TOEGESTAAN = 0,(.*?)CODE_N\b", (ROOT / "proto/code.h").read_text(), re.S).group(1)
    codes = re.findall(r"\bCODE_([A-Z_]+)\b", re.sub(r"/\*.*?\*/", "", enum, flags=re.S))
    table = {int(n): code for n, code in re.findall(r"\| (\d+) \| ([A-Z_]+) (?=\|)", page.split("## 8.")[1].split("## 9.")[0])}
    equal([table.get(i + 1) for i in range(len(codes))], codes, "the refusal codes in docs/protocol.md")
    equal(len(table), len(codes), "refusal codes in docs/protocol.md")
    verbs = re.search(r"enum wire_verb \{(.*?)\}", (ROOT / "proto/wire.h").read_text(), re.S).group(1)
    wire = dict(re.findall(r"WIRE_([A-Z]+) = (\d+)", verbs))
    check(len(wire) > 10, "the verbs are not written as this test reads them:", wire)
    for verb, number in wire.items():
        check(re.search(rf"\| [A-Z, ]*{verb}[A-Z, ]* \| [\d, ]*\b{number}\b", page), "a verb is not in docs/protocol.md:", verb, number)


def examples_test():
    for page in PAGES:
        for block in re.findall(r"^```json\n(.*?)^```$", page.read_text(), re.M | re.S):
            json.loads(block)
    threats = (ROOT / "docs/threats.md").read_text()
    tests = {p.stem for folder in ("unit", "sim", "fuzz") for p in (ROOT / "tests" / folder).rglob("*.c")}
    for named in set(re.findall(r"\b((?:test|sim|fuzz)_[a-z_]+[a-z])\b", threats + (ROOT / "docs/architecture.md").read_text())):
        check(named in tests, "a test is named that does not exist:", named)
    numbers = {p.name[:2] for p in (ROOT / "tests/integration").glob("[0-9][0-9]-*.py")}
    rows = re.findall(r"\| ([^|]+) \|$", threats.split("## Attacks")[1].split("## What remains")[0], re.M)
    for number in {n for row in rows for n in re.findall(r"(?<![\w.])\d\d(?!\w)", row)}:
        check(number in numbers, "an integration test is named that does not exist:", number)


def named_test(file, name):
    """Whether that file of tests/ has a test, or a function of one, of that name; a cmocka test must be run too."""
    paths = [p for p in (ROOT / "tests").rglob(file.rpartition("/")[2]) if str(p).endswith(f"/{file}")]
    if len(paths) != 1:
        return False
    text = paths[0].read_text()
    if file.endswith(".py"):
        return re.search(rf"^ *def {name}\(", text, re.M) is not None
    if not re.search(rf"^[a-z].*\b{name}\(.*\)$", text, re.M):
        return False
    return not file.startswith("test_") or re.search(rf"\({name}[,)]", text.split("struct CMUnitTest tests[]")[-1]) is not None


def requirements_test():
    """Each requirement once, in order; what is said to hold has tests; tests and files that are named exist; the counts are right."""
    page = (ROOT / "docs/requirements.md").read_text()
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in page.splitlines() if re.match(r"\| R\d", line)]
    equal([row[0] for row in rows], [f"R{n}" for n in range(1, 69)], "the requirements")
    counts = {"holds": 0, "in part": 0, "open": 0}
    for number, weight, asks, article, state, shown, lives in rows:
        word = next((w for w in counts if re.match(rf"{w}(: |$)", state)), None)
        check(word and weight in ("must", "year", "later") and asks and article, f"{number} is not filled in:", state, weight, article)
        counts[word] += 1
        check(word != "in part" or len(state) > len("in part: "), f"{number} does not say what is missing")
        tests, files = re.findall(r"`([^`:]+):([^`]+)`", shown), re.findall(r"`([^`]+)`", lives)
        check(word == "open" or (tests and files), f"{number} names no test or no file")
        equal(re.sub(r"`[^`:]+:[^`]+`", "", shown).strip(), "", f"{number}: what else stands among its tests")
        for file, name in tests:
            check(named_test(file, name), f"{number} names a test that does not exist:", f"{file}:{name}")
        for file in files:
            check((ROOT / file).is_file(), f"{number} names a file that does not exist:", file)
    told = ", ".join(f"{n} {word}" for word, n in counts.items())
    check(f"**Counts.** {told}." in page, "the counts in docs/requirements.md should be:", told)


def test(_):
    commands_test()
    operating_test()
    protocol_test()
    examples_test()
    requirements_test()


if __name__ == "__main__":
    main(test)
