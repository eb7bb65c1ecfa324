"""Pairs of articles that share text, and the passages they share."""

import pyarrow as pa

from wirecopy.schemas.table import COUNT, ID, INSTANT, OFFSET, Table, field

PAIRS = Table(
    "pairs",
    "two articles one of which is a copy of the other or reuses passages of it",
    pa.schema(
        [
            field("src_article_id", ID, "the article the text comes from: decided by credit, then by time, then by id"),
            field("dst_article_id", ID, "the article the text was taken into"),
            field("event_at", INSTANT, "the later of the two articles' event_at", null=True, unit="UTC"),
            field(
                "relation",
                pa.string(),
                "copy: 5-gram Jaccard >= .45 or containment >= .85; reuse: shared passages; stock: all they share are "
                "notices and forms, which are nobody's; the view also says "
                "indirect: reuse, but dst's passages stand more closely in a third article that is no print of src, "
                "or as closely and src took them there",
            ),
            field("jaccard", pa.float32(), "exact word-5-gram Jaccard", unit="share"),
            field(
                "src_coverage", pa.float32(), "share of the source's words that stand in shared passages", unit="share"
            ),
            field(
                "dst_coverage",
                pa.float32(),
                "share of the destination's words that stand in shared passages",
                unit="share",
            ),
            field(
                "src_taken",
                pa.float32(),
                "share of the source's words that stand in passages that were taken; 0 where they share nothing else",
                null=True,
                unit="share",
            ),
            field(
                "dst_taken",
                pa.float32(),
                "share of the destination's words that stand in passages that were taken; null where an older version "
                "made the pair",
                null=True,
                unit="share",
            ),
            field("n_passages", COUNT, "shared passages"),
            field("score", COUNT, "the best passage's score", unit="deci-nats of rarity"),
            field("same_outlet", pa.bool_(), "both articles are of one outlet"),
            field(
                "direction_confidence",
                pa.float32(),
                "how sure it is that src is the source: .5 is a coin",
                unit="share",
            ),
            field("model_id", pa.string(), "the frozen rarity model and calibration the scores were made with"),
        ]
    ),
    keep="append",
    key=("src_article_id", "dst_article_id"),
    month_of="event_at",
    plain_view="plain_pairs",
)

PASSAGES = Table(
    "passages",
    "a passage of one article that stands, possibly edited, in another",
    pa.schema(
        [
            field("passage_id", ID, "blake2b-128 of both articles and both spans"),
            field("src_article_id", ID, "the article the passage comes from"),
            field("src_begin", OFFSET, "first code point in the source's text", unit="code points"),
            field("src_end", OFFSET, "code point after the passage in the source's text", unit="code points"),
            field("dst_article_id", ID, "the article the passage was taken into"),
            field("dst_begin", OFFSET, "first code point in the destination's text", unit="code points"),
            field("dst_end", OFFSET, "code point after the passage in the destination's text", unit="code points"),
            field("event_at", INSTANT, "the later of the two articles' event_at", null=True, unit="UTC"),
            field("n_words", COUNT, "words of the passage in the source", unit="words"),
            field("identity", pa.float32(), "share of aligned words that are equal", unit="share"),
            field(
                "score",
                COUNT,
                "alignment score: of a million unrelated pairs 2 have 400 or more, and none was seen with 800",
                unit="deci-nats of rarity",
            ),
            field(
                "is_quote",
                pa.bool_(),
                "most of it is shown as somebody's words, and the rest would be no passage alone",
            ),
            field("is_chrome", pa.bool_(), "it is the site's own furniture"),
            field(
                "stock",
                pa.string(),
                "why its words are nobody's: notice (safe-harbour paragraphs, what companies say of themselves) or "
                "form (the words stay, names and numbers are others) or list (half of it is names and numbers); null "
                "where they are somebody's",
                null=True,
            ),
            field(
                "taken",
                pa.bool_(),
                "it was taken: no quote, no furniture and not stock, or a part of a copy; null where an older version "
                "made it",
                null=True,
            ),
            field(
                "agency",
                pa.string(),
                "the news agency whose words they are; as stored, in plain_passages, the source's own or the one that "
                "it credits",
                null=True,
            ),
            field(
                "lag_s",
                pa.int64(),
                "destination's time less the source's; null where their intervals overlap",
                null=True,
                unit="seconds",
            ),
            field("model_id", pa.string(), "the frozen rarity model and calibration the score was made with"),
        ]
    ),
    keep="append",
    key=("passage_id",),
    month_of="event_at",
    plain_view="plain_passages",
)
