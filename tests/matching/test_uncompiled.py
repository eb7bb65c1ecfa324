"""Kernels that are not compiled, as a debugger wants them, give what compiled ones give."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import wordfreq

from wirecopy.transforms.text.tokens import tokenize

SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from conftest import _batch
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.text.tokens import tokenize
import pyarrow as pa

rows = json.load(sys.stdin)
tokens = [column.tolist() for column in tokenize(pa.array([row["text"] for row in rows]))]
prints = fingerprint(_batch(rows))
found = match(build([prints]), [])
print(repr([tokens, prints.to_pylist(), [table.to_pylist() for table in found]]))
"""


def test_kernels_give_the_same_whether_or_not_they_are_compiled() -> None:
    words = random.Random(1).sample(wordfreq.top_n_list("en", 12_000, "small")[400:], 160)
    story, other = words[:90], words[90:]
    texts = [story, [*story[:30], "elsewhere", *story[31:]], other[:40] + story[10:85]]
    texts.append(["Naïve", "ΣΟΦΟΣ,", "щёлкнул", "新华社北京", "running", "ponies", "don’t", *other[40:]])
    rows = [{"source_id": str(i), "text": " ".join(text), "language": "en"} for i, text in enumerate(texts)]
    assert len(tokenize(pa.array([rows[3]["text"]])).words) > 30
    told = []
    for environment in ({}, {"NUMBA_DISABLE_JIT": "1"}):
        command = [sys.executable, "-W", "error::RuntimeWarning", "-c", SCRIPT, str(Path(__file__).parent)]
        shown = subprocess.run(
            command, env=os.environ | environment, input=json.dumps(rows), capture_output=True, text=True, check=False
        )
        assert shown.returncode == 0, shown.stderr
        told.append(shown.stdout)
    assert told[0] == told[1]
    assert told[0].count("src_article_id") >= 3
