"""Tests of other tools and requests of AWS's policy simulator, to policy tests and back.

`from_politest` (in `politest`) and `from_simulator` (in `simulator`) give a `Draft`: suites and
policies that are not written yet. `to_politest` and `to_simulator` (in `export`) go the other way.
"""
