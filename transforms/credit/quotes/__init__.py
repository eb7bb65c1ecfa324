"""Direct speech, and who says it."""
