"""Asking over HTTP within bounds: guarded addresses, robots.txt, politeness."""
