#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Goal: a second implementation opens what we seal, and we open what it seals.

Written after part.h, envelope.h, knooppunt.proto and RFC 9180 alone: Google's protobuf for the bytes, hashlib and hmac for hashes,
PyNaCl for the curve, the ciphers and Ed25519.

wire_peer.py WIRE_PEER FOLDER-OF-KNOOPPUNT_PB2 FOLDER-OF-GOLDEN-ENVELOPES
"""
import hashlib
import hmac
import pathlib
import subprocess
import sys
import unittest

from nacl import bindings
from nacl.signing import SigningKey

PEER, GENERATED, GOLDEN = sys.argv[1:4]
sys.path.insert(0, GENERATED)
import knooppunt_pb2 as pb  # noqa: E402

SIGNER = SigningKey(b"\x01" * 32)
READERS = {"dji": b"\x31" * 32, "politie": b"\x32" * 32}
CONTENT = b"vrijlating 2026-12-01; onderdak geregeld: ja"
NOW = 1795680000000
TYPE = "application/vnd.knooppunt.antwoord.v1+protobuf"
HEADER = dict(
    message_id=b"\x01" * 16, created_unix_ms=NOW, not_after_unix_ms=NOW + 900000, exchange_id=b"\x02" * 16,
    in_reply_to=b"\x03" * 16, casus=b"\x04" * 16, sender="gemeente-assen-nazorg", person="p-0017", mandate=b"\x05" * 32,
    recipients=["dji", "politie"], regime="OVERIG", grondslag="PBW 2", doel="nazorg",
    noodzaak="vijf basisvoorwaarden vóór vrijlating", overleg="nazorg-ex-gedetineerden",
    categories=["detentieverloop", "woonsituatie"], person_role="betrokkene", deadline_unix_ms=NOW + 86400000,
    answer_kind="GEGEVENS", urgent=True, convenant=b"\x06" * 32, trace_id=b"\x07" * 16,
    on_behalf_of="gemeente-tynaarlo-nazorg", related_to="betrokkene")
PART_HEADER = dict(
    category="detentieverloop", secrecy_basis="toestemming", conditions=["alleen-om", "niet-naar-derde"],
    reference_date="2026-11-20", source="TULP", wpg_article="8", person_category="veroordeelde",
    media_type="application/json")
CRITERIA = [dict(id="a", met=True, motivated=True), dict(id="b", motivated=True), dict(id="d", met=True)]
BODIES = {
    "aanmelding": (pb.Aanmelding, dict(klasse="pga", gemeenten=["GM0106", "GM1730"], criteria=CRITERIA, ave="2",
                                       leeftijdsklasse="18-23")),
    "beoordeling": (pb.Beoordeling, dict(outcome="in-behandeling", criteria=CRITERIA)),
    "betrekken": (pb.Betrekken, dict(involve=["een", "twee"], release=["GM0106"])),
    "fase": (pb.Fase, dict(phase="verzamelen", ave="3")),
    "afsluiting": (pb.Afsluiting, dict(reason="doel-bereikt")),
    "toestemming": (pb.Toestemming, dict(withdrawn=True, given_unix_ms=NOW, until_unix_ms=NOW + 1,
                                         categories=["een", "twee"], hoedanigheden=["een"], given_by="betrokkene")),
    "melding": (pb.Melding, dict(soort="vrijlating")),
    "terugkoppeling": (pb.Terugkoppeling, dict(soort="jaarlijks", bruikbaar="deels", vervolg="nee",
                                               reden="elders-opgepakt")),
    "correctie": (pb.Correctie, dict(action="verbeterd", reason="onjuist")),
    "bevestiging": (pb.Bevestiging, dict(action="vernietigd")),
    "instemmingsverzoek": (pb.Instemmingsverzoek, dict(purpose="huis", target="zvh-fryslan", until_unix_ms=NOW)),
    "instemming": (pb.Instemming, dict(granted=True, until_unix_ms=NOW)),
    "verstrekking": (pb.Verstrekking, dict(target_kind="derde", target="curatoren",
                                           sources=[b"\x03" * 16, b"\x02" * 16], verklaring="ghv-2026-7",
                                           verklaring_unix_ms=NOW)),
    "agenda": (pb.Agenda, dict(meeting_unix_ms=NOW, until_unix_ms=NOW + 1, invite=["een", "twee"])),
    "hernieuwing": (pb.Hernieuwing, dict(until_unix_ms=NOW, ground="recidiverisico")),
    "bekendheidsantwoord": (pb.Bekendheidsantwoord, dict(known=True)),
    "mandaat": (pb.Mandaat, dict(note=b"mandaat: p-0017\n\0", withdrawn=True)),
    "ontvangst": (pb.Ontvangst, dict(message_ids=[b"\x09" * 16, b"\x08" * 16])),
    "geopend": (pb.Geopend, dict(message_id=b"\x09" * 16)),
    "inzage": (pb.Inzage, dict(purpose="rechtmatigheid", casus=b"\x04" * 16, hoedanigheid="dji", code="GEEN_DOEL",
                               category="woonsituatie", from_unix_ms=NOW - 5, to_unix_ms=NOW,
                               after_index=2**64 - 1, limit=50, kind="verzoek", person="p-0017", grondslag="WGS 2.31(3)",
                               doel="complexe-casus", overleg="zvh", urgent=True, own=True, message=b"\x05" * 16, proofs=True, with_input=True)),
}


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def lp(data, size):
    return len(data).to_bytes(size, "big") + data


def key_id(public_key):
    return sha256(public_key)[:8]


def pae(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


# RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
KEM, SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"


def extract(suite, salt, label, ikm):
    return hmac.new(salt, b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def expand(suite, prk, label, info, size):  # at most one block is ever asked for
    message = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.new(prk, message + b"\x01", hashlib.sha256).digest()[:size]


def hpke_keys(dh, enc, reader_key, info):
    shared = expand(KEM, extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + reader_key, 32)
    context = b"\x00" + extract(SUITE, b"", b"psk_id_hash", b"") + extract(SUITE, b"", b"info_hash", info)
    secret = extract(SUITE, shared, b"secret", b"")
    return expand(SUITE, secret, b"key", context, 32), expand(SUITE, secret, b"base_nonce", context, 12)


def hpke_open(reader_secret, enc, info, aad, sealed):
    reader_key = bindings.crypto_scalarmult_base(reader_secret)
    key, nonce = hpke_keys(bindings.crypto_scalarmult(reader_secret, enc), enc, reader_key, info)
    return bindings.crypto_aead_chacha20poly1305_ietf_decrypt(sealed, aad, nonce, key)


def hpke_seal(reader_key, ephemeral, info, aad, plain):
    enc = bindings.crypto_scalarmult_base(ephemeral)
    key, nonce = hpke_keys(bindings.crypto_scalarmult(ephemeral, reader_key), enc, reader_key, info)
    return enc, bindings.crypto_aead_chacha20poly1305_ietf_encrypt(plain, aad, nonce, key)


def part_ad(header, part_header):
    return sha256(b"knooppunt/part/v1", lp(header, 4), lp(part_header, 4))


def wrap_info(sender, recipient, recipient_key_id):
    return b"".join([b"knooppunt/wrap/v1", lp(sender.encode(), 2), lp(bytes(SIGNER.verify_key), 2),
                     lp(recipient.encode(), 2), lp(recipient_key_id, 2)])


def section(secret, nonce):
    both = hashlib.blake2b(b"knooppunt/section-key/v1" + nonce, digest_size=64, key=secret).digest()
    return both[:32], both[32:]


def pad(data):
    return data + b"\x80" + bytes(-(len(data) + 1) % 512)


def part_open(header, sender, part, wrap):
    ad = part_ad(header, part.header)
    secret = hpke_open(READERS[wrap.recipient], wrap.enc, wrap_info(sender, wrap.recipient, wrap.key_id),
                       ad + part.commitment, wrap.sealed_key)
    ek, commitment = section(secret, part.nonce)
    assert commitment == part.commitment
    padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(part.ciphertext, ad, part.nonce, ek)
    data = padded.rstrip(b"\x00")
    assert data[-1:] == b"\x80" and pad(data[:-1]) == padded
    return data[:32], data[32:-1]


def part_seal(header, sender, content):
    secret, nonce, salt = b"\x71" * 32, b"\x72" * 24, b"\x73" * 32
    part_header = pb.PartHeader(content_commitment=sha256(salt, content), **PART_HEADER).SerializeToString()
    ad = part_ad(header, part_header)
    ek, commitment = section(secret, nonce)
    part = pb.Part(header=part_header, suite=1, nonce=nonce, commitment=commitment)
    part.ciphertext = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(salt + content), ad, nonce, ek)
    for recipient, reader_secret in READERS.items():
        reader_key = bindings.crypto_scalarmult_base(reader_secret)
        info = wrap_info(sender, recipient, key_id(reader_key))
        enc, sealed = hpke_seal(reader_key, b"\x74" * 32, info, ad + commitment, secret)
        part.wraps.add(recipient=recipient, key_id=key_id(reader_key), enc=enc, sealed_key=sealed)
    return part


def envelope_seal(header):
    message = pb.Message(header=header, parts=[part_seal(header, HEADER["sender"], CONTENT)])
    payload = message.SerializeToString()
    signature = SIGNER.sign(pae(TYPE, payload)).signature
    envelope = pb.Envelope(type=TYPE, payload=payload)
    envelope.signatures.add(key_id=key_id(bytes(SIGNER.verify_key)), signature=signature)
    return envelope.SerializeToString()


def peer(*arguments):
    return subprocess.run([PEER, *arguments], capture_output=True, timeout=60)


def verified(data):
    """The message in an envelope whose signature holds and whose bytes Google's protobuf would write the same."""
    envelope = pb.Envelope.FromString(data)
    assert envelope.SerializeToString() == data
    (signature,) = envelope.signatures
    assert signature.key_id == key_id(bytes(SIGNER.verify_key))
    SIGNER.verify_key.verify(pae(envelope.type, envelope.payload), signature.signature)
    message = pb.Message.FromString(envelope.payload)
    assert message.SerializeToString() == envelope.payload
    return envelope.type, message


class TheyOpenOurs(unittest.TestCase):
    def test_sealed(self):
        done = peer("seal")
        self.assertEqual(done.returncode, 0, done.stderr)
        kind, message = verified(bytes.fromhex(done.stdout.decode()))
        self.assertEqual(kind, TYPE)
        self.assertEqual(pb.Header.FromString(message.header), pb.Header(**HEADER))
        (part,) = message.parts
        part_header = pb.PartHeader.FromString(part.header)
        self.assertEqual([w.recipient for w in part.wraps], ["dji", "politie"])
        for wrap in part.wraps:
            salt, content = part_open(message.header, HEADER["sender"], part, wrap)
            self.assertEqual(content, CONTENT)
            self.assertEqual(sha256(salt, content), part_header.content_commitment)
        part_header.ClearField("content_commitment")
        self.assertEqual(part_header, pb.PartHeader(**PART_HEADER))

    def test_every_kind(self):
        for path in sorted(pathlib.Path(GOLDEN).iterdir()):
            with self.subTest(kind=path.name):
                kind, message = verified(path.read_bytes())
                self.assertEqual(kind, f"application/vnd.knooppunt.{path.name}.v1+protobuf")
                header = dict(HEADER)
                if path.name in ("mandaat", "ontvangst"):
                    del header["person"], header["mandate"]
                self.assertEqual(pb.Header.FromString(message.header), pb.Header(**header))
                if path.name in BODIES:
                    body, fields = BODIES[path.name]
                    self.assertEqual(body.FromString(message.body), body(**fields))
                else:
                    self.assertEqual(message.body, b"")
                self.assertEqual(len(message.parts), path.name in ("verzoek", "antwoord"))


class WeOpenTheirs(unittest.TestCase):
    def test_sealed(self):
        done = peer("open", envelope_seal(pb.Header(**HEADER).SerializeToString()).hex())
        self.assertEqual((done.returncode, done.stdout), (0, CONTENT), done.stderr)

    def test_second_spellings_are_refused(self):
        """The signature holds; only the spelling of the header differs. Google's protobuf reads the same from each."""
        header = pb.Header(**HEADER).SerializeToString()
        spellings = {
            "a field twice": header + pb.Header(doel="nazorg").SerializeToString(),
            "an unknown field": header + b"\xf8\x07\x01",
            "a false that is said": pb.Header(**{**HEADER, "urgent": False}).SerializeToString() + b"\xa0\x01\x00",
            "a true of two": header.replace(b"\xa0\x01\x01", b"\xa0\x01\x02"),
        }
        for name, spelling in spellings.items():
            with self.subTest(name):
                self.assertNotEqual(spelling, header)
                self.assertEqual(pb.Header.FromString(spelling).doel, "nazorg")
                done = peer("open", envelope_seal(spelling).hex())
                self.assertEqual(done.returncode, 1)
                self.assertTrue(done.stderr.startswith(b"message: header"), done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
