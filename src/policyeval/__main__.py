"""`python -m policyeval`."""

from policyeval.cli.entry import run

run()
