"""The principals of an environment, and the Allow statements of their policies by action.

Made once for an environment. A policy that many principals share is read and indexed once; a
statement is compiled when a question first meets it.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.context import UNKNOWN
from policyeval.environment.model import Environment, Identity, PolicyDocument
from policyeval.errors import InvalidArnError, InvalidRequestError
from policyeval.evaluation.compile import compile_statement
from policyeval.matching.principal import EVERYONE, names_of, unnamed_beginning
from policyeval.matching.result import NO
from policyeval.parsing.caller import parse_caller
from policyeval.policy import Effect, PolicyType, ResourceElement, Statement
from policyeval.principal import Principal
from policyeval.value import fill_cache

Entry = tuple[int, Statement]
"""A statement, with the `id` of the document it stands in."""


class QueryIndex:
    """Look-ups over the principals of one environment.

    `principals` gives the user or role behind each ARN that can be asked about; `unasked` are
    entries without an ARN (the folder convention), of which nobody can tell who they are.
    `accounts` holds the ARNs of each account, `members` the same as sets, `callers` the principal
    of each ARN. `open` are ARNs whose own policies may say anything: not given, or not readable.
    """

    __slots__ = (
        "_anywhere",
        "_by_action",
        "_by_service",
        "_holders",
        "_names",
        "_places",
        "accounts",
        "callers",
        "members",
        "open",
        "principals",
        "unasked",
    )

    def __init__(self, environment: Environment) -> None:
        self.principals: dict[str, Identity] = {}
        self.callers: dict[str, Principal] = {}
        self.unasked: list[Identity] = []
        self.accounts: dict[str, list[str]] = {}
        self.open: set[str] = set()
        self._names: dict[str, list[str]] = {}
        self._holders: dict[int, list[str]] = {}
        self._by_action: dict[str, list[Entry]] = {}
        self._by_service: dict[str, list[Entry]] = {}
        self._anywhere: list[Entry] = []
        for account in (*environment.index.accounts, *sorted(environment.index.members)):
            self.accounts.setdefault(account, [])
        self._add_principals(environment)
        self._add_statements(environment)
        self.members = {account: frozenset(arns) for account, arns in self.accounts.items()}
        self._places = {arn: place for place, arn in enumerate(self.principals)}

    # ---- making it ------------------------------------------------------------------------

    def _add_principals(self, environment: Environment) -> None:
        for entry in environment.identities.values():
            try:
                caller = parse_caller(entry.arn) if entry.arn else None
            except (InvalidArnError, InvalidRequestError):
                caller = None
            if caller is None or environment.index.identity(caller) is not entry:
                self.unasked.append(entry)
                continue
            self.principals[entry.arn] = entry
            self.callers[entry.arn] = caller
            self.accounts.setdefault(caller.account, []).append(entry.arn)
            for name in own_names(caller):
                self._names.setdefault(name, []).append(entry.arn)

    def _add_statements(self, environment: Environment) -> None:
        found: dict[int, PolicyDocument] = {}
        for arn, entry in self.principals.items():
            attached = list(_attached(environment, entry))
            for document in attached:
                found.setdefault(id(document), document)
                self._holders.setdefault(id(document), []).append(arn)
            not_given = entry.policies is None and not entry.groups
            if not_given or any(
                each.policy is None for each in (*attached, *(entry.boundary or ()))
            ):
                self.open.add(arn)
        for document in found.values():
            policy = document.policy
            for statement in policy.statements if policy is not None else ():
                if statement.effect is Effect.ALLOW:
                    self._add_statement((id(document), statement))

    def _add_statement(self, entry: Entry) -> None:
        element = entry[1].action
        if element.negated or any(pattern.service == "*" for pattern in element.patterns):
            self._anywhere.append(entry)
            return
        wild: dict[str, None] = {}
        exact: dict[str, None] = {}
        for pattern in element.patterns:
            if "*" in pattern.name or "?" in pattern.name:
                wild[pattern.service] = None
            else:
                exact[f"{pattern.service}:{pattern.name}"] = None
        for service in wild:
            self._by_service.setdefault(service, []).append(entry)
        for action in exact:
            if action.partition(":")[0] not in wild:
                self._by_action.setdefault(action, []).append(entry)

    # ---- asking it ------------------------------------------------------------------------

    def perhaps_allowed(self, action: str, resource: str) -> set[str]:
        """Give the ARNs whose own policies may allow a lower-case action on a resource.

        None is left out that they allow: conditions, principals and variables are not looked at.
        """
        found: set[str] = set()
        asked: set[int] = set()
        for document, statement in self._entries(action):
            if document not in asked and _may_cover(statement, action, resource):
                asked.add(document)
                found.update(self._holders[document])
        return found | self.open

    def _entries(self, action: str) -> Iterator[Entry]:
        yield from self._by_action.get(action, ())
        yield from self._by_service.get(action.partition(":")[0], ())
        yield from self._anywhere

    def place(self, arn: str) -> int:
        """Give the place of a principal in the environment, to sort by."""
        return self._places[arn]

    def called(self, name: str) -> list[str]:
        """Give the ARNs of those that a listed principal names, or begins to name."""
        return self._names.get(name, [])


def index_of(environment: Environment) -> QueryIndex:
    """Give the index of an environment, made when it is first asked for."""
    if environment._queries is None:
        fill_cache(environment, "_queries", QueryIndex(environment))
    found: QueryIndex = environment._queries
    return found


def own_names(caller: Principal) -> list[str]:
    """The names that are this caller's alone: not everyone's, and not its account's."""
    shared = (EVERYONE, caller.account, f"arn:{caller.partition}:iam::{caller.account}:root")
    names = [name for name in names_of(caller) if name not in shared]
    beginning = unnamed_beginning(caller)
    return [*names, beginning] if beginning else names


def _attached(environment: Environment, entry: Identity) -> Iterator[PolicyDocument]:
    """Give the policies of a user or role, and those of its groups."""
    yield from entry.policies or ()
    for name in entry.groups:
        yield from environment.groups[name].policies


def _may_cover(statement: Statement, action: str, resource: str) -> bool:
    """Tell whether an Allow may cover both; a cheap look first spares most the compiling."""
    if not _may_begin(statement.resource, resource):
        return False
    compiled = compile_statement(statement, PolicyType.IDENTITY)
    if not compiled.covers_action(action):
        return False
    return compiled.resource is None or compiled.resource(resource, {}, UNKNOWN) != NO


def _may_begin(element: ResourceElement | None, resource: str) -> bool:
    """Tell whether one of the listed patterns begins as the resource does."""
    if element is None or element.negated:
        return True
    for template in element.patterns:
        first = template.pieces[0] if template.pieces else ""
        if not isinstance(first, str) or resource.startswith(first):
            return True
    return False
