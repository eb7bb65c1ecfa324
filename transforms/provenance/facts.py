"""What clustering needs to know of an article, as columns: `origin` for many articles at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.articles import CREDIT_KINDS
from wirecopy.schemas.table import COUNT, ID, INSTANT
from wirecopy.transforms.columns import Array, to_numpy
from wirecopy.transforms.provenance.intervals import intervals
from wirecopy.transforms.provenance.origin import (
    OWN,
    PASSED_ON,
    PLAIN,
    REPRINT,
    REPUBLISHED,
    house,
    passes_on_releases,
)
from wirecopy.transforms.provenance.takes import slugs

FACTS = pa.schema(
    [
        pa.field("article_id", ID, nullable=False),
        pa.field("identity", ID, nullable=False),
        pa.field("outlet", pa.string()),
        pa.field("agency", pa.string()),
        pa.field("credit_kind", pa.string()),
        pa.field("begin_at", INSTANT),
        pa.field("end_at", INSTANT),
        pa.field("told_at", INSTANT),
        pa.field("event_at", INSTANT),
        pa.field("n_words", COUNT, nullable=False),
        pa.field("slug", ID, nullable=False),
        pa.field("is_take", pa.bool_(), nullable=False),
    ]
)
"""What clustering needs to know of an article: the columns of a `Sighting`, its identity, event_at and length, the
story that its slugline names, and whether it is a later take of it."""

COLUMNS = (
    "article_id identity outlet outlet_name agency credits language slugline published_at published_precision"
    " published_inferred modified_at first_seen_at event_at n_words"
).split()
"""The columns of `articles` that FACTS are made of."""


def facts(articles: pa.Table) -> pa.Table:
    """Return the FACTS of rows of `articles`, or of an ARTICLE_BATCH as a table: one row an article, same order.

    An outlet whose domain is not known is told by its name. What the times mean says
    `transforms.provenance.intervals`.
    """
    instants = intervals(articles)
    begin, end, told = (instant.cast(INSTANT) for instant in instants)
    slug, is_take = slugs(articles, instants[2])
    columns = {name: articles[name] for name in ("article_id", "identity", "agency", "event_at", "n_words")}
    columns["outlet"] = pc.coalesce(articles["outlet"], articles["outlet_name"])
    columns |= {
        "credit_kind": _credit_kind(articles),
        "begin_at": begin,
        "end_at": end,
        "told_at": told,
        "slug": slug,
        "is_take": is_take,
    }
    return pa.table([columns[name] for name in FACTS.names], schema=FACTS)


def standings(articles: pa.Table) -> tuple[Array, pa.Array]:
    """Return what `origin.standing` returns for one article: ranks (OWN, REPRINT, PLAIN or REPUBLISHED), and agencies.

    Args:
        articles: FACTS.
    """
    outlets = pc.dictionary_encode(articles["outlet"].combine_chunks())
    houses = pa.array([house(outlet) for outlet in outlets.dictionary.to_pylist()], pa.string())
    at_home, agency = houses.take(outlets.indices), articles["agency"].combine_chunks()
    on_domain = pc.and_(pc.is_valid(at_home), pc.fill_null(pc.equal(agency, at_home), True))
    dateline = pc.fill_null(pc.equal(articles["credit_kind"].combine_chunks(), "dateline"), False)
    nowhere = pc.and_(pc.and_(pc.is_valid(agency), pc.is_null(articles["outlet"].combine_chunks())), dateline)
    own, reprint = to_numpy(pc.or_(on_domain, nowhere)), to_numpy(pc.is_valid(agency))
    before = to_numpy(pc.is_in(articles["credit_kind"].combine_chunks(), pa.array(PASSED_ON)))
    names = pa.array([None if passes_on_releases(name) else name for name in houses.to_pylist()], pa.string())
    source = pc.if_else(on_domain, names.take(outlets.indices), agency)
    return np.select([own, reprint, before], [OWN, REPRINT, REPUBLISHED], PLAIN), source


def _credit_kind(articles: pa.Table) -> pa.Array:
    """Return the kind of the strongest credit that names the article's agency, null where there is none.

    An article without an agency that was published by another outlet before, or passed on as a press release, has the
    kind of that credit.
    """
    credits = articles["credits"].combine_chunks()
    row, credit = pc.list_parent_indices(credits), credits.flatten()
    agency = articles["agency"].combine_chunks().take(row)
    named = pc.fill_null(pc.equal(agency, credit.field("agency")), False)
    named = pc.or_(named, pc.and_(pc.is_null(agency), pc.is_in(credit.field("kind"), pa.array(PASSED_ON))))
    row, kind = row.filter(named), credit.field("kind").filter(named)
    strength = pc.index_in(kind, pa.array(CREDIT_KINDS))
    best = np.full(len(credits), len(CREDIT_KINDS))
    np.minimum.at(best, to_numpy(row), to_numpy(pc.fill_null(strength, len(CREDIT_KINDS))))
    return pa.array([*CREDIT_KINDS, None]).take(pa.array(best))
