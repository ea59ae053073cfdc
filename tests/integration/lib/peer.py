# SPDX-License-Identifier: EUPL-1.2
"""A node that is not ours: speaks the wire with the keys of a node's home folder, honestly or not."""
import hashlib
import json
import os
import re
import struct
import time
import uuid

import zmq
import zmq.utils.z85 as z85

import lib.note as note
import lib.seal as seal
import lib.wire as wire
from lib.basics import Failure

WAIT_MS = 10000


def keyfile(path):
    """(name, public, secret) of a key file."""
    fields = dict(re.findall(r"^(\w+): *(.*)$", path.read_text(), re.M))
    return fields["name"].strip('"'), bytes.fromhex(fields["public"]), bytes.fromhex(fields["secret"])


def certificate(path):
    """(public, secret) CURVE keys in Z85, of a zcert file with its secret half."""
    fields = dict(re.findall(r'^\s*(public-key|secret-key) = "(.{40})"$', path.with_name(path.name + "_secret").read_text(), re.M))
    return fields["public-key"].encode(), fields["secret-key"].encode()


def z85_key(key):
    return z85.encode(key)


def uuid7():
    now = int(time.time() * 1000)
    value = bytearray(now.to_bytes(6, "big") + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    return bytes(value)


class Line:
    """One CURVE connection to a house, as whoever holds these keys."""

    def __init__(self, endpoint, server_key, keys, routing_id=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.monitor = self.socket.get_monitor_socket()
        self.socket.curve_serverkey = server_key
        self.socket.curve_publickey, self.socket.curve_secretkey = keys
        self.socket.linger = 0
        self.socket.sndtimeo = WAIT_MS
        self.socket.reconnect_ivl = -1
        if routing_id is not None:
            self.socket.setsockopt(zmq.ROUTING_ID, routing_id)
        self.socket.connect(endpoint)
        self.correlation = 0
        self.kept = []

    def close(self):
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(0)
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def event(self, *wanted, wait_ms=WAIT_MS):
        """Wait for one of these monitor events; its number."""
        from zmq.utils.monitor import recv_monitor_message
        until = time.monotonic() + wait_ms / 1000
        while (left := until - time.monotonic()) > 0:
            if self.monitor.poll(int(left * 1000) + 1):
                event = recv_monitor_message(self.monitor)["event"]
                if event in wanted:
                    return event
        raise Failure(f"none of the events {wanted} came")

    def send(self, verb, body=b"", correlation=None):
        if correlation is None:
            self.correlation += 1
            correlation = self.correlation
        self.socket.send(wire.frame(verb, correlation, body))
        return correlation

    def receive(self, wait_ms=WAIT_MS):
        """(verb, correlation, body), or None when nothing came in time."""
        if not self.socket.poll(wait_ms):
            return None
        return wire.unframe(self.socket.recv())

    def answer(self, correlation, wait_ms=WAIT_MS):
        """The frame with that correlation; what comes between is kept."""
        for i, (verb, c, body) in enumerate(self.kept):
            if c == correlation and verb != wire.DELIVERY:
                return self.kept.pop(i)[::2]
        until = time.monotonic() + wait_ms / 1000
        while (left := until - time.monotonic()) > 0:
            frame = self.receive(int(left * 1000) + 1)
            if frame and frame[1] == correlation and frame[0] not in (wire.DELIVERY, wire.NOTICE):
                return frame[0], frame[2]
            if frame:
                self.kept.append(frame)
        raise Failure(f"no answer to {correlation} in {wait_ms} ms")

    def ask(self, verb, body=b"", wait_ms=WAIT_MS):
        return self.answer(self.send(verb, body), wait_ms)

    def delivery(self, wait_ms=WAIT_MS):
        """The next delivery: a dict of envelope, mandate, index."""
        for i, (verb, _, body) in enumerate(self.kept):
            if verb == wire.DELIVERY:
                self.kept.pop(i)
                return wire.decode(wire.DELIVERY_BODY, body)
        until = time.monotonic() + wait_ms / 1000
        while (left := until - time.monotonic()) > 0:
            frame = self.receive(int(left * 1000) + 1)
            if frame and frame[0] == wire.DELIVERY:
                return wire.decode(wire.DELIVERY_BODY, frame[2])
            if frame:
                self.kept.append(frame)
        return None

    def submit(self, envelope):
        """The receipt as a dict (lib/note.py), or the trouble's code as text."""
        verb, body = self.ask(wire.SUBMIT, envelope)
        if verb == wire.TROUBLE:
            return wire.decode(wire.TROUBLE_BODY, body)["code"]
        assert verb in (wire.RECEIPT, wire.REPLY), wire.NAMES[verb]
        return note.receipt_open(body, self.log_key) if verb == wire.RECEIPT else body.decode()


class Peer(Line):
    """A line with the identity of a node's home folder, that can also compose messages."""

    def __init__(self, node, **options):
        self.home = node.home
        text = (self.home / "node.yaml").read_text()
        self.fields = {k: v.strip().strip('"') for k, v in re.findall(r"^(\w+): *(.*)$", text, re.M)}
        self.log_key = self.fields["log"]
        self.reading = {}
        for path in self.home.glob("keys/reading-*.key"):
            name, _, secret = keyfile(path)
            self.reading[name] = secret
        super().__init__(self.fields["endpoint"], z85_key(bytes.fromhex(self.fields["transport"])),
                         certificate(self.home / "keys" / "transport.cert"), **options)

    def hoedanigheid(self):
        assert len(self.reading) == 1
        return next(iter(self.reading))

    def person(self):
        """(id, mandate digest, public key, seed) of the first person of this home."""
        path = sorted(self.home.glob("keys/person-*.key"))[0]
        person = path.name.removeprefix("person-").removesuffix(".key")
        _, public, seed = keyfile(path)
        mandate = note.text_of((self.home / "mandates" / f"{person}.note").read_bytes())
        return person, hashlib.sha256(mandate).digest(), public, seed

    def node_seed(self):
        return keyfile(self.home / "keys" / "node.key")[2]

    def register(self):
        """The register in force, as the house gives it: its text."""
        verb, body = self.ask(wire.FETCH, wire.encode(wire.FETCH_BODY, {"what": "rules"}))
        assert verb == wire.REPLY, wire.NAMES[verb]
        rules = wire.decode(wire.RULES_BODY, body)
        return note.text_of(rules["register"]).decode()

    def reading_key(self, hoedanigheid):
        """The newest public reading key of a hoedanigheid."""
        row = re.search(rf'^  - hoedanigheid: "{re.escape(hoedanigheid)}"\n((?:    .*\n)*)', self.register(), re.M)[1]
        return bytes.fromhex(re.search(r'sleutels: \["([0-9a-f]{64})"', row)[1])

    def header(self, **fields):
        """A header with what every message has; fields override."""
        now = int(time.time() * 1000)
        person, mandate, _, _ = self.person()
        full = {"message_id": uuid7(), "created_unix_ms": now, "not_after_unix_ms": now + 600000, "exchange_id": uuid.uuid4().bytes,
                "sender": self.hoedanigheid(), "person": person, "mandate": mandate, "trace_id": os.urandom(16), **fields}
        for name in ("recipients", "categories"):
            full[name] = sorted(full.get(name, []))
        return full

    def compose(self, kind, header, parts=(), body=b"", seed=None):
        """A signed envelope. parts: (part header fields, content, {recipient: public key})."""
        _, _, public, person_seed = self.person()
        header_bytes = wire.encode(wire.HEADER, header)
        sealed = [seal.part_seal(header_bytes, header["sender"], public, head, content, sorted(readers.items()))
                  for head, content, readers in parts]
        payload = wire.encode(wire.MESSAGE, {"header": header_bytes, "body": body, "parts": sealed})
        return wire.seal_envelope(kind, payload, seed or person_seed)

    def by_node(self, kind, body):
        """A message that the node signs, not a person."""
        now = int(time.time() * 1000)
        header = wire.encode(wire.HEADER, {"message_id": uuid7(), "created_unix_ms": now, "not_after_unix_ms": now + 600000,
                                           "exchange_id": uuid.uuid4().bytes, "sender": self.hoedanigheid(), "trace_id": os.urandom(16)})
        return wire.seal_envelope(kind, wire.encode(wire.MESSAGE, {"header": header, "body": body}), self.node_seed())

    def acknowledge(self, *message_ids):
        return self.by_node("ontvangst", wire.encode(wire.ONTVANGST, {"message_ids": list(message_ids)}))

    def introduce(self):
        """Bring the mandate of the first person to the house; the receipt."""
        note_bytes = (self.home / "mandates" / f"{self.person()[0]}.note").read_bytes()
        return self.submit(self.by_node("mandaat", wire.encode(wire.MANDAAT, {"note": note_bytes})))

    def credit(self, n):
        self.send(wire.CREDIT, struct.pack(">I", n))

    def open(self, envelope, mandate):
        """(kind, header, [(part header, content as JSON)]) of a delivered envelope, the signature and the parts checked."""
        person_key = bytes.fromhex(re.search(r"^sleutel: *\"?([0-9a-f]{64})", note.text_of(mandate).decode(), re.M)[1])
        kind, header, header_bytes, message = wire.open_envelope(envelope, person_key)
        mine = self.hoedanigheid()
        parts = [seal.part_open(header_bytes, header["sender"], person_key, part, mine, self.reading[mine]) for part in message["parts"]]
        return kind, header, [(head, json.loads(content)) for head, content in parts]
