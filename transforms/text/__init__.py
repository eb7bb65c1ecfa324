"""Words: what they are in a text, where they stand, how rare they are, and the shingles made of them."""
