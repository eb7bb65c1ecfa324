"""Authors: names, one by one, out of whatever a source puts into its author fields."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wirecopy.transforms.credit.agencies import by_alias
from wirecopy.transforms.extract.pages.structured import clean

_BY = re.compile(
    r"(?:(?:(?:written|report(?:ed|ing)?|story|words|text|analysis|opinion|review|commentary|interview|posted|published)"
    r" )?by|text|words|authors?|авторы?|текст|autor(?:es|a|in)?|auteurs?|autore|redacción de|作者|記者)"
    r"(?:\b\s*[:：]?\s*|(?=[:：]))",
    re.I,
)
_PARTICLE_BY = re.compile(r"(?:[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]oor|[Aa]v|[Aa]f)\s+(?=[^\W\d_a-zà-ÿа-я]\S*\s)")
_FRAME = ' \t@,;:：|／–—-"[]'
_LED_BY = re.compile(r"(?:and|und|et|with|mit|avec)\s+", re.I)
_MAILBOX = re.compile(r"\S+@\S+\s+\((?P<name>[^()]+)\)")
_HANDLE = re.compile(r"\(?\S*@\S+|https?://\S+|www\.\S+")
_PLACE = re.compile(r"\s+(?:in|for|at|of|à|em|aus)\s+[A-Z][\w .-]*$")
_TITLE = re.compile(
    r"\b(?:editor|correspondent|reporter|columnist|writer|producer|analyst|contributor|freelance|bureau|chief|staff"
    r"|redakteur(?:in)?|korrespondent(?:in)?|redactora?|periodista|journaliste|giornalista|jornalista|корреспондент)\b",
    re.I,
)
_POSITION = (
    r"(?:(?:news|senior|chief|deputy|assistant|associate|managing|staff|political|politics|business|sports?|health"
    r"|science|technology|tech|foreign|world|national|city|crime|education|environment|economics|investigations?|special"
    r"|royal|weather|data|digital|audience|features|arts|entertainment) )+"
    r"(?:editor|correspondent|reporter|columnist|writer|producer|analyst|contributor)"
)
_JOB = re.compile(rf"(?<=\w\s){_POSITION}\b.*$", re.I)
_JOB_ALONE = re.compile(
    r"(?:[\w-]+ ){0,3}(?:editor|correspondent|reporter|columnist|writer|producer|analyst|contributor|journalist"
    r"|redakteur(?:in)?|korrespondent(?:in)?|reporter(?:in)?|autor(?:in)?|redactora?|periodista|journaliste"
    r"|giornalista|jornalista)"
)
_REPORTER = re.compile(r"\s+(?:기자|특파원|記者|记者)$")
_DEGREE = re.compile(
    r"(?:Ph\.?\s?D|M\.?D|M\.?Sc?|B\.?Sc?|M\.?A|B\.?A|M\.?P\.?H|M\.?B\.?A|J\.?D|R\.?D\.?N?|R\.?N|Esq)\.?"
)
_CAPITAL = r"[^\W\d_a-zа-я]"
_AND = (
    rf"\s(?:and|und|et|и|та|og|och|en|ve|és|dan|và|και|și|ja)\s(?={_CAPITAL})"
    rf"|\s(?:y|e|i)\s(?={_CAPITAL}{{2,}}\b|{_CAPITAL}\S*\s{_CAPITAL})"
)
"""And between names; `y`, `e` and `i` stand in names, too: Ramón y Cajal."""
_SPLIT = re.compile(rf"\s*(?:[;|•·\n、，()/]|,(?!\s*(?:Jr|Sr|II|III)\b)|\s[&–—-]\s|{_AND})\s*")
_NO_WRITER = re.compile(
    r"(?:photo(?:s|graphs)?|fotos?|pictures?|images?|bild(?:er)?|videos?|graphics?|illustrations?|edit(?:ing|ed)|фото)"
    r"(?: (?:by|von|de|par)\b|\s*[:：])",
    re.I,
)
"""What stands before the names of those who made the pictures or edited the text."""
_NOT_A_NAME = re.compile(r"\d{3,}|[<>{}=]|\.(?:com|org|net|html?)\b|\b(?:GmbH|LLC|Ltd|Inc|Pty)\.?$", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:the )?(?:staff|\w*admin(?:istrator)?|editor(?:s|ial)?(?: team| board| staff)?|news ?(?:desk|room)|web ?desk"
    r"|staff (?:writers?|reporters?|reports?)|(?:our |special |senior )?correspondents?|reporters?|contributors?"
    r"|guest(?: author| contributor)?|agenc(?:y|ies|ias|e|es)|agenturen|wire (?:services?|reports?)"
    r"|(?:(?:la|die) )?(?:redaktion|redaction|rédaction|redacci[oó]n|redazione|redação|редакция)"
    r"|text|words|photos?|fotos?|video|graphics?|images?|illustrations?"
    rf"|{_POSITION}|unknown|none|undefined|n/?a|anonymous|(?-i:null|NULL))",
    re.IGNORECASE,
)
_MARK = re.compile(r"[a-z]{1,4}")
"""A desk's or an author's mark, such as `(obe)`."""
_SLUG = re.compile(r"[a-z]{2,}(?:[-_][a-z]{2,}){1,3}")
"""A name as an address has it: `mara-rook`."""
_SOURCE_LABEL = re.compile(
    r"(?:quelle|source|fuente|fonte|bron|källa|kilde|источник|credit)s?\s*[:：]\s*", re.IGNORECASE
)
_INVERTED = re.compile(r"[^\W\d_][\w'’ -]*,\s*[^\W\d_][\w.'’ -]*")
"""A name with the family's first, as lists of libraries have it: `Rook, Mara; Hart, Bo`."""
MAX_AUTHORS = 40
MAX_NAME = 80


def names(fields: Iterable[str]) -> list[str]:
    """Return the names in a source's author fields, in order and once each.

    Fields that hold several names are split; prefixes such as `By`, addresses, titles, jobs and degrees behind a name
    and words that name nobody (`Staff`, `admin`) are left out. Agencies stay: the same fields make their credits.
    """
    found: dict[str, str] = {}
    for field in fields:
        text = clean(field)
        if ";" in text and all(_INVERTED.fullmatch(part.strip()) for part in text.split(";") if part.strip()):
            text = ";".join(" ".join(map(str.strip, reversed(part.split(",", 1)))) for part in text.split(";"))
        if mailbox := _MAILBOX.fullmatch(text):
            text = mailbox["name"]
        for number, part in enumerate(_SPLIT.split(_HANDLE.sub("|", text))):
            name = _bare(part)
            if not name or len(name) > MAX_NAME or (_MARK.fullmatch(name) and not by_alias(name)):
                continue
            if _SLUG.fullmatch(name):
                name = name.replace("-", " ").replace("_", " ").title()
            if _NOT_A_NAME.search(name) or _NO_WRITER.match(name) or _ROLE.fullmatch(name):
                continue
            if _JOB_ALONE.fullmatch(name if " " in name else name.lower()):
                continue
            behind = number and (_TITLE.search(name) or _DEGREE.fullmatch(name) or " for " in part)
            if any(map(str.isalpha, name)) and not behind:
                found.setdefault(name.casefold(), name)
    return list(found.values())[:MAX_AUTHORS]


def _bare(part: str) -> str:
    """Return a name without `By` in front of it and without job, place or paper behind it."""
    name = _REPORTER.sub("", part.strip(_FRAME))
    for prefix in (_SOURCE_LABEL, _LED_BY, _BY, _PARTICLE_BY):
        if found := prefix.match(name):
            name = name[found.end() :].strip(_FRAME)
    job = _JOB.search(name)
    if job and len(name[: job.start()].split()) > 1:
        name = name[: job.start()].strip(_FRAME)
    return _PLACE.sub("", name) if len(name.split()) > 3 else name
