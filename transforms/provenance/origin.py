"""Which of two articles a shared text comes from: credits beat clocks, clocks break ties.

The earliest sighting is not the origin. A paper that prints an agency's background paragraph on the 3rd is earlier than
the agency's own story of the 14th that is in the archive, and yet the paragraph is the agency's: the paper credits it.
So an article is first placed by what it says of itself:

* an agency's **own copy** stands on that agency's domain and credits no other, or carries the agency's full dateline
  and names no outlet at all (what an agency's feed or archive looks like once its address is lost);
* a **reprint** credits an agency and stands elsewhere;
* **plain** text credits nobody;
* **republished** text says that another outlet, which is no agency, published it first.

The rules, first match decides:

0. plain text that was certainly published before an agency's own copy or a reprint that names its outlet: the plain
   text is the source, for the paper broke the story and the agency rewrote it.
1. own copy of A against a reprint of A: the own copy is the source, whatever the clocks say.
2. an own copy of A against plain text: the own copy is the source.
3. a reprint against plain text: the reprint is the source, for it is nearer to where the text comes from.
   Anything against republished text that says itself where it is from: the other is the source.
4. otherwise (two own copies, two reprints, two plain texts, an own copy of A and a reprint of B): the one that was
   certainly published before the other began; its confidence is lower where both reprint one agency, since then the
   true source may be a third article.
5. otherwise: a dated one before an undated one, then the one that tells the earlier time, then the smaller
   article_id; at confidence .5, which is a coin that always falls the same way.

What a clock certainly says, `transforms.provenance.intervals` tells.

Rivals (an own copy of A and a reprint of B) and stories that a paper broke aside, this is one total order of all
articles, so it has no cycles.

A confidence orders the rules by strength of evidence. It is a judgement, not a calibrated probability.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from wirecopy.transforms.credit.agencies import by_alias, by_domain

SECOND = 1_000_000
SPANS = {"second": SECOND, "minute": 60 * SECOND, "day": 86_400 * SECOND}
"""Length in microseconds of the interval that a time of each precision spans."""

OWN, REPRINT, PLAIN, REPUBLISHED = 0, 1, 2, 3
PASSED_ON = ("republication", "press release")
"""Kinds of credits that say that an article is from elsewhere though it names no agency."""
CONFIDENCE = {(OWN, REPRINT): 0.95, (OWN, PLAIN): 0.9, (REPRINT, PLAIN): 0.8}
CONFIDENCE |= {(OWN, REPUBLISHED): 0.9, (REPRINT, REPUBLISHED): 0.8, (PLAIN, REPUBLISHED): 0.8}
BROKE = 0.75
"""How sure it is that a paper broke a story: it had it first, credits nobody, and the agency's text names it."""


class Sighting(NamedTuple):
    """What is known of an article that bears on where its text comes from.

    Attributes:
        article_id: 16 bytes.
        outlet: registrable domain of the publisher, its name where no domain is known; None where neither is.
        agency: normalised name of the agency that it credits with the text; None where it credits none.
        credit_kind: dateline, byline, credit line or tail; republication and press release also without an agency; None
            without a credit.
        begin_at: first microsecond since epoch UTC of the interval in which it was published; None where unknown.
        end_at: microsecond after that interval; None where unknown.
        told_at: microsecond that its time begins with as it is told, in the zone that was chosen; None where unknown.
        names: codes of the names of its outlet.
        named: codes of what its text may name, where it is an agency's or credits one.
    """

    article_id: bytes
    outlet: str | None
    agency: str | None
    credit_kind: str | None
    begin_at: int | None
    end_at: int | None
    told_at: int | None
    names: frozenset[int] = frozenset()
    named: frozenset[int] = frozenset()


class Direction(NamedTuple):
    """Which of two articles is the source.

    Attributes:
        source_first: the first of the two is the source.
        confidence: .5 (a coin) to 1.
    """

    source_first: bool
    confidence: float


@cache
def passes_on_releases(name: str | None) -> bool:
    """Say whether a name is that of a service that passes on press releases: no agency's text is its."""
    holder = by_alias(name) if name else None
    return holder is not None and holder.releases


@cache
def house(outlet: str | None) -> str | None:
    """Return the name of the news agency or service whose own domain or name `outlet` is, None where it is none's."""
    holder = (by_domain(outlet) or by_alias(outlet)) if outlet else None
    return holder.name if holder and holder.kind == "agency" else None


def standing(a: Sighting) -> tuple[int, str | None]:
    """Return whether an article is OWN, REPRINT, PLAIN or REPUBLISHED, and of which agency."""
    home = house(a.outlet)
    if home and a.agency in (None, home):
        return OWN, None if passes_on_releases(home) else home
    if a.agency and a.outlet is None and a.credit_kind == "dateline":
        return OWN, a.agency
    if a.agency:
        return REPRINT, a.agency
    return (REPUBLISHED if a.credit_kind in PASSED_ON else PLAIN), None


def orient(a: Sighting, b: Sighting) -> Direction:
    """Return which of two articles their shared text comes from, by the rules at the head of this module.

    Symmetric: for two different articles `orient(a, b)` and `orient(b, a)` name the same source with one confidence.
    """
    clock = _clock(a, b)
    if clock is not None and _broke(*((a, b) if clock else (b, a))):
        return Direction(clock, BROKE)
    (rank_a, agency_a), (rank_b, agency_b) = standing(a), standing(b)
    rivals = agency_a is not None and agency_b is not None and agency_a != agency_b
    if rank_a != rank_b and not rivals:
        a_first = rank_a < rank_b
        sure = CONFIDENCE[min(rank_a, rank_b), max(rank_a, rank_b)]
        return Direction(a_first, sure if clock in (None, a_first) else sure - 0.1)
    if clock is not None:
        return Direction(clock, 0.65 if rank_a == rank_b == REPRINT else 0.75)
    return Direction(_coin(a) <= _coin(b), 0.5)


def _broke(earlier: Sighting, later: Sighting) -> bool:
    """Return whether a paper had a story first that an agency then told by the paper's name."""
    ranks = standing(earlier)[0], standing(later)[0]
    return ranks[0] == PLAIN and ranks[1] in (OWN, REPRINT) and not earlier.names.isdisjoint(later.named)


def lag_s(source: Sighting, destination: Sighting) -> int | None:
    """Return the destination's time less the source's in seconds, as they are told; None where their intervals overlap.

    Negative where the source is the later one, as an agency's own copy may be that came into the archive late.
    """
    if _clock(source, destination) is None:
        return None
    assert source.told_at is not None and destination.told_at is not None
    lag = destination.told_at - source.told_at
    return lag // SECOND if lag >= 0 else -(-lag // SECOND)


def _coin(a: Sighting) -> tuple[bool, int, bytes]:
    return a.told_at is None, a.told_at or 0, a.article_id


def _clock(a: Sighting, b: Sighting) -> bool | None:
    """Return whether `a` was certainly published before `b` began, or the reverse; None where neither is certain."""
    if a.begin_at is None or a.end_at is None or b.begin_at is None or b.end_at is None:
        return None
    if a.end_at <= b.begin_at:
        return True
    return False if b.end_at <= a.begin_at else None
