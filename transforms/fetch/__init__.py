"""Fetching: feeds polled politely and safely, their entries told apart, and what was fetched spooled as WARC.

What a poll means is decided by pure functions (`schedule`, `entries`, `guard`, `parse`); only `client`, `politeness`
and `robots` touch the network.
"""
