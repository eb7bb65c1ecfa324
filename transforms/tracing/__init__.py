"""Tracing: which articles of a lake a text draws on, and how two texts differ. Reads a lake, writes nothing to it."""
