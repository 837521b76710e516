"""Short ways to ask the engine: statements, policies, one question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.context import Facts
from policyeval.decision import Decision
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.policy import Policy, PolicyType
from policyeval.request import Request
from policyeval.stack import (
    AttachedPolicy,
    EndpointType,
    Layer,
    Organization,
    PolicyStack,
)

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/s1"
FEDERATED_USER = f"arn:aws:sts::{ACCOUNT}:federated-user/fay"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"
SERVICE = "lambda.amazonaws.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
LINKED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/X"
BUCKET, OBJECT = "arn:aws:s3:::shop", "arn:aws:s3:::shop/list"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a"


def allow(
    action: Any = "*", resource: Any = "*", condition: Any = None, **more: Any
) -> dict[str, Any]:
    return _statement("Allow", action, resource, condition, more)


def deny(
    action: Any = "*", resource: Any = "*", condition: Any = None, **more: Any
) -> dict[str, Any]:
    return _statement("Deny", action, resource, condition, more)


def _statement(
    effect: str, action: Any, resource: Any, condition: Any, more: Mapping[str, Any]
) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    if "NotAction" in more:
        del statement["Action"]
    if "NotResource" in more:
        del statement["Resource"]
    if condition:
        statement["Condition"] = condition
    return statement


def policy(
    *statements: dict[str, Any], version: str = "2012-10-17", type: PolicyType | None = None
) -> Policy:
    return parse_policy({"Version": version, "Statement": list(statements)}, type=type)


def endpoint_policy(kind: EndpointType | None, *statements: dict[str, Any]) -> AttachedPolicy:
    return AttachedPolicy(policy(*statements), "endpoint", endpoint_type=kind)


def ask(
    layers: Mapping[Layer, Iterable[Any]],
    *,
    principal: str = USER,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    context: Mapping[str, Any] | None = None,
    facts: Facts = Facts.COMPLETE,
    resource_account: str | None = None,
    issuer: str = "",
    organization: Organization | None = None,
    complete: Iterable[Layer] = (),
    canonical_users: Mapping[str, str] | None = None,
) -> Decision:
    request = Request.of(
        principal,
        action,
        resource,
        context,
        resource_account=resource_account,
        issuer=issuer,
        facts=facts,
    )
    stack = PolicyStack.of(
        layers, complete=complete, organization=organization, canonical_users=canonical_users
    )
    return evaluate(request, stack)


def ask_user(*statements: dict[str, Any], **question: Any) -> Decision:
    """Ask for a user whose identity policy holds these statements."""
    return ask({Layer.IDENTITY_POLICY: [policy(*statements)]}, **question)


def ask_resource(*statements: dict[str, Any], **question: Any) -> Decision:
    """Ask where the resource's policy holds these statements, and nothing else is there."""
    return ask({Layer.RESOURCE_POLICY: [policy(*statements)]}, **question)


def holds(operator: str, wanted: Any, given: Any, *, key: str = "app:key") -> bool:
    """Whether a condition on one key holds, seen from outside: by what it allows."""
    statement = allow(condition={operator: {key: wanted}})
    return ask_user(statement, context={key: given}).allowed
