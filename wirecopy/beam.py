"""The steps of Wirecopy's pipelines, for Beam pipelines of one's own.

    paths   -> PlanUnits -> units -> ReadDocuments -> documents -> ExtractArticles -> articles
    articles -> MatchArticles -> pairs, passages;   articles, pairs -> ClusterPairs -> clusters, members
    articles -> FindCopies -> copies
    PollFeeds -> what is due -> FetchPages -> units
    units   -> SealUnits -> sealed folders -> CommitWaves -> one commit of the lake a pane

Articles, pairs, passages, clusters, members and copies travel as `pa.RecordBatch` with the schemas exported here; the
others as the named tuples exported here. Importing this module registers Beam coders for all of them.
"""

from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.elements import Committed, Document, Reject, Run, Sealed, Unit
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.commit.transform import CommitWaves
from wirecopy.transforms.credit.transform import CreditArticles
from wirecopy.transforms.extract.transform import ExtractArticles
from wirecopy.transforms.fetch.spread.asking import Manners
from wirecopy.transforms.fetch.spread.transform import FetchPages, PollFeeds
from wirecopy.transforms.matching.copies import COPIES
from wirecopy.transforms.matching.transform import FindCopies, MatchArticles
from wirecopy.transforms.provenance.clusters import CLUSTER_ROWS, MEMBER_ROWS
from wirecopy.transforms.provenance.transform import ClusterPairs
from wirecopy.transforms.read.transform import PlanUnits, ReadDocuments
from wirecopy.transforms.sealing.transform import SealRejects, SealUnits

PAIRS = TABLES["pairs"].schema
"""What `MatchArticles` gives as `pairs`."""

PASSAGES = TABLES["passages"].schema
"""What `MatchArticles` gives as `passages`."""

__all__ = [
    "ARTICLE_BATCH",
    "CLUSTER_ROWS",
    "COPIES",
    "MEMBER_ROWS",
    "PAIRS",
    "PASSAGES",
    "ClusterPairs",
    "CommitWaves",
    "Committed",
    "CreditArticles",
    "Document",
    "ExtractArticles",
    "FetchPages",
    "FindCopies",
    "Manners",
    "MatchArticles",
    "PlanUnits",
    "PollFeeds",
    "ReadDocuments",
    "Reject",
    "Run",
    "SealRejects",
    "SealUnits",
    "Sealed",
    "Unit",
    "WaveOptions",
    "new_run",
]
