# SPDX-License-Identifier: EUPL-1.2
"""Signed notes, the tree and receipts as a second implementation checks them (C2SP signed-note, tlog-checkpoint, tlog-proof)."""
import base64
import hashlib
import struct

import nacl.exceptions
import nacl.signing

KINDS = {1: "BERICHT", 2: "AFGELEVERD", 3: "GEOPEND", 4: "TERMIJN", 5: "REGELS", 6: "TOELATING", 7: "INZAGE", 8: "BEHEER",
         9: "VERNIETIGD"}
CODES = ("TOEGESTAAN GEEN_GRONDSLAG GEEN_DOEL DEELNEMER_ONBEVOEGD MEDEWERKER_NIET_GEAUTORISEERD CONVENANT_ONGELDIG "
         "FASE_STAAT_NIET_TOE CATEGORIE_NIET_TOEGESTAAN CATEGORIE_NIET_GEVRAAGD KRING_TE_RUIM BEROEPSGEHEIM_GEEN_BASIS "
         "GEEN_INSTEMMING_BRON VOORWAARDE_BRON NIET_BETROKKEN_BIJ_CASUS CASUS_AFGESLOTEN BEWAARTERMIJN_VERSTREKEN "
         "NIET_VERSLEUTELD HANDTEKENING_ONGELDIG HERHALING IDENTIFICATIE_IN_METADATA AUDIT_NIET_BESCHIKBAAR SCHEMA_ONGELDIG "
         "TERMIJN_VERSTREKEN").split()


def text_of(data):
    """The signed text of a note: up to and without the blank line before its signatures."""
    return data[:data.rindex(b"\n\n") + 1]


def verify(data, vkey):
    """The text, or an exception when this key did not sign it."""
    name, hexid, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == hexid and key[0] == 1, "vkey"
    text = text_of(data)
    for line in data[len(text) + 1:].decode().splitlines():
        dash, by, signature = line.split(" ")
        raw = base64.b64decode(signature, validate=True)
        if dash == "\u2014" and by == name and raw[:4].hex() == hexid:
            nacl.signing.VerifyKey(key[1:]).verify(text, raw[4:])
            return text
    raise nacl.exceptions.BadSignatureError("this key has not signed the note")


def sign(text, *keys):
    """A note over the text, signed by each (name, seed) in turn."""
    lines = b""
    for name, seed in keys:
        key = nacl.signing.SigningKey(seed)
        public = b"\x01" + bytes(key.verify_key)
        raw = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4] + key.sign(text).signature
        lines += f"\u2014 {name} {base64.b64encode(raw).decode()}\n".encode()
    return text + b"\n" + lines


def cosigned(data, vkey):
    """The time of a witness's cosignature/v1 (C2SP tlog-cosignature), or an exception when there is none that holds."""
    name, hexid, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == hexid and key[0] == 4, "vkey"
    text = text_of(data)
    for line in data[len(text) + 1:].decode().splitlines():
        dash, by, signature = line.split(" ")
        raw = base64.b64decode(signature, validate=True)
        if dash == "\u2014" and by == name and raw[:4].hex() == hexid:
            time = struct.unpack(">Q", raw[4:12])[0]
            nacl.signing.VerifyKey(key[1:]).verify(b"cosignature/v1\ntime %d\n" % time + text, raw[12:])
            return time
    raise nacl.exceptions.BadSignatureError("this witness has not cosigned the checkpoint")


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf, index, size, proof, root):
    """RFC 9162 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def take16(data):
    n = struct.unpack(">H", data[:2])[0]
    return data[2:2 + n], data[2 + n:]


def receipt_open(text, vkey):
    """What a receipt proves, as a dict: kind, code, rung, index, size, message_id, digest, findings; raises when it does not."""
    head, checkpoint = text.split(b"\n\n", 1)
    lines = head.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ") and lines[2].startswith("index ")
    extra = base64.b64decode(lines[1][6:], validate=True)
    index = int(lines[2][6:])
    proof = [base64.b64decode(line, validate=True) for line in lines[3:]]
    origin, size, root = verify(checkpoint, vkey).decode().splitlines()[:3]
    assert origin == vkey.split("+")[0] and extra[0] == 1
    salt = extra[1:33]
    statement, rest = take16(extra[33:])
    entry, rest = take16(rest)
    assert not rest and entry[0] == 1
    assert entry[44:76] == hashlib.sha256(b"knooppunt/binding/v1" + salt + statement).digest(), "binding"
    assert included(hashlib.sha256(b"\x00" + entry).digest(), index, int(size), proof, base64.b64decode(root)), "inclusion"
    kind, code = KINDS[entry[1]], CODES[struct.unpack(">H", entry[2:4])[0]]
    findings = []
    rest = statement[51:]
    for _ in range(struct.unpack(">H", statement[49:51])[0]):
        finding = CODES[struct.unpack(">H", rest[:2])[0]]
        rule, rest = take16(rest[2:])
        subject, rest = take16(rest)
        findings.append((finding, rule.decode(), subject.decode()))
    return {"kind": kind, "code": code, "index": index, "size": int(size), "message_id": statement[1:17], "digest": statement[17:49],
            "findings": findings, "rung": "GEWEIGERD" if code != "TOEGESTAAN" else "AANVAARD" if kind == "BERICHT" else kind}
