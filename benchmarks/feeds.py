"""How fast feeds are parsed, and whether what comes out is what feedparser gives.

    python benchmarks/feeds.py FOLDER [--rounds N]

FOLDER holds bodies of feeds, one a file, in any depth. In each round every parser reads all of them twice, in a process
of its own, and the second time counts: ours, feedparser as it is, feedparser without cleaning HTML, and fastfeedparser
where it is installed. Then each field of each entry is compared with what feedparser gives, HTML as its text.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ADDRESS = "https://example.com/feed"
HEADERS = {"content-location": ADDRESS, "content-type": "application/xml"}


def ours() -> Callable[[bytes], int]:
    from wirecopy.transforms.fetch.parse import Body, parse

    def read(data: bytes) -> int:
        found = parse(Body(data, ADDRESS))
        return len(found.feed.entries) if found.feed else 0

    return read


def feedparser() -> Callable[[bytes], int]:
    from feedparser import parse

    return lambda data: len(parse(io.BytesIO(data), response_headers=HEADERS).entries)


def feedparser_bare() -> Callable[[bytes], int]:
    from feedparser import parse

    options = {"response_headers": HEADERS, "sanitize_html": False, "resolve_relative_uris": False}
    return lambda data: len(parse(io.BytesIO(data), **options).entries)


def fastfeedparser() -> Callable[[bytes], int]:
    from fastfeedparser import parse

    def read(data: bytes) -> int:
        try:
            return len(parse(data).entries)
        except ValueError:
            return 0

    return read


READERS = (ours, feedparser, feedparser_bare, fastfeedparser)


def measure(make: Callable[[], Callable[[bytes], int]], bodies: Sequence[bytes], answer: Any) -> None:
    try:
        read = make()
    except ImportError:
        answer.put(None)
        return
    sum(map(read, bodies))
    began = time.process_time()
    entries = sum(map(read, bodies))
    answer.put((entries, time.process_time() - began))


def measured(make: Callable[[], Callable[[bytes], int]], bodies: Sequence[bytes]) -> tuple[int, float] | None:
    """Return entries and CPU seconds of a parser; None where it is not installed."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=measure, args=(make, bodies, answer))
    process.start()
    found = answer.get()
    process.join()
    return found


def path_of(data: bytes) -> str:
    """Return how a feed is read."""
    from wirecopy.transforms.fetch.parse import Body, parse
    from wirecopy.transforms.read.faults import Fault
    from wirecopy.transforms.read.feeds import syndication, wellformed
    from wirecopy.transforms.read.web import html

    try:
        for path, made in (
            ("well-formed", lambda: syndication.bare(data)),
            ("well-formed, decoded", lambda: syndication.bare(html.decode(data).encode())),
            ("mended", lambda: syndication.mended(syndication.bare(html.decode(data).encode()))),
        ):
            try:
                wellformed.parse(made(), ADDRESS)
            except wellformed.Unsure:
                continue
            return path
    except Fault:
        return "no feed"
    found = parse(Body(data, ADDRESS)).feed
    return "no feed" if found is None else "JSON Feed" if data.lstrip()[:1] == b"{" else "by feedparser"


def differences(data: bytes) -> Counter[str]:
    """Return how often each field of a feed's entries differs from feedparser's, and the number of its entries."""
    from feedparser import parse

    from wirecopy.transforms.fetch.parse import Body
    from wirecopy.transforms.fetch.parse import parse as parse_body
    from wirecopy.transforms.read.wire.markup import fragment

    def text(value: str | None) -> str:
        return " ".join((fragment(value or "") or "").split())

    found = parse_body(Body(data, ADDRESS)).feed
    theirs = parse(io.BytesIO(data), response_headers=HEADERS).entries
    entries = found.entries if found else ()
    counts = Counter(entries=len(theirs))
    if len(entries) != len(theirs):
        return counts + Counter({"other number of entries": 1})
    for ours_, other in zip(entries, theirs, strict=True):
        contents = [content.get("value") or "" for content in other.get("content", ())]
        names = [author.get("name") or author.get("email") or "" for author in other.get("authors", ())]
        terms = [(tag.get("term") or "").strip() for tag in other.get("tags", ())]
        pairs: dict[str, tuple[Any, Any]] = {
            "id": (ours_.id or "", other.get("id", "")),
            "address": (ours_.url, other.get("link") if other.get("link", "").startswith("http") else None),
            "title": (ours_.title or "", text(other.get("title"))),
            "text": (text(ours_.markup), text(max(contents, key=len, default="") or other.get("summary"))),
            "authors": (ours_.authors, tuple(dict.fromkeys(filter(None, names)))),
            "keywords": (ours_.keywords, tuple(dict.fromkeys(filter(None, terms)))),
            "published": (ours_.published or "", other.get("published") or dict.get(other, "updated") or ""),
            "modified": (ours_.modified or "", dict.get(other, "updated") or ""),
        }
        counts.update(name for name, (one, two) in pairs.items() if one != two)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="bodies of feeds, one a file")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    bodies = [path.read_bytes() for path in sorted(given.folder.rglob("*")) if path.is_file()]
    seconds: dict[str, list[float]] = {}
    entries: dict[str, int] = {}
    for _ in range(given.rounds):
        for reader in READERS:
            if found := measured(reader, bodies):
                entries[reader.__name__], took = found
                seconds.setdefault(reader.__name__, []).append(took)
    print(f"{len(bodies):,} feeds, {sum(map(len, bodies)) / 1e6:.1f} MB")
    print(f"{'parser':<18}{'entries':>9}{'feeds/CPU s':>13}{'times ours, least to most':>28}")
    for name, took in seconds.items():
        ratios = [one / own for one, own in zip(took, seconds["ours"], strict=True)]
        rate = len(bodies) / statistics.median(took)
        print(f"{name:<18}{entries[name]:>9,}{rate:>13,.0f}{f'{min(ratios):.2f} to {max(ratios):.2f}':>28}")
    print("read as: " + ", ".join(f"{n} {path}" for path, n in Counter(map(path_of, bodies)).most_common()))
    counts: Counter[str] = sum(map(differences, bodies), Counter())
    print(f"of {counts.pop('entries'):,} entries, other than feedparser's: ", end="")
    print(", ".join(f"{n:,} {name}" for name, n in counts.most_common()) or "none")


if __name__ == "__main__":
    main()
