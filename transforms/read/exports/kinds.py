"""Which database or archive of news a page or a text was exported from, by what its first bytes hold."""

from __future__ import annotations

from wirecopy.transforms.read.exports import (
    europresse,
    factiva,
    frontmatter,
    nexis,
    nexis_page,
    proquest,
    telegram_page,
)

_TITLE, _TOP = 1 << 11, 1 << 13
_NAMES = (b"activa", b"uropresse", b"exis", b"ureka")


def exported_page(head: bytes) -> str | None:
    """Return the reader of a page of HTML that an export is, or None where it is a page like any other.

    Of a page that does not name its database at its top only the beginning is looked at.
    """
    if not any(name in head[:_TITLE] for name in _NAMES):
        head = head[:_TOP]
    if factiva.is_export(head):
        return "factiva"
    if telegram_page.is_export(head):
        return "telegram_page"
    if europresse.is_export(head):
        return "europresse"
    return "nexis_page" if nexis_page.is_export(head) else None


def exported_text(head: bytes) -> str | None:
    """Return the reader of a text that an export is, or None where it is a text like any other."""
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith((b"---", b"+++")) and frontmatter.is_article(head):
        return "frontmatter"
    if proquest.is_text(head):
        return "proquest"
    return "nexis" if nexis.is_text(head) else None
