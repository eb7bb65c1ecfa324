"""Lakes that are killed, damaged, filled up and written to by two at once, and whether they come out whole.

`make test-faults` runs it at length; `test_faults.py` runs some of each kind with all other tests.
"""
