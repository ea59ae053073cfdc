#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Each check of scripts/checks accepts a right tree and refuses, naming file and line, a tree that breaks one rule.

What is forbidden is spelled in two parts here, so that the checks do not find this file."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CHECKS = ROOT / "scripts" / "checks"
LICENCE = "/* SPDX-License-Identifier: EUPL-1.2 */\n"


class OnTree(unittest.TestCase):
    check = None
    right = {}  # path: text

    def outcome(self, changes):
        """(exit code, what is printed) of the check on the right tree with some files changed."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**self.right, **changes}.items():
                if text is not None:
                    path = pathlib.Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            done = subprocess.run([sys.executable, "-B", CHECKS / self.check, folder], capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr

    def accepts(self, changes):
        self.assertEqual(self.outcome(changes), (0, ""))

    def refuses(self, changes, *expected):
        code, printed = self.outcome(changes)
        self.assertEqual(code, 1, printed)
        for text in expected:
            self.assertIn(text, printed)
        self.assertEqual(len(printed.splitlines()), len(expected), printed)


class Layers(OnTree):
    check = "check-layers"
    right = {
        "base/a.h": "",
        "proto/p.h": '#include "base/a.h"\n',
        "proto/codec_x.c": '#include "x.pb-c.h"\n#include "proto/x.pb-c.h"\n',
        "convenant/c.h": '#include "proto/p.h"\n',
        "daemon/role.h": "",
        "daemon/main.c": '#include "daemon/gate/g.h"\n#include "daemon/core/k.h"\n',
        "daemon/ipc/i.h": '#include "daemon/role.h"\n',
        "daemon/conf/f.h": '#include "daemon/ipc/i.h"\n',
        "daemon/gate/g.h": '#include "daemon/conf/f.h"\n',
        "daemon/gate/g.c": "#include <zmq.h>\n",
        "daemon/core/k.h": '#include "daemon/store/s.h"\n',
        "daemon/store/s.h": "#include <lmdb.h>\n",
        "client/lib/l.h": '#include "convenant/c.h"\n#include "knooppunt/k.h"\n#include <lmdb.h>\n#include <zmq.h>\n',
        "client/cli/c.c": '#include "client/lib/l.h"\n',
        "include/knooppunt/k.h": "#include <stdint.h>\n",
        "tests/unit/t.c": '#include "daemon/core/k.h"\n#include "client/lib/l.h"\n',
    }

    def test_right(self):
        self.accepts({})

    def test_a_layer_does_not_look_up(self):
        self.refuses({"base/b.c": '\n#include "proto/p.h"\n'}, "base/b.c:2:")
        self.refuses({"proto/b.c": '#include "convenant/c.h"\n'}, "proto/b.c:1:")
        self.refuses({"convenant/b.c": ' # include "daemon/role.h"\n'}, "convenant/b.c:1:")
        self.refuses({"daemon/core/b.c": '#include "client/lib/l.h"\n'}, "daemon/core/b.c:1:")
        self.refuses({"client/lib/b.c": '#include "daemon/role.h"\n'}, "client/lib/b.c:1:")
        self.refuses({"daemon/core/b.c": '#include "knooppunt/k.h"\n'}, "daemon/core/b.c:1:")
        self.refuses({"include/knooppunt/b.h": '#include "base/a.h"\n'}, "include/knooppunt/b.h:1:")
        self.refuses({"base/b.c": '#include "tests/t.h"\n'}, "base/b.c:1:")

    def test_roles_do_not_know_each_other(self):
        self.refuses({"daemon/gate/b.c": '#include "daemon/core/k.h"\n'}, "daemon/gate/b.c:1:")
        self.refuses({"daemon/keeper/b.c": '#include "daemon/gate/g.h"\n'}, "daemon/keeper/b.c:1:")
        self.refuses({"daemon/ipc/b.c": '#include "daemon/core/k.h"\n'}, "daemon/ipc/b.c:1:")
        self.refuses({"daemon/gate/b.c": '#include "daemon/store/s.h"\n'}, "daemon/gate/b.c:1:")
        self.refuses({"daemon/main.c": '#include "daemon/store/s.h"\n'}, "daemon/main.c:1:")
        self.refuses({"daemon/other/b.c": '#include "daemon/ipc/i.h"\n'}, "daemon/other/b.c:1:")
        self.refuses({"client/lib/b.c": '#include "client/cli/c.h"\n', "client/cli/c.h": ""}, "client/lib/b.c:1:")

    def test_foreign_headers_stay_in_their_place(self):
        self.refuses({"daemon/core/b.c": "#include <lmdb.h>\n"}, "daemon/core/b.c:1:")
        self.refuses({"daemon/core/b.c": "#include <zmq.h>\n"}, "daemon/core/b.c:1:")
        self.refuses({"client/cli/b.c": "#include <zmq.h>\n"}, "client/cli/b.c:1:")
        self.refuses({"proto/b.c": '#include "proto/x.pb-c.h"\n'}, "proto/b.c:1:")
        self.refuses({"daemon/core/b.c": '#include "x.pb-c.h"\n'}, "daemon/core/b.c:1:")
        self.refuses({"convenant/b.c": "#include <yaml.h>\n"}, "convenant/b.c:1:")

    def test_headers_are_named_from_the_root(self):
        self.refuses({"base/b.c": '#include "a.h"\n'}, "base/b.c:1:")
        self.refuses({"base/b.c": '#include "../base/a.h"\n'}, "base/b.c:1:")
        self.refuses({"base/b.c": '#include "base/none.h"\n'}, "base/b.c:1:")


def function(lines, parameters="void"):
    return f"int\tf({parameters})\n{{\n" + "\tx();\n" * (lines - 3) + "}\n"


class Size(OnTree):
    check = "check-size"
    right = {"base/a.c": function(60, "int a, void (*b)(int, int), int c, int d, int e")}

    def test_right(self):
        self.accepts({"base/a.h": "\n" * 200, "base/b.c": "\n" * 600})
        self.accepts({"base/b.c": "struct x y = {\n" + "\t1,\n" * 300 + "};\n"})
        self.accepts({"tests/t.c": function(100, "int a, int b, int c, int d, int e, int f, int g")})

    def test_large_is_a_warning(self):
        code, printed = self.outcome({"base/b.c": "\n" * 601, "base/c.c": "\n" + function(61), "base/b.h": "\n" * 201})
        self.assertEqual(code, 0)
        for text in ("base/b.c:1: warning: lines: 601", "base/c.c:2: warning: lines of f(): 61", "base/b.h:1: warning:"):
            self.assertIn(text, printed)

    def test_too_large(self):
        self.refuses({"base/b.c": "\n" * 1001}, "base/b.c:1: lines: 1001")
        self.refuses({"base/b.h": "\n" * 251}, "base/b.h:1: lines: 251")
        self.refuses({"base/b.c": "\n" + function(101)}, "base/b.c:2: lines of f(): 101")
        self.refuses({"tests/b.c": "\n" * 1501}, "tests/b.c:1: lines: 1501")
        self.refuses({"tests/b.c": function(201)}, "tests/b.c:1: lines of f(): 201")

    def test_too_many_parameters(self):
        self.refuses({"base/b.c": function(5, "int a, int b, int c,\n      int d, int e, int f, int g, int h")},
                     "base/b.c:1: parameters of f(): 8")

    def test_too_wide(self):
        self.refuses({"base/b.c": "\n/* " + "x" * 150 + " */\n"}, "base/b.c:2: 156 columns")


class Tree(OnTree):
    check = "check-tree"
    right = {
        "base/a.c": LICENCE,
        "base/a.h": LICENCE,
        "base/CMakeLists.txt": "",
        "base/README.md": "# base\n\nSee [the front](../README.md#a-title-here).\n\n- `a.h`, `a.c`: a thing\n  on two lines\n",
        "README.md": "# A `title` here\n",
        "scripts/run": "#!/bin/bash\n# SPDX-License-Identifier: EUPL-1.2\n",
        "scripts/README.md": "- `run`: runs\n",
        "tests/README.md": "- `unit/*/`: tests\n",
        "tests/unit/base/test_a.c": LICENCE,
        "tests/data/x.csv": "a,b\n",
    }

    def test_right(self):
        self.accepts({})
        self.accepts({"base/a.c": LICENCE + "mkstemp(\"XX" "XXXX\");\n/* a stubborn hack" "saw */\n"})

    def one(self, text, folder="base", name="a.c"):
        if folder == "base":
            self.refuses({"base/a.c": LICENCE + text}, "base/a.c:2:")
        else:
            self.refuses({"tests/unit/base/test_a.c": LICENCE + text}, "tests/unit/base/test_a.c:2:")

    def test_unfinished_work(self):
        for word in ("TO" "DO", "FIX" "ME: x", "X" "XX", "HA" "CK", "not imple" "mented", "not yet imple" "mented", "a st" "ub"):
            self.one(f"/* {word} */\n")

    def test_tests_run_and_do_not_wait(self):
        for text in ("ski" "p();", "#if " "0", "usle" "ep(10);", "time.sle" "ep(1)", "sle" "ep (1);", "sle" "ep 1",
                     '@unittest.ski' 'p("x")', "self.skip" "Test('x')"):
            self.one(text + "\n", "tests")
        self.accepts({"base/a.c": LICENCE + "ski" "p();\n"})

    def test_private_keys(self):
        self.one("-----BEGIN PRIV" "ATE KEY-----\n")
        self.one("PRIV" "ATE+KEY+name+1234\n")
        self.one('    secret-' 'key = "' + "a" * 40 + '"\n')
        self.one("secret" ": " + "0" * 64 + "\n")

    def test_paths_of_a_machine(self):
        for path in ("/wo" "rk/x", "/ho" "me/jan/x", "/ro" "ot/x", "/tmp/ba" "sh_jobs"):
            self.one(f'open("{path}");\n')
        self.accepts({"base/a.c": LICENCE + "/* a frame" "/wo" "rk/x */\n"})

    def test_licences(self):
        self.refuses({"base/a.c": "int a;\n"}, "base/a.c:1:")
        self.refuses({"scripts/run": "#!/bin/bash\n"}, "scripts/run:1:")

    def test_readmes(self):
        self.refuses({"base/README.md": None}, "base/README.md:1: is missing")
        self.refuses({"base/b.c": LICENCE}, "base/README.md:6: the list at the end does not name b.c")
        self.refuses({"base/a.h": None}, "base/README.md:5: names a.h, which is not there")
        self.refuses({"base/README.md": "- `a.c`, `a.h`: x\n\nThe end.\n"}, "does not name a.c", "does not name a.h")
        self.refuses({"tests/README.md": "- `unit/proto/`: x\n"}, "tests/unit/base/README.md:1: is missing",
                     "tests/README.md:1: names unit/proto/")

    def test_links(self):
        self.refuses({"README.md": "# A title here\n[x](docs/none.md)\n"}, "README.md:2: the link docs/none.md")
        self.refuses({"README.md": "# A title here\n[x](#b)\n"}, "README.md:2: the link #b: no such heading")
        self.accepts({"README.md": "# A title here\n[x](https://example.org) `[y](z)`\n```\n[x](y)\n```\n"})


class Symbols(unittest.TestCase):
    def outcome(self, source):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "x.c").write_text(source)
            subprocess.run(["gcc", "-c", "-o", f"{folder}/x.o", f"{folder}/x.c"], check=True)
            subprocess.run(["ar", "rcs", f"{folder}/libkp_x.a", f"{folder}/x.o"], check=True)
            done = subprocess.run([CHECKS / "check-symbols", folder], capture_output=True, text=True)
            return done.returncode, done.stdout

    def test_own_names(self):
        self.assertEqual(self.outcome("int kp_x(void) { return 1; } static int yaml_free(void) { return 2; }\n"
                                      "int kp_y(void) { return yaml_free(); }"), (0, ""))

    def test_a_name_of_a_library(self):
        self.assertEqual(self.outcome("void yaml_free(void *p) { (void)p; }"),
                         (1, "libkp_x.a: yaml_free is also a name of libyaml\n"))
        self.assertEqual(self.outcome("int zmq_send; int strtonum; int getline;")[0], 1)

    def test_nothing_to_look_at(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([CHECKS / "check-symbols", folder], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)


class Packages(unittest.TestCase):
    """Every tool that the build asks for by name is in the one list."""

    def test_the_list_holds_what_cmake_asks_for(self):
        listed = (ROOT / "packaging" / "packages.txt").read_text()
        for package in ("libsodium-dev >= 1.0.18-1+deb12u1", "libzmq3-dev", "libprotobuf-c-dev", "liblmdb-dev", "libyaml-dev",
                        "libjansson-dev", "libseccomp-dev", "libpopt-dev", "libcmocka-dev", "cmake", "ninja-build"):
            self.assertIn(f"\n{package}\n", listed)

    def test_the_programs_ask_for_nothing_of_the_tests(self):
        """scripts/demo installs no section [test]: without the tests, CMake looks for none of its tools."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["cmake", "-G", "Ninja", "-S", ROOT, "-B", folder, "-DBUILD_TESTING=OFF"], check=True, capture_output=True)
            cache = (pathlib.Path(folder) / "CMakeCache.txt").read_text().lower()
        for tool in ("cmocka", "protoc:", "python3:", "go:", "clang"):
            self.assertNotIn(tool, cache)

    def test_the_installer_is_silent_when_nothing_is_missing(self):
        done = subprocess.run([ROOT / "scripts" / "install-packages", "build", "test"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_an_unknown_section_is_refused(self):
        done = subprocess.run([ROOT / "scripts" / "install-packages", "other"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("other: no such section", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
