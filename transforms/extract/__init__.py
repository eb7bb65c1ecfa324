"""Extraction: documents become articles. `extract_batch` needs no Beam; `transforms.extract.transform` wires it.

It is imported when it is asked for: a process whose workers extract never does.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wirecopy.transforms.extract.article import extract_batch

__all__ = ["extract_batch"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wirecopy.transforms.extract.article import extract_batch

    return extract_batch
