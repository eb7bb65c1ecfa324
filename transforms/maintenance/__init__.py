"""Keeping a lake in order: compaction, settling, vacuum, and the doctor who mends."""
