# SPDX-License-Identifier: EUPL-1.2
"""What all integration tests need: the programs, waiting with a bound, running commands, failing with what happened."""
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("KNOOPPUNT_BUILD") or ROOT / "build" / "dev")
SLOW = 4 if "sanitize" in (BUILD / "CMakeCache.txt").read_text() else 1  # sanitizers cost time; every bound is multiplied by it
LONG = 20 * SLOW

os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":exitcode=99:abort_on_error=0"
os.environ["UBSAN_OPTIONS"] = os.environ.get("UBSAN_OPTIONS", "") + ":exitcode=99:print_stacktrace=1"
os.environ["LC_ALL"] = "C.UTF-8"


class Failure(Exception):
    """Something is not as it should be; the text says what."""


def program(name):
    for folder in ("", "client/cli", "client", "daemon", "bench", "verify"):
        if (BUILD / folder / name).is_file():
            return str(BUILD / folder / name)
    raise Failure(f"{name} is not built in {BUILD}")


def check(truth, what, *shown):
    if not truth:
        raise Failure(" ".join([what] + [repr(s) for s in shown]))


def equal(got, wanted, what):
    if got != wanted:
        raise Failure(f"{what}: {got!r}, expected {wanted!r}")


def wait_for(condition, what, seconds=LONG):
    """The first true value of condition(). It is asked again and again, at most every 10 ms."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= until:
            raise Failure(f"in {seconds} s: {what}")
        select.select([], [], [], 0.01)


class Result:
    def __init__(self, command, done):
        self.command, self.status = command, done.returncode
        self.out, self.err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    @property
    def json(self):
        """The last line of the output."""
        lines = self.out.strip().splitlines()
        try:
            return json.loads(lines[-1])
        except (ValueError, IndexError):
            raise Failure(f"no JSON from {self}") from None

    def __str__(self):
        return f"{' '.join(self.command)}\nexit {self.status}\n{self.out}{self.err}"


def run(*command, expect=0, seconds=LONG, **options):
    """Run a command to its end; any other exit status than expect (one or several, None for all) is a failure."""
    command = [str(c) for c in command]
    given = options.pop("input", None)
    source = {"input": given.encode() if isinstance(given, str) else given} if given is not None else {"stdin": subprocess.DEVNULL}
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, **source, **options)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{' '.join(command)}: not done in {seconds} s\n{late.stdout}\n{late.stderr}") from None
    result = Result(command, done)
    if expect is not None and result.status not in (expect if isinstance(expect, tuple) else (expect,)):
        raise Failure(f"exit status {expect} expected from {result}")
    return result


def main(test):
    """Run a test function with a folder of its own; leaves the folder behind when KNOOPPUNT_KEEP is set."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kp-"))
    started = time.monotonic()
    try:
        test(folder)
    except BaseException as e:  # every way to fail is shown in full
        traceback.print_exc()
        print(f"\nFAILED: {e}", file=sys.stderr)
        sys.exit(1)
    finally:
        if not os.environ.get("KNOOPPUNT_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    print(f"passed in {time.monotonic() - started:.1f} s")
