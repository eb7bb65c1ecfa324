"""When an article was published, as far as its row says: an interval that is certain, and the instant that it tells.

Orders and lags exist only where intervals do not overlap.

* A time spans what its precision leaves open: a second, a minute, a day.
* An article without a time of its own counts as published in the second in which it was first seen.
* A time whose zone was inferred may be meant in any zone that it may be: in UTC, which software writes that knows of no
  zone, or in a zone of the country that its outlet's domain or its language tells; where neither tells one, in any
  zone there is.
* A text that was changed after it was published exists, as it stands, from some moment between the two: the interval
  lasts until the change.

The instant that it tells is the beginning of the time as it is published, in the zone that was chosen. Lags count from
one such instant to another, and it decides where nothing else does, which is never more than a coin.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.transforms.columns import to_numpy
from wirecopy.transforms.extract.dates.zones import (
    ANY_ZONE,
    country_offsets,
    country_zone,
    domain_country,
    language_country,
    offset_at,
)
from wirecopy.transforms.provenance.origin import SECOND, SPANS

_MINUTE = 60 * SECOND


def intervals(articles: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return begin, end and told instant of rows of `articles`: i64 microseconds, null where nothing is known.

    Args:
        articles: at least the columns published_at, published_precision, published_inferred, modified_at,
            first_seen_at, outlet and language.
    """
    published = articles["published_at"].cast(pa.int64())
    micros = pa.array(list(SPANS.values()), pa.int64())
    length = micros.take(pc.index_in(articles["published_precision"], pa.array(list(SPANS))))
    told = pc.and_(pc.is_valid(length), pc.is_valid(published))
    at = pc.coalesce(pc.if_else(told, published, None), articles["first_seen_at"].cast(pa.int64()))
    end = pc.add(at, pc.if_else(told, length, SECOND))
    before, after = _other_zones(articles, to_numpy(told))
    changed = pc.add(articles["modified_at"].cast(pa.int64()), SECOND)
    end = pc.if_else(pc.fill_null(pc.and_(told, pc.greater(changed, end)), False), changed, end)
    return pc.subtract(at, pa.array(before)), pc.add(end, pa.array(after)), at


def _other_zones(articles: pa.Table, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many microseconds earlier and later each article's time may be, in the zones that it may be."""
    before, after = np.zeros(len(articles), np.int64), np.zeros(len(articles), np.int64)
    inferred = articles["published_inferred"].combine_chunks()
    row = pc.list_parent_indices(inferred)
    rows = np.unique(to_numpy(row.filter(pc.fill_null(pc.equal(inferred.flatten(), "zone"), False))))
    rows = rows[told[rows]]
    if not len(rows):
        return before, after
    columns = articles.select(["outlet", "language", "published_at"]).take(pa.array(rows))
    for i, outlet, language, at in zip(
        rows.tolist(),
        columns["outlet"].to_pylist(),
        columns["language"].to_pylist(),
        columns["published_at"].cast(pa.int64()).to_pylist(),
        strict=True,
    ):
        country = domain_country(outlet) or language_country(language)
        chosen = offset_at(country_zone(country), at)
        west, east = country_offsets(country, at) if country else ANY_ZONE
        before[i], after[i] = max(east - chosen, 0) * _MINUTE, max(chosen - west, 0) * _MINUTE
    return before, after
