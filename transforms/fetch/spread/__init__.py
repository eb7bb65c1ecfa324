"""Feeds watched by many workers: what is due is found in the lake, and asked for by whoever has the domain's share."""
