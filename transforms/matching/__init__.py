"""Which articles share text with which: fingerprints joined by their keys, candidates verified exactly."""
