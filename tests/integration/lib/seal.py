# SPDX-License-Identifier: EUPL-1.2
"""Sealing and opening content as a second implementation does it: HPKE (RFC 9180, base mode) and parts (proto/part.h), on the
primitives of PyNaCl."""
import hashlib
import hmac
import os
import struct

import nacl.bindings as sodium

import lib.wire as wire

PAD = 512


def extract(salt, ikm):
    return hmac.new(salt, ikm, hashlib.sha256).digest()


def expand(prk, info, length):
    out = block = b""
    n = 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([n]), hashlib.sha256).digest()
        out += block
        n += 1
    return out[:length]


KEM = b"KEM\x00\x20"
SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"


def labeled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, length):
    return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)


def hpke_key(dh, enc, public_key, info):
    shared = labeled_expand(KEM, labeled_extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + public_key, 32)
    context = b"\x00" + labeled_extract(SUITE, b"", b"psk_id_hash", b"") + labeled_extract(SUITE, b"", b"info_hash", info)
    secret = labeled_extract(SUITE, shared, b"secret", b"")
    return labeled_expand(SUITE, secret, b"key", context, 32), labeled_expand(SUITE, secret, b"base_nonce", context, 12)


def hpke_seal(public_key, info, aad, plain):
    secret = os.urandom(32)
    enc = sodium.crypto_scalarmult_base(secret)
    key, nonce = hpke_key(sodium.crypto_scalarmult(secret, public_key), enc, public_key, info)
    return enc, sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, aad, nonce, key)


def hpke_open(secret, enc, info, aad, sealed):
    key, nonce = hpke_key(sodium.crypto_scalarmult(secret, enc), enc, sodium.crypto_scalarmult_base(secret), info)
    return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(sealed, aad, nonce, key)


def lp16(data):
    return struct.pack(">H", len(data)) + data


def lp32(data):
    return struct.pack(">I", len(data)) + data


def section_key(key, nonce):
    both = hashlib.blake2b(b"knooppunt/section-key/v1" + nonce, key=key, digest_size=64).digest()
    return both[:32], both[32:]


def part_ad(header, part_header):
    return hashlib.sha256(b"knooppunt/part/v1" + lp32(header) + lp32(part_header)).digest()


def wrap_info(sender, sender_key, recipient, key_id):
    return b"knooppunt/wrap/v1" + lp16(sender.encode()) + lp16(sender_key) + lp16(recipient.encode()) + lp16(key_id)


def part_seal(header, sender, sender_key, head, content, readers):
    """A Part as a dict for wire.encode. head: fields of its header; readers: (hoedanigheid, X25519 public key), in order."""
    key, nonce, salt = os.urandom(32), os.urandom(24), os.urandom(32)
    part_header = wire.encode(wire.PART_HEADER, {**head, "content_commitment": hashlib.sha256(salt + content).digest()})
    ek, commitment = section_key(key, nonce)
    ad = part_ad(header, part_header)
    plain = salt + content + b"\x80"
    plain += bytes(-len(plain) % PAD)
    wraps = []
    for recipient, public_key in readers:
        key_id = wire.key_id(public_key)
        enc, sealed = hpke_seal(public_key, wrap_info(sender, sender_key, recipient, key_id), ad + commitment, key)
        wraps.append({"recipient": recipient, "key_id": key_id, "enc": enc, "sealed_key": sealed})
    return {"header": part_header, "suite": 1, "nonce": nonce, "commitment": commitment,
            "ciphertext": sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, ad, nonce, ek), "wraps": wraps}


def part_open(header, sender, sender_key, part, recipient, secret):
    """(part header, content); raises when anything about it was changed."""
    public_key = sodium.crypto_scalarmult_base(secret)
    wrap = next(w for w in part["wraps"] if w["recipient"] == recipient and w["key_id"] == wire.key_id(public_key))
    ad = part_ad(header, part["header"])
    key = hpke_open(secret, wrap["enc"], wrap_info(sender, sender_key, recipient, wrap["key_id"]), ad + part["commitment"],
                    wrap["sealed_key"])
    ek, commitment = section_key(key, part["nonce"])
    assert commitment == part["commitment"], "the ciphertext is not committed to this key"
    plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(part["ciphertext"], ad, part["nonce"], ek).rstrip(b"\x00")
    assert plain[-1:] == b"\x80", "padding"
    head = wire.decode(wire.PART_HEADER, part["header"])
    assert hashlib.sha256(plain[:-1]).digest() == head["content_commitment"], "not the content that was committed to"
    return head, plain[32:-1]


def box_open(secret, label, aad, sealed):
    """A reply sealed to one reader: HPKE with the label as info; the encapsulated key first."""
    return hpke_open(secret, sealed[:32], label.encode(), aad, sealed[32:])
