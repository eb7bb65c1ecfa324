"""Every table of the lake, by name."""

from schemas.articles import ARTICLES, TEXTS
from schemas.clusters import CLUSTERS, MEMBERS
from schemas.commits import RUNS
from schemas.feeds import ENTRIES, FEEDS, POLLS
from schemas.rejects import REJECTS
from schemas.reuse import PAIRS, PASSAGES
from schemas.table import Table

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ARTICLES,
        TEXTS,
        PAIRS,
        PASSAGES,
        CLUSTERS,
        MEMBERS,
        REJECTS,
        FEEDS,
        POLLS,
        ENTRIES,
        RUNS,
    )
}
