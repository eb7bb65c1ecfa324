"""A lake of a few made articles, as tables and as the SQL of a catalog over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.sql import statements
from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.fetch.state import Feed
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import facts
from wirecopy.transforms.search.rows import groups
from wirecopy.transforms.search.segment import content

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FEB_14 = datetime(2022, 2, 14, 9, tzinfo=UTC)

PARAGRAPH = (
    "On December 17, 2021 the ministry published draft agreements on legal guarantees, and the alliance handed "
    "over its written responses on January 26 without the concessions that were crucial."
)
STORY = "MOSCOW, February 14. /TASS/. The president asked his minister for an opinion on the responses.\n" + PARAGRAPH
HARBOUR = "The harbour of the old town reopens on Sunday after three years of dredging, the mayor announced."
LOCAL = "\N{PARTY POPPER} Cafe\N{COMBINING ACUTE ACCENT} owners cheered. "
FLOOD = "東京で洪水が発生し、首相は避難を呼びかけた。"

TASS, ARAVOT, REPRINT, EDITED, EDITED_2, SCOOP, FOLLOWER, UNDATED, TOKYO = (n.to_bytes(16, "big") for n in range(1, 10))


def article(article_id: bytes, outlet: str | None, text: str, at: datetime | None, **known: Any) -> dict[str, Any]:
    agency = known.get("agency")
    kind = "dateline" if outlet is None else "tail"
    credit = {"agency": agency, "kind": kind, "evidence": f"/{agency}/", "where": "text", "begin": 0, "end": 6}
    lists = {name: [] for name in ("authors", "cited", "quotes", "keywords", "published_inferred")}
    return {
        "article_id": article_id,
        "identity": known.pop("identity", article_id),
        "doc_ref": "archive.jsonl#1",
        "unit_id": bytes(16),
        "record": 0,
        "outlet": outlet,
        "headline": known.pop("headline", f"Headline of {article_id[-1]}"),
        "published_at": at,
        "published_precision": "second" if at else "none",
        "event_at": at,
        "n_words": len(text.split()),
        "n_chars": len(text),
        "text_hash": article_id,
        "extractor": "test",
        "run_id": bytes(16),
        "text": text,
        "credits": [credit] if agency else [],
        **lists,
        **known,
    }


ARTICLES = [
    article(TASS, None, STORY, FEB_14, agency="TASS", headline="Opinion on the responses asked for"),
    article(ARAVOT, "aravot.am", "Yerevan asks.\n" + PARAGRAPH + " Local news.", FEB_14 - 11 * DAY, agency="TASS"),
    article(REPRINT, "a.com", STORY, FEB_14 + 2 * HOUR, agency="TASS"),
    article(EDITED, "b.com", LOCAL + PARAGRAPH, FEB_14 + 5 * HOUR, headline="Ministry waits"),
    article(
        EDITED_2, "b.com", LOCAL + "Update.", FEB_14 + 5 * HOUR,
        headline="Ministry waits no more", identity=EDITED, modified_at=FEB_14 + 8 * HOUR,
    ),
    article(SCOOP, "c.com", HARBOUR, FEB_14 - 4 * DAY, headline="Harbour reopens"),
    article(FOLLOWER, "a.com", HARBOUR + " We were there.", FEB_14 - 3 * DAY),
    article(UNDATED, None, "Senators and the harbour, in brief.", None, headline=None),
    article(TOKYO, "d.jp", FLOOD, FEB_14 + DAY, headline="洪水"),
]  # fmt: skip

TEXT = {row["article_id"]: row["text"] for row in ARTICLES}


def passage(src: bytes, dst: bytes, words: str, **known: Any) -> dict[str, Any]:
    src_begin, dst_begin = TEXT[src].index(words), TEXT[dst].index(words)
    return {
        "passage_id": src[8:] + dst[8:],
        "src_article_id": src,
        "src_begin": src_begin,
        "src_end": src_begin + len(words),
        "dst_article_id": dst,
        "dst_begin": dst_begin,
        "dst_end": dst_begin + len(words),
        "n_words": len(words.split()),
        "identity": 1.0,
        "score": 600,
        "is_quote": False,
        "is_chrome": False,
        "taken": not known.get("is_chrome", False),
        "model_id": "test",
        **known,
    }


def pair(src: bytes, dst: bytes, relation: str, share: float, **known: Any) -> dict[str, Any]:
    return {
        "src_article_id": src,
        "dst_article_id": dst,
        "relation": relation,
        "jaccard": share if relation == "copy" else 0.1,
        "src_coverage": share,
        "dst_coverage": share,
        "src_taken": share,
        "dst_taken": share,
        "n_passages": 1,
        "score": 600,
        "same_outlet": False,
        "direction_confidence": 0.95,
        "model_id": "test",
        **known,
    }


PASSAGES = [
    passage(TASS, ARAVOT, PARAGRAPH, agency="TASS", lag_s=-11 * 86_400),
    passage(TASS, REPRINT, STORY, agency="TASS", lag_s=7200),
    passage(TASS, EDITED, PARAGRAPH, agency="TASS", lag_s=5 * 3600),
    passage(SCOOP, FOLLOWER, HARBOUR, lag_s=86_400),
    passage(SCOOP, UNDATED, "harbour", is_chrome=True),
]
PAIRS = [
    pair(TASS, ARAVOT, "reuse", 0.75),
    pair(TASS, REPRINT, "copy", 1.0),
    pair(TASS, EDITED, "copy", 0.8),
    pair(SCOOP, FOLLOWER, "copy", 0.75, direction_confidence=0.75),
]


def poll(feed: str, hour: int, outcome: str, new: int = 0, **known: Any) -> dict[str, Any]:
    return {
        "feed_url": feed,
        "polled_at": FEB_14 + hour * HOUR,
        "status": 200 if outcome in ("new", "unchanged") else 503,
        "outcome": outcome,
        "entries": 20,
        "new": new,
        "bytes": 1000,
        "ms": 50,
        "wait_s": 0,
        "gap": False,
        "run_id": bytes(16),
        **known,
    }


def feed(url: str, state: str = "active") -> dict[str, Any]:
    return Feed(url, state=state)._asdict() | {"commit": 1, "deleted": False}


POLLS = (
    [poll("https://a.com/rss", hour, "new", 3) for hour in range(0, 96, 4)]
    + [poll("https://b.com/rss", hour, "new" if hour < 8 else "unchanged", 3 if hour < 8 else 0) for hour in range(96)]
    + [poll("https://c.com/rss", 0, "new", 5), poll("https://c.com/rss", 95, "failed", error="no reply")]
    + [poll("https://d.jp/rss", hour, "new", 5, gap=hour == 90) for hour in range(60, 96, 5)]
)
FEEDS = [feed(f"https://{site}/rss") for site in ("a.com", "b.com", "c.com", "d.jp", "e.com")]
FEEDS += [feed("https://old.com/rss", "retired")]
REJECTS = [
    {
        "stage": "read",
        "reason": reason,
        "error": f"{reason} here",
        "doc_ref": f"archive.jsonl#{n}",
        "unit_id": bytes(16),
        "retryable": reason == "timeout",
        "first_at": FEB_14 + n * HOUR,
        "run_id": bytes(16),
    }
    for n, reason in enumerate(["empty", "timeout", "empty"])
]
RUNS = [
    {
        "run_id": bytes(16), "command": "ingest", "version": "0.1.0", "started_at": FEB_14, "committed_at": FEB_14,
        "commit": 1, "units": 1, "articles": 9, "copies": 3, "reuse": 1, "rejects": 3,
    }
]  # fmt: skip


def rows_of(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table([[row.get(f.name) for row in rows] for f in table.schema], schema=table.schema)


def small_lake() -> dict[str, pa.Table]:
    articles = rows_of(TABLES["articles"], ARTICLES)
    pairs = rows_of(TABLES["pairs"], PAIRS)
    lake = {
        "articles": articles,
        "texts": rows_of(TABLES["texts"], ARTICLES),
        "pairs": pairs,
        "passages": rows_of(TABLES["passages"], PASSAGES),
        "rejects": rows_of(TABLES["rejects"], REJECTS),
        "feeds": rows_of(TABLES["feeds"], FEEDS),
        "polls": rows_of(TABLES["polls"], POLLS),
        "entries": rows_of(TABLES["entries"], []),
        "runs": rows_of(TABLES["runs"], RUNS),
        "search_index": pa.concat_tables(
            groups(
                content(pa.table([[row.get(f.name) for row in ARTICLES] for f in ARTICLE_BATCH], schema=ARTICLE_BATCH))
            )
        ),
    }
    for name, rows in zip(("clusters", "members"), clusters(facts(articles), pairs), strict=True):
        position = TABLES[name].schema.get_field_index("commit")
        lake[name] = rows.add_column(position, TABLES[name].schema.field(position), [[1] * len(rows)])
    return lake


def catalog_script(folder: Path, lake: dict[str, pa.Table]) -> str:
    """Write the tables as Parquet and return SQL that makes their views, as a lake's catalog has them, and ours."""
    script = []
    for name, rows in lake.items():
        path = folder / f"{name}.parquet"
        pq.write_table(rows.cast(TABLES[name].schema), path, store_schema=False)
        order = "coalesce(modified_at, first_seen_at, fetched_at, event_at), article_id"
        version = f", row_number() OVER (PARTITION BY identity ORDER BY {order})::INTEGER AS version"
        columns = "*" + (version if name == "articles" else "")
        view = TABLES[name].plain_view or name
        script.append(f"CREATE VIEW {view} AS SELECT {columns} FROM read_parquet('{path}');")
        script.append(f"COMMENT ON COLUMN {view}.{rows.schema.names[0]} IS 'what it means';")
    n = len(lake["articles"])
    script.append(f"CREATE VIEW search_coverage AS SELECT {n} AS articles, {n} AS indexed;")
    return "\n\n".join(script + statements())
