"""Policies changed on purpose: does a test notice?

Each mutant is a policy with one change. A test that fails kills it; of the others it is proved
that they change nothing, or a request is found that is answered otherwise: the test that is
missing. A tour is in docs/policy-mutation.md.

    run = mutate(suites, Rules(date.today()))
    print(render_document(mutation_document(run)))
    failing = failing_under(run, 90)
"""

from policyeval.testing.mutation.errors import MutationError
from policyeval.testing.mutation.model import Fate, MutationRun, Operator
from policyeval.testing.mutation.operators import operators_named
from policyeval.testing.mutation.paste import survivors_yaml
from policyeval.testing.mutation.report import failing_under, mutation_document, mutation_json
from policyeval.testing.mutation.run import mutate

__all__ = [
    "Fate",
    "MutationError",
    "MutationRun",
    "Operator",
    "failing_under",
    "mutate",
    "mutation_document",
    "mutation_json",
    "operators_named",
    "survivors_yaml",
]
