"""Fingerprints: all that matching needs to know of an article, so that its text is never opened again."""

import pyarrow as pa

from wirecopy.schemas.table import COUNT, ID, INSTANT, field

SPAN = pa.struct(
    [
        field("begin", pa.uint32(), "first word of the span, from the article's first"),
        field("end", pa.uint32(), "word after the span"),
    ]
)

_ARTICLE = [
    field("article_id", ID, "the article"),
    field("identity", ID, "versions of one article share it and are no pairs"),
    field("text_hash", ID, "blake2b-128 of the text: the same text is compared once"),
    field("outlet", pa.string(), "registrable domain of the publisher, else its name", null=True),
    field("agency", pa.string(), "the originating news agency", null=True),
    field("credit_kind", pa.string(), "the strongest kind of credit that names the agency", null=True),
    field("language", pa.string(), "BCP-47 tag", null=True),
    field("event_at", INSTANT, "the article's event_at", null=True, unit="UTC"),
    field("begin_at", INSTANT, "start of the interval in which it was certainly published", null=True, unit="UTC"),
    field("end_at", INSTANT, "instant after that interval", null=True, unit="UTC"),
    field("slug", ID, "the story that its slugline names, of one agency and month; its identity for none"),
    field("is_take", pa.bool_(), "its slugline says that it is a later take of that story"),
    field("outlet_names", pa.large_list(pa.uint32()), "codes of the names of its outlet"),
    field("named", pa.large_list(pa.uint32()), "codes of what it may name, where it credits an agency"),
    field("told_at", INSTANT, "when it was published, as it is told: the start of that time", null=True, unit="UTC"),
    field("quotes", pa.large_list(SPAN), "what is shown as somebody's words, in the order of the text"),
    field(
        "notices", pa.large_list(SPAN), "standing notices such as a safe-harbour paragraph, in the order of the text"
    ),
    field("names", pa.large_binary(), "a bit for each word, the highest first: it is a name"),
    field("spacing", pa.large_binary(), "code points in and before each word, as LEB128 numbers"),
]
_WORDS = [
    field("words", pa.large_list(pa.uint32()), "hash of each word"),
    field("stems", pa.large_list(pa.uint32()), "hash of each word's stem"),
    field("weights", pa.large_list(pa.uint8()), "rarity of each word in its language", unit="deci-nats"),
]
_PACKED_WORDS = [
    field("n_words", COUNT, "words in the text", unit="words"),
    field("words", pa.large_binary(), "each word's row in the segment's vocabulary, as LEB128 numbers"),
]
_POSTINGS = [
    field("bands", pa.large_list(pa.uint32()), "keys of its 32 MinHash bands; none for a text of fewer than 5 words"),
    field("anchors", pa.large_list(pa.uint32()), "hash of each anchor"),
    field("anchors_at", pa.large_list(pa.uint32()), "place of each anchor's first word among the article's words"),
]

FINGERPRINTS = pa.schema([*_ARTICLE, *_WORDS, *_POSTINGS])
"""One row an article, some 9 kB of it."""

SEGMENT_ARTICLES = pa.schema([*_ARTICLE, *_PACKED_WORDS])
"""The articles of an index segment, whose bands, anchors and vocabulary stand beside them."""
