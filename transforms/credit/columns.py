"""The credit columns of an article batch, made again from its texts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.transforms.credit.attribution import attribute

COLUMNS = ("dateline", "agency", "credits", "cited", "quotes")


def attribute_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with its columns dateline, agency, credits, cited and quotes made again.

    Credits whose evidence stands outside the text (a closing line that was lifted out, a container's credit line, a
    page's source element) are read again from that evidence; a dateline that only the container gave is kept.

    Args:
        batch: articles with the schema ARTICLE_BATCH.

    Raises:
        ValueError: the batch has another schema.
    """
    if not batch.schema.equals(ARTICLE_BATCH):
        message = "not an article batch: its schema is not schemas.articles.ARTICLE_BATCH"
        raise ValueError(message)
    read = ("text", "byline", "headline", "outlet", "outlet_name", "language", "dateline", "credits")
    made = [_attributed(row) for row in batch.select(read).to_pylist()]
    for name in COLUMNS:
        field = ARTICLE_BATCH.field(name)
        column = pa.array([row[name] for row in made], type=field.type)
        batch = batch.set_column(ARTICLE_BATCH.get_field_index(name), field, column)
    return batch


def _attributed(row: dict[str, Any]) -> dict[str, Any]:
    outside: dict[str, list[str]] = {"tail": [], "feed": [], "markup": []}
    for credit in row["credits"]:
        lines = outside.get(credit["where"])
        if lines is not None and credit["evidence"] not in lines:
            lines.append(credit["evidence"])
    found = attribute(
        row["text"],
        byline=row["byline"],
        headline=row["headline"],
        credit=", ".join(outside["feed"]) or None,
        tails=outside["tail"],
        markup=outside["markup"],
        outlet=row["outlet"],
        outlet_name=row["outlet_name"],
        language=row["language"],
    )
    return {
        "dateline": found.dateline or row["dateline"],
        "agency": found.agency,
        "credits": [credit._asdict() for credit in found.credits],
        "cited": [citation._asdict() for citation in found.cited],
        "quotes": [quote._asdict() for quote in found.quotes],
    }
