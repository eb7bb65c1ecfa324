"""What could not be taken in, and why: nothing is lost in silence."""

import pyarrow as pa

from wirecopy.schemas.table import ID, INSTANT, Table, field

REASONS = {
    "empty": "nothing is there: no bytes, or only white space",
    "binary": "bytes that are not text of any kind",
    "encoding": "the bytes do not decode in any encoding they may be in",
    "malformed": "the record does not parse as what it claims to be",
    "no text": "the record parses, but holds no text of an article",
    "not an article": "a page that stands where an article should: a front page, a list, a page not found, a wall",
    "not text": "the record is of a kind that carries no article, such as a photo or a package",
    "bad date": "a date that is impossible or in the future; the article is kept without it",
    "too large": "beyond a bound: bytes, ratio, nesting, records or line length",
    "timeout": "the record took longer than its deadline and was cut off",
    "crash": "the reader or extractor died on this record",
    "truncated": "the input ends in the middle of a record",
    "damaged": "the container is damaged here; reading went on behind the damage",
    "digest": "the payload does not have the digest its record declares",
    "forgotten": "it was forgotten on request, with wirecopy forget, and is not taken in again",
    "unsupported": "a format or compression that is not read",
}
"""Every reason a row of `rejects` may give, and what it means."""

STAGES = ("read", "fetch", "extract", "match")

REJECTS = Table(
    "rejects",
    "a piece of input that was not taken in whole, and why",
    pa.schema(
        [
            field("stage", pa.string(), "read, fetch, extract or match: the step that rejected it"),
            field("reason", pa.string(), "one of a fixed list: " + ", ".join(REASONS)),
            field("error", pa.string(), "what exactly was wrong"),
            field(
                "doc_ref",
                pa.string(),
                "file#record: where it stands; a record is a line number where the file has lines",
            ),
            field("unit_id", ID, "the unit of input it stands in"),
            field("url", pa.string(), "its address, where known", null=True),
            field("payload_sha256", pa.binary(32), "SHA-256 of its bytes, where they could be read", null=True),
            field("retryable", pa.bool_(), "true where trying again may help"),
            field("first_at", INSTANT, "when it was rejected first", unit="UTC"),
            field("run_id", ID, "the run that committed this row"),
        ]
    ),
    keep="append",
    key=("doc_ref", "reason"),
)

FORGOTTEN = Table(
    "forgotten",
    "an article that was forgotten on request, by a hash: it is not taken in again",
    pa.schema(
        [
            field("identity_hash", ID, "blake2b-128 of the article's identity: what it was cannot be read from it"),
            field("forgotten_at", INSTANT, "when it was forgotten", unit="UTC"),
            field("run_id", ID, "the run that committed this row"),
        ]
    ),
    keep="append",
    key=("identity_hash",),
)
