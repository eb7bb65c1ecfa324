"""Saved feeds: RSS, Atom, RDF, JSON Feed and news sitemaps, and the monitor's spool."""
