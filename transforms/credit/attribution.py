"""Whose text an article is, whom it cites and whom it quotes: the parts of this package put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from transforms.credit import credits as crediting
from transforms.credit.agencies import by_domain, mentions
from transforms.credit.citations import Citation, citations
from transforms.credit.credits import Claim, Credit
from transforms.credit.datelines import find_dateline
from transforms.credit.quotes import Quote, quotes

_SOURCES = ("tail", "credit line")


class Attribution(NamedTuple):
    """What an article says of its sources: columns of schemas.articles.ARTICLE_BATCH of the same names.

    Attributes:
        dateline: the dateline as it stands.
        agency: the originating news agency; only from a credit whose holder is an agency.
        credits: every credit, with its evidence.
        cited: sources that the article cites, and outlets that its credit and closing lines name.
        quotes: direct speech.
    """

    dateline: str | None
    agency: str | None
    credits: list[Credit]
    cited: list[Citation]
    quotes: list[Quote]


def attribute(
    text: str,
    *,
    byline: str | None = None,
    headline: str | None = None,
    credit: str | None = None,
    tails: Sequence[str] = (),
    markup: Sequence[str] = (),
    outlet: str | None = None,
    language: str | None = None,
) -> Attribution:
    """Return whose text an article is, whom it cites and whom it quotes; linear in the text.

    Args:
        text: the article; offsets are code points into it.
        byline: the byline as it stands.
        headline: the headline, for the full names of speakers; it may also stand in the text.
        credit: the credit line its container gives, such as ninjs' copyrightholder or NewsML's creditline.
        tails: closing and metadata lines that were lifted out of the text, such as `Source: Reuters`.
        markup: words of elements that the page marks as source, agency or publisher of the text.
        outlet: registrable domain of the publisher; an agency does not cite itself.
        language: BCP-47 tag, where known.
    """
    names = mentions(text)
    dateline = find_dateline(text, names)
    claims: list[Claim] = list(crediting.from_dateline(text, dateline))
    if byline:
        claims += crediting.from_byline(byline)
    if credit:
        claims += crediting.from_line(credit, "credit line", "feed")
    for words in markup:
        claims += crediting.from_line(words, "credit line", "markup")
    for words in tails:
        claims += crediting.from_line(words, "tail", "tail")
    claims += crediting.from_text(text, names, dateline)
    claims = list(
        {(claim.holder.name, claim.credit.kind, claim.credit.where): claim for claim in reversed(claims)}.values()
    )
    claims.reverse()

    agency = crediting.origin(claims, byline)
    publisher = by_domain(outlet) if outlet else None
    own = frozenset(name for name in (agency, publisher.name if publisher else None) if name)
    lines = [range(claim.credit.begin or 0, claim.credit.end or 0) for claim in claims]
    free = [name for name in names if not any(name.begin in line for line in lines)]
    cited = citations(text, free, dateline.end if dateline else 0, own)
    known = {citation.name for citation in cited} | own
    for claim in claims:
        if claim.holder.kind == "outlet" and claim.credit.kind in _SOURCES and claim.holder.name not in known:
            known.add(claim.holder.name)
            cited.append(Citation(claim.holder.name, *claim.credit[2:]))
    return Attribution(
        dateline=text[dateline.begin : dateline.end] if dateline else None,
        agency=agency,
        credits=[claim.credit for claim in claims],
        cited=cited,
        quotes=quotes(text, headline, language),
    )
