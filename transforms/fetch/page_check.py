"""Whether a page is the one that an entry tells of, or a wall, a check of the browser or a front page in its place."""

from __future__ import annotations

import itertools
import re
import unicodedata
from html import unescape

from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.feeds.feeds import Entry
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire import markup

SHARE = 0.5
"""Share of the words of an entry's title, or of its text, that stand somewhere in its page."""

LEAST_WORDS = 8
"""An entry whose text has fewer different words says too little to be held against a page, or to stand in its place."""

_MOST = 200
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")


def contradicts(data: bytes, charset: str | None, entry: Entry) -> bool:
    """Say whether a page has neither half of the words of an entry's title nor half of those of its text.

    Markup and what is written into it count as well, so that a page whose text comes by script is not contradicted by
    its own title. False where the entry's text is too short to tell.

    Args:
        data: the page.
        charset: the encoding that its reply declares.
        entry: what the feed says.
    """
    try:
        said = _words(markup.fragment(entry.markup or "") or "")
    except Fault:
        return False
    if len(said) < LEAST_WORDS:
        return False
    there = set(_words(unescape(html.decode(data, charset))))
    title = _words(entry.title or "")
    return not any(
        len(words) > 1 and sum(word in there for word in words) >= SHARE * len(words) for words in (title, said[:_MOST])
    )


def _words(text: str) -> list[str]:
    """Return the different words of a text in order; in scripts without spaces, pairs of letters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    found = dict.fromkeys(_WORD.findall(_UNSPACED.sub(" ", text)))
    for run in _UNSPACED.findall(text):
        found.update(dict.fromkeys(map("".join, itertools.pairwise(run))))
    return list(found)
