"""What a lake has not been told about its articles, told from their rows: which are versions of which, and their words.

So it is with a lake that was begun by an earlier version, or that has lost parts.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.elements import Run
from wirecopy.schemas.search import SEGMENT_ARTICLES
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.commit.publish import attempt, marked, stage_upkeep
from wirecopy.transforms.commit.upgrade import upgraded
from wirecopy.transforms.index.replay import live_rows
from wirecopy.transforms.index.runs import add_commit
from wirecopy.transforms.index.versions import SEEN_BY, are_told, numbered, sighted
from wirecopy.transforms.lake.commits import Commit, Part, Snapshot
from wirecopy.transforms.lake.coverage import indexed
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.search.upkeep import NAME as SEARCH
from wirecopy.transforms.search.upkeep import indexed_ids, stage_segments, without_articles


def derive(root: Path, staging: Path, run: Run) -> Commit | None:
    """Commit what the tables `versions` and `search_index` of a lake lack.

    Returns the commit, None where they lack nothing. Raises LakeError where the lake cannot be read, and OSError where
    it cannot be written.
    """
    while True:
        snapshot = upgraded(root, staging, run)
        rows: dict[str, pa.Table] = {}
        added: tuple[Part, ...] = ()
        rewritten: tuple[Part, ...] = ()
        removed: tuple[str, ...] = ()
        if not are_told(snapshot):
            columns = ["article_id", "identity", *SEEN_BY]
            articles = read_parts(root, snapshot.parts["articles"], TABLES["articles"].schema, columns)
            rows = marked({"versions": numbered(sighted(articles), begin=True)}, run, snapshot.number + 1)
        if indexed(snapshot) != snapshot.rows("articles"):
            added, rewritten, removed = _segments(snapshot, staging, run)
        if not rows and not added and not removed:
            return None
        commit = stage_upkeep(snapshot, staging, run, rows, {SEARCH: rewritten}, {SEARCH: removed} if removed else {})
        if added:
            commit.added[SEARCH] = added
        if attempt(root, staging, commit):
            add_commit(root, commit, build([]), {})
            return commit


def _segments(
    snapshot: Snapshot, staging: Path, run: Run
) -> tuple[tuple[Part, ...], tuple[Part, ...], tuple[str, ...]]:
    """Stage segments of the articles that have none, and those anew that have articles which are no more."""
    there = storage(read_parts(snapshot.root, snapshot.parts["articles"], TABLES["articles"].schema, ["article_id"])[0])
    known = indexed_ids(snapshot)
    gone = known.filter(pc.invert(pc.is_in(known, value_set=there)))
    rewritten, removed = without_articles(snapshot, gone, staging)
    added: tuple[Part, ...] = ()
    waiting = ARTICLE_BATCH.empty_table()
    for rows in live_rows(snapshot, SEGMENT_ARTICLES // 4, staging / "spill"):
        articles = rows["articles"]
        new = pc.invert(pc.is_in(storage(articles["article_id"]), value_set=known))
        waiting = pa.concat_tables([waiting, articles.filter(new)])
        if len(waiting) > SEGMENT_ARTICLES // 2:
            added += stage_segments(waiting, staging, run.run_id[:12])
            waiting = ARTICLE_BATCH.empty_table()
    return added + stage_segments(waiting, staging, run.run_id[:12]), rewritten, removed
