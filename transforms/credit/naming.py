"""Which outlets a text may name, and by which names an outlet goes: whose story it is that an agency rewrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

from wirecopy.transforms.credit.agencies import by_domain

LEAST_LETTERS = 6
"""Letters of an outlet's name that is told from a common word."""
LEAST_ALONE = 8
"""The same of a name that is one word."""
WORDS = 4
"""Words of the longest name that is looked for."""

_WORD = re.compile(r"[^\W\d_]+(?:['’&.-][^\W\d_]+)*")
_BETWEEN = re.compile(r"[ \u00a0]+")


def own_names(outlet: str | None, outlet_name: str | None) -> list[int]:
    """Return codes of the names of an outlet: that for people, those of its domain, and what it is known as."""
    names = [outlet_name or ""]
    if outlet:
        labels = outlet.split(".")
        names += [labels[0], "".join(labels[:-1]), "".join(labels)]
        holder = by_domain(outlet)
        names += [holder.name] if holder else []
    return _codes(names)


def named(text: str) -> list[int]:
    """Return codes of the names that a text may give: runs of up to `WORDS` words in capitals, also without `The`."""
    found: set[str] = set()
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if not _BETWEEN.fullmatch(text, end, match.start()):
            run = []
        end = match.end()
        if not match[0][0].isupper():
            run = []
            continue
        run = [*run[1 - WORDS :], match[0]] if len(run) >= WORDS else [*run, match[0]]
        found.update(" ".join(run[i:]) for i in range(len(run)) if len(run) > i + 1 or len(match[0]) >= LEAST_ALONE)
    return _codes(found)


def _codes(names: Iterable[str]) -> list[int]:
    letters = {"".join(filter(str.isalpha, name.casefold())) for name in names}
    letters |= {name.removeprefix("the") for name in letters}
    kept = {name for name in letters if len(name) >= LEAST_LETTERS}
    return sorted({int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little") for name in kept})
