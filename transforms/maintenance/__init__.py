"""Keeping a lake in order: compaction, settling, vacuum, upgrades, and the doctor who mends."""
