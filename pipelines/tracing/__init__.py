"""What `wirecopy trace` and `wirecopy diff` read, and how they show what they find: on a terminal and as a page."""
