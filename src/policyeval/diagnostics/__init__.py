"""Every diagnostic code: what it means, why it matters on AWS, and how to mend it.

For `policyeval explain CODE`, and the rules of SARIF: findings carry their own message and help,
so nothing else imports this package. PE00xx the document as JSON, PE01xx the structure of policies, PE02xx ARNs,
PE03xx conditions and variables, PE04xx principals, PE05xx sizes, PE06xx what a kind of policy may
have, PE07xx environments, PE09xx requests and commands, PE10xx to PE15xx decisions, PE16xx the
action catalogue, PE17xx pasted messages and log events, PE18xx exports, PE19xx questions about many,
PE20xx calls, PE21xx collecting an account, PE22xx to PE25xx policy tests.
"""

from policyeval.diagnostics import (
    arns,
    calls,
    catalogue,
    commands,
    conditions,
    decisions,
    document,
    environment,
    events,
    exports,
    first_tests,
    mutation,
    pasted,
    policy_coverage,
    policy_test_imports,
    policy_tests,
    principals,
    pull,
    queries,
    sizes_and_types,
    structure,
)
from policyeval.diagnostics.page import Diagnostic, render_diagnostic

PAGES = (
    document,
    structure,
    arns,
    conditions,
    principals,
    sizes_and_types,
    environment,
    pasted,
    exports,
    commands,
    decisions,
    catalogue,
    events,
    calls,
    queries,
    pull,
    policy_tests,
    mutation,
    first_tests,
    policy_coverage,
    policy_test_imports,
)

DIAGNOSTICS: dict[str, Diagnostic] = {entry.code: entry for page in PAGES for entry in page.PAGE}

__all__ = ["DIAGNOSTICS", "Diagnostic", "render_diagnostic"]
