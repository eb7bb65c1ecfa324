"""Who took whose text: the source of a pair, the origin of a story, and the part each article plays."""
