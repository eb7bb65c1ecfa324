"""Watches: what is to be told as soon as a commit shows it, to whom, and that each event is told once."""
