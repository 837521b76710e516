"""Every diagnostic code: what it means, why it matters on AWS, and how to mend it.

For `policyeval explain CODE` alone: findings carry their own message and help, so nothing else
imports this package. PE00xx the document as JSON, PE01xx the structure of policies, PE02xx ARNs,
PE03xx conditions and variables, PE04xx principals, PE05xx sizes, PE06xx what a kind of policy may
have, PE07xx environments, PE09xx requests and commands, PE10xx to PE15xx decisions, PE160x
to PE164x the action catalogue, PE172x and PE173x log events, PE200x to PE204x calls.
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
    pasted,
    principals,
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
    commands,
    decisions,
    catalogue,
    events,
    calls,
)

DIAGNOSTICS: dict[str, Diagnostic] = {entry.code: entry for page in PAGES for entry in page.PAGE}

__all__ = ["DIAGNOSTICS", "Diagnostic", "render_diagnostic"]
