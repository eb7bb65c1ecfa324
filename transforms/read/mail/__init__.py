"""Mail and pages saved as mail (RFC 5322, RFC 2045, RFC 2557)."""
