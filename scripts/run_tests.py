#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Builds and runs the tests of each preset through ctest, and counts every case of every run.

A case is passed or failed; one that ctest did not run (no program, skipped, disabled) is failed, because nobody looks at a
third number. A preset that can't be built is one failed case."""
import argparse
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEHAVIOUR = "^(unit|fuzz|sim|integration)$"
# preset: the labels it runs. The checks of the tree (label check) say the same in every build, so one run is enough.
LABELS = {"dev": ".", "clang": BEHAVIOUR, "asan": BEHAVIOUR, "tsan": "^tsan$", "release": BEHAVIOUR, "fuzz": "^fuzz$"}
WHOLE_SUITE = ["dev", "asan", "tsan"]
OUTPUT_SHOWN = 20000
JOBS = (os.cpu_count() or 1) + 1  # many a test waits for a moment to come


def arguments():
    p = argparse.ArgumentParser(prog="scripts/test", description="Runs the test suite: dev (gcc) with the checks of the tree, "
                                "asan (clang, address and undefined) and tsan (clang, thread).")
    p.add_argument("--quick", action="store_true", help="dev only")
    p.add_argument("--preset", choices=sorted(LABELS), help="this preset only")
    p.add_argument("-k", metavar="REGEX", help="only the tests whose name matches")
    return p.parse_args()


def build(preset):
    """None, or what the failing step said."""
    for command in (["cmake", "-S", str(ROOT), "--preset", preset, "-DBUILD_TESTING=ON"], ["cmake", "--build", str(ROOT / "build" / preset)]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if done.returncode:
            return done.stdout
    return None


def label_of(preset, folder):
    """tsan runs what has threads; without such tests, all unit tests."""
    if preset != "tsan":
        return LABELS[preset]
    labels = subprocess.run(["ctest", "--test-dir", folder, "--print-labels"], capture_output=True, text=True).stdout.split()
    return LABELS[preset] if "tsan" in labels else "^unit$"


def cases_of(report):
    """(name, failed, output) of each case in a JUnit file of ctest."""
    for case in xml.parse(report).getroot().iter("testcase"):
        output = "\n".join(e.text or "" for e in case.iter("system-out"))
        reason = "; ".join(e.get("message", "") for tag in ("failure", "skipped") for e in case.iter(tag))
        yield case.get("name"), case.get("status") != "run" or bool(reason), (reason + "\n" + output).strip()


def run(preset, regex):
    """(name, failed, output) of each case of one preset."""
    folder = ROOT / "build" / preset
    trouble = build(preset)
    if trouble is not None:
        return [(f"{preset}: build", True, trouble)]
    report = folder / "ctest.xml"
    report.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", str(folder), f"-j{JOBS}", "--output-on-failure", "--output-junit", str(report),
               "-L", label_of(preset, str(folder))]
    if regex:
        command += ["-R", regex]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        cases = [(f"{preset}: {name}", failed, output) for name, failed, output in cases_of(report)]
    except (OSError, xml.ParseError) as e:
        return [(f"{preset}: ctest", True, f"{e}\n{done.stdout}")]
    if done.returncode and not any(failed for _, failed, _ in cases) and (cases or not regex):
        cases.append((f"{preset}: ctest", True, done.stdout))
    return cases


def main():
    options = arguments()
    presets = [options.preset] if options.preset else ["dev"] if options.quick else WHOLE_SUITE
    passed, failures = 0, []
    for preset in presets:
        start = time.monotonic()
        cases = run(preset, options.k)
        bad = [c for c in cases if c[1]]
        for name, _, output in bad:
            print(f"--- {name}\n{output[-OUTPUT_SHOWN:]}\n", flush=True)
        passed += len(cases) - len(bad)
        failures += [name for name, _, _ in bad]
        print(f"{preset}: {len(cases) - len(bad)} passed, {len(bad)} failed, {time.monotonic() - start:.0f} s", flush=True)
    if failures:
        print("\nFailed:", *failures, sep="\n  ")
    if not passed and not failures:
        print("Nothing ran.")
    print(f"{passed} passed, {len(failures)} failed")
    return 0 if passed and not failures else 1


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main())
