"""What a search finds articles by, as plain rows that any reader of Parquet can look through."""

import pyarrow as pa

from wirecopy.schemas.table import ID, INSTANT, Table, field

ARTICLE, WORD, POSTING = 0, 1, 2
"""Kinds of rows of `search_index`, in the order in which they stand in a part."""

DOC_BITS = 16
"""Bits of an article's number in its segment; what stands above them is the rank of a term."""
SEGMENT_ARTICLES = 1 << DOC_BITS
"""Most articles of a segment."""
COMMON = 0.25
"""What more than this share of a segment of COMMON_FROM articles holds has no postings there."""
COMMON_FROM = 1_000
LEVELS = 4
"""Steps in which the weight of a term in an article is told."""

SEARCH_INDEX = Table(
    "search_index",
    "what the macro search looks articles up by; a part is a segment: some articles, their words and who holds them",
    pa.schema(
        [
            field("segment", pa.int64(), "the part, by a number that no other has"),
            field("kind", pa.int16(), "0: an article; 1: a word; 2: an article that holds a term"),
            field(
                "term",
                pa.string(),
                "of a word its form, with ~ before it its stem; of a posting a form, also of a headline (headline:), "
                "or an outlet, agency or language (outlet:, agency:, language:); empty for an article",
            ),
            field("other", pa.string(), "of a form its stem, of a stem a form of it", null=True),
            field(
                "place",
                pa.int64(),
                "of an article its number in the segment, by time; of a word how many articles hold the form; of a "
                "posting the term's rank in the segment times 65,536, and the article's number",
            ),
            field(
                "level",
                pa.int16(),
                "of a posting how much the term weighs in the article, 1 to 4; of a word 0 where it is so common that "
                "it has no postings",
                null=True,
            ),
            field("article_id", ID, "of an article its id", null=True),
            field("event_at", INSTANT, "of an article its event_at", null=True, unit="UTC"),
        ]
    ),
    keep="append",
    key=("segment", "kind", "term", "place"),
)
