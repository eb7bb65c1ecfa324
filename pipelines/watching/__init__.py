"""The monitor: feeds watched, what is due polled, and what was learned committed."""
