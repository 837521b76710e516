"""Reports of a run of policy tests: one module for each format, from a `Run` to a text.

None of them does any I/O or looks at a clock. What a test or a policy says goes out through one
door for each format, which makes it harmless there.
"""
