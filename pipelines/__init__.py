"""What a user runs: one module a pipeline, the command line, and what a run prints."""
