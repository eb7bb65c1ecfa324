"""What matching needs of every article in the lake: segments on disk, memory-mapped, bound to a commit.

The index is a cache. `HEAD.json` names the commit it stands for, its segments and the articles that are dead in each;
an index behind its lake is caught up from the tables on opening, one that fits no longer is built anew.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import ARTICLE_BATCH
from schemas.tables import TABLES
from transforms.lake.commits import Part, Snapshot, read_commit
from transforms.lake.files import replace
from transforms.lake.parts import read_parts
from transforms.lake.winners import storage
from transforms.match import Segment, fingerprint, merge

FORMAT = 1
MOST_SEGMENTS = 8
"""With more, the smallest are merged: a lookup costs a little in each."""

_BATCH_ROWS = 500
