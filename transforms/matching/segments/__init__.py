"""Fingerprints of many articles in sorted, memory-mapped files."""
