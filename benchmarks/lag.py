"""How long after the poll that shows it an article is seen by a reader that waits with DuckDB.

    python benchmarks/lag.py LAKE [--feeds 1000] [--outlets 200] [--minutes 5] [--every 5m]

LAKE is a lake that holds as many articles as are wanted beside; feeds, polls and articles are added to it. Outlets are
played by a real HTTP server on loopback that publishes all the time; the monitor is the command, asked to make no
pause within a domain, so that what is measured is the time beyond the poll interval and the pauses of courtesy.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aiohttp import web
from outlets import SECOND, date, page, rss, serving, story

NEW = "SELECT url FROM articles WHERE event_at >= make_timestamptz(?) AND url LIKE '%/story/%'"


class Outlets:
    """Answers for every host: feeds that gain a story now and then, and the stories' pages."""

    def __init__(self, feeds: list[tuple[str, str]], per_minute: float):
        self.feeds, self.per_minute = feeds, per_minute
        self.items: dict[tuple[str, str], list[dict[str, str]]] = {feed: [] for feed in feeds}
        self.polled: dict[str, float] = {}
        self.first = int(time.time()) * 1000
        self.port = 0

    def get(self, key: tuple[str, str]) -> object:
        """Stand in for the table of answers: any path of any host is answered by `answer`."""
        return self.answer, {}

    def answer(self, request: web.Request) -> web.Response:
        host = request.host.partition(":")[0]
        if request.path.startswith("/story/"):
            number = int(request.path.rpartition("/")[2])
            return web.Response(text=page(f"Story number {number}", story(number)), content_type="text/html")
        items = self.items.get((host, request.path))
        if items is None:
            return web.Response(text="")
        for item in items:
            self.polled.setdefault(item["link"], time.time())
        return web.Response(text=rss(items[::-1], host), content_type="application/rss+xml")

    def publish(self, seconds: float) -> None:
        """Publish at random moments for some time."""
        chance, end = random.Random(1), time.time() + seconds
        while time.time() < end:
            time.sleep(chance.expovariate(self.per_minute / 60))
            feed = chance.choice(self.feeds)
            self.first += 1
            link = f"http://{feed[0]}:{self.port}/story/{self.first}"
            stamp = date(time.time() * SECOND)
            items = [*self.items[feed], {"title": f"Story number {self.first}", "link": link, "date": stamp}]
            self.items[feed] = items[-30:]


def read(lake: Path, began: float, seen: dict[str, float], stop: threading.Event) -> None:
    """Note when each new article is first seen by a reader that opens the catalog whenever it is another one."""
    catalog, known = lake / "catalog.duckdb", 0
    while not stop.wait(0.05):
        if not catalog.exists() or (now := catalog.stat().st_ino) == known:
            continue
        known = now
        with duckdb.connect(str(catalog), read_only=True) as con:
            con.execute("SET VARIABLE lake = ?", [str(lake.resolve())])
            rows = con.execute(NEW, [int(began) * SECOND]).fetchall()
        at = time.time()
        for (url,) in rows:
            seen.setdefault(url, at)


def main() -> None:
    """Watch, publish, read, and print the quantiles of the lag."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--outlets", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--every", default="5m")
    parser.add_argument("--per-minute", type=float, default=100, help="stories published")
    arguments = parser.parse_args()
    sections = arguments.feeds // arguments.outlets
    feeds = [(f"127.0.0.{n}", f"/feed/{k}") for n in range(1, arguments.outlets + 1) for k in range(sections)]
    with tempfile.TemporaryDirectory() as folder, serving(arguments.outlets) as served:
        outlets = Outlets(feeds, arguments.per_minute)
        outlets.port, served.answers = served.port, outlets
        sources = Path(folder, "feeds.txt")
        sources.write_text("\n".join(served.url(path, host) for host, path in feeds))
        command = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()", "monitor", str(sources)]
        command += ["--lake", str(arguments.lake), "--allow-network", "127.0.0.0/8", "--pause", "0s"]
        with Path(folder, "log").open("w") as log:
            running = subprocess.Popen([*command, "--every", arguments.every], stderr=log)
        seen: dict[str, float] = {}
        stop, began = threading.Event(), time.time()
        reader = threading.Thread(target=read, args=(arguments.lake, began, seen, stop))
        reader.start()
        while len({(one.host, one.path) for one in served.asked if one.path.startswith("/feed")}) < len(feeds):
            assert running.poll() is None, Path(folder, "log").read_text()
            time.sleep(1)
        print(f"all feeds polled after {time.time() - began:.0f} s", flush=True)
        outlets.publish(arguments.minutes * 60)
        time.sleep(20)
        running.send_signal(signal.SIGTERM)
        running.wait()
        stop.set()
        reader.join()
        end = time.time() - 40
        told = {url: at for url, at in outlets.polled.items() if at < end}
        lags = np.array([seen[url] - at for url, at in told.items() if url in seen])
        commits = sum(" commit " in line for line in Path(folder, "log").read_text().splitlines())
    print(f"{len(told):,} articles shown to a poll, {len(told) - len(lags):,} of them never seen, {commits:,} commits")
    quantiles = (50, 90, 99, 100)
    values = np.percentile(lags, quantiles)
    names = ", ".join(f"p{q} {value:.2f} s" for q, value in zip(quantiles, values, strict=True))
    print(f"from poll to reader: {names}")


if __name__ == "__main__":
    main()
