"""What the trials feed to the command: some hundred short articles that copy each other, and feeds that carry some."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass
from pathlib import Path

from made_texts import edit, sample
from outlets import START, Outlets, date, page, rss

HOUR = 3_600_000_000
HOSTS = 3


@dataclass(frozen=True)
class Inputs:
    """Paths of what is taken in.

    Attributes:
        steps: what each of the first commits takes in: JSONL, CSV, pages and plain text, with a few rejects.
        more: what is taken in to see that a lake still works.
        crowd: a story that forty outlets print, more than matching keeps all pairs of.
        few: so many small files, one article each.
    """

    steps: tuple[tuple[Path, ...], ...]
    more: Path
    crowd: Path
    few: tuple[Path, ...]

    @property
    def all(self) -> tuple[Path, ...]:
        return tuple(path for step in self.steps for path in step)


def articles(n: int, rng: random.Random, known: list[list[str]]) -> list[dict[str, str]]:
    """Make articles of which a third are new, a third reprints and a third take a passage; add the new to `known`."""
    made = []
    for i in range(n):
        words = sample("en", 110, rng)
        kind = i % 3 if known else 0
        if kind == 1:
            words = edit(rng.choice(known), rng.choice([0, 0.02, 0.06]), "en", rng)
        elif kind == 2:
            source = rng.choice(known)
            words[40:40] = edit(source[:70], rng.choice([0, 0.04]), "en", rng)
        else:
            known.append(words)
        credit = rng.choice(["LONDON (Reuters) - ", "MOSCOW, March 3. /TASS/. ", "", ""])
        made.append(
            {
                "url": f"https://outlet{rng.randrange(7)}.example/{rng.getrandbits(40):x}",
                "title": " ".join(words[:6]),
                "text": credit + " ".join(words).capitalize() + ".",
                "published_at": f"2022-{1 + i % 3:02d}-{1 + i % 28:02d}T{i % 24:02d}:00:00Z",
                "crawled_at": f"2022-05-01T00:{i % 60:02d}:00Z",
            }
        )
    return made


def write_inputs(folder: Path) -> Inputs:
    """Write the inputs of all trials, the same ones each time."""
    rng, known = random.Random(7), list[list[str]]()
    folder.mkdir(parents=True)
    first, second, third, last = (articles(n, rng, known) for n in (22, 20, 22, 18))
    better = [one | {"crawled_at": "2022-04-01T00:00:00Z"} for one in first[:3]]
    a = _jsonl(folder / "a.jsonl", first, '{"id": "empty"}', "{")
    b = _jsonl(folder / "b.jsonl", second + better, '{"text": ""}')
    c = folder / "c.csv"
    with c.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(third[0]))
        writer.writeheader()
        writer.writerows(third)
    pages = folder / "pages"
    pages.mkdir()
    for i, one in enumerate(articles(6, rng, known)):
        (pages / f"{i}.html").write_text(page(one["title"], [one["text"]]))
    wire = folder / "wire.txt"
    wire.write_text("MOSCOW, March 3. /TASS/. " + " ".join(known[0]) + ".\n")
    more = _jsonl(folder / "more.jsonl", last + [one | {"crawled_at": "2022-04-01T00:00:00Z"} for one in second[:2]])
    story = sample("en", 120, rng)
    prints = [
        one | {"text": " ".join(edit(story, rng.choice([0, 0.02]), "en", rng)) + "."}
        for one in articles(40, rng, [])[:40]
    ]
    for i, one in enumerate(prints):
        one["published_at"] = f"2022-02-{1 + (i * 7) % 28:02d}T00:00:00Z"
    crowd = _jsonl(folder / "crowd.jsonl", prints)
    few = tuple(_jsonl(folder / f"few{i}.jsonl", [one]) for i, one in enumerate(articles(64, rng, known)))
    return Inputs(((a,), (b, pages), (c, wire)), more, crowd, few)


def serve_feeds(outlets: Outlets) -> list[str]:
    """Put feeds of three outlets, and the pages of their entries, on a server; return the feeds' addresses."""
    rng, known = random.Random(8), list[list[str]]()
    feeds = []
    for host in (f"127.0.0.{n + 1}" for n in range(HOSTS)):
        items = []
        for i, one in enumerate(articles(7, rng, known)):
            outlets.put(f"/story/{i}", page(one["title"], [one["text"]]), host)
            link = outlets.url(f"/story/{i}", host)
            items.append({"title": one["title"], "link": link, "guid": link, "date": date(START - i * HOUR)})
        outlets.put("/feed", rss(items, title=f"Outlet {host}"), host)
        feeds.append(outlets.url("/feed", host))
    return feeds


def _jsonl(path: Path, records: list[dict[str, str]], *broken: str) -> Path:
    path.write_text("".join(line + "\n" for line in [*map(json.dumps, records), *broken]))
    return path
