"""Who asks: the kinds of caller that AWS knows."""

from __future__ import annotations

from policyeval.value import Value, Word


class PrincipalKind(Word):
    """Kinds of caller, after the aws:PrincipalType page and R-ARN-04."""

    IAM_USER = "iam_user"
    ROLE_SESSION = "role_session"
    FEDERATED_USER = "federated_user"
    ROOT_USER = "root_user"
    AWS_SERVICE = "aws_service"
    FEDERATED = "federated"  # SAML or web identity, before a role is assumed
    ANONYMOUS = "anonymous"


IDENTITY_CALLERS = (
    PrincipalKind.IAM_USER,
    PrincipalKind.ROLE_SESSION,
    PrincipalKind.FEDERATED_USER,
)
"""Callers with an identity side: policies of their own, a boundary, session policies."""


class Principal(Value):
    """The caller of a request.

    `text` is the caller as given (ARN, service principal, provider name, `*`); `account` and
    `partition` are empty for services and anonymous callers. `name` is the user or role name with
    its path as far as known, `session_name` the part after the role name, empty where unknown.
    `issuer` is the ARN of the IAM user behind a GetFederationToken session, empty where unknown.
    `path_known` is false for a session whose ARN does not tell its role's path.
    """

    kind: PrincipalKind
    text: str
    partition: str = "aws"
    account: str = ""
    name: str = ""
    session_name: str = ""
    issuer: str = ""
    path_known: bool = True
    _names: dict[str, int] | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def role_arn(self) -> str:
        """The role of a session, with its path as far as known; empty for other callers."""
        if self.kind is not PrincipalKind.ROLE_SESSION:
            return ""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.name}"

    @property
    def is_service_linked(self) -> bool:
        """A service-linked role is known by its path (R-FLOW-15)."""
        return self.kind is PrincipalKind.ROLE_SESSION and self.name.startswith("aws-service-role/")
