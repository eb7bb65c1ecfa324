"""Measure pages made to hurt: what becomes of each, its CPU seconds, the memory it takes, and whether others go on.

usage: python benchmarks/hostile.py [NAME...]

Each page is given to a pool of two workers with ordinary pages around it. `CPU s` and `peak MB` are those of the worker
that had it, the peak above what the worker held before; `others` says how many of the ordinary pages were kept. Read
from /proc: Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from wirecopy.schemas.elements import Document, Reject
from wirecopy.transforms.extract.workers import Pool
from wirecopy.transforms.sealing.seal import extract

OTHERS = 30
WORDS = """the harbour council said on monday that new ferries would run between islands and the mainland from spring
 while fishermen asked for more time to read the plan""".split()
TICKS = os.sysconf("SC_CLK_TCK")

rng = random.Random(0)


def words(n: int) -> str:
    return " ".join(rng.choices(WORDS, k=n)).capitalize() + "."


def page(body: str, head: str = "") -> str:
    title = "Ferries to run from spring"
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"


def ordinary(n: int) -> str:
    return page("".join(f"<p>{words(40)}</p>" for _ in range(n)))


def json_ld(data: str) -> str:
    return page(f"<p>{words(200)}</p>", f'<script type="application/ld+json">{data}</script>')


def live_blog(posts: int) -> str:
    return page(
        "<article>"
        + "".join(
            f'<div id="p{i}"><div><span><time datetime="2024-05-01T10:{i % 60:02}">10:{i % 60:02}</time></span></div>'
            f'<h3>{words(6)}</h3><p>{words(50)}</p><p>{words(40)} <a href="/{i}">{words(3)}</a> {words(20)}</p>'
            '<div><ul><li><a href="#">Facebook</a></li><li><a href="#">X</a></li></ul></div></div>'
            for i in range(posts)
        )
        + "</article>"
    )


def table(cells: int) -> str:
    return page(f"<p>{words(60)}</p><table>" + ("<tr>" + "<td>12.5</td>" * 10 + "</tr>") * (cells // 10) + "</table>")


def quotes(n: int, marks: str, joint: str = " ") -> str:
    return page("<p>" + joint.join(f"{marks[0]}{word}{marks[1]}" for word in rng.choices(WORDS, k=n)) + "</p>")


PAGES: dict[str, Callable[[], str]] = {
    "ordinary, 40 paragraphs": lambda: ordinary(40),
    "live blog of 3,000 posts": lambda: live_blog(3_000),
    "table of 40,000 cells": lambda: table(40_000),
    "150,000 paragraphs": lambda: page("".join(f"<p>{words(6)}</p>" for _ in range(150_000))),
    "49,000 paragraphs": lambda: page("".join(f"<p>{words(6)}</p>" for _ in range(49_000))),
    "49,000 linked paragraphs": lambda: page("".join(f'<p><a href="/{i}">{words(4)}</a></p>' for i in range(24_500))),
    "300,000 table cells": lambda: table(300_000),
    "100,000 nested divs": lambda: page("<div>" * 100_000 + f"<p>{words(80)}</p>" + "</div>" * 100_000),
    "49,000 nested divs": lambda: page("<div>" * 49_000 + f"<p>{words(80)}</p>" + "</div>" * 49_000),
    "1,000,000 line breaks": lambda: page("<p>" + "<br>".join(rng.choices(WORDS, k=1_000_000)) + "</p>"),
    "49,000 line breaks": lambda: page("<p>" + "<br>".join(rng.choices(WORDS, k=49_000)) + "</p>"),
    "49,000 spans": lambda: page("<p>" + "".join(f"<span>{words(1)}</span> " for _ in range(49_000)) + "</p>"),
    "200,000 links": lambda: page("".join(f'<a href="/{i}">{words(4)}</a> ' for i in range(200_000))),
    "49,000 links": lambda: page("".join(f'<a href="/{i}">{words(4)}</a> ' for i in range(49_000))),
    "49,000 headings": lambda: page("".join(f"<h1>{words(5)}</h1>" for _ in range(49_000)) + f"<p>{words(200)}</p>"),
    "49,000 bylines": lambda: page(f'<b class="author">{words(3)}</b>' * 49_000 + f"<p>{words(200)}</p>"),
    "49,000 authors in meta": lambda: page(
        f"<p>{words(200)}</p>", "".join(f'<meta name="author" content="Ann B{i}">' for i in range(49_000))
    ),
    "1,000,000 attributes": lambda: page("<div " + " ".join(f'a{i}="1"' for i in range(1_000_000)) + "></div>"),
    "1,000,000 attributes of 1,200 tags": lambda: page(
        "".join("<p " + " ".join(f"a{i}" for i in range(900)) + f">{words(4)}</p>" for _ in range(1_200))
    ),
    "60 MB of text in one element": lambda: page("<p>" + f"{words(1_000)} " * 11_000 + "</p>"),
    "4 MB of text in one element": lambda: page("<p>" + f"{words(1_000)} " * 700 + "</p>"),
    "one word of 4 MB": lambda: page("<p>" + "a" * 4_000_000 + "</p>"),
    "4,000,000 opening brackets": lambda: page("<p>" + "<" * 4_000_000 + f"{words(100)}</p>"),
    "8 MB of pictures in the page": lambda: page(
        (f'<img src="data:image/png;base64,{"iVBORw0KGgo" * 20_000}">' + f"<p>{words(60)}</p>") * 36
    ),
    "JSON-LD nested 100,000 deep": lambda: json_ld('{"a":[' * 100_000 + "]}" * 100_000),
    "JSON-LD nested 900 deep": lambda: json_ld('{"@type":"NewsArticle","a":[' * 900 + "]}" * 900),
    "JSON-LD of 40,000 articles": lambda: json_ld(
        "[" + ",".join(['{"@type":"NewsArticle","headline":"x","datePublished":"2024-01-01"}'] * 40_000) + "]"
    ),
    "JSON-LD with 100,000 authors": lambda: json_ld(
        '{"@type":"NewsArticle","author":[' + ",".join(f'{{"name":"Ann Bee {i}"}}' for i in range(100_000)) + "]}"
    ),
    "300,000 tiny quotes": lambda: quotes(300_000, '""'),
    "300,000 tiny quotes, run together": lambda: quotes(300_000, "“”", ""),
    "300,000 quotes opened": lambda: quotes(300_000, "“ "),
    "300,000 quotes in lines": lambda: quotes(300_000, '""', "\n"),
    "300,000 angle quotes": lambda: quotes(300_000, "«»"),
    "300,000 names of agencies": lambda: page("<p>" + "Reuters, AFP " * 150_000 + "</p>"),
    "100,000 datelines": lambda: page("<p>" + "PARIS, Feb 14 (Reuters) - " * 100_000 + "</p>"),
    "100,000 lines that say who": lambda: page("<pre>" + '"Yes," he said, according to the AP.\n' * 100_000 + "</pre>"),
}


def measured(documents: list[Document]) -> list[tuple[int, str, float]]:
    """Extract in a worker; return articles kept, the first reject, and CPU seconds."""
    begin = time.process_time()
    _, _, rejects = found = extract(documents)
    reason = f"{rejects[0].reason}: {rejects[0].error}" if rejects else ""
    return [(found.articles.num_rows, reason, time.process_time() - begin)] if documents else []


class Watch(threading.Thread):
    """Follows the memory and CPU time of a pool's workers, also of those that are killed; not of those that follow."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(daemon=True)
        self._pool = pool
        self._first: dict[int, tuple[float, float]] = {}
        self.peak = self.cpu = 0.0
        self.start()

    def begin(self) -> None:
        pids = [worker.process.pid for worker in self._pool._workers]
        self._first = {pid: look(pid) for pid in pids if pid}
        self.peak = self.cpu = 0.0

    def run(self) -> None:
        while True:
            for pid, (held, spent) in list(self._first.items()):
                with contextlib.suppress(OSError, IndexError):
                    now_held, now_spent = look(pid)
                    self.peak, self.cpu = max(self.peak, now_held - held), max(self.cpu, now_spent - spent)
            time.sleep(0.01)


def look(pid: int) -> tuple[float, float]:
    """Return the megabytes a process holds and the CPU seconds it has had."""
    held = int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return held, (int(fields[11]) + int(fields[12])) / TICKS


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", metavar="NAME", nargs="*", help="; ".join(PAGES).replace("%", "%%"))
    wanted = options.parse_args().names or list(PAGES)
    if unknown := [name for name in wanted if name not in PAGES]:
        options.error(f"no page is called {unknown[0]!r}")
    print(f"{'page':36} {'size MB':>8} {'CPU s':>7} {'peak MB':>8} {'others':>7}  outcome")
    with Pool(measured, 2) as pool:
        watch = Watch(pool)
        list(pool.map([[document(0, ordinary(40))]] * 4))
        for name in wanted:
            content = PAGES[name]()
            batches = [[document(0, content)], *([document(i, ordinary(20))] for i in range(1, OTHERS + 1))]
            watch.begin()
            [hurt], *others = pool.map(batches)
            kept = sum(result[0][0] for [result] in others if not isinstance(result, Reject))
            if isinstance(hurt, Reject):
                outcome, cpu = f"{hurt.reason}: {hurt.error}", watch.cpu
            else:
                [(rows, reason, cpu)] = hurt
                outcome = "kept" if rows else reason
            size = len(content.encode()) / 1e6
            print(f"{name:36} {size:8.1f} {cpu:7.2f} {watch.peak:8.0f} {kept:4}/{OTHERS}  {outcome}", flush=True)


def document(number: int, content: str) -> Document:
    return Document("0" * 32, number, f"page{number}", "html", content, url=f"https://news.example.com/{number}")


if __name__ == "__main__":
    main()
