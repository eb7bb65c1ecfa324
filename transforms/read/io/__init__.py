"""Bytes: files found on disk or remote, opened behind their compressions, cut into units, and decoded."""
