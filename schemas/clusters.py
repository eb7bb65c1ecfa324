"""Clusters of articles that carry one text, and the part each member plays."""

import pyarrow as pa

from wirecopy.schemas.table import COUNT, ID, INSTANT, LATEST_FIELDS, Table, field

ROLES = ("origin", "verbatim", "edited", "partial", "version", "source")

CLUSTERS = Table(
    "clusters",
    "articles that carry one text, or words added to another: their origin, its copies and who took passages",
    pa.schema(
        [
            field("cluster_id", ID, "UUIDv8 of blake2b-128 of the origin's article_id"),
            field("origin_article_id", ID, "the article the others took their text from"),
            field(
                "agency",
                pa.string(),
                "the agency the text is credited to; null where the origin's credit stands for an agency's text in the "
                "lake, and these words are what it added",
                null=True,
            ),
            field("origin_method", pa.string(), "credit, earliest or containment: what decided the origin"),
            field(
                "origin_confidence",
                pa.float32(),
                "how sure the origin is, mean over its copies: .5 is a coin",
                unit="share",
            ),
            field("n_articles", COUNT, "members, the origin among them"),
            field("n_outlets", COUNT, "outlets among the members"),
            field("first_at", INSTANT, "earliest event_at of a member", null=True, unit="UTC"),
            field("last_at", INSTANT, "latest event_at of a member", null=True, unit="UTC"),
            *LATEST_FIELDS,
        ]
    ),
    keep="latest",
    key=("cluster_id",),
)

MEMBERS = Table(
    "members",
    "one article's part in a cluster",
    pa.schema(
        [
            field("cluster_id", ID, "the cluster"),
            field("article_id", ID, "the member"),
            field(
                "role",
                pa.string(),
                "origin; verbatim (>= .9 of its 5-grams stand in the origin) or edited copy as a whole; partial: took "
                "passages, or holds the whole among other text; version: same story, later version, as the slugline of "
                "its agency says; source: a copy of another story that added the words which this cluster is of",
            ),
            field(
                "copied_share",
                pa.float32(),
                "share of the member's words that stand in the origin, or in the version of it that it is nearest to, "
                "or, where it makes no pair with it, in the member it took most from; 1 for the origin",
                unit="share",
            ),
            field(
                "lag_s",
                pa.int64(),
                "member's time less the origin's, or less that of the version it is nearest to; null where their "
                "intervals overlap; 0 for the origin",
                null=True,
                unit="seconds",
            ),
            *LATEST_FIELDS,
        ]
    ),
    keep="latest",
    key=("cluster_id", "article_id"),
)
