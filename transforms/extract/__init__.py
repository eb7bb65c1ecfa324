"""Extraction: documents become articles. `extract_batch` needs no Beam; `transforms.extract.transform` wires it."""

from transforms.extract.article import extract_batch

__all__ = ["extract_batch"]
