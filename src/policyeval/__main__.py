"""`python -m policyeval`."""

from policyeval.cli.main import run

run()
