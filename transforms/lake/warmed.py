"""What extraction loads once, loaded: for the server that workers are forked from, so that none loads it again."""

from __future__ import annotations

from transforms.lake.pools import WARM
from transforms.lake.seal import extract

extract(WARM)
