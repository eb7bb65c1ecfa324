"""The headings of the first rank that readers see as the headline, without what is set above or before it."""

from __future__ import annotations

import re
from copy import deepcopy

from lxml.html import HtmlElement

from wirecopy.transforms.extract.pages.visible import text_lines

_HIDDEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:-text)?|hidden|hide|invisible|offscreen|a11y|breadcrumbs?"
    r"|logo|site-?(?:title|name|logo)|brand)(?:$|[\s_-])",
    re.IGNORECASE,
)
_KICKER = re.compile(
    r"kicker|topline|top-line|overline|dachzeile|spitzmarke|rubri[ck]|eyebrow|pre-?title|pre-?headline|sur-?titre|sur-?title"
    r"|antetitulo|occhiello|label|category|section|badge|tag(?:$|[\s_-])|flag|supertitle|roofline|vignette",
    re.IGNORECASE,
)
MAX_KICKER = 40
"""Code points of a kicker at most."""


def shown_headings(tree: HtmlElement) -> list[str]:
    """Return the texts of a page's h1 elements, with and without their kickers.

    Hidden ones and those of the site are left out where there are others.
    """
    headings = list(tree.iter("h1"))
    seen = [heading for heading in headings if not _is_hidden(heading)]
    found = [(" ".join(text_lines(heading)), _text(heading)) for heading in seen or headings]
    return list(dict.fromkeys(text for both in found for text in both))


def _is_hidden(heading: HtmlElement) -> bool:
    for each in (heading, *heading.iterancestors("nav", "header", "div", "span", "li")):
        style = (each.get("style") or "").replace(" ", "").lower()
        if "hidden" in each.attrib or "display:none" in style or "visibility:hidden" in style or each.tag == "nav":
            return True
        marks = f"{each.get('class') or ''} {each.get('id') or ''}"
        if (each is heading or each is heading.getparent()) and _HIDDEN.search(marks):
            return True
    return False


def _text(heading: HtmlElement) -> str:
    """Return a heading's text without a kicker: an element at its beginning that is marked so, with more behind it."""
    whole = " ".join(text_lines(heading))
    first = next((child for child in heading if isinstance(child.tag, str)), None)
    if first is None or (heading.text or "").strip():
        return whole
    marks = f"{first.get('class') or ''} {first.get('data-testid') or ''}"
    said = " ".join(first.text_content().split())
    if not _KICKER.search(marks) or not 0 < len(said) <= MAX_KICKER:
        return whole
    rest = deepcopy(heading)
    rest[0].drop_tree()
    bare = " ".join(text_lines(rest)).lstrip(" :|·•–—-")
    return bare if len(bare) > len(said) else whole
