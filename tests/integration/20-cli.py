#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: the command explains itself: help with an example for everything, usage errors with a remedy, completion, manual page."""
import re
import shlex
import shutil

from lib.basics import ROOT, check, equal, main, program, run

ROW = re.compile(r'^\t\{ "([a-z]+)", (?:"([a-z]+)"|NULL), "([^"]+)", "([A-Z ]*)(?:\[[A-Z ]+\])?"', re.M)
COMPLETE = 'eval "$(%s completion)"; COMP_WORDS=(knooppunt "$@"); COMP_CWORD=$#; _knooppunt; echo "${COMPREPLY[@]}"'
MACROS = {"Dd", "Dt", "Os", "Sh", "Nm", "Nd", "Ar", "Op", "Pp", "Bl", "It", "El", "Ss", "Dl", "Ev", "Fl"}


def commands():
    """(words, summary, arguments) of each command, from the table that the command itself is made of."""
    rows = ROW.findall((ROOT / "client" / "cli" / "commands.c").read_text())
    check(len(rows) > 30, "the table of commands is not as this test reads it:", rows)
    return [([w for w in (noun, verb) if w], summary, arguments.split()) for noun, verb, summary, arguments in rows]


def options_of(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def usage(*words):
    """A wrong call: exit 2, nothing on stdout, and what to do."""
    result = run(program("knooppunt"), *words, expect=2)
    equal(result.out, "", f"output of the wrong call {words}")
    check(result.err.startswith("knooppunt: here: usage: "), "a usage error in another form:", result.err)
    check(len(result.err.strip().splitlines()) >= 2 and "knooppunt" in result.err.splitlines()[1], "no remedy:", result.err)
    return result.err


def help_test(rows):
    overview = run(program("knooppunt"), "--help").out
    for words, summary, arguments in rows:
        check(re.search(rf"^  {words[0]} +{words[1] if len(words) > 1 else ''} +{re.escape(summary)}$", overview, re.M),
              "not in the overview:", words)
        text = run(program("knooppunt"), *words, "--help").out
        check(summary in text and "Common options:" in text, "help without its summary or options:", words, text)
        example = re.search(r"\nexample:\n((?:  .*\n)+)$", text)
        check(example, "help without an example:", words, text)
        line = example.group(1).replace("\\\n", " ").strip().splitlines()[0].strip()
        equal(shlex.split(line)[:1 + len(words)], ["knooppunt", *words], "the example is of this command")
        for option in options_of(line):
            check(option in options_of(text[:example.start()]), "the example has an option that the command has not:", words, option)
        check(len([w for w in shlex.split(line)[1 + len(words):]]) >= len(arguments), "the example lacks an argument:", words, line)


def wrong_test(rows):
    for words, _, arguments in rows:
        err = usage(*words, "--no-such-option")
        check("--no-such-option" in err and f"knooppunt {' '.join(words)} --help" in err, "not helpful:", err)
        check("too many" in usage(*words, "a", "b", "c"), "three arguments are not too many:", words)
        if arguments:
            check(arguments[0] in usage(*words), "the missing argument is not named:", words)
    for noun in sorted({words[0] for words, _, _ in rows if len(words) > 1}):
        for wrong in ((noun,), (noun, "no-such-verb")):
            err = usage(*wrong)
            for words, _, _ in rows:
                check(words[0] != noun or f"knooppunt {' '.join(words)}" in err, "verb not offered:", words, err)
    check("no-such-noun" in usage("no-such-noun"), "the unknown command is not named")
    equal(run(program("knooppunt"), expect=2).out, "", "output of knooppunt without arguments")


def complete(*words):
    return run("bash", "-c", COMPLETE % shlex.quote(program("knooppunt")), "bash", *words).out.split()


def completion_test(rows):
    equal(sorted(complete("")), sorted({words[0] for words, _, _ in rows}), "completion of nouns")
    for noun in sorted({words[0] for words, _, _ in rows if len(words) > 1}):
        equal(sorted(complete(noun, "")), sorted(words[1] for words, _, _ in rows if words[0] == noun), f"completion of {noun}")
    for words, _, _ in rows:
        offered = set(complete(*words, "--"))
        wanted = options_of(run(program("knooppunt"), *words, "--help").out.split("\nexample:")[0])
        check(wanted <= offered, "completion lacks options:", words, wanted - offered)
    equal(complete("ask", "--subj"), ["--subject"], "completion of an option")


def manual_test(rows, folder):
    text = run(program("knooppunt"), "man").out
    lines = text.splitlines()
    equal([line.split()[0] for line in lines[:3]], [".Dd", ".Dt", ".Os"], "the beginning of the manual page")
    for line in lines:
        check(not line.startswith("'"), "a line that roff takes for a command:", line)
        if line.startswith("."):
            check(line.split()[0][1:] in MACROS, "a line that mdoc does not know:", line)
    equal(text.count(".Bl "), text.count(".El"), "lists begun and ended in the manual page")
    for words, summary, _ in rows:
        check(f"\n.Ss {' '.join(words)}" in text and summary in text, "not in the manual page:", words)
    page = folder / "knooppunt.1"
    page.write_text(text)
    if shutil.which("mandoc"):
        run("mandoc", "-Tlint", "-Werror", page)
    if shutil.which("groff"):
        shown = run("groff", "-mdoc", "-Tutf8", page)
        equal(shown.err, "", "what groff has against the manual page")
        plain = re.sub(r".\x08", "", shown.out)  # bold and underlined are struck over
        check("EXIT STATUS" in plain and "--subject FILE" in plain, "the manual page lacks text as shown:\n", plain[-1000:])


def test(folder):
    rows = commands()
    help_test(rows)
    wrong_test(rows)
    completion_test(rows)
    manual_test(rows, folder)
    check(re.fullmatch(r"knooppunt \d+\.\d+(\.\d+)?\n", run(program("knooppunt"), "--version").out), "the version")


if __name__ == "__main__":
    main(test)
