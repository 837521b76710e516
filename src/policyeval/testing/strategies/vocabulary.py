"""What the policies of an environment or a stack speak of: what is worth asking them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyeval.arn import is_account_id
from policyeval.catalogue.lookup import expand
from policyeval.context import RequestContext
from policyeval.environment.model import Environment
from policyeval.errors import CatalogueError, PolicyEvalError
from policyeval.evaluation.compile import compile_statement
from policyeval.evaluation.samples import Samples, witness
from policyeval.matching.statement import CompiledStatement
from policyeval.parsing.arn import parse_arn
from policyeval.policy import Policy, PolicyType, Statement
from policyeval.request import Request
from policyeval.stack import PolicySource, PolicyStack
from policyeval.testing.strategies.alphabet import OTHER_ACCOUNT, STRANGER, USER
from policyeval.value import Value

MOST_OF_A_PATTERN = 24
"""How many of the actions that one pattern covers are asked."""

SESSION = "policy-test"
_NOTHING_GIVEN = RequestContext({})


class Vocabulary(Value):
    """Principals, actions by service, resources by service, and values of context keys.

    None among the values is absence; `spelled` gives each key, which is lower case, as policies
    write it. Nothing is empty but `values`.
    """

    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str | None, ...]]
    spelled: Mapping[str, str]

    @staticmethod
    def of(source: PolicySource) -> Vocabulary:
        """Collect what an environment or a stack speaks of. Reads every policy."""
        if not isinstance(source, (Environment, PolicyStack)):
            raise TypeError(f"requests are drawn for an environment or a stack, not {source!r}")
        statements = [each for policy in _policies(source) for each in policy.statements]
        # What samples are wanted for is compiled for any use: identity is the plainest.
        compiled = [compile_statement(each, PolicyType.IDENTITY) for each in statements]
        asking: dict[str, list[CompiledStatement]] = {}
        spelled: dict[str, str] = {}
        for each in compiled:
            for key, name in each.keys.items():
                asking.setdefault(key, []).append(each)
                spelled.setdefault(key, name)
        resources: dict[str, dict[str, None]] = {}
        for arn in _resources(source, statements):
            resources.setdefault(arn.split(":")[2], {})[arn] = None
        return Vocabulary(
            tuple(dict.fromkeys(_principals(source, statements))),
            tuple(dict.fromkeys(_actions(statements))) or ("s3:GetObject",),
            {service: tuple(listed) for service, listed in resources.items()},
            {key: Samples.of(key, asked, _NOTHING_GIVEN).values for key, asked in asking.items()},
            spelled,
        )

    def resources_for(self, action: str) -> tuple[str, ...]:
        """Give what an action may be asked about: resources of its service, or none (`*`)."""
        return self.resources.get(action.partition(":")[0].lower(), ()) or ("*",)


def _policies(source: Environment | PolicyStack) -> Iterator[Policy]:
    if isinstance(source, PolicyStack):
        for layer in source.layers:
            yield from (attached.policy for attached in source.policies(layer))
        return
    for document in source.documents:
        if document.policy is not None:
            yield document.policy


def _principals(
    source: Environment | PolicyStack, statements: Iterable[Statement]
) -> Iterator[str]:
    """Users, roles and their sessions, root users, whom policies name, a stranger, anybody."""
    elements = [each.principal for each in statements if each.principal is not None]
    named = [pattern.text for element in elements for pattern in element.patterns]
    found: dict[str, None] = {}
    accounts: dict[str, None] = {}
    if isinstance(source, Environment):
        found.update(dict.fromkeys(each.arn for each in source.identities.values() if each.arn))
        accounts.update(dict.fromkeys(each.id for each in source.accounts.values()))
    elif not any(text.startswith("arn:") for text in named):
        found[USER] = None
    for text in named:
        if is_account_id(text):
            accounts[text] = None
        else:
            found[text] = None
    partition = source.partition if isinstance(source, Environment) else "aws"
    for text in (*found, *(f"arn:{partition}:iam::{each}:root" for each in accounts)):
        if _can_ask(text):
            yield text
            if ":role/" in text:
                parts, name = text.split(":"), text.rpartition("/")[2]
                yield f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{name}/{SESSION}"
    yield STRANGER if OTHER_ACCOUNT not in accounts else STRANGER.replace("bob", SESSION)
    yield "*"


def _can_ask(principal: str) -> bool:
    try:
        Request.of(principal, "s3:GetObject", "*")
    except PolicyEvalError:
        return False
    return True


def _actions(statements: Iterable[Statement]) -> Iterator[str]:
    """The actions that policies name, and the first ones that their patterns cover."""
    for statement in statements:
        for pattern in statement.action.patterns:
            if "*" not in pattern.text and "?" not in pattern.text:
                yield pattern.text
            elif pattern.service != "*":
                yield from _covered(pattern.text)


def _covered(pattern: str) -> tuple[str, ...]:
    try:
        covered = expand(pattern)
    except CatalogueError:
        return ()
    step = len(covered) // MOST_OF_A_PATTERN + 1
    return covered[::step]


def _resources(source: Environment | PolicyStack, statements: Iterable[Statement]) -> Iterator[str]:
    """The resources of the environment, and one that each Resource pattern matches."""
    found: dict[str, None] = {}
    if isinstance(source, Environment):
        found.update(dict.fromkeys(each.arn for each in source.resources.values()))
        found.update(dict.fromkeys(each.arn for each in source.identities.values() if each.arn))
    for statement in statements:
        for template in statement.resource.patterns if statement.resource is not None else ():
            found[witness(template)] = None
    for arn in found:
        try:
            parse_arn(arn)
        except PolicyEvalError:
            continue  # a pattern such as `*`, or with wildcards where ARNs have fixed words
        yield arn
