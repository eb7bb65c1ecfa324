"""What a lake of an earlier version has not been told about its articles, told from their rows in one commit."""

from __future__ import annotations

from pathlib import Path

from wirecopy.schemas.elements import Run
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.commit.publish import attempt, marked, stage_upkeep
from wirecopy.transforms.commit.upgrade import upgraded
from wirecopy.transforms.index.runs import add_commit
from wirecopy.transforms.index.versions import SEEN_BY, are_told, numbered, sighted
from wirecopy.transforms.lake.commits import Commit
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.matching.segments.segment import build


def derive(root: Path, staging: Path, run: Run) -> Commit | None:
    """Commit which versions of one article there are, where the lake was begun without the table `versions`.

    Returns the commit, None where nothing is to be told. Raises LakeError where the lake cannot be read, and OSError
    where it cannot be written.
    """
    while not are_told(snapshot := upgraded(root, staging, run)):
        columns = ["article_id", "identity", *SEEN_BY]
        articles = read_parts(root, snapshot.parts["articles"], TABLES["articles"].schema, columns)
        rows = marked({"versions": numbered(sighted(articles), begin=True)}, run, snapshot.number + 1)
        commit = stage_upkeep(snapshot, staging, run, rows, {}, {})
        if attempt(root, staging, commit):
            add_commit(root, commit, build([]), {})
            return commit
    return None
