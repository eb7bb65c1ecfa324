"""Authors: names, one by one, out of whatever a source puts into its author fields."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BY = re.compile(
    r"^(?:(?:written |reported )?by|von|par|por|di|door|av|af|text|authors?|авторы?|autor|auteur|作者)\b[\s:：]*"
    r"|^[\s@,;:|–—-]+|[\s,;:|–—-]+$",
    re.IGNORECASE,
)
_AND = r"\s(?:and|und|et|y|e|и|та|og|och|en|ve)\s(?=[^\W\d_a-zа-я])"
_SPLIT = re.compile(rf"\s*(?:[;|•·\n、，]|,(?!\s*(?:Jr|Sr|PhD|MD|II|III)\b)|\s&\s|\s/\s|{_AND})\s*")
_NOT_A_NAME = re.compile(r"https?://|www\.|@|\d{3,}|[<>{}=]|\.(?:com|org|net|html?)\b", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:the )?(?:staff|admin(?:istrator)?|editor(?:s|ial)?(?: team| board| staff)?|news ?(?:desk|room)|web ?desk"
    r"|staff (?:writers?|reporters?)|(?:our |special |senior )?correspondents?|reporters?|contributors?"
    r"|guest(?: author| contributor)?|agenc(?:y|ies|ias|e|es)|agenturen|wire (?:services?|reports?)"
    r"|(?:la )?(?:redaktion|redaction|rédaction|redacci[oó]n|redazione|redação|редакция)"
    r"|unknown|none|null|n/?a|anonymous)",
    re.IGNORECASE,
)
MAX_AUTHORS = 40
MAX_NAME = 80


def names(fields: Iterable[str]) -> list[str]:
    """Return the names in a source's author fields, in order and once each.

    Fields that hold several names are split; prefixes such as `By`, addresses and words that name nobody (`Staff`,
    `admin`) are left out. Agencies stay: the same fields make their credits.
    """
    found: dict[str, str] = {}
    for field in fields:
        for part in _SPLIT.split(" ".join(field.split())):
            name = _BY.sub("", _BY.sub("", part)).strip()
            if not name or len(name) > MAX_NAME or _NOT_A_NAME.search(name) or _ROLE.fullmatch(name):
                continue
            if any(map(str.isalpha, name)):
                found.setdefault(name.casefold(), name)
    return list(found.values())[:MAX_AUTHORS]
