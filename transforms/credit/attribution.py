"""Whose text an article is, whom it cites and whom it quotes: the parts of this package put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wirecopy.transforms.credit import credits as crediting
from wirecopy.transforms.credit import releases
from wirecopy.transforms.credit.agencies import by_domain, mentions
from wirecopy.transforms.credit.citations import Citation, citations
from wirecopy.transforms.credit.credits import Claim, Credit
from wirecopy.transforms.credit.datelines import find_dateline
from wirecopy.transforms.credit.quotes.quotes import Quote, quotes
from wirecopy.transforms.credit.republication import holders_in as published_before
from wirecopy.transforms.credit.republication import is_own, notices

_SOURCES = ("tail", "credit line")


class Attribution(NamedTuple):
    """What an article says of its sources: columns of schemas.articles.ARTICLE_BATCH of the same names.

    Attributes:
        dateline: the dateline as it stands.
        agency: the originating news agency; only from a credit whose holder is an agency, and none that passes on
            press releases.
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
    outlet_name: str | None = None,
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
        outlet: registrable domain of the publisher; an agency does not cite itself, and no outlet republishes itself.
        outlet_name: its name for people.
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
    claims = _with_republications(claims, text, tails, outlet, outlet_name)
    claims = [releases.told_as_such(claim) for claim in (*claims, *releases.claims(text))]
    claims = list(
        {(claim.holder.name, claim.credit.kind, claim.credit.where): claim for claim in reversed(claims)}.values()
    )
    claims.reverse()

    agency = crediting.origin(claims)
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


def _with_republications(
    claims: Sequence[Claim], text: str, tails: Sequence[str], outlet: str | None, outlet_name: str | None
) -> list[Claim]:
    """Return claims with those of notices that tell where the article was published before, in place of weaker ones."""
    found: list[Claim] = []
    spans: list[tuple[int, int]] = []
    for notice in notices(text):
        spans.append((notice.begin, notice.end))
        for holder in notice.holders:
            evidence = text[notice.begin : notice.end]
            credit = Credit(holder.name, crediting.REPUBLICATION, evidence, "text", notice.begin, notice.end)
            found.append(Claim(credit, holder))
    for words in tails:
        for holder in published_before(words):
            credit = Credit(holder.name, crediting.REPUBLICATION, words[: crediting.LINE].strip(), "tail", None, None)
            found.append(Claim(credit, holder))
    found = [claim for claim in found if not is_own(claim.holder, outlet, outlet_name)]
    told = {claim.holder.name for claim in found}
    kept = [
        claim
        for claim in claims
        if claim.credit.kind in ("dateline", "byline")
        or not (claim.holder.name in told and (claim.credit.begin is None or _among(claim.credit, spans)))
    ]
    return [*kept, *found]


def _among(credit: Credit, spans: Sequence[tuple[int, int]]) -> bool:
    begin, end = credit.begin or 0, credit.end or 0
    return any(first < end and begin < last for first, last in spans)
