"""How alike two texts are: MinHash sketches, exact Jaccard and containment, aligned passages."""
