"""How right the metadata of pages is, beside trafilatura's.

    python benchmarks/metadata.py GOLD.jsonl

A line of GOLD has `file` (of a gzipped page beside it), `url`, `headline`, `authors`, `published_at` (ISO 8601; one
without a zone is met in any) and `body`. Printed are the shares of pages with the exact headline, the exact set of
authors, the day in UTC, the instant within 60 s, and the mean F1 of the body's words.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import trafilatura

from wirecopy.schemas.elements import Document
from wirecopy.transforms.extract import extract_batch


class Found(NamedTuple):
    headline: str | None = None
    authors: Sequence[str] = ()
    day: date | None = None
    instant: datetime | None = None
    text: str = ""


def wirecopy(documents: Sequence[Document]) -> list[Found]:
    batch, _ = extract_batch(documents)
    found = [Found() for _ in documents]
    for row in batch.to_pylist():
        at = row["published_at"]
        timed = row["published_precision"] in ("second", "minute")
        found[row["record"]] = Found(
            row["headline"], row["authors"], at.date() if at else None, at if timed else None, row["text"]
        )
    return found


def of_trafilatura(documents: Sequence[Document]) -> list[Found]:
    """Ask for the time of day: by default trafilatura gives a day."""
    dates = {"original_date": True, "extensive_search": True, "outputformat": "%Y-%m-%dT%H:%M:%S%z"}
    found = []
    for document in documents:
        page = trafilatura.bare_extraction(
            document.content, url=document.url, include_comments=False, with_metadata=True, date_extraction_params=dates
        )
        at = datetime.fromisoformat(page.date) if page and page.date else None
        at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC) if at else None
        names = [name.strip() for name in (page.author or "").split(";")] if page and page.author else []
        found.append(Found(page.title, names, at.date() if at else None, at, page.text or "") if page else Found())
    return found


def marks(gold: dict[str, Any], found: Found) -> dict[str, float]:
    marked: dict[str, float] = {}
    if gold["headline"]:
        marked["headline"] = folded(found.headline) == folded(gold["headline"])
    if gold["authors"]:
        marked["authors"] = set(map(folded, found.authors)) == set(map(folded, gold["authors"]))
    if gold["published_at"]:
        stated = datetime.fromisoformat(gold["published_at"])
        at = stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
        days = abs((found.day - at.date()).days) if found.day else 99
        seconds = abs((found.instant - at).total_seconds()) if found.instant else 1e9
        if stated.tzinfo is None and seconds <= 14 * 3600:
            seconds = min(seconds % 900, 900 - seconds % 900)
        marked |= {"day": days <= (stated.tzinfo is None), "instant": seconds <= 60}
    if gold["body"]:
        truth, text = (Counter(re.findall(r"\w+", each)) for each in (gold["body"], found.text))
        marked["body F1"] = 2 * (truth & text).total() / max(1, truth.total() + text.total())
    return marked


def folded(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    path = parser.parse_args().gold
    gold = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    documents = []
    for number, page in enumerate(gold):
        content = gzip.decompress((path.parent / page["file"]).read_bytes()).decode("utf-8", "replace")
        documents.append(Document("0" * 32, number, page["file"], "html", content, url=page["url"]))
    contestants: dict[str, Callable[[Sequence[Document]], list[Found]]] = {
        "wirecopy": wirecopy,
        "trafilatura": of_trafilatura,
    }
    print(f"{len(documents)} pages")
    for name, run in contestants.items():
        marked = [marks(page, found) for page, found in zip(gold, run(documents), strict=True)]
        kinds = dict.fromkeys(kind for each in marked for kind in each)
        means = {kind: [each[kind] for each in marked if kind in each] for kind in kinds}
        print(f"{name:12}", "  ".join(f"{kind} {sum(of) / len(of):.3f}" for kind, of in means.items()))


if __name__ == "__main__":
    main()
