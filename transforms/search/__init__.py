"""Makes articles findable by their words: terms, and the segments of them that are kept in the lake."""
