# SPDX-License-Identifier: EUPL-1.2
"""A whole house in a folder: knooppuntd, the nodes of its partners, their handlers; all real, all gone at the end."""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys

from lib.basics import LONG, ROOT, SLOW, Failure, check, equal, program, run, wait_for

ROLES = ("parent", "gate", "core", "keeper")
STEWARDS = ("beheerder-1", "beheerder-2")
HANDLER = pathlib.Path(__file__).with_name("handler.py")


def stat_of(pid):
    """(parent's pid, state) or None when there is no such process."""
    try:
        after_name = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(after_name[1]), after_name[0]


def children(pid):
    return [int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit() and (stat_of(p.name) or (0,))[0] == pid]


class House:
    """with House(folder) as house: ... The daemon runs inside; what it wrote is shown when something fails."""

    def __init__(self, folder, register=None, kader=None, start=True, settings=None):
        self.base = pathlib.Path(folder)
        self.dir = self.base / "huis"
        self.log_path = self.base / "knooppuntd.log"
        self.daemon = None
        self.nodes = {}
        self.servers = []
        self.share = self.base / "share"
        self.make_share()
        options = []
        if register:
            options += ["--register", register]
        else:
            options += ["--example", "drenthe"]
        if kader:
            options += ["--kader", kader]
        # An address of its own, so that the port found at the first start is still free at the next.
        number = os.getpid()
        address = f"127.{1 + number // 62500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"
        self.run("house", "init", "--origin", "zvh.example/log-1", "--listen", f"tcp://{address}:0", *options)
        self.config = self.dir / "knooppunt.yaml"
        for key, value in (settings or {}).items():
            self.set(key, value)
        self.vkey = (self.dir / "log.vkey").read_text().strip()
        self.endpoint = None
        if start:
            self.start()

    @classmethod
    def copy(cls, other, folder):
        """Another broker on a copy of a house that does not run, on an address of its own."""
        house = cls.__new__(cls)
        house.base = pathlib.Path(folder)
        house.base.mkdir()
        house.dir = house.base / "huis"
        house.log_path = house.base / "knooppuntd.log"
        house.share, house.vkey = other.share, other.vkey
        house.daemon, house.endpoint = None, None
        house.nodes, house.servers = {}, []
        shutil.copytree(other.dir, house.dir, ignore=shutil.ignore_patterns("*.sock"))
        house.config = house.dir / "knooppunt.yaml"
        house.set("listen", re.sub(r"\.\d+:\d+$", ".254:0", other.endpoint))
        return house

    def make_share(self):
        """The layout of the installed examples, from the tree."""
        example = self.share / "examples" / "drenthe"
        example.parent.mkdir(parents=True)
        shutil.copytree(ROOT / "tests" / "data" / "drenthe", example)
        shutil.copytree(ROOT / "convenant" / "kader", self.share / "kader")

    def set(self, key, value):
        text = self.config.read_text()
        line = f'{key}: "{value}"' if isinstance(value, str) else f"{key}: {value}"
        text, n = re.subn(rf"^{key}: .*$", line, text, flags=re.M)
        self.config.write_text(text if n else text + line + "\n")

    # --- the daemon

    def start(self):
        read, write = os.pipe()
        with open(self.log_path, "ab") as log:
            self.daemon = subprocess.Popen([program("knooppuntd"), "--config", str(self.config), "--ready-fd", str(write)],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[write])
        os.close(write)
        said = b""
        while not said.endswith(b"\n"):
            if not select.select([read], [], [], LONG)[0]:
                os.close(read)
                raise Failure(f"knooppuntd is not ready in {LONG} s; it said {said!r}\n{self.log()[-3000:]}")
            more = os.read(read, 4096)
            if not more:
                os.close(read)
                raise Failure(f"knooppuntd ended before it was ready, exit status {self.daemon.wait()}; it said {said!r}\n{self.log()[-3000:]}")
            said += more
        os.close(read)
        match = re.search(rb"tcp://\S+", said)
        check(match, "no endpoint in", said)
        self.endpoint = match[0].decode()
        self.set("listen", self.endpoint)
        return self

    def stop(self, expect=0):
        """End in good order."""
        daemon, self.daemon = self.daemon, None
        roles = children(daemon.pid)
        daemon.send_signal(signal.SIGTERM)
        try:
            status = daemon.wait(LONG)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
            raise Failure(f"knooppuntd did not stop in {LONG} s after SIGTERM") from None
        equal(status, expect, "exit status of knooppuntd")
        for pid in roles:
            wait_for(lambda: not self.alive(pid), f"process {pid} outlives its parent")

    @staticmethod
    def alive(pid):
        state = stat_of(pid)
        return state is not None and state[1] != "Z"

    def restart(self):
        self.stop()
        return self.start()

    def pid(self, role):
        if role == "parent":
            return self.daemon.pid
        for pid in children(self.daemon.pid):
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"--role" in words and words[words.index(b"--role") + 1] == role.encode():
                return pid
        raise Failure(f"there is no process with role {role}")

    def kill(self, role):
        """kill -9 that process; comes back when all four are gone."""
        roles = children(self.daemon.pid)
        os.kill(self.pid(role), signal.SIGKILL)
        daemon, self.daemon = self.daemon, None
        try:
            daemon.wait(LONG)
        except subprocess.TimeoutExpired:
            raise Failure(f"the house goes on without its {role}") from None
        for pid in roles:
            wait_for(lambda: not self.alive(pid), f"process {pid} outlives the {role}")

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # --- commands

    def environment(self):
        return {**os.environ, "KNOOPPUNT_SHARE": str(self.share), "HOME": str(self.base)}

    def run(self, *words, json=True, **options):
        """A command of an operator or steward."""
        return run(program("knooppunt"), *words, "--house", self.dir, *(["--json"] if json else []), env=self.environment(), **options)

    def status(self):
        return self.run("house", "status").json

    def size(self):
        """Entries in the signed log."""
        return int(self.run("audit", "checkpoint").json["checkpoint"].split("\n")[1])

    def export(self, name="export"):
        folder = self.base / name
        self.run("audit", "export", "--tiles", folder)
        return folder

    def verify(self, name="export"):
        """Export and verify; the report."""
        folder = self.export(name)
        return self.run("audit", "verify", folder, "--key", self.dir / "log.vkey").json

    # --- partners

    def invite(self, organisation, **options):
        path = self.base / f"{organisation}.uitnodiging"
        path.write_text(self.run("house", "invite", organisation, "--steward", STEWARDS[0], json=False, **options).out)
        return path

    def admit(self, organisation, phrase, steward, **options):
        return self.run("house", "admit", organisation, "--steward", steward, "--phrase", phrase, **options)

    def join(self, organisation, role="medewerker", klasse="uitvoering", person="mdw-1"):
        """Invite, join, admit by two stewards; the node, admitted."""
        node = Node(self, organisation)
        phrase = node.join(self.invite(organisation), role=role, klasse=klasse, person=person)
        for steward in STEWARDS:
            self.admit(organisation, phrase, steward)
        wait_for(lambda: node.status()["admitted"], f"{organisation} is admitted")
        self.nodes[organisation] = node
        return node

    def agree(self, text, signers, name="convenant"):
        """Sign a convenant by these nodes' organisations and publish it."""
        path = self.base / f"{name}.yaml"
        path.write_text(text)
        note = self.base / f"{name}.yaml.note"
        for i, node in enumerate(signers):
            node.run("convenant", "sign", note if i else path)
        self.run("convenant", "publish", note)
        return note

    # --- the end

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for server in self.servers:
            server.end()
        try:
            if self.daemon and kind is None:
                self.stop()
            elif self.daemon:
                self.daemon.terminate()
                self.daemon.wait(LONG)
        except subprocess.TimeoutExpired:
            for pid in children(self.daemon.pid):
                os.kill(pid, signal.SIGKILL)
            self.daemon.kill()
        finally:
            if kind is not None:
                print(f"--- log of knooppuntd\n{self.log()[-6000:]}---", file=sys.stderr)
        if kind is None:
            for mark in ("AddressSanitizer", "runtime error:", "LeakSanitizer", "assertion", "Assertion"):
                check(mark not in self.log(), f"{mark} in the log of knooppuntd:\n", self.log()[-6000:])
            for secret in self.secrets():
                check(secret not in self.log(), "a BSN or a private key in the log of knooppuntd:\n", self.log()[-6000:])

    def secrets(self):
        """What may stand in no log: the private keys of house, stewards and nodes, and who the questions are about."""
        keys = [*self.dir.glob("keys/*.key"), *self.dir.glob("stewards/*.key")]
        keys += [path for node in self.nodes.values() for path in node.home.glob("keys/*.key")]
        found = {line.split(": ", 1)[1].strip() for path in keys for line in path.read_text().splitlines() if line.startswith("secret: ")}
        check(len(found) >= 4, "no private keys found under", self.dir)
        return found | {"999900407", "9999.00.407", "Verzonnen"}


class Node:
    """A partner: a home folder and the commands in it."""

    def __init__(self, house, organisation):
        self.house, self.organisation = house, organisation
        self.home = house.base / organisation
        self.number = 0

    def run(self, *words, json=True, **options):
        return run(program("knooppunt"), *words, "--home", self.home, *(["--json"] if json else []), env=self.house.environment(), **options)

    def join(self, invitation, role="medewerker", klasse="uitvoering", person="mdw-1"):
        """Send the request to join; the phrase."""
        return self.run("node", "join", invitation, "--person", person, "--role", role, "--klasse", klasse).json["phrase"]

    def turn_to(self, house):
        """The same node, the same keys, another endpoint."""
        path = self.home / "node.yaml"
        path.write_text(re.sub(r"^endpoint: .*$", f'endpoint: "{house.endpoint}"', path.read_text(), flags=re.M))

    def status(self, **options):
        return self.run("node", "status", **options).json

    def hoedanigheden(self):
        return sorted(p.name[8:-4] for p in self.home.glob("keys/reading-*.key"))

    def inbox(self, *options):
        return self.run("inbox", *options).json

    def serve(self, csv=None, **options):
        """Answer questions with lib/handler.py from that CSV text."""
        server = Server(self, csv, **options)
        self.house.servers.append(server)
        return server


class Server:
    """knooppunt serve --handler, with a record of which messages the handler saw."""

    def __init__(self, node, csv=None, handler=None, kind="verzoek"):
        node.number += 1
        self.node = node
        self.handled_path = node.house.base / f"{node.organisation}.handled"
        self.csv_path = node.house.base / f"{node.organisation}.csv"
        self.log_path = node.house.base / f"{node.organisation}.serve-{node.number}"
        if csv is not None:
            self.csv_path.write_text(csv)
        self.command = handler or f"/usr/bin/python3 -BSE {HANDLER} {self.csv_path} {self.handled_path}"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([program("knooppunt"), "serve", "--handler", self.command, "--kind", kind, "--home", str(node.home),
                                             "--json"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=node.house.environment())

    def handled(self):
        """Message ids in the order in which the handler saw them."""
        return self.handled_path.read_text().split() if self.handled_path.exists() else []

    def lines(self):
        out = []
        for line in self.log_path.read_text(errors="replace").splitlines():
            try:
                out.append(json.loads(line))
            except ValueError:
                out.append(line)
        return out

    def end(self, expect=0):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(LONG)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"serve of {self.node.organisation} did not stop after SIGTERM") from None
        if expect is not None:
            equal(status, expect, f"exit status of serve of {self.node.organisation}, which said {self.lines()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
