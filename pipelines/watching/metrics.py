"""The monitor's counters as OpenMetrics (openmetrics.io), served over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from wirecopy.pipelines.watching.live import Watching

LOOPBACK = "127.0.0.1"


class _Monitor(Collector):
    def __init__(self, told: Watching):
        self._told = told

    def collect(self) -> Iterator[Metric]:
        told = self._told
        polls = CounterMetricFamily("wirecopy_polls", "Polls of feeds, by outcome.", labels=["outcome"])
        for outcome, count in sorted(told.polls.items()):
            polls.add_metric([outcome], count)
        yield polls
        entries = CounterMetricFamily("wirecopy_entries", "Entries, by what became of them.", labels=["outcome"])
        for outcome, count in sorted(told.entries.items()):
            entries.add_metric([outcome], count)
        yield entries
        for name, help_text, count in (
            ("wirecopy_articles", "Articles taken into the lake.", told.summary.articles),
            ("wirecopy_copies", "Pairs of copies found.", told.summary.copies),
            ("wirecopy_reuse", "Pairs that share passages found.", told.summary.reuse),
            ("wirecopy_commits", "Commits made.", len(told.summary.commits)),
            ("wirecopy_troubles", "Times that a commit or a look at the lake failed.", told.troubles),
        ):
            yield CounterMetricFamily(name, help_text, value=count)
        states = GaugeMetricFamily("wirecopy_feeds", "Feeds, by state.", labels=["state"])
        for state, count in sorted(told.states().items()):
            states.add_metric([state], count)
        yield states
        late = max([0.0, *(time.time() - at / 1e6 for at in told.due() if at)])
        yield GaugeMetricFamily("wirecopy_behind_seconds", "How long the longest overdue feed is due.", value=late)


def place(text: str) -> tuple[str, int]:
    """Return the host and port of `[HOST:]PORT`; the host is this machine's own where none is given.

    Raises ValueError where it is neither.
    """
    host, _, port = text.strip().rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"{text!r} is neither a port such as 9100 nor a host and a port such as 0.0.0.0:9100")
    return host.strip("[]") or LOOPBACK, int(port)


def serve_metrics(told: Watching, host: str, port: int) -> None:
    """Serve the counters of a run on a port of a host's until the process ends. Raises OSError where it is taken."""
    registry = CollectorRegistry()
    registry.register(_Monitor(told))
    start_http_server(port, host, registry)
