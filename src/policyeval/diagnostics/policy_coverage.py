"""Coverage of policies by their tests: PE23xx."""

from __future__ import annotations

from policyeval.diagnostics.page import WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE2300",
        WARNING,
        "policy left out of the coverage",
        "The file of a policy cannot be read, or what it says is no policy. Nobody knows how many "
        "statements it has, so the coverage is of the other policies alone. `policyeval why` with "
        "this environment tells what is wrong with the file.",
    ),
    diagnostic(
        "PE2301",
        WARNING,
        "nothing to cover",
        "No test met a policy with a statement, and the environments of the tests have none. "
        "Policies that AWS attaches by itself, such as FullAWSAccess, do not count: nobody has to "
        "test them. Every limit of `--cov-fail-under` but 0 is then missed.",
    ),
)
