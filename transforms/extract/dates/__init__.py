"""Dates: what a string says, in which calendar and zone, and what of it is inferred."""
