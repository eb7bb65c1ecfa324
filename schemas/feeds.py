"""Feeds that are watched, and every attempt to fetch one."""

import pyarrow as pa

from schemas.table import COUNT, ID, INSTANT, LATEST_FIELDS, Table, field

FEEDS = Table(
    "feeds",
    "a feed that is or was watched, with what the next poll needs to know",
    pa.schema(
        [
            field("feed_url", pa.string(), "the feed's address; adopted redirects replace it"),
            field("title", pa.string(), "the feed's title", null=True),
            field("outlet", pa.string(), "registrable domain of the publisher", null=True),
            field("state", pa.string(), "active, paused or retired"),
            field("etag", pa.string(), "validator of the last body that was kept", null=True),
            field("last_modified", pa.string(), "validator of the last body that was kept", null=True),
            field("body_hash", ID, "blake2b-128 of the last body that was kept", null=True),
            field("interval_s", COUNT, "adaptive interval between polls", unit="seconds"),
            field("failures", COUNT, "failures since the last success"),
            field("next_at", INSTANT, "when it is due", null=True, unit="UTC"),
            *LATEST_FIELDS,
        ]
    ),
    keep="latest",
    key=("feed_url",),
)

POLLS = Table(
    "polls",
    "one fetch of a feed, successful or not",
    pa.schema(
        [
            field("feed_url", pa.string(), "the feed"),
            field("polled_at", INSTANT, "when the request was sent", unit="UTC"),
            field("status", pa.int16(), "HTTP status; null where no reply came", null=True),
            field("outcome", pa.string(), "new, unchanged, not modified, failed, refused, retired"),
            field("etag", pa.string(), "ETag of the reply", null=True),
            field("last_modified", pa.string(), "Last-Modified of the reply", null=True),
            field("entries", COUNT, "entries in the body"),
            field("new", COUNT, "entries not seen before"),
            field("bytes", pa.int64(), "bytes received", unit="bytes"),
            field("ms", COUNT, "time the request took", unit="milliseconds"),
            field("gap", pa.bool_(), "nothing overlaps with the last poll: entries may have been missed"),
            field("error", pa.string(), "what went wrong", null=True),
            field("next_at", INSTANT, "when it is due again", null=True, unit="UTC"),
            field("run_id", ID, "the run that committed this row"),
        ]
    ),
    keep="append",
    key=("feed_url", "polled_at"),
    month_of="polled_at",
)
