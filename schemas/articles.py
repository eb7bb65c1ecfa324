"""Articles and their texts: one row an article version, and the one string that all offsets point into."""

import pyarrow as pa

from wirecopy.schemas.table import COUNT, ID, INSTANT, LATEST_FIELDS, OFFSET, Table, field

CREDIT_KINDS = ("dateline", "byline", "credit line", "tail", "republication", "press release", "contribution")
EVIDENCE_PLACES = ("text", "byline", "tail", "markup", "feed")
PRECISIONS = ("second", "minute", "day", "month-day", "none")

CREDIT = pa.struct(
    [
        field("agency", pa.string(), "normalised name of the credited holder, e.g. TASS"),
        field(
            "kind",
            pa.string(),
            "dateline, byline, credit line, tail, republication (published there before), press release (passed on by"
            " that service; no report of an agency) or contribution (to a part)",
        ),
        field("evidence", pa.string(), "the words that make the credit, as they stand"),
        field("where", pa.string(), "where the evidence stands: text, byline, tail, markup or feed"),
        field("begin", OFFSET, "first code point of the evidence in texts.text; only where = text", null=True),
        field("end", OFFSET, "code point after the evidence in texts.text; only where = text", null=True),
    ]
)
CITATION = pa.struct(
    [
        field("name", pa.string(), "normalised name of the source that the article cites"),
        field("evidence", pa.string(), "the words that cite it, as they stand"),
        field("where", pa.string(), "where the evidence stands: text, byline, tail, markup or feed"),
        field("begin", OFFSET, "first code point of the evidence in texts.text; only where = text", null=True),
        field("end", OFFSET, "code point after the evidence in texts.text; only where = text", null=True),
    ]
)
QUOTE = pa.struct(
    [
        field("speaker", pa.string(), "who says it, by the fullest name the article gives", null=True),
        field("text", pa.string(), "the quoted words, without the marks"),
        field("begin", OFFSET, "first code point of the quoted words in texts.text"),
        field("end", OFFSET, "code point after the quoted words in texts.text"),
    ]
)

_ARTICLE_FIELDS = [
    field(
        "article_id",
        ID,
        "UUIDv8 of blake2b-128(identity, text_hash, and status where withheld or cancelled): one version of an article",
    ),
    field(
        "identity",
        ID,
        "blake2b-128 of canonical_url less .html, else of namespace and source_id, else of the bytes; versions"
        " share it",
    ),
    field("doc_ref", pa.string(), "file#record the winning row was read from; a label, not an identity"),
    field("unit_id", ID, "the unit of input the winning row was read from"),
    field("record", COUNT, "ordinal of the record within its unit, from 0"),
    field("source_id", pa.string(), "the id its source gave: JSONL id, GUID, NewsML guid", null=True),
    field("url", pa.string(), "address as the source gave it", null=True),
    field(
        "canonical_url",
        pa.string(),
        "address without tracking, scheme and mobile variants; used for identity",
        null=True,
    ),
    field(
        "outlet",
        pa.string(),
        "registrable domain of the publisher; in the view its name where no domain is known",
        null=True,
    ),
    field("outlet_name", pa.string(), "the publisher's name for people", null=True),
    field("feed_url", pa.string(), "the feed it was seen in", null=True),
    field("headline", pa.string(), "the article's headline", null=True),
    field("deck", pa.string(), "standfirst: the line or two under the headline", null=True),
    field(
        "authors",
        pa.list_(pa.string()),
        "names that the source gives as authors, one an item; agencies among them are credits too",
    ),
    field("byline", pa.string(), "the byline as it stands", null=True),
    field("dateline", pa.string(), "the dateline as it stands, e.g. 'MOSCOW, February 14. /TASS/.'", null=True),
    field("slugline", pa.string(), "the slugline: the name its agency gives the story", null=True),
    field(
        "agency",
        pa.string(),
        "the originating news agency, normalised; only from a credit whose holder is an agency",
        null=True,
    ),
    field("credits", pa.list_(CREDIT), "every credit found, with its evidence"),
    field(
        "cited", pa.list_(CITATION), "sources that the article cites or quotes, which is not where its text comes from"
    ),
    field("quotes", pa.list_(QUOTE), "direct speech with its speaker"),
    field("language", pa.string(), "BCP-47 tag", null=True),
    field("section", pa.string(), "the outlet's section", null=True),
    field("keywords", pa.list_(pa.string()), "keywords and tags the source gives"),
    field("is_free", pa.bool_(), "whether its page says that it can be read without paying", null=True),
    field(
        "status",
        pa.string(),
        "usable, withheld (embargoed) or cancelled (withdrawn), as the source says; null where it says nothing",
        null=True,
    ),
    field("revision", pa.string(), "the number its source gives this version of it", null=True),
    field("embargoed_until", INSTANT, "when its embargo ends, as the source says", null=True, unit="UTC"),
    field(
        "published_at",
        INSTANT,
        "start of the interval that published_precision spans; null for a day without a year",
        null=True,
        unit="UTC",
    ),
    field("published_precision", pa.string(), "second, minute, day, month-day or none"),
    field(
        "published_source",
        pa.string(),
        "where the time was read: record, feed, json-ld, microdata, meta, script (of the page), url, dateline, text",
        null=True,
    ),
    field("published_raw", pa.string(), "the time as it stands in the source", null=True),
    field(
        "published_inferred",
        pa.list_(pa.string()),
        "what the source did not say and was inferred: year, day, order (of day and month), zone, calendar",
    ),
    field("modified_at", INSTANT, "when the source says it was last changed", null=True, unit="UTC"),
    field(
        "first_seen_at",
        INSTANT,
        "evidence of the input (poll time, WARC-Date); never the clock of processing",
        null=True,
        unit="UTC",
    ),
    field("fetched_at", INSTANT, "when its bytes were fetched", null=True, unit="UTC"),
    field("event_at", INSTANT, "published_at, else first_seen_at: sort and partition key", null=True, unit="UTC"),
    field("n_words", COUNT, "words in the text", unit="words"),
    field("n_chars", COUNT, "code points in the text", unit="code points"),
    field("text_hash", ID, "blake2b-128 of the text's UTF-8 bytes"),
    field("extractor", pa.string(), "name and version of the rules that made this row"),
]
_RUN = field("run_id", ID, "the run that committed this row")
_TEXT = field("text", pa.string(), "the article's text; all offsets everywhere are code points into it")

ARTICLE_BATCH = pa.schema([*_ARTICLE_FIELDS, _TEXT])
"""What flows between steps: at most 500 rows or 4 MB; the articles' columns with the text beside them."""

ARTICLES = Table(
    "articles",
    "one version of one article",
    pa.schema([*_ARTICLE_FIELDS, _RUN]),
    keep="append",
    key=("article_id",),
    month_of="event_at",
)
TEXTS = Table(
    "texts",
    "the text of one article version",
    pa.schema(
        [
            field("article_id", ID, "the article whose text this is"),
            field(
                "event_at",
                INSTANT,
                "the article's event_at; filter on it to read few row groups",
                null=True,
                unit="UTC",
            ),
            _TEXT,
        ]
    ),
    keep="append",
    key=("article_id",),
    month_of="event_at",
    row_group=8_192,
)
VERSIONS = Table(
    "versions",
    "which version of its article a row of articles is; only of articles that were seen in several",
    pa.schema(
        [
            field("article_id", ID, "the version"),
            field("identity", ID, "what the versions of one article share"),
            field("version", COUNT, "1 for the version that was seen first, then 2, 3, ..."),
            *LATEST_FIELDS,
        ]
    ),
    keep="latest",
    key=("article_id",),
)
