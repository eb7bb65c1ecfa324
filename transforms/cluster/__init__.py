"""Who took whose text: which of two articles is the source, and clusters of articles that carry one text."""

from transforms.cluster.changes import Touched, incident_in, recluster, touched
from transforms.cluster.clusters import CLUSTER_ROWS, MEMBER_ROWS, clusters
from transforms.cluster.facts import FACTS, facts
from transforms.cluster.origin import Direction, Sighting, lag_s, orient

__all__ = [
    "CLUSTER_ROWS",
    "FACTS",
    "MEMBER_ROWS",
    "Direction",
    "Sighting",
    "Touched",
    "clusters",
    "facts",
    "incident_in",
    "lag_s",
    "orient",
    "recluster",
    "touched",
]
