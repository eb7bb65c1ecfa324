"""Which field of a record is what, and what its value says."""
