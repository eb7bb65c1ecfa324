"""The lake's index: runs of segments with the relations of their articles, bound to a commit."""
