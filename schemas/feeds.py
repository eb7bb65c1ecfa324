"""Feeds that are watched, every attempt to fetch one, and the entries that were seen in them."""

import pyarrow as pa

from wirecopy.schemas.table import COUNT, ID, INSTANT, LATEST_FIELDS, Table, field

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
            field("every_s", COUNT, "fixed interval that its owner asked for", null=True, unit="seconds"),
            field("failures", COUNT, "failures since the last success"),
            field("conditional", COUNT, "conditional requests since its body was last asked for whatever it is"),
            field("validates", pa.bool_(), "false once its validators have said that a changed body was unchanged"),
            field("moved_to", pa.string(), "where it permanently redirects to", null=True),
            field("moved", COUNT, "polls in a row that were redirected there"),
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
            field("outcome", pa.string(), "new, unchanged, not modified, failed, refused, retired or moved"),
            field("etag", pa.string(), "ETag of the reply", null=True),
            field("last_modified", pa.string(), "Last-Modified of the reply", null=True),
            field("entries", COUNT, "entries in the body"),
            field("new", COUNT, "entries not seen before"),
            field("bytes", pa.int64(), "bytes received", unit="bytes"),
            field("ms", COUNT, "time the request took", unit="milliseconds"),
            field("wait_s", COUNT, "time that the reply's Retry-After asks to leave its host alone", unit="seconds"),
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

ENTRIES = Table(
    "entries",
    "one version of an entry of a feed, and what became of it",
    pa.schema(
        [
            field("feed_url", pa.string(), "the feed it was seen in"),
            field("entry_id", ID, "blake2b-128 of what tells it from the feed's other entries and from other versions"),
            field("seen_at", INSTANT, "the poll that saw it first", unit="UTC"),
            field("change", pa.string(), "new, or edited where the feed had it before with other words or dates"),
            field("url", pa.string(), "address as the feed gave it", null=True),
            field("source_id", pa.string(), "GUID or id as the feed gave it", null=True),
            field("headline", pa.string(), "title as the feed gave it", null=True),
            field("published_raw", pa.string(), "time as the feed gave it", null=True),
            field(
                "outcome",
                pa.string(),
                "page: its page was fetched; feed: the feed's own text was taken; known: its page had been fetched "
                "for another feed; open: its page is still to be had; lost: neither page nor text could be had",
            ),
            field("status", pa.int16(), "HTTP status of its page; null where no reply came", null=True),
            field("error", pa.string(), "why its page could not be had", null=True),
            field("tries", COUNT, "times its page was asked for"),
            field("next_at", INSTANT, "when its page is tried again", null=True, unit="UTC"),
            field("entry", pa.string(), "what the feed said, as JSON, while its page is tried again", null=True),
            field("marks", pa.list_(pa.int64()), "hashes by which it is known again in the feed"),
            *LATEST_FIELDS,
        ]
    ),
    keep="latest",
    key=("feed_url", "entry_id"),
)
