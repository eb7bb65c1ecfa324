"""Who an article is: the same version of the same article has one id, wherever and whenever it was read.

An identity is derived from the strongest name that the input gives; the kind of name is hashed with it, so that no
address can ever equal somebody's record number.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from wirecopy.transforms.extract.urls import canonical_url, outlet
from wirecopy.transforms.hashing import blake2b_128, uuid8

_SUFFIX = re.compile(r"(?<=[^/])\.html?$", re.IGNORECASE)


def text_hash(text: str) -> bytes:
    """Return blake2b-128 of the text's UTF-8 bytes, 16 bytes."""
    return blake2b(text.encode(), digest_size=16).digest()


def identity(canonical_url: str | None, namespace: str | None, source_id: str | None, content: str) -> bytes:
    """Return the 16 bytes that all versions of one article share.

    Args:
        canonical_url: the article's address as `urls.canonical_url` returns it; the strongest name. Whether it ends in
            `.html` says nothing: AMP and print forms drop the ending.
        namespace: where `source_id` is unique, such as an outlet; empty where it is unique everywhere; None where
            nothing says so: a bare record number makes no two texts versions of one article.
        source_id: the id its source gave it; the second strongest name.
        content: the record as its container gave it; names an article that has neither.
    """
    if canonical_url:
        return blake2b_128(b"url", _SUFFIX.sub("", canonical_url).encode())
    if source_id and namespace is not None:
        return blake2b_128(b"source", namespace.encode(), source_id.encode())
    if source_id:
        return blake2b_128(b"record", source_id.encode(), content.encode())
    return blake2b_128(b"content", content.encode())


def named(url: str | None, source_id: str | None, feed_url: str) -> list[bytes]:
    """Return the identities that an article may have that a feed gives this address and this id."""
    canonical, names = canonical_url(url), {outlet(feed_url) or feed_url, feed_url}
    of_address = [identity(canonical, None, None, "")] if canonical else []
    return of_address + [identity(None, name, source_id, "") for name in sorted(names) if source_id]


def article_id(identity: bytes, text_hash: bytes, status: str | None = None) -> bytes:
    """Return the id of one version of an article: a UUIDv8 (RFC 9562) of blake2b-128(identity, text_hash), 16 bytes.

    A version that withholds or withdraws the article is one of its own, though its text may be the same: its `status`
    is hashed too.
    """
    marked = (status.encode(),) if status in ("withheld", "cancelled") else ()
    return uuid8(blake2b_128(identity, text_hash, *marked))
