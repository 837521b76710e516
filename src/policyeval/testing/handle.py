"""Policies bound to a name that tests ask: the fixture `iam`, and what asserts make of policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from policyeval.context import Facts
from policyeval.decision import Decision
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.defect import quote
from policyeval.request import Request
from policyeval.stack import PolicySource
from policyeval.testing.errors import AssertArgumentError
from policyeval.testing.texts import Context, endpoint_id, put

if TYPE_CHECKING:
    from policyeval.environment.model import PolicyDocument
    from policyeval.policy import Policy
    from policyeval.stack import AttachedPolicy

__unittest = True  # unittest leaves modules that say so out of tracebacks

Contexts = Context | Sequence[Context]


class Iam:
    """Policies to ask, with a part of the request that is settled already.

    `environment` is None where the policies are a stack: then there are no short names. What is
    not settled is given with each question; a context is laid over the settled one key by key.
    """

    def __init__(
        self,
        policies: PolicySource,
        *,
        principal: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        context: Contexts | None = None,
    ) -> None:
        self.policies = policies
        self.environment = policies if isinstance(policies, Environment) else None
        self.principal = principal
        self.action = action
        self.resource = resource
        self._settled = _listed(context)
        self._within: list[Context] = []

    def __repr__(self) -> str:
        settled = (each for each in (self.principal, self.action, self.resource) if each)
        name = self.environment.name if self.environment is not None else "a stack"
        return f"<{' '.join(('Iam of', name, *settled))}>"

    @staticmethod
    def of(policies: PolicySource | Iam) -> Iam:
        """Give the handle of an environment or a stack; a handle as it is."""
        return policies if isinstance(policies, Iam) else Iam(policies)

    def bound(
        self,
        *,
        principal: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        context: Contexts | None = None,
    ) -> Iam:
        """Give a handle that has more of the request settled; `context` blocks hold for both."""
        made = Iam(
            self.policies,
            principal=principal if principal is not None else self.principal,
            action=action if action is not None else self.action,
            resource=resource if resource is not None else self.resource,
            context=[*self._settled, *_listed(context)],
        )
        made._within = self._within
        return made

    @contextmanager
    def context(self, *contexts: Context) -> Iterator[Iam]:
        """Ask in this context inside a `with` block: names of contexts, or keys with values.

        None as a value says that the key is absent. Blocks may stand inside each other.
        """
        __tracebackhide__ = True
        before = len(self._within)
        try:
            self._within.extend(contexts)
            self._merged(())
            yield self
        finally:
            del self._within[before:]

    def request(
        self,
        principal: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        context: Contexts | None = None,
        *,
        resource_account: str | None = None,
        vpc_endpoint: str | None = None,
        facts: Facts = Facts.TYPED,
    ) -> Request:
        """Give the request that `evaluate` asks; raises PolicyEvalError for what is malformed."""
        __tracebackhide__ = True
        texts = {
            word: given if given is not None else getattr(self, word)
            for word, given in (
                ("principal", principal),
                ("action", action),
                ("resource", resource),
            )
        }
        for word, text in texts.items():
            if text is None:
                raise AssertArgumentError(f"the question has no `{word}`: give it, or settle it")
        who, what = texts["principal"], texts["resource"]
        if self.environment is not None:
            who = self.environment.principal_arn(who)
            what = self.environment.resource_arn(what)
        facts_given = self._merged(_listed(context))
        if vpc_endpoint is not None:
            put(facts_given, "aws:SourceVpce", endpoint_id(vpc_endpoint, self.environment))
        return Request.of(
            who, texts["action"], what, facts_given, resource_account=resource_account, facts=facts
        )

    def evaluate(  # noqa: PLR0913 - one parameter for each part of a question
        self,
        principal: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        context: Contexts | None = None,
        *,
        resource_account: str | None = None,
        vpc_endpoint: str | None = None,
        session_policies: Sequence[Policy | AttachedPolicy | PolicyDocument | str] | None = None,
        facts: Facts = Facts.TYPED,
    ) -> Decision:
        """Give the decision on a request.

        In an environment, short names are resolved, and `session_policies` are policies or names
        of its session policies. Raises PolicyEvalError for what cannot be asked.
        """
        __tracebackhide__ = True
        try:
            request = self.request(
                principal,
                action,
                resource,
                context,
                resource_account=resource_account,
                vpc_endpoint=vpc_endpoint,
                facts=facts,
            )
            return evaluate(request, self._in_session(session_policies))
        except PolicyEvalError as error:
            raise error.with_traceback(None) from None

    def allowed(
        self,
        principal: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        context: Contexts | None = None,
        **more: Any,
    ) -> bool:
        """Tell whether a request is allowed; takes what `evaluate` takes.

        Raises AssertionError where that is unknown: it must not count as a denial.
        """
        __tracebackhide__ = True
        decision = self.evaluate(principal, action, resource, context, **more)
        if decision.unknown:
            raise AssertionError(f"neither allowed nor denied\n\n{answer_text(decision)}")
        return decision.allowed

    def _merged(self, contexts: Sequence[Context]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for each in (*self._settled, *self._within, *contexts):
            for key, value in self._named(each).items():
                put(merged, key, value)
        return merged

    def _named(self, context: Context) -> Mapping[str, Any]:
        if not isinstance(context, str):
            return context
        if self.environment is None:
            raise AssertArgumentError(
                f"there is no context {quote(context)}: only an environment has named contexts"
            )
        return self.environment.context(context)

    def _in_session(
        self, policies: Sequence[Policy | AttachedPolicy | PolicyDocument | str] | None
    ) -> PolicySource:
        if policies is None:
            return self.policies
        if self.environment is None:
            raise AssertArgumentError("only an environment takes `session_policies`")
        return self.environment.with_session_policies(policies)


def answer_text(decision: Decision, *, max_fixes: int = 0) -> str:
    """Give what `why` prints about a decision."""
    from policyeval.explanation.explain import explain
    from policyeval.rendering.text import render_text

    return render_text(explain(decision, max_fixes=max_fixes))


def _listed(context: Contexts | None) -> tuple[Context, ...]:
    if context is None:
        return ()
    return (context,) if isinstance(context, (str, Mapping)) else tuple(context)
