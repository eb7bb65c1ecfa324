"""`wirecopy browse`: a lake as pages, from a small server on this machine."""
