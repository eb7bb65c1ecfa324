"""Which database or archive of news a page or a text was exported from, by what its first bytes hold."""

from __future__ import annotations

from transforms.read.exports import europresse, factiva, frontmatter, nexis, nexis_page, proquest


def exported_page(head: bytes) -> str | None:
    """Return the reader of a page of HTML that an export is, or None where it is a page like any other."""
    if factiva.is_export(head):
        return "factiva"
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
