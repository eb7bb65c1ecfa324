"""Which clusters change with the pairs that come and go, found in the index."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.transforms.columns import is_among, storage, uuids
from wirecopy.transforms.index.relations import EDGES
from wirecopy.transforms.index.runs import Index
from wirecopy.transforms.lake.lookup import pair_keys
from wirecopy.transforms.provenance.changes import incident_in, recluster, touched
from wirecopy.transforms.provenance.takes import take_links

_ENDS = ("src_article_id", "dst_article_id")


def changed_clusters(
    index: Index, changed: pa.Array, came: pa.Table, gone: pa.Array, new: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """Return the rows of clusters and members that change, with those that vanish as deleted.

    Args:
        index: what related the articles before.
        changed: plain ids of articles, one end at least of each pair that came or went.
        came: pairs, of PAIRS, that come.
        gone: pairs of the index that go, as `pair_keys` gives them; some of them may be among those that come.
        new: FACTS of articles that the index does not have.
    """
    came = came.select(EDGES.names).cast(EDGES)
    of_new = incident_in(came)

    def incident(ids: pa.Array) -> pa.Table:
        known = pa.concat_tables([index.facts(ids), new.filter(is_among(new["article_id"], ids))])
        ends = index.find("takes", known["slug"])["article_id"]
        mates = pa.concat_tables([index.facts(ends), new.filter(is_among(new["slug"], known["slug"]))])
        return pa.concat_tables([index.find("pairs", ids), of_new(ids), take_links(known, mates, EDGES)])

    versions = index.find("seen", pa.concat_tables([index.facts(changed), new])["identity"])
    changed = pa.concat_arrays([changed, storage(versions["article_id"])]).unique()
    reach = touched(uuids(changed), incident)
    keys, came_keys = pair_keys(reach.pairs), pair_keys(came)
    again = pc.and_(pc.is_in(came_keys, value_set=gone), pc.is_in(came_keys, value_set=keys))
    pairs = pa.concat_tables([reach.pairs.filter(pc.invert(pc.is_in(keys, value_set=gone))), came.filter(again)])
    ends = pa.concat_arrays([storage(pairs[side]) for side in _ENDS]).unique()
    facts = pa.concat_tables([index.facts(ends), new.filter(is_among(new["article_id"], ends))])
    old_clusters = index.find("clusters", reach.origins)
    old_members = index.find("members", old_clusters["cluster_id"])
    return recluster(old_clusters, old_members, facts, pairs, reach.origins)
