"""How much of a reply is taken."""

BODY_BYTES = 15 << 20
"""Bytes of a decoded body."""
