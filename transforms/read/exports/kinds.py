"""Which database or archive of news a page or a text was exported from, by what its first bytes hold."""

from __future__ import annotations

from transforms.read.exports import europresse, factiva


def exported_page(head: bytes) -> str | None:
    """Return the reader of a page of HTML that an export is, or None where it is a page like any other."""
    if factiva.is_export(head):
        return "factiva"
    if europresse.is_export(head):
        return "europresse"
    return None
