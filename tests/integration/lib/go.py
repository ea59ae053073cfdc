# SPDX-License-Identifier: EUPL-1.2
"""The checker of tests/interop/go, built as its own test builds it."""
import os

from lib.basics import BUILD, ROOT, run


def go_checker(folder):
    """The built program."""
    cache = BUILD / "tests" / "interop" / "go-cache"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOPROXY": "off", "GOCACHE": str(cache)}
    run("go", "build", "-o", folder / "check_export", ".", cwd=ROOT / "tests" / "interop" / "go", env=environment, seconds=200)
    return folder / "check_export"
