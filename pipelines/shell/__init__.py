"""The prompt of `wirecopy sql`: lines edited and completed, statements answered, and what a dot begins."""
