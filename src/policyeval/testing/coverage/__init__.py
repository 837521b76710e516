"""Coverage of policies by their tests: of statements, conditions and listed patterns.

Covered is a statement on which the answer of a passing test depends: without it, the test would get
another one. A tour is in docs/policy-coverage.md.
"""
