"""Sealing: units of input read, extracted and fingerprinted into one folder, in worker processes."""
