"""Wirecopy follows the news wires: who published what, when, and whose text it is.

    import wirecopy

    con = wirecopy.open_lake("lake")            # a DuckDB connection with the lake's views and macros
    con.sql("FROM stories LIMIT 10")

The steps of its pipelines stand in `wirecopy.beam`, for pipelines of one's own. What is exported here and there is
public and keeps its meaning within a major version; everything else may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wirecopy.pipelines.query import open_lake
    from wirecopy.transforms.lake.files import LakeError
    from wirecopy.transforms.similarity.compare import Passage, compare
    from wirecopy.transforms.tracing.diff import Change, Diff, Stretch, diff
    from wirecopy.transforms.tracing.results import Source, Trace, TracedPassage
    from wirecopy.transforms.tracing.trace import trace

__all__ = [
    "Change",
    "Diff",
    "LakeError",
    "Passage",
    "Source",
    "Stretch",
    "Trace",
    "TracedPassage",
    "compare",
    "diff",
    "open_lake",
    "trace",
]

_HOMES = {
    "Change": "wirecopy.transforms.tracing.diff",
    "Diff": "wirecopy.transforms.tracing.diff",
    "Stretch": "wirecopy.transforms.tracing.diff",
    "diff": "wirecopy.transforms.tracing.diff",
    "LakeError": "wirecopy.transforms.lake.files",
    "Passage": "wirecopy.transforms.similarity.compare",
    "Source": "wirecopy.transforms.tracing.results",
    "Trace": "wirecopy.transforms.tracing.results",
    "TracedPassage": "wirecopy.transforms.tracing.results",
    "compare": "wirecopy.transforms.similarity.compare",
    "open_lake": "wirecopy.pipelines.query",
    "trace": "wirecopy.transforms.tracing.trace",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that `import wirecopy` loads nothing else."""
    if name not in _HOMES:
        raise AttributeError(f"module 'wirecopy' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
