"""Every table of the lake, by name, and what rows have for columns that are younger than they are."""

from wirecopy.schemas.articles import ARTICLES, TEXTS, VERSIONS
from wirecopy.schemas.clusters import CLUSTERS, MEMBERS
from wirecopy.schemas.commits import RUNS
from wirecopy.schemas.feeds import ENTRIES, FEEDS, POLLS
from wirecopy.schemas.rejects import FORGOTTEN, REJECTS
from wirecopy.schemas.reuse import PAIRS, PASSAGES
from wirecopy.schemas.search import SEARCH_INDEX
from wirecopy.schemas.table import Table

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ARTICLES,
        TEXTS,
        VERSIONS,
        PAIRS,
        PASSAGES,
        CLUSTERS,
        MEMBERS,
        REJECTS,
        FEEDS,
        POLLS,
        ENTRIES,
        RUNS,
        SEARCH_INDEX,
        FORGOTTEN,
    )
}

ADDED: dict[str, int] = {"wait_s": 0}
"""Columns that are never null and that older parts lack, with what their rows have for it; other columns are null."""
