#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a program of a partner, built outside the tree with what is installed and pkg-config alone, asks and shows the answer; with the
shared library and with the static one."""
import json
import os
import shutil

from lib.basics import BUILD, ROOT, SLOW, check, equal, main, run
from lib.drenthe import BSN, POLITIE, House, Scene, csv_of

CATEGORY = "woonsituatie.onderdak"


def build(folder, *flags, static=False):
    """The example, from a copy of its one file."""
    source = folder / "ask.c"
    shutil.copy(ROOT / "client" / "lib" / "examples" / "ask.c", source)
    prefix = folder / "prefix"
    config = next(prefix.rglob("knooppunt.pc")).parent
    environment = {**os.environ, "PKG_CONFIG_PATH": str(config)}

    def ask(*words):
        return run("pkg-config", *words, env=environment).out.split()

    asked = ask(f"--define-variable=prefix={prefix}", "--cflags", "--libs", "knooppunt")
    if static:  # our archive, and of the system's libraries the shared ones that it names
        archive = str(next(prefix.rglob("libknooppunt.a")))
        asked = [archive if word == "-lknooppunt" else word for word in asked]
        asked += ask("--libs", *[w for w in ask("--print-requires-private", "knooppunt") if w[0].isalpha()])
    program = folder / ("ask-static" if static else "ask")
    # -Werror: a header that warns is a nuisance to each who includes it.
    run(os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", source, "-o", program, *asked, *flags)
    return program, os.path.join(prefix, os.path.relpath(next(prefix.rglob("libknooppunt.so")).parent, prefix))


def test(folder):
    run("cmake", "--install", BUILD, "--prefix", folder / "prefix")
    for name in ("knooppunt", "knooppuntd", "knooppunt.h", "nl.yaml", "register.yaml"):
        check(list((folder / "prefix").rglob(name)), f"{name} is not installed")
    sanitizer = []
    compiler = {}
    if SLOW > 1:  # such a library needs its sanitizer's runtime in the program, and the compiler that has it
        compiler = dict(line.split("=", 1) for line in (BUILD / "CMakeCache.txt").read_text().splitlines() if "=" in line)
        os.environ["CC"] = next(v for k, v in compiler.items() if k.startswith("CMAKE_C_COMPILER:"))
        sanitizer = [w for w in next(v for k, v in compiler.items() if k.startswith("CMAKE_C_FLAGS:")).split() if "sanitize" in w]
    programs = [build(folder, *sanitizer), build(folder, *sanitizer, static=True)]
    with House(folder) as house:
        scene = Scene(house)
        scene.politie.serve(csv_of("bekend bij de politie"))
        question = json.dumps({"betrokkene": {"bsn": BSN}, "vraag": "waar verblijft hij?"})
        for program, libraries in programs:
            environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
            said = run(program, scene.om.home, scene.casus, "OVERIG", "Wpg 20", "veelplegers", CATEGORY, POLITIE, input=question,
                       env=environment)
            equal(said.out, f'{POLITIE}: asked\n{POLITIE} answers GEGEVENS\n  {CATEGORY}: {{"gegeven":"bekend bij de politie"}}\n',
                  f"what {program.name} prints")
            refused = run(program, scene.om.home, scene.casus, "OVERIG", "", "veelplegers", CATEGORY, POLITIE, input=question,
                          env=environment, expect=3)
            check("GEEN_GRONDSLAG" in refused.out, "without grondslag", str(refused))
            run(program, folder / "nowhere", "c", "r", "g", "d", "c", "h", input="{}", env=environment, expect=2)


main(test)
