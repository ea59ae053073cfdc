# SPDX-License-Identifier: EUPL-1.2
"""The wire as a second implementation writes it: protobuf by hand, DSSE envelopes, frames (docs/protocol.md).

Nothing here comes from the C sources or from protoc: what both agree on is the document. A message is a dict from field name to
value; what is not in it, or is empty, is not written. Decoding keeps unknown fields out by raising."""
import hashlib
import struct

import nacl.signing

SUBMIT, FETCH, CREDIT, JOIN, PING, COSIGN = 1, 2, 3, 4, 5, 6
RECEIPT, DELIVERY, REPLY, TROUBLE, NOTICE, PONG, BYE = range(64, 71)
NAMES = {1: "SUBMIT", 2: "FETCH", 3: "CREDIT", 4: "JOIN", 5: "PING", 6: "COSIGN", 64: "RECEIPT", 65: "DELIVERY", 66: "REPLY", 67: "TROUBLE",
         68: "NOTICE", 69: "PONG", 70: "BYE"}

# number: (name, form); "*" repeats. Forms: bytes, text, number, flag, or the table of a nested message.
SIGNATURE = {1: ("key_id", "bytes"), 2: ("signature", "bytes")}
ENVELOPE = {1: ("type", "text"), 2: ("payload", "bytes"), 3: ("signatures*", SIGNATURE)}
WRAP = {1: ("recipient", "text"), 2: ("key_id", "bytes"), 3: ("enc", "bytes"), 4: ("sealed_key", "bytes")}
PART = {1: ("header", "bytes"), 2: ("suite", "number"), 3: ("nonce", "bytes"), 4: ("commitment", "bytes"), 5: ("ciphertext", "bytes"),
        6: ("wraps*", WRAP)}
PART_HEADER = {1: ("category", "text"), 2: ("secrecy_basis", "text"), 3: ("conditions*", "text"), 4: ("reference_date", "text"),
               5: ("source", "text"), 6: ("wpg_article", "text"), 7: ("person_category", "text"), 8: ("content_commitment", "bytes"),
               9: ("media_type", "text")}
MESSAGE = {1: ("header", "bytes"), 2: ("body", "bytes"), 3: ("parts*", PART)}
HEADER = {1: ("message_id", "bytes"), 2: ("created_unix_ms", "number"), 3: ("not_after_unix_ms", "number"), 4: ("exchange_id", "bytes"),
          5: ("in_reply_to", "bytes"), 6: ("casus", "bytes"), 7: ("sender", "text"), 8: ("person", "text"), 9: ("mandate", "bytes"),
          10: ("recipients*", "text"), 11: ("regime", "text"), 12: ("grondslag", "text"), 13: ("doel", "text"), 14: ("noodzaak", "text"),
          15: ("overleg", "text"), 16: ("categories*", "text"), 17: ("person_role", "text"), 18: ("deadline_unix_ms", "number"),
          19: ("answer_kind", "text"), 20: ("urgent", "flag"), 21: ("convenant", "bytes"), 22: ("trace_id", "bytes"),
          23: ("on_behalf_of", "text")}
MANDAAT = {1: ("note", "bytes"), 2: ("withdrawn", "flag")}
ONTVANGST = {1: ("message_ids*", "bytes")}
INZAGE = {1: ("purpose", "text"), 2: ("casus", "bytes"), 3: ("hoedanigheid", "text"), 4: ("code", "text"), 5: ("category", "text"),
          6: ("from_unix_ms", "number"), 7: ("to_unix_ms", "number"), 8: ("after_index", "number"), 9: ("limit", "number"),
          10: ("kind", "text")}
DELIVERY_BODY = {1: ("envelope", "bytes"), 2: ("mandate", "bytes"), 3: ("index", "number")}
FETCH_BODY = {1: ("what", "text"), 2: ("id", "bytes"), 3: ("from", "number"), 4: ("to", "number"), 5: ("sender", "text")}
TROUBLE_BODY = {1: ("code", "text"), 2: ("text", "text")}
RULES_BODY = {1: ("kader", "bytes"), 2: ("register", "bytes"), 3: ("convenanten*", "bytes"), 4: ("checkpoint", "bytes")}
LOG_RECORD = {1: ("index", "number"), 2: ("entry", "bytes"), 3: ("record", "bytes")}
LOG_PAGE = {1: ("records*", LOG_RECORD), 2: ("next_index", "number"), 3: ("size", "number")}
RUNG = {1: ("name", "text"), 2: ("unix_ms", "number"), 3: ("hoedanigheid", "text"), 4: ("index", "number"), 5: ("receipt", "bytes")}
LADDER = {1: ("message_id", "bytes"), 2: ("rungs*", RUNG)}


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def lengthy(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def one(number, form, value):
    if form in ("number", "flag"):
        return varint(number << 3) + varint(int(value))
    if form == "text":
        value = value.encode()
    elif form != "bytes":
        value = encode(form, value)
    return lengthy(number, value)


def encode(table, message):
    """Fields in ascending order; empty ones are left out, as proto3 has it."""
    known = {name.rstrip("*") for name, _ in table.values()}
    assert set(message) <= known, f"no such field: {set(message) - known}"
    out = b""
    for number, (name, form) in sorted(table.items()):
        value = message.get(name.rstrip("*"))
        if name.endswith("*"):
            out += b"".join(one(number, form, v) for v in value or [])
        elif value:
            out += one(number, form, value)
    return out


def take_varint(data, at):
    n = shift = 0
    while True:
        byte = data[at]
        at += 1
        n |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return n, at


def decode(table, data):
    """A dict with every field of the table; absent ones empty. Unknown fields and a different spelling raise."""
    empty = {"bytes": b"", "text": "", "number": 0, "flag": 0}
    out = {name.rstrip("*"): [] if name.endswith("*") else empty.get(form) if isinstance(form, str) else None
           for name, form in table.values()}
    at = 0
    while at < len(data):
        tag, at = take_varint(data, at)
        name, form = table[tag >> 3]
        value, at = take_varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
            value = value.decode() if form == "text" else value if form == "bytes" else decode(form, value)
        if name.endswith("*"):
            out[name.rstrip("*")].append(value)
        else:
            out[name] = value
    if encode(table, {k: v for k, v in out.items() if v}) != data:
        raise ValueError("not the canonical encoding")
    return out


def frame(verb, correlation, body=b""):
    return struct.pack(">BBHQ", 1, verb, 0, correlation) + body


def unframe(data):
    version, verb, zero, correlation = struct.unpack(">BBHQ", data[:12])
    assert version == 1 and zero == 0
    return verb, correlation, data[12:]


def pae(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def kind_type(kind):
    return f"application/vnd.knooppunt.{kind}.v1+protobuf"


def key_id(public_key):
    return hashlib.sha256(public_key).digest()[:8]


def seal_envelope(kind, payload, seed):
    """Signed by the Ed25519 key of that seed."""
    key = nacl.signing.SigningKey(seed)
    signature = key.sign(pae(kind_type(kind), payload)).signature
    return encode(ENVELOPE, {"type": kind_type(kind), "payload": payload,
                             "signatures": [{"key_id": key_id(bytes(key.verify_key)), "signature": signature}]})


def open_envelope(data, public_key=None):
    """(kind, header, header bytes, message); the signature is checked when a key is given."""
    envelope = decode(ENVELOPE, data)
    if public_key is not None:
        assert len(envelope["signatures"]) == 1
        nacl.signing.VerifyKey(public_key).verify(pae(envelope["type"], envelope["payload"]), envelope["signatures"][0]["signature"])
    message = decode(MESSAGE, envelope["payload"])
    kind = envelope["type"].removeprefix("application/vnd.knooppunt.").removesuffix(".v1+protobuf")
    return kind, decode(HEADER, message["header"]), message["header"], message
