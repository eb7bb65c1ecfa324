"""The one hash behind every identity: BLAKE2b cut to 128 bits (RFC 7693)."""

from __future__ import annotations

import hashlib


def blake2b_128(*parts: bytes) -> bytes:
    """Return the 16-byte BLAKE2b digest of the parts, each preceded by its length so that no two lists collide."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def uuid8(digest: bytes) -> bytes:
    """Return a 16-byte digest as a UUIDv8 (RFC 9562): its version and variant bits set."""
    value = bytearray(digest)
    value[6] = value[6] & 0x0F | 0x80
    value[8] = value[8] & 0x3F | 0x80
    return bytes(value)
