"""Web archives and pages: WARC, ARC, WET, HTML."""
