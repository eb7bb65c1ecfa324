"""Web pages: the article's text by trafilatura, its metadata by the page's structured data."""

from __future__ import annotations

import trafilatura
from trafilatura.settings import Document

from transforms.extract.story import Stamp, Story


def read_page(content: str, *, url: str | None = None) -> Story | str:
    """Return the story that a page holds, or why it is beyond the bounds."""
    found = trafilatura.bare_extraction(content, url=url, with_metadata=True, include_comments=False)
    if not isinstance(found, Document):
        return Story("", extractor="trafilatura")
    return Story(
        text=found.text or "",
        headline=found.title,
        deck=found.description,
        authors=[found.author] if found.author else [],
        published=[Stamp(found.date, "meta")] if found.date else [],
        section=found.categories[0] if found.categories else None,
        keywords=found.tags or [],
        url=found.url,
        outlet_name=found.sitename,
        extractor=f"trafilatura/{trafilatura.__version__}",
    )
